"""Erasures of a part, replayed in audit, notification and billing-sync: what is held stays, all else of it goes.

Each service's own replayer stands behind a gate with a ledger in which facts about others lie in between. Where a
database is set back the same facts are read again, over rows that some of them have met before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from services.audit.erasure.participant import AuditErasure
from services.audit.trail.store import TrailStore
from services.billing_sync.erasure.participant import TripletexErasure
from services.notification.erasure.participant import NotificationErasure
from services.notification.preferences.facts import Objections
from services.notification.preferences.store import PreferenceStore
from shared.clock import FixedClock
from shared.database import Database
from shared.participation.replay import ParticipantReplayer
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_lines import Fact, Kind, Value
from shared.privacy.ledger_writer import LedgerWriter
from shared.privacy.restore_gate import Gate, GateState, Replayer
from tests.plugins.db_snapshot import SetBack
from tests.unit.privacy.ledger_samples import KEY, START, writer_at

pytestmark = [pytest.mark.integration, pytest.mark.clause("FORGET-1", "HOLD-1")]

NOW = START + timedelta(days=60)
MINUTE = timedelta(minutes=1)
Left = dict[str, set[str]]
"""Which rows of a table are there, by whose they are."""


class Company:
    """An account with two users; the company itself is nobody."""

    def __init__(self) -> None:
        self.account_id, self.anna, self.berit = uuid4(), uuid4(), uuid4()

    def name(self, user_id: UUID | None) -> str:
        return {self.anna: "anna", self.berit: "berit", None: "company"}[user_id]


class House:
    """One service's database behind its gate, and a ledger."""

    def __init__(self, dsns: Any, service: str, replayer: Replayer, writer: LedgerWriter) -> None:
        self.owner_dsn = dsns.owner_dsn(service)
        self.database = Database(dsns.dsn(service), source=service.replace("_", "-"), size=3)
        self.database.open()
        self.replayer, self.writer = replayer, writer

    def add(self, table: str, **columns: Any) -> None:
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        values = sql.SQL(", ").join(map(sql.Placeholder, columns))
        with psycopg.connect(self.owner_dsn) as owner:
            owner.execute(
                sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), names, values), columns
            )

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.owner_dsn) as owner:
            return owner.execute(query, values).fetchall()  # type: ignore[arg-type]

    def write(self, kind: Kind, account_id: UUID, user_id: UUID | None = None, **data: Value) -> None:
        self.writer.append([Fact(kind=kind, account_id=account_id, user_id=user_id, data=data)], START)

    def replay(self) -> int:
        """Open the gate as the next process does; how many facts it read."""
        before = self.position()
        ledger = Ledger(self.writer.path, keys=[KEY.public])
        gate = Gate(ledger, self.database, self.replayer, clock=FixedClock(NOW))
        assert gate.open() is GateState.OPEN, gate.reason
        return self.position() - before

    def position(self) -> int:
        ((position,),) = self.rows("SELECT coalesce(position, 0) FROM ledger_position")
        return int(position)

    def begin_again(self) -> None:
        """Nothing is set back but the position: every fact is replayed once more, over what it left."""
        with psycopg.connect(self.owner_dsn) as owner:
            owner.execute("UPDATE ledger_position SET position = NULL, hash = NULL, recorded_at = NULL")


# ── what each keeps of a company ──────────────────────────────────────────────────────────────────────────


def fill_notification(house: House, of: Company) -> None:
    times = dict.fromkeys(("due_at", "requested_at", "expires_at"), NOW)
    for user_id in (of.anna, of.berit):
        letter_id = uuid4()
        person = {"account_id": of.account_id, "user_id": user_id}
        house.add(
            "letter", id=letter_id, event_id=uuid4(), letter="user_erased", lane=1, fair_at=NOW, **times, **person
        )
        house.add("opt_out", letter_class="marketing", since=NOW, **person)
        house.add(
            "suppression",
            kind="bounce",
            address_index=user_id.bytes,
            since=NOW,
            ends_at=NOW + timedelta(days=30),
            **person,
        )
        house.add("webhook", token=uuid4().hex, identity="i", letter_id=letter_id, verdict="taken", received_at=NOW)
    mailing_id = uuid4()
    house.add(
        "mailing",
        id=mailing_id,
        event_id=uuid4(),
        letter="account_erased",
        account_id=of.account_id,
        lane=1,
        **times,
    )
    house.add(
        "address_cleanup",
        mailing_id=mailing_id,
        user_id=of.anna,
        account_id=of.account_id,
        due_at=NOW,
        expires_at=NOW,
    )


