"""Searching units and following the feed of updates, page by page, as HAL documents."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from sandbox.store import Document

DEFAULT_SIZE: Final = 20
MAX_WINDOW: Final = 10_000
_FLAGS: Final = ("konkurs", "registrertIMvaregisteret", "underAvvikling")
_PLAIN: Final = ("organisasjonsform", "overordnetEnhet", "postadresse.kommunenummer",
                 "forretningsadresse.kommunenummer")  # fmt: skip
_OTHER: Final = ("navn", "organisasjonsnummer", "page", "size", "sort")


class BadSearchError(ValueError):
    """A parameter cannot be understood; the register answers 400."""

    def __init__(self, message: str, parameter: str) -> None:
        """`parameter` is the name of the wrong one."""
        super().__init__(message)
        self.parameter = parameter


def search(units: list[Document], args: MultiDict[str, str], here: str, name: str) -> Document:
    """The page of `units` that `args` asks for; an empty one has no `_embedded`."""
    for parameter in args:
        if parameter not in (*_FLAGS, *_PLAIN, *_OTHER):
            raise BadSearchError(f"{parameter} er ikke et gyldig parameter", parameter)
    matching = [unit for unit in units if _meets(unit, args)]
    key, _, direction = args.get("sort", "organisasjonsnummer").partition(",")
    if key not in ("organisasjonsnummer", "navn"):
        raise BadSearchError(f"Sortering på {key} er ikke mulig", "sort")
    matching.sort(key=lambda unit: str(unit[key]), reverse=direction.lower() == "desc")
    return _hal(matching, args, here, name)


def updates(feed: list[Document], args: MultiDict[str, str], base: str) -> Document:
    """The page of updates from an instant or from a number on, that number included."""
    entries = feed
    if args.get("dato"):
        since = _instant(args["dato"])
        entries = [entry for entry in feed if _instant(entry["dato"]) >= since]
    if args.get("oppdateringsid"):
        first = _number(args, "oppdateringsid", 0)
        entries = [entry for entry in entries if entry["oppdateringsid"] >= first]
    with_changes = args.get("includeChanges", "false").lower() == "true"
    shown = []
    for entry in entries:
        link = {"enhet": {"href": f"{base}/enheter/{entry['organisasjonsnummer']}"}}
        shown_fields = {name: value for name, value in entry.items() if name != "endringer" or with_changes}
        shown.append({**shown_fields, "_links": link})
    return _hal(shown, args, f"{base}/oppdateringer/enheter", "oppdaterteEnheter")


def _meets(unit: Document, args: MultiDict[str, str]) -> bool:
    words = args.get("navn", "").casefold().split()
    numbers = [number.strip() for number in args.get("organisasjonsnummer", "").split(",") if number.strip()]
    if not all(number.isdecimal() for number in numbers):
        raise BadSearchError("Organisasjonsnummer må bestå av siffer", "organisasjonsnummer")
    if not all(word in unit["navn"].casefold() for word in words):
        return False
    if numbers and unit["organisasjonsnummer"] not in numbers:
        return False
    for parameter in _PLAIN:
        wanted = args.get(parameter)
        if wanted and _value(unit, parameter) not in wanted.split(","):
            return False
    return all(_flag(args, name) in (None, unit.get(name, False)) for name in _FLAGS)


def _value(unit: Document, parameter: str) -> Any:
    if parameter == "organisasjonsform":
        return unit["organisasjonsform"]["kode"]
    first, _, rest = parameter.partition(".")
    return unit.get(first, {}).get(rest) if rest else unit.get(first)


def _flag(args: MultiDict[str, str], name: str) -> bool | None:
    text = args.get(name)
    if text is None:
        return None
    if text not in ("true", "false"):
        raise BadSearchError(f"{name} må være true eller false", name)
    return text == "true"


def _number(args: MultiDict[str, str], name: str, default: int) -> int:
    text = args.get(name, str(default))
    if not text.isdecimal():
        raise BadSearchError(f"{name} må være et heltall", name)
    return int(text)


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise BadSearchError("dato må være på formen 2026-09-01T00:00:00.000Z", "dato")
    return at


def _hal(found: list[Document], args: MultiDict[str, str], here: str, name: str) -> Document:
    page, size = _number(args, "page", 0), _number(args, "size", DEFAULT_SIZE)
    if size == 0 or (page + 1) * size > MAX_WINDOW:
        raise BadSearchError(f"(page + 1) * size kan ikke være større enn {MAX_WINDOW}", "size")
    pages = -(-len(found) // size)
    asked = {key: value for key, value in args.items() if key not in ("page", "size")}
    shown = found[page * size : (page + 1) * size]
    links = {"self": {"href": f"{here}?{urlencode(asked)}" if asked else here}}
    steps = {"first": 0, "prev": page - 1, "next": page + 1, "last": pages - 1}
    if pages > 1:
        for step, number in steps.items():
            if 0 <= number < pages:
                links[step] = {"href": f"{here}?{urlencode({**asked, 'page': number, 'size': size})}"}
    body: Document = {
        "_links": links,
        "page": {"size": size, "totalElements": len(found), "totalPages": pages, "number": page},
    }
    return {"_embedded": {name: shown}, **body} if shown else body
