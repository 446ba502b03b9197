"""How somebody of the staff is written who acts is known in one place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared.actor import Actor, is_staff, staff_actor, staff_code

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[3]
BY_HAND = re.compile(r"""["']staff:(?!\s)""")
HERE = "shared/actor.py"


def test_no_program_writes_it_by_hand() -> None:
    sources = [path for room in ("services", "shared", "deploy", "sandbox") for path in (ROOT / room).rglob("*.py")]
    by_hand = {
        path.relative_to(ROOT).as_posix() for path in sources if BY_HAND.search(path.read_text(encoding="utf-8"))
    }
    assert by_hand == {HERE}


def test_who_acts_is_written_and_read_in_the_same_way() -> None:
    assert staff_actor("kari") == str(Actor("staff", name="kari"))
    assert staff_code(staff_actor("kari")) == "kari"
    assert is_staff(staff_actor("kari"))
    for other in ("system", "user:0192f6c0-0000-7000-8000-0000000000aa", "kari", ""):
        assert (is_staff(other), staff_code(other)) == (False, other)
