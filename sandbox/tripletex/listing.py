"""Searching: filters, paging, sorting, and the checksum of a list."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final

from sandbox.tripletex.errors import Problem, TripletexError, bad_search, say
from sandbox.tripletex.mapping import is_date

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.store import Document
    from sandbox.tripletex.resources import Model

    Filter = Callable[[Document, str], bool]

MAX_HITS: Final = 10_000
DEFAULT_COUNT: Final = 1000
NO_DIGEST: Final = "'If-None-Match' header not specified"
_IDS: Final = re.compile(r"\d+(,\d+)*")


def ids(text: str, language: str) -> set[int]:
    """`1,2,3` as numbers. Raises 422/12000."""
    compact = text.replace(" ", "")
    if not _IDS.fullmatch(compact):
        raise TripletexError(422, 12000, say("ids", language, text))
    return {int(number) for number in compact.split(",")}


def period(args: Mapping[str, str], name: str) -> tuple[str, str]:
    """The two dates `nameFrom` (inclusive) and `nameTo` (exclusive), both required."""
    names = (f"{name}From", f"{name}To")
    missing = [Problem(one, "null") for one in names if not args.get(one)]
    if missing:
        raise bad_search(*missing)
    wrong = [Problem(one, "type") for one in names if not is_date(args[one])]
    if wrong:
        raise bad_search(*wrong)
    first, last = args[names[0]], args[names[1]]
    if first >= last:
        raise bad_search(Problem("", "range", (first, last)))
    return first, last


def flag(text: str) -> bool:
    """A boolean of a query. Raises 404/21000, as for every value that does not fit its parameter."""
    if text not in ("true", "false"):
        raise misfit()
    return text == "true"


def misfit() -> TripletexError:
    """404/21000: recorded for an enum value in lower case."""
    return TripletexError(404, 21000, "HTTP 404 Not Found")


def page(args: Mapping[str, str]) -> tuple[int, int]:
    """`from` and `count`."""
    texts = (args.get("from") or "0", args.get("count") or str(DEFAULT_COUNT))
    if not all(text.isdecimal() for text in texts):
        raise misfit()
    return int(texts[0]), int(texts[1])


def arrange(documents: list[Document], sorting: str, model: Model) -> list[Document]:
    """`found` in the order asked for: `-date,name`. Raises 422/17000 for a field that does not exist."""
    for part in reversed([part.strip() for part in sorting.split(",") if part.strip()]):
        name = part.lstrip("-")
        if name.partition(".")[0] not in model.fields:
            text = f"Field specified for use in sorting does not exist: '{name}'"
            raise TripletexError(422, 17000, text, problems=[])
        documents = sorted(documents, key=lambda document: _key(document, name), reverse=part.startswith("-"))
    return documents


def _key(document: Document, name: str) -> tuple[str, float | str]:
    value: Any = document
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return ("n", float(value)) if isinstance(value, (int, float)) else ("s", "" if value is None else str(value))


def envelope(found: list[Document], shown: list[Document], first: int, asked_digest: str | None) -> Document:
    """The list envelope; the digest covers all that was found, not only the page."""
    if len(found) > MAX_HITS:
        raise TripletexError(422, 23000, "Result set too large")
    return {
        "fullResultSize": len(found),
        "from": first,
        "count": len(shown),
        "versionDigest": digest(found) if asked_digest is not None else NO_DIGEST,
        "values": shown,
    }


def digest(found: list[Document]) -> str:
    """A checksum over ids and versions."""
    text = json.dumps([[document["id"], document.get("version", 0)] for document in found])
    return hashlib.sha256(text.encode()).hexdigest()[:32]
