"""retention on a real database and a real keyring; the account service answers from a table."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.account.accounts.calls import Done
from services.account.companies.calls import StandingShown
from services.account.deactivation.events import AccountDeactivated
from services.account.erasure.calls import SUBJECTS_LIMIT, InactiveSubjectsShown
from services.account.reactivation.events import AccountReactivated
from services.account.users.events import UserDeactivated, UserReactivated
from services.cases.disputes.calls import DisputeFound
from services.notification.letter_lifecycle.events import NotificationFailed, NotificationSent
from services.retention.certificates.archive import CertificateArchive
from services.retention.certificates.signing import verify, verify_chain
from services.retention.erasure.rules import UnknownParticipantError
from services.retention.monitoring.calls import Timeline
from services.retention.service import Retention
from shared.calls import Caller
from shared.clock import FixedClock
from shared.database import Database
from shared.errors import Conflict, NotFound, Unavailable
from shared.events import Event, Received
from shared.participation.events import ErasureDryRunAnswered, ErasureStepCompleted
from shared.privacy import FencedError, Kek, KeyGoneError, Keyring, Subject
from shared.privacy.ledger_writer import LedgerWriter
from shared.signing import SigningKey
from shared.system import PARTICIPANTS
from tests import in_process
from tests.examples import example
from tests.in_process import invoke
from tests.paging import page_by_page
from tests.staff_statements import decide

pytestmark = pytest.mark.integration
INACTIVE_AT = datetime(2026, 11, 30, 11, tzinfo=UTC)
DUE = datetime(2027, 2, 28, 0, 0, 1, tzinfo=UTC)
KEK = Kek([os.urandom(32)])
KEY = SigningKey(os.urandom(32))
LEDGER_KEY = SigningKey(os.urandom(32))


@dataclass
class Disputes:
    """What cases says of disputes: by reference and customer which case it is, None for one that has ended."""

    known: dict[tuple[str, str], UUID | None] = field(default_factory=dict)

    def answer(self, *, reference: str, account_id: str) -> Any:
        key = (reference, account_id)
        if key not in self.known:
            raise NotFound("no dispute with this customer is called so")
        if (case_id := self.known[key]) is None:
            raise Conflict("the dispute has ended", details={"reason": "dispute_ended"})
        return example(DisputeFound, case_id=str(case_id))


class Accounts(Caller):
    """Stands in for the account service, and for cases."""

    def __init__(self) -> None:
        self.inactive_since: dict[str, datetime | None] = {}
        self.account_of: dict[str, str] = {}
        """Of the inactive ones that are users."""
        self.gone: set[str] = set()
        self.begun: list[dict[str, Any]] = []
        self.withdrawn: list[str] = []
        self.failing = False
        self.disputes = Disputes()

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        if (service, method) == ("cases", "dispute_called"):
            return self.disputes.answer(**fields)
        assert service == "account"
        if self.failing:
            raise Unavailable("away")
        if method == "inactive_subjects":
            return self._inactive(**fields)
        if method == "withdraw_erasure":
            self.withdrawn.append(fields["erasure_id"])
            return example(Done)
        key = fields.get("user_id") or fields["account_id"]
        if key in self.gone:
            raise NotFound
        since = self.inactive_since.get(key)
        if method == "begin_erasure":
            if since is None:
                raise Conflict
            self.begun.append(fields)
            return example(Done)
        assert method == "standing"
        state = "inactive" if since else "active"
        return example(StandingShown, state=state, inactivated_at=since.isoformat() if since else None)

    def _inactive(self, before: str, after: str | None = None) -> dict[str, Any]:
        known = sorted(
            key
            for key, since in self.inactive_since.items()
            if since is not None and since < datetime.fromisoformat(before) and key > (after or "")
        )
        named = [
            {"account_id": self.account_of.get(key, key), "user_id": key if key in self.account_of else None}
            for key in known
        ]
        return example(InactiveSubjectsShown, subjects=named[:SUBJECTS_LIMIT])


@pytest.fixture(scope="module")
def stores(databases, keyring_database):
    database = Database(databases.dsn("retention"), source="retention", size=8)
    keyring, minting = (
        Keyring(keyring_database.dsn(role), kek=kek) for role, kek in (("retention", None), ("account", KEK))
    )
    for store in (database, keyring, minting):
        store.open()
    yield database, keyring, minting
    for store in (database, keyring, minting):
        store.close()


@pytest.fixture
def accounts() -> Accounts:
    return Accounts()


@pytest.fixture
def ledger(tmp_path) -> LedgerWriter:
    writer = LedgerWriter(tmp_path / "ledger.jsonl", signing_key=LEDGER_KEY)
    writer.create(uuid4(), INACTIVE_AT)
    return writer


@pytest.fixture
def service(stores, accounts, databases, ledger, tmp_path) -> Retention:
    with psycopg.connect(databases.owner_dsn("retention"), autocommit=True) as owner:
        owner.execute("TRUNCATE erasure, answer, certificate, came_back, outbox CASCADE")
    database, keyring, _ = stores
    return Retention(
        database=database,
        clock=FixedClock(INACTIVE_AT),
        caller=accounts,
        keyring=keyring,
        signing_key=KEY,
        ledger=ledger,
        archive=CertificateArchive(tmp_path / "certificates.jsonl"),
    )


def hear(service: Retention, event: Event, at: datetime | None = None, source: str | None = None) -> None:
    message = Received(
        id=uuid4(),
        event=event,
        source=source or str(event.source),
        time=at or service.clock.now(),
        subject=event.subject,
        correlation_id=uuid4(),
    )
    in_process.hear(service, message)


def deactivate(service: Retention, accounts: Accounts, stores, at: datetime = INACTIVE_AT) -> UUID:
    account_id = uuid4()
    stores[2].mint([Subject.company(account_id), Subject.person(uuid4(), account_id)], at)
    accounts.inactive_since[str(account_id)] = at
    event = AccountDeactivated(account_id=account_id, trigger="customer", deactivated_at=at, user_count=1)
    hear(service, event)
    return account_id


def run(service: Retention, times: int = 1) -> None:
    for _ in range(times):
        in_process.run(service, "remind")
        in_process.run(service, "plan_run")
        in_process.run(service, "carry_out")


def shown(service: Retention, account_id: UUID) -> list[dict[str, Any]]:
    return [asdict(each) for each in in_process.ask(service, Timeline(account_id=account_id)).erasures]


def events(service: Retention) -> list[str]:
    with service.database.transaction() as tx:
        return [row["routing_key"] for row in tx.all("SELECT routing_key FROM outbox ORDER BY id")]


def farewell(service: Retention, account_id: UUID) -> None:
    event = NotificationSent(letter_id=uuid4(), letter="account_erased", account_id=account_id)
    hear(service, event)


def answer(service: Retention, erasure_id: UUID, participant: str, outcome: str = "done", retained=()) -> None:
    event = ErasureStepCompleted(
        erasure_id=erasure_id, participant=participant, outcome=outcome, counts={"rows": 7}, retained=list(retained)
    )
    hear(service, event, source=participant)


def erase_all(service: Retention, account_id: UUID) -> dict[str, Any]:
    run(service)
    farewell(service, account_id)
    run(service)
    erasure_id = whole(service, account_id)["erasure_id"]
    for participant in PARTICIPANTS:
        answer(service, erasure_id, participant)
    run(service)
    return whole(service, account_id)


def whole(service: Retention, account_id: UUID) -> dict[str, Any]:
    return [each for each in shown(service, account_id) if each["user_id"] is None][-1]


@pytest.mark.clause("ERASE-1")
def test_s01_three_calendar_months_later_and_not_a_minute_earlier(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    assert shown(service, account_id)[0]["due_on"] == date(2027, 2, 28)
    service.clock.at = datetime(2027, 2, 27, 22, 59, tzinfo=UTC)  # 23:59 in Oslo
    run(service)
    assert shown(service, account_id)[0]["state"] == "scheduled"
    service.clock.at = DUE
    assert erase_all(service, account_id)["state"] == "certified"


@pytest.mark.clause("FORGET-2")
def test_the_whole_course_ends_in_a_certificate_that_verifies(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    service.clock.at = DUE
    end = erase_all(service, account_id)
    made = invoke(service, "certificate", certificate_id=end["certificate_id"])
    assert made["verdict"] == "valid"
    assert made["public_key"] == KEY.public.pem()
    body = verify(made["document"], [KEY.public]).body
    assert (body["backups_expire_on"], body["key_copies_expire_on"]) == ("2027-03-30", "2027-03-07")
    assert shown(service, account_id)[0]["backups_expire_on"].isoformat() == body["backups_expire_on"]
    assert str(account_id) not in made["document"]
    assert verify_chain([made["document"]], [KEY.public]) == 1
    assert events(service)[-1] == "account.erased"
    with pytest.raises(KeyGoneError):
        stores[2].key(Subject.company(account_id))


def test_until_it_is_issued_a_certificate_says_how_far_its_erasure_is(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    service.clock.at = DUE
    run(service)
    certificate_id = shown(service, account_id)[0]["certificate_id"]
    early = invoke(service, "certificate", certificate_id=certificate_id)
    assert (early["state"], early["document"]) == ("announced", None)
    erase_all(service, account_id)
    assert invoke(service, "certificate", certificate_id=certificate_id)["state"] == "issued"
    with pytest.raises(NotFound):
        invoke(service, "certificate", certificate_id=uuid4())


def test_the_order_is_announce_fence_order_destroy_certify(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    service.clock.at = DUE
    run(service)
    assert shown(service, account_id)[0]["state"] == "announced"
    assert len(stores[2].key(Subject.company(account_id))) == 32
    farewell(service, account_id)
    run(service)
    assert shown(service, account_id)[0]["state"] == "ordered"
    with pytest.raises(FencedError):
        stores[2].key(Subject.company(account_id))
    assert stores[1].state(Subject.company(account_id)) == "fenced"
    erase_all(service, account_id)
    kinds = [kind for kind in events(service) if kind != "erasure.reminder_due"]
    assert kinds == ["erasure.scheduled", "erasure.announced", "erasure.ordered", "account.erased"]


def test_it_is_never_called_erased_before_the_last_participant_has_confirmed(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    service.clock.at = DUE
    run(service)
    farewell(service, account_id)
    run(service)
    erasure_id = shown(service, account_id)[0]["erasure_id"]
    for participant in PARTICIPANTS[:-1]:
        answer(service, erasure_id, participant)
    answer(service, erasure_id, PARTICIPANTS[-1], outcome="failed")
    run(service, 3)
    (at,) = shown(service, account_id)
    assert at["state"] == "ordered"
    assert {p["participant"]: p["state"] for p in at["participants"]}[PARTICIPANTS[-1]] == "failed"
    assert stores[1].state(Subject.company(account_id)) == "fenced"
    service.clock.move(timedelta(days=1))
    run(service)
    (at,) = shown(service, account_id)
    assert at["attempt"] == 2
    assert {p["participant"]: p["state"] for p in at["participants"]}[PARTICIPANTS[-1]] == "overdue"
    answer(service, erasure_id, PARTICIPANTS[-1])
    run(service)
    assert shown(service, account_id)[0]["state"] == "certified"


def test_a_participant_that_keeps_what_may_not_stay_has_not_done_its_part(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    service.clock.at = DUE
    run(service)
    farewell(service, account_id)
    run(service)
    erasure_id = shown(service, account_id)[0]["erasure_id"]
    answer(service, erasure_id, "account", retained=["a_copy_for_later"])
    states = {p["participant"]: p["state"] for p in shown(service, account_id)[0]["participants"]}
    assert states["account"] == "failed"


def test_the_letter_is_not_waited_for_longer_than_its_limit(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    service.clock.at = DUE
    run(service)
    run(service)
    assert shown(service, account_id)[0]["state"] == "announced"
    service.clock.move(timedelta(hours=49))
    run(service)
    assert shown(service, account_id)[0]["state"] == "ordered"


def test_a_letter_that_cannot_be_sent_does_not_hold_the_erasure(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    service.clock.at = DUE
    run(service)
    event = NotificationFailed(letter_id=uuid4(), letter="account_erased", account_id=account_id, reason="expired")
    hear(service, event)
    run(service)
    assert shown(service, account_id)[0]["state"] == "ordered"


def test_other_letters_settle_nothing(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    service.clock.at = DUE
    run(service)
    hear(
        service,
        NotificationSent(letter_id=uuid4(), letter="password_changed", account_id=account_id),
    )
    run(service)
    assert shown(service, account_id)[0]["state"] == "announced"


@pytest.mark.clause("ERASE-1")
def test_who_came_back_is_never_erased_even_when_the_event_was_lost(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    accounts.inactive_since[str(account_id)] = None
    service.clock.at = DUE
    run(service)
    (at,) = shown(service, account_id)
    assert (at["state"], at["cancellation"]) == ("cancelled", "reactivated")
    assert len(stores[2].key(Subject.company(account_id))) == 32


def test_coming_back_and_leaving_again_starts_a_full_new_period(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    again = datetime(2027, 2, 1, 9, tzinfo=UTC)
    accounts.inactive_since[str(account_id)] = again
    service.clock.at = DUE
    run(service)
    old, new = shown(service, account_id)
    assert (old["state"], old["cancellation"]) == ("cancelled", "started_anew")
    assert (new["state"], new["due_on"]) == ("scheduled", date(2027, 5, 1))


def test_reactivation_calls_it_off_also_between_letter_and_fence(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    service.clock.at = DUE
    run(service)
    accounts.inactive_since[str(account_id)] = None
    hear(service, AccountReactivated(account_id=account_id))
    farewell(service, account_id)
    run(service)
    assert shown(service, account_id)[0]["state"] == "cancelled"
    assert accounts.begun == []


def test_a_reactivation_in_the_last_moment_stops_the_fence(service, accounts, stores, monkeypatch) -> None:
    account_id = deactivate(service, accounts, stores)
    service.clock.at = DUE
    run(service)
    farewell(service, account_id)
    asked = accounts.call

    def comes_back_after_being_asked(service_name: str, method: str, **fields: Any) -> Any:
        said = asked(service_name, method, **fields)
        if method == "standing":
            accounts.inactive_since[str(account_id)] = None
        return said

    monkeypatch.setattr(accounts, "call", comes_back_after_being_asked)
    run(service)
    assert stores[1].state(Subject.company(account_id)) == "live"
    monkeypatch.setattr(accounts, "call", asked)
    run(service)
    assert shown(service, account_id)[0]["state"] == "cancelled"


def test_nothing_is_destroyed_while_the_account_service_does_not_answer(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    accounts.failing = True
    service.clock.at = DUE
    run(service, 2)
    assert shown(service, account_id)[0]["state"] == "scheduled"
    accounts.failing = False
    service.clock.move(timedelta(seconds=6))
    run(service)
    assert shown(service, account_id)[0]["state"] == "announced"


def test_what_the_account_service_does_not_know_waits_for_a_person(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    accounts.gone.add(str(account_id))
    service.clock.at = DUE
    run(service)
    (at,) = shown(service, account_id)
    assert at["state"] == "halted"
    assert decide(service, "release", erasure_ids=[at["erasure_id"]]) == {"released": 1}
    run(service)
    assert shown(service, account_id)[0]["state"] == "announced"


def test_more_than_the_limit_at_once_halts_all_of_them(service, accounts, stores, monkeypatch) -> None:
    from dataclasses import replace

    from services.retention.erasure.values import limits_on
    from services.retention.execution import feature

    monkeypatch.setattr(feature, "limits_on", lambda day: replace(limits_on(day), run_limit=3))

    ids = [deactivate(service, accounts, stores) for _ in range(4)]
    service.clock.at = DUE
    run(service, 2)
    assert {shown(service, account_id)[0]["state"] for account_id in ids} == {"halted"}
    assert events(service).count("erasure.halted") == 1
    assert "erasure.announced" not in events(service)
    halted = invoke(service, "erasures", state="halted", limit=100)["erasures"]
    assert invoke(service, "count_halted") == {"count": len(halted)}
    assert page_by_page(lambda page: invoke(service, "erasures", state="halted", **page), "erasures") == halted
    decide(service, "release", erasure_ids=[each["erasure_id"] for each in halted])
    assert events(service).count("erasure.released") == len(halted) == 4
    run(service)
    assert {shown(service, account_id)[0]["state"] for account_id in ids} == {"announced"}


@pytest.mark.clause("STAFF-1")
def test_of_five_hundred_that_two_persons_let_go_on_at_once_each_is_told_by_itself(
    service, accounts, stores, databases
) -> None:
    """One decision of a group is as many rows of the trail as it has things."""
    accounts.gone.add(str(deactivate(service, accounts, stores)))
    service.clock.at = DUE
    run(service)
    copies = (
        "INSERT INTO erasure SELECT (jsonb_populate_record(one, jsonb_build_object("
        "'id', gen_random_uuid(), 'account_id', gen_random_uuid()))).* FROM erasure AS one, generate_series(2, 500)"
    )
    with psycopg.connect(databases.owner_dsn("retention"), autocommit=True) as owner:
        owner.execute(copies)
        halted = owner.execute("SELECT id, account_id FROM erasure WHERE state = 'halted'").fetchall()
        assert decide(service, "release", erasure_ids=[str(each) for each, _ in halted]) == {"released": 500}
        told = owner.execute("SELECT body FROM outbox WHERE routing_key = 'erasure.released'").fetchall()
    data = [json.loads(bytes(body))["data"] for (body,) in told]
    assert {(each["erasure_id"], each["account_id"]) for each in data} == {
        (str(erasure_id), str(account_id)) for erasure_id, account_id in halted
    }
    assert len(data) == 500


@pytest.mark.clause("ERASE-1")
def test_reminders_go_out_at_30_and_7_days_and_once_each(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    (at,) = shown(service, account_id)
    for day in at["reminders"]:
        service.clock.at = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
        run(service, 2)
    assert events(service).count("erasure.reminder_due") == len(at["reminders"])
    assert shown(service, account_id)[0]["reminded_on"] == at["reminders"]


def test_s11_one_user_is_erased_and_the_company_goes_on(service, accounts, stores) -> None:
    account_id, user_id = uuid4(), uuid4()
    stores[2].mint([Subject.company(account_id), Subject.person(user_id, account_id)], INACTIVE_AT)
    at = datetime(2026, 12, 15, 10, tzinfo=UTC)
    accounts.inactive_since[str(user_id)] = at
    hear(service, UserDeactivated(account_id=account_id, user_id=user_id, deactivated_at=at))
    assert shown(service, account_id)[0]["due_on"] == date(2027, 3, 15)
    service.clock.at = datetime(2027, 3, 15, 1, tzinfo=UTC)
    run(service)
    letter = NotificationSent(letter_id=uuid4(), letter="user_erased", account_id=account_id, user_id=user_id)
    hear(service, letter)
    run(service)
    for participant in PARTICIPANTS:
        answer(service, shown(service, account_id)[0]["erasure_id"], participant)
    run(service)
    assert events(service)[-1] == "user.erased"
    assert stores[1].state(Subject.person(user_id, account_id)) == "destroyed"
    assert stores[1].state(Subject.company(account_id)) == "live"


def test_a_user_who_comes_back_is_called_off_and_the_companys_clock_runs_on(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    user_id = uuid4()
    hear(
        service,
        UserDeactivated(account_id=account_id, user_id=user_id, deactivated_at=INACTIVE_AT),
    )
    hear(service, UserReactivated(account_id=account_id, user_id=user_id))
    states = {each["user_id"]: each["state"] for each in shown(service, account_id)}
    assert states == {None: "scheduled", user_id: "cancelled"}


def test_the_erasure_of_an_account_takes_its_users_clocks_along(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    later = INACTIVE_AT + timedelta(days=40)
    hear(service, UserDeactivated(account_id=account_id, user_id=uuid4(), deactivated_at=later))
    service.clock.at = DUE
    erase_all(service, account_id)
    states = {each["trigger"]: (each["state"], each["cancellation"]) for each in shown(service, account_id)}
    assert states["user_inactivated"] == ("cancelled", "superseded")


def test_the_same_deactivation_heard_twice_starts_one_clock(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    event = AccountDeactivated(account_id=account_id, trigger="customer", deactivated_at=INACTIVE_AT, user_count=1)
    hear(service, event)
    assert len(shown(service, account_id)) == 1


def test_an_answer_to_an_erasure_nobody_ordered_is_parked(service) -> None:
    with pytest.raises(UnknownParticipantError):
        answer(service, uuid4(), "account")


def test_nobody_answers_a_dry_run_for_another(service) -> None:
    """The first word counts, so a forged one would tell staff that nothing of the other's goes."""
    forged = ErasureDryRunAnswered(dry_run_id=uuid4(), participant="account", counts={}, retained=[])
    with pytest.raises(UnknownParticipantError, match="for another"):
        hear(service, forged, source="billing-sync")


