"""Everything may die at any moment: what was begun is finished, once."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from services.notification.letters.kinds import LETTERS
from shared.system import DATABASES
from tests.e2e.people import Company, a_letter, clock, letters_to, move_to, together
from tests.plugins.system import WholeSystem
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

VICTIMS = (*DATABASES, "relay", "gateway")
RENEWABLE = {code for code, kind in LETTERS.items() if kind.renewable}
"""Letters with a code: where nobody knows whether one went out, another is sent, and the newest counts."""

PATIENCE_SECONDS = 8.0
NAP = timedelta(minutes=10)
"""Leases and Mailgun's slow logs are waited for by the clock of the system, which a test may move."""


@dataclass
class Work:
    """Sign-ups and erasures under way at the same time."""

    system: WholeSystem
    comes: int
    goes: int
    coming: list[Company] = field(default_factory=list)
    going: list[Company] = field(default_factory=list)

    def prepare(self) -> None:
        """Bring the erasures to the day before."""
        self.going = together(lambda _: Company(self.system).move_in(), list(range(self.goes)))
        for company in self.going:
            company.leave()
        due = max(company.scheduled() for company in self.going)
        for company in self.going:
            a_letter(self.system, company.creator.email, "account_deactivated")
        self.coming = [Company(self.system) for _ in range(self.comes)]
        move_to(self.system, due)

    def carry_on(self, trouble: Callable[[], None]) -> None:
        """Let everybody sign up while the erasures are carried out and the trouble happens; wait for the end."""
        with ThreadPoolExecutor(4) as pool:
            signing = [pool.submit(company.sign_up) for company in self.coming]
            trouble()
            for each in signing:
                each.result()
        self.system.wait_ready()
        self._patiently("a letter to everybody who came", self._all_written)
        together(Company.confirm, self.coming)
        self._patiently("every erasure and every copy", self._all_done)

    def _patiently(self, what: str, done: Callable[[], bool]) -> None:
        for _ in range(8):
            begun = time.monotonic()
            while time.monotonic() - begun < PATIENCE_SECONDS:
                if done():
                    return
                time.sleep(0.25)
            clock(self.system).move(NAP)
        raise AssertionError(f"never happened: {what}; {self.undone()}")

    def _all_written(self) -> bool:
        return all(letters_to(self.system, company.creator.email) for company in self.coming)

    def _all_done(self) -> bool:
        return not self.undone()

    def undone(self) -> list[Any]:
        """What is not finished yet."""
        with self.system.bus() as bus:
            erasures = [company.erasures(bus)[-1]["state"] for company in self.going]
            copies = [
                bus["billing-sync"].status(account_id=company.account_id)["state"]
                for company in self.coming
                if company.account_id
            ]
        return [state for state in erasures if state != "certified"] + [each for each in copies if each != "linked"]

    def check(self) -> None:
        """Nothing was lost and nothing was done twice."""
        letters: Counter[tuple[str, str]] = Counter()
        for company in (*self.coming, *self.going):
            for letter in letters_to(self.system, company.creator.email):
                letters[company.creator.email, letter["tags"][0]] += 1
        assert {key: count for key, count in letters.items() if count > 1 and key[1] not in RENEWABLE} == {}
        assert {company.creator.email for company in self.going} == {
            email for email, kind in letters if kind == "account_erased"
        }
        assert len([key for key in letters if key[1] == "email_confirmation"]) == self.comes + self.goes
        made = self._customers_made()
        assert [made.get(company.domain) for company in self.coming] == [1] * self.comes
        # Who left before the copy was made is never copied; nobody twice.
        assert all(made.get(company.domain, 0) <= 1 for company in self.going)
        self._check_trail()
        assert self.system.vilkar("parked", "list") == []

    def _customers_made(self) -> dict[str, int]:
        made: Counter[str] = Counter()
        for call in self.system.control("/calls", vendor="tripletex", limit="5000")["calls"]:
            if (call["method"], call["path"]) == ("POST", "/customer") and '"id"' in call["answer"]:
                made += Counter(
                    company.domain for company in (*self.coming, *self.going) if company.domain in call["request"]
                )
        return dict(made)

    def _check_trail(self) -> None:
        assert self.system.vilkar("audit", "verify")["state"] == "whole"
        with self.system.bus() as bus:
            for company in self.coming:
                rows = bus.audit.trail(subject=f"account/{company.account_id}", limit=100)["rows"]
                kinds = Counter(row["type"] for row in rows)
                once = {"account.registered": 1, "agreement.accepted": 2, "user.email_confirmed": 1}
                assert {kind: kinds[kind] for kind in once} == once
        query = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
        until(
            lambda: all(self.system.rows(name, query) == [(0,)] for name in DATABASES),
            what="empty outboxes",
            seconds=20,
        )


def test_every_process_killed_during_sign_ups_and_erasures_leaves_nothing_undone_and_nothing_done_twice(system):
    work = Work(system, comes=20, goes=5)
    work.prepare()
    before = {name: system.identity(name) for name in VICTIMS}

    def kill_each() -> None:
        for name in VICTIMS:
            system.kill(name)

    work.carry_on(kill_each)
    assert [name for name in VICTIMS if system.identity(name) == before[name]] == []
    work.check()


@pytest.mark.parametrize("server", ["rabbitmq", "db"])
def test_a_server_killed_during_sign_ups_and_erasures_leaves_nothing_undone_and_nothing_done_twice(system, server):
    work = Work(system, comes=6, goes=2)
    work.prepare()
    work.carry_on(lambda: system.native.restart(server))
    work.check()


def test_three_notifications_at_once_write_no_letter_twice(system):
    system.start(notification=3)
    try:
        assert all(system.identity(name) for name in ("notification", "notification-2", "notification-3"))
        companies = [Company(system, users=2) for _ in range(8)]
        together(Company.sign_up, companies)
        together(Company.confirm, companies)
        people = [person for company in companies for person in company.others]
        for person in people:
            a_letter(system, person.email, "invitation")
        for company in companies:
            company.token = company.log_in()["token"]
            company.leave()
            a_letter(system, company.creator.email, "account_deactivated")
        time.sleep(2)
        for company in companies:
            kinds = Counter(letter["tags"][0] for letter in letters_to(system, company.creator.email))
            assert kinds == {"email_confirmation": 1, "account_deactivated": 1}
        for person in people:
            assert [letter["tags"][0] for letter in letters_to(system, person.email)] == ["invitation"]
    finally:
        system.start()
