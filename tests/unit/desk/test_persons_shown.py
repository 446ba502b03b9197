"""Whom a page or command showed is told to staff once, when the replies are there: the users named in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID, uuid4

import marshmallow as ma
import pytest

from services.account.companies.calls import SEARCH_LIMIT, GetAccount, SearchAccounts
from services.account.users.calls import ListUsers, User
from services.audit.trail.calls import RowShown, Trail
from services.desk.client import Desk
from services.desk.known_calls import known_call, known_calls
from services.desk.persons_shown import NAMING, persons_in
from services.desk.stated_caller import StatedCallers
from services.notification.staff_tasks.calls import CountTasks
from services.registers.board.calls import ShowRecord
from services.registers.kinds.table import PRESENT
from services.registers.kinds.values import Form
from services.retention.holds.calls import Holds, HoldShown
from services.staff.statements.calls import ACCOUNTS_SEEN, NAMED
from shared.actor import Actor
from shared.calls import Call
from shared.config import load
from shared.errors import DeadlineExceeded, Internal, Unauthenticated, Unavailable
from shared.records import Record, schema_of
from shared.staff import Act, acts
from tests.desk_stage import HOLD, ID, TOKEN, USER, Services, settings_in
from tests.examples import example

pytestmark = pytest.mark.unit

KARI = Actor("staff", name="kari")
READING = "0192f6c0-0000-7000-8000-0000000000dd"
THINGS = {"account_id", "approval_id", "case_id", "certificate_id", "completes", "correlation_id", "dry_run_id",
          "erasure_id", "event_id", "hold_id", "job_id", "letter_id", "report_id", "request_id", "restriction_id",
          "suppression_id", "attempt_id", "task_id", "thread_id"}  # fmt: skip


class Staff(Services):
    """Services whose staff want to be told whom a look showed."""

    def __init__(self) -> None:
        super().__init__()
        self.replies["tell_seen"] = {}

    def sign(self, asked: dict[str, Any]) -> dict[str, Any]:
        known = [(acts()[each["act"]].act, each["account_id"]) for each in asked["acts"]]
        shows = any((act.shows and account_id) or act.finds for act, account_id in known)
        return super().sign(asked) | ({"reading_id": READING} if shows else {})

    @property
    def told(self) -> list[dict[str, Any]]:
        return [fields for _, method, fields in self.asked if method == "tell_seen"]


@pytest.fixture
def services() -> Staff:
    return Staff()


@pytest.fixture
def desk(services, tmp_path) -> Desk:
    caller = StatedCallers(services).of(KARI, TOKEN)
    return Desk(load(settings_in(tmp_path)), caller, who=lambda: KARI)


def look(desk: Desk) -> Any:
    with desk.together() as page:
        page.ask(GetAccount(account_id=UUID(ID), actor=KARI))
        users = page.ask(ListUsers(account_id=UUID(ID), actor=KARI))
        page.ask(Holds(account_id=UUID(ID)))
        page.ask(CountTasks())
    return users


@pytest.mark.clause("STAFF-1")
def test_a_page_tells_once_whom_all_its_replies_showed(desk, services) -> None:
    other = str(uuid4())
    services.replies["list_users"] = {"users": [example(User, user_id=each) for each in (USER, other)]}
    look(desk)
    (told,) = services.told
    assert told["reading_id"] == READING
    assert told["seen"] == [{"account_id": ID, "user_ids": sorted([USER, other]), "persons": 2}]
    assert services.asked[-1][1] == "tell_seen", "after the replies"


def test_of_many_the_first_are_named_and_all_are_counted(desk, services) -> None:
    many = [example(User, user_id=str(UUID(int=number))) for number in range(NAMED + 7)]
    services.replies["list_users"] = {"users": many}
    services.replies["holds"] = {"holds": []}
    look(desk)
    (seen,) = services.told[0]["seen"]
    assert seen["user_ids"] == [str(UUID(int=number)) for number in range(NAMED)]
    assert seen["persons"] == NAMED + 7


def test_what_did_not_come_showed_nobody(desk, services) -> None:
    for method in ("get_account", "list_users", "holds"):
        services.replies[method] = Unavailable("away")
    look(desk)
    assert services.told[0]["seen"] == [{"account_id": ID, "user_ids": [], "persons": 0}]


def test_a_page_about_nobody_tells_nothing(desk, services) -> None:
    desk.ask(CountTasks())
    assert services.told == []


@pytest.mark.parametrize(
    "failure", [Unavailable("away"), DeadlineExceeded("late"), Internal("1"), Unauthenticated()], ids=type
)
def test_a_page_comes_though_staff_cannot_be_told(desk, services, failure) -> None:
    services.replies["tell_seen"] = failure
    assert [each.user_id for each in look(desk).reply.users] == [UUID(USER)]


def test_what_finds_people_tells_of_every_account_in_its_reply_and_of_none_where_there_is_none(
    desk, services
) -> None:
    other, another = str(uuid4()), str(uuid4())
    rows = [example(RowShown, account_id=account_id, user_id=user_id, facts={})
            for account_id, user_id in ((ID, USER), (ID, other), (another, None), (None, None))]  # fmt: skip
    services.replies["trail"] = {"rows": rows, "next_after_seq": None, "next_before_seq": None}
    desk.ask(Trail(subject="letter/0192f6c0-0000-7000-8000-000000000001"))
    (told,) = services.told
    assert {each["account_id"]: each for each in told["seen"]} == {
        ID: {"account_id": ID, "user_ids": sorted([USER, other]), "persons": 2},
        another: {"account_id": another, "user_ids": [], "persons": 0},
    }
    services.replies["trail"] = {"rows": [], "next_after_seq": None, "next_before_seq": None}
    desk.ask(Trail(subject="letter/0192f6c0-0000-7000-8000-000000000001"))
    assert len(services.told) == 1


def test_users_are_found_wherever_they_stand() -> None:
    one, two, three = uuid4(), uuid4(), uuid4()
    said = {"rows": [{"user_id": str(one), "account_id": ID},
                     {"held": {"user_ids": [str(two)], "not_covered": []}}],
            "user_id": None, "creator_id": str(three), "text": str(uuid4())}  # fmt: skip
    assert set(persons_in(said)) == {one, two, three}


def ids_in(schema: ma.Schema) -> Iterator[str]:
    for name, field in schema.fields.items():
        inner = field.inner if isinstance(field, ma.fields.List) else field
        if isinstance(inner, ma.fields.Nested):
            yield from ids_in(inner.schema)
        elif isinstance(inner, ma.fields.UUID):
            yield name


def test_every_id_in_a_reply_about_people_is_a_user_or_known_to_be_none() -> None:
    showing = [known_call(*name.split(".")) for name, known in acts().items() if known.act.shows]
    assert showing
    found = {name for call in showing for name in ids_in(schema_of(call.reply))}
    assert found & NAMING
    assert found - NAMING <= THINGS


@pytest.mark.clause("STAFF-1")
def test_what_shows_people_names_their_company_or_finds_it_in_the_reply() -> None:
    """A look is told to the company that the call names: one that names none would be told to nobody."""
    showing = {name: known.act for name, known in acts().items() if known.act.shows}
    for name, act in showing.items():
        field = schema_of(known_call(*name.split("."))).fields[act.shows]
        assert act.finds is not field.required, name


def test_no_reply_that_finds_people_is_of_more_companies_than_are_told() -> None:
    limits = {
        name: most.max
        for name, known in acts().items()
        if known.act.finds and (field := schema_of(known_call(*name.split("."))).fields.get("limit")) is not None
        for most in field.validators
        if isinstance(most, ma.validate.Range)
    }
    assert limits.keys() >= {"retention.erasures", "retention.holds", "retention.restrictions", "audit.trail"}
    assert max(*limits.values(), SEARCH_LIMIT) <= ACCOUNTS_SEEN


@pytest.mark.clause("STAFF-1")
def test_a_search_is_told_to_each_customer_whom_it_found_and_to_nobody_where_it_found_none(desk, services) -> None:
    search = SearchAccounts(email="kari@firma.example", actor=KARI, purpose="dispute")
    desk.ask(search)
    (told,) = services.told
    assert {each["account_id"]: each["persons"] for each in told["seen"]} == {ID: 0, USER: 0}
    services.replies["search_accounts"] = {"accounts": []}
    desk.ask(search)
    assert len(services.told) == 1


EXCEPTED = {
    "retention.dry_run": "what has been answered to `order_dry_run`, which is told",
    "retention.certificates": "what it holds besides is public keys by their names",
    "staff.show_approval": "what somebody wants to do; what is done leaves its own trace",
    "staff.request_approval": "what whoever asks has just said themselves",
    "staff.edit_approval": "what whoever asks has just said themselves",
}
"""What may name people of a customer, is told to no customer, and why."""


@pytest.mark.clause("STAFF-1")
def test_whatever_names_people_of_a_customer_is_told_to_it_but_for_what_is_listed_here() -> None:
    """Every call of the desk, also one in nobody's name. What is done leaves a trace of its own."""
    untold = {name for name, call in known_calls().items() if not is_told(call) and may_name_people(call.reply)}
    assert untold == EXCEPTED.keys()


