"""The trail on a real database: it only grows, one sequencer at a time, and every row can be proved."""

# ruff: noqa: S608  # the statements are the test's own

from __future__ import annotations

import threading
from datetime import UTC, timedelta
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.account.sign_up.events import AccountRegistered
from services.account.users.events import UserUpdated
from services.audit.checkpoints import chain
from services.audit.checkpoints.signing import Checkpoint
from services.audit.checkpoints.tree import StoredTree
from services.audit.trail import store
from services.audit.trail.calls import SEQ_MOST, Proof, Reopen, Trail, TrailByActor, TrailHead
from services.audit.trail.feature import AuditTrail
from services.audit.trail.values import TrailRow
from services.audit.verification import reader
from services.audit.verification.__main__ import verify
from services.audit.verification.store import Q as VERIFICATION_QUERIES
from services.staff.people.events import StaffLeft
from shared.actor import SYSTEM, Actor
from shared.canonical_json import canonical
from shared.database import Database
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.events import Code
from shared.participation.events import ErasureStepCompleted
from tests.in_process import feature, run
from tests.integration.audit.audit_stage import KARI, NOW, audit_service
from tests.unit.audit.audit_samples import SIGNER

pytestmark = pytest.mark.integration

TABLES = ("trail", "tree_node", "checkpoint")
CHANGES = {
    "UPDATE": {
        "trail": "UPDATE trail SET actor = 'staff:other'",
        "tree_node": "UPDATE tree_node SET level = 9",
        "checkpoint": "UPDATE checkpoint SET tree_size = 1",
    },
    "DELETE": {table: f"DELETE FROM {table}" for table in TABLES},
    "TRUNCATE": {table: f"TRUNCATE {table}" for table in TABLES},
}


# ── it only grows ──


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("table", TABLES)
def test_the_service_cannot_change_what_it_wrote(stage, table, change):
    with (
        psycopg.connect(stage.dsn) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"),
    ):
        connection.execute(CHANGES[change][table])


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("table", TABLES)
def test_the_owner_is_refused_too_even_where_nothing_would_change(stage, table, change):
    with (
        psycopg.connect(stage.owner_dsn) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match=f"{change} of {table} is refused"),
    ):
        connection.execute(CHANGES[change][table])
    with psycopg.connect(stage.superuser_dsn) as connection:
        connection.execute("SET session_replication_role = replica")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="this table only grows"):
            connection.execute(CHANGES[change][table])


def test_the_service_owns_nothing_it_could_take_the_triggers_from(stage):
    with (
        psycopg.connect(stage.dsn) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="must be owner"),
    ):
        connection.execute("ALTER TABLE trail DISABLE TRIGGER only_grows")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("facts", '{"name":"Kari Nordmann"}'),
        ("facts", '{"email":"kari@example.no"}'),
        ("facts", '{"name":"åse"}'),
        ("facts", '["a"]'),
        ("facts", '{"a":"' + "x" * 5000 + '"}'),
        ("field_names", ["Kari Nordmann"]),
        ("field_names", ["name", None]),
        ("subject", "Kari Nordmann"),
        ("actor", "kari@example.no"),
        ("type", "Kari"),
        ("source", "Kari"),
    ],
)
def test_the_database_refuses_text_that_could_name_somebody(stage, column, value):
    columns = {
        "event_id": uuid4(),
        "type": "user.updated",
        "version": 1,
        "source": "account",
        "occurred_at": NOW,
        "recorded_at": NOW,
        "subject": "user/x",
        "actor": "system",
        "correlation_id": uuid4(),
        "field_names": ["name"],
        "facts": "{}",
    } | {column: value}
    query = f"INSERT INTO intake ({', '.join(columns)}) VALUES ({', '.join(f'%({name})s' for name in columns)})"
    with psycopg.connect(stage.dsn) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(query, columns)


# ── rows get their places ──


