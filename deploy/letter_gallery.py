"""`python -m deploy.letter_gallery FILE`: every letter and page in one page, as its readers see it.

The facts are invented; the variants are those that the rules can make. Nothing is sent and no server is needed.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from html import escape
from itertools import product
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from werkzeug.test import Client

from services.cases.duty_alerts.values import Cause, Rung
from services.cases.notices.calls import NoticeSaid
from services.gateway.pages import PAGES
from services.gateway.service import make
from services.notification.letters.kinds import KINDS
from services.notification.letters.rendering import ALERT, ENROLMENT_LINK, FOLDER, TO_STAFF, Rendered, Renderer
from services.notification.letters.values import AlertFacts, CampaignWords, Facts, LetterKind, Purpose
from services.notification.recipients.values import Person
from shared import vendor_imprint
from shared.calls import Caller
from shared.config import load
from shared.errors import Conflict, Invalid, Locked, NotFound
from shared.terms.texts import LANGUAGES

CLOSED_BY: Final = ("customer", "staff", "contract_terminated")
TOKEN: Final = "Zq3vT0-b1JtPmR7cXyA5uW9kLsE2hGfN4oDi6QeVrSx"  # noqa: S105  # invented
CERTIFICATE: Final = UUID("0192f6c0-0000-7000-8000-0000000000aa")
REFUSALS: Final = (None, NotFound(), Conflict("no"), Locked(), Invalid("no"))
COMPANY: Final = "Fjøsåker Bakeri og Konditori AS"
SAMPLE: Final = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
"""An invented certificate; nobody signed it, and the page is told that it is valid."""

CAMPAIGN: Final = {
    "nb": CampaignWords(
        subject="Fakturaer i tre steg",
        text="Nå kan du lage en faktura i tre steg.\n\nDu finner det under «Fakturaer».",
    ),
    "en": CampaignWords(
        subject="Invoices in three steps",
        text="You can make an invoice in three steps now.\n\nYou find it below “Invoices”.",
    ),
}
"""An invented campaign."""

SHOWN: Final[dict[str, Any]] = {
    "certificate": {
        "certificate_id": str(CERTIFICATE),
        "state": "issued",
        "sequence": 1,
        "document": json.dumps(
            {"certificate": SAMPLE, "format": "vilkar-erasure-certificate/2", "key": "k", "signature": "s"}
        ),
        "hash": None,
        "issued_at": None,
        "verdict": "valid",
        "key": "invented",
        "public_key": "-----BEGIN PUBLIC KEY-----\ninvented\n-----END PUBLIC KEY-----\n",
    },
    "show_preferences": {"optional": ["marketing", "product_news"], "declined": ["product_news"]},
    "describe_link": {
        "kind": "confirmation",
        "standing": "works",
        "company_name": COMPANY,
        "sign_ups": [
            {
                "account_id": str(CERTIFICATE),
                "company_name": COMPANY,
                "signed_up_at": "2026-12-05T08:30:00+00:00",
                "document": "data_processing_agreement",
                "terms_version": "v1",
                "of_letter": True,
            }
        ],
        "needs_acceptance": True,
        "terms_version": "v1",
    },
    "terms_text": {
        "version": "v1",
        "language": "nb",
        "valid_from": "2020-04-26",
        "is_demo": True,
        "sha256": "0" * 64,
        "text": "…",
    },
    "certificates": {"certificates": [], "public_keys": {}, "public_key": "invented"},
    "export_keys": {"keys": [{"key_id": "0" * 16, "public_key": "invented", "used_since": None}]},
}
"""What the services answer to a page that only shows something."""

NOW: Final = datetime(2026, 12, 5, 9, tzinfo=UTC)
DUE: Final = datetime(2027, 3, 5, 9, tzinfo=UTC)
"""When a letter is written: as a rule, and on the day of the erasure, when nobody can ask for a copy any more."""

LONG_NAME: Final = "Kari Annikken Nordmann-Østensjø"
_TURNS: Final = {
    "closed_by": CLOSED_BY,
    "ticket": ("confirmation", "address_change"),
    "company_is_inactive": (True, False),
    "company_is_blocked": (False, True),
    "company_is_bankrupt": (False, True),
    "about_user": (True, False),
    "held ==": (None, "all", "some"),
    "due_on is defined": (True, False),
    "part.copy_for": ("in time", "over"),
    "notice.is_partial": ("complete", "partial", "late follow-up"),
}
"""What else a letter's words may turn on, by the name its text uses."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One letter as it may be written: what is special about it, its reader and its facts."""

    label: str
    person: Person
    facts: Facts
    now: datetime


