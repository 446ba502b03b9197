"""Certificates and checkpoints at the target: sent when they have grown, brought back without loss of newer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deploy.backup.contents import open_contents
from deploy.backup.errors import BackupFailed, RestoreRefused
from deploy.backup.settings import CERTIFICATES, CHECKPOINTS
from shared.backup_record import LEDGER, PROOFS

pytestmark = [pytest.mark.integration, pytest.mark.clause("FORGET-2")]


class Proofs:
    """The two folders of a system, with files as retention and audit write them."""

    def __init__(self, world) -> None:
        self.world = world
        self.certificates = world.settings.proofs[CERTIFICATES] / "certificates.jsonl"
        self.checkpoints = world.settings.proofs[CHECKPOINTS] / "checkpoints.jsonl"
        self.key = self.checkpoints.with_name("public_key")
        for path in (self.certificates, self.checkpoints):
            path.parent.mkdir(parents=True)
        self.key.write_text("the key\n")
        self.write(1)

    def write(self, number: int) -> None:
        for path in (self.certificates, self.checkpoints):
            with path.open("a") as stream:
                stream.write(f'{{"number":{number},"of":"{path.stem}"}}\n')

    def send(self) -> bool:
        return self.world.backups.copy(PROOFS)

    def all(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in (self.certificates, self.checkpoints, self.key)}


@pytest.fixture
def proofs(world) -> Proofs:
    return Proofs(world)


def test_every_backup_run_sends_the_proofs_and_they_come_back_as_they_were(world, proofs, tmp_path):
    assert world.backups.take(()) == []
    assert world.backups.record().copies[PROOFS] == world.clock.now()
    assert not proofs.send(), "nothing has changed since"
    proofs.write(2)
    with proofs.certificates.open("a") as stream:
        stream.write('{"number":3,"of":"certifi')
    assert proofs.send()
    assert {path.name for path in world.settings.record_dir.iterdir() if path.is_file()} == {
        "backup.json", "backup.lock", "proofs_sent.json",
    }, "however often something is sent"  # fmt: skip
    fetched = world.backups.fetch_proofs(tmp_path / "back")
    assert {each.outcome for each in fetched} == {"written"}
    assert {each.path.name: each.path.read_text() for each in fetched} == {
        **proofs.all(),
        "certificates.jsonl": proofs.all()["certificates.jsonl"].rpartition("\n")[0] + "\n",
    }
    (_, copies) = world.backups.copies()
    assert (copies.set, len(copies.snapshots)) == (PROOFS, 2)
    with open_contents(world.settings) as contents:
        assert b'"of":"checkpoints"' in b"".join(contents.stream(PROOFS, copies.snapshots[-1]))


def test_what_goes_further_here_is_kept_and_what_ends_earlier_is_completed(world, proofs):
    proofs.write(2)
    proofs.send()
    whole = proofs.all()
    proofs.write(3)
    newer = proofs.certificates.read_text()
    proofs.checkpoints.write_text(whole["checkpoints.jsonl"].splitlines(keepends=True)[0])
    proofs.key.unlink()
    outcomes = {each.path.name: each.outcome for each in world.backups.fetch_proofs()}
    assert outcomes == {"certificates.jsonl": "kept", "checkpoints.jsonl": "completed", "public_key": "written"}
    assert proofs.all() == {**whole, "certificates.jsonl": newer}


def test_a_file_and_a_copy_that_contradict_each_other_are_both_left_alone(world, proofs, tmp_path):
    proofs.send()
    proofs.certificates.unlink()
    proofs.checkpoints.write_text('{"number":1,"of":"another history"}\n')
    with pytest.raises(RestoreRefused, match="contradict each other, so nothing was written"):
        world.backups.fetch_proofs()
    assert not proofs.certificates.exists()
    with pytest.raises(BackupFailed, match="nothing here goes on from certificates/"):
        proofs.send()
    assert {each.outcome for each in world.backups.fetch_proofs(tmp_path)} == {"written"}


def test_proofs_that_were_shortened_take_no_copys_place_and_do_not_count_as_sent(world, proofs):
    proofs.write(2)
    world.backups.take(())
    sent_at = world.clock.now()
    proofs.certificates.write_text(proofs.certificates.read_text().splitlines(keepends=True)[0])
    world.clock.move(timedelta(hours=1))
    with pytest.raises(BackupFailed, match="the proofs were not sent"):
        world.backups.take(())
    assert world.backups.record().copies == {PROOFS: sent_at, LEDGER: world.clock.now()}


def test_a_file_of_checkpoints_that_was_put_aside_still_goes_on_from_what_was_sent(world, proofs):
    proofs.send()
    proofs.checkpoints.rename(proofs.checkpoints.with_name("checkpoints.20261122T093000000000.jsonl"))
    proofs.checkpoints.write_text('{"number":1,"of":"written anew"}\n')
    assert proofs.send()


def test_where_there_are_no_proofs_yet_nothing_is_sent_and_nothing_is_missing(world):
    assert not world.backups.copy(PROOFS)
    assert world.backups.record().copies.keys() == {PROOFS}
    assert [len(each.snapshots) for each in world.backups.copies()] == [0, 0]
    with pytest.raises(BackupFailed, match="cannot be opened"):
        world.backups.fetch_proofs()
