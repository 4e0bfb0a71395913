#!/usr/bin/env python3
# check_figures.py - the arithmetic of tools/evaluate by small examples
# SPDX-License-Identifier: Apache-2.0
"""Usage: check_figures.py SOURCE_ROOT"""
import math
import pathlib
import struct
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop(1))
sys.path[:0] = [str(ROOT / "tools" / "evaluate"), str(ROOT / "tests" / "data_check")]

import captures  # noqa: E402 - it needs the path above
import figures  # noqa: E402
import names  # noqa: E402
import tunnels  # noqa: E402


class Arithmetic(unittest.TestCase):
    def test_no_more_than_the_rate_exceeds_the_threshold(self):
        scores = list(range(1000))
        for rate, allowed in ((1e-1, 100), (1e-2, 10), (1e-3, 1)):
            limit = figures.threshold(scores, rate)
            self.assertEqual(sum(score > limit for score in scores), allowed)

    def test_a_rate_finer_than_the_scores_has_no_threshold(self):
        self.assertIsNone(figures.threshold(list(range(1000)), 1e-4))

    def test_equal_scores_do_not_exceed_each_other(self):
        self.assertEqual(figures.share_above([1, 2, 2, 3], 2), 0.25)

    def test_auc_counts_ties_half(self):
        self.assertEqual(figures.auc([2], [1, 2, 3]), 0.5)
        self.assertEqual(figures.auc([4, 0], [1, 2, 3]), 0.5)
        self.assertEqual(figures.auc([4], [1, 2, 3]), 1.0)

    def test_nothing_measured_meets_no_target(self):
        figure = figures.share("DarkWeb", "queries behind an alert", 0, 0)
        self.assertTrue(math.isnan(figure.value))
        self.assertIsNone(figure.met())

    def test_a_target_is_met_at_its_value(self):
        self.assertTrue(figures.share("tunnels", "captures that show it", 97, 100).met())
        self.assertFalse(figures.share("tunnels", "captures that show it", 96, 100).met())

    def test_an_interval_holds_its_share_and_narrows_with_the_sample(self):
        wide, narrow = figures.share_interval(30, 100), figures.share_interval(300, 1000)
        for low, high in (wide, narrow):
            self.assertTrue(low < 0.3 < high)
        self.assertAlmostEqual(wide[0], 0.21, delta=0.03)
        self.assertAlmostEqual(wide[1], 0.39, delta=0.03)
        self.assertLess(narrow[1] - narrow[0], wide[1] - wide[0])

    def test_an_interval_of_rare_and_of_frequent_hits_is_the_same_upside_down(self):
        low, high = figures.share_interval(3, 100)
        self.assertEqual(figures.share_interval(97, 100), (1 - high, 1 - low))

    def test_all_of_a_small_sample_prove_little(self):
        self.assertEqual(figures.share_interval(30, 30), (0.9, 1.0))
        self.assertEqual(figures.share_interval(0, 3), (0.0, 1.0))
        self.assertEqual(figures.share_interval(0, 0), ())

    def test_few_values_have_no_interval(self):
        self.assertEqual(figures.interval([1, 2, 3, 4], figures.mean), ())
        low, high = figures.interval(range(100), figures.mean)
        self.assertTrue(low < 49.5 < high)


class Playing(unittest.TestCase):
    def test_captures_of_several_links_become_one_in_order_of_time(self):
        one = (1, [[10.0, 3, b"abc"], [12.0, 3, b"ghi"]])
        raw = tunnels.pcapng([one, (101, [[11.0, 4, b"defg"]])])
        kinds, at = [], 0
        while at < len(raw):
            kind, length = struct.unpack_from("<II", raw, at)
            kinds.append((kind, raw[at + 28:at + 31] if kind == 6 else b""))
            at += length
        self.assertEqual(kinds, [(0x0A0D0D0A, b""), (1, b""), (1, b""), (6, b"abc"), (6, b"def"),
                                 (6, b"ghi")])


class Reading(unittest.TestCase):
    def test_frames_end_where_a_capture_is_cut(self):
        raw = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
        for second in (10, 11):
            raw += struct.pack("<IIII", second, 500000, 3, 3) + b"abc"
        self.assertEqual(list(captures.frames(raw)), [(10.5, 43), (11.5, 62)])
        self.assertEqual(list(captures.frames(raw[:-1])), [(10.5, 43)])

    def test_texts_that_are_no_names_are_not_asked(self):
        for text in ("", "a..b", "a b.com", "x" * 64 + ".com", "a.com."):
            self.assertIsNone(names.NAME.fullmatch(text), text)
        self.assertTrue(names.NAME.fullmatch("a_b.example.com"))


if __name__ == "__main__":
    unittest.main()