@pytest.mark.clause("LIFE-1", "CONFIDE-1")
def test_an_event_becomes_a_row_that_names_nobody(stage):
    account, user = stage.update_user()
    stage.run("sequence")
    (row,) = stage.rows("SELECT * FROM trail")
    assert (row["seq"], row["type"], row["source"], row["version"]) == (1, "user.updated", "account", 1)
    assert row["field_names"] == ["name"]
    assert row["facts"] == {}
    assert row["recorded_at"] == NOW
    assert not {account, user} & {row["account_ref"], row["user_ref"]}
    assert str(user) not in str(row)
    assert str(account) not in str(row)
    assert row["subject"] == f"user/{row['user_ref']}"
    assert row["actor"] == f"user:{row['user_ref']}"
    assert stage.value("SELECT count(*) FROM intake") == 0


def test_the_rows_of_one_company_belong_together_and_are_shown_with_its_own_ids(stage):
    account, user = stage.update_user()
    stage.run("sequence")
    stage.update_user(account)
    stage.update_user()
    stage.run("sequence")
    page = stage.ask(Trail(subject=f"account/{account}"))
    assert [row.seq for row in page.rows] == [1, 2]
    assert {row.account_id for row in page.rows} == {account}
    assert page.rows[0].subject == f"user/{user}"
    assert page.next_after_seq is None
    of_user = stage.ask(Trail(subject=f"user/{user}"))
    assert [row.seq for row in of_user.rows] == [1]


def test_a_story_is_found_by_its_correlation_and_paged_by_number(stage):
    story, account = uuid4(), uuid4()
    for _ in range(3):
        event = AccountRegistered(
            account_id=account, creator_id=uuid4(), register_outcome="matched", terms_version="v1"
        )
        stage.hear(event, correlation_id=story)
    stage.update_user()
    stage.run("sequence")
    first = stage.ask(Trail(correlation_id=story, limit=2))
    assert [row.seq for row in first.rows] == [1, 2]
    second = stage.ask(Trail(correlation_id=story, limit=2, after_seq=first.next_after_seq))
    assert [row.seq for row in second.rows] == [3]
    assert second.next_after_seq is None


def test_the_newest_rows_of_a_company_come_first_a_page_at_a_time(stage):
    account, _ = stage.update_user()
    for _ in range(4):
        stage.update_user(account)
        stage.update_user()
    stage.run("sequence")
    subject = f"account/{account}"
    first = stage.ask(Trail(subject=subject, newest_first=True, limit=3))
    assert ([row.seq for row in first.rows], first.next_after_seq) == ([8, 6, 4], None)
    second = stage.ask(Trail(subject=subject, newest_first=True, limit=3, before_seq=first.next_before_seq))
    assert ([row.seq for row in second.rows], second.next_before_seq) == ([2, 1], None)
    for wrong in (
        {"subject": "letter/x", "newest_first": True},
        {"subject": subject, "newest_first": True, "after_seq": 1},
        {"subject": subject, "before_seq": 3},
    ):
        with pytest.raises(Invalid):
            stage.ask(Trail(**wrong))


def test_what_one_person_did_is_found_in_all_customers_the_newest_first(stage):
    accounts = [uuid4() for _ in range(4)]
    for account in accounts:
        stage.hear(UserUpdated(account_id=account, user_id=uuid4(), fields=["role"]), actor="staff:kari")
        stage.hear(UserUpdated(account_id=account, user_id=uuid4(), fields=["role"]), actor="staff:ola")
    _, user = stage.update_user(accounts[0])
    stage.run("sequence")
    first = stage.ask(TrailByActor(done_by=KARI, limit=3))
    assert [row.account_id for row in first.rows] == accounts[:0:-1]
    assert {row.actor for row in first.rows} == {"staff:kari"}
    second = stage.ask(TrailByActor(done_by=KARI, limit=3, before_seq=first.next_before_seq))
    assert ([row.account_id for row in second.rows], second.next_before_seq) == ([accounts[0]], None)
    assert [row.subject for row in stage.ask(TrailByActor(done_by=Actor.user(user))).rows] == [f"user/{user}"]
    assert stage.ask(TrailByActor(done_by=Actor("staff", name="per"))).rows == ()
    with pytest.raises(Invalid):
        stage.ask(TrailByActor(done_by=SYSTEM))


