# names.py - what the program says of single names: benign, generated, phishing, mining, tunnelled
# SPDX-License-Identifier: Apache-2.0
"""Asks `dnsvigil explain` about lists of names and counts its verdicts."""
import collections
import csv
import gzip
import json
import pathlib
import re
import shutil
import subprocess

from figures import Figure, auc, mean, share, share_above, summary, threshold

KINDS = {"dark_web": "DarkWeb", "dark_web_proxy": "DarkWebProxy",
         "sinkholed_domain": "SinkholedDomain", "phishing_domain": "PhishingDomain",
         "random_domain": "RandomizedDomain", "currency_mining": "CurrencyMining"}
RATES = (("1e-2", 1e-2), ("1e-3", 1e-3), ("1e-4", 1e-4))
IN_SAMPLE = "in-sample: the shipped model was trained on these names"
ROOT = pathlib.Path(__file__).resolve().parents[2]
HOST = re.compile(r"(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}")
NAME = re.compile(r"(?=.{1,253}$)[^\s.\\\"]{1,63}(\.[^\s.\\\"]{1,63})*")


class Explainer:
    """The program with one configuration; `ask` gives what it says of each name."""

    def __init__(self, program, seeds, folder):
        self.config = folder / f"explain-{seeds.name}.yaml"
        self.config.write_text(f"intel: {{seed_dir: {seeds}}}\n")
        self.command = [program, "explain", "-o", "json", "-c", self.config, "-"]
        self.names = folder / "names.txt"

    def ask(self, names):
        """(name, answer) pairs; texts that are no domain names are left out."""
        names = [name for name in names if NAME.fullmatch(name)]
        if not names:
            return
        self.names.write_text("\n".join(names) + "\n")
        with self.names.open() as source, \
                subprocess.Popen(self.command, stdin=source, stdout=subprocess.PIPE) as process:
            yield from zip(names, map(json.loads, process.stdout), strict=True)


def alerting(answer):
    """The kinds of alert that the name alone deserves."""
    return {KINDS[judged["slug"]] for judged in answer["detectors"]
            if judged["verdict"] == "alert" and judged["slug"] in KINDS}


class Benign:
    """The names of data/benign without those that bad lists have too."""

    def __init__(self, explainer, data):
        self.lists = collections.defaultdict(set)  # registrable domain -> lists that have it
        self.scores = {}
        self.alarms = collections.Counter()
        self.examples = collections.defaultdict(list)
        self.count = 0
        self.measure(explainer, self.read(data / "benign"))

    @staticmethod
    def read(folder):
        """Name -> lists that have it."""
        known_bad = set()
        overlap = folder / "known_bad_overlap.tsv"
        if overlap.is_file():
            known_bad = {line.split("\t")[0] for line in overlap.read_text().splitlines()}
        names = collections.defaultdict(set)
        for path in sorted(folder.glob("*.txt")):
            for line in path.read_text(errors="replace").splitlines():
                name = line.strip().rstrip(".").lower()
                if name not in known_bad:
                    names[name].add(path.name)
        return names

    def measure(self, explainer, names):
        for name, answer in explainer.ask(names):
            self.count += 1
            for kind in alerting(answer):
                self.alarms[kind] += 1
                if len(names[name]) > 1 or len(self.examples[kind]) < 5:
                    self.examples[kind].append(name)
            if "lexical_score" in answer:
                domain = answer["registrable_domain"]
                self.lists[domain] |= names[name]
                self.scores[domain] = answer["lexical_score"]

    def sure_scores(self):
        """Ascending scores of the domains that several lists have."""
        return sorted(score for domain, score in self.scores.items()
                      if len(self.lists[domain]) > 1)

    def figures(self):
        for kind in KINDS.values():
            examples = ", ".join(self.examples[kind][-5:])
            yield share(kind, "benign names that alert", self.alarms[kind], self.count,
                        f"such as {examples}" if examples else "")


def family_figures(explainer, data, sure):
    """How well the score of single names tells families from the sure benign names."""
    with (data / "dga" / "dga_train.tsv").open() as source:
        family_of = dict(line.rstrip("\n").split("\t")[:2] for line in source)
    families = collections.defaultdict(list)
    for name, answer in explainer.ask(family_of):
        if "lexical_score" in answer:
            families[family_of[name]].append(answer["lexical_score"])
    kind = "RandomizedDomain"
    yield summary(kind, "mean AUC of families",
                  [auc(scores, sure) for scores in families.values()], mean,
                  f"{len(families)} families; {IN_SAMPLE}")
    for text, rate in RATES:
        limit = threshold(sure, rate)
        if limit is None:
            continue
        found = {family: share_above(sorted(scores), limit) for family, scores in families.items()}
        worst = sorted(found, key=found.get)[:5]
        note = ", ".join(f"{family} {found[family]:.2f}" for family in worst)
        yield summary(kind, f"mean found at {text}", found.values(), mean,
                      f"{IN_SAMPLE}; least: {note}")


