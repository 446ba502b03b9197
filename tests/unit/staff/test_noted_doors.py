"""A door of the machine is noted in a file before it is opened, and stays shut where that cannot be done."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest

from services.staff.machine_doors import noted
from services.staff.machine_doors.values import Door

pytestmark = [pytest.mark.unit, pytest.mark.clause("STAFF-1")]

NOW = datetime(2026, 12, 3, 1, 2, 3, 456, tzinfo=UTC)


def test_each_is_noted_under_an_id_of_its_own_and_read_by_anybody(tmp_path) -> None:
    mask = os.umask(0o077)
    try:
        uses = [noted.write(tmp_path, door, NOW) for door in Door]
    finally:
        os.umask(mask)
    assert sorted(uses, key=lambda use: use.id) == sorted(noted.read(tmp_path), key=lambda use: use.id)
    assert {use.used_at for use in uses} == {NOW.replace(microsecond=0)}
    folder = tmp_path / noted.FOLDER
    assert folder.stat().st_mode & 0o777 == 0o755
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}


def test_nothing_is_noted_where_nobody_has_opened_a_door_and_what_is_not_ours_is_left_alone(tmp_path) -> None:
    assert noted.read(tmp_path) == []
    use = noted.write(tmp_path, Door.BACKUP, NOW)
    (tmp_path / noted.FOLDER / "notes.txt").write_text("not ours")
    assert noted.read(tmp_path) == [use]


def test_of_very_many_the_newest_are_read(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(noted, "MOST", 2)
    uses = [noted.write(tmp_path, Door.BACKUP, NOW + timedelta(hours=hour)) for hour in range(3)]
    assert noted.read(tmp_path) == uses[1:]


def test_what_was_noted_a_month_ago_goes_with_the_next_one(tmp_path) -> None:
    old = noted.write(tmp_path, Door.BACKUP, NOW)
    kept = noted.write(tmp_path, Door.RESTORE, NOW + timedelta(days=1))
    assert noted.read(tmp_path) == [old, kept]
    new = noted.write(tmp_path, Door.RESTORE, NOW + noted.KEPT + timedelta(seconds=1))
    assert noted.read(tmp_path) == [kept, new]


def test_where_it_cannot_be_noted_whoever_wanted_to_open_it_is_told(tmp_path) -> None:
    with pytest.raises(FileNotFoundError):
        noted.write(tmp_path / "away", Door.RESTORE, NOW)
