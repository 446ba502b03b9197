"""Forms for what staff do: each kind is declared, and everything else of it follows from its call.

    PLACE_HOLD = ActForm(
        name="place-hold",
        call=PlaceHold,
        title=("Sett et tilbakehold", "Place a hold"),
        …
        about=("account_id",),
        fields=(ActField(name="reason", label=("Grunn", "Why"), words="hold_reason"), …),
        then="/holds/{hold_id}",
        key="hold_id",
    )

What a field takes (one code of several, a day, a person, a number) is read from the call, so that a form offers
what the service takes, and nothing else. An act that takes two persons is asked for instead of done: it waits for
the approval of another person, just as it was sent. The kinds are listed in `services.desk.web.acts.table`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

import marshmallow as ma
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from services.desk.call_codes import codes_of
from services.desk.client import Answer, Together
from services.desk.web import names
from services.desk.web.visit import Visit
from services.desk.wording import refusals
from shared.actor import Actor, StaffField, staff_actor, staff_code
from shared.calendar import OSLO
from shared.calls import Call
from shared.errors import Conflict, Invalid, NotFound, Refused
from shared.field_limits import LINE_LIMIT
from shared.input_guard import FREE_TEXT
from shared.records import schema_of
from shared.staff import Act, Role, act_name
from shared.system import SERVICES
from shared.web.visit import ident, short

Said = tuple[str, str]
"""A sentence in Norwegian and in English."""
Values = Mapping[str, Any]
"""What stands in a form, by field: a text, or several for what takes several."""
Looked = Mapping[str, Any]
"""What services have answered to what a form looks at, by the name that the form gives it."""

ACTOR: Final = "actor"
SERVICE: Final = "service"
FILLED_IN: Final = "filled_in"
"""By which what a form looked at has what stands in it."""
PURPOSE: Final = "purpose"
"""What a form says that asks for it, beside the fields of its call."""


class Asks(StrEnum):
    """Of what it is asked why: of looking at one customer, at several, or at a record; or of doing something."""

    CUSTOMER = "customer"
    CUSTOMERS = "customers"
    RECORD = "record"
    ACT = "act"


CUSTOMER_PAGE: Final = "/customers/{account_id}"
"""Where most forms about a customer go on to: a list of all is refused to whoever may act for some only."""
LONGEST: Final = 4000
LONGEST_LIST: Final = 20_000
"""Room for more addresses, or a longer text, than any call takes: what is too much is refused, not cut."""
TICKED: Final = "yes"
LACKING: Final = ("Fyll ut «{label}».", "Fill in “{label}”.")
MAY_BE_EMPTY: Final = ("kan stå tomt", "may be left empty")
WRONG: Final = ("Dette er ikke riktig.", "This is not right.")
CONFLICT: Final = (
    "Det gikk ikke: det er ikke lenger slik det var da du åpnet skjemaet. Se etter, og prøv på nytt.",
    "This could not be done: it is no longer as it was when you opened the form. Look again, and try again.",
)
ANOTHER_APPROVES: Final = (
    "En annen må godkjenne det med adgangsnøkkelen sin.",
    "Another person has to approve it with a passkey.",
)


class Widget(StrEnum):
    """What a field of a form is."""

    ONE = "one"
    SEVERAL = "several"
    DAY = "day"
    INSTANT = "instant"
    """By the clock in Oslo, to the minute."""
    PERSON = "person"
    NUMBER = "number"
    FLAG = "flag"
    IDS = "ids"
    """Several ids in one line, or the addresses of their pages."""
    TEXT = "text"
    LONG = "long"
    """Lines of text, as somebody writes to somebody."""


@dataclass(frozen=True, kw_only=True)
class ActField:
    """A field of a call that whoever acts fills in.

    `hint` says what it takes, and is said again where something else stands in it; `words` names the table with the
    words of its codes. `begins` is what stands in it at first, `offers` what can be chosen where the call names no
    codes: values, each with its words. Of a field that the call leaves open, `needed` says whether it must be
    filled in as things stand, and `empty_where` when it may stand empty, where that is not always. `has_place` says
    whether the form has it at all as things stand. `empty_means` is
    what is asked for where nothing stands in it, said to whoever approves it; without one nothing is said.
    """

    name: str
    label: Said
    hint: Said | None = None
    words: str | None = None
    begins: Callable[[Visit], str] | None = None
    offers: Callable[[Visit, Looked], Sequence[tuple[str, str]]] | None = None
    needed: Callable[[Visit, Looked], bool] | None = None
    empty_where: Said | None = None
    empty_means: Said | None = None
    has_place: Callable[[Visit, Looked], bool] | None = None


@dataclass(frozen=True, kw_only=True)
class ActForm:
    """One kind of act.

    `about` are the fields of the call that the address gives: what it is done to, and the version that was seen.
    `then` is the address to go on to, with fields of call, reply and `beside` in braces, and `key` the field of the
    call that takes the key of the form, so that what is sent twice is one. `looks` asks services for what the form
    shows, all at once, for which the address may give some more than `about`: `beside`. `foresee` says in numbers
    what will happen, to whoever approves it as well where `tells_approver`. `is_done` says whether what a service
    refused with `Conflict` is done already, by the same form sent twice.
    """

    name: str
    call: type[Call[Any]]
    title: Said
    says: Said
    question: Said
    button: Said
    about: tuple[str, ...]
    fields: tuple[ActField, ...]
    then: str
    key: str | None = None
    conflict: Said = CONFLICT
    is_destructive: bool = False
    finds: Asks | None = None
    """What it looks at where that is of customers whom nobody has named."""
    beside: tuple[str, ...] = ()
    looks: Callable[[Visit, Values, Together], Mapping[str, Answer[Any]]] | None = None
    foresee: Callable[[Visit, Looked], Sequence[str]] | None = None
    tells_approver: bool = False
    is_done: Callable[[Visit, Call[Any]], bool] | None = None
    labels: Mapping[str, Said] = field(default_factory=dict)
    """Names of fields that nobody fills in, where what is asked for is shown."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Which table has the words of the codes in them, by field."""
    then_of: Callable[[Mapping[str, Any]], str | None] | None = None
    """Where to go on to instead of `then`, by the reply."""

    def __post_init__(self) -> None:
        """Raise `TypeError` for a form whose call has no such field, or that lacks one which the call needs."""
        known = schema_of(self.call).fields
        named = {*self.about_of_call, *(each.name for each in self.fields), *([self.key] if self.key else [])}
        if unknown := named - known.keys():
            raise TypeError(f"the form {self.name} has fields that its call has not: {sorted(unknown)}")
        needed = {name for name, each in known.items() if each.required} - {ACTOR}
        if lacking := needed - named:
            raise TypeError(f"the form {self.name} lacks fields that its call needs: {sorted(lacking)}")
        if not isinstance(self.call.staff, Act):
            raise TypeError(f"the form {self.name} is for no act of staff")
        if self.tells_approver and not (self.takes_two and self.foresee):
            raise TypeError(f"the form {self.name} has nothing to tell whoever approves it")
        if self.asks_purpose and PURPOSE in named:
            raise TypeError(f"the form {self.name} has a field that is called as what one looks for")

    @property
    def about_of_call(self) -> tuple[str, ...]:
        """Those of `about` that are fields of the call: for what every service answers, the service is none."""
        return tuple(name for name in self.about if name != SERVICE or self.call.service)

    @property
    def given(self) -> tuple[str, ...]:
        """What the address gives."""
        return (*self.about, *self.beside)

    def look(self, visit: Visit, values: Values) -> Looked:
        """What the form shows of how things stand. Raises what services are refused or answer with."""
        if self.looks is None:
            return {}
        with visit.desk.together() as together:
            answers = self.looks(visit, values, together)
            whose = self.shows_customer and "account_id" in self.given
            customer = together.ask(names.customer(visit, ident(values["account_id"]))) if whose else None
        looked = {FILLED_IN: values, **{name: answer.reply for name, answer in answers.items()}}
        return looked if customer is None else looked | {names.CUSTOMER: names.shown(customer)}

    @property
    def shows_customer(self) -> bool:
        """Whether it shows or counts what there is of a customer."""
        return self.looks is not None and ("account_id" in self.given or self.finds is not None)

    @property
    def asks_purpose(self) -> bool:
        """Whether it is said first what for: of what shows a customer, or whose customer its service finds out.

        One may have some customers for one purpose and some for another.
        """
        return self.shows_customer or (isinstance(self.call.staff, Act) and self.call.staff.resolves)

    @property
    def asks(self) -> Asks:
        """Of what it is asked why."""
        return (self.finds or Asks.CUSTOMER) if self.shows_customer else Asks.ACT

    @property
    def carries_purpose(self) -> bool:
        """Whether what one looks for goes along, from the page before the form to the one after it.

        In a form with a field of that name, as of a grant, it is what is asked for.
        """
        return PURPOSE not in schema_of(self.call).fields

    @property
    def address(self) -> str:
        """Where the form is."""
        return f"/acts/{self.name}"

    @property
    def takes_two(self) -> bool:
        """Whether another person has to approve it."""
        return isinstance(self.call.staff, Act) and self.call.staff.two_persons

    @property
    def approval(self) -> Said | None:
        """What is said after the question where nothing is done yet: another person has to approve it."""
        return ANOTHER_APPROVES if self.takes_two else None

    @property
    def roles(self) -> tuple[Role, ...]:
        """Who may do it."""
        return self.call.staff.roles if isinstance(self.call.staff, Act) else ()

    def act_of(self, service: str) -> str:
        """What the act is called, done by this service."""
        return act_name(self.call.service or service, self.call.method)

    # ── what is filled in ─────────────────────────────────────────────────────────────────────────────────────

    def widget(self, name: str) -> Widget:
        """What a field of the call is in a form."""
        known = schema_of(self.call).fields[name]
        inner = known.inner if isinstance(known, ma.fields.List) else known
        declared = next((each for each in self.fields if each.name == name), None)
        if self.codes(name) or (declared is not None and declared.offers is not None):
            return Widget.ONE if inner is known else Widget.SEVERAL
        if inner is not known and isinstance(inner, ma.fields.UUID):
            return Widget.IDS
        for kind, widget in _WIDGETS:
            if isinstance(inner, kind):
                return widget
        is_long = inner.metadata.get(FREE_TEXT) and inner.metadata.get("maxLength", 0) > LINE_LIMIT
        return Widget.LONG if is_long else Widget.TEXT

    def codes(self, name: str) -> tuple[str, ...]:
        """The codes that a field of the call takes; empty where it takes others."""
        return codes_of(self.call, name)

    def is_needed(self, name: str) -> bool:
        """Whether the call takes nothing without this field."""
        return bool(schema_of(self.call).fields[name].required)

    def fields_of(self, visit: Visit, looked: Looked) -> tuple[ActField, ...]:
        """The fields that it has as things stand."""
        return tuple(each for each in self.fields if each.has_place is None or each.has_place(visit, looked))

    def begun(self, values: Values, offers: Mapping[str, Sequence[tuple[str, str]]], empty: Values) -> Values:
        """What stands in the form, with the only choice of each field that takes one and must not stand empty."""
        chosen: dict[str, Any] = {}
        for each in self.fields:
            if self.widget(each.name) is Widget.ONE and not values[each.name] and each.name not in empty:
                codes = [code for code, _ in offers[each.name]] if each.name in offers else self.codes(each.name)
                chosen |= {each.name: codes[0]} if len(codes) == 1 else {}
        return {**values, **chosen}

    def says_empty(self, visit: Visit, looked: Looked) -> dict[str, str]:
        """What each field says that may stand empty, and when; nothing of those that must be filled in now."""
        return {
            each.name: visit.say(*(each.empty_where or MAY_BE_EMPTY))
            for each in self.fields
            if self.widget(each.name) is not Widget.FLAG
            and not (self.is_needed(each.name) or (each.needed is not None and each.needed(visit, looked)))
        }

    # ── what it is sent as ────────────────────────────────────────────────────────────────────────────────────

    def values(self, visit: Visit) -> dict[str, Any]:
        """What stands in the form that was sent, or with which it begins."""
        if visit.is_filled_in:
            return {name: self._sent(visit.form, name) for name in self._filled}
        given: dict[str, Any] = {name: visit.request.args.get(name, "")[:LONGEST] for name in self.given}
        for each in self.fields:
            several = self.widget(each.name) is Widget.SEVERAL
            begun = each.begins(visit) if each.begins else visit.request.args.get(each.name, "")[:LONGEST]
            given[each.name] = ([begun] if begun else []) if several else begun
        return given

    def values_of(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """What stands in the form of a request that was made, to be changed."""
        values: dict[str, Any] = {}
        for name in self._filled:
            value, widget = asked.get(name), self._widget(name)
            if widget is Widget.SEVERAL:
                values[name] = list(value or [])
            elif widget is Widget.IDS:
                values[name] = " ".join(value or [])
            elif widget is Widget.FLAG:
                values[name] = TICKED if value else ""
            else:
                values[name] = "" if value is None else staff_code(str(value))
        return values

    def call_of(self, values: Values, *, who: Actor, key: str) -> Call[Any]:
        """The call that is sent. Raises `Invalid`, which names the fields."""
        fields = {name: json for name in self._names() if (json := self._json(name, values[name])) is not None}
        if ACTOR in schema_of(self.call).fields:
            fields[ACTOR] = str(who)
        if self.key:
            fields[self.key] = key
        return self.call.from_json(fields)

    def service_of(self, values: Values) -> str:
        """The service that is asked. Raises `Invalid` for none of ours."""
        service = self.call.service or str(values.get(SERVICE, ""))
        if service not in SERVICES:
            raise Invalid(details={"fields": {SERVICE: ["no service"]}})
        return service

    def _names(self) -> tuple[str, ...]:
        return (*self.about_of_call, *(each.name for each in self.fields))

    @property
    def _filled(self) -> tuple[str, ...]:
        return (*self.given, *(each.name for each in self.fields))

    def _widget(self, name: str) -> Widget:
        """What this is in the form; a text where the call has no such field."""
        return self.widget(name) if name in schema_of(self.call).fields else Widget.TEXT

    def _sent(self, form: MultiDict[str, str], name: str) -> Any:
        if self._widget(name) is Widget.SEVERAL:
            return [each.strip()[:LONGEST] for each in form.getlist(name) if each.strip()]
        longest = LONGEST_LIST if self._widget(name) in (Widget.IDS, Widget.LONG) else LONGEST
        return form.get(name, "").strip()[:longest]

    def _json(self, name: str, value: Any) -> Any:
        """As the call takes it; None for what was not filled in."""
        widget = self.widget(name)
        if widget is Widget.SEVERAL:
            return list(value)
        if widget is Widget.FLAG:
            return value == TICKED
        if widget is Widget.IDS:
            return [_id_in(each) for each in _BETWEEN.split(value) if each]
        if not value:
            return None
        read = _READ.get(widget)
        return read(value) if read else value

    # ── what is said of it ────────────────────────────────────────────────────────────────────────────────────

    def errors(self, visit: Visit, refused: Invalid, values: Values | None = None) -> dict[str, str]:
        """What to say at each field that a call or a service refused; empty where it named none of the form."""
        details = refused.details
        named = details["fields"] if isinstance(details.get("fields"), Mapping) else details
        meant = refusals.lacks(refused)
        return {
            each.name: visit.say(*LACKING, label=visit.say(*each.label))
            if values and not values[each.name]
            else visit.say(*(meant or each.hint or WRONG))
            for each in self.fields
            if each.name in named
        }

    def why(self, visit: Visit, refused: Refused) -> str:
        """Why it was not done, where one does not see the fields that are wrong."""
        if isinstance(refused, Invalid) and (wrong := self.errors(visit, refused)):
            names = {each.name: visit.say(*each.label) for each in self.fields}
            return " ".join(f"{names[name]}: {error}" for name, error in wrong.items())
        if (known := refusals.lacks(refused)) is not None:
            return visit.say(*known)
        if isinstance(refused, NotFound):
            return visit.say(*refusals.GONE)
        return visit.say(*(self.conflict if isinstance(refused, Conflict) else refusals.OTHER))

    def shown(
        self, visit: Visit, asked: Mapping[str, Any], named: Mapping[str, str] = MappingProxyType({})
    ) -> list[tuple[str, str]]:
        """What is asked for, in words: each field's name and what it holds, in the order of the form.

        What was left out is shown only where that means something, also where the request has no such field. What
        the form makes up as its key is not: it says nothing. `named` has names to be read beside ids.
        """
        declared, left_out = {each.name: each for each in self.fields}, self.left_out(asked)
        rows: list[tuple[str, str]] = []
        about = [each for each in self.about if each != VERSION]
        for name in dict.fromkeys([*about, *declared, *asked]):
            value, at = asked.get(name), declared.get(name)
            if name == self.key or (value in EMPTY and name not in left_out):
                continue
            meant = visit.say(*left_out[name]) if name in left_out else self._words(visit, name, at, value, named)
            rows.append((self._label(visit, name, at), meant))
        return rows

    def shown_about(self, visit: Visit, values: Values, named: Mapping[str, str]) -> list[tuple[str, str]]:
        """What the form is about, in words, without the version that was seen."""
        about = (name for name in self.about if name != VERSION)
        return [
            (self._label(visit, name, None), self._words(visit, name, None, values[name], named)) for name in about
        ]

    def _label(self, visit: Visit, name: str, declared: ActField | None) -> str:
        label = declared.label if declared else self.labels.get(name) or LABELS.get(name)
        return visit.say(*label) if label else name

    def left_out(self, asked: Mapping[str, Any]) -> dict[str, Said]:
        """What is meant by each field in which nothing stands, also where what is asked for has no such field."""
        empty = (each for each in self.fields if asked.get(each.name) in EMPTY)
        return {each.name: each.empty_means for each in empty if each.empty_means is not None}

    def _words(
        self, visit: Visit, name: str, declared: ActField | None, value: Any, named: Mapping[str, str]
    ) -> str:
        if isinstance(value, list):
            return Markup(", ").join(self._words(visit, name, declared, each, named) for each in value)
        if (called := _called(name, value, named.get(str(value)))) is not None:
            return called
        table = declared.words if declared is not None else self.words.get(name)
        if table is not None:
            return visit.code(table, value)
        if isinstance(value, bool):
            return visit.say("ja", "yes") if value else visit.say("nei", "no")
        widget = self._widget(name)
        if widget in (Widget.DAY, Widget.PERSON):
            return visit.day(value) if widget is Widget.DAY else visit.person(value)
        return Markup("<code>{}</code>").format(value)


def _called(name: str, value: Any, known: str | None) -> str | None:
    """What has a page of its own, as a link to it, and whoever is `known` by a name; None for everything else."""
    if name in CUSTOMERS:
        link = Markup('<a class="ds-link" href="/customers/{}"><code>{}</code></a>').format(value, short(value))
        return Markup("{} {}").format(known, link) if known else link
    if (page := PAGES.get(name)) is not None:
        return Markup('<a class="ds-link" href="{}"><code>{}</code></a>').format(page.format(value), short(value))
    if known is None:
        return None
    if name == CASE:
        return Markup('<a class="ds-link" href="/cases/{}">{}</a>').format(value, known)
    return Markup("{} <code>{}</code>").format(known, short(value))


LABELS: Final[Mapping[str, Said]] = {
    "account_id": ("Kunde", "Customer"),
    "hold_id": ("Tilbakehold", "Hold"),
    "request_id": ("Nummer", "Id"),
    "erasure_ids": ("Slettinger", "Erasures"),
    "job_id": ("Arbeid", "Job"),
    "parked_id": ("Melding", "Message"),
    "restriction_id": ("Begrensning", "Restriction"),
    "suppression_id": ("Sperre", "Suppression"),
    "task_id": ("Oppgave", "Task"),
    "version": ("Versjon", "Version"),
    "service": ("Tjeneste", "Service"),
}
"""What fields are called that many calls have."""

EMPTY: Final[tuple[Any, ...]] = (None, "", [], ())
"""What stands in a field in which nothing stands."""
VERSION: Final = "version"
CASE: Final = "case_id"
CUSTOMERS: Final = ("account_id", "account_ids")
"""Fields that name customers, of which each is shown as a link to its page."""
PAGES: Final[Mapping[str, str]] = {
    "campaign_id": "/campaigns/{}",
    "hold_id": "/holds/{}",
    "record_id": "/registers/{}",
}
"""Fields that name what has a page of its own, which says what it is."""
_BETWEEN: Final = re.compile(r"[\s,;]+")
_CUSTOMER: Final = re.compile(r"/customers/([0-9a-fA-F-]{36})(?![0-9a-fA-F-])")

_WIDGETS: Final = (
    (ma.fields.AwareDateTime, Widget.INSTANT),
    (StaffField, Widget.PERSON),
    (ma.fields.Boolean, Widget.FLAG),
    (ma.fields.Integer, Widget.NUMBER),
    (ma.fields.Date, Widget.DAY),
)


def _id_in(word: str) -> str:
    """The id, of a customer's page where its address is given, as the browser shows it."""
    found = _CUSTOMER.search(word)
    return found[1] if found else word


def _in_utc(text: str) -> str:
    """An instant by the clock in Oslo as a call takes it; what is none is left as it is, to be refused.

    Of an hour that comes twice the first one is meant: no clock of ours then starts later than it should.
    """
    try:
        return datetime.fromisoformat(text).replace(tzinfo=OSLO, fold=0).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return text


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() else text


def _person(text: str) -> str:
    return staff_actor(staff_code(text.lower()))


_READ: Final[Mapping[Widget, Callable[[str], Any]]] = {
    Widget.INSTANT: _in_utc,
    Widget.NUMBER: _number,
    Widget.PERSON: _person,
}
"""How the text of a field is sent; what cannot be read is left as it is, to be refused by the call."""