MANY = 20_000


def test_what_one_person_did_is_read_from_an_index_however_long_the_trail_is(stage):
    """Of those who did much, little, or much and long ago; whatever else there is, nothing else is read."""
    row = "'user.updated', 1, 'account', now(), now(), 'user/x', {actor}, gen_random_uuid(), '{{}}', '{{}}'"
    columns = "type, version, source, occurred_at, recorded_at, subject, actor, correlation_id, field_names, facts"
    actor = (
        "CASE WHEN n % 2 = 0 THEN 'system' WHEN n < 5000 THEN 'staff:former'"
        " WHEN n % 5000 = 1 THEN 'staff:rare' ELSE 'staff:' || n % 4 END"
    )
    hashes = "decode(repeat('00', 32), 'hex')"
    with psycopg.connect(stage.superuser_dsn, autocommit=True) as connection:
        connection.execute(
            f"INSERT INTO trail (seq, event_id, leaf_hash, chain_hash, {columns})"
            f" SELECT n, gen_random_uuid(), {hashes}, {hashes}, {row.format(actor=actor)}"
            f" FROM generate_series(1, {MANY}) AS n"
        )
        connection.execute("ANALYZE trail")
        for who in ("staff:3", "staff:former", "staff:rare", "staff:nobody"):
            asked = {"actor": who, "before_seq": SEQ_MOST, "limit": 100}
            query = f"EXPLAIN (ANALYZE, FORMAT JSON) {store.Q.trail_by_actor}"
            ((plan,),) = connection.execute(query, asked).fetchall()
            (scan,) = plan[0]["Plan"]["Plans"]
            assert (scan["Node Type"], scan["Index Name"]) == ("Index Scan", "trail_actor")
            assert scan["Actual Rows"] <= 100
            assert scan.get("Rows Removed by Filter", 0) == 0


def test_a_thing_has_a_story_too(stage):
    erasure = uuid4()
    stage.hear(
        ErasureStepCompleted(
            erasure_id=erasure, participant="account", outcome="done", counts={"rows": 4}, retained=[]
        )
    )
    stage.run("sequence")
    page = stage.ask(Trail(subject=f"erasure/{erasure}"))
    assert page.rows[0].facts["counts"] == {"rows": 4}


def test_members_of_staff_are_references_in_the_trail_and_names_only_where_it_is_shown(stage):
    account, user = uuid4(), uuid4()
    stage.hear(UserUpdated(account_id=account, user_id=user, fields=["role"]), actor="staff:kari")
    stage.run("sequence")
    assert "kari" not in str(stage.rows("SELECT * FROM trail"))
    page = stage.ask(Trail(subject=f"account/{account}"))
    assert page.rows[0].actor == "staff:kari"


def test_whom_of_the_staff_an_event_is_about_is_a_reference_too(stage):
    stage.hear(StaffLeft(staff_code=Code("kari"), reason=Code("left")), actor="staff:ola")
    stage.hear(UserUpdated(account_id=uuid4(), user_id=uuid4(), fields=["role"]), actor="staff:kari")
    stage.run("sequence")
    kept = str(stage.rows("SELECT * FROM trail"))
    assert "kari" not in kept
    assert "ola" not in kept
    (row,) = stage.ask(Trail(subject="staff/kari")).rows
    assert (row.subject, row.actor, row.facts) == ("staff/kari", "staff:ola", {"reason": "left"})
    assert len(stage.rows("SELECT * FROM subject_link WHERE kind = 'staff'")) == 2


