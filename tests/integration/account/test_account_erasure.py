from __future__ import annotations

import json
from datetime import date, timedelta
from uuid import uuid4

import psycopg
import pytest

from shared.errors import Conflict, Locked, NotFound, Permanent, TooMany, Unauthenticated
from shared.privacy import Keyring
from tests.forms import PASSWORD
from tests.plugins.account_world import INDEX

pytestmark = pytest.mark.integration


@pytest.fixture
def retention_keyring(keyring_database):
    ring = Keyring(keyring_database.dsn("retention"), kek=None)
    ring.open()
    yield ring
    ring.close()


def steps(world, erasure_id):
    return [e for e in world.outbox("erasure.step_completed") if e["erasure_id"] == str(erasure_id)]


def lived_in(world):
    """A company with users, sessions, attempts, tickets and wishes for letters."""
    owner = world.sign_up()
    user = world.add_user(owner)
    world.add_user(owner, joined=False)
    world.log_in(owner)
    world.log_in(user)
    with pytest.raises(Unauthenticated):
        world.log_in(user, password="feil passord her")
    return owner, user


@pytest.mark.clause("ERASE-1", "FORGET-2")
def test_every_row_of_an_account_is_deleted_and_counted(world) -> None:
    owner, user = lived_in(world)
    kept = world.sign_up()
    world.deactivate(owner)
    world.call("request_password_reset", email=owner.email)
    erasure_id = uuid4()
    world.order_erasure(erasure_id, owner.account_id)
    (step,) = steps(world, erasure_id)
    assert (step["participant"], step["outcome"], step["retained"]) == ("account", "done", ["agreement_acceptance"])
    assert step["counts"]["accounts"] == 1
    assert step["counts"]["users"] == 3
    assert step["counts"]["credentials"] == 2
    assert step["counts"]["agreements"] == 2
    assert step["counts"]["login_attempts"] == 3
    assert step["counts"]["letter_requests"] == 1
    assert step["counts"]["login_brakes"] == 2
    with pytest.raises(NotFound):
        world.call("standing", account_id=owner.account_id)
    with pytest.raises(NotFound):
        world.call("letter_facts", user_id=user.user_id, letter="account_erased")
    with pytest.raises(Unauthenticated):
        world.log_in(owner)
    assert world.log_in(kept)["token"]


def test_no_table_names_an_erased_account_any_more(world) -> None:
    owner, user = lived_in(world)
    world.deactivate(owner)
    world.order_erasure(uuid4(), owner.account_id)
    traces = [str(owner.account_id), str(owner.user_id), str(user.user_id)]
    digests = [INDEX.of_email(member.email).hex() for member in (owner, user)]
    tables = world.rows(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        " AND table_name NOT IN ('outbox', 'migration')"
    )
    assert len(tables) > 10
    for (table,) in tables:
        text = json.dumps(world.rows(f"SELECT row_to_json(t)::text FROM {table} t"))  # noqa: S608  # a table's name
        assert [trace for trace in traces + digests if trace in text] == [], table


@pytest.mark.clause("LIFE-1")
def test_what_outlives_the_account_says_that_and_what_was_accepted_and_names_nobody(world) -> None:
    owner = world.sign_up()
    world.deactivate(owner)
    before = world.rows("SELECT count(*) FROM agreement_archive")[0][0]
    world.order_erasure(uuid4(), owner.account_id)
    columns = world.rows(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name = 'agreement_archive' ORDER BY 1"
    )
    assert [name for (name,) in columns] == [
        "accepted_at", "authority", "document", "id", "keep_until", "language", "text_sha256", "version",
    ]  # fmt: skip
    rows = world.rows("SELECT authority, keep_until FROM agreement_archive")
    assert len(rows) == before + 2, "of the sign-up, and of whoever proved the address"
    assert set(rows) == {("managing_director", date(2030, 6, 30))}
    world.clock.move(timedelta(days=4 * 366))
    world.run("purge_expired")
    assert world.rows("SELECT count(*) FROM agreement_archive") == [(0,)]


def test_a_repeated_order_gets_the_same_answer(world) -> None:
    owner, _ = lived_in(world)
    world.deactivate(owner)
    erasure_id = uuid4()
    for attempt in (1, 2, 3):
        world.order_erasure(erasure_id, owner.account_id, attempt=attempt)
    first, second, third = steps(world, erasure_id)
    assert first["counts"] == second["counts"] == third["counts"]
    assert first["retained"] == third["retained"]


def test_an_order_about_nobody_is_answered_with_zeros(world) -> None:
    erasure_id = uuid4()
    world.order_erasure(erasure_id, uuid4())
    (step,) = steps(world, erasure_id)
    assert set(step["counts"].values()) == {0}
    assert step["retained"] == []


