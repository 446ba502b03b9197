"""One request of a member of staff: who it is, in which language, and how a page is made for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Final, TypeVar

from jinja2 import Environment

from services.desk.client import CALL_SECONDS, Desk
from services.desk.demo_log_in import InventedPeople
from services.desk.sessions import Session
from services.desk.web.approvals_waiting import ApprovalsWaiting
from services.desk.web.navigation import NAVIGATION
from services.desk.wording import words
from services.staff.people.calls import FORMER
from shared.actor import staff_code
from shared.calls import Call
from shared.records import Record
from shared.web.responses import without_done
from shared.web.visit import IT_IS_DONE, NOTHING, short, templates_of
from shared.web.visit import Visit as AnyVisit

R = TypeVar("R", bound=Record)

DONE_WORDS: Final = MappingProxyType(
    {
        "done": IT_IS_DONE,
        "asked": ("Det er bedt om. Ingenting er gjort ennå.", "It is asked for. Nothing is done yet."),
    }
)
TEMPLATES: Final = templates_of("services.desk.web")


@dataclass(frozen=True, kw_only=True)
class Visit(AnyVisit):
    """What a page of staff has to work with. `desk` asks services on behalf of whoever has the session."""

    templates: ClassVar[Environment] = TEMPLATES
    done_words: ClassVar[Mapping[str, tuple[str, str]]] = DONE_WORDS

    session: Session | None
    desk_or_none: Desk | None
    invented_people: InventedPeople | None = None
    approvals_waiting: ApprovalsWaiting | None = None

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

    def facts(self) -> Mapping[str, Any]:
        """What every page of staff is made with."""
        known = super().facts()
        return {
            **known,
            "anew": without_done(known["path"]),
            "session": self.session,
            "navigation": NAVIGATION,
            "age_script": self.assets.path_of("age.js"),
            "passkey_script": self.assets.path_of("passkey.js"),
            "code": self.code,
            "coded": self.coded,
            "person": self.person,
            "signed": self.signed,
            "ago": self.ago,
            "decimal": self.decimal,
            "approvals_waiting": self._approvals_waiting() or 0,
        }

    def _approvals_waiting(self) -> int | None:
        """How many requests wait for whoever is here; None where that is not known."""
        if self.approvals_waiting is None or self.session is None or not self.session.is_complete:
            return None
        return self.approvals_waiting.of(self.session.token)

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