def is_told(call: type[Call[Any]]) -> bool:
    act = call.staff
    return isinstance(act, Act) and bool(act.shows or act.finds or act.changes or call.is_command)


def may_name_people(reply: type[Record]) -> bool:
    """Whether a field is called as what names people, or holds whatever somebody puts into it but counts."""
    return any((name in NAMING and isinstance(field, ma.fields.UUID)) or is_open(field)
               for name, field in fields_in(schema_of(reply)))  # fmt: skip


def is_open(field: Any) -> bool:
    if isinstance(field, ma.fields.Dict):
        return not isinstance(field.value_field, ma.fields.Integer | ma.fields.Nested)
    return type(field) in {ma.fields.Raw, ma.fields.Field}


def fields_in(schema: ma.Schema) -> Iterator[tuple[str, Any]]:
    for name, field in schema.fields.items():
        inner = field.inner if isinstance(field, ma.fields.List) else field
        if isinstance(inner, ma.fields.Nested):
            yield from fields_in(inner.schema)
        else:
            yield name, inner


class Said(Record):
    """Whatever somebody puts into it."""

    said: Mapping[str, Any]


class Counted(Record):
    """Numbers, and ids of things."""

    counts: Mapping[str, int]
    things: tuple[UUID, ...]


class Below(Record):
    """What stands in rows."""

    rows: tuple[Said, ...]


