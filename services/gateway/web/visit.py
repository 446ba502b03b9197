"""One request of somebody at a customer: who it is, in which language, and how a page is made for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, TypeVar

from jinja2 import Environment

from services.gateway.app import Session, ask, key_of, origin_at
from services.gateway.rendering import vendor
from services.gateway.web import outcomes, words
from services.gateway.web.navigation import NAVIGATION
from shared.actor import Actor
from shared.calls import Call
from shared.errors import Unauthenticated
from shared.records import Record
from shared.web.visit import NOTHING, templates_of
from shared.web.visit import Visit as AnyVisit

R = TypeVar("R", bound=Record)

OWNER: Final = "owner"
TEMPLATES: Final = templates_of("services.gateway.web")


@dataclass(frozen=True, kw_only=True)
class Visit(AnyVisit):
    """What a page of a customer has to work with. `address` is where the request came from, `host` our own name."""

    templates: ClassVar[Environment] = TEMPLATES
    done_words: ClassVar[Mapping[str, tuple[str, str]]] = outcomes.WORDS

    session_or_none: Session | None
    address: str
    host: str
    now: datetime

    @property
    def session(self) -> Session:
        """The session of a page that needs one."""
        if self.session_or_none is None:
            raise Unauthenticated
        return self.session_or_none

    @property
    def is_owner(self) -> bool:
        """Whether whoever is here answers for the company."""
        return self.session_or_none is not None and self.session_or_none.role == OWNER

    @property
    def mine(self) -> dict[str, Any]:
        """Of which account, and on whose behalf: the session's."""
        return {"account_id": str(self.session.account_id), "actor": str(Actor.user(self.session.user_id))}

    @property
    def in_session(self) -> dict[str, Any]:
        """What proves again who asks, beside a password."""
        return {"token": self.session.token, "origin": self.origin}

    def proving(self, password: str) -> dict[str, Any]:
        """A password that is given once more with an act, and where from; nothing where none is."""
        return {"current_password": password, "origin": self.origin} if password else {}

    @property
    def origin(self) -> dict[str, Any]:
        """Where the request came from."""
        return origin_at(self.request, self.address)

    @property
    def own_key(self) -> str:
        """The key of the form that was sent, as it counts for this person at this address and for nobody else."""
        return key_of(self.session_or_none, self.request, str(self.form_key))

    def ask(self, call: Call[R]) -> R:
        """Ask a service; a command with the key of the form, so that what is sent twice is done once."""
        return ask(self.caller, call, idempotency_key=self.own_key if call.is_command else None)

    def facts(self) -> Mapping[str, Any]:
        """What every page of customers is made with."""
        return {
            **super().facts(),
            "session": self.session_or_none,
            "is_owner": self.is_owner,
            "navigation": [each for each in NAVIGATION if self.is_owner or not each.is_for_owners],
            "vendor": vendor(),
            "code": self.code,
        }

    def code(self, kind: str, value: object) -> str:
        """A code of this kind in words; a dash for none."""
        return NOTHING if value is None else words.said(kind, str(value), self.language)