TEXT = st.text("abcdefghijklmnopqrstuvwxyz0123456789_.:-", min_size=1, max_size=20).map(lambda text: f"a{text}")
PLAIN = st.one_of(
    TEXT,
    st.integers(-(2**53), 2**53),
    st.booleans(),
    st.uuids().map(str),
    st.lists(TEXT, max_size=3),
    st.dictionaries(TEXT, st.integers(0, 2**53), max_size=3),
)
ROWS = st.builds(
    TrailRow,
    seq=st.integers(1, 2**62),
    event_id=st.uuids(),
    type=TEXT,
    version=st.integers(1, 2**31 - 1),
    source=st.just("billing-sync"),
    occurred_at=st.datetimes(timezones=st.just(UTC)),
    recorded_at=st.datetimes(timezones=st.just(UTC)),
    subject=TEXT.map(lambda text: f"user/{text}"),
    actor=st.sampled_from(["system", "staff:kari.n", "user:0"]),
    account_ref=st.none() | st.uuids(),
    user_ref=st.none() | st.uuids(),
    correlation_id=st.uuids(),
    causation_id=st.none() | st.uuids(),
    field_names=st.lists(TEXT, max_size=4),
    facts=st.dictionaries(TEXT, PLAIN, max_size=5).map(lambda facts: canonical(facts).decode()),
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=ROWS)
def test_postgresql_renders_exactly_the_bytes_that_were_hashed(stage, row):
    bounds = {"after": row.seq - 1, "last": row.seq}
    with psycopg.connect(stage.dsn) as connection:
        with connection.cursor() as cursor, cursor.copy(store.Q.copy_trail) as copy:
            copy.write_row((*store.COLUMNS(row), bytes(32), bytes(32)))
        rendered = connection.execute(VERIFICATION_QUERIES.verify_rows, bounds, binary=True).fetchone()[1]
        connection.rollback()
    assert rendered == chain.canonical(row)


# ── one sequencer at a time ──


def test_two_sequencers_at_once_number_every_row_once(stage, keyrings):
    stage.fill(6000, step=50)
    other_database = Database(stage.dsn, source="audit", size=4)
    other_database.open()
    other = audit_service(
        database=other_database,
        clock=stage.clock,
        accounts=stage.accounts,
        keyring=keyrings["audit"],
        file=stage.file.path,
    )
    done = threading.Event()
    faults = []

    def work(service):
        try:
            while not done.is_set():
                run(service, "sequence")
        except Exception as error:
            faults.append(error)
            raise

    workers = [threading.Thread(target=work, args=[service]) for service in (stage.service, other)]
    for worker in workers:
        worker.start()
    for _ in range(20):  # handlers go on taking in meanwhile
        stage.update_user()
    for _ in range(600):
        if stage.value("SELECT count(*) FROM trail") == 6020:
            break
        done.wait(0.1)
    done.set()
    for worker in workers:
        worker.join(30)
    other_database.close()
    assert faults == []
    assert stage.value("SELECT count(*) FROM trail") == 6020
    assert stage.value("SELECT max(seq) FROM trail") == 6020
    assert stage.value("SELECT count(DISTINCT event_id) FROM trail") == 6020
    assert stage.value("SELECT count(*) FROM intake") == 0
    assert stage.verify().ok


def test_a_row_that_commits_late_is_not_passed_over(stage):
    with psycopg.connect(stage.dsn) as late:
        late.execute(
            "INSERT INTO intake (event_id, type, version, source, occurred_at, recorded_at, subject, actor,"
            " correlation_id, field_names, facts) SELECT gen_random_uuid(), 'user.updated', 1, 'account', %s, %s,"
            " 'user/x', 'system', gen_random_uuid(), '{}', '{}'",
            (NOW, NOW),
        )
        stage.update_user()
        stage.run("sequence")
        assert stage.value("SELECT count(*) FROM trail") == 1
    stage.run("sequence")
    assert stage.value("SELECT count(*) FROM trail") == 2
    assert stage.verify().ok


def test_a_sequencer_that_fails_halfway_leaves_everything_as_it_was(stage, monkeypatch):
    stage.fill(30)
    monkeypatch.setattr(chain, "link", lambda *_: bytes(5))  # the table's own check refuses it
    with pytest.raises(psycopg.errors.CheckViolation):
        stage.run("sequence")
    monkeypatch.undo()
    assert stage.value("SELECT count(*) FROM trail") == 0
    assert stage.value("SELECT count(*) FROM intake") == 30
    stage.run("sequence")
    assert stage.verify().rows == 30


# ── checkpoints and proofs ──


