"""Calls that nobody answers: bounded in number, and refused at once as soon as a service is known to be silent."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.calls import Caller
from shared.errors import DeadlineExceeded, NotFound, Unavailable
from shared.http.circuit_breaker import CircuitBreaker
from tests.waiting import until

pytestmark = pytest.mark.unit


class Services(Caller):
    """Answers when it is told to; a silent one lets the time limit run out."""

    def __init__(self) -> None:
        self.silent: set[str] = set()
        self.calls: list[str] = []
        self.go_on = threading.Event()

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        self.calls.append(service)
        if method == "hold":
            self.go_on.wait(10)
        if service in self.silent:
            threading.Event().wait(timeout_seconds)
            raise DeadlineExceeded(service)
        if method == "refuse":
            raise NotFound
        if method == "away":
            raise Unavailable("its database does not answer")
        return fields


@pytest.fixture
def services() -> Services:
    return Services()


def guarded(services: Services, places: int = 8, pause_seconds: float = 0.0) -> CircuitBreaker:
    return CircuitBreaker(services, default_seconds=0.2, places=places, probes=2, pause_seconds=pause_seconds)


def outcomes(breaker: CircuitBreaker, service: str, method: str, times: int) -> list[str]:
    def one(_: int) -> str:
        try:
            breaker.call(service, method, timeout_seconds=0.2)
        except (DeadlineExceeded, Unavailable, NotFound) as error:
            return type(error).__name__
        return "answered"

    with ThreadPoolExecutor(times) as pool:
        return sorted(pool.map(one, range(times)))


def test_a_service_that_let_a_call_run_out_gets_a_few_at_a_time_until_it_answers(services: Services) -> None:
    breaker = guarded(services)
    services.silent.add("account")
    assert outcomes(breaker, "account", "log_in", 1) == ["DeadlineExceeded"]
    assert outcomes(breaker, "account", "log_in", 8) == ["DeadlineExceeded"] * 2 + ["Unavailable"] * 6
    assert outcomes(breaker, "retention", "certificate", 8) == ["answered"] * 8, "the others are not meant"
    services.silent.clear()
    assert outcomes(breaker, "account", "log_in", 1) == ["answered"]
    assert outcomes(breaker, "account", "log_in", 8) == ["answered"] * 8


def test_right_after_a_call_ran_out_none_is_let_through(services: Services) -> None:
    breaker = guarded(services, pause_seconds=60.0)
    services.silent.add("account")
    assert outcomes(breaker, "account", "log_in", 4) == ["DeadlineExceeded"] * 4
    assert outcomes(breaker, "account", "log_in", 4) == ["Unavailable"] * 4
    assert len(services.calls) == 4


def test_a_limit_shorter_than_the_usual_one_makes_no_service_silent_and_none_heard(services: Services) -> None:
    breaker = guarded(services, pause_seconds=60.0)
    services.silent.add("account")
    for limit in (1e-9, 0.1):
        with pytest.raises(DeadlineExceeded):
            breaker.call("account", "log_in", timeout_seconds=limit)
    assert outcomes(breaker, "account", "log_in", 1) == ["DeadlineExceeded"], "it was asked, and is silent now"
    assert outcomes(breaker, "account", "log_in", 1) == ["Unavailable"]
    breaker = guarded(services)
    assert outcomes(breaker, "account", "log_in", 1) == ["DeadlineExceeded"]
    with pytest.raises(DeadlineExceeded):
        breaker.call("account", "log_in", timeout_seconds=0.1)
    assert "Unavailable" in outcomes(breaker, "account", "log_in", 8), "a short one ends no silence"


@pytest.mark.parametrize("method", ["refuse", "away"])
def test_a_refusal_is_an_answer(services: Services, method: str) -> None:
    breaker = guarded(services)
    assert len(set(outcomes(breaker, "account", method, 8))) == 1
    assert outcomes(breaker, "account", "log_in", 8) == ["answered"] * 8


def test_one_slow_call_beside_others_that_are_answered_makes_no_service_silent(services: Services) -> None:
    breaker = guarded(services)
    with ThreadPoolExecutor(1) as pool:
        services.silent.add("account")
        slow = pool.submit(outcomes, breaker, "account", "log_in", 1)
        until(lambda: services.calls == ["account"], what="the slow call under way", seconds=5)
        services.silent.clear()
        assert outcomes(breaker, "account", "log_in", 1) == ["answered"]
        assert slow.result(5) == ["DeadlineExceeded"]
    assert outcomes(breaker, "account", "log_in", 8) == ["answered"] * 8


def test_more_calls_than_places_are_refused_at_once_and_places_are_given_back(services: Services) -> None:
    breaker = guarded(services, places=4)
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(outcomes, breaker, "account", "hold", 4)
        until(lambda: len(services.calls) == 4, what="four calls under way", seconds=5)
        assert outcomes(breaker, "retention", "certificate", 3) == ["Unavailable"] * 3
        services.go_on.set()
        assert held.result(5) == ["answered"] * 4
    assert outcomes(breaker, "retention", "certificate", 4) == ["answered"] * 4