@pytest.mark.clause("ERASE-1")
def test_one_user_is_forgotten_while_the_company_goes_on(world) -> None:
    owner, user = lived_in(world)
    version = world.version(user, of_user=True)
    fields = {"account_id": owner.account_id, "actor": owner.actor, "user_id": user.user_id}
    world.call("deactivate_user", **fields, version=version)
    erasure_id = uuid4()
    world.order_erasure(erasure_id, owner.account_id, user.user_id)
    (step,) = steps(world, erasure_id)
    assert (step["counts"]["users"], step["counts"]["login_attempts"]) == (1, 2)
    assert "accounts" not in step["counts"]
    shown = world.call("list_users", account_id=owner.account_id, actor=owner.actor)["users"]
    assert str(user.user_id) not in [each["user_id"] for each in shown]
    with pytest.raises(NotFound):
        world.call("standing", account_id=owner.account_id, user_id=user.user_id)
    assert world.call("standing", account_id=owner.account_id)["state"] == "active"
    again = world.sign_up(user.email)  # the address is free: the person comes back as somebody new
    assert again.account_id != owner.account_id


def test_the_agreement_of_the_company_stands_when_its_creator_is_forgotten(world) -> None:
    creator = world.sign_up()
    heir = world.add_user(creator)
    fields = {"account_id": creator.account_id}
    version = world.version(heir, of_user=True)
    world.call("update_user", **fields, actor=creator.actor, user_id=heir.user_id, version=version, role="owner")
    world.call("deactivate_user", **fields, actor=heir.actor, user_id=creator.user_id, version=2)
    world.order_erasure(uuid4(), creator.account_id, creator.user_id)
    query = "SELECT user_id, ip_sealed, authority FROM agreement WHERE account_id = %s"
    assert world.rows(query, creator.account_id) == [(None, None, "managing_director")] * 2
    shown = world.call("get_account", account_id=creator.account_id, actor=heir.actor)
    assert shown["agreement"]["version"] == "v1"


def test_what_is_still_in_use_is_not_erased(world) -> None:
    owner = world.sign_up()
    for user_id in (None, owner.user_id):
        with pytest.raises(Permanent):
            world.order_erasure(uuid4(), owner.account_id, user_id)
    assert world.log_in(owner)["token"]


def test_another_accounts_user_is_not_touched_by_an_order_that_mixes_them_up(world) -> None:
    mine, theirs = world.sign_up(), world.sign_up()
    world.deactivate(mine)
    erasure_id = uuid4()
    world.order_erasure(erasure_id, mine.account_id, theirs.user_id)
    assert set(steps(world, erasure_id)[0]["counts"].values()) == {0}
    assert world.log_in(theirs)["token"]


@pytest.mark.clause("FORGET-1")
def test_an_account_whose_erasure_has_begun_is_not_reactivated(world, retention_keyring) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    version = world.version(user, of_user=True)
    fields = {"account_id": owner.account_id, "actor": owner.actor}
    world.call("deactivate_user", **fields, user_id=user.user_id, version=version)
    retention_keyring.fence(owner.account_id, user.user_id, world.clock.now())
    with pytest.raises(Conflict, match="erasure has begun"):
        world.call("reactivate_user", **fields, user_id=user.user_id, version=version + 1)
    world.deactivate(owner)
    retention_keyring.fence(owner.account_id, None, world.clock.now())
    with pytest.raises(Conflict, match="erasure has begun"):
        world.call("reactivate_account", account_id=owner.account_id, actor="staff:kari", version=2)
    with pytest.raises(Conflict, match="erasure has begun"):
        world.call("reactivate_with_password", email=owner.email, password=PASSWORD, origin=world.origin())
    with pytest.raises(Locked):
        world.log_in(owner)
    with pytest.raises(NotFound):
        world.call("letter_facts", user_id=owner.user_id, letter="account_erased")
    world.order_erasure(uuid4(), owner.account_id)
    with pytest.raises(NotFound):
        world.call("standing", account_id=owner.account_id)


def test_an_erasure_that_was_begun_and_then_held_lets_the_customer_come_back(world) -> None:
    owner = world.sign_up()
    world.deactivate(owner)
    begun = uuid4()
    world.call("begin_erasure", erasure_id=begun, account_id=owner.account_id)
    for _ in range(2):
        world.call("withdraw_erasure", erasure_id=begun)
    version = world.version(owner)
    world.call("reactivate_account", account_id=owner.account_id, actor="staff:kari", version=version)


@pytest.mark.clause("ERASE-1")
def test_once_the_way_back_is_closed_nobody_comes_back_even_before_the_keys_are_fenced(world) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    fields = {"account_id": owner.account_id, "actor": owner.actor}
    version = world.version(user, of_user=True)
    world.call("deactivate_user", **fields, user_id=user.user_id, version=version)
    begun = {"erasure_id": uuid4(), "account_id": owner.account_id, "user_id": user.user_id}
    assert world.call("begin_erasure", **begun) == world.call("begin_erasure", **begun)
    with pytest.raises(Conflict, match="erasure has begun"):
        world.call("reactivate_user", **fields, user_id=user.user_id, version=version + 1)
    world.deactivate(owner)
    world.call("begin_erasure", erasure_id=uuid4(), account_id=owner.account_id)
    with pytest.raises(Conflict, match="erasure has begun"):
        world.call("reactivate_account", account_id=owner.account_id, actor="staff:kari", version=2)
    with pytest.raises(Conflict, match="erasure has begun"):
        world.call("reactivate_with_password", email=owner.email, password=PASSWORD, origin=world.origin())
    world.order_erasure(uuid4(), owner.account_id)
    assert world.rows("SELECT count(*) FROM erasure_begun") == [(0,)]


