"""Calls: answered in time, with typed errors, by our caller and by a plain nameko one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.integration.bus.harness import Bench

if TYPE_CHECKING:
    from shared.bus.rpc_client import BusCaller

pytestmark = pytest.mark.integration


def test_a_call_is_answered(probe: Bench, caller: BusCaller) -> None:
    assert caller.call("account", "echo", text="hello")["text"] == "hello"


def test_many_calls_at_once_each_get_their_own_answer(probe: Bench, caller: BusCaller) -> None:
    def ask(number: int) -> str:
        return caller.call("account", "echo", text=str(number), timeout_seconds=10)["text"]

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(ask, range(200))) == [str(number) for number in range(200)]
    assert caller.under_way == 0


def test_every_service_answers_ping(probe: Bench, caller: BusCaller) -> None:
    assert caller.call("account", "ping")["service"] == "account"