def notice(how: str) -> NoticeSaid:
    """An invented notice of a breach: all that can be said, almost nothing yet, or more and too late."""
    is_partial, is_late = how == "partial", how == "late follow-up"
    return NoticeSaid(
        reference="V-7K3M-92",
        audience="customers",
        number=2 if is_late else 1,
        attempts=340,
        breaches=1,
        is_partial=is_partial,
        natures=("unauthorised_access",) if is_partial else ("unauthorised_access", "exfiltration"),
        causes=() if is_partial else ("password_guessed",),
        groups=() if is_partial else ("users", "persons_in_content"),
        data=() if is_partial else ("names", "email_addresses", "logins"),
        whereabouts=() if is_partial else ("with_unknown",),
        persons=0 if is_partial else 12,
        records=4000 if is_late else None,
        consequences=() if is_partial else ("phishing", "account_misuse"),
        measures=("sessions_ended", "passwords_reset"),
        advice=() if is_partial else ("change_password", "beware_of_fraud"),
        unknown=("cause", "extent", "persons", "consequences") if is_partial else (),
        occurred_from=None if is_partial else datetime(2026, 12, 4, 1, 10, tzinfo=UTC),
        occurred_to=datetime(2026, 12, 4, 1, 40, tzinfo=UTC) if is_late else None,
        aware_at=datetime(2026, 12, 4, 8, 0, tzinfo=UTC),
        late_reason="facts_not_known" if is_late else None,
    )


def changed_security() -> NoticeSaid:
    """An invented notice of changed security measures."""
    return replace(
        notice("complete"),
        audience="holders",
        natures=("threat_grown", "measure_replaced"),
        causes=("own_monitoring",),
        groups=(),
        data=(),
        whereabouts=(),
        persons=0,
        consequences=("account_misuse",),
        measures=("being_put_right", "measure_planned"),
        advice=(),
    )


def facts(**changes: Any) -> Facts:
    """Invented facts that fit together."""
    values: dict[str, Any] = {
        "certificate_id": CERTIFICATE,
        "case_id": CERTIFICATE,
        "due_on": DUE.date(),
        "backups_expire_on": date(2027, 4, 11),
        "noticed_on": date(2026, 12, 10),
        "notice_ends_on": date(2027, 1, 31),
        "happened_at": datetime(2026, 12, 4, 23, 5, tzinfo=UTC),
        "started_on": date(2027, 2, 1),
        "review_on": date(2027, 5, 1),
        "campaign": CAMPAIGN,
    }
    return Facts(**(values | changes))


def reader(language: str, **changes: Any) -> Person:
    """An invented reader."""
    values: dict[str, Any] = {
        "email": "kari@fjosaker.example",
        "name": LONG_NAME,
        "company_name": COMPANY,
        "language": language,
        "link_token": TOKEN,
        "link_ends_at": datetime(2026, 12, 12, 8, 30, tzinfo=UTC),
        "registered_at": datetime(2026, 12, 5, 8, 30, tzinfo=UTC),
        "terms_version": "v1",
    }
    return Person(**(values | changes))


