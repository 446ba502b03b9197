"""The ledger's copy at the target: sent when it has changed, never one that does not continue what was sent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deploy.backup.errors import BackupFailed, RestoreRefused
from shared.backup_record import LEDGER
from shared.privacy.ledger_copy import copy_ledger
from shared.privacy.ledger_lines import Fact, Kind
from tests.unit.privacy.ledger_samples import KEY, account, writer_at

pytestmark = [pytest.mark.integration, pytest.mark.clause("FORGET-1")]

DAY = timedelta(days=1)


@pytest.fixture
def ledger(world, tmp_path):
    (world.settings.secrets.folder / "ledger_public_key").unlink(missing_ok=True)
    (world.settings.secrets.folder / "ledger_public_key").write_text(KEY.public.text())
    writer = writer_at(tmp_path / "ledger" / "ledger.jsonl")

    def write(number: int) -> None:
        """Write a fact, and copy the ledger as retention does."""
        now = world.clock.now()
        writer.append([Fact(kind=Kind.ACCOUNT_ERASED, account_id=account(number), user_id=None, data={})], now)
        copy_ledger(writer, world.settings.ledger.parent, now)

    write(1)
    return writer, write


def test_the_ledger_is_sent_when_it_has_grown_and_comes_back_as_it_was(world, ledger, tmp_path):
    writer, write = ledger
    assert world.backups.copy(LEDGER)
    assert not world.backups.copy(LEDGER)
    write(2)
    assert world.backups.copy(LEDGER)
    fetched = world.backups.fetch_ledger(tmp_path / "back")
    assert fetched.read_bytes() == writer.path.read_bytes()
    with pytest.raises(RestoreRefused, match="never written over"):
        world.backups.fetch_ledger(tmp_path / "back")


def test_a_ledger_that_lost_its_end_does_not_take_the_place_of_what_was_sent(world, ledger, tmp_path):
    writer, write = ledger
    write(2)
    world.backups.copy(LEDGER)
    whole = writer.path.read_bytes()
    world.settings.ledger.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    with pytest.raises(BackupFailed, match=r"the ledger was not sent: .* ends at position 1"):
        world.backups.copy(LEDGER)
    world.settings.ledger.unlink()
    with pytest.raises(BackupFailed, match="is not there"):
        world.backups.copy(LEDGER)
    assert world.backups.fetch_ledger(tmp_path / "back").read_bytes() == whole


def test_what_the_ledger_has_forgotten_is_soon_forgotten_at_the_target_as_well(world, ledger):
    writer, write = ledger
    for number in (2, 3):
        world.backups.copy(LEDGER)
        world.clock.move(DAY)
        write(number)
    world.clock.move(3 * DAY)
    writer.purge(world.clock.now() - 3 * DAY - timedelta(hours=1), world.clock.now())
    copy_ledger(writer, world.settings.ledger.parent, world.clock.now())
    assert world.backups.copy(LEDGER)
    assert len(list((world.target / "ledger" / "snapshots").iterdir())) == 1


def test_without_a_ledger_there_is_nothing_to_send(world):
    assert not world.backups.copy(LEDGER)
