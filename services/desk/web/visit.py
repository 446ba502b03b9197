"""One request of a member of staff: who it is, in which language, and how a page is made for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final, NoReturn, TypeVar
from uuid import UUID

from flask import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from services.desk.client import CALL_SECONDS, Desk
from services.desk.demo_log_in import InventedPeople
from services.desk.sessions import Session
from services.desk.web.approvals_waiting import ApprovalsWaiting
from services.desk.web.assets import Assets
from services.desk.web.csrf import FIELD, is_foreign, token_of
from services.desk.web.navigation import NAVIGATION
from services.desk.web.preferences import language_of, scheme_of
from services.desk.wording import words
from services.staff.people.calls import FORMER
from shared.actor import staff_code
from shared.calls import Call, Caller
from shared.dates_in_words import long_date, short_instant
from shared.errors import Invalid, NotFound
from shared.identifiers import new_id
from shared.records import Record
from shared.terms.texts import LANGUAGES
from shared.version import VERSION

R = TypeVar("R", bound=Record)

SHORT: Final = 8
NOTHING: Final = "\N{EN DASH}"
KEY_FIELD: Final = "idempotency_key"
DONE: Final = "done"
"""What the address of a page says where one comes to it from something that one did."""
DONE_WORDS: Final = MappingProxyType(
    {
        "done": ("Det er gjort.", "It is done."),
        "asked": ("Det er bedt om. Ingenting er gjort ennå.", "It is asked for. Nothing is done yet."),
    }
)

TEMPLATES = Environment(
    loader=PackageLoader("services.desk.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What a page has to work with. `desk` asks services on behalf of whoever has the session.

    `kept` is what stood in the form of this address when it was set aside, where one comes back to it; `is_over`
    says that the browser shows a session which is none any more.
    """

    request: Request
    assets: Assets
    browser: str
    caller: Caller
    session: Session | None
    desk_or_none: Desk | None
    invented_people: InventedPeople | None = None
    approvals_waiting: ApprovalsWaiting | None = None
    kept: MultiDict[str, str] | None = None
    is_over: bool = False
    language: str = field(init=False)

    def __post_init__(self) -> None:
        """Read the language once."""
        object.__setattr__(self, "language", language_of(self.request))

    @property
    def desk(self) -> Desk:
        """The services, for a page that needs a session; no other page has them."""
        if self.desk_or_none is None:
            raise RuntimeError("a page without a session asks no service")
        return self.desk_or_none

    @property
    def token(self) -> str:
        """The secret of the session, for calls about its holder alone."""
        if self.session is None:
            raise RuntimeError("a page without a session has no token")
        return self.session.token

    @property
    def invented_codes(self) -> tuple[str, ...]:
        """As whom one may log in at a demo; nobody anywhere else."""
        return () if self.invented_people is None else self.invented_people.codes

    @property
    def is_invented(self) -> bool:
        """Whether whoever is here is an invented person of a demo, whose passkeys are in software."""
        return self.session is not None and self.session.code in self.invented_codes

    def ask(self, call: Call[R]) -> R:
        """Make a call that brings its own proof of who asks: a session, a link, a code, a passkey."""
        return self.caller.ask(call, timeout_seconds=CALL_SECONDS)

    @property
    def is_filled_in(self) -> bool:
        """Whether a form was sent, now or before the session ended."""
        return self.request.method == "POST" or self.kept is not None

    @property
    def form(self) -> MultiDict[str, str]:
        """What stands in the form that was sent, now or before the session ended."""
        return self.request.form if self.kept is None else self.kept

    def chosen(self, name: str, offered: tuple[str, ...]) -> str:
        """What the address chooses of what is offered, the first where it chooses nothing. Raises `NotFound`."""
        value = self.request.args.get(name, offered[0])
        return value if value in offered else not_found()

    def page(self, template: str, *, status: int = 200, **facts: Any) -> Response:
        """A page from its template; everything put into it is escaped."""
        html = TEMPLATES.get_template(f"{template}.html").render(**self._facts(), **facts)
        return Response(html, status=status, content_type="text/html; charset=utf-8")

    def _facts(self) -> Mapping[str, Any]:
        return {
            "language": self.language,
            "other_language": next(each for each in LANGUAGES if each != self.language),
            "scheme": scheme_of(self.request),
            "session": self.session,
            "path": self.request.full_path.rstrip("?") if self.request.method == "GET" else self.request.path,
            "navigation": NAVIGATION,
            "section": f"/{self.request.path.split('/')[1]}",
            "styles": self.assets.styles,
            "icon": self.assets.icon,
            "passkey_script": self.assets.path_of("passkey.js"),
            "version": VERSION,
            "t": self.say,
            "count": self.count,
            "code": self.code,
            "coded": self.coded,
            "day": self.day,
            "instant": self.instant,
            "person": self.person,
            "signed": self.signed,
            "short": short,
            "ago": self.ago,
            "decimal": self.decimal,
            "is_resumed": self.kept is not None,
            "just_done": self._done(),
            "approvals_waiting": self._approvals_waiting() or 0,
            "form_fields": self.form_fields,
            "form_token": self.form_token,
        }

    def _done(self) -> str | None:
        """What is said of what one just did; nothing where a link of another site says so."""
        if self.request.method != "GET" or is_foreign(self.request):
            return None
        said = DONE_WORDS.get(self.request.args.get(DONE, ""))
        return None if said is None else self.say(*said)

    def _approvals_waiting(self) -> int | None:
        """How many requests wait for whoever is here; None where that is not known."""
        if self.approvals_waiting is None or self.session is None or not self.session.is_complete:
            return None
        return self.approvals_waiting.of(self.session.token)

    def say(self, norwegian: str, english: str, **values: Any) -> str:
        """A sentence in the reader's language; `values` fill its braces and are escaped."""
        chosen = norwegian if self.language == "nb" else english
        return Markup(chosen).format(**values) if values else chosen  # noqa: S704  # our own words, values escaped

    def count(self, number: int, norwegian: tuple[str, str], english: tuple[str, str]) -> str:
        """A sentence about so many; each pair is for one, and for `{n}` of them."""
        return self.say(norwegian[number != 1], english[number != 1], n=number)

    def code(self, kind: str, value: object) -> str:
        """A code of this kind in words; a dash for none."""
        return NOTHING if value is None else words.said(kind, str(value), self.language)

    def coded(self, kind: str, values: tuple[str, ...]) -> list[tuple[str, str]]:
        """Codes of a kind, each with its words."""
        return [(value, self.code(kind, value)) for value in values]

    def decimal(self, number: str) -> str:
        """A number as it is written in the reader's language."""
        return self.say(number.replace(".", ","), number)

    def ago(self, age: str | None) -> str:
        """How old something is, as `spell` says it; a dash for what is not there."""
        return NOTHING if age is None else self.say("{age} gammel", "{age} old", age=age)

    def day(self, value: date | str | None) -> str:
        """A date as it is written in a letter, with its weekday; a dash for none."""
        if value is None:
            return NOTHING
        return long_date(date.fromisoformat(value) if isinstance(value, str) else value, self.language)

    def instant(self, value: datetime | str | None) -> Markup:
        """An instant by the clock in Oslo, with its offset; a dash for none."""
        if value is None:
            return Markup("{}").format(NOTHING)
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
        words = short_instant(at, self.language)
        return Markup('<time datetime="{}">{}</time>').format(at.isoformat(timespec="seconds"), words)

    def person(self, actor: str | None) -> str:
        """Who did something: somebody of staff by their code, a user by the end of the id; a dash for nobody."""
        if actor is None:
            return NOTHING
        if actor in FORMER:
            return self.say("en som har sluttet", "somebody who has left")
        kind, _, named = actor.partition(":")
        if kind == "user":
            return self.say("brukeren {id}", "user {id}", id=short(named))
        return self.say("systemet", "the system") if actor == "system" else staff_code(actor)

    def signed(self, decided_by: str | None, approved_by: str | None) -> str:
        """Who decided something, and who approved it where two persons sign it."""
        by = self.person(decided_by)
        if approved_by is None:
            return by
        other = self.person(approved_by)
        return self.say(f"avgjort av {by}, godkjent av {other}", f"decided by {by}, approved by {other}")

    def form_token(self) -> Markup:
        """The token of this browser, which is all that a form carries which may be sent as often as one likes."""
        return _hidden(FIELD, token_of(self.browser))

    def form_fields(self, key: UUID | None = None) -> Markup:
        """What every form carries: the token of this browser, and a key by which a second press does nothing.

        A form that is shown again keeps its `key`: whether it was done the first time may not be known.
        """
        return self.form_token() + _hidden(KEY_FIELD, key or new_id())

    @property
    def form_key(self) -> UUID:
        """The key of the form that was sent. Raises `Invalid` for a form that brings none."""
        try:
            return UUID(self.form.get(KEY_FIELD, ""))
        except ValueError:
            raise Invalid(details={"fields": {KEY_FIELD: ["missing"]}}) from None


def _hidden(name: str, value: object) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(name, value)


def short(value: UUID | str | None) -> str:
    """The end of an id, which is enough to tell it from others and to say it aloud; a dash for none."""
    return NOTHING if value is None else str(value)[-SHORT:]


def ident(text: str) -> UUID:
    """An id in an address. Raises `NotFound` for what is none: there is no such page."""
    try:
        return UUID(text)
    except ValueError:
        not_found()


def not_found() -> NoReturn:
    """There is nothing at this address."""
    raise NotFound("There is nothing at this address.")