def variants(kind: LetterKind, language: str) -> Iterator[Variant]:
    """Every way this letter can be written, by what its text turns on."""
    source = (FOLDER / kind.code / f"{language}.txt").read_text(encoding="utf-8")
    turns = [(name, values) for name, values in _TURNS.items() if name in source]
    for cause in kind.causes or (None,):
        for chosen in _combinations(turns):
            if _cannot_be(kind, cause, chosen):
                continue
            without_date = {"due_on": None} if chosen.get("due_on is defined") is False else {}
            label = ", ".join(
                f"{name.partition(' ')[0]}: {value}"
                for name, value in {"cause": cause, **chosen}.items()
                if value is not None
            )
            yield Variant(
                label=label,
                person=reader(
                    language,
                    link_kind=chosen.get("ticket"),
                    closed_by=chosen.get("closed_by"),
                    company_is_inactive=chosen.get("company_is_inactive", False),
                    company_is_blocked=chosen.get("company_is_blocked", False),
                    company_is_bankrupt=chosen.get("company_is_bankrupt", False),
                ),
                facts=facts(
                    cause=cause,
                    about_user=chosen.get("about_user", False),
                    held=chosen.get("held =="),
                    held_because=("gdpr_17_3_b", "gdpr_17_3_e", "gdpr_18") if chosen.get("held ==") else (),
                    notice=_notice_for(kind, chosen),
                    **without_date,
                ),
                now=DUE if chosen.get("part.copy_for") == "over" else NOW,
            )


def _notice_for(kind: LetterKind, chosen: dict[str, Any]) -> NoticeSaid | None:
    if not kind.tells_breach:
        return None
    return changed_security() if kind.code == "security_notice" else notice(chosen["notice.is_partial"])


def _combinations(turns: list[tuple[str, Any]]) -> Iterator[dict[str, Any]]:
    if not turns:
        yield {}
        return
    (name, values), *rest = turns
    for value in values:
        for others in _combinations(rest):
            yield {name: value, **others}


def _cannot_be(kind: LetterKind, cause: str | None, chosen: dict[str, Any]) -> bool:
    """A contract's end closes accounts only, and with that cause; what staff closed is not opened by a link.

    Only an active account is blocked.
    """
    closed_by = chosen.get("closed_by")
    if chosen.get("company_is_blocked") and chosen.get("company_is_inactive"):
        return True
    if (kind.code.startswith("user_") and closed_by == "contract_terminated") or (
        kind.code == "return_by_link" and closed_by == "staff"
    ):
        return True
    return (
        cause is not None
        and closed_by is not None
        and ((cause == "contract_terminated") != (closed_by == "contract_terminated"))
    )


def alerts() -> Iterator[AlertFacts]:
    """Every call to somebody of the staff, by what its text turns on."""
    levels = dict.fromkeys(rung.level for rung in Rung)
    for cause, level, (due_at, others) in product(Cause, levels, ((None, 0), (DUE, 1), (DUE, 12))):
        yield AlertFacts(
            reference="V-7K3M-92",
            kind="incident",
            cause=cause.value,
            level=level,
            due_at=due_at,
            others=others,
            link=f"https://desk.example/cases/{CERTIFICATE}",
        )


def gallery() -> str:
    """The whole page."""
    settings = load({"VILKAR_ENVIRONMENT": "demo", "VILKAR_GATEWAY_PUBLIC_URL": "https://vilkar.example"})
    letters = Renderer(base_url=settings.gateway_public_url, imprint=vendor_imprint.read(settings))
    shown = [_letter(letters, kind, language) for kind in KINDS for language in LANGUAGES]
    shown += [_alerts(letters, language) + _link_back(letters, language) for language in LANGUAGES]
    index = " · ".join(f'<a href="#{code}-nb">{code}</a>' for code in (*(kind.code for kind in KINDS), *TO_STAFF))
    return _PAGE.format(index=index, letters="\n".join(shown), pages=_pages())


DONE: Final[Mapping[str, dict[str, Any]]] = {
    "confirm_email": {"account_id": str(CERTIFICATE), "user_id": str(CERTIFICATE)},
    "reactivate_by_letter": {"account_id": str(CERTIFICATE), "version": 2, "state": "active"},
    "reset_password": {"status": "done"},
    "request_password_reset": {"status": "accepted"},
    "unsubscribe": {"letter_class": "marketing"},
    "decline_classes": {"optional": ["marketing", "product_news"], "declined": ["marketing"]},
}
"""What each button's call is answered with where it succeeds."""


class _Answers(Caller):
    """The services behind the pages, played from a table; every call of a button ends as it is told to."""

    def __init__(self) -> None:
        self.refusal: Exception | None = None
        self.standing = "works"

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        """The answer of the table, or what was told to be refused."""
        del service, timeout_seconds, fields
        if method == "describe_link":
            return SHOWN[method] | {"standing": self.standing}
        if method in SHOWN:
            return SHOWN[method]
        if self.refusal is not None:
            raise self.refusal
        return DONE[method]


