"""The vendors' OpenAPI documents, to check requests and answers against.

They lie beside the repository (../shared/vendor) and are no part of the product: where the folder is absent, the
tests that need it say so and do not run.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "vendor"
FILES = {
    "mailgun": "mailgun-reduced.json",
    "tripletex": "tripletex-reduced-2.74.00.json",
    "register": "brreg-reduced-unofficial.json",
}
_FREE_NAMES = ("h:", "v:", "t:", "o:")


@dataclass(frozen=True)
class Operation:
    template: str
    method: str
    content: dict[str, Any]


class VendorDocument:
    """One vendor's document; complaints are sentences, none means that all is well."""

    def __init__(self, vendor: str) -> None:
        path = FOLDER / FILES[vendor]
        if not path.is_file():
            pytest.skip(f"the vendor's document {FILES[vendor]} is not on this machine (../shared/vendor)")
        self.vendor = vendor
        self.raw: dict[str, Any] = _modern(json.loads(path.read_text(encoding="utf-8")))
        _correct(vendor, self.raw["components"]["schemas"])
        resource = Resource.from_contents(self.raw, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource("vendor:document", resource)

    def operation(self, method: str, path: str) -> Operation:
        """The documented operation behind a call; an unknown one fails the test."""
        found = [
            template
            for template, item in self.raw["paths"].items()
            if method.lower() in item and re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path)
        ]
        assert found, f"{self.vendor} does not document {method} {path}"
        template = min(found, key=lambda one: one.count("{"))
        return Operation(template, method.lower(), self.raw["paths"][template][method.lower()])

    def payload(self, name: str) -> Any:
        """A recorded or documented payload of this vendor."""
        folder = {"register": "brreg"}.get(self.vendor, self.vendor)
        return json.loads((FOLDER / "payloads" / folder / name).read_text(encoding="utf-8"))

    def complaints(self, instance: Any, pointer: str) -> list[str]:
        """What is wrong with `instance` according to the schema at `pointer` (#/components/…)."""
        validator = Draft202012Validator({"$ref": f"vendor:document{pointer}"}, registry=self._registry)
        if self.vendor == "tripletex":
            # Unset references are null in every recording; the document says nothing about it.
            instance = _without_nulls(instance)
        return [f"{e.json_path}: {e.message}"[:300] for e in validator.iter_errors(instance)]

    def answer_complaints(self, method: str, path: str, status: int, text: str) -> list[str]:
        """Check an answer against its operation; for Tripletex errors only their envelope is documented."""
        operation = self.operation(method, path)
        if self.vendor == "tripletex" and status >= 400:
            return self.complaints(json.loads(text), "#/components/schemas/ApiError")
        responses = operation.content["responses"]
        if str(status) not in responses:
            return [f"{status} is not declared for {method} {operation.template}"]
        content = responses[str(status)].get("content", {})
        media = next((m for m in content if m.startswith("application/json")), None)
        if media is None or "schema" not in content[media]:
            return []
        if not text:
            return [f"{method} {path} {status}: the body is empty"]
        steps = [
            "paths",
            operation.template,
            operation.method,
            "responses",
            str(status),
            "content",
            media,
            "schema",
        ]
        return self.complaints(json.loads(text), _pointer(steps))

    def request_complaints(self, call: dict[str, Any]) -> list[str]:
        """Check a call as the sandbox wrote it down: names of parameters, required ones, and the JSON body."""
        operation = self.operation(call["method"], call["path"])
        documented = {p["name"]: p for p in operation.content.get("parameters", []) if p["in"] == "query"}
        sent = dict(parse_qsl(call["query"], keep_blank_values=True))
        found = [f"unknown query parameter {name}" for name in sent if name not in documented]
        if self.vendor == "tripletex":
            found += [
                f"{name} is required" for name, p in documented.items() if p.get("required") and name not in sent
            ]
        return found + self._body_complaints(operation, call["request"])

    def _body_complaints(self, operation: Operation, text: str) -> list[str]:
        content = operation.content.get("requestBody", {}).get("content", {})
        media = next((m for m in content if m.startswith("application/json")), None)
        form = next((m for m in content if "form" in m), None)
        steps = ["paths", operation.template, operation.method, "requestBody", "content"]
        if text.startswith(("{", "[")) and media is not None:
            body = json.loads(text)
            return self.complaints(body, _pointer([*steps, media, "schema"])) + self._unknown(body, content[media])
        if form is not None and text:
            schema = self._resolve(content[form]["schema"])
            names = {line.partition("=")[0] for line in text.splitlines() if "=" in line}
            known = set(schema.get("properties", {}))
            return [f"unknown field {n}" for n in names if n not in known and not n.startswith(_FREE_NAMES)]
        return []

    def _unknown(self, body: Any, media: dict[str, Any]) -> list[str]:
        properties = self._resolve(media["schema"]).get("properties", {})
        if not isinstance(body, dict) or not properties:
            return []
        return [f"unknown property {name}" for name in body if name not in properties]

    def _resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self.raw["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema


def _pointer(steps: list[str]) -> str:
    return "#/" + "/".join(step.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
                           .replace(">", "%3E") for step in steps)  # fmt: skip


def _correct(vendor: str, schemas: dict[str, Any]) -> None:
    """Where a document contradicts its own examples, the examples count."""
    if vendor == "mailgun":
        # Every example of such a date is text: "Thu, 11 Dec 2025 01:49:40 UTC".
        for schema in schemas.values():
            for name, field in schema.get("properties", {}).items():
                if name == "created_at":
                    field.clear()
                    field["type"] = "string"
        # The examples of opened, clicked and unsubscribed name the message and nothing more.
        del schemas["MessageObject"]["required"]
        schemas["MessageObject"]["properties"]["headers"]["required"] = ["message-id"]


def _modern(node: Any) -> Any:
    """OpenAPI 3.0's `nullable` in the words of JSON Schema."""
    if isinstance(node, dict):
        changed = {key: _modern(value) for key, value in node.items()}
        if "oneOf" in changed:
            # The register's two kinds of unit overlap: a deleted one also fits the open schema of a live one.
            changed["anyOf"] = changed.pop("oneOf")
        if changed.pop("nullable", False) is True and isinstance(changed.get("type"), str):
            changed["type"] = [changed["type"], "null"]
        return changed
    return [_modern(value) for value in node] if isinstance(node, list) else node


def _without_nulls(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_nulls(value) for key, value in node.items() if value is not None}
    return [_without_nulls(value) for value in node] if isinstance(node, list) else node