def left_at_notification(house: House, of: Company) -> Left:
    query = "SELECT user_id FROM {} WHERE account_id = %s"
    return {table: named(house, of, query.format(table)) for table in FULL["notification"]}


def fill_audit(house: House, of: Company) -> None:
    for user_id in (of.anna, of.berit, None):
        house.add(
            "login_event",
            attempt_id=uuid4(),
            occurred_at=NOW,
            outcome="failed",
            reason="wrong_password",
            account_id=of.account_id,
            user_id=user_id,
            expires_on=NOW.date(),
            origin="unknown",
            origin_try_at=NOW,
        )
        kind, id_ = ("user", user_id) if user_id else ("account", of.account_id)
        house.add("subject_link", kind=kind, id=str(id_), account_id=of.account_id, ref=uuid4())


def left_at_audit(house: House, of: Company) -> Left:
    links = "SELECT CASE WHEN kind = 'user' THEN id::uuid END FROM subject_link WHERE account_id = %s"
    return {
        "login_event": named(house, of, "SELECT user_id FROM login_event WHERE account_id = %s"),
        "subject_link": named(house, of, links),
    }


def fill_billing(house: House, of: Company) -> None:
    number = uuid4().int % 10**9
    house.add(
        "customer_link", account_id=of.account_id, customer_number=number, tripletex_id=number, state="linked"
    )
    for user_id in (of.anna, of.berit):
        house.add("contact_link", account_id=of.account_id, user_id=user_id, tripletex_id=user_id.int % 10**9)
    house.add("job", id=uuid4(), account_id=of.account_id, kind="sync", state="waiting", due_at=NOW)


def left_at_billing(house: House, of: Company) -> Left:
    """What is to be copied, and what is to be minimised but for whom."""
    jobs = house.rows("SELECT kind, user_id, held_users FROM job WHERE account_id = %s", of.account_id)
    return {
        "copied": {"company" for kind, _, _ in jobs if kind == "sync"},
        "minimised": {of.name(user_id) for kind, user_id, _ in jobs if kind == "minimise"},
        "but": {of.name(each) for kind, _, held in jobs if kind == "minimise" for each in held},
    }


def named(house: House, of: Company, query: str) -> set[str]:
    return {of.name(row[0]) for row in house.rows(query, of.account_id)}


BOTH = {"anna", "berit"}
ALL = {*BOTH, "company"}
NOBODY: set[str] = set()
FULL = {
    "notification": {
        "letter": BOTH, "mailing": {"company"}, "opt_out": BOTH, "suppression": BOTH, "address_cleanup": {"anna"},
    },
    "audit": {"login_event": ALL, "subject_link": ALL},
    "billing_sync": {"copied": {"company"}, "minimised": NOBODY, "but": NOBODY},
}  # fmt: skip
FILL: dict[str, Callable[[House, Company], None]] = {
    "notification": fill_notification,
    "audit": fill_audit,
    "billing_sync": fill_billing,
}
LOOK: dict[str, Callable[[House, Company], Left]] = {
    "notification": left_at_notification,
    "audit": left_at_audit,
    "billing_sync": left_at_billing,
}


def notification_replayer() -> Replayer:
    participant = NotificationErasure(PreferenceStore().keep_refusals)
    return ParticipantReplayer(participant, Objections(participant.is_left))


REPLAYERS: dict[str, Callable[[], Replayer]] = {
    "notification": notification_replayer,
    "audit": lambda: ParticipantReplayer(AuditErasure(TrailStore().wait_lock)),
    "billing_sync": lambda: ParticipantReplayer(TripletexErasure()),
}


@pytest.fixture(params=sorted(FULL))
def service(request) -> str:
    return str(request.param)


@pytest.fixture
def house(databases, service, tmp_path) -> Iterator[House]:
    made = House(databases, service, REPLAYERS[service](), writer_at(tmp_path / "ledger.jsonl"))
    made.begin_again()
    yield made
    made.database.close()