def lines(paths):
    """The first word of each line that is no comment, without repeats."""
    names = {}
    for path in paths:
        for line in path.read_text(errors="replace").splitlines():
            words = line.strip().split("\t")[0].split(" ")
            if words[0] and words[0][0] not in "#!|[":
                names[words[-1 if words[0] in ("0.0.0.0", "127.0.0.1") else 0].rstrip(".")] = True
    return list(names)


def count_kind(explainer, names, kind):
    """(how many of the names deserve the kind, how many names)."""
    hits = total = 0
    for _, answer in explainer.ask(names):
        total += 1
        hits += kind in alerting(answer)
    return hits, total


def phishing_figures(explainer, data):
    names = lines(sorted(data.glob("intel/phishing_*/*.t[xs][tv]")))
    if names:
        yield share("PhishingDomain", "phishing names told without a list",
                    *count_kind(explainer, names, "PhishingDomain"))


def without_mining_list(program, seeds, folder):
    """The program with the lists that come with it, but for the pools: only a reserved name."""
    copy = folder / "without-mining"
    shutil.copytree(seeds, copy)
    path = copy / "mining.tsv"
    path.unlink()
    path.write_text("pool.invalid\tmining\t85\tnobody\treserved name\n")
    return Explainer(program, copy, folder)


def brand_words():
    """The pools that the program's words name, which no measure of its grammar may count."""
    rows = (ROOT / "src" / "detect" / "mining_words.def").read_text()
    return re.findall(r'WORD\("(\w+)", WORD_BRAND\)', rows)


def pool_names(data):
    """Hosts of pools, proxies and sites that mine, without those the program knows by name."""
    brands = brand_words()
    names = {}
    for path in sorted(data.glob("intel/maltrail/suspicious/crypto_mining.txt")):
        for line in path.read_text(errors="replace").splitlines():
            name = line.split("#")[0].strip().lower()
            if HOST.fullmatch(name) and not any(brand in name for brand in brands):
                names[name] = True
    return list(names)


def mining_figures(explainer, patterns, data, benign):
    names = lines(sorted(data.glob("intel/mining_*/*hosts.txt")))
    if names:
        yield share("CurrencyMining", "mining names told with the list",
                    *count_kind(explainer, names, "CurrencyMining"))
        yield share("CurrencyMining", "browser miners told by pattern alone",
                    *count_kind(patterns, names, "CurrencyMining"))
    pools = pool_names(data)
    if pools:
        yield share("CurrencyMining", "pools told by pattern alone",
                    *count_kind(patterns, pools, "CurrencyMining"))
    if benign:
        yield share("CurrencyMining", "benign names that alert by pattern alone",
                    *count_kind(patterns, benign, "CurrencyMining"))


def tunnel_name_figures(explainer, data):
    """A tunnel's single names are not to be mistaken for something else."""
    names = [line.split("\t")[0].rstrip(".")
             for path in sorted(data.glob("tunnel_names/*_fqdn.tsv"))
             for line in path.read_text(errors="replace").splitlines()]
    for kind in ("PhishingDomain", "CurrencyMining", "DarkWeb"):
        yield share(kind, "tunnel names mistaken for it", *count_kind(explainer, names, kind))


def log_queries(path):
    """(client, name) of each row of a Zeek dns.log."""
    with gzip.open(path, "rt", errors="replace") as source:
        fields = []
        for line in source:
            columns = line.rstrip("\n").split("\t")
            if columns[0] == "#fields":
                fields = columns[1:]
            elif not columns[0].startswith("#") and len(columns) == len(fields):
                row = dict(zip(fields, columns))
                yield row["id.orig_h"], row["query"].rstrip(".")


def log_figures(explainer, data):
    """Alerts that names alone would raise in a log, one for each client and domain."""
    rows = [row for path in sorted(data.glob("logs/*dns.log.gz")) for row in log_queries(path)]
    clients = collections.defaultdict(set)
    for client, name in rows:
        clients[name].add(client)
    alarms = collections.defaultdict(set)
    for name, answer in explainer.ask(clients):
        domain = answer.get("registrable_domain", name)
        for kind in alerting(answer):
            alarms[kind] |= {(client, domain) for client in clients[name]}
    for kind, found in sorted(alarms.items()):
        domains = ", ".join(sorted({domain for _, domain in found})[:5])
        yield Figure(kind, "alerts in the log by names alone", len(found), (len(found), len(rows)),
                     f"of {len(rows)} queries: {domains}")


def measure(program, seeds, data, folder, progress):
    """All figures of single names; parts of the data that are missing are left out."""
    explainer = Explainer(program, seeds, folder)
    patterns = without_mining_list(program, seeds, folder)
    benign = None
    if (data / "benign").is_dir():
        progress("benign names")
        benign = Benign(explainer, data)
        yield from benign.figures()
    if benign and (data / "dga" / "dga_train.tsv").is_file():
        progress("generated names")
        yield from family_figures(explainer, data, benign.sure_scores())
    progress("phishing and mining names")
    yield from phishing_figures(explainer, data)
    yield from mining_figures(explainer, patterns, data,
                              list(Benign.read(data / "benign")) if benign else [])
    progress("names of tunnels and logs")
    if (data / "tunnel_names").is_dir():
        yield from tunnel_name_figures(explainer, data)
    if (data / "logs").is_dir():
        yield from log_figures(explainer, data)
