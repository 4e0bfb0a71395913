# openapi.py - holds answers of the API against its OpenAPI document
# SPDX-License-Identifier: Apache-2.0
"""Document(path).check(method, target, status, content type, body) raises when an answer is not what
the document says; `met` has the operations that were looked at. Keys that it does not name are wrong
here, though clients have to put up with them. Without the module jsonschema nothing is checked."""
import copy
import json
import pathlib
import re

try:
    import jsonschema
except ImportError:
    jsonschema = None


class Document:
    def __init__(self, path):
        self.text = json.loads(pathlib.Path(path).read_text())
        self.met = set()
        self.routes = []
        for template, operations in self.text["paths"].items():
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            for method, operation in operations.items():
                self.routes.append((method, re.compile(pattern), template, operation))
        # Plain paths go first: /alerts/count is no alert.
        self.routes.sort(key=lambda route: route[2].count("{"))
        self.components = copy.deepcopy(self.text["components"])
        for name, schema in self.components["schemas"].items():
            if name != "Alert":
                schema.setdefault("additionalProperties", False)

    def operation(self, method, target):
        path = target.split("?")[0]
        for route_method, pattern, template, operation in self.routes:
            if route_method == method.lower() and pattern.fullmatch(path):
                return template, operation
        return None, None

    def check(self, method, target, status, content_type, body):
        template, operation = self.operation(method, target)
        if operation is None or not jsonschema:
            return
        where = f"{method} {template}: {status}"
        if status >= 400:
            response = operation["responses"]["default"]
        else:
            assert str(status) in operation["responses"], f"{where} is not in the document"
            response = operation["responses"][str(status)]
            self.met.add((method.lower(), template))
        if "content" not in response:
            assert not body, f"{where}: a body where the document has none"
            return
        (told_type, content), = response["content"].items()
        if told_type != "application/json":
            assert told_type in ("*/*", content_type.split(";")[0]), f"{where}: {content_type}"
            return
        assert content_type == told_type, f"{where}: {content_type}"
        schema = {**content["schema"], "components": self.components}
        try:
            jsonschema.Draft202012Validator(schema).validate(json.loads(body))
        except jsonschema.ValidationError as error:
            raise AssertionError(f"{where}: {error.json_path}: {error.message}") from None

    def unmet(self):
        return {(method, template) for method, _, template, _ in self.routes} - self.met
