from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit.checkpoints import chain
from services.audit.verification.verifier import FINDINGS_LIMIT, Verifier
from tests.unit.audit.audit_samples import SIGNER, STRANGER, Memory, sample_row

pytestmark = pytest.mark.unit

ROWS = 600
SEALED_AT = (100, 256, 300, 600)


WHOLE = Memory.of(ROWS, seal_at=SEALED_AT)


def trail() -> Memory:
    return WHOLE.copy()


def test_an_untouched_trail_is_whole():
    report = trail().verify()
    assert report.ok
    assert (report.rows, report.tree_size, report.checkpoints, report.unsealed_rows) == (600, 600, 4, 0)


def test_an_empty_trail_is_whole():
    assert Memory().verify().ok


def test_rows_that_are_not_signed_yet_are_counted():
    memory = trail()
    for seq in range(601, 611):
        memory.append(chain.canonical(sample_row(seq)))
    report = memory.verify()
    assert report.ok
    assert report.unsealed_rows == 10


def test_progress_is_told_up_to_the_last_row():
    said = []
    trail().verify(progress=lambda done, total: said.append((done, total)))
    assert said[-1] == (ROWS, ROWS)


COLUMNS = {
    "type": "account.erased",
    "version": 2,
    "source": "desk",
    "subject": "account/other",
    "actor": "staff:other",
    "account_ref": None,
    "field_names": ["email"],
    "facts": "{}",
    "seq": 9999,
    "correlation_id": sample_row(9999).correlation_id,
    "causation_id": sample_row(9999).event_id,
    "event_id": sample_row(9999).event_id,
    "user_ref": sample_row(9999).event_id,
    "occurred_at": sample_row(9999).occurred_at,
    "recorded_at": sample_row(9999).recorded_at,
}


def test_every_column_is_tried():
    assert set(COLUMNS) == set(sample_row(1).__slots__)


@pytest.mark.parametrize("column", sorted(COLUMNS))
@pytest.mark.parametrize("rehashed", [False, True])
def test_a_change_to_any_column_is_found_also_when_all_hashes_are_made_to_fit(column, rehashed):
    memory = trail()
    seq, _, leaf, head = memory.contents[149]
    changed = chain.canonical(replace(sample_row(seq), **{column: COLUMNS[column]}))
    memory.contents[149] = (seq, changed, leaf, head)
    if not rehashed:
        assert "row_changed" in memory.codes()
        return
    memory.rehash(149)
    assert memory.codes() == {"root_differs", "head_differs"}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_single_mutation_of_what_is_stored_is_found(data):
    memory = trail()
    at = data.draw(st.integers(0, ROWS - 1), label="row")
    seq, content, leaf, head = memory.contents[at]
    kind = data.draw(st.sampled_from(["content", "leaf", "head", "null", "drop", "twice", "swap"]), label="kind")

    def flipped(raw: bytes) -> bytes:
        byte, bit = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.integers(0, 7))
        return raw[:byte] + bytes([raw[byte] ^ 1 << bit]) + raw[byte + 1 :]

    if kind == "content":
        memory.contents[at] = (seq, flipped(content), leaf, head)
    elif kind == "leaf":
        memory.contents[at] = (seq, content, flipped(leaf), head)
    elif kind == "head":
        memory.contents[at] = (seq, content, leaf, flipped(head))
    elif kind == "null":
        memory.contents[at] = (seq, None, leaf, head)
    elif kind == "drop":
        del memory.contents[at]
    elif kind == "twice":
        memory.contents.insert(at, memory.contents[at])
    else:
        other = data.draw(st.integers(0, ROWS - 1).filter(lambda number: number != at), label="other")
        there = memory.contents[other]
        memory.contents[at], memory.contents[other] = (seq, *there[1:]), (there[0], content, leaf, head)
    assert not memory.verify().ok


@settings(max_examples=60, deadline=None)
@given(st.integers(0, ROWS - 1), st.sampled_from(["drop", "insert", "swap", "change"]))
def test_a_rewritten_history_is_found_although_every_hash_fits_again(at, kind):
    memory = trail()
    row = memory.contents[at]
    if kind == "drop":
        del memory.contents[at]
    elif kind == "insert":
        memory.contents.insert(at, (0, chain.canonical(sample_row(5000)), b"", b""))
    elif kind == "swap":
        other = (at + 1) % ROWS
        memory.contents[at], memory.contents[other] = memory.contents[other], row
        at = min(at, other)
    else:
        memory.contents[at] = (0, chain.canonical(sample_row(5000)), b"", b"")
    memory.rehash(at)
    assert memory.codes() & {"root_differs", "trail_cut"}


def test_a_cut_tail_is_found_by_the_checkpoints():
    memory = trail()
    del memory.contents[500:]
    memory.rehash(500)
    assert "trail_cut" in memory.codes()


