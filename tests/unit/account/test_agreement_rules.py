from __future__ import annotations

from dataclasses import replace

import pytest

from services.account.agreements.calls import Agreement, Attestations
from services.account.agreements.rules import check_agreement, check_new_agreement
from shared.errors import Conflict, Invalid

pytestmark = pytest.mark.unit


ATTESTED = Attestations(authority=True, necessary_data=True, accurate_data=True, users_informed=True)


def agreement(**changes):
    fields = {"version": "v1", "accepted": True, "authority": "chair", "attestations": ATTESTED}
    return Agreement(**fields | {"domain": "firma.example", "element": "sign_up.accept"} | changes)


@pytest.mark.clause("DUTY-1", "ACCEPT-1", "DPA-1")
def test_all_four_attestations_and_express_acceptance_are_needed() -> None:
    assert check_agreement(agreement(), "v1") == [
        "accurate_data",
        "authority",
        "necessary_data",
        "users_informed",
    ]
    with pytest.raises(Conflict):
        check_agreement(agreement(version="v2"), "v1")
    with pytest.raises(Invalid):
        check_agreement(agreement(accepted=False), "v1")
    short = agreement(attestations=replace(ATTESTED, users_informed=False))
    with pytest.raises(Invalid) as refused:
        check_agreement(short, "v1")
    assert refused.value.details == {"agreement": {"attestations": {"users_informed": ["must be true"]}}}


@pytest.mark.clause("ACCEPT-1")
def test_a_return_may_name_the_text_that_was_shown() -> None:
    shown = agreement(text_sha256="a" * 64)
    assert check_new_agreement(shown, "v1", "a" * 64) == check_new_agreement(agreement(), "v1", "a" * 64)
    with pytest.raises(Conflict):
        check_new_agreement(shown, "v1", "b" * 64)
    with pytest.raises(Conflict):
        check_new_agreement(None, "v1", "a" * 64)
