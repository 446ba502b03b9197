"""Everything that somebody who owns the database can do to the trail, and that verification finds it."""

# ruff: noqa: S608  # the statements are the test's own

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from services.audit.checkpoints import chain
from services.audit.trail.calls import TrailHead
from services.audit.trail.values import TrailRow
from services.audit.verification import feature as verification
from services.audit.verification.calls import Verification, Verify
from services.audit.verification.store import VerificationStore
from services.audit.verification.verifier import FINDINGS_LIMIT
from shared.canonical_json import canonical
from tests.in_process import feature
from tests.integration.audit.audit_stage import KARI, staged
from tests.unit.audit.audit_samples import SIGNER, STRANGER

pytestmark = pytest.mark.integration

SWAP = (
    "UPDATE trail SET seq = 100000 WHERE seq = 41",
    "UPDATE trail SET seq = 41 WHERE seq = 42",
    "UPDATE trail SET seq = 42 WHERE seq = 100000",
)
INSERT = (
    "INSERT INTO trail SELECT 601, event_id, type, version, source, occurred_at, recorded_at, subject, actor,"
    " account_ref, user_ref, correlation_id, causation_id, field_names, facts, leaf_hash, chain_hash"
    " FROM trail WHERE seq = 41"
)
SHIFT = (
    "UPDATE trail SET seq = seq + 1000000 WHERE seq > 40",
    "UPDATE trail SET seq = seq - 999999 WHERE seq > 1000000",
    INSERT.replace("601", "41").replace("seq = 41", "seq = 40"),
)
TAMPERINGS = {
    "type": (("UPDATE trail SET type = 'account.erased' WHERE seq = 41",), {"row_changed"}),
    "actor": (("UPDATE trail SET actor = 'system' WHERE seq = 41",), {"row_changed"}),
    "time": (("UPDATE trail SET occurred_at = occurred_at + '1 microsecond' WHERE seq = 41",), {"row_changed"}),
    "facts": (("""UPDATE trail SET facts = '{"number":40}' WHERE seq = 41""",), {"row_changed"}),
    "spelling of facts": (
        (
            "ALTER TABLE trail DROP CONSTRAINT trail_facts_check",
            """UPDATE trail SET facts = replace(facts::text, '":', '" :')::json WHERE seq = 41""",
        ),
        {"row_changed"},
    ),
    "field names": (("UPDATE trail SET field_names = '{email}' WHERE seq = 41",), {"row_changed"}),
    "reference": (("UPDATE trail SET account_ref = gen_random_uuid() WHERE seq = 41",), {"row_changed"}),
    "absent reference": (("UPDATE trail SET user_ref = NULL WHERE seq = 41",), {"row_changed"}),
    "null where none may be": (
        ("ALTER TABLE trail ALTER actor DROP NOT NULL", "UPDATE trail SET actor = NULL WHERE seq = 41"),
        {"row_changed"},
    ),
    "leaf": (("UPDATE trail SET leaf_hash = sha256('x') WHERE seq = 41",), {"row_changed", "link_broken"}),
    "link": (("UPDATE trail SET chain_hash = sha256('x') WHERE seq = 41",), {"link_broken"}),
    "removed": (("DELETE FROM trail WHERE seq = 41",), {"row_missing", "link_broken", "root_differs"}),
    "first removed": (("DELETE FROM trail WHERE seq = 1",), {"row_missing", "link_broken", "root_differs"}),
    "inserted at the end": ((INSERT,), {"row_changed", "link_broken"}),
    "inserted and shifted": (SHIFT, {"row_changed", "link_broken", "root_differs"}),
    "reordered": (SWAP, {"row_changed", "link_broken", "root_differs"}),
    "tail cut": (("DELETE FROM trail WHERE seq > 550",), {"trail_cut"}),
    "all cut": (("DELETE FROM trail", "DELETE FROM tree_node"), {"trail_cut"}),
    "tail cut with checkpoint": (
        ("DELETE FROM trail WHERE seq > 300", "DELETE FROM checkpoint WHERE number = 3"),
        {"trail_cut", "checkpoint_missing"},
    ),
    "everything cut alike": (
        ("DELETE FROM trail", "DELETE FROM tree_node", "DELETE FROM checkpoint"),
        {"trail_cut", "checkpoint_missing"},
    ),
    "node": (("UPDATE tree_node SET hash = sha256('x') WHERE index = 1",), {"node_differs"}),
    "node removed": (("DELETE FROM tree_node WHERE level = 9",), {"node_missing"}),
    "node inserted": (("INSERT INTO tree_node VALUES (8, 7, sha256('x'))",), {"node_unexpected"}),
    "size": (("UPDATE checkpoint SET tree_size = 299 WHERE number = 2",), {"signature_wrong", "root_differs"}),
    "root": (("UPDATE checkpoint SET root = sha256('x') WHERE number = 2",), {"signature_wrong", "root_differs"}),
    "time of a checkpoint": (
        ("UPDATE checkpoint SET time = time + '1 hour' WHERE number = 2",),
        {"signature_wrong", "checkpoint_changed"},
    ),
    "checkpoint removed": (
        ("DELETE FROM checkpoint WHERE number = 2",),
        {"checkpoint_order", "checkpoint_missing"},
    ),
}


