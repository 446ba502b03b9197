"""The exact texts of the terms, in each language: data of an installation, kept in a folder of versions.

    <folder>/<version>/version.json     {"valid_from": "2026-11-01", "is_demo": false}
    <folder>/<version>/nb.txt, en.txt   the text, byte for byte what a customer is shown and accepts

A version is never changed: another text is another version. The folder shipped here holds a sample of our own
words, which production refuses. The sentences that a customer confirms at sign-up stand here too.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

LANGUAGES: Final = ("nb", "en")
DEMO: Final = Path(__file__).parent / "demo_texts"
NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,30}")
TEXT_LIMIT_BYTES: Final = 512 * 1024

SENTENCES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "authority": MappingProxyType(
            {
                "nb": "Jeg har rett til å inngå avtalen for virksomheten.",
                "en": "I have the right to conclude the agreement for the company.",
            }
        ),
        "necessary_data": MappingProxyType(
            {"nb": "Nødvendige opplysninger er gitt.", "en": "The necessary information has been given."}
        ),
        "accurate_data": MappingProxyType(
            {"nb": "De er riktige og holdes oppdatert.", "en": "It is correct and is kept up to date."}
        ),
        "users_informed": MappingProxyType(
            {
                "nb": "Brukerne er informert om avtalen, og blir det om endringer.",
                "en": "The users have been informed of the agreement, and will be of changes.",
            }
        ),
    }
)
"""What the customer confirms, in the words that are shown. Another wording has another digest."""


class TermsTextError(RuntimeError):
    """The folder of texts cannot be used; the message says what is missing and names no value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsVersion:
    """One version of the terms: from which day it is offered, and its text in each language."""

    version: str
    valid_from: date
    is_demo: bool
    texts: Mapping[str, str]

    def sha256(self, language: str) -> str:
        """The digest of the exact text in a language."""
        return digest(self.texts[language])

    def language_of(self, sha256: str | None) -> str | None:
        """The language of the text with this digest; None where none of this version has it."""
        return next((language for language in self.texts if self.sha256(language) == sha256), None)


@dataclass(frozen=True, slots=True)
class TermsTexts:
    """All versions that are held, the oldest first."""

    versions: tuple[TermsVersion, ...]

    def in_force(self, today: date) -> TermsVersion:
        """The version that is offered on a day. Raises `TermsTextError` where none is yet."""
        begun = [each for each in self.versions if each.valid_from <= today]
        if not begun:
            raise TermsTextError("no version of the terms is in force yet")
        return max(begun, key=lambda each: each.valid_from)

    def find(self, version: str) -> TermsVersion | None:
        """A version by its name; None where it is not held."""
        return next((each for each in self.versions if each.version == version), None)


def digest(text: str) -> str:
    """The digest by which a text or a sentence is known."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def shown_sentences(language: str) -> list[dict[str, str]]:
    """The sentences that a customer is shown in a language, by id and digest."""
    return [
        {"id": name, "language": language, "sha256": digest(words[language])} for name, words in SENTENCES.items()
    ]


def load(folder: Path, *, allow_demo: bool) -> TermsTexts:
    """Read all versions. Raises `TermsTextError` for a folder without any, an incomplete one, or a sample."""
    folders = sorted((each for each in folder.glob("*") if each.is_dir()), key=lambda each: each.name)
    versions = [_version(each) for each in folders]
    if not versions:
        raise TermsTextError("there is no version of the terms in the folder VILKAR_TERMS_DIR")
    if not allow_demo and any(each.is_demo for each in versions):
        raise TermsTextError("the terms are the sample text: put your own into the folder VILKAR_TERMS_DIR")
    days = [each.valid_from for each in versions]
    if len(set(days)) != len(days):
        raise TermsTextError("two versions of the terms begin on the same day")
    return TermsTexts(tuple(sorted(versions, key=lambda each: each.valid_from)))


def _version(folder: Path) -> TermsVersion:
    if not NAME.fullmatch(folder.name):
        raise TermsTextError("the name of a version is small letters, digits, dots and hyphens")
    try:
        described: dict[str, Any] = json.loads((folder / "version.json").read_text(encoding="utf-8"))
        valid_from = date.fromisoformat(described["valid_from"])
        texts = {language: (folder / f"{language}.txt").read_bytes() for language in LANGUAGES}
        plain = {language: text.decode("utf-8") for language, text in texts.items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TermsTextError(
            f"version {folder.name} of the terms is not complete: {type(error).__name__}"
        ) from None
    if any(not text.strip() or len(texts[language]) > TEXT_LIMIT_BYTES for language, text in plain.items()):
        raise TermsTextError(f"a text of version {folder.name} of the terms is empty or too long")
    return TermsVersion(
        version=folder.name,
        valid_from=valid_from,
        is_demo=bool(described.get("is_demo", False)),
        texts=MappingProxyType(plain),
    )
