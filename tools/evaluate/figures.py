# figures.py - the arithmetic of the evaluation, and the targets its figures are held to
# SPDX-License-Identifier: Apache-2.0
"""A figure is what was measured; with a target it also says whether that is met."""
import bisect
import dataclasses
import math
import operator
import random

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
    ("CurrencyMining", "pools told by pattern alone"): (AT_LEAST, 0.38),
    ("CurrencyMining", "benign names that alert by pattern alone"): (AT_MOST, 1e-4),
    ("tunnels", "captures that show it"): (AT_LEAST, 0.97),
    ("tunnels", "captures of 10 queries or more that show it"): (AT_LEAST, 1.0),
    ("tunnels", "main alert has the right direction"): (AT_LEAST, 0.95),
    ("tunnels", "median queries to the alert"): (AT_MOST, 10),
    ("tunnels", "as recorded: direction right in the end"): (AT_LEAST, 0.95),
    ("tunnels", "1 s a query: shown"): (AT_LEAST, 0.97),
    ("tunnels", "10 s a query: shown"): (AT_LEAST, 0.97),
    ("tunnels", "60 s a query: shown"): (AT_LEAST, 0.97),
    ("tunnels", "300 s a query: shown"): (AT_LEAST, 0.97),
    ("tunnels", "a tenth lost: shown"): (AT_LEAST, 0.97),
    ("tunnels", "no responses: shown"): (AT_LEAST, 0.97),
    ("tunnels", "among 500 clients: shown"): (AT_LEAST, 0.97),
}


@dataclasses.dataclass
class Figure:
    """One measure of one alert type; parts is (hits, all) where the value is their ratio."""

    kind: str
    measure: str
    value: float
    parts: tuple = ()
    note: str = ""
    interval: tuple = ()  # 95 % bootstrap, where the sample allows one

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
                "low": self.interval[0] if self.interval else None,
                "high": self.interval[1] if self.interval else None,
                "target": self.target() or None, "met": self.met()}


RESAMPLES = 1000
EXACT_HITS_MAX = 2000  # more are drawn from a normal distribution


def middle(values):
    """The bounds of the middle 95 % of resampled values."""
    values = sorted(values)
    return values[len(values) * 25 // 1000], values[len(values) * 975 // 1000 - 1]


def hits_drawn(chance, hits, total):
    """How many hits a sample drawn anew, with replacement, has; no more than half are hits."""
    rate = hits / total
    if hits > EXACT_HITS_MAX:
        return round(chance.gauss(hits, math.sqrt(hits * (1 - rate))))
    drawn, at = 0, math.log(1 - chance.random()) // math.log1p(-rate)
    while at < total:
        drawn += 1
        at += 1 + math.log(1 - chance.random()) // math.log1p(-rate)
    return drawn


def share_interval(hits, total):
    """95 % bootstrap interval of a share. None or all of a sample: what a sample of that size may
    miss by chance once in twenty times (the rule of three)."""
    if not total:
        return ()
    if hits in (0, total):
        miss = min(1, 3 / total)
        return (1 - miss, 1.0) if hits else (0.0, miss)
    chance = random.Random(1)
    rare = min(hits, total - hits)
    low, high = middle(hits_drawn(chance, rare, total) / total for _ in range(RESAMPLES))
    return (low, high) if rare == hits else (1 - high, 1 - low)


def interval(values, statistic):
    """95 % bootstrap interval of a statistic of some values; nothing for too few of them."""
    values = list(values)
    if len(values) < 5:
        return ()
    chance = random.Random(1)
    return middle(statistic(chance.choices(values, k=len(values))) for _ in range(RESAMPLES))


def share(kind, measure, hits, total, note=""):
    """A figure that is a ratio of counts."""
    return Figure(kind, measure, hits / total if total else math.nan, (hits, total), note,
                  share_interval(hits, total))


def summary(kind, measure, values, statistic, note=""):
    """A figure that is a mean or a median of some values."""
    values = list(values)
    return Figure(kind, measure, statistic(values) if values else math.nan, note=note,
                  interval=interval(values, statistic))


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
