"""Every version of the agreement, what changed between two of them, and what one's own company has accepted."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final, NamedTuple

from flask import Response

from services.account.agreements.calls import TermsText, TermsVersions
from services.account.companies.calls import GetAccount
from services.gateway.web.visit import Visit
from shared.web.visit import not_found

AROUND: Final = 1
"""So many lines that did not change are shown on either side of a change."""


class Change(NamedTuple):
    """A stretch of the text that differs: its lines before and after, and those around it."""

    above: tuple[str, ...]
    removed: tuple[str, ...]
    added: tuple[str, ...]
    below: tuple[str, ...]


def show(visit: Visit) -> Response:
    """All versions; with two of them in the address what changed from one to the other."""
    shown = visit.ask(TermsVersions())
    known, before, after = {each.version for each in shown.versions}, *map(visit.request.args.get, ("from", "to"))
    if not {before, after} - {None} <= known:
        not_found()
    changes = tuple(_changes(_text(visit, before), _text(visit, after))) if before and after else None
    own = None
    if visit.session_or_none is not None:
        own = visit.ask(GetAccount.from_json(visit.mine)).agreement
    words = {each.sha256: each.text for each in shown.sentences}
    return visit.page(
        "agreement", versions=shown.versions, before=before, after=after, changes=changes, own=own, words=words
    )


def _text(visit: Visit, version: str) -> list[str]:
    return visit.ask(TermsText(version=version, language=visit.language)).text.splitlines()


def _changes(before: list[str], after: list[str]) -> Iterator[Change]:
    for tag, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            yield Change(
                above=tuple(before[max(0, start - AROUND) : start]),
                removed=tuple(before[start:end]),
                added=tuple(after[new_start:new_end]),
                below=tuple(before[end : end + AROUND]),
            )
