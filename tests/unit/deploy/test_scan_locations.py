"""Files are searched where they are told to lie, each once, and what cannot be searched is counted."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from deploy.residue_search.multi_pattern import MultiPattern
from deploy.residue_search.scan_locations import Place, places_of, search_place, sizes
from shared import config
from shared.errors import Refused

pytestmark = pytest.mark.unit

VALUE = "Kari Nordmann"
NEEDLES = MultiPattern([VALUE])


def look(place: Place, *others: Place, **options):
    return search_place(place, [place, *others], NEEDLES, lambda _: 7, **options)


def settings(tmp_path: Path, places: str):
    return config.load(
        {
            "VILKAR_ENVIRONMENT": "test",
            "VILKAR_STATE_DIR": str(tmp_path / "state"),
            "VILKAR_LEDGER_DIR": "/l",
            "VILKAR_SEARCH_PLACES": places,
        }
    )


def test_the_setting_names_folders_and_state_and_ledger_are_always_among_them(tmp_path):
    found = places_of(settings(tmp_path, "files of db=/a/b,WAL of db=/a/b/wal"), [Path("/c")])
    assert [(each.name, str(each.folder)) for each in found] == [
        ("state", str(tmp_path / "state")), ("ledger", "/l"), ("files of db", "/a/b"), ("WAL of db", "/a/b/wal"),
        ("also 1", "/c"),
    ]  # fmt: skip
    with pytest.raises(Refused, match="VILKAR_SEARCH_PLACES"):
        places_of(settings(tmp_path, "no folder"))


def test_a_file_belongs_to_the_narrowest_place_alone(tmp_path):
    wal = tmp_path / "data" / "pg_wal"
    wal.mkdir(parents=True)
    (wal / "0001").write_text(f"x{VALUE}")
    (tmp_path / "data" / "heap").write_text(f"y{VALUE}")
    wide, narrow = Place("files", tmp_path), Place("WAL", wal)
    assert [(each.place, each.where, each.value) for each in look(wide, narrow).found] == [
        ("files", "data/heap", 7)
    ]
    assert [(each.place, each.where) for each in look(narrow, wide).found] == [("WAL", "0001")]
    assert look(wide, narrow).things == look(narrow, wide).things == 1
    assert sizes([wide, narrow]) == 28


def test_a_value_in_the_name_of_a_file_is_a_hit_that_does_not_repeat_the_name(tmp_path):
    (tmp_path / f"{VALUE}.txt").write_text(VALUE)
    found = look(Place("files", tmp_path)).found
    assert {each.where for each in found} == {"the name of a file"}


def test_a_link_is_counted_and_not_followed_and_a_file_left_out_is_left_out(tmp_path):
    outside = tmp_path / "outside"
    outside.write_text(VALUE)
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link").symlink_to(outside)
    (inside / "values").write_text(VALUE)
    (inside / "sandbox.sqlite3").write_text(VALUE)
    looked = look(Place("files", inside), skip={inside / "values"})
    assert (looked.found, looked.things) == ([], 0)
    assert sorted(looked.missed) == [
        "a link, not followed", "the sandboxed vendors' own store, no place of ours",
    ]  # fmt: skip
    assert look(Place("also 1", outside)).found[0].where == "outside"


def test_a_folder_that_is_not_there_is_told(tmp_path):
    assert dict(look(Place("files", tmp_path / "gone")).missed) == {"there is no such folder": 1}


def test_what_may_not_be_read_is_told(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("could not run: root may read everything")
    (tmp_path / "closed").mkdir(mode=0)
    (tmp_path / "shut").write_text(VALUE)
    (tmp_path / "shut").chmod(0)
    missed = look(Place("files", tmp_path)).missed
    (tmp_path / "closed").chmod(0o700)
    assert sorted(re.sub(r"\(.*\)", "", reason).strip() for reason in missed) == [
        "folder not readable", "not readable",
    ]  # fmt: skip


def test_bytes_read_are_told_while_it_goes_on(tmp_path):
    (tmp_path / "large").write_bytes(b"\x00" * 2_500_000 + VALUE.encode())
    told: list[int] = []
    looked = look(Place("files", tmp_path), tick=told.append)
    assert (sum(told), looked.bytes, len(looked.found)) == (2_500_013, 2_500_013, 1)
    assert len(told) == 3