def filled(house: House, service: str) -> Company:
    company = Company()
    FILL[service](house, company)
    assert LOOK[service](house, company) == FULL[service]
    return company


# ── what the ledger says ──────────────────────────────────────────────────────────────────────────────────


def hold(house: House, of: Company, users: tuple[UUID, ...] = (), categories: tuple[str, ...] = ()) -> str:
    hold_id = str(uuid4())
    house.write(
        Kind.HOLD_PLACED, of.account_id, hold_id=hold_id, user_ids=tuple(map(str, users)), categories=categories
    )
    return hold_id


def erase(house: House, of: Company, user_id: UUID | None = None, **data: Value) -> None:
    kind = Kind.USER_ERASED if user_id else Kind.ACCOUNT_ERASED
    house.write(kind, of.account_id, user_id, erasure_id=str(uuid4()), **data)


def others(house: House, service: str) -> Company:
    """Facts about somebody else, most of which mean nothing here; that company loses one user."""
    bystander = filled(house, service)
    house.write(Kind.NOTICE_GIVEN, bystander.account_id, noticed_on="2027-01-05", notice_ends_on="2027-02-28")
    house.write(Kind.OBJECTION, bystander.account_id, bystander.berit, **{"class": "product_news"}, since=since())
    house.write(Kind.EARLY_DROPPED, bystander.account_id, request_id=str(uuid4()), reason="notice_withdrawn")
    house.write(Kind.RECTIFIED, bystander.account_id, bystander.anna, version="v3", fields=("name",))
    erase(house, bystander, bystander.anna)
    return bystander


def since() -> str:
    return START.isoformat(timespec="microseconds")


ONE_USER_LESS: dict[str, Left] = {
    "notification": {
        "letter": {"berit"}, "mailing": {"company"}, "opt_out": {"berit"}, "suppression": {"berit"},
        "address_cleanup": NOBODY,
    },
    "audit": {"login_event": {"berit", "company"}, "subject_link": {"berit", "company"}},
    "billing_sync": {"copied": {"company"}, "minimised": {"anna"}, "but": NOBODY},
}  # fmt: skip


def test_one_user_is_erased_again_and_the_company_and_its_others_stay(house, service):
    company = filled(house, service)
    erase(house, company, company.anna)
    bystander = others(house, service)
    replayed = house.replay()
    assert LOOK[service](house, company) == ONE_USER_LESS[service]
    assert LOOK[service](house, bystander) == ONE_USER_LESS[service]
    house.begin_again()
    assert house.replay() == replayed
    assert LOOK[service](house, company) == ONE_USER_LESS[service]


HELD_CATEGORY = {"notification": "letters", "audit": "login_events", "billing_sync": "billing_copy"}
CATEGORY_KEPT: dict[str, Left] = {
    "notification": {
        "letter": BOTH, "mailing": {"company"}, "opt_out": NOBODY, "suppression": NOBODY, "address_cleanup": NOBODY,
    },
    "audit": {"login_event": ALL, "subject_link": NOBODY},
    "billing_sync": {"copied": {"company"}, "minimised": NOBODY, "but": NOBODY},
}  # fmt: skip


def test_a_category_that_is_held_stays_of_everybody_and_nothing_else(house, service):
    company = filled(house, service)
    hold(house, company, categories=(HELD_CATEGORY[service],))
    bystander = others(house, service)
    erase(house, company, extent="partial")
    replayed = house.replay()
    assert LOOK[service](house, company) == CATEGORY_KEPT[service]
    assert LOOK[service](house, bystander) == ONE_USER_LESS[service]
    house.begin_again()
    assert house.replay() == replayed
    assert LOOK[service](house, company) == CATEGORY_KEPT[service]


PERSON_KEPT: dict[str, Left] = {
    "notification": {
        "letter": {"anna"}, "mailing": NOBODY, "opt_out": {"anna"}, "suppression": {"anna"},
        "address_cleanup": NOBODY,
    },
    "audit": {"login_event": {"anna"}, "subject_link": {"anna"}},
    "billing_sync": {"copied": NOBODY, "minimised": {"company"}, "but": {"anna"}},
}  # fmt: skip