def test_what_holds_anything_may_name_people_and_what_counts_does_not() -> None:
    assert [may_name_people(each) for each in (Said, Counted, Below, HoldShown)] == [True, False, True, True]


def test_every_field_of_a_register_that_is_a_user_is_called_as_one() -> None:
    of_users = {
        field.name for kind in PRESENT.values() for field in kind.fields if field.form in {Form.USER, Form.USERS}
    }
    assert of_users
    assert of_users <= NAMING


@pytest.mark.clause("STAFF-1")
def test_a_list_of_all_customers_tells_each_of_them_once(desk, services) -> None:
    """However many rows it has of one; of one account alone it tells that one, also where nothing is held of it."""
    other, theirs = str(uuid4()), str(uuid4())
    rows = [HOLD | {"account_id": account_id, "user_ids": [user], "not_covered": []}
            for account_id, user in ((ID, USER), (other, theirs), (ID, USER))]  # fmt: skip
    services.replies["holds"] = {"holds": rows}
    desk.ask(Holds())
    (told,) = services.told
    assert {each["account_id"]: each["user_ids"] for each in told["seen"]} == {ID: [USER], other: [theirs]}
    services.replies["holds"] = {"holds": []}
    desk.ask(Holds())
    assert len(services.told) == 1
    desk.ask(Holds(account_id=UUID(ID)))
    assert services.told[1]["seen"] == [{"account_id": ID, "user_ids": [], "persons": 0}]


def test_whoever_signs_for_a_customer_is_seen_in_its_record(desk, services) -> None:
    signer = str(uuid4())
    services.replies["show_record"] = services.replies["show_record"] | {
        "fields": {"scope": "full", "signer": signer}
    }
    desk.ask(ShowRecord(record_id=UUID(ID)))
    (seen,) = services.told[0]["seen"]
    assert seen["account_id"] == ID
    assert signer in seen["user_ids"]
