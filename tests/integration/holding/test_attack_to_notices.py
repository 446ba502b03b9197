"""From the attempts of an attack to the letters of those who were hit, through all services and their deaths.

Nobody does anything before the decision: log-ins are watched, sessions end, passwords have to be set anew, and an
incident stands there with its timeline. After the decision exactly those are told whose log-in succeeded.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import town as town_room
from test_breach_notices import Breach, among, told
from town import Town, Townsfolk

from shared.bus.declarations import Service
from shared.database import Database, Transaction
from shared.errors import TooMany, Unauthenticated
from shared.events import Received
from shared.privacy.restore_gate import Gate
from tests.forms import PASSWORD
from tests.in_process import run

pytestmark = [pytest.mark.integration, pytest.mark.clause("BREACH-1", "WATCH-1", "INCIDENT-1")]

MORTAL = {"account", "audit", "cases", "notification", "retention"}
OF_SERVICES = ("/services/", "/restore_gate.py")
"""Whose transactions end where a process dies: those of services, and of the gate that reads the ledger for one."""
MINUTE = timedelta(minutes=1)
FAILING = 57
"""Of sixty attempts: more than nine of ten, as stuffing is told by."""


class Killed(BaseException):
    """A process ends here, whatever it would have caught."""

    def __init__(self, *, committed: bool) -> None:
        super().__init__(committed)
        self.committed = committed


class Deaths:
    """Lets a process die twice at each place where a transaction ends: before what it did is kept, and after it."""

    def __init__(self) -> None:
        self.at = Counter[str]()
        self.is_on = False
        self._whole = Database.transaction

    @contextmanager
    def transaction(self, database: Database) -> Iterator[Transaction]:
        opened_at = _opened_at()
        place = f"{database.source} {opened_at}"
        mortal = self.is_on and opened_at is not None and database.source in MORTAL
        keeps_elsewhere = database.source == "retention"
        with self._whole(database) as tx:
            yield tx
            kept = tx.changed or keeps_elsewhere
            if mortal and kept and self.at[place] == 0:
                self.at[place] += 1
                raise Killed(committed=False)
        if mortal and kept and self.at[place] == 1:
            self.at[place] += 1
            raise Killed(committed=True)


def _opened_at() -> str | None:
    """Which code of a service opened the transaction, and what it heard where it is a message."""
    frame: Any = sys._getframe(1)
    while frame and not (
        any(each in frame.f_code.co_filename for each in OF_SERVICES) or frame.f_code.co_name == "_hand"
    ):
        frame = frame.f_back
    if frame is None:
        return None
    message = frame.f_locals.get("message")
    heard = f" {type(message.event).type}" if isinstance(message, Received) else ""
    return f"{frame.f_code.co_name}:{frame.f_lineno}{heard}"


def lasting(work: Callable[..., Any]) -> Callable[..., Any]:
    """Whoever dies at it is started again."""

    def until_it_is_done(*args: Any) -> Any:
        while True:
            try:
                return work(*args)
            except Killed:
                continue

    return until_it_is_done


@pytest.fixture
def deaths(monkeypatch) -> Deaths:
    """Whoever dies is started again, and what was not acknowledged is brought again."""
    found = Deaths()
    hand: Callable[[Service, Received[Any]], None] = Town._hand

    def lasting_hand(service: Service, message: Received[Any]) -> None:
        while True:
            try:
                return hand(service, message)
            except Killed as killed:
                if killed.committed:  # it comes again, and its id is known
                    return None

    monkeypatch.setattr(Gate, "follow", lasting(Gate.follow))
    monkeypatch.setattr(Database, "transaction", lambda database: found.transaction(database))  # noqa: PLW0108  # of it
    monkeypatch.setattr(town_room, "run", lasting(run))
    monkeypatch.setattr(Town, "_hand", staticmethod(lasting_hand))
    return found


def try_log_in(town: Town, email: str, password: str, number: int) -> bool:
    """One attempt of an attacker who has a network of addresses."""
    town.clock.move(timedelta(seconds=3))
    origin = {"ip": f"203.0.113.{number}", "user_agent": "curl/8.5"}
    try:
        town.call("account", "log_in", email=email, password=password, origin=origin)
    except Unauthenticated:
        return False
    return True


def attack(town: Town, *victims: Townsfolk) -> tuple[datetime, datetime]:
    """Sixty names from a list that somebody sells, three of them with the right password; from when to when."""
    began = town.clock.now()
    for number in range(FAILING):
        assert not try_log_in(town, f"nobody{number}@elsewhere.example", "Sommer2024!!", number + 1)
    for number, victim in enumerate(victims):
        assert try_log_in(town, victim.email, PASSWORD, FAILING + number + 1)
    return began, town.clock.now()


def settled(town: Town, deaths: Deaths | None, pace: timedelta) -> None:
    """Everybody works, dies and works again until nothing more happens; leases of the dead run out meanwhile."""
    if deaths is None:
        town.settle()
        return
    deaths.is_on = True
    for _ in range(6):
        town.settle()
        town_room.run(town.exchange.services["notification"], "resolve_unknown_letters")
        town.clock.move(pace)
    deaths.is_on = False
    town.settle()


def is_in(town: Town, token: str) -> bool:
    try:
        town.call("account", "authenticate", token=token)
    except Unauthenticated:
        return False
    return True


def subjects(town: Town, case_id: UUID | str) -> set[tuple[UUID, UUID | None]]:
    return set(town.rows("cases", "SELECT account_id, user_id FROM case_subject WHERE case_id = %s", case_id))


def incidents(town: Town) -> list[dict[str, Any]]:
    return town.call("cases", "case_board", kind="incident")["cases"]


@pytest.mark.parametrize("dying", [False, True], ids=["untouched", "killed-at-every-step"])
def test_s34_three_who_got_in_during_an_attack_lead_to_letters_for_exactly_them(
    town: Town, dying: bool, request
) -> None:
    deaths = request.getfixturevalue("deaths") if dying else None
    kari, ola = town.company("kari", "ola")
    eva, per, siri = town.company("eva", "per", "siri")
    (other,) = town.company("liv")
    everybody = (kari, ola, eva, per, siri, other)
    town.restored("cases")
    victims, bystanders = (ola, per, siri), (kari, eva, other)
    home = {each.email: town.log_in(each) for each in everybody}
    town.settle()
    town.clock.move(6 * MINUTE)
    began, ended = attack(town, *victims)
    settled(town, deaths, 6 * MINUTE)

    assert [is_in(town, home[each.email]) for each in victims] == [False] * 3, "all their sessions ended"
    assert all(is_in(town, home[each.email]) for each in bystanders)
    for each in victims:
        with pytest.raises(Unauthenticated):
            town.log_in(each)

    of_attack, incident = sorted(incidents(town), key=lambda each: each["signal"])
    assert (of_attack["signal"], of_attack["state"]) == ("login_attack", "triage"), (
        "attempts are an incident as well"
    )
    assert (incident["signal"], incident["state"], incident["opened_by"]) == ("login_success", "triage", "detector")
    assert subjects(town, incident["case_id"]) == {
        (ola.account_id, None), (ola.account_id, ola.user_id),
        (per.account_id, None), (per.account_id, per.user_id), (siri.account_id, siri.user_id),
    }  # fmt: skip
    shown = town.call("cases", "show_case", case_id=incident["case_id"])
    instants = {each["name"]: datetime.fromisoformat(each["at"]) for each in shown["instants"] if each["counts"]}
    assert set(instants) == {"detected_at", "occurred_from", "occurred_to"}
    assert instants["occurred_from"] <= began < instants["occurred_to"] <= ended <= instants["detected_at"]
    assert shown["decisions"] == [], "nobody has done anything yet"

    breach = Breach(town, incident=incident["case_id"])
    for case in (breach.controller, breach.processor):
        listed = breach.list_affected(case)
        assert (listed["customers"], listed["persons"]) == (2, 3)
    breach.decide(breach.processor, "freeze_affected", "affected_known")
    breach.draft(breach.processor)
    breach.decide(breach.processor, "tell_customers", "complete")
    breach.decide(breach.controller, "assess_high", "passwords_exposed")
    breach.act(breach.controller, "enter_instant", name="notified_at", at=town.clock.now())
    breach.decide(breach.controller, "notify_authority_high", "complete")
    breach.draft(breach.controller, "persons")
    breach.decide(breach.controller, "tell_persons", "complete")
    settled(town, deaths, 60 * MINUTE)
    assert among(told(town), *everybody) == {kari.email: 1, eva.email: 1}, "their companies, by their owners"
    assert among(told(town, "breach_person"), *everybody) == {each.email: 1 for each in victims}
    warned = among(told(town, "suspicious_attempt"), *everybody)
    assert warned == {each.email: 1 for each in victims}, (
        "that the password has to be new, and nothing that says less"
    )
    if deaths is not None:
        died = {place.split()[0] for place, times in deaths.at.items() if times == 2}
        assert died == MORTAL
        for name in (
            "fetch_origins",
            "detect",
            "anomaly.detected",
            "breach.notices_ordered",
            "user.login_suspected",
            "case.opened",
            "_replay",
        ):
            assert any(name in place for place, times in deaths.at.items() if times == 2), name


OF_ATTACK = """
    INSERT INTO login_event (attempt_id, occurred_at, outcome, reason, account_id, user_id, expires_on, origin,
                             origin_try_at, network_index, device_index)
    SELECT gen_random_uuid(), %(now)s - n * interval '60 milliseconds', 'failed', 'wrong_password',
           (%(accounts)s::uuid[])[1 + n %% 3], md5('user ' || n %% 1500)::uuid, %(now)s::date + 90, 'indexed',
           %(now)s, decode(md5('network ' || n %% 40), 'hex'), decode(md5('curl'), 'hex')
    FROM generate_series(1, %(many)s) AS n