def test_the_way_back_is_not_closed_for_who_is_active(world) -> None:
    owner = world.sign_up()
    with pytest.raises(Conflict, match="active"):
        world.call("begin_erasure", erasure_id=uuid4(), account_id=owner.account_id)
    with pytest.raises(Conflict, match="active"):
        world.call("begin_erasure", erasure_id=uuid4(), account_id=owner.account_id, user_id=owner.user_id)
    with pytest.raises(NotFound):
        world.call("begin_erasure", erasure_id=uuid4(), account_id=uuid4())
    assert world.log_in(owner)["token"]


PLANTED = {
    "company": "Hemmeligheim Verksted",
    "person": "Ragnfrid Skjulestad",
    "phone": "41378299",
    "org_number": "923609016",
    "street": "Hemmeligheimvegen 17",
    "town": "Sporhundnes",
    "ip": "198.51.100.231",
    "agent": "Mozilla/5.0 Sporhund",
}


@pytest.mark.clause("BLIND-1", "BLIND-2", "CONFIDE-1")
def test_the_files_of_the_database_hold_no_planted_text(world, databases) -> None:
    email = world.fresh_email("ragnfrid.skjulestad")
    origin = {"ip": PLANTED["ip"], "user_agent": PLANTED["agent"]}
    person = {"name": PLANTED["person"], "email": email, "phone": PLANTED["phone"]}
    company = {
        "name": PLANTED["company"],
        "email": f"post.{email}",
        "phone": PLANTED["phone"],
        "org_number": PLANTED["org_number"],
        "contact_address": {"line_1": PLANTED["street"], "postal_code": "5003", "city": PLANTED["town"]},
        "billing_address": {"line_1": "Boks 1", "postal_code": "5003", "city": PLANTED["town"]},
    }
    owner = world.sign_up(email, company=company, creator=person, origin=origin)
    world.call("log_in", email=email, password=PASSWORD, origin=origin)
    for address in (email, world.fresh_email("ragnfrid.ukjent")):
        with pytest.raises((Unauthenticated, TooMany)):
            world.call("log_in", email=address, password="feil passord her", origin=origin)
    world.change_email(owner, f"mellom.{email}")
    world.call("confirm_email", token=world.token_of(owner, "email_confirmation", "address_change"))
    owner.email = f"mellom.{email}"
    world.change_email(owner, f"ny.{email}")
    shown = world.call("get_account", account_id=owner.account_id, actor=owner.actor)
    assert shown["name"] == PLANTED["company"]
    patterns = [*PLANTED.values(), email.partition("@")[0], email, PASSWORD, "ragnfrid.ukjent"]
    heap = files_of(databases)
    assert b"managing_director" in heap  # the files are really read
    for needle in patterns:
        assert needle.encode() not in heap, needle


def files_of(databases) -> bytes:
    """The bytes of every table's file as they lie on the disk, and the write-ahead log behind them."""
    with psycopg.connect(databases.superuser_dsn("account"), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        relations = connection.execute(
            "SELECT pg_relation_filepath(oid) FROM pg_class"
            " WHERE relkind IN ('r', 't', 'i') AND pg_relation_filepath(oid) IS NOT NULL AND relnamespace IN"
            " ('public'::regnamespace, 'pg_toast'::regnamespace)"
        ).fetchall()
        logs = connection.execute("SELECT 'pg_wal/' || name FROM pg_ls_waldir()").fetchall()
        read = "SELECT pg_read_binary_file(%s)"
        return b"".join(bytes(connection.execute(read, path).fetchone()[0]) for path in relations + logs)


def test_every_column_says_whether_it_is_personal_and_how_it_is_erased(world) -> None:
    columns = world.rows(
        "SELECT c.table_name, c.column_name, col_description(c.table_name::regclass, c.ordinal_position)"
        " FROM information_schema.columns c WHERE c.table_schema = 'public'"
    )
    assert len(columns) > 100
    for table, column, label in columns:
        assert label == "no_pii" or (label or "").startswith("pii:"), f"{table}.{column}"
        if (label or "").startswith("pii:"):
            assert "; erased: " in label, f"{table}.{column}"
        if column.endswith("_sealed"):
            assert label.startswith("pii:"), f"{table}.{column}"


def test_the_service_role_can_neither_alter_tables_nor_undo_what_it_promised(databases) -> None:
    with psycopg.connect(databases.dsn("account"), autocommit=True) as connection:
        for statement in (
            "DROP TABLE account",
            "ALTER TABLE account ADD COLUMN name text",
            "UPDATE agreement_archive SET keep_until = '2999-01-01'",
            "UPDATE erasure_step SET counts = counts",
            "TRUNCATE session",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
