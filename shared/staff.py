"""The vendor's people: their roles, and what a call is where one of them makes it. Pure.

A call that staff make says so on its class, and with it who may make it:

    class PlaceHold(Call[HoldShown], service="retention", staff=Act(roles=…, two_persons=True)): …

What a role may do follows from these declarations alone. `shared/acts.json` is their table, made by
`deploy.generators.acts`, for whoever decides about acts of all services.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

PATH: Final = "shared/acts.json"


class Role(StrEnum):
    """A role that a person of staff has by a grant. The list is closed: there is no role of a customer's own."""

    SUPPORT = "support"
    CASE_HANDLER = "case_handler"
    PRIVACY_LEAD = "privacy_lead"
    INCIDENT_LEAD = "incident_lead"
    OPERATOR = "operator"
    DEVELOPER = "developer"
    FINANCE = "finance"
    MANAGEMENT = "management"
    BOARD = "board"
    STAFF_ADMIN = "staff_admin"
    AUDITOR = "auditor"
    """Reads, and changes nothing."""


class Purpose(StrEnum):
    """What staff act for. A grant names one, and whoever acts by it acts for that."""

    CUSTOMER_SUPPORT = "customer_support"
    RIGHTS_REQUEST = "rights_request"
    DISPUTE = "dispute"
    SECURITY = "security"
    BILLING = "billing"
    OPERATIONS = "operations"
    STAFF_ADMINISTRATION = "staff_administration"
    AUDIT = "audit"


DECIDERS: Final = (Role.CASE_HANDLER, Role.PRIVACY_LEAD, Role.INCIDENT_LEAD)
"""Who decides about a customer's data, and about who keeps getting at them."""
CARERS: Final = (Role.SUPPORT, *DECIDERS)
"""Who deals with customers."""
READERS: Final = (*CARERS, Role.AUDITOR)
"""Who looks at how one customer stands."""
WATCHERS: Final = (Role.OPERATOR, Role.DEVELOPER, Role.INCIDENT_LEAD, Role.AUDITOR)
"""Who looks at how the system stands."""


PASSKEYS_NEEDED: Final = 2
"""Before anything is allowed: who has one key alone is locked out the day it is lost."""

OUTSIDE: Final = "outside"
"""Services of others, which need not say who they are: the broker holds them to the calls that they are given."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """What a call is where a person of staff makes it: it comes with a signed statement of who that is.

    A list of one account or of all both `shows` and `finds`: where its field names no account, the reply does.
    """

    roles: tuple[Role, ...]
    """Who may make it."""
    two_persons: bool = False
    """Another person has approved it."""
    changes: bool = False
    """It changes something and is no command: its feature spends the statement in the transaction of the change
    (`shared.bus.statement_check.spend`)."""
    shows: str | None = None
    """The field with the account whose people the reply tells about."""
    finds: bool = False
    """The reply says whose people they are."""
    subject: str | None = None
    """The field with the code of the person of staff whom it concerns, who cannot approve it."""
    resolves: bool = False
    """It names what belongs to one customer by an id of its own: the service finds out whose it is, and holds
    whoever may look at some customers only to that (`shared.bus.statement_check.check_reaches`)."""
    chosen: str | None = None
    """The field with an id that whoever asks makes up: of two requests that differ in it alone the second asks for
    nothing new."""
    besides: tuple[str, ...] = ()
    """The programs that make the call too, for nobody of the staff and so without a statement: by their users at
    the broker, `OUTSIDE` for those of others."""

    def __post_init__(self) -> None:
        if not self.roles or len(set(self.roles)) != len(self.roles):
            raise TypeError("an act has roles, each of them once")
        if self.resolves and self.two_persons:
            raise TypeError("what takes two names the customer: both of them have to reach it")

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the call that it names."""
        return tuple(name for name in (self.shows, self.subject, self.chosen) if name is not None)


@dataclass(frozen=True)
class WithoutStatement:
    """What a call is that the desk makes in nobody's name: it needs no person, or proves in its way who asks."""

    because: str


@dataclass(frozen=True, kw_only=True)
class KnownAct:
    """An act as the table has it: the call's name, whether it changes something, and its declaration."""

    name: str
    changes: bool
    act: Act


def act_name(service: str, method: str) -> str:
    """What an act is called: `retention.place_hold`."""
    return f"{service}.{method}"


def table_of(acts: Iterable[KnownAct]) -> dict[str, dict[str, Any]]:
    """The table as JSON values, in order of name; what is not said of an act is left out."""
    return {each.name: _row(each) for each in sorted(acts, key=lambda act: act.name)}


def _row(known: KnownAct) -> dict[str, Any]:
    act = known.act
    row = {"roles": [str(role) for role in act.roles], "two_persons": act.two_persons, "changes": known.changes}
    row |= {name: True for name in ("finds", "resolves") if getattr(act, name)}
    named = {name: getattr(act, name) for name in ("shows", "subject", "chosen")}
    return row | {name: field for name, field in named.items() if field is not None}


@cache
def acts() -> Mapping[str, KnownAct]:
    """Every act of the system by its name, as the table says."""
    raw = json.loads(Path(__file__).with_name("acts.json").read_text(encoding="utf-8"))
    return {name: _known(name, row) for name, row in raw.items()}


def _known(name: str, row: Mapping[str, Any]) -> KnownAct:
    act = Act(
        roles=tuple(map(Role, row["roles"])),
        two_persons=row["two_persons"],
        shows=row.get("shows"),
        finds=row.get("finds", False),
        resolves=row.get("resolves", False),
        subject=row.get("subject"),
        chosen=row.get("chosen"),
    )
    return KnownAct(name=name, changes=row["changes"], act=act)
