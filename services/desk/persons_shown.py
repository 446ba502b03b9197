"""Which users of a customer a reply tells about. Pure.

It is told to the trail with each look at people, so that the customer can be told whom it showed (ADR 0037).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from shared.statements import ACCOUNT

NAMING: Final = frozenset(
    {"user_id", "user_ids", "creator_id", "held_users", "not_covered", "recipients", "signer"}
)
"""Fields of calls, replies and registers that hold the id of a user, or several. A test finds what is missing."""


def persons_in(said: Any) -> Iterator[UUID]:
    """The users that stand in what was said as JSON values, as often as they do."""
    waiting = [said]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            for name, each in value.items():
                if name in NAMING:
                    yield from _ids(each)
                waiting.append(each)
        elif isinstance(value, list | tuple):
            waiting.extend(value)


def persons_by_account(said: Any) -> dict[UUID, set[UUID]]:
    """The accounts that stand in what was said, each with the users that stand beside it or below."""
    found: defaultdict[UUID, set[UUID]] = defaultdict(set)
    waiting = [said]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict) and value.get(ACCOUNT):
            found[UUID(str(value[ACCOUNT]))].update(persons_in(value))
        elif isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list | tuple):
            waiting.extend(value)
    return dict(found)


def _ids(value: Any) -> Iterator[UUID]:
    for each in value if isinstance(value, list | tuple) else (value,):
        if isinstance(each, str | UUID):
            yield from map(UUID, str(each).split())
