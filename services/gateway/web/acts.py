"""Forms for what customers do: each is declared, and one page shows and sends all of them.

    CHANGE_PASSWORD = Act(
        rule="/me/password",
        title=("Endre passord", "Change the password"),
        button=("Lagre", "Save"),
        fields=(Field(name="current_password", label=("Passordet nå", "The password now"), kind=Kind.PASSWORD), …),
        work=change_password,
        then="/me",
    )

What is wrong with a field is told at the field, whatever else is refused above the form, with whom to ask. A form
that is shown again keeps its key, so that what is sent twice is done once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from flask import Response

from services.account.companies.calls import GetAccount
from services.gateway.web import failures
from services.gateway.web.outcomes import Came, Outcome
from services.gateway.web.visit import Visit
from shared.calendar import OSLO
from shared.errors import Conflict, Forbidden, Invalid, Refused, Transient, Unauthenticated
from shared.http.refusal_headers import refusal_headers
from shared.input_guard import REFUSED
from shared.web.door import Page
from shared.web.responses import done

Said = tuple[str, str]
"""A sentence in Norwegian and in English."""
Values = Mapping[str, str]
"""What stands in a form, by the names of its fields; empty where nothing does."""

TICKED: Final = "yes"
WAS: Final = "was_"
"""Before the name of a field: what stood in it at first."""
IDENTITY: Final = [REFUSED]
"""What is wrong where a text has a national identity number in it."""
FORM: Final = "act"
"""By which the form of a page is known in it."""
UNANSWERED: Final = 503
VERSION: Final = re.compile(r"[0-9]{1,9}")
LACKING: Final = ("Fyll ut «{label}».", "Fill in “{label}”.")
NOT_TICKED: Final = ("Kryss av for «{label}».", "Tick “{label}”.")
WRONG: Final = ("Dette er ikke riktig.", "This is not right.")
IDENTITY_NUMBER: Final = (
    "Det står et fødselsnummer eller D-nummer her. Ta det ut, og send på nytt.",
    "There is a national identity number here. Take it out, and send again.",
)


class Kind(StrEnum):
    """What a field of a form is."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "tel"
    PASSWORD = "password"  # noqa: S105  # a kind of field
    NUMBER = "number"
    MOMENT = "datetime-local"
    LONG = "long"
    CHOICE = "choice"
    TICK = "tick"


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field that is filled in.

    `hint` says what it takes, and is said again where something else stands in it. `offers` are the codes of a
    choice, each with its words. `of_call` is where the call has it, as a service that refuses it names the place.
    """

    name: str
    label: Said
    hint: Said | None = None
    kind: Kind = Kind.TEXT
    autocomplete: str = "off"
    is_needed: bool = True
    offers: tuple[tuple[str, Said], ...] = ()
    of_call: str = ""

    @property
    def place(self) -> str:
        """Where the call has it."""
        return self.of_call or self.name

    def wrong(self) -> Said:
        """What is said where something else stands in it than it takes."""
        return self.hint or WRONG


@dataclass(frozen=True, kw_only=True)
class Act:
    """One kind of thing to do. Its functions get what the address names besides the visit.

    `work` makes the calls and raises what they are refused with. It returns None where what came of it is `done`,
    what came of it instead, or a response of its own instead of leading to `then`. `begin` says what stands in the
    form at first, `carries` which of that goes along unseen, as the version that was read. `shows` are facts for a
    template of its own, of what stands in the form.
    """

    rule: str
    title: Said
    button: Said
    fields: tuple[Field, ...]
    work: Callable[..., Response | Came | None]
    then: str = "/"
    says: Said | None = None
    begin: Callable[..., Values] | None = None
    carries: tuple[str, ...] = ()
    compares: bool = False
    """Whether what its fields began with goes along unseen, so that only changes are sent on (`changed_in`).

    What the service has by then is no part of it: a form that is sent twice asks for the same both times.
    """
    begun_anew: Callable[[Values, Mapping[str, Any]], Said | None] | None = None
    """Why no box stays ticked, of what was sent and the facts shown now: it was agreed to something else."""
    done: Outcome = Outcome.SAVED
    shows: Callable[..., Mapping[str, Any]] | None = None
    foresees: Callable[..., Iterable[str]] | None = None
    """What will happen, in dates and numbers: sentences in the reader's language."""
    template: str = "act"
    refusals: Mapping[str, Said] = field(default_factory=dict)
    """What is said of a refusal with this code, where the usual words do not fit."""
    is_destructive: bool = False
    is_right: bool = False
    """Whether the law gives it to a person, so that whoever is refused is told where to complain."""
    is_public: bool = False
    is_for_owners: bool = False
    limit: str | None = None
    keeps_draft: bool = True

    def pages(self) -> tuple[Page, Page]:
        """Its lines in the table of pages."""
        shown = Page(rule=self.rule, view=self.show, is_public=self.is_public, keeps_draft=self.keeps_draft)
        return shown, replace(shown, view=self.send, method="POST", limit=self.limit, shows_brake=True)

    def show(self, visit: Visit, **named: str) -> Response:
        """The form as it begins; with what stood in it when the session ended, where one comes back to it."""
        if self.is_for_owners and not visit.is_owner:
            return _owners_only(visit)
        if visit.kept is not None:
            return self.page(visit, self._sent(visit), key_is_kept=True)
        values = dict(self.begin(visit, **named)) if self.begin else {}
        return self.page(visit, values | {name: values.get(name.removeprefix(WAS), "") for name in self._began()})

    def send(self, visit: Visit, **named: str) -> Response:
        """What its button sends."""
        if self.is_for_owners and not visit.is_owner:
            return _owners_only(visit)
        values = self._sent(visit)
        _ = visit.form_key  # a form that brings none is none of ours
        return self._only_shown(visit, values) or self._carried_out(visit, values, **named)

    def _only_shown(self, visit: Visit, values: Values) -> Response | None:
        """The form once more, where nothing is to be done, cannot be now, or something is missing."""
        if visit.preference is not None:
            return self.page(visit, values, key_is_kept=True)
        if visit.braked is not None:
            return self._refused(visit, values, visit.braked)
        if errors := self._lacking(visit, values):
            return self.page(visit, values, errors=errors, status=Invalid.status, key_is_kept=True)
        return None

    def _carried_out(self, visit: Visit, values: Values, **named: str) -> Response:
        try:
            came = self.work(visit, values, **named)
        except Refused as refused:
            if isinstance(refused, Unauthenticated) and not self.is_public:
                raise  # the session ended meanwhile: log in first, and what was typed is kept
            return self._refused(visit, values, refused)
        except Transient as unanswered:
            failures.logger.warning("a form was not answered", exc_info=unanswered)
            return self.page(
                visit, values, refused=visit.say(*failures.UNKNOWN), status=UNANSWERED, key_is_kept=True
            )
        if isinstance(came, Response):
            return came
        came = came or Came(self.done)
        return done(self.then.format_map(named), came.outcome, number=came.number)

    def page(
        self,
        visit: Visit,
        values: Values,
        *,
        errors: Mapping[str, str] = MappingProxyType({}),
        refused: str | None = None,
        asks_vendor: bool = False,
        status: int = 200,
        key_is_kept: bool = False,
    ) -> Response:
        """The form with what stands in it; what must be mended, and why nothing was done."""
        shown = dict.fromkeys(self._names(), "") | dict(values)
        shown |= {each.name: "" for each in self.fields if each.kind is Kind.PASSWORD}
        named = visit.request.view_args or {}
        facts = dict(self.shows(visit, shown, **named)) if self.shows else {}
        if self.begun_anew and (said := self.begun_anew(shown, facts)) is not None:
            shown |= {each.name: "" for each in self.fields if each.kind is Kind.TICK}
            refused = visit.say(*said)
        return visit.page(
            self.template,
            status=status,
            act=self,
            form_on_page=FORM,
            foreseen=tuple(self.foresees(visit, **named)) if self.foresees else (),
            given=shown,
            errors=errors,
            refused=refused,
            asks_vendor=asks_vendor,
            form_key=visit.form_key if key_is_kept else None,
            **facts,
        )

    def _refused(self, visit: Visit, values: Values, refused: Refused) -> Response:
        errors = self._errors(visit, refused) if isinstance(refused, Invalid) else {}
        said = None if errors else " ".join((visit.say(*self._why(refused)), *failures.when(visit, refused)))
        answer = self.page(
            visit,
            values,
            errors=errors,
            refused=said,
            asks_vendor=refused.asks_vendor,
            status=refused.status,
            key_is_kept=True,
        )
        answer.headers.update(refusal_headers(refused, challenge=""))
        return answer

    def _why(self, refused: Refused) -> Said:
        known = str(refused.details.get("reason", "")) in failures.REASONS
        if refused.code in self.refusals and not known:
            return self.refusals[refused.code]
        return failures.CONFLICT if isinstance(refused, Conflict) and not known else failures.why(refused)

    @property
    def unseen(self) -> tuple[str, ...]:
        """What goes along with its form that nobody fills in."""
        return (*self.carries, *self._began())

    def _began(self) -> tuple[str, ...]:
        seen = (each for each in self.fields if each.kind not in (Kind.PASSWORD, Kind.TICK))
        return tuple(f"{WAS}{each.name}" for each in seen) if self.compares else ()

    def _names(self) -> tuple[str, ...]:
        return (*(each.name for each in self.fields), *self.unseen)

    def _sent(self, visit: Visit) -> dict[str, str]:
        """What stands in the form; blanks around it are nothing, but in a password."""
        secret = {each.name for each in self.fields if each.kind is Kind.PASSWORD}
        sent = {name: visit.form.get(name, "") for name in self._names()}
        return {name: value if name in secret else value.strip() for name, value in sent.items()}

    def _lacking(self, visit: Visit, values: Values) -> dict[str, str]:
        return {
            each.name: visit.say(*(NOT_TICKED if each.kind is Kind.TICK else LACKING), label=visit.say(*each.label))
            for each in self.fields
            if each.is_needed and not values[each.name]
        }

    def _errors(self, visit: Visit, refused: Invalid) -> dict[str, str]:
        places = dict(_places(refused.details.get("fields", refused.details)))
        found = {
            each: [place for place in places if place == each.place or place.startswith(f"{each.place}.")]
            for each in self.fields
        }
        return {
            each.name: visit.say(*(IDENTITY_NUMBER if IDENTITY in [places[at] for at in wrong] else each.wrong()))
            for each, wrong in found.items()
            if wrong
        }


