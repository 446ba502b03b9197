"""For which purposes somebody of the staff may look at customers now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from services.staff.grants.calls import GrantsShown
from services.staff.statements.calls import OwnGrants
from shared.staff import Role


def offered(
    asked: Callable[[OwnGrants], GrantsShown], token: str, roles: Sequence[Role], known: Iterable[str]
) -> list[str]:
    """Of the `known` purposes those for which the holder of the session has one of these roles now."""
    grants = asked(OwnGrants(token=token)).grants
    granted = {each.purpose.value for each in grants if each.live and each.role in roles}
    return [each for each in known if each in granted]
