"""The beginning of the ledger, and the way out where it cannot be relied on.

    python -m deploy.provision.ledger begin
    python -m deploy.provision.ledger accept --reason REASON [--yes] [--json]

`begin` writes the first line of a new system, with retention's secrets, before any service looks for it. Where
there is a ledger, or retention's database has ever seen one, it does nothing.

With `accept` whoever is root accepts what is lost, and the system goes on. Without --yes nothing is changed: it
says what is wrong, how it would go on and what would be lost. With --yes, and only while no service is connected
to any of the databases:

- a ledger that verifies stays; every database is set to its beginning, so that each replays all of it;
- where it does not verify, is missing, or its copy reaches further, the newest copy takes its place;
- where there is no copy to rely on either, positions are cleared and a new ledger is begun, as in a new system.

What is replaced is put aside under another name, never deleted. That it was done and why goes to the audit trail
as the event `ledger.accepted`, and two persons of the staff countersign it: nobody proves here who they are. The
owners' passwords of `migrate` are needed: no service may set another one back.
`make ledger-accept` stops the services, runs this, and starts them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from deploy.backup.ledger_copies import SENT_FILE
from deploy.exit_codes import exit_code_of
from deploy.provision.ledger_choice import Choice, Places, Way, choose
from services.retention.ledger.events import MACHINE, LedgerAccepted
from shared import append_only, config, context
from shared.actor import SYSTEM
from shared.bus.ledger_start import begin_if_first, ledger_writer
from shared.bus.service_restore_gate import ledger_keys
from shared.clock import Clock
from shared.database import Database
from shared.database.outbox import Outbox
from shared.errors import Refused, Unavailable
from shared.events import COUNT_LIMIT, Code
from shared.identifiers import new_id
from shared.privacy.ledger import Ledger, Verified
from shared.privacy.ledger_copy import RECORD, must_continue
from shared.privacy.ledger_errors import LedgerError
from shared.privacy.ledger_lag import recorded_in
from shared.system import ALL_DATABASES, DATABASES

REASONS: Final = ("restored_from_backup", "ledger_lost", "ledger_damaged", "drill")
RECORDER: Final = "retention"
"""Its database tells the audit trail, and comes first: whatever an interrupted run has done, it was told."""
WORKING: Final = (*DATABASES, "relay")
LOCK_SECONDS: Final = 10.0
RUNNING: Final = """
SELECT DISTINCT usename FROM pg_stat_activity
WHERE datname = current_database() AND usename = ANY(%s) ORDER BY usename
"""
SET: Final = """
INSERT INTO ledger_position (only_row, position, hash, recorded_at) VALUES (true, %s, %s, %s)
ON CONFLICT (only_row) DO UPDATE
SET position = excluded.position, hash = excluded.hash, recorded_at = excluded.recorded_at
"""

Owner = psycopg.Connection[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """Why the loss is accepted, and when."""

    reason: str
    now: datetime

    def __post_init__(self) -> None:
        """Refuse a reason that nobody could count."""
        if self.reason not in REASONS:
            raise Refused(f"say why: {', '.join(REASONS)}")


def propose(places: Places, dsns: Mapping[str, str]) -> Choice:
    """What it would do. Raises `Refused` where there is nothing to accept, `Unavailable` without a database."""
    return choose(places, {name: recorded_in(name, dsn) for name, dsn in dsns.items()})


def accept(places: Places, dsns: Mapping[str, str], acceptance: Acceptance) -> tuple[Choice, list[Path]]:
    """Do it; what was done, and the files that were put aside.

    `dsns` are those of the owners. It may be interrupted anywhere and run again. Raises `Refused` while a service
    runs, and where there is nothing to accept.
    """
    _must_not_run(dsns)
    choice = propose(places, dsns)
    for name in sorted(dsns, key=lambda name: name != RECORDER):
        with _owner(dsns[name]) as connection:
            _refuse_running(connection)
            connection.execute(SET, (*(choice.start or (None, None)), acceptance.now if choice.start else None))
            if name == RECORDER:
                _tell(connection, choice, acceptance)
    # Last, for what is wrong with the file shows a second run that there is something left to do.
    return choice, list(_exchange(places, choice, acceptance.now))


def _tell(connection: Owner, choice: Choice, acceptance: Acceptance) -> None:
    event = LedgerAccepted(
        acceptance_id=new_id(),
        by=Code(MACHINE),
        reason=Code(acceptance.reason),
        way=Code(choice.way),
        # An event has no larger number; a smaller one claims no fact that may be missing.
        lost_after_position=min(choice.lost_after, COUNT_LIMIT),
    )
    with context.working_in(context.Context(correlation_id=new_id(), actor=str(SYSTEM))):
        Outbox(connection, RECORDER).add(event, now=acceptance.now)


@contextmanager
def _owner(dsn: str) -> Iterator[Owner]:
    try:
        connection = psycopg.connect(dsn, row_factory=dict_row)
    except psycopg.OperationalError:
        raise Unavailable("a database does not answer") from None
    with connection:
        yield connection


def _must_not_run(dsns: Mapping[str, str]) -> None:
    for dsn in dsns.values():
        with _owner(dsn) as connection:
            _refuse_running(connection)


def _refuse_running(connection: Owner) -> None:
    found = [row["usename"] for row in connection.execute(RUNNING, [list(WORKING)]).fetchall()]
    if found:
        raise Refused(f"stop the services first: {', '.join(found)} at work in {connection.info.dbname}")


# ── files ──


def _exchange(places: Places, choice: Choice, now: datetime) -> Iterator[Path]:
    """Put the ledger in its place with which it goes on; the files that were put aside."""
    stamp = f"{now:%Y%m%dT%H%M%S}"
    if choice.way is Way.COPY and choice.taken is not None and places.copy is not None:
        yield from _take_copy(places, places.copy, choice.taken, stamp)
    elif choice.way is Way.NEW and places.file.exists():
        yield _put_aside(places.file, stamp)
    if places.copy is not None and places.copy.exists() and not _continues(places, choice, places.copy):
        yield _put_aside(places.copy, stamp)
    for note in (places.file.with_name(RECORD), places.sent):
        if note.exists() and not _knows(places, choice, note):
            yield _put_aside(note, stamp)


def _take_copy(places: Places, copy: Path, state: Verified, stamp: str) -> Iterator[Path]:
    places.file.parent.mkdir(parents=True, exist_ok=True)
    draft = places.file.with_suffix(".draft")
    try:
        with copy.open("rb") as stream:
            append_only.write_new(draft, [stream.read(state.end_offset)])
        Ledger(draft, keys=places.keys, name="the copy of the ledger").verify(state.head, every_signature=False)
        if places.file.exists():
            with append_only.locked(places.file, create=False, wait_seconds=LOCK_SECONDS):
                yield _second_name(places.file, stamp)
                draft.replace(places.file)
        else:
            draft.replace(places.file)
    finally:
        draft.unlink(missing_ok=True)
    append_only.sync_folder(places.file.parent)


def _second_name(path: Path, stamp: str) -> Path:
    """Give a file another name as well. An earlier one of the same second is not written over."""
    for number in range(1, 100):
        other = path.with_name(f"{path.stem}.put-aside-{stamp}{f'-{number}' if number > 1 else ''}{path.suffix}")
        try:
            os.link(path, other)
        except FileExistsError:
            continue
        return other
    raise Refused(f"{path.name} was put aside a hundred times within a second")


def _put_aside(path: Path, stamp: str) -> Path:
    other = _second_name(path, stamp)
    path.unlink()
    append_only.sync_folder(path.parent)
    return other


def _continues(places: Places, choice: Choice, copy: Path) -> bool:
    """Whether the ledger it goes on with may take the copy's place, as the next copy will."""
    if choice.taken is None:
        return False
    try:
        must_continue(places.ledger(), choice.taken, copy)
    except LedgerError:
        return False
    return True


