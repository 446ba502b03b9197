"""What an invented person of a demo still lacks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.staff.people.values import Person, PersonState
from services.staff.prerequisites.values import KINDS, Prerequisite, PrerequisiteKind
from shared.staff import Role


def is_on_the_way(person: Person | None) -> bool:
    """Whether they have not come yet. Who has come and left again is not brought back."""
    return person is None or person.state is PersonState.INVITED


def lacking(kept: Sequence[Prerequisite]) -> list[PrerequisiteKind]:
    """Which kinds they never had; what ended or was withdrawn since stays so."""
    had = {each.kind for each in kept}
    return [kind for kind in KINDS if kind not in had]


def not_granted(roles: Iterable[Role], had: Iterable[Role]) -> list[Role]:
    """Which of these they never had; what was revoked since stays revoked."""
    known = set(had)
    return [role for role in roles if role not in known]
