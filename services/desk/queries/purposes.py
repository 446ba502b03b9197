"""For which purposes somebody of the staff may look at customers now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from services.account.companies.calls import SearchAccounts
from services.desk.call_codes import codes_of
from services.staff.grants.calls import GrantsShown
from services.staff.statements.calls import OwnGrants
from shared.staff import Purpose, Role

OF_CUSTOMERS: Final = codes_of(SearchAccounts, "purpose")
OF_READING: Final = tuple(each.value for each in Purpose)
"""What happened is read for an audit too, and records for more than that, unlike what a customer is asked about."""


def offered(
    asked: Callable[[OwnGrants], GrantsShown], token: str, roles: Sequence[Role], known: Sequence[str]
) -> list[str]:
    """Of the `known` purposes those for which the holder of the session has one of these roles now."""
    grants = asked(OwnGrants(token=token)).grants
    granted = {each.purpose.value for each in grants if each.live and each.role in roles}
    return [each for each in known if each in granted]
