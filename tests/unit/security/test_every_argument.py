"""Every argument of every `vilkar` command meets every kind of bad input: one clear line, or the nearest meaning.

The real program reads them. What it takes goes to a broker that is not there, and a call that is made ends so.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

import pytest

from services.desk.__main__ import ABORTED, run
from services.desk.cli import arguments, log_in
from services.desk.cli.holds import CaseCalled
from services.desk.cli.output import AWAY, FAULT, REFUSED
from services.desk.cli.session_file import SessionFile, StoredSession
from services.retention.holds.calls import PlaceHold
from shared.actor import Actor
from tests import forked
from tests.bad_input import spoilt, spoilt_arguments, spoilt_texts
from tests.command_tree import commands

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[3]
DESK_AWAY = r"the desk at http://desk\.localhost:[0-9]+ does not answer"
BOUND_SECONDS = 30.0
"""Of one command, with the machine busy; none waits for anything."""

ID = "0192f6c0-0000-7000-8000-0000000000aa"
CASE = arguments.pattern_of(PlaceHold, "case_ref")


# ── what is good for each argument ────────────────────────────────────────────────────────────────────────

READ_AS = {
    arguments.ident: ID,
    arguments.day: "2026-12-10",
    arguments.instant: "2026-12-10T09:30:00",
    arguments.line: "kari@firma.example",
    arguments.person: f"user:{ID}",
    arguments.staff: "staff:kari",
    arguments.subject: f"account/{ID}",
    arguments.place: f"2026-12-10T09:30:00Z~{ID}",
    log_in.address: "http://desk.localhost:9",
}
FREE = {
    ("rediscover", "values"): "Fossmo Rør",
    ("rediscover", "source"): "values",
    ("rediscover", "also"): "folder",
    ("draft", "norwegian"): "certificate.json",
    ("draft", "english"): "certificate.json",
}
"""Texts that are read by the command itself."""


def good(words: tuple[str, ...], parameter: Any) -> str | None:
    """Something that the parameter takes; None for a flag. Fails for a kind that nobody examines."""
    info = parameter.type_descriptor.parameter_info
    kind = parameter.type_descriptor.annotation
    kind = next(iter(get_args(kind)), kind) if get_args(kind) else kind
    found: str | None
    if kind is bool:
        found = None
    elif info.parser is not None:
        found = READ_AS[info.parser] if info.parser in READ_AS else example_of(info.parser)
    elif kind in (int, float) and info.max is not None:
        found = str(info.max)
    elif kind is Path and info.exists:
        found = "folder" if parameter.name == "logs" else "certificate.json"
    else:
        assert (words[-1], parameter.name) in FREE, f"{words}, {parameter.name}: a kind that nobody examines"
        found = FREE[words[-1], parameter.name]
    return found


def example_of(parser: Any) -> str:
    if isinstance(parser, arguments.OneOf):
        return parser.codes[0]
    return str(parser.example if isinstance(parser, arguments.Matching) else parser.most)


def given(words: tuple[str, ...], command: Any, spoilt: str, values: list[str]) -> list[str]:
    """The command with all that it needs, and these values for one parameter."""
    positional, options = [], []
    for parameter in command.params:
        if parameter.name == spoilt:
            mine = values
        elif parameter.required or parameter.name in ("yes", "reason"):
            mine = [value] if (value := good(words, parameter)) else []
        else:
            continue
        if parameter.param_type_name == "argument":
            positional += mine
        elif good(words, parameter) is None:
            options += (
                [parameter.opts[0]] if parameter.name != spoilt else [f"{parameter.opts[0]}={v}" for v in mine]
            )
        else:
            options += [part for value in mine for part in (parameter.opts[0], value)]
    return [*words, *options, *positional]


EXPECTED: dict[tuple[str, ...], set[int]] = {
    ("person", "link"): {0, REFUSED, AWAY},
    ("staff", "note-door"): {0, REFUSED},
    ("clock", "show"): {0, REFUSED},
    ("clock", "move"): {0, REFUSED},
    ("backup", "status"): {FAULT, REFUSED},
    ("ledger", "status"): {REFUSED, FAULT},
    ("ledger", "verify"): {REFUSED, FAULT},
    ("certificate", "verify"): {REFUSED, AWAY, FAULT},
    ("terms",): {0, 1, REFUSED},
    ("rediscover",): {FAULT, REFUSED},
    ("demo",): {0, AWAY, REFUSED},
}
"""Exit codes of what may ask no service; of all others, that the desk is away or the arguments are refused."""


ASKED = "missing"
"""What is left out may be asked for, and nobody is there to answer."""


@dataclass(frozen=True)
class Ended:
    """What became of a command."""

    code: int
    output: str
    errors: str
    seconds: float


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose user is logged in at a desk where nobody listens; so are its databases."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = str(nobody.getsockname()[1])
    for name in ("db_password", "keyring_password"):
        (tmp_path / name).write_text("x")
    (tmp_path / "values").write_text("Fossmo Rør\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "certificate.json").write_text('{"certificate": {}}')
    settings = {
        "ENVIRONMENT": "test", "STATE_DIR": str(tmp_path), "SECRETS_DIR": str(tmp_path),
        "SESSION_FILE": str(tmp_path / "session.json"),
        **{f"{name}_HOST": "127.0.0.1" for name in ("BROKER", "DB", "KEYRING")},
        **{f"{name}_PORT": port for name in ("BROKER", "DB", "KEYRING", "GATEWAY", "SANDBOX", "DESK")},
    }  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setenv(f"VILKAR_{name}", value)
    monkeypatch.chdir(tmp_path)
    url, ends_at = f"http://desk.localhost:{port}", datetime(2026, 12, 1, tzinfo=UTC)
    session = StoredSession(desk=url, code="kari", token="t" * 43, ends_at=ends_at)
    SessionFile(tmp_path / "session.json").write(session)
    return tmp_path


def carried_out(arguments_given: list[str]) -> Ended:
    """Run the program with nothing on standard input."""
    output, errors, begun = io.StringIO(), io.StringIO(), time.monotonic()
    with (
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(errors),
        pytest.MonkeyPatch.context() as patched,
    ):
        patched.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
        code = run(arguments_given)
    return Ended(code, output.getvalue(), errors.getvalue(), time.monotonic() - begun)


def check(words: tuple[str, ...], what: str, ended: Ended) -> None:
    """A clear answer: an exit code that is documented, one line that can be read, and no wait."""
    expected = EXPECTED.get(words, {REFUSED, AWAY}) | ({ABORTED} if ASKED in what.split(", ") else set())
    assert ended.code in expected, f"{what}: {ended}"
    assert ended.seconds < BOUND_SECONDS, what
    assert all(letter.isprintable() or letter == "\n" for letter in ended.output + ended.errors), what
    assert "Traceback" not in ended.errors, what
    if ended.code == REFUSED:
        assert ended.output == "", what
        told = [line for line in ended.errors.splitlines() if "seen by everybody" not in line]
        assert len(told) == 1, f"{what}: {ended.errors}"
        assert 10 < len(told[0]) < 500, what
    if ended.code == AWAY:
        away = rf"({DESK_AWAY}|the database of staff does not answer)\n"
        assert re.fullmatch(away, ended.errors), f"{what}: {ended.errors}"
    if ended.code == ABORTED and words != ("terms",):
        assert ended.errors.endswith("Aborted.\n"), f"{what}: {ended.errors}"


def parameters() -> Iterator[Any]:
    for words, command in commands().items():
        for parameter in command.params:
            if parameter.name != "help":
                yield pytest.param(words, command, parameter, id=f"{' '.join(words)} {parameter.name}")


@pytest.mark.parametrize(("words", "command", "parameter"), list(parameters()))
def test_an_argument_is_refused_in_one_line_or_understood(desk: Path, words, command, parameter) -> None:
    sample = good(words, parameter)
    if words == ("rediscover",):  # which searches a whole machine: that it begins is enough
        cases = [
            (what, values) for what, values in spoilt_arguments(sample or "x") if what not in {"text", "twice"}
        ]
        cases = [case for case in cases if sample is None or parameter.name != "values"] or cases[:6]
    else:
        cases = list(spoilt_arguments(sample or "x"))
    tried = 0
    for what, values in cases:
        tried += 1
        check(words, f"{parameter.name}, {what}", carried_out(given(words, command, parameter.name, values)))
    assert tried > 5


@pytest.mark.parametrize(
    ("reads", "sample"),
    [
        *READ_AS.items(),
        (arguments.OneOf(("no_answer", "billing-sync")), "no_answer"),
        (arguments.Matching(CASE, "tvist-2026-12"), "tvist-2026-12"),
        (CaseCalled(CASE, "V-7K3M-92"), "V-7K3M-92"),
        (arguments.Between(0, 1000), "20"),
    ],
)
def test_what_is_understood_is_what_was_meant(reads, sample) -> None:
    meant, refused = reads(sample), 0
    assert reads(f" {sample} ") == meant
    for what, values in spoilt_arguments(sample):
        for value in values:
            try:
                understood = reads(value)
            except ValueError as error:
                refused, said = refused + 1, str(error)
                if len(value) > 5 and value not in sample:
                    assert value not in said, f"{what} is repeated"  # what is refused is no secret
                continue
            if reads in (arguments.line, arguments.subject):
                assert understood == value.strip(), what
                assert understood.isprintable(), what
                assert 0 < len(understood) <= 200, what
            elif isinstance(reads, arguments.Between):
                assert 0 < understood <= 1000, what
            elif reads in (arguments.staff, arguments.person) and understood.name:
                # A word alone is a code, which may be nobody's.
                assert understood.name == value.strip().lower().removeprefix("staff:"), what
            else:
                assert understood == meant, what
    assert refused > 10


@pytest.mark.parametrize(
    ("spelt", "reads", "meant"),
    [
        (ID.replace("-", ""), arguments.ident, UUID(ID)),
        (f"{{{ID.upper()}}}", arguments.ident, UUID(ID)),
        (f"urn:uuid:{ID}", arguments.ident, UUID(ID)),
        ("2026-12-10", arguments.instant, datetime(2026, 12, 10, tzinfo=UTC)),
        ("2026-12-10T10:30:00+01:00", arguments.instant, datetime(2026, 12, 10, 9, 30, tzinfo=UTC)),
        ("2026-12-10T09:30:00Z", arguments.instant, datetime(2026, 12, 10, 9, 30, tzinfo=UTC)),
        ("2000-01-01", arguments.day, date(2000, 1, 1)),
        ("Billing_Sync", arguments.OneOf(("billing-sync",)), "billing-sync"),
        ("STAFF:Kari", arguments.staff, Actor("staff", name="kari")),
        ("Kari", arguments.staff, Actor("staff", name="kari")),
        ("TVIST-2026-7", CaseCalled(CASE, ""), "tvist-2026-7"),
        ("v-7k3m-92", CaseCalled(CASE, ""), "V-7K3M-92"),
    ],
)
def test_other_spellings_of_the_same_are_the_same(spelt, reads, meant) -> None:
    assert reads(spelt) == meant


@pytest.mark.parametrize("spelt", ["2026-W50-4", "20261210", "1765324800", "٢٠٢٦-12-10", "2026-12-10T25:00"])
def test_what_could_be_a_day_or_something_else_is_none(spelt) -> None:
    for reads in (arguments.day, arguments.instant):
        with pytest.raises(ValueError, match="not "):
            reads(spelt)


SIGNED = {
    "certificate": {"certificate_id": ID},
    "format": "vilkar-erasure-certificate/2",
    "key": "k",
    "signature": "cw==",
}
KEY = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="


def test_whatever_the_file_of_a_certificate_holds_it_is_not_valid_and_said_so_in_one_line(desk: Path) -> None:
    bodies = list(spoilt_texts(SIGNED))
    for what, value in spoilt(SIGNED):
        bodies += [
            (what, json.dumps(value).encode()),
            (f"{what}, in the one form", json.dumps(value, sort_keys=True, separators=(",", ":")).encode()),
        ]
    file = desk / "certificate.json"
    for what, body in [*bodies, ("binary", bytes(range(256))), ("huge", b" " * (3 * 1024 * 1024))]:
        file.write_bytes(body)
        ended = carried_out(["certificate", "verify", str(file), "--key", KEY])
        assert ended.code in {REFUSED, FAULT}, f"{what}: {ended}"
        assert (ended.output, ended.errors.count("\n")) == ("", 1), f"{what}: {ended.errors}"
        assert all(letter.isprintable() for letter in ended.errors.strip("\n")), what


HOSTILE = [b"\xff\xfe@firma.example", b"\x1b]0;owned\x07\x1b[2J", "\u202eelpmaxe".encode(), b"a\r\nBcc: b"]


def test_a_process_given_bytes_that_steer_a_terminal_says_so_without_repeating_them(desk: Path) -> None:
    commands = [
        command
        for value in HOSTILE
        for command in (
            [b"account", b"find", b"--email", value],
            [b"account", b"show", value],
            [b"account", b"show", b"--" + value],
            [value],
        )
    ]
    for command in commands:
        ended = forked.run("tests.forked_vilkar", *map(os.fsdecode, command), env=os.environ)
        assert (ended.returncode, ended.stdout) == (REFUSED, ""), command
        assert ended.stderr.count("\n") == 1, command
        assert ended.stderr.strip("\n").isprintable(), command


def test_a_process_that_cannot_reach_the_desk_says_so_within_its_bound(desk: Path) -> None:
    begun = time.monotonic()
    ended = forked.run("tests.forked_vilkar", "account", "show", ID, env=os.environ)
    assert (ended.returncode, ended.stdout) == (AWAY, "")
    assert re.fullmatch(rf"{DESK_AWAY}\n", ended.stderr)
    assert time.monotonic() - begun < 10 + BOUND_SECONDS
