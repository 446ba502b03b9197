"""What is done in containers past the gate of staff is noted before it is done: as the Makefile has it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from deploy.native.system import CHANGE_KEYS

pytestmark = [pytest.mark.unit, pytest.mark.clause("STAFF-1")]

ROOT = Path(__file__).resolve().parents[3]
NOTES = "compose run --rm --no-deps -T vilkar staff note-door"
VERBS = {
    "backup-compose": ("backup", "-T restore take"),
    "restore-compose": ("restore", "compose stop"),
    **{f"keys-compose KEYS={each}": (f"keys_{each}", f"-T keys {each}") for each in CHANGE_KEYS},
}
LOOKS = ("backups-compose", "prove-backup-compose", "keys-compose KEYS=status", "keys-compose KEYS=reseal-status")


def recipe(verb: str) -> list[str]:
    """The lines that make would run, with the shell's choices made: a line that runs nothing is left out."""
    asked = ["make", "--dry-run", *verb.split(), "COMPOSE=compose"]
    said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout
    script = f'compose() {{ echo compose "$@"; }}\n{said}'
    ran = subprocess.run(["sh", "-e"], input=script, capture_output=True, text=True, check=True, timeout=60)
    return ran.stdout.splitlines()


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_notes_its_door_before_it_does_anything(verb) -> None:
    door, does = VERBS[verb]
    lines = recipe(verb)
    at = lines.index(f"{NOTES} {door}")
    (does_at,) = [number for number, line in enumerate(lines) if does in line]
    assert at < does_at
    assert sum(line.startswith(NOTES) for line in lines) == 1


@pytest.mark.parametrize("verb", LOOKS)
def test_looking_opens_no_door(verb) -> None:
    lines = recipe(verb)
    assert lines
    assert not any("note-door" in line for line in lines)


@pytest.mark.parametrize("verb", VERBS)
def test_where_it_cannot_be_noted_nothing_is_done(verb) -> None:
    asked = ["make", "--dry-run", *verb.split(), "COMPOSE=compose"]
    said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout
    script = f'compose() {{ echo compose "$@"; case "$*" in *note-door*) return 1;; esac; }}\n{said}'
    ran = subprocess.run(["sh", "-e"], input=script, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode != 0
    assert VERBS[verb][1] not in ran.stdout
