# elastic_mapping.py - what Elasticsearch makes of a document under an index template, first come first mapped
# SPDX-License-Identifier: Apache-2.0
"""An index knows a field by its mapping; a field without one gets it from the first value it sees, by the
dynamic templates or by guessing, and keeps it: a text that looks like a date makes a field of dates, and
then every other text in it is refused. That is done here as the service does it."""
import ipaddress
import re

# What guesses take for a date: strict_date_optional_time, and yyyy/MM/dd with or without a time.
DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?(T\d\d(:\d\d(:\d\d([.,]\d{1,9})?)?)?(Z|[+-]\d\d:?\d\d)?)?"
                  r"|\d{4}/\d\d/\d\d( \d\d:\d\d:\d\d)?( Z)?")
KEYWORD_BYTES_MAX = 32766


class MappingError(Exception):
    """What the service says to a document that it does not take."""


class Index:
    def __init__(self, template):
        mappings = template["template"]["mappings"]
        self.fields, self.dynamic = {}, set()  # the type of each field; those that no mapping names
        self.guesses_dates = mappings.get("date_detection", True)
        self.guesses_numbers = mappings.get("numeric_detection", False)
        self.templates = [rule for named in mappings["dynamic_templates"] for rule in named.values()]
        settings = template["template"]["settings"]["index"]
        self.fields_max = settings["mapping"]["total_fields"]["limit"]
        self.declare("", mappings["properties"])

    def declare(self, path, properties):
        for name, mapping in properties.items():
            place = f"{path}{name}"
            self.fields[place] = mapping if "type" in mapping else {"type": "object"}
            self.declare(f"{place}.", mapping.get("properties", {}))

    def take(self, document):
        """Maps and checks a document; MappingError for one that is refused."""
        self.object(document, "")
        if len(self.fields) > self.fields_max:
            raise MappingError(f"more than {self.fields_max} fields")

    def object(self, value, path):
        for name, inner in value.items():
            for one in inner if isinstance(inner, list) else [inner]:
                if one is not None:
                    self.value(one, f"{path}{name}")

    def value(self, value, place):
        if place not in self.fields:
            self.fields[place] = self.map(value, place)
            self.dynamic.add(place)
        kind = self.fields[place]["type"]
        if isinstance(value, dict) != (kind == "object"):
            raise MappingError(f"[{place}] is of type {kind}")
        if kind == "object":
            self.object(value, f"{place}.")
        elif not self.fits(value, self.fields[place]):
            raise MappingError(f"failed to parse field [{place}] of type [{kind}]: {value!r:.60}")

    def map(self, value, place):
        guess = self.guess(value)
        for rule in self.templates:
            pattern = re.escape(rule.get("path_match", "*")).replace(r"\*", ".*")
            if re.fullmatch(pattern, place) and rule.get("match_mapping_type", guess) in (guess, "*"):
                return rule["mapping"]
        return {"type": {"string": "text"}.get(guess, guess)}

    def guess(self, value):
        if isinstance(value, str) and self.guesses_dates and DATE.fullmatch(value):
            return "date"
        if isinstance(value, str) and self.guesses_numbers and re.fullmatch(r"-?\d+", value):
            return "long"
        return {dict: "object", bool: "boolean", int: "long", float: "double"}.get(type(value), "string")

    def fits(self, value, mapping):
        kind = mapping["type"]
        if kind == "date":
            return isinstance(value, str) and DATE.fullmatch(value) is not None
        if kind == "long":
            return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63
        if kind == "ip":
            try:
                return bool(ipaddress.ip_address(value))
            except ValueError:
                return False
        if kind == "keyword":
            kept = len(value) <= mapping.get("ignore_above", 1 << 31)
            return isinstance(value, str) and (not kept or len(value.encode()) <= KEYWORD_BYTES_MAX)
        return isinstance(value, {"text": str, "boolean": bool, "double": (int, float)}[kind])
