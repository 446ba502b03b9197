"""Every command of staff works on a machine that has nothing of the system: no broker, no database, no secret."""

from __future__ import annotations

import os
import typing
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import typer

from services.desk.__main__ import run
from services.desk.cli.arguments import Matching, OneOf
from services.desk.cli.output import AWAY, REFUSED, spoken
from shared.errors import Conflict, Forbidden
from tests.command_tree import Words, of_the_desk

pytestmark = pytest.mark.unit

VALUES: dict[Any, str] = {
    UUID: str(uuid4()),
    int: "1",
    date: "2027-01-04",
    datetime: "2027-01-04T12:00:00",
    str: "x",
}


COMMANDS = of_the_desk()


def arguments(command: Any) -> Iterator[str]:
    """What the command needs, as it is typed: of codes the first, of forms their example, else its kind."""
    for parameter in command.params:
        if parameter.required:
            hint = parameter.type_descriptor.annotation
            kind = typing.get_args(hint)[0] if typing.get_origin(hint) is list else hint
            parser = parameter.type_descriptor.parameter_info.parser
            if isinstance(parser, Matching):
                value = parser.example
            else:
                value = parser.codes[0] if isinstance(parser, OneOf) else VALUES.get(kind, "staff:kari")
            yield from ([parameter.opts[0], value] if parameter.opts[0].startswith("-") else [value])
        elif "--yes" in parameter.opts:
            yield "--yes"


OTHERWISE: dict[Words, tuple[int, str]] = {
    ("login",): (AWAY, "does not answer"),
    ("logout",): (0, "Nobody was logged in."),
    ("terms",): (0, "DOC-1"),
    **dict.fromkeys(
        (("backup", "status"), ("ledger", "status"), ("ledger", "verify"), ("clock", "show"), ("clock", "move")),
        (REFUSED, "on the machine that the system runs on"),
    ),
    **dict.fromkeys((("certificate", "verify"), ("approval", "verify")), (REFUSED, "does not exist")),
}
"""What needs no session: one begins or ends there, it is in the program, on the machine, or in a file."""
BESIDES: dict[Words, list[str]] = {
    ("letters",): ["--account", VALUES[UUID]],
    ("account", "find"): ["--review"],
    ("clock", "move"): ["--hours", "1"],
    ("hold", "place"): ["--case", "sak-2026-1"],
}
"""What a command takes that its parameters do not say."""


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("VILKAR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("VILKAR_DESK_URL", "http://desk.localhost:9")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("bare_machine")
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_it_asks_for_a_session_and_for_nothing_else(words: Words, capsys: pytest.CaptureFixture[str]) -> None:
    code = run([*words, *arguments(COMMANDS[words]), *BESIDES.get(words, [])])
    told = capsys.readouterr()
    expected, said = OTHERWISE.get(words, (REFUSED, "You are not logged in: vilkar login"))
    assert code == expected, told
    assert said in told.out + told.err
    assert "Traceback" not in told.err


@pytest.mark.usefixtures("bare_machine")
def test_how_far_the_clock_is_moved_is_said_and_in_words_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in (
        ([], "Say how far: --days 30, --hours 6, or both."),
        (["--days", "x"], "Invalid value for '--days': not a whole number"),
        (["--days", "1.5"], "Invalid value for '--days': not a whole number"),
        (["--hours", "-1"], "Invalid value for '--hours': less than 0"),
        (["--days", "4001"], "Invalid value for '--days': more than 4000"),
        (["--days", "9" * 5000], "Invalid value for '--days': not a number that can be meant"),
    ):
        assert run(["clock", "move", *words]) == REFUSED
        assert said in capsys.readouterr().err


def test_why_somebody_may_not_do_something_is_said_as_on_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    @spoken
    def act(error: Exception) -> None:
        raise error

    not_approved = {"details": {"reason": "not_approved"}}
    for error in (Forbidden("this is not signed", **not_approved), Conflict("it is not so", **not_approved)):
        with pytest.raises(typer.Exit):
            act(error)
    assert capsys.readouterr().err.splitlines() == [
        "Nobody has approved this yet. (reason not_approved)",
        "it is not so (reason not_approved)",
    ]