def test_nobody_answers_for_another(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    service.clock.at = DUE
    run(service)
    farewell(service, account_id)
    run(service)
    erasure_id = whole(service, account_id)["erasure_id"]
    forged = ErasureStepCompleted(
        erasure_id=erasure_id, participant="account", outcome="done", counts={}, retained=[]
    )
    with pytest.raises(UnknownParticipantError):
        hear(service, forged, source="billing-sync")
    (account,) = [p for p in whole(service, account_id)["participants"] if p["participant"] == "account"]
    assert account["state"] != "done"


def test_certificates_form_one_chain_however_many_work_at_once(service, accounts, stores) -> None:
    ids = [deactivate(service, accounts, stores) for _ in range(8)]
    service.clock.at = DUE
    run(service)
    for account_id in ids:
        farewell(service, account_id)
    run(service)
    for account_id in ids:
        for participant in PARTICIPANTS:
            answer(service, shown(service, account_id)[0]["erasure_id"], participant)
    with ThreadPoolExecutor(4) as pool:
        for one in [pool.submit(in_process.run, service, "carry_out") for _ in range(8)]:
            one.result(timeout=30)
    links = invoke(service, "certificates", after=0, limit=100)["certificates"]
    assert verify_chain([link["document"] for link in links], [KEY.public]) == 8
    assert events(service).count("account.erased") == 8


@pytest.mark.parametrize("dies_at", ["fence", "destroy"])
def test_dying_between_the_keys_and_the_database_is_made_good(
    service, accounts, stores, monkeypatch, dies_at
) -> None:
    account_id = deactivate(service, accounts, stores)
    service.clock.at = DUE
    run(service)
    farewell(service, account_id)
    real = getattr(Keyring, dies_at)

    def does_it_and_dies(self: Keyring, *arguments: Any) -> Any:
        real(self, *arguments)
        raise RuntimeError("killed")

    if dies_at == "destroy":
        run(service)
        for participant in PARTICIPANTS:
            answer(service, shown(service, account_id)[0]["erasure_id"], participant)
    monkeypatch.setattr(Keyring, dies_at, does_it_and_dies)
    run(service)
    monkeypatch.setattr(Keyring, dies_at, real)
    service.clock.move(timedelta(seconds=70))
    end = erase_all(service, account_id) if dies_at == "fence" else (run(service), shown(service, account_id)[0])[1]
    assert end["state"] == "certified"
    body = verify(
        invoke(service, "certificate", certificate_id=end["certificate_id"])["document"], [KEY.public]
    ).body
    assert body["keys_destroyed"] == "under_5"
    assert stores[1].state(Subject.company(account_id)) == "destroyed"


@pytest.mark.parametrize("statement", ["DELETE FROM certificate", "UPDATE certificate SET hash = ''"])
def test_the_services_own_role_cannot_take_a_proof_away(databases, statement: str) -> None:
    with psycopg.connect(databases.dsn("retention")) as mine, pytest.raises(psycopg.errors.InsufficientPrivilege):
        mine.execute(statement)


def test_the_services_own_role_cannot_delete_an_erasure_that_is_not_over(
    databases, service, accounts, stores
) -> None:
    deactivate(service, accounts, stores)
    with psycopg.connect(databases.dsn("retention")) as mine, pytest.raises(psycopg.errors.InsufficientPrivilege):
        mine.execute("DELETE FROM erasure")