def test_a_person_who_is_held_stays_with_everything_and_the_rest_of_the_company_goes(house, service):
    company = filled(house, service)
    hold(house, company, users=(company.anna,))
    erase(house, company, extent="partial")
    house.replay()
    assert LOOK[service](house, company) == PERSON_KEPT[service]
    house.begin_again()
    house.replay()
    assert LOOK[service](house, company) == PERSON_KEPT[service]


GONE: dict[str, Left] = {
    "notification": dict.fromkeys(FULL["notification"], NOBODY),
    "audit": dict.fromkeys(FULL["audit"], NOBODY),
    "billing_sync": {"copied": NOBODY, "minimised": {"company"}, "but": NOBODY},
}


@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "one after the other"])
def test_what_was_held_goes_with_the_erasure_that_completes_the_first(house, service, at_once):
    company = filled(house, service)
    hold_id = hold(house, company, users=(company.anna,))
    erase(house, company, extent="partial")
    bystander = others(house, service)
    if not at_once:
        house.replay()
        assert LOOK[service](house, company) == PERSON_KEPT[service]
    house.write(Kind.HOLD_RELEASED, company.account_id, hold_id=hold_id, reason="settled")
    erase(house, company, completes=str(uuid4()))
    house.replay()
    assert LOOK[service](house, company) == GONE[service]
    assert LOOK[service](house, bystander) == ONE_USER_LESS[service]
    house.begin_again()
    house.replay()
    assert LOOK[service](house, company) == GONE[service]


def test_a_backup_that_brings_the_company_back_loses_it_again_but_for_who_is_held(house, service):
    company = filled(house, service)
    hold(house, company, users=(company.anna,))
    house.replay()
    backup = SetBack(house.owner_dsn)
    erase(house, company, extent="partial")
    bystander = filled(house, service)
    backup_knows_them_not = LOOK[service](house, bystander)
    house.replay()
    assert LOOK[service](house, company) == PERSON_KEPT[service]
    assert LOOK[service](house, bystander) == backup_knows_them_not == FULL[service]
    backup.restore()
    assert LOOK[service](house, company) == FULL[service]
    assert house.replay() == 1
    assert LOOK[service](house, company) == PERSON_KEPT[service]


def test_a_person_restricted_outlives_an_erasure_of_that_person_alone(house, service):
    company = filled(house, service)
    restriction_id = str(uuid4())
    house.write(Kind.RESTRICTION_SET, company.account_id, company.anna, restriction_id=restriction_id)
    erase(house, company, company.anna, extent="partial")
    house.replay()
    kept = FULL[service] | ({"address_cleanup": NOBODY} if service == "notification" else {})
    assert LOOK[service](house, company) == kept
    house.write(Kind.RESTRICTION_LIFTED, company.account_id, company.anna, restriction_id=restriction_id)
    erase(house, company, company.anna)
    house.replay()
    assert LOOK[service](house, company) == ONE_USER_LESS[service]
    house.begin_again()
    house.replay()
    assert LOOK[service](house, company) == ONE_USER_LESS[service]


def test_tokens_of_webhooks_go_with_the_letters_they_are_about(databases, tmp_path):
    house = House(databases, "notification", notification_replayer(), writer_at(tmp_path / "ledger.jsonl"))
    house.begin_again()
    company = filled(house, "notification")
    about = "SELECT count(*) FROM webhook WHERE letter_id IN (SELECT id FROM letter WHERE user_id = %s)"
    assert house.rows(about, company.anna) == [(1,)]
    before = house.rows("SELECT count(*) FROM webhook")[0][0]
    erase(house, company, company.anna)
    house.replay()
    assert house.rows("SELECT count(*) FROM webhook") == [(before - 1,)]
    house.database.close()


def test_who_was_erased_from_the_trail_is_not_let_in_again_and_who_is_held_is(databases, tmp_path):
    house = House(databases, "audit", REPLAYERS["audit"](), writer_at(tmp_path / "ledger.jsonl"))
    house.begin_again()
    company = filled(house, "audit")
    hold(house, company, users=(company.anna,))
    erase(house, company, extent="partial")
    house.replay()
    dead = {row[0] for row in house.rows("SELECT id FROM tombstone")}
    assert {company.account_id, company.berit} <= dead
    assert company.anna not in dead
    house.database.close()
