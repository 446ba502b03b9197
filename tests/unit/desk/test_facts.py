"""One thing is told a line a field; what is nested and long has lines of its own, and nothing is left out."""

from __future__ import annotations

import pytest

from services.desk.cli.output import facts

pytestmark = pytest.mark.unit


def test_what_is_long_and_nested_is_told_in_lines_of_its_own(capsys) -> None:
    sentences = [{"id": f"number_{n}", "language": "nb", "sha256": "ab" * 32} for n in range(4)]
    agreement = {"document": "dpa", "version": "v1", "sentences": sentences}
    facts({"state": "active", "roles": ["a", "b"], "agreement": agreement}, json_too=False, title="Account")
    lines = capsys.readouterr().out.splitlines()
    assert lines[:5] == [
        "Account", "state      active", "roles      a, b", "agreement", "  document   dpa",
    ]  # fmt: skip
    assert lines[5:7] == ["  version    v1", "  sentences"]
    assert lines[7:] == [f"    id number_{n}, language nb, sha256 {'ab' * 32}" for n in range(4)]
    assert max(map(len, lines)) < 120


def test_square_brackets_and_control_characters_of_a_value_are_shown_and_do_nothing(capsys) -> None:
    facts({"name": "[red]x[/red]\x1b[2J", "list": [{"a": "[b]" * 40}]}, json_too=False)
    told = capsys.readouterr().out
    assert "[red]x[/red]\\x1b[2J" in told
    assert "a " + "[b]" * 40 in told
