"""Rendering: each letter has a folder in `templates/` with a text in two languages; the page is made from the text.

The first line of a text is the subject; blank lines part paragraphs. A page says the same as its plain text,
because both are filled from one source: only links look different.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote, urlsplit

from jinja2 import FunctionLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from services.notification.letters.figures import FIGURES, number_word
from services.notification.letters.notice_words import in_words
from services.notification.letters.rules import copy_by, plain_name
from services.notification.letters.values import AlertFacts, Facts, LetterKind
from services.notification.recipients.values import Person
from shared.calendar import oslo_date
from shared.case_references import reference_of
from shared.dates_in_words import long_date, long_instant
from shared.errors import Permanent
from shared.vendor_imprint import Imprint
from shared.words import Words, said

FOLDER: Final = Path(__file__).with_name("templates")
_NORWEGIAN: Final = frozenset({"nb", "nn", "no"})
_SPARE_COMPANY: Final = {"nb": "virksomheten din", "en": "your company"}
_LOOKS: Final = "color:#1a1a1a;font:16px/1.5 Arial,Helvetica,sans-serif"
_SMALL: Final = "color:#595959;font-size:14px;border-top:1px solid #d0d0d0;padding-top:12px;margin:24px 0 0"
ALERT: Final = "duty_alert"
ENROLMENT_LINK: Final = "enrolment_link"
TO_STAFF: Final = (ALERT, ENROLMENT_LINK)
"""Letters to people of the staff, who are no users."""
CASE_KINDS: Final[Words] = MappingProxyType(
    {
        "alarm": ("alarm", "alarm"),
        "incident": ("hendelse", "incident"),
        "breach_controller": ("brudd", "breach"),
        "breach_processor": ("brudd", "breach"),
        "contact_failure": ("noen som ikke er nådd", "somebody who was not reached"),
        "nonconformity": ("avvik", "deviation"),
        "dispute": ("uenighet med en kunde", "disagreement with a customer"),
        "rights_request": ("krav fra en person", "request of a person"),
        "forwarded_request": ("krav som er sendt videre", "request that was passed on"),
        "complaint": ("klage", "complaint"),
        "enquiry": ("spørsmål fra en person", "enquiry of a person"),
        "marketing_objection": ("protest mot markedsføring", "objection to marketing"),
        "security_notice": ("varsel om endret sikkerhet", "notice of changed security"),
        "other": ("et nytt slag", "of a new kind"),
    }
)
"""What a letter to staff calls each kind of case; cases may know one more, for it may be newer."""
SIGNATURE_MARK: Final = "-- "
"""The line before a signature; programs that know it leave out of an answer what follows."""


class LinkMissing(Permanent):
    """The letter needs a link and account gave no token for it: the ticket is spent."""


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A letter ready to go. Held in memory only."""

    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)


def sources_of(folder: str) -> dict[str, str]:
    """The texts of a letter, or of what every letter has (`frame`, `parts`), by language, as they were written."""
    files = sorted((FOLDER / folder).glob("*.txt"))
    return {path.stem: path.read_text(encoding="utf-8") for path in files}


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


def dates_of(facts: Facts, language: str, now: datetime) -> dict[str, str]:
    """Dates and instants as a letter writes them: those of the event, and those reckoned from the date of erasure.

    `copy_by` is there while it is ahead.
    """

    def written(at: date) -> str:
        return long_instant(at, language) if isinstance(at, datetime) else long_date(at, language)

    possible: dict[str, Any] = dict(vars(facts))
    if facts.due_on:
        possible["erased_by"] = facts.due_on + timedelta(days=FIGURES.completion_days)
        possible["copy_by"] = copy_by(facts.due_on, now)
    return {name: written(at) for name, at in possible.items() if isinstance(at, date)}