def test_a_cut_tail_is_found_by_the_file_when_the_checkpoints_are_cut_with_it():
    memory = trail()
    del memory.contents[400:], memory.sealed[3:]
    memory.rehash(400)
    assert memory.codes() == {"checkpoint_missing", "trail_cut"}
    assert Verifier(memory, [SIGNER.public], None).run().ok, "nothing inside the database shows it"


def test_a_trail_that_grew_again_after_a_cut_is_found():
    memory = trail()
    del memory.contents[400:], memory.sealed[3:]
    file = list(memory.outside.checkpoints)
    memory.rehash(400)
    for seq in range(401, 601):
        memory.append(chain.canonical(sample_row(seq, actor="staff:other")))
    memory.seal()
    memory.outside.checkpoints = file
    assert {"checkpoint_changed", "root_differs"} <= memory.codes()


def test_an_older_copy_of_the_file_still_proves_what_it_states():
    memory = trail()
    del memory.outside.checkpoints[2:]
    assert memory.verify().ok
    memory.contents[0] = (1, chain.canonical(sample_row(5000)), b"", b"")
    memory.rehash(0)
    memory.sealed.clear()
    for _ in range(2):
        memory.seal()
    memory.outside.checkpoints = trail().outside.checkpoints[:2]
    assert "checkpoint_changed" in memory.codes()


@pytest.mark.parametrize("change", [{"root": bytes(32)}, {"tree_size": 299}, {"head": bytes(32)}, {"number": 9}])
def test_a_changed_checkpoint_is_found(change):
    memory = trail()
    memory.sealed[2] = replace(memory.sealed[2], **change)
    assert "signature_wrong" in memory.codes()


def test_a_checkpoint_signed_with_another_key_is_found():
    memory = trail()
    memory.sealed[2] = memory.sealed[2].signed_by(STRANGER)
    assert {"signature_wrong", "checkpoint_order"} <= memory.codes()


def test_a_removed_checkpoint_is_found():
    memory = trail()
    del memory.sealed[1]
    assert {"checkpoint_order", "checkpoint_missing"} == memory.codes()


@pytest.mark.parametrize("kind", ["differs", "missing", "more"])
def test_a_stored_node_that_would_spoil_proofs_is_found(kind):
    memory = trail()
    assert [node[:2] for node in memory.stored] == [(8, 0), (8, 1), (9, 0)]
    if kind == "differs":
        memory.stored[1] = (8, 1, bytes(32))
        assert memory.codes() == {"node_differs"}
    elif kind == "missing":
        memory.stored.pop()
        assert memory.codes() == {"node_missing"}
    else:
        memory.stored.append((8, 2, bytes(32)))
        assert memory.codes() == {"node_unexpected"}


def test_the_file_is_looked_at_line_by_line():
    memory = trail()
    memory.outside.damaged_lines.append(2)
    assert memory.codes() == {"file_damaged"}
    memory = trail()
    memory.outside.checkpoints[1] = replace(memory.outside.checkpoints[1], root=bytes(32))
    assert memory.codes() == {"file_damaged"}
    memory = trail()
    memory.outside.checkpoints.reverse()
    assert memory.codes() == {"file_order"}
    memory = trail()
    memory.outside.checkpoints.clear()
    memory.outside.present = False
    assert memory.codes() == {"file_missing"}


def test_verification_goes_on_from_a_checkpoint():
    memory = trail()
    report = memory.verify(from_checkpoint=3)
    assert report.ok
    assert (report.rows, report.resumed_from, report.tree_size) == (300, 3, 600)
    assert report.root == memory.verify().root


def test_what_is_spoiled_after_the_checkpoint_is_found_and_before_it_is_not_looked_at():
    memory = trail()
    seq, _, leaf, head = memory.contents[10]
    memory.contents[10] = (seq, b"{}", leaf, head)
    assert memory.verify(from_checkpoint=3).ok
    seq, _, leaf, head = memory.contents[450]
    memory.contents[450] = (seq, b"{}", leaf, head)
    assert memory.codes(from_checkpoint=3) == {"row_changed", "node_differs", "root_differs"}


def test_going_on_from_a_checkpoint_that_nodes_do_not_bear_out_is_found():
    memory = trail()
    memory.stored[0] = (8, 0, bytes(32))
    assert "root_differs" in memory.codes(from_checkpoint=3)
    assert "checkpoint_missing" in trail().codes(from_checkpoint=77)


def test_verification_ends_when_there_is_no_end_of_findings():
    memory = trail()
    memory.contents = [(seq, b"{}", leaf, head) for seq, _, leaf, head in memory.contents]
    report = memory.verify()
    assert len(report.findings) == FINDINGS_LIMIT
    assert not report.ok
