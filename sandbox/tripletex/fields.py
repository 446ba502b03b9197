"""The `fields` parameter: which fields an answer shows, and how deep."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from sandbox.tripletex.errors import TripletexError
from sandbox.tripletex.resources import MODELS, Model

if TYPE_CHECKING:
    from sandbox.store import Document

# None: the field itself, as a stub where it is a reference.
Tree = dict[str, "Tree | None"]
Fetch = Callable[[str, int], "Document | None"]
MAX_DEPTH: Final = 6


def parse(text: str) -> Tree:
    """`*,orderLines(*),customer(name)` as a tree. Raises 400/11000 for unbalanced brackets."""
    reader = _Reader(text)
    tree = reader.tree(0)
    if reader.rest:
        raise _illegal(f"Illegal fields filter: {text}")
    return tree


class _Reader:
    """Reads a filter from left to right."""

    def __init__(self, text: str) -> None:
        self.rest = text

    def tree(self, depth: int) -> Tree:
        if depth > MAX_DEPTH:
            raise _illegal("The fields filter is too deep")
        branches: Tree = {}
        while True:
            name = self._name()
            inner: Tree | None = None
            if self.rest.startswith("("):
                self.rest = self.rest[1:]
                inner = self.tree(depth + 1)
                if not self.rest.startswith(")"):
                    raise _illegal("Illegal fields filter: a bracket is not closed")
                self.rest = self.rest[1:]
            if name:
                branches[name] = inner
            if not self.rest.startswith(","):
                return branches
            self.rest = self.rest[1:]

    def _name(self) -> str:
        end = next((i for i, letter in enumerate(self.rest) if letter in ",()"), len(self.rest))
        name, self.rest = self.rest[:end].strip(), self.rest[end:]
        return name


def check(tree: Tree, model: Model) -> None:
    """Raise 400/11000 for the first name that `model` does not have."""
    for name, inner in tree.items():
        if name == "*":
            continue
        field = model.fields.get(name)
        if field is None:
            raise _illegal(
                f"Illegal field in fields filter: {name}. {name} does not match a field in the model: "
                f"{model.name}DTO"
            )
        if inner is not None and field.target is not None:
            check(inner, MODELS[field.target])


def _illegal(text: str) -> TripletexError:
    return TripletexError(400, 11000, text)


class View:
    """Shows stored documents as answers. `here` is host and base path without scheme; `fetch` reads others."""

    def __init__(self, here: str, fetch: Fetch) -> None:
        """Nothing is read before it is shown."""
        self._here = here
        self._fetch = fetch

    def show(self, model: Model, document: Document, tree: Tree | None = None) -> Document:
        """`document` with the fields of `tree` (all when None or *)."""
        wanted = tree or {"*": None}
        shown: Document = {}
        for name, field in model.fields.items():
            if name == "changes" and name in wanted:
                shown[name] = document.get("changes", [])
            elif name in wanted or ("*" in wanted and not field.hidden):
                shown[name] = self._value(field.target, name, model, document, wanted.get(name))
        return shown

    def _value(self, target: str | None, name: str, model: Model, document: Document, inner: Tree | None) -> Any:
        if name == "url":
            return self.url(model, document.get("id", 0))
        value = document.get(name, model.fields[name].default)
        if target is None or value is None:
            return value
        if isinstance(value, list):
            return [self._reference(target, entry, inner) for entry in value]
        return self._reference(target, value, inner)

    def _reference(self, target: str, reference: Document, inner: Tree | None) -> Document:
        model = MODELS[target]
        if inner is None:
            return {"id": reference["id"], "url": self.url(model, reference["id"])}
        found = self._fetch(target, reference["id"])
        return self.show(model, found or {"id": reference["id"], "version": 0}, inner)

    def url(self, model: Model, number: int) -> str:
        """Where an object is found, without scheme, as Tripletex writes it."""
        return f"{self._here}/{model.path}/{number}"
