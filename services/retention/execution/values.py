"""What is to be done next for an erasure, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.retention.erasure.values import Erasure, Move
from shared.events import Event


class Verdict(StrEnum):
    """Whether an erasure may be executed at this moment."""

    MAY = "may"
    TOO_EARLY = "too_early"
    ASK = "ask"
    """Nobody has asked the account service lately enough to know."""
    CAME_BACK = "came_back"
    STARTED_ANEW = "started_anew"
    """Inactive again since later: a new period runs from then."""
    UNKNOWN = "unknown"
    """The account service knows nothing of it: a person must look before anything is destroyed."""


class Action(StrEnum):
    """What is to be done next for an erasure."""

    WAIT = "wait"
    ASK = "ask"
    """Ask the account service for the standing, and decide again with the answer."""
    CANCEL = "cancel"
    START_ANEW = "start_anew"
    """Plan again from the later inactivation in the standing; `plan_erasure` calls this one off."""
    HALT = "halt"
    SUSPEND = "suspend"
    """All of it is held or restricted: nothing is done until that ends."""
    ANNOUNCE = "announce"
    FENCE = "fence"
    ORDER = "order"
    DESTROY = "destroy"
    CERTIFY = "certify"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The next action; for `wait`, `until` says till when, and is missing where a person must act."""

    action: Action
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """What one run may begin, what it must halt instead, and what the world is told of a halt."""

    begin: tuple[Erasure, ...]
    halt: tuple[Move, ...]
    events: tuple[Event, ...] = ()
