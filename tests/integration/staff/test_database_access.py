"""Access to the databases on real servers: nobody logs in before two persons have decided it, nor after its end."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from deploy.provision import postgres, reader_door
from services.desk.scram import make_password
from services.staff.database_access.calls import (
    EndDatabaseAccess,
    ListDatabaseAccess,
    OpenDatabaseAccess,
    SetDatabasePassword,
)
from services.staff.grants.calls import RevokeGrant
from services.staff.people.calls import RecordExit
from shared.context import acting_as, current, working_in
from shared.errors import Conflict, Forbidden, NotFound
from shared.staff import Purpose, Role
from shared.statements import ApprovedBy
from tests.in_process import ask, invoke, run, seen
from tests.integration.staff.deciders import Decider
from tests.paging import page_by_page
from tests.plugins.db_snapshot import SetBack
from tests.staff_statements import statement_for
from tests.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.clause("STAFF-1", "STAFF-2")]

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
ACCOUNT = OpenDatabaseAccess(database="account", hours=2, reason="fault")


@pytest.fixture(autouse=True)
def shut(reader):
    """Begin each test with a closed door."""
    with psycopg.connect(reader.databases.superuser_dsn("staff"), autocommit=True) as connection:
        connection.execute("SELECT reader_door.close('account')")


@pytest.fixture
def kari(stage):
    return Decider.sworn(stage, "kari", Role.OPERATOR, purpose=Purpose.OPERATIONS)


@contextmanager
def by(requested, *, approved=None, call):
    """As this person, whom a statement names; where two decide, with who approved."""
    approval = ApprovedBy(id=uuid4(), requested_by=requested, approved_by=approved) if approved else None
    statement = statement_for("staff", call.method, call.to_json(), approval=approval, sub=requested)
    with working_in(replace(current(), actor=f"staff:{requested}", statement=statement)):
        yield


def opened(stage, requested="kari", approved="ola", call=ACCOUNT):
    with by(requested, approved=approved, call=call):
        return ask(stage.service, call)


def password_of(stage, access, person="kari"):
    """The password that this person has made up for an access, and set."""
    made = make_password()
    call = SetDatabasePassword(access_id=access.access_id, verifier=made.verifier)
    with by(person, call=call):
        shown = ask(stage.service, call)
    assert (shown.access_id, shown.password_made_at) == (access.access_id, stage.clock.now())
    return made.password


def told(stage):
    return [(kind, data) for kind, _, data, _ in stage.events() if kind.startswith("staff.database_")]


def listed(stage):
    return ask(stage.service, ListDatabaseAccess()).accesses


def test_nobody_is_let_in_before_two_persons_decided_it_and_then_only_into_that_database(stage, reader, kari):
    assert "authentication failed" in reader.enters("anything")
    access = opened(stage)
    assert (access.code, access.database, access.role) == ("kari", "account", reader.role)
    assert (access.approved_by, access.purpose) == ("staff:ola", "operations")
    assert access.expires_at == stage.clock.now() + 2 * HOUR
    assert "authentication failed" in reader.enters("anything")
    password = password_of(stage, access)
    assert "authentication failed" in reader.enters("anything")
    assert reader.enters(password) is None
    assert "permission denied for database" in reader.enters(password, "staff")
    with (
        psycopg.connect(reader.dsn(password)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT 1 FROM public.account_user")
    assert [kind for kind, _ in told(stage)] == ["staff.database_access_opened", "staff.database_password_set"]
    assert password not in str(stage.rows("SELECT * FROM outbox")) + str(listed(stage))


def test_the_server_itself_ends_the_password(stage, reader, kari):
    password = password_of(stage, opened(stage))
    until_now = "SELECT rolvaliduntil - clock_timestamp() FROM pg_authid WHERE rolname = %s"
    with psycopg.connect(reader.databases.superuser_dsn("account"), autocommit=True) as connection:
        ((left,),) = connection.execute(until_now, [reader.role]).fetchall()
        assert 2 * HOUR - timedelta(minutes=1) < left <= 2 * HOUR
        connection.execute(
            sql.SQL("ALTER ROLE {} VALID UNTIL {}").format(
                sql.Identifier(reader.role), sql.Literal(str(stage.rows("SELECT now() - interval '1 s'")[0][0]))
            )
        )
    assert "authentication failed" in reader.enters(password)


def test_whoever_is_in_at_the_end_is_cut_off(stage, reader, kari):
    password = password_of(stage, opened(stage))
    with psycopg.connect(reader.dsn(password), autocommit=True) as connection:
        connection.execute("SELECT 1")
        stage.clock.move(2 * HOUR - SECOND)
        run(stage.service, "revoke_expired_access")
        connection.execute("SELECT 1")
        stage.clock.move(SECOND)
        run(stage.service, "revoke_expired_access")
        with pytest.raises(psycopg.OperationalError):
            until(lambda: connection.execute("SELECT 1").rowcount == 0, seconds=10)
    assert "authentication failed" in reader.enters(password)
    assert told(stage)[-1][1]["reason"] == "over"
    run(stage.service, "revoke_expired_access")
    assert [kind for kind, _ in told(stage)].count("staff.database_access_ended") == 1


@pytest.mark.parametrize(
    ("ending", "reason"),
    [("leave", "left"), ("grant", "not_permitted"), ("undertaking", "not_permitted"), ("keys", "not_permitted")],
)
def test_it_ends_with_whatever_it_stands_on(stage, reader, kari, ending, reason):
    access = opened(stage)
    password = password_of(stage, access)
    match ending:
        case "leave":
            ask(stage.service, RecordExit(code="kari", reason="left"))
            assert "authentication failed" in reader.enters(password)
        case "grant":
            ((grant_id,),) = stage.rows("SELECT id FROM role_grant")
            with acting_as("staff:eva"):
                ask(stage.service, RevokeGrant(grant_id=grant_id))
        case "undertaking":
            stage.owner.execute(
                "UPDATE prerequisite SET ended_at = now(), ended_because = 'mistaken' WHERE kind = 'undertaking'"
            )
        case "keys":
            stage.owner.execute("UPDATE passkey SET revoked_at = now(), revoked_because = 'lost'")
    run(stage.service, "revoke_expired_access")
    assert "authentication failed" in reader.enters(password)
    (shown,) = listed(stage)
    assert (shown.ended_because, shown.ended_at) == (reason, stage.clock.now())
    if ending != "leave":
        with pytest.raises(Conflict):
            password_of(stage, access)


def test_who_has_not_signed_gets_none_and_after_signing_does(stage, reader):
    Decider.arrived(stage, "per")
    with pytest.raises(Forbidden) as refused:
        opened(stage, requested="per")
    assert refused.value.details == {"reason": "undertaking_missing"}
    Decider.sworn(stage, "liv", Role.DEVELOPER, purpose=Purpose.OPERATIONS)
    assert opened(stage, requested="liv").code == "liv"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OPERATOR, Role.DEVELOPER}))
def test_no_other_role_looks_into_a_database(stage, role):
    Decider.sworn(stage, "per", role)
    with pytest.raises(Forbidden) as refused:
        opened(stage, requested="per")
    assert refused.value.details == {"reason": "role_not_granted"}


def test_one_person_alone_opens_nothing_and_nobody_acts_unnamed(stage, kari):
    with by("kari", call=ACCOUNT), pytest.raises(Forbidden) as refused:
        ask(stage.service, ACCOUNT)
    assert refused.value.details == {"reason": "approval_missing"}
    with by("kari", approved="kari", call=ACCOUNT), pytest.raises(Forbidden) as refused:
        ask(stage.service, ACCOUNT)
    assert refused.value.details == {"reason": "approved_by_who_asked"}
    with pytest.raises(Forbidden) as refused:
        ask(stage.service, ACCOUNT)
    assert refused.value.details == {"reason": "approval_missing"}
    with pytest.raises(Forbidden) as refused:
        ask(stage.service, SetDatabasePassword(access_id=uuid4(), verifier=make_password().verifier))
    assert refused.value.details == {"reason": "statement_missing"}
    assert (listed(stage), told(stage)) == ((), [])


def test_a_password_is_made_for_whoever_has_the_access_and_for_nobody_else(stage, reader, kari):
    access = opened(stage)
    Decider.sworn(stage, "per", Role.OPERATOR, purpose=Purpose.OPERATIONS)
    with pytest.raises(Forbidden) as refused:
        password_of(stage, access, person="per")
    assert refused.value.details == {"reason": "access_of_another"}
    call = SetDatabasePassword(access_id=uuid4(), verifier=make_password().verifier)
    with by("kari", call=call), pytest.raises(NotFound):
        ask(stage.service, call)
    first, second = password_of(stage, access), password_of(stage, access)
    assert "authentication failed" in reader.enters(first)
    assert reader.enters(second) is None


def test_a_database_is_open_to_one_person_at_a_time(stage, reader, kari):
    access = opened(stage)
    Decider.sworn(stage, "per", Role.OPERATOR, purpose=Purpose.OPERATIONS)
    with pytest.raises(Conflict) as refused:
        opened(stage, requested="per")
    assert refused.value.details == {"reason": "taken"}
    with acting_as("staff:kari"):
        ended = ask(stage.service, EndDatabaseAccess(access_id=access.access_id))
    assert (ended.ended_because, ended.ended_by) == ("given_back", "staff:kari")
    with acting_as("staff:kari"), pytest.raises(Conflict):
        ask(stage.service, EndDatabaseAccess(access_id=access.access_id))
    taken = opened(stage, requested="per")
    with acting_as("staff:eva"):
        assert ask(stage.service, EndDatabaseAccess(access_id=taken.access_id)).ended_because == "taken_away"
    assert [each.code for each in listed(stage)] == ["per", "kari"]


def test_an_access_lasts_no_longer_than_the_grant(stage, reader):
    per = Decider.sworn(stage, "per")
    per.granted(Role.OPERATOR, Purpose.OPERATIONS, stage.clock.now().date())
    long = OpenDatabaseAccess(database="account", hours=8, reason="slow")
    stage.clock.move(6 * HOUR)
    assert opened(stage, requested="per", call=long).expires_at < stage.clock.now() + 8 * HOUR


def test_what_a_backup_knows_nothing_of_is_closed(databases, stage, reader, kari):
    before = SetBack(databases.owner_dsn("staff"))
    password = password_of(stage, opened(stage))
    assert reader.enters(password) is None
    assert seen(stage.service)["databases_open_to_nobody"] == 0
    before.restore()
    assert seen(stage.service)["databases_open_to_nobody"] == 1
    run(stage.service, "revoke_expired_access")
    assert "authentication failed" in reader.enters(password)
    assert seen(stage.service)["databases_open_to_nobody"] == 0


def test_no_backup_opens_what_was_closed(databases, stage, reader, kari):
    access = opened(stage)
    password = password_of(stage, access)
    before = SetBack(databases.owner_dsn("staff"))
    with acting_as("staff:kari"):
        ask(stage.service, EndDatabaseAccess(access_id=access.access_id))
    before.restore()
    run(stage.service, "revoke_expired_access")
    assert "authentication failed" in reader.enters(password)
    (shown,) = listed(stage)
    assert shown.ended_because == "not_open"


def test_no_backup_lets_a_password_be_set_for_what_was_taken_away(databases, stage, reader, kari, ledger):
    """Before a password was made nothing at the server says that it is over."""
    access = opened(stage)
    stage.owner.execute("UPDATE passkey SET enrolment_line = NULL")  # this ledger tells of them
    before = SetBack(databases.owner_dsn("staff"))
    stage.clock.move(SECOND)
    with acting_as("staff:eva"):
        ask(stage.service, EndDatabaseAccess(access_id=access.access_id))
    (ended,) = listed(stage)
    assert "staff.database_access_ended" in ledger.write()
    before.restore()
    ledger.open()
    assert listed(stage) == (ended,)
    with pytest.raises(Conflict) as refused:
        password_of(stage, access)
    assert refused.value.details == {"reason": "ended"}
    assert reader.enters("anything") is not None


def test_what_one_reader_leaves_behind_the_next_one_does_not_find(stage, reader, kari):
    """Sessions, settings and members of a role would outlast the access of one person, or be taken for another."""
    access = opened(stage)
    password = password_of(stage, access)
    other, at = sql.Identifier("relay"), sql.Identifier(reader.role)
    here = sql.Identifier(reader.databases.name("account"))
    with psycopg.connect(reader.dsn(password), autocommit=True) as left_open:
        left_open.execute(sql.SQL("ALTER ROLE {} SET statement_timeout = '1ms'").format(at))
        left_open.execute(sql.SQL("ALTER ROLE {} IN DATABASE {} SET search_path = public").format(at, here))
        with suppress(psycopg.errors.InsufficientPrivilege):  # from PostgreSQL 16 on
            left_open.execute(sql.SQL("GRANT {} TO {}").format(at, other))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            left_open.execute(sql.SQL("ALTER ROLE {} VALID UNTIL 'infinity'").format(at))
        again = password_of(stage, access)
        with pytest.raises(psycopg.OperationalError):
            until(lambda: left_open.execute("SELECT 1").rowcount == 0, seconds=10)
    members = "SELECT count(*) FROM pg_auth_members WHERE roleid = %s::regrole"
    with psycopg.connect(reader.dsn(again)) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("30s",)
        assert connection.execute("SHOW search_path").fetchone() == ("reading",)
        assert connection.execute(members, [reader.role]).fetchone() == (0,)


def test_a_restored_database_gets_the_door_that_belongs_to_this_version(databases, reader):
    described = next(each for each in postgres.service_databases() if each.name == postgres.STAFF)
    superuser = databases.superuser_dsn("staff")
    try:
        with psycopg.connect(superuser) as connection:
            connection.execute("DROP SCHEMA reader_door CASCADE")
        postgres.set_functions(superuser, replace(described, name=databases.name("staff")), of="staff")
        with psycopg.connect(databases.dsn("staff")) as connection:
            (role,) = connection.execute("SELECT reader_door.role_of('audit')").fetchone()
        assert role == postgres.READERS["audit"]
    finally:
        reader_door.build(superuser, {"account": reader.role}, postgres.reader(reader.role).settings)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT reader_door.open('postgres', '{verifier}', 60)",
        "SELECT reader_door.open('account', 'a password in clear', 60)",
        "SELECT reader_door.open('account', '{verifier}', 43201)",
        "SELECT reader_door.open('account', '{verifier}', 0)",
        "SELECT reader_door.open(NULL, NULL, NULL)",
        "ALTER ROLE {role} LOGIN",
        "ALTER ROLE postgres PASSWORD 'x'",
        "CREATE FUNCTION reader_door.other() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER FUNCTION reader_door.role_of(text) SET search_path = public",
        "DROP SCHEMA reader_door CASCADE",
    ],
)
def test_the_service_opens_no_other_door(databases, reader, statement):
    verifier = "SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy"
    with (
        psycopg.connect(databases.dsn("staff"), autocommit=True) as connection,
        pytest.raises(psycopg.Error) as refused,
    ):
        connection.execute(statement.format(verifier=verifier, role=reader.role))
    assert type(refused.value) in (psycopg.errors.InvalidParameterValue, psycopg.errors.InsufficientPrivilege)
    assert "authentication failed" in reader.enters("x")


@pytest.mark.parametrize("service", ["account", "desk", "relay", "backup", "adminer"])
def test_nobody_but_the_service_may_use_the_door(databases, service):
    dsn = databases.dsn(service, database="staff") if service != "account" else databases.owner_dsn("staff")
    with psycopg.connect(dsn, autocommit=True) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT reader_door.close('account')")


def test_the_real_readers_cannot_log_in_and_have_no_right_of_their_own(infrastructure):
    names = [postgres.ADMINISTRATOR, *postgres.READERS.values()]
    roles = "SELECT rolname, rolcanlogin, rolpassword FROM pg_authid WHERE rolname = ANY(%s)"
    memberships = """
        SELECT member.rolname, granted.rolname FROM pg_auth_members AS m
        JOIN pg_roles AS member ON member.oid = m.member JOIN pg_roles AS granted ON granted.oid = m.roleid
        WHERE member.rolname = ANY(%s)
    """
    with psycopg.connect(infrastructure.db.dsn()) as connection:
        found = connection.execute(roles, [names]).fetchall()
        member_of = connection.execute(memberships, [names]).fetchall()
    assert set(found) == {(name, False, None) for name in names}
    assert set(member_of) == {(name, postgres.ADMINISTRATOR) for name in postgres.READERS.values()}


def test_accesses_are_read_page_by_page(stage, kari):
    for _ in range(3):
        opened(stage)
        stage.clock.move(timedelta(hours=3))
        run(stage.service, "revoke_expired_access")
    whole = ListDatabaseAccess()
    shown = ask(stage.service, whole).to_json()["accesses"]
    assert len(shown) == 3
    read = page_by_page(lambda page: invoke(stage.service, whole.method, **page), "accesses")
    assert read == shown