"""
"""So many attempts, on fifteen hundred users of three companies, from forty networks within five minutes."""
MANY, ASKED = 4940, 60


def test_s33_five_thousand_failures_are_an_incident_that_is_slowed_down_and_no_breach(town: Town) -> None:
    people = [town.company(name)[0] for name in ("rut", "tor", "ask")]
    home = [town.log_in(each) for each in people]
    town.settle()
    town.clock.move(6 * MINUTE)
    refused = Counter[str]()
    for number in range(ASKED):
        try:
            try_log_in(
                town, people[number % 3].email if number % 5 == 0 else f"x{number}@firma.example", "Vinter2026", 200
            )
        except TooMany:
            refused["slowed"] += 1
        else:
            refused["failed"] += 1
    assert refused["slowed"] >= ASKED - 40, "one address fails with so many names, and then has to wait"
    accounts = [each.account_id for each in people]
    town.owners["audit"].execute(OF_ATTACK, {"now": town.clock.now(), "accounts": accounts, "many": MANY})
    for _ in range(MANY // 500 + 1):
        town_room.run(town.exchange.services["audit"], "detect")
    town.settle()
    assert town.count("audit", "login_event", outcome="failed", watched=True) >= MANY + ASKED

    (incident,) = [each for each in incidents(town) if each["state"] == "triage" and each["signals"] > 10]
    assert (incident["signal"], incident["opened_by"]) == ("login_attack", "detector")
    assert {account_id for account_id, _ in subjects(town, incident["case_id"])} == set(accounts)
    assert all(is_in(town, token) for token in home), "nobody is locked out by what others try"
    assert among(told(town, "suspicious_attempt"), *people) == {}
    decided = {"case_id": incident["case_id"], "actor": "staff:kari"}
    shown = town.call("cases", "show_case", case_id=incident["case_id"])
    named = {"step": "decide_no_breach", "reason": "failed_attempts_only", "version": shown["version"]}
    assert town.call("cases", "decide_case", **decided, **named)["state"] == "no_breach"
    assert town.call("cases", "show_case", case_id=incident["case_id"])["links"] == [], "no breach followed from it"
