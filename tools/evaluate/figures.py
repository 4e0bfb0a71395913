# figures.py - the arithmetic of the evaluation, and the targets its figures are held to
# SPDX-License-Identifier: Apache-2.0
"""A figure is what was measured; with a target it also says whether that is met."""
import bisect
import dataclasses
import math
import operator

AT_LEAST, AT_MOST = operator.ge, operator.le

# What is wanted of each measure, with the default configuration.
TARGETS = {
    ("ProtocolAnomaly", "captures that show it"): (AT_LEAST, 0.95),
    ("DarkWeb", "queries behind an alert"): (AT_LEAST, 1.0),
    ("DarkWeb", "benign names that alert"): (AT_MOST, 0.0),
    ("DarkWebProxy", "queries behind an alert"): (AT_LEAST, 1.0),
    ("DarkWebProxy", "benign names that alert"): (AT_MOST, 0.0),
    ("SinkholedDomain", "queries behind an alert"): (AT_LEAST, 1.0),
    ("PhishingDomain", "queries behind an alert"): (AT_LEAST, 1.0),
    ("PhishingDomain", "phishing names told without a list"): (AT_LEAST, 0.12),
    ("PhishingDomain", "benign names that alert"): (AT_MOST, 2e-4),
    ("DomainGenerationAlgorithm", "median queries to the alert"): (AT_MOST, 10),
    ("ThreatIntelSuspectDomain", "queries behind an alert"): (AT_LEAST, 1.0),
    ("RandomizedDomain", "mean AUC of families"): (AT_LEAST, 0.965),
    ("RandomizedDomain", "mean found at 1e-2"): (AT_LEAST, 0.78),
    ("RandomizedDomain", "mean found at 1e-3"): (AT_LEAST, 0.61),
    ("RandomizedDomain", "mean found at 1e-4"): (AT_LEAST, 0.38),
    ("RandomizedDomain", "alerts per million benign queries"): (AT_MOST, 20),
    ("CurrencyMining", "mining names told with the list"): (AT_LEAST, 1.0),
    ("CurrencyMining", "mining names told by pattern alone"): (AT_LEAST, 0.38),
    ("CurrencyMining", "benign names that alert by pattern alone"): (AT_MOST, 1e-4),
    ("tunnels", "captures that show it"): (AT_LEAST, 0.97),
    ("tunnels", "captures of 10 queries or more that show it"): (AT_LEAST, 1.0),
    ("tunnels", "main alert has the right direction"): (AT_LEAST, 0.95),
    ("tunnels", "median queries to the alert"): (AT_MOST, 10),
}


@dataclasses.dataclass
class Figure:
    """One measure of one alert type; parts is (hits, all) where the value is their ratio."""

    kind: str
    measure: str
    value: float
    parts: tuple = ()
    note: str = ""

    def target(self):
        """The wanted value as people read it, or an empty text."""
        if (self.kind, self.measure) not in TARGETS:
            return ""
        compare, wanted = TARGETS[self.kind, self.measure]
        return f"{'≥' if compare is AT_LEAST else '≤'} {wanted:g}"

    def met(self):
        """True, False, or None where nothing is wanted or nothing was measured."""
        if (self.kind, self.measure) not in TARGETS or math.isnan(self.value):
            return None
        compare, wanted = TARGETS[self.kind, self.measure]
        return compare(self.value, wanted)

    def as_dict(self):
        return {"alert_type": self.kind, "measure": self.measure, "note": self.note,
                "value": None if math.isnan(self.value) else self.value,
                "hits": self.parts[0] if self.parts else None,
                "of": self.parts[1] if self.parts else None,
                "target": self.target() or None, "met": self.met()}


def share(kind, measure, hits, total, note=""):
    """A figure that is a ratio of counts."""
    return Figure(kind, measure, hits / total if total else math.nan, (hits, total), note)


def threshold(scores, rate):
    """The least score that at most `rate` of the ascending `scores` exceed; None if too few."""
    allowed = int(rate * len(scores))
    return scores[-allowed - 1] if allowed else None


def share_above(scores, limit):
    """Which share of the ascending `scores` exceeds `limit`."""
    return 1 - bisect.bisect_right(scores, limit) / len(scores)


def auc(positives, negatives):
    """How often a positive exceeds a negative, ties counting half; `negatives` are ascending."""
    below = sum(bisect.bisect_left(negatives, score) + bisect.bisect_right(negatives, score)
                for score in positives)
    return below / 2 / len(positives) / len(negatives)


def mean(values):
    values = list(values)
    return sum(values) / len(values) if values else math.nan
