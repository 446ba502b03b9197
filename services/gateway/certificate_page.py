"""A certificate of erasure as a lawyer reads it: its codes in words, in Norwegian and English."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from shared import words
from shared.calendar import oslo_date
from shared.dates_in_words import long_date
from shared.words import said


def facts(shown: Mapping[str, Any], language: str) -> dict[str, Any]:
    """What the page shows of a certificate that retention has just verified, in the reader's language.

    A certificate of the first format has one list of what stays; it is told apart here by whether it has an end.
    """
    body = json.loads(shown["document"])["certificate"]
    held = [each for each in body.get("retained", []) if each["until"] is None]
    by_law = [each for each in body.get("retained", []) if each["until"] is not None]
    return {
        "verdict": said(words.VERDICTS, shown["verdict"], language),
        "is_valid": shown["verdict"] == "valid",
        "kind": said(words.CERTIFICATE, body["kind"], language),
        "trigger": said(words.CERTIFICATE, body["trigger"], language),
        "trigger_date": day(body["trigger_date"], language),
        "due_on": day(body["due_on"], language),
        "executed_on": day(oslo_date(datetime.fromisoformat(body["executed_at"])).isoformat(), language),
        "erased": [_store(each, language) for each in body.get("erased", body.get("stores", []))],
        "kept_by_law": [_kept(each, language) for each in body.get("kept_by_law", by_law)],
        "held_back": [_held(each, language) for each in body.get("held_back", held)],
        "recipients": [
            (said(words.CERTIFICATE, name, language), said(words.CERTIFICATE, state, language))
            for name, state in body["recipients"].items()
        ],
        "backups_expire_on": day(body["backups_expire_on"], language),
        "key_copies_expire_on": day(body["key_copies_expire_on"], language)
        if "key_copies_expire_on" in body
        else None,
        "keys_destroyed": said(words.CERTIFICATE, str(body["keys_destroyed"]), language),
        "roles": ", ".join(said(words.CERTIFICATE, each, language) for each in body["roles"]),
        "numbers": {name: body[name] for name in ("certificate_id", "reference", "sequence", "software_version")},
        "completes": body.get("completes"),
    }


def day(text: str, language: str) -> str:
    """A date as one writes it in a letter."""
    return long_date(date.fromisoformat(text), language)


def _store(store: Mapping[str, Any], language: str) -> dict[str, Any]:
    counts = {
        said(words.COUNTS, kind, language): said(words.CERTIFICATE, str(count), language)
        for kind, count in store["counts"].items()
    }
    return {
        "name": said(words.STORES, store["store"], language),
        "method": said(words.CERTIFICATE, store["method"], language),
        "counts": counts,
    }


def _kept(entry: Mapping[str, Any], language: str) -> dict[str, str]:
    return {
        "what": said(words.CERTIFICATE, entry["category"], language),
        "why": said(words.CERTIFICATE, entry["basis"], language),
        "until": day(entry["until"], language),
    }


def _held(held: Mapping[str, Any], language: str) -> dict[str, str | None]:
    whose = {"persons": "persons", "account": "of_account"}.get(held.get("of", ""))
    return {
        "what": said(words.CERTIFICATE, held["category"], language),
        "whose": said(words.CERTIFICATE, whose, language) if whose else None,
        "why": said(words.CERTIFICATE, held["basis"], language),
        "review_on": day(held["review_on"], language) if held.get("review_on") else None,
    }