def _knows(places: Places, choice: Choice, note: Path) -> bool:
    """Whether what was noted of an earlier copy is still true of the ledger it goes on with."""
    if choice.taken is None:
        return False
    noted = json.loads(note.read_bytes())
    position, opens = int(noted["position"]), choice.taken.opening.position
    if position < opens:
        return True
    try:
        first = choice.taken.opening.mark if position == opens else None
        marks = (first,) if first else (each.mark for each in places.ledger().read() if each.position == position)
        return any(mark.hash == noted["hash"] for mark in marks)
    except LedgerError:
        return False


# ── at the prompt ──


def words(choice: Choice, aside: Sequence[Path], *, done: bool) -> Iterator[str]:
    """What is wrong, what is done about it, and what is lost, a line each."""
    yield from (f"wrong: {each}" for each in choice.wrong)
    yield {
        Way.KEPT: f"the ledger stays as it is, up to position {choice.head}",
        Way.COPY: f"the newest copy takes the ledger's place, up to position {choice.head}",
        Way.NEW: "a new ledger is begun: there is none and no copy that could be relied on",
    }[choice.way]
    for each in choice.databases:
        at = "never at the ledger" if each.recorded is None else f"at {each.recorded}"
        lost = f"; nobody can tell it facts {each.unknown_after + 1} to {each.unknown_upto}" \
            if each.unknown_after is not None else ""  # fmt: skip
        yield f"  {each.database:13} {at}, replays {each.replays}{lost}"
    if choice.known > choice.head:
        yield f"lost from the ledger: facts {choice.head + 1} to {choice.known} at least"
    yield f"facts after position {choice.lost_after} may be missing: look for who was erased since and may be back"
    yield from (f"put aside: {each.name}" for each in aside)
    yield "done, and told to the audit trail" if done else "nothing was changed; once more with --yes does it"


