"""Whether one person may be behind two, by the links that they came by."""

from __future__ import annotations

import pytest

from services.staff.people.values import Admission, LinkPurpose
from services.staff.vouching.rules import check_vouches, in_hands_of, makers
from shared.errors import Forbidden

pytestmark = [pytest.mark.unit, pytest.mark.clause("STAFF-1")]


def admission(by: str, purpose: LinkPurpose = LinkPurpose.INVITATION, *, code: str = "per") -> Admission:
    return Admission(code=code, purpose=purpose, issued_by=by)


def test_whoever_made_the_link_may_be_who_came_also_when_they_left_long_ago() -> None:
    made = [admission("staff:kari"), admission("staff:ola", LinkPurpose.RECOVERY), admission("former_staff")]
    made.append(admission("staff:siri", code="eva"))
    assert makers(made, "per") == {"kari", "ola", "former_staff"}
    assert makers(made, "kari") == frozenset()


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


@pytest.mark.parametrize(
    ("by", "refused"),
    [
        ("eva", None),
        ("kari", "let_in_by_other"),
        ("ola", "not_vouched_for"),
        ("per", "not_vouched_for"),
        ("siri", "not_vouched_for"),
    ],
    ids=["a third", "who made the first link", "who made the link", "who came", "whom another let back"],
)
def test_a_third_person_vouches_and_nobody_who_could_be_who_came(by: str, refused: str | None) -> None:
    made = {"per": frozenset({"ola"}), "ola": frozenset({"kari"}), "siri": frozenset({"nils"})}
    if refused is None:
        check_vouches("per", by, makers_of=lambda code: made.get(code, frozenset()))
        return
    with pytest.raises(Forbidden) as error:
        check_vouches("per", by, makers_of=lambda code: made.get(code, frozenset()))
    assert error.value.details == {"reason": refused}