def test_the_trail_is_signed_after_a_minute_and_stated_outside(stage):
    stage.fill(10)
    stage.run("sequence")
    stage.fill(10)
    stage.run("sequence")
    assert [each.tree_size for each in stage.file.read().checkpoints] == [10]
    stage.clock.move(timedelta(seconds=60))
    stage.run("sequence")
    first, second = stage.file.read().checkpoints
    assert (first.tree_size, second.tree_size) == (10, 20)
    assert second.previous == first.digest()
    assert second.is_signed_by(SIGNER.public)
    assert stage.verify().checkpoints == 2
    stage.clock.move(timedelta(hours=1))
    stage.run("sequence")
    assert len(stage.file.read().checkpoints) == 2, "nothing new, nothing to sign"


def test_ten_thousand_rows_are_signed_at_once(stage):
    stage.fill(10_500, step=100)
    stage.run("sequence")
    sizes = [each.tree_size for each in stage.file.read().checkpoints]
    assert sizes == [1000]  # the very first rows
    stage.fill(1000)
    stage.run("sequence")
    assert [each.tree_size for each in stage.file.read().checkpoints] == [1000, 11_500]
    assert stage.verify().ok


def test_every_row_can_be_proved_to_whoever_has_the_public_key(stage):
    stage.sealed_trail(1, 300, 777)
    for seq in (1, 2, 255, 256, 257, 300, 512, 513, 768, 777):
        proof = stage.ask(Proof(seq=seq))
        stated = Checkpoint.parse(
            canonical({**proof.checkpoint.to_json(), "time": chain.instant(proof.checkpoint.time)})
        )
        assert stated.is_signed_by(SIGNER.public)
        assert stated.tree_size == 777
        (row,) = stage.rows("SELECT * FROM trail WHERE seq = %s", seq)
        content = chain.canonical(TrailRow(**{name: row[name] for name in TrailRow.__slots__} | _facts(row)))
        assert chain.leaf_hash(content).hex() == proof.leaf
        assert chain.inclusion_holds(
            leaf=bytes.fromhex(proof.leaf),
            index=seq - 1,
            size=stated.tree_size,
            path=[bytes.fromhex(node) for node in proof.path],
            root=stated.root,
        )


def _facts(row):
    return {"facts": canonical(row["facts"]).decode()}


def test_an_older_checkpoint_is_proved_to_be_a_beginning_of_a_newer_one(stage):
    stage.sealed_trail(100, 513, 900)
    checkpoints = stage.file.read().checkpoints
    with stage.service.database.transaction() as tx:
        tree = StoredTree(tx)
        for old in checkpoints:
            for new in checkpoints[old.number - 1 :]:
                path = chain.consistency_proof(old.tree_size, new.tree_size, tree)
                assert chain.consistency_holds(
                    old=old.tree_size, new=new.tree_size, old_root=old.root, new_root=new.root, path=path
                )


def test_a_row_that_is_not_there_or_not_signed_has_no_proof(stage):
    stage.sealed_trail(5)
    stage.fill(1)
    stage.run("sequence")
    with pytest.raises(Conflict, match="not covered"):
        stage.ask(Proof(seq=6))
    with pytest.raises(NotFound):
        stage.ask(Proof(seq=7))


def test_the_head_says_how_long_the_trail_is_and_what_waits(stage):
    empty = stage.ask(TrailHead())
    assert (empty.size, empty.waiting, empty.checkpoint, empty.halted) == (0, 0, None, None)
    stage.sealed_trail(5)
    stage.fill(2)
    head = stage.ask(TrailHead())
    assert (head.size, head.waiting, head.checkpoint.tree_size, head.halted) == (5, 2, 5, None)


def test_a_process_that_dies_before_the_file_is_written_is_made_up_for(stage, monkeypatch):
    stage.sealed_trail(5)
    monkeypatch.setattr(feature(stage.service, AuditTrail), "_publish", lambda: None)
    stage.fill(5)
    stage.clock.move(timedelta(seconds=61))
    stage.run("sequence")
    monkeypatch.undo()
    assert len(stage.file.read().checkpoints) == 1
    assert stage.value("SELECT count(*) FROM checkpoint") == 2
    assert stage.verify().ok
    feature(stage.service, AuditTrail)._unpublished = True  # as in the process that is started next
    stage.run("sequence")
    assert [each.tree_size for each in stage.file.read().checkpoints] == [5, 10]


