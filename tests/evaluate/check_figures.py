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