class Renderer:
    """Renders letters. Texts are checked: a variable that is not there is an error, not a gap."""

    def __init__(self, *, base_url: str, imprint: Imprint) -> None:
        """`base_url` is where the gateway is reached; `imprint` says who sends the letters."""
        self._base_url = base_url
        self._imprint = imprint
        self._plain = _environment(autoescape=False)
        self._page = _environment(autoescape=True)

    def render(self, kind: LetterKind, person: Person, facts: Facts, *, now: datetime) -> Rendered:
        """The letter to `person` in the person's language, true at `now`.

        Raises `LinkMissing`, or Jinja's `UndefinedError` for a letter whose event lacked a fact it tells.
        """
        language = language_of(person.language)
        link = link_of(kind, self._base_url, person, facts)
        return self._rendered(kind.code, language, link, self._values(person, facts, language, now))

    def render_alert(self, facts: AlertFacts, language: str) -> Rendered:
        """The letter to somebody of the staff who is called to a case."""
        due_at = long_instant(facts.due_at, language) if facts.due_at else ""
        kind = said(CASE_KINDS, facts.kind if facts.kind in CASE_KINDS else "other", language)
        values = {
            **vars(facts),
            "due_at": due_at,
            "kind": kind,
        }
        return self._to_staff(ALERT, language, facts.link, values)

    def render_enrolment_link(self, link: str, language: str) -> Rendered:
        """The letter to somebody of the staff for whom a colleague has made a link to enrol passkeys by."""
        return self._to_staff(ENROLMENT_LINK, language, link, {})

    def _to_staff(self, code: str, language: str, link: str, values: dict[str, Any]) -> Rendered:
        return self._rendered(
            code, language, link, values | {"name": "", "vendor": self._imprint, "of_staff": True}
        )

    def _rendered(self, code: str, language: str, link: str | None, values: dict[str, Any]) -> Rendered:
        title = " ".join(self._plain.get_template(f"subject/{code}/{language}").render(values).split())
        plain, linked = _plain_links(link, self._imprint), _page_links(link, self._imprint)
        text = _fill(self._plain, code, language, values | plain)
        page = _fill(self._page, code, language, values | linked)
        return Rendered(subject=title, text=text, html=_page_of(page, title, language))

    def _values(self, person: Person, facts: Facts, language: str, now: datetime) -> dict[str, Any]:
        """What a text may use; absent facts are left out, so that using one is an error."""
        ends_at, registered_at = person.link_ends_at, person.registered_at
        possible = {
            "name": plain_name(person.name),
            "of_staff": False,
            "company": plain_name(person.company_name, spare=_SPARE_COMPANY[language]),
            "vendor": self._imprint,
            "figures": FIGURES,
            "word": lambda number: number_word(number, language),
            "certificate_id": facts.certificate_id,
            "reference": reference_of(facts.case_id) if facts.case_id else None,
            "cause": facts.cause or "",
            "held": facts.held or "",
            "held_because": facts.held_because,
            "ticket": person.link_kind or "",
            "closed_by": person.closed_by or "",
            "about_user": facts.about_user,
            "takes_replies": person.reply_name is not None,
            "company_is_inactive": person.company_is_inactive,
            "copy_is_over": copy_by(facts.due_on, now) is None if facts.due_on else None,
            "company_is_blocked": person.company_is_blocked,
            "company_is_bankrupt": person.company_is_bankrupt,
            "terms_version": person.terms_version,
            "registered_on": long_date(oslo_date(registered_at), language) if registered_at else None,
            "link_ends_at": long_instant(ends_at, language) if ends_at else None,
            "campaign": facts.campaign[language] if facts.campaign else None,
            "notice": in_words(facts.notice, language) if facts.notice else None,
            **dates_of(facts, language, now),
        }
        return {key: value for key, value in possible.items() if value is not None}


def _fill(environment: ImmutableSandboxedEnvironment, code: str, language: str, values: dict[str, Any]) -> str:
    letter = environment.get_template(f"letter/{code}/{language}").render(values).strip()
    body = Markup(letter) if environment.autoescape else letter  # noqa: S704  # escaped while it was filled
    frame = environment.get_template(f"frame/{language}")
    filled = frame.render({**values, "letter": body, "mark": SIGNATURE_MARK})
    return re.sub(r"\n{3,}", "\n\n", filled).strip() + "\n"


def _source(name: str) -> str:
    """The source of a template: a file of the folder, or a letter's subject or body, which share one."""
    part, _, path = name.partition("/")
    if part not in ("subject", "letter"):
        return (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    language = path.rpartition("/")[2]
    subject, _, body = (FOLDER / f"{path}.txt").read_text(encoding="utf-8").partition("\n")
    return subject if part == "subject" else f"{{% import 'parts/{language}' as part with context %}}{body}"


def _environment(*, autoescape: bool) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=FunctionLoader(_source),
        auto_reload=False,
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _plain_links(link: str | None, imprint: Imprint) -> dict[str, Any]:
    return {
        "action": _once(link, lambda _words, url: url),
        "contact": imprint.contact,
        "phone": imprint.phone,
        "statement": imprint.privacy_url,
    }


def _page_links(link: str | None, imprint: Imprint) -> dict[str, Any]:
    """Links of a page: words to click on, and the host they lead to; a token is not for reading."""
    return {
        "action": _once(link, lambda words, url: _anchor(url, words) + Markup("<br>") + urlsplit(url).netloc),
        "contact": _anchor(f"mailto:{imprint.contact}", imprint.contact),
        "phone": _anchor(f"tel:{''.join(imprint.phone.split())}", imprint.phone),
        "statement": _anchor(imprint.privacy_url, urlsplit(imprint.privacy_url).netloc),
    }


def _once(link: str | None, shown: Callable[[str, str], str]) -> Callable[[str], str]:
    def action(words: str) -> str:
        if link is None:
            raise LinkMissing("the letter leads nowhere")
        return shown(words, link)

    return action


def _anchor(url: str, words: str) -> Markup:
    return Markup('<a href="{}" style="color:#14532d">{}</a>').format(url, words)


def _page_of(filled: str, title: str, language: str) -> str:
    """The page of a letter; language and looks stand inside too, since some programs drop the outer tags."""
    paragraphs = []
    for paragraph in filled.strip().split("\n\n"):
        mark, _, signature = paragraph.partition("\n")
        if mark == SIGNATURE_MARK:
            paragraphs.append(f'<p style="{_SMALL}">{_lines(signature)}</p>')
        else:
            paragraphs.append(f"<p>{_lines(paragraph)}</p>")
    body = "\n".join(paragraphs)
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n</head>\n"
        f'<body lang="{language}" style="margin:0;padding:24px;background:#ffffff;{_LOOKS}">\n'
        f'<div lang="{language}" style="max-width:38em;{_LOOKS}">\n{body}\n</div>\n</body>\n</html>\n'
    )


def _lines(paragraph: str) -> str:
    return paragraph.strip().replace("\n", "<br>\n")
