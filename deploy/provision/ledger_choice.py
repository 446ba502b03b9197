"""With which ledger the system can go on, and what is lost by it. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from shared.errors import Refused
from shared.privacy.ledger import Ledger, Verified
from shared.privacy.ledger_copy import last_copy
from shared.privacy.ledger_errors import LedgerError, LedgerTooNew
from shared.privacy.ledger_lag import standings
from shared.privacy.ledger_lines import Mark
from shared.signing import PublicKey


class Way(StrEnum):
    """How it goes on: with the file as it is, with the newest copy in its place, or with a new ledger."""

    KEPT = "kept"
    COPY = "copy"
    NEW = "new"


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where the ledger and its copy lie, and the note of what was sent off-site last."""

    file: Path
    copy: Path | None
    sent: Path
    keys: Sequence[PublicKey]

    def ledger(self) -> Ledger:
        """The ledger where it belongs."""
        return Ledger(self.file, keys=self.keys)

    def ledger_in_copy(self) -> Ledger | None:
        """The copy, where there is a folder for copies."""
        return Ledger(self.copy, keys=self.keys, name="the copy of the ledger") if self.copy else None


@dataclass(frozen=True, kw_only=True)
class Consequence:
    """What becomes of one database: how many facts are replayed, and which ones nobody can tell it any more."""

    database: str
    recorded: int | None
    replays: int
    unknown_after: int | None
    unknown_upto: int | None


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The way it would go on."""

    way: Way
    wrong: tuple[str, ...]
    taken: Verified | None
    known: int
    """The last position that the file, its copy or a database ever had."""
    lost_after: int
    """Facts after this position may be missing, in the ledger or in a database."""
    databases: tuple[Consequence, ...]

    @property
    def start(self) -> Mark | None:
        """What every database is told to be at: all that the ledger holds comes after it. None for a new ledger."""
        return self.taken.opening.mark if self.taken else None

    @property
    def head(self) -> int:
        """How far the ledger reaches with which it would go on."""
        return self.taken.head.position if self.taken else 0


def choose(places: Places, recorded: Mapping[str, Mark | None]) -> Choice:
    """Find the way on which the least is lost.

    `recorded` is how far each database has come, read before the ledger is. Raises `Refused` where nothing is
    wrong, or where something else must be done.
    """
    file, trouble = _look(places.ledger())
    copy, copy_trouble = _look(in_copy) if (in_copy := places.ledger_in_copy()) else (None, None)
    if not any(recorded.values()) and not places.file.exists() and copy is None:
        raise Refused("no database was ever at a ledger: retention begins one by itself")
    wrong = [str(trouble)] if trouble else _contradictions(places.ledger(), file, recorded)
    if in_copy and file and copy and _tells_more(in_copy, copy, file, len(wrong), recorded):
        wrong.append(f"the ledger ends at position {file.head.position}, its copy at {copy.head.position}")
        file = None
    if not wrong:
        raise Refused("nothing is wrong with the ledger and where the databases are in it; nothing was changed")
    if copy_trouble:
        wrong.append(str(copy_trouble))
    way, taken = (Way.KEPT, file) if file else (Way.COPY, copy) if copy else (Way.NEW, None)
    return Choice(
        way=way,
        wrong=tuple(wrong),
        taken=taken,
        known=max(_positions(places, recorded, file, copy), default=0),
        lost_after=_lost_after(taken, recorded),
        databases=tuple(_consequence(name, mark, taken) for name, mark in recorded.items()),
    )


def _look(ledger: Ledger) -> tuple[Verified | None, LedgerError | None]:
    """What a file is found to be, every signature checked, or what is wrong with it.

    Raises `Refused` where that would not tell: a ledger that cannot be read here may be perfect.
    """
    try:
        if ledger.path.exists():
            ledger.path.open("rb").close()
        return ledger.verify(), None
    except OSError as error:
        raise Refused(f"{ledger.name} cannot be read here ({type(error).__name__}); see to its rights") from None
    except LedgerTooNew as error:
        raise Refused(str(error)) from None
    except LedgerError as error:
        return None, error


def _contradictions(ledger: Ledger, state: Verified | None, recorded: Mapping[str, Mark | None]) -> list[str]:
    """Which databases cannot go on with a ledger that verifies, and why."""
    if state is None:
        return []
    wrong = [f"{each.database}: {each.error}" for each in standings(ledger, state.head, recorded) if each.error]
    opens = state.opening.position
    never = [name for name, mark in recorded.items() if mark is None and opens]
    return wrong + [f"{name} was never at the ledger, which begins after position {opens}" for name in never]


def _tells_more(
    in_copy: Ledger, copy: Verified, file: Verified, contradicted: int, recorded: Mapping[str, Mark | None]
) -> bool:
    """Whether the copy is the better one: it continues the file, or fewer databases contradict it."""
    if len(_contradictions(in_copy, copy, recorded)) < contradicted:
        return True
    if copy.opening.ledger_id != file.opening.ledger_id or copy.head.position <= file.head.position:
        return False
    try:
        in_copy.verify(file.head, every_signature=False)
    except LedgerError:
        return False  # they contradict each other, and the databases do not decide it
    return True


def _positions(places: Places, recorded: Mapping[str, Mark | None], *states: Verified | None) -> Iterator[int]:
    yield from (state.head.position for state in states if state)
    yield from (mark.position for mark in recorded.values() if mark)
    if places.file.parent.is_dir() and (copied := last_copy(places.ledger())):
        yield copied.head.position


def _lost_after(taken: Verified | None, recorded: Mapping[str, Mark | None]) -> int:
    at = [mark.position if mark else 0 for mark in recorded.values()]
    if taken is None:
        return min(at, default=0)
    return min([taken.head.position, *(position for position in at if position < taken.opening.position)])


def _consequence(database: str, recorded: Mark | None, taken: Verified | None) -> Consequence:
    at = recorded.position if recorded else 0
    opens = taken.opening.position if taken else 0
    return Consequence(
        database=database,
        recorded=recorded.position if recorded else None,
        replays=taken.entries if taken else 0,
        unknown_after=at if at < opens else None,
        unknown_upto=opens if at < opens else None,
    )