@pytest.fixture(scope="module")
def sealed(infrastructure, keyrings, tmp_path_factory):
    """A stage with a whole trail, which nobody is at work on any more."""
    with staged(infrastructure, keyrings, tmp_path_factory.mktemp("sealed")) as stage:
        stage.sealed_trail(100, 300, 600)
        assert stage.verify().ok
        stage.service.database.close()
        yield stage


@pytest.fixture
def written(infrastructure, keyrings, sealed, tmp_path):
    """A stage with that trail, of the test's own."""
    with staged(infrastructure, keyrings, tmp_path, as_left=sealed) as stage:
        yield stage


@pytest.mark.clause("LIFE-1")
@pytest.mark.parametrize("kind", TAMPERINGS)
def test_tampering_is_found(written, kind):
    statements, expected = TAMPERINGS[kind]
    written.tamper(*statements)
    assert expected <= written.codes()


def rewritten(stage, *, change):
    """Rows from number 41 on, changed and hashed anew: leaves, links and nodes all fit."""
    rows = stage.rows("SELECT * FROM trail WHERE seq >= 41 ORDER BY seq")
    (before,) = stage.rows("SELECT chain_hash FROM trail WHERE seq = 40")
    head, statements = bytes(before["chain_hash"]), ["DELETE FROM tree_node"]
    leaves = [bytes(r["leaf_hash"]) for r in stage.rows("SELECT leaf_hash FROM trail WHERE seq < 41 ORDER BY seq")]
    for row in rows:
        values = {name: row[name] for name in TrailRow.__slots__} | {"facts": canonical(row["facts"]).decode()}
        if row["seq"] == 41:
            values |= change
        leaf = chain.leaf_hash(chain.canonical(TrailRow(**values)))
        head = chain.link(head, leaf)
        leaves.append(leaf)
        statements.append(
            f"UPDATE trail SET actor = '{values['actor']}', leaf_hash = '\\x{leaf.hex()}',"
            f" chain_hash = '\\x{head.hex()}' WHERE seq = {row['seq']}"
        )
    frontier = chain.Frontier()
    for leaf in leaves:
        for level, index, made in frontier.push(leaf):
            statements.append(f"INSERT INTO tree_node VALUES ({level}, {index}, '\\x{made.hex()}')")
    return statements


def test_a_history_rewritten_with_all_its_hashes_contradicts_what_was_signed(written):
    written.tamper(*rewritten(written, change={"actor": "system"}))
    assert written.codes() == {"root_differs", "head_differs"}


def test_a_history_rewritten_with_its_checkpoints_needs_the_key(written):
    statements = rewritten(written, change={"actor": "system"})
    written.tamper(*statements)
    (head,) = written.rows("SELECT chain_hash, leaf_hash FROM trail WHERE seq = 100")
    made = written.file.read().checkpoints[0].signed_by(STRANGER)
    written.tamper(
        "DELETE FROM checkpoint",
        "INSERT INTO checkpoint SELECT 1, 100, "
        f"'\\x{made.root.hex()}', '\\x{bytes(head['chain_hash']).hex()}', '{made.time.isoformat()}', "
        f"'{made.key_id}', '\\x{made.previous.hex()}', '\\x{made.signature.hex()}'",
    )
    assert {"signature_wrong", "checkpoint_changed", "checkpoint_missing"} <= written.codes()