def test_what_another_process_left_unpublished_is_stated_before_the_next_checkpoint(stage, monkeypatch):
    stage.sealed_trail(5)
    monkeypatch.setattr(feature(stage.service, AuditTrail), "_publish", lambda: None)
    for _ in range(2):
        stage.fill(5)
        stage.clock.move(timedelta(seconds=61))
        stage.run("sequence")
    assert [each.tree_size for each in stage.file.read().checkpoints] == [5, 10]
    assert stage.value("SELECT count(*) FROM checkpoint") == 3
    assert stage.verify().ok


def test_a_line_torn_by_a_crash_is_written_anew(stage):
    stage.sealed_trail(5, 10)
    whole = stage.file.path.read_bytes()
    stage.file.path.write_bytes(whole[:-30])
    assert stage.verify().ok
    stage.fill(5)
    stage.clock.move(timedelta(seconds=61))
    stage.run("sequence")
    assert stage.file.path.read_bytes().startswith(whole)
    assert [each.tree_size for each in stage.file.read().checkpoints] == [5, 10, 15]
    assert stage.verify().ok


# ── standing still ──


def halted_by_a_restore(stage):
    stage.sealed_trail(100, 200, 300)
    cut = ("DELETE FROM checkpoint WHERE number > 1", "DELETE FROM trail WHERE seq > 150", "DELETE FROM tree_node")
    stage.tamper(*cut)
    stage.fill(5)
    stage.run("sequence")


def test_a_trail_that_was_cut_does_not_grow_on(stage):
    halted_by_a_restore(stage)
    head = stage.ask(TrailHead())
    assert (head.size, head.waiting, head.halted) == (150, 5, "trail_cut")
    assert {"checkpoint_missing", "trail_cut"} <= stage.codes()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.write_bytes(path.read_bytes() + b"{}\n"), "file_damaged"),
        (lambda path: path.unlink(), "file_behind"),
        (lambda path: path.write_bytes(path.read_bytes().splitlines(keepends=True)[0]), "file_behind"),
    ],
)
def test_a_trail_whose_file_was_spoiled_does_not_grow_on(stage, spoil, reason):
    stage.sealed_trail(10, 20, 30)
    spoil(stage.file.path)
    stage.fill(5)
    stage.run("sequence")
    assert stage.ask(TrailHead()).halted == reason
    assert stage.value("SELECT count(*) FROM intake") == 5


def reopen(stage, actor=KARI):
    return stage.ask(Reopen(actor=actor, reason="restored_from_backup"))


def test_after_a_restore_a_person_lets_the_trail_go_on_and_the_contradiction_is_kept(stage):
    halted_by_a_restore(stage)
    with pytest.raises(Forbidden):
        reopen(stage, actor=SYSTEM)
    done = reopen(stage)
    assert done.size == 150
    feature(stage.service, AuditTrail)._halted_until = 0.0
    stage.run("sequence")
    assert stage.ask(TrailHead()).halted is None
    assert stage.value("SELECT count(*) FROM trail WHERE type = 'trail.reopened'") == 1
    assert stage.value("SELECT facts->>'halted' FROM trail WHERE type = 'trail.reopened'") == "trail_cut"
    assert stage.verify().ok
    old = stage.file.path.with_name(done.archived_as)
    assert not verify(stage.dsn, SIGNER.public.text(), old).ok
    with pytest.raises(Conflict, match="does not stand still"):
        reopen(stage)


def test_the_reader_reads_stretch_after_stretch(stage, monkeypatch):
    stage.sealed_trail(700, 1100)
    monkeypatch.setattr(reader, "STRETCH_ROWS", 256)
    assert stage.verify().rows == 1100
    assert stage.verify(from_checkpoint=1).rows == 400
