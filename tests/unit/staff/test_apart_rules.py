"""Whether one person may be behind two, by the links that they came by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.staff.approvals.rules import in_hands_of, makers
from services.staff.grants.values import Grant
from services.staff.people.values import Admission, LinkPurpose
from shared.identifiers import new_id
from shared.staff import Purpose, Role

pytestmark = [pytest.mark.unit, pytest.mark.clause("STAFF-1")]

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def admission(purpose: LinkPurpose = LinkPurpose.INVITATION, by: str = "staff:kari") -> Admission:
    return Admission(purpose=purpose, issued_by=by, issued_at=NOW)


def grant(**fields: Any) -> Grant:
    usual = {
        "id": new_id(), "person_id": new_id(), "role": Role.SUPPORT, "purpose": Purpose.DISPUTE, "begins_at": NOW,
        "expires_at": NOW + 300 * 24 * HOUR, "granted_at": NOW + HOUR, "granted_by": "staff:kari",
        "approved_by": "staff:ola",
    }  # fmt: skip
    return Grant(**usual | fields)


def test_whoever_made_the_link_may_be_who_came_and_root_is_nobody_of_the_staff() -> None:
    made = [admission(), admission(LinkPurpose.RECOVERY, by="staff:per"), admission(by="system")]
    assert makers(made, []) == {"kari", "per"}


@pytest.mark.parametrize(
    ("given", "vouches"),
    [
        (grant(), True),
        (grant(granted_by="staff:per", approved_by="staff:kari"), True),
        (grant(ended_at=NOW + 2 * HOUR), True),
        (grant(granted_at=NOW - HOUR), False),
        (grant(bootstrap=True, granted_by="system", approved_by=None), False),
        (grant(approved_by=None), False),
    ],
    ids=["both", "approved by the maker", "ended since", "before", "of the machine", "the maker alone"],
)
def test_a_grant_vouches_that_another_person_gave_after_the_invitation(given: Grant, vouches: bool) -> None:
    assert makers([admission()], [given]) == (frozenset() if vouches else {"kari"})
    assert makers([admission(LinkPurpose.RECOVERY)], [given]) == {"kari"}


@pytest.mark.parametrize(
    ("made", "hands"),
    [
        ({}, {"per"}),
        ({"per": ["ola"], "ola": ["kari"]}, {"per", "ola", "kari"}),
        ({"per": ["ola"], "ola": ["per"]}, {"per", "ola"}),
        ({"ola": ["per"]}, {"per"}),
    ],
    ids=["by root", "over two links", "in a circle", "of whom one let in"],
)
def test_it_goes_on_over_any_number_of_links_and_comes_to_an_end(
    made: dict[str, list[str]], hands: set[str]
) -> None:
    assert in_hands_of("per", lambda code: made.get(code, [])) == hands
