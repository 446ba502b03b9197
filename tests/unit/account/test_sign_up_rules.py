from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.account.sign_up.rules import SIGN_UPS_WAITING, check_users_differ, may_wait
from shared.errors import Invalid

pytestmark = pytest.mark.unit


@pytest.mark.clause("FIELDS-2")
def test_addresses_of_a_sign_up_differ() -> None:
    check_users_differ([b"a", b"b"])
    with pytest.raises(Invalid):
        check_users_differ([b"a", b"b", b"a"])


@given(flood=st.lists(st.sampled_from([b"one", b"two", b"three"]), max_size=40))
def test_no_flood_of_sign_ups_from_elsewhere_takes_the_holders_place(flood) -> None:
    waiting: list[bytes | None] = [None]
    for network in flood:
        if may_wait(waiting, network):
            waiting.append(network)
    assert may_wait(waiting, b"holder")
    assert all(waiting.count(network) <= SIGN_UPS_WAITING for network in set(flood))