def _pages() -> str:
    """Every page of the gateway as a browser gets it, its button pressed with and without success."""
    answers = _Answers()
    browser = Client(make(answers, public_url="https://vilkar.example"))
    shown = []
    for endpoint in PAGES:
        path = re.sub(r"<string:[^>]+>", TOKEN, endpoint.path.replace("<string:code>", "conflict"))
        path = re.sub(r"<uuid:[^>]+>", str(CERTIFICATE), path)
        for refusal in REFUSALS if endpoint.method == "POST" else (None,):
            answers.refusal = refusal
            for language in LANGUAGES:
                answer = browser.open(
                    path, method=endpoint.method, headers={"Accept-Language": language, "Accept": "text/html"}
                )
                if answer.mimetype == "text/html":
                    title = f"{endpoint.method} {endpoint.path} ({language}): {answer.status_code} {refusal or ''}"
                    shown.append(_framed(title, answer.text))
    for path, answers.standing in product(("confirm", "password", "reactivate"), ("inactive", "over")):
        dead = browser.get(f"/{path}/{TOKEN}", headers={"Accept": "text/html"})
        shown.append(_framed(f"GET /{path}, a link that is {answers.standing}: {dead.status_code}", dead.text))
    for language in LANGUAGES:
        lost = browser.get("/no/such/page", headers={"Accept-Language": language, "Accept": "text/html"})
        shown.append(_framed(f"/no/such/page ({language}): {lost.status_code}", lost.text))
    return "\n".join(shown)


def _framed(title: str, html: str) -> str:
    return f'<h3>{escape(title)}</h3><iframe sandbox srcdoc="{escape(html)}" title="{escape(title)}"></iframe>'


def _letter(letters: Renderer, kind: LetterKind, language: str) -> str:
    shown = []
    for variant in variants(kind, language):
        made = letters.render(kind, variant.person, variant.facts, now=variant.now)
        shown.append(_pair(made, variant.label))
    title = f'<h2 id="{kind.code}-{language}">{kind.code} ({language}) <small>{kind.purpose}</small></h2>'
    return title + "".join(shown)


def _alerts(letters: Renderer, language: str) -> str:
    made = [(letters.render_alert(each, language), f"{each.cause}, {each.level}") for each in alerts()]
    title = f'<h2 id="{ALERT}-{language}">{ALERT} ({language}) <small>{Purpose.STAFF_ALERT}</small></h2>'
    return title + "".join(_pair(letter, label) for letter, label in made)


def _link_back(letters: Renderer, language: str) -> str:
    title = f'<h2 id="{ENROLMENT_LINK}-{language}">{ENROLMENT_LINK} ({language})</h2>'
    return title + _pair(letters.render_enrolment_link("https://desk.example/me", language), "recovery")


def _pair(made: Rendered, label: str) -> str:
    return (
        f"<h3>{escape(made.subject)} <small>{escape(label)}</small></h3>"
        f'<div class="pair"><pre>{escape(made.text)}</pre>'
        f'<iframe sandbox srcdoc="{escape(made.html)}" title="{escape(made.subject)}"></iframe></div>'
    )


_PAGE: Final = """<!doctype html>
<html lang="nb"><head><meta charset="utf-8"><title>Letters and pages</title><style>
body {{ font: 15px/1.5 sans-serif; margin: 2rem; background: #f3f1ea; color: #1a1a1a; }}
.pair {{ display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }}
pre {{ background: #fff; padding: 1rem; margin: 0; font: 13px/1.45 monospace; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; }}
iframe {{ border: 0; background: #fff; width: 100%; height: 46rem; }}
small {{ font-weight: normal; color: #595959; }}
</style></head><body><h1>Letters and pages</h1><p>{index} · <a href="#pages">pages</a></p>
{letters}
<h2 id="pages">Pages</h2>
{pages}
</body></html>
"""


def main() -> int:
    """Write the page to the file that is named."""
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(gallery(), encoding="utf-8")
    print(target)  # what the command says
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