def test_a_damaged_trail_stays_damaged_when_it_grows(written):
    written.tamper("UPDATE trail SET actor = 'system' WHERE seq = 41")
    written.fill(200)
    written.clock.move(timedelta(seconds=61))
    written.run("sequence")
    report = written.verify()
    assert report.tree_size == 800
    assert ("row_changed", 41) in {(finding.code, finding.at) for finding in report.findings}


def test_rows_before_the_checkpoint_that_one_goes_on_from_are_not_read(written):
    written.tamper("UPDATE trail SET actor = 'system' WHERE seq = 41")
    assert written.verify(from_checkpoint=2).ok
    assert written.verify(from_checkpoint=2).rows == 300
    written.tamper("UPDATE trail SET actor = 'system' WHERE seq = 441")
    assert written.codes(from_checkpoint=2) == {"row_changed", "node_differs", "root_differs"}


def test_leaves_are_read_where_a_checkpoint_stands_inside_a_block(written):
    written.tamper("UPDATE trail SET leaf_hash = sha256('x') WHERE seq = 290")
    assert "root_differs" in written.codes(from_checkpoint=2)
    written.tamper("DELETE FROM trail WHERE seq > 290")
    assert "node_missing" in written.codes(from_checkpoint=2)


def test_a_trail_spoiled_from_end_to_end_is_reported_and_the_connection_lives(written):
    written.tamper("UPDATE trail SET actor = 'system'")
    assert len(written.verify().findings) == FINDINGS_LIMIT
    asked = ask(written)
    written.run("verify_requested")
    shown = written.ask(Verification(verification_id=asked))
    assert shown.state == "damaged"
    assert len(shown.findings) == FINDINGS_LIMIT
    assert written.ask(TrailHead()).size == 600


def store_of(stage) -> VerificationStore:
    return feature(stage.service, verification.Verifications)._store


def ask(stage, from_checkpoint=0):
    return stage.ask(Verify(actor=KARI, from_checkpoint=from_checkpoint)).verification_id


def test_verification_in_the_background_says_how_far_it_is_and_enters_the_trail(written, monkeypatch):
    monkeypatch.setattr(verification, "PROGRESS_ROWS", 1)
    said = []
    progress = store_of(written).progress
    monkeypatch.setattr(
        store_of(written),
        "progress",
        lambda tx, id_, **values: (said.append(values["done"]), progress(tx, id_, **values)),
    )
    asked = ask(written)
    assert written.ask(Verification(verification_id=asked)).state == "waiting"
    written.run("verify_requested")
    shown = written.ask(Verification(verification_id=asked))
    assert (shown.state, shown.rows_done, shown.tree_size, shown.findings) == ("whole", 600, 600, ())
    assert said == [600]
    written.run("sequence")
    (row,) = written.rows("SELECT * FROM trail WHERE type = 'trail.verified'")
    assert row["facts"]["outcome"] == "whole"
    assert "kari" not in str(row)


def test_a_verification_left_behind_by_a_dead_process_is_taken_up_again(written):
    asked = ask(written)
    with written.service.database.transaction() as tx:
        now = written.clock.now()
        claimed = store_of(written).claim(tx, now=now, lease_until=now + timedelta(seconds=60))
    assert claimed["id"] == asked
    written.run("verify_requested")
    assert written.ask(Verification(verification_id=asked)).state == "running"
    written.clock.move(timedelta(seconds=61))
    written.run("verify_requested")
    assert written.ask(Verification(verification_id=asked)).state == "whole"


def test_the_service_itself_finds_its_file_gone(written):
    written.file.path.unlink()
    asked = ask(written)
    written.run("verify_requested")
    findings = written.ask(Verification(verification_id=asked)).findings
    assert {finding.code for finding in findings} == {"file_missing", "file_behind"}


def test_verification_needs_nothing_of_the_system_but_the_right_to_read(written, tmp_path):
    key = tmp_path / "public_key"
    key.write_text(SIGNER.public.text())
    command = [sys.executable, "-m", "services.audit.verification", "--public-key", str(key)]
    command += ["--checkpoints", str(written.file.path)]
    env = {**os.environ, "VILKAR_AUDIT_DSN": written.dsn}
    whole = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (whole.returncode, whole.stderr) == (0, "")
    assert whole.stdout.startswith("whole: 600 rows read, 600 in the trail, 3 checkpoints")
    written.tamper("UPDATE trail SET actor = 'system' WHERE seq = 41")
    damaged = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert damaged.returncode == 1
    assert "row_changed 41\n" in damaged.stdout
