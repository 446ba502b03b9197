"""Letters: one folder each, with subject, text and page in two languages; no code in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from jinja2 import FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment

from services.notification.rules import plain_name
from services.notification.schemas import Facts, LetterKind, Person
from shared.calendar import OSLO, oslo_date
from shared.errors import Permanent

FOLDER: Final = Path(__file__).with_name("letters")
LANGUAGES: Final = ("nb", "en")
_NORWEGIAN: Final = frozenset({"nb", "nn", "no"})
_SPARE_COMPANY: Final = {"nb": "Virksomheten din", "en": "Your company"}
_MONTHS: Final = {
    "nb": (
        "januar", "februar", "mars", "april", "mai", "juni",
        "juli", "august", "september", "oktober", "november", "desember",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip


class LinkMissing(Permanent):
    """The letter needs a link and account gave no token for it: the ticket is spent."""


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A letter ready to go. Held in memory only."""

    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)


def long_date(day: date, language: str) -> str:
    """A date as it is written in a letter: 5. mars 2027, 5 March 2027."""
    month = _MONTHS[language][day.month - 1]
    return f"{day.day}. {month} {day.year}" if language == "nb" else f"{day.day} {month} {day.year}"


def long_instant(at: datetime, language: str) -> str:
    """An instant by the clock in Oslo, as written in a letter: 5. mars 2027 kl. 14.05, 5 March 2027 at 14:05."""
    day, time = long_date(oslo_date(at), language), at.astimezone(OSLO)
    return f"{day} kl. {time:%H.%M}" if language == "nb" else f"{day} at {time:%H:%M}"


def language_of(tag: str) -> str:
    """The language a letter is written in for someone who prefers `tag`: Norwegian or else English."""
    return "nb" if tag.partition("-")[0].lower() in _NORWEGIAN else "en"


def link_of(kind: LetterKind, base_url: str, person: Person, facts: Facts) -> str | None:
    """The address the letter leads to. Raises `LinkMissing` where its token or number is not there."""
    if kind.link is None:
        return None
    page = f"{base_url.rstrip('/')}/{kind.link}"
    if kind.farewell:
        if facts.certificate_id is None:
            raise LinkMissing("the farewell letter has no certificate")
        return f"{page}/{facts.certificate_id}"
    if not kind.with_token:
        return page
    if not person.link_token:
        raise LinkMissing("the ticket of this letter is spent")
    return f"{page}/{quote(person.link_token, safe='')}"


def _dates(facts: Facts, language: str) -> dict[str, str | None]:
    days = {
        "due_on": facts.due_on,
        "backups_expire_on": facts.backups_expire_on,
        "noticed_on": facts.noticed_on,
        "notice_ends_on": facts.notice_ends_on,
    }
    return {name: long_date(day, language) if day else None for name, day in days.items()}


class Letters:
    """Renders letters. Templates are checked: a variable that is not there is an error, not a gap."""

    def __init__(self, *, base_url: str, contact: str) -> None:
        """`base_url` is where the gateway is reached; `contact` the address for questions."""
        self._base_url = base_url
        self._contact = contact
        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(FOLDER),
            autoescape=select_autoescape(["html"], default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, kind: LetterKind, person: Person, facts: Facts) -> Rendered:
        """The letter to `person` in the person's language.

        Raises `LinkMissing`, or Jinja's `UndefinedError` for a letter whose event lacked a fact it tells.
        """
        language = language_of(person.language)
        values = self._values(kind, person, facts, language)
        folder = f"{kind.code}/{language}"
        subject = " ".join(self._fill(f"{folder}/subject.txt", values).split())
        return Rendered(
            subject=subject,
            text=self._fill(f"{folder}/body.txt", values),
            html=self._fill(f"{folder}/body.html", {**values, "subject": subject}),
        )

    def _values(self, kind: LetterKind, person: Person, facts: Facts, language: str) -> dict[str, Any]:
        """What a template may use; absent facts are left out, so that using one is an error."""
        possible = {
            "name": plain_name(person.name),
            "company": plain_name(person.company_name, spare=_SPARE_COMPANY[language]),
            "contact": self._contact,
            "link": link_of(kind, self._base_url, person, facts),
            "certificate_id": facts.certificate_id,
            "happened_at": long_instant(facts.happened_at, language) if facts.happened_at else None,
            **_dates(facts, language),
        }
        return {key: value for key, value in possible.items() if value is not None}

    def _fill(self, template: str, values: dict[str, Any]) -> str:
        return self._environment.get_template(template).render(values)
