from __future__ import annotations

import base64
import os
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.audit.checkpoints.file import CheckpointFile
from services.audit.checkpoints.signing import Checkpoint
from shared.canonical_json import canonical
from shared.config import SettingError
from shared.signing import PublicKey, SigningKey, export_public_key
from tests.unit.audit.audit_samples import SIGNER, STRANGER

pytestmark = pytest.mark.unit


def checkpoint(number: int) -> Checkpoint:
    made = Checkpoint(
        number=number,
        tree_size=number * 10,
        root=bytes([number]) * 32,
        head=bytes([number + 1]) * 32,
        time=datetime(2026, 11, 30, 23, 30, number, tzinfo=UTC),
        key_id="",
    )
    return made.signed_by(SIGNER)


@pytest.fixture
def file(tmp_path):
    return CheckpointFile(tmp_path / "audit" / "checkpoints.jsonl")


def test_a_signature_covers_every_field():
    signed = checkpoint(1)
    assert signed.is_signed_by(SIGNER.public)
    for field, value in {
        "number": 2,
        "tree_size": 11,
        "root": bytes(32),
        "head": bytes(32),
        "time": datetime(2026, 11, 30, tzinfo=UTC),
        "key_id": STRANGER.public.id,
        "previous": bytes([9]) * 32,
        "signature": bytes(64),
    }.items():
        assert not replace(signed, **{field: value}).is_signed_by(SIGNER.public), field


def test_another_key_is_not_taken_for_ours():
    assert not checkpoint(1).is_signed_by(STRANGER.public)
    assert not checkpoint(1).signed_by(STRANGER).is_signed_by(SIGNER.public)


def test_a_line_is_read_back_as_it_was_written_and_no_other_spelling_is():
    line = checkpoint(3).line()
    assert Checkpoint.parse(line) == checkpoint(3)
    with pytest.raises(ValueError, match="as it was written"):
        Checkpoint.parse(line.replace(b",", b", "))
    for bad in (b"", b"{}", b"[]", b"null", line[:-1], line.replace(b'"tree_size":30', b'"tree_size":"x"')):
        with pytest.raises(ValueError, match="not a checkpoint"):
            Checkpoint.parse(bad)


def test_a_file_that_is_not_there_has_no_lines(file):
    assert file.last() is None
    contents = file.read()
    assert (contents.checkpoints, contents.present, contents.torn) == ([], False, False)
    assert file.put_aside("x") is None


def test_lines_are_appended_once_whoever_writes_them(file):
    assert file.append([checkpoint(1), checkpoint(2)]) == 2
    assert file.append([checkpoint(1), checkpoint(2), checkpoint(3)]) == 1
    assert [each.number for each in file.read().checkpoints] == [1, 2, 3]
    assert file.last() == checkpoint(3)


@pytest.mark.parametrize("kept_bytes", [1, 50, 300])
def test_a_torn_last_line_counts_as_not_written_and_is_written_anew(file, kept_bytes):
    file.append([checkpoint(1), checkpoint(2)])
    with file.path.open("ab") as stream:
        stream.write(checkpoint(3).line()[:kept_bytes])
    contents = file.read()
    assert contents.torn
    assert [each.number for each in contents.checkpoints] == [1, 2]
    assert contents.damaged_lines == []
    assert file.last() == checkpoint(2)
    assert file.append([checkpoint(2), checkpoint(3)]) == 1
    assert file.read().checkpoints == [checkpoint(1), checkpoint(2), checkpoint(3)]
    assert not file.read().torn


def test_a_first_line_that_is_torn_is_written_anew(file):
    file.path.parent.mkdir()
    file.path.write_bytes(checkpoint(1).line()[:20])
    assert file.last() is None
    file.append([checkpoint(1)])
    assert file.read().checkpoints == [checkpoint(1)]


def test_a_spoiled_line_in_the_middle_is_named_and_the_others_are_read(file):
    file.append([checkpoint(1), checkpoint(2), checkpoint(3)])
    lines = file.path.read_bytes().split(b"\n")
    lines[1] = lines[1].replace(b'"number":2', b'"number": 2')
    file.path.write_bytes(b"\n".join(lines))
    contents = file.read()
    assert contents.damaged_lines == [2]
    assert [each.number for each in contents.checkpoints] == [1, 3]


def test_a_last_line_that_is_no_checkpoint_is_not_built_upon(file):
    file.append([checkpoint(1)])
    with file.path.open("ab") as stream:
        stream.write(b"something else\n")
    with pytest.raises(ValueError, match="not a checkpoint"):
        file.append([checkpoint(2)])
    file.path.write_bytes(b"x" * 5000)
    with pytest.raises(ValueError, match="no line of it"):
        file.append([checkpoint(2)])


def test_many_writers_at_once_leave_one_line_each(file):
    lines = [checkpoint(number) for number in range(1, 30)]
    writers = [threading.Thread(target=file.append, args=[lines[:end]]) for end in range(1, 30)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert file.read().checkpoints == lines


def test_a_file_put_aside_is_kept_under_another_name_and_never_over_one(file):
    file.append([checkpoint(1)])
    assert file.put_aside("old") == "checkpoints.old.jsonl"
    assert not file.path.exists()
    file.append([checkpoint(2)])
    with pytest.raises(FileExistsError):
        file.put_aside("old")
    assert CheckpointFile(file.path.with_name("checkpoints.old.jsonl")).last() == checkpoint(1)


def test_the_public_key_is_exported_and_older_ones_stay_for_what_they_signed(tmp_path):
    path = tmp_path / "audit" / "public_key"
    assert [key.id for key in export_public_key(path, SIGNER.public)] == [SIGNER.public.id]
    first = path.read_text()
    assert [key.id for key in export_public_key(path, SIGNER.public)] == [SIGNER.public.id]
    assert path.read_text() == first
    newer = export_public_key(path, STRANGER.public)
    assert [key.id for key in newer] == [STRANGER.public.id, SIGNER.public.id]
    assert [PublicKey.parse(line).id for line in path.read_text().split()] == [key.id for key in newer]


def test_a_key_is_the_one_in_the_secret_file_and_a_malformed_one_is_refused():
    raw = bytes(range(32))
    signer = SigningKey.parse(base64.b64encode(raw).decode() + "\n")
    assert signer.public.text() == SIGNER.public.text()
    assert checkpoint(1).is_signed_by(PublicKey.parse(SIGNER.public.text()))
    for text in ("no base64!", base64.b64encode(b"short").decode()):
        with pytest.raises(SettingError, match="signing key"):
            SigningKey.parse(text)
    fresh = SigningKey(os.urandom(32))
    assert fresh.public.id != signer.public.id


def test_the_statement_that_is_signed_is_frozen():
    statement = {
        "origin": "vilkar.audit.v1",
        "number": 1,
        "tree_size": 10,
        "root": "01" * 32,
        "head": "02" * 32,
        "time": "2026-11-30T23:30:01.000000+00:00",
        "key_id": SIGNER.public.id,
        "previous": "00" * 32,
    }
    assert SIGNER.public.verifies(checkpoint(1).signature, canonical(statement))