def _owners_only(visit: Visit) -> Response:
    """What a user is told who opens what only an owner does: whom to ask."""
    company = visit.ask(GetAccount.from_json(visit.mine))
    return visit.page("owners_only", status=Forbidden.status, company=company)


def changed_in(values: Values, names: Iterable[str]) -> dict[str, str]:
    """Which of these fields of a form that `compares` are not what they began with, and what they are now."""
    return {name: values[name] for name in names if values[name] != values[f"{WAS}{name}"]}


def version_in(values: Values) -> int:
    """The version that was read, as the form carries it along. Raises `Invalid` for what is no number."""
    if not VERSION.fullmatch(values["version"]):
        raise Invalid("a version is a number", details={"version": ["a number"]})
    return int(values["version"])


def moment_in(text: str, name: str) -> datetime:
    """A moment as it was filled in, by the clock in Oslo. Raises `Invalid` for what is none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=OSLO)
    except ValueError:
        raise Invalid("not a moment", details={"fields": {name: ["a moment"]}}) from None


def _places(details: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Each place of a call in which something is wrong, as `creator.email`, and what is."""
    for name, inner in details.items():
        place = f"{before}{name}"
        if isinstance(inner, Mapping):
            yield from _places(inner, f"{place}.")
        else:
            yield place, inner