def _places(settings: config.Settings) -> Places:
    folder = settings.raw.get("VILKAR_LEDGER_COPIES_DIR")
    return Places(
        file=settings.ledger_file,
        copy=Path(folder) / config.LEDGER_FILE if folder else None,
        sent=settings.backup_dir / SENT_FILE,
        keys=ledger_keys(settings),
    )


def _dsns(settings: config.Settings) -> dict[str, str]:
    return {
        name: config.dsn(
            host=settings.keyring_host if name == "keyring" else settings.db_host,
            port=settings.keyring_port if name == "keyring" else settings.db_port,
            database=name,
            role=f"{name}_owner",
            password=settings.secrets.read(f"{name}_owner_password"),
        )
        for name in ALL_DATABASES
    }


def _run(options: argparse.Namespace) -> None:
    settings = config.load()
    now = Clock(settings.state_dir, environment=settings.environment).now()
    acceptance = Acceptance(reason=options.reason, now=now)
    places, dsns = _places(settings), _dsns(settings)
    aside: list[Path] = []
    if options.yes:
        choice, aside = accept(places, dsns, acceptance)
    else:
        choice = propose(places, dsns)
    if options.json:
        proposal = {
            "way": choice.way, "wrong": choice.wrong, "head": choice.head, "known": choice.known,
            "lost_after_position": choice.lost_after, "databases": [asdict(each) for each in choice.databases],
            "put_aside": [each.name for each in aside], "done": options.yes,
        }  # fmt: skip
        print(json.dumps(proposal, indent=2))
    else:
        print("\n".join(words(choice, aside, done=options.yes)))


def _begin() -> None:
    settings = config.load()
    now = Clock(settings.state_dir, environment=settings.environment).now()
    with closing(Database(settings.dsn("retention", role="retention"), source="retention", size=1)) as database:
        database.open()
        if begin_if_first(ledger_writer(settings), database, now):
            print("the ledger was begun")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; 0 where it did or showed it, 2 where it was refused, 1 where it did not work out."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.provision.ledger", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    doing = parser.add_subparsers(required=True, dest="doing")
    doing.add_parser("begin", help="begin the ledger of a new system")
    accepting = doing.add_parser("accept", help="go on although facts may be lost")
    accepting.add_argument("--reason", required=True, metavar="REASON", help=", ".join(REASONS))
    accepting.add_argument("--yes", action="store_true", help="do it; without, it is only shown")
    accepting.add_argument("--json", action="store_true", help="print JSON for a program to read")
    options = parser.parse_args(arguments)
    run = _begin if options.doing == "begin" else partial(_run, options)
    return exit_code_of(run, OSError, psycopg.Error)


if __name__ == "__main__":
    sys.exit(main())
