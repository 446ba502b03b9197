"""The vendor's people on a real database, and the service as a process of its own on a real broker."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from services.staff.contacts.calls import SetContact
from services.staff.grants.calls import Grants
from services.staff.people import store
from services.staff.people.calls import (
    InvitePerson,
    ListPeople,
    RecordExit,
    RenewInvitation,
    ShowPerson,
    link_digest,
)
from services.staff.people.values import LinkPurpose
from services.staff.service import first_administrators
from shared.context import acting_as
from shared.errors import Conflict, Forbidden, NotFound
from shared.staff import Role
from tests.in_process import ask, run
from tests.integration import running
from tests.integration.staff.deciders import Decider
from tests.integration.staff.staff_stage import NOW, SPENT_CODES
from tests.plugins.ledger import begin_ledger
from tests.plugins.lock_wait import until_somebody_waits

pytestmark = pytest.mark.integration

HOUR = timedelta(hours=1)
OLA = InvitePerson(code="ola", token_digest=link_digest("first"))


def holder(stage, token: str):
    with stage.database.transaction() as tx:
        return stage.service.people.holder(tx, token, stage.clock.now())


def refusal(stage, token: str) -> str:
    with pytest.raises(Forbidden) as refused:
        holder(stage, token)
    return refused.value.details["reason"]


def test_who_is_invited_enrols_by_the_link_once(stage) -> None:
    with acting_as("staff:kari"):
        shown = ask(stage.service, OLA)
    assert (shown.code, shown.state, shown.invited_at) == ("ola", "invited", NOW)
    assert stage.events() == [
        ("staff.invited", "staff/ola", {"staff_code": "ola"}, "staff:kari"),
        ("staff.enrolment_link_issued", "staff/ola", {"staff_code": "ola", "purpose": "invitation"}, "staff:kari"),
    ]
    person, purpose = holder(stage, "first")
    assert (person.actor, purpose) == ("staff:ola", LinkPurpose.INVITATION)
    with stage.database.transaction() as tx:
        stage.service.people.use_link(tx, "first", NOW)
        stage.service.people.activate(tx, person.id, NOW)
        stage.service.people.activate(tx, person.id, NOW + HOUR)
    assert ask(stage.service, ShowPerson(code="ola")).activated_at == NOW
    assert [event for event, *_ in stage.events()].count("staff.activated") == 1
    assert refusal(stage, "first") == "link_used"
    assert "first" not in str(stage.rows("SELECT * FROM enrolment_link"))


def test_a_new_link_ends_the_one_before_and_each_ends_by_itself(stage) -> None:
    ask(stage.service, OLA)
    ask(stage.service, RenewInvitation(code="ola", token_digest=link_digest("second")))
    assert refusal(stage, "first") == "link_unknown"
    assert holder(stage, "second")[0].code == "ola"
    stage.clock.move(HOUR)
    assert refusal(stage, "second") == "link_ended"
    stage.clock.move(timedelta(days=7, hours=1))
    run(stage.service, "lapse_invitations")
    assert stage.rows("SELECT * FROM enrolment_link") == []
    assert ask(stage.service, ShowPerson(code="ola")).state == "invited"


def test_a_token_is_of_one_link_and_another_person_gets_none_by_it(stage) -> None:
    stage.ask(InvitePerson(code="kari", token_digest=link_digest("one token")))
    with pytest.raises(Conflict) as refused:
        stage.ask(InvitePerson(code="ola", token_digest=link_digest("one token")))
    assert refused.value.details == {"reason": "known_token"}
    assert stage.rows("SELECT code FROM person") == [("kari",)]
    assert stage.ask(RenewInvitation(code="kari", token_digest=link_digest("one token"))).state == "invited"


def test_a_code_is_one_person(stage) -> None:
    ask(stage.service, OLA)
    with pytest.raises(Conflict):
        ask(stage.service, InvitePerson(code="ola", token_digest=link_digest("other")))
    ask(stage.service, RecordExit(code="ola", reason="left"))
    with pytest.raises(Conflict):
        ask(stage.service, InvitePerson(code="ola", token_digest=link_digest("other")))
    with pytest.raises(Conflict):
        ask(stage.service, RenewInvitation(code="ola", token_digest=link_digest("other")))
    for call in (ShowPerson(code="per"), RecordExit(code="per", reason="left")):
        with pytest.raises(NotFound):
            ask(stage.service, call)


def test_who_leaves_has_left_at_once_and_once_and_nothing_of_theirs_is_open(stage) -> None:
    ended = []
    stage.service.people.endings = [lambda tx, person, now: ended.append((person.code, now))]
    ask(stage.service, OLA)
    shown = ask(stage.service, RecordExit(code="ola", reason="dismissed"))
    assert (shown.state, shown.left_at) == ("left", NOW)
    assert ended == [("ola", NOW)]
    assert refusal(stage, "first") == "link_unknown"
    stage.clock.move(HOUR)
    assert ask(stage.service, RecordExit(code="ola", reason="left")) == shown
    assert [each for each in stage.events() if each[0] == "staff.left"] == [
        ("staff.left", "staff/ola", {"staff_code": "ola", "reason": "dismissed"}, "system")
    ]


def test_nobody_has_left_where_something_of_theirs_could_not_be_ended(stage) -> None:
    def fails(tx, person, now) -> None:
        raise RuntimeError("not today")

    stage.service.people.endings = [fails]
    ask(stage.service, OLA)
    with pytest.raises(RuntimeError):
        ask(stage.service, RecordExit(code="ola", reason="left"))
    assert ask(stage.service, ShowPerson(code="ola")).state == "invited"
    assert holder(stage, "first")[0].code == "ola"


def test_who_does_not_come_in_time_has_left(stage) -> None:
    ask(stage.service, OLA)
    stage.clock.move(timedelta(days=29))
    ask(stage.service, InvitePerson(code="per", token_digest=link_digest("third")))
    run(stage.service, "lapse_invitations")
    stage.clock.move(timedelta(days=2))
    run(stage.service, "lapse_invitations")
    assert [(each.code, each.state) for each in ask(stage.service, ListPeople()).people] == [
        ("ola", "left"),
        ("per", "invited"),
    ]
    assert stage.events()[-1] == (
        "staff.left", "staff/ola", {"staff_code": "ola", "reason": "never_came"}, "system",
    )  # fmt: skip


def test_who_left_is_recorded_to_the_end_of_the_month_three_years_later(stage) -> None:
    for code in ("ola", "per"):
        ask(stage.service, InvitePerson(code=code, token_digest=link_digest(code)))
    ask(stage.service, RecordExit(code="ola", reason="left"))
    for at, codes in (
        (datetime(2029, 11, 30, 22, 59, tzinfo=UTC), ["ola", "per"]),
        (datetime(2029, 11, 30, 23, 1, tzinfo=UTC), ["per"]),
    ):
        stage.clock.at = at
        run(stage.service, "forget_former")
        assert [each.code for each in ask(stage.service, ListPeople()).people] == codes


def test_who_is_recorded_no_longer_is_named_nowhere_as_who_did_something_for_others(stage) -> None:
    """The code of who has invited somebody stayed for as long as that person works here."""
    liv = Decider.sworn(stage, "liv", Role.INCIDENT_LEAD)
    for code in ("ola", "eva", "per"):
        ask(stage.service, InvitePerson(code=code, token_digest=link_digest(code)))
    ask(stage.service, SetContact(code=liv.code, email="liv@staff.example", language="nb"))
    for change in (
        "UPDATE person SET invited_by = 'staff:ola' WHERE code = 'liv'",
        "UPDATE prerequisite SET recorded_by = 'staff:ola'",
        "UPDATE role_grant SET granted_by = 'staff:eva', approved_by = 'staff:ola'",
        "UPDATE role_grant SET ended_by = 'staff:ola', ended_at = now(), ended_because = 'revoked'",
        "UPDATE contact SET set_by = 'staff:ola'",
    ):
        stage.owner.execute(change)
    for code in ("ola", "eva"):
        ask(stage.service, RecordExit(code=code, reason="left"))
    stage.clock.at = datetime(2029, 12, 1, 12, tzinfo=UTC)
    run(stage.service, "forget_former")
    assert stage.rows("SELECT invited_by FROM person WHERE code = 'liv'") == [("former_staff",)]
    assert stage.rows("SELECT DISTINCT recorded_by FROM prerequisite") == [("former_staff",)]
    granted = stage.rows("SELECT granted_by, approved_by, ended_by FROM role_grant")
    assert granted == [("former_staff", "former_approver", "former_staff")]
    assert stage.rows("SELECT set_by FROM contact") == [("former_staff",)]
    (grant,) = ask(stage.service, Grants(code="liv")).grants
    assert (grant.granted_by, grant.approved_by) == ("former_staff", "former_approver")
    named = "SELECT {column} FROM {table} WHERE {column} IN ('staff:ola', 'staff:eva', 'ola', 'eva')"
    for table, column in stage.rows(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND right(column_name, 3) = '_by' AND data_type = 'text'"
    ):
        assert stage.rows(named.format(table=table, column=column)) == [], f"{table}.{column}"


def test_a_code_is_one_person_also_when_nothing_else_is_recorded_of_them(stage) -> None:
    ask(stage.service, OLA)
    ask(stage.service, RecordExit(code="ola", reason="left"))
    stage.clock.at = datetime(2029, 12, 1, 12, tzinfo=UTC)
    run(stage.service, "forget_former")
    assert stage.rows("SELECT count(*) FROM person") == [(0,)]
    ((digest,),) = stage.rows("SELECT digest FROM spent_code")
    assert bytes(digest) == SPENT_CODES.of("staff_code", "ola")
    before = len(stage.events())
    for attempt in (
        lambda: ask(stage.service, OLA),
        lambda: first_administrators(stage.database, stage.clock, SPENT_CODES).invite(
            "ola", course="introduction", trained_on=stage.clock.now().date()
        ),
    ):
        with pytest.raises(Conflict):
            attempt()
    assert stage.rows("SELECT count(*) FROM person") == [(0,)]
    assert len(stage.events()) == before
    ask(stage.service, InvitePerson(code="ola-b", token_digest=link_digest("second")))

    for at, spent in (
        (datetime(2039, 12, 31, 22, 59, tzinfo=UTC), 1),
        (datetime(2039, 12, 31, 23, 1, tzinfo=UTC), 0),
    ):
        stage.clock.at = at
        run(stage.service, "forget_former")
        assert stage.rows("SELECT count(*) FROM spent_code") == [(spent,)]


def test_who_is_invited_while_the_code_is_forgotten_waits_and_is_refused(stage, databases) -> None:
    ask(stage.service, OLA)
    ask(stage.service, RecordExit(code="ola", reason="left"))
    stage.clock.at = datetime(2029, 12, 1, 12, tzinfo=UTC)
    outcomes: list[BaseException | None] = []

    def invite() -> None:
        try:
            ask(stage.service, OLA)
        except Conflict as refused:
            outcomes.append(refused)
        else:
            outcomes.append(None)

    with stage.database.transaction() as tx:
        (code,) = store.forget(tx, stage.clock.now(), limit=10)
        inviting = threading.Thread(target=invite)
        inviting.start()
        until_somebody_waits(databases.superuser_dsn("staff"))
        store.spend_code(tx, SPENT_CODES.of("staff_code", code), stage.clock.now())
    inviting.join(10)
    assert [type(each) for each in outcomes] == [Conflict]


def test_it_starts_and_is_ready(infrastructure, broker, databases, keyring_database, tmp_path) -> None:
    begin_ledger(infrastructure, tmp_path, keyring_database.owner_dsn())
    name, module = "staff", "tests.integration.run_service"
    settings = {"TEST_DATABASE": databases.name(name), "TEST_KEYRING": keyring_database.name("keyring")}
    with running.service(module, broker, name, folder=tmp_path, user=name, settings=settings) as process:
        assert process.poll() is None
