"""The search for plain values through everything of ours that can be reached from where it runs.

    report = ResidueScan(settings, values).seek()

The report tells the number of a value in the list, never the value. What a place holds that could not be searched
is counted by reason: silence would pass for absence.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

import psycopg

from deploy.backup import settings as backup_settings
from deploy.backup.contents import REPOSITORIES, Contents, open_contents
from deploy.backup.errors import BackupFailed
from deploy.provision import rabbitmq
from deploy.residue_search.multi_pattern import MultiPattern
from deploy.residue_search.plain_search import (
    CHUNK_BYTES,
    Searched,
    search_database,
    search_messages,
    search_stream,
)
from deploy.residue_search.scan_locations import SETTING as PLACES
from deploy.residue_search.scan_locations import Found, Looked, places_of, search_place, sizes
from shared.bus import topology, wire
from shared.bus.queue_browser import MOST_A_QUEUE, SEARCH_USER, search_url, waiting
from shared.config import SettingError, Settings
from shared.errors import Unavailable
from shared.system import ALL_DATABASES

OPENED_WITH: Final = "VILKAR_BACKUP_OPENED_WITH"
"""The setting that names the folder with the backups' own secret files, where the desk may read it."""

LEFT_OUT: Final = (
    "what a program holds in memory only (a checkpoint or a restart writes it to files)",
    "values in base64 or in compressed data (PostgreSQL compresses single values above 2 kB)",
    "network addresses as four bytes: they would be found in everything",
    "replies on their way in the temporary queue of a caller, apart from the broker's files",
    "Mailgun, Tripletex and whatever else is not ours",
)

Tick = Callable[[str, int, int], None]
"""Hears what is being searched, how much of it is done, and of how much."""


@dataclass
class Report:
    """What was searched, what was found and what could not be searched."""

    values: int
    looked: list[Looked] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def found(self) -> list[Found]:
        """Every hit, each once."""
        return sorted({found for each in self.looked for found in each.found})

    @property
    def complete(self) -> bool:
        """Whether every place we were told of could be searched, so far as it holds anything of ours."""
        return not any(each.missed.keys() - HARMLESS for each in self.looked)

    def as_dict(self) -> dict[str, Any]:
        """For a program to read."""
        return {
            "values": self.values,
            "searched": [
                {
                    "place": each.place,
                    each.unit: each.things,
                    "bytes": each.bytes,
                    "found": len(set(each.found)),
                    "not_searched": dict(each.missed),
                }
                for each in self.looked
            ],
            "found": [asdict(each) for each in self.found],
            "complete": self.complete,
            "left_out": list(LEFT_OUT),
            "seconds": self.seconds,
        }


HARMLESS: Final = frozenset(
    {
        "gone before it was opened",
        "a link, not followed",
        "there is no such folder",
        "the sandboxed vendors' own store, no place of ours",
        "there is none",
        "columns with wrapped keys and digests of passwords, closed to the desk",
    }
)
"""Reasons for not searching that leave nothing unsearched, or only what is searched in another way."""


class ResidueScan:
    """One search."""

    def __init__(
        self,
        settings: Settings,
        values: Mapping[int, str],
        *,
        also: Sequence[Path] = (),
        standard_input: BinaryIO | None = None,
        skip: Collection[Path] = (),
        off_site: bool = False,
        tick: Tick = lambda _what, _done, _of: None,
    ) -> None:
        """`values` by their number in the list; the same value twice counts as the first.

        `also` are further folders and files, `standard_input` a stream to be searched, `skip` files left out.
        Backups on another machine are fetched with `off_site` only. Raises `ValueError` for too short a value.
        """
        self._settings = settings
        self._numbers = {value: number for number, value in reversed(list(values.items()))}
        self._needles = MultiPattern(self._numbers)
        self._places = places_of(settings, also)
        self._standard_input = standard_input
        self._skip = skip
        self._off_site = off_site
        self._tick = tick
        self._report = Report(values=len(self._numbers))

    def seek(self) -> Report:
        """Search everything."""
        with self._timed("tables"):
            for database in ALL_DATABASES:
                self._database(database)
        with self._timed("queues"):
            self._queues()
        with self._timed("files"):
            self._files()
        with self._timed("backups"):
            self._backups()
        if self._standard_input is not None:
            with self._timed("standard input"):
                self._stream("standard input", "standard input", self._read(self._standard_input))
        return self._report

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self._report.seconds[what] = round(time.monotonic() - begun, 1)

    def _number(self, value: str) -> int:
        return self._numbers[value]

    def _new(self, place: str, unit: str) -> Looked:
        looked = Looked(place, unit=unit)
        self._report.looked.append(looked)
        return looked

    def _put(self, into: Searched, looked: Looked) -> None:
        looked.bytes += into.bytes
        looked.found += [Found(looked.place, hit.place, self._number(hit.needle)) for hit in into.hits]

    # ── tables and queues ───────────────────────────────────────────────────────────────────────────────────────

    def _database(self, name: str) -> None:
        looked, into = self._new(f"tables of {name}", "rows"), Searched()
        try:
            search_database(
                self._settings, name, self._needles, into, tick=lambda done, of: self._tick(looked.place, done, of)
            )
        except (psycopg.Error, SettingError) as error:
            looked.missed[f"not answered ({type(error).__name__})"] += 1
        looked.things = into.rows
        if into.closed:
            looked.missed["columns with wrapped keys and digests of passwords, closed to the desk"] += into.closed
        self._put(into, looked)

    def _queues(self) -> None:
        looked, into = self._new("queues, dead letters too", "messages"), Searched()
        outside = rabbitmq.outside_services(self._settings.raw.get("VILKAR_OUTSIDE_SERVICES", ""))
        queues = [queue.name for queue in topology.of_this_system(outside=outside).queues]
        queues += wire.RETIRED_TIERS  # passed over where they are gone
        counted: Counter[str] = Counter()
        url = search_url(self._settings)
        if url is None:
            looked.missed[f"not to be read from here ({SEARCH_USER} is not set)"] += 1
            return

        def messages() -> Iterator[tuple[str, bytes]]:
            for done, queue in enumerate(queues, start=1):
                for name, content in waiting(url, [queue]):
                    counted[name] += 1
                    into.bytes += len(content)
                    yield name, content
                self._tick(looked.place, done, len(queues))

        try:
            search_messages(messages(), self._needles, into)
        except (Unavailable, SettingError) as error:
            looked.missed[f"not answered ({type(error).__name__})"] += 1
        for count in counted.values():
            if count >= MOST_A_QUEUE:
                looked.missed[f"queues with more than {MOST_A_QUEUE} messages, beyond these"] += 1
        looked.things = into.messages
        self._put(into, looked)

    # ── files and backups ───────────────────────────────────────────────────────────────────────────────────────

    def _files(self) -> None:
        if PLACES not in self._settings.raw:
            looked = self._new("files of the servers, logs", "files")
            looked.missed[f"not to be reached from here ({PLACES} is not set)"] += 1
        total, done = sizes(self._places), 0

        def tick(count: int) -> None:
            nonlocal done
            done += count
            self._tick("files, MB", done // 1_000_000, max(total, done) // 1_000_000)

        for place in self._places:
            self._report.looked.append(
                search_place(place, self._places, self._needles, self._number, skip=self._skip, tick=tick)
            )

    def _backups(self) -> None:
        folder = self._settings.raw.get(OPENED_WITH)
        if not folder:
            looked = self._new("backups, decrypted", "backups")
            looked.missed[f"their keys are not to be had here ({OPENED_WITH} is not set)"] += 1
            return
        configured = backup_settings.load({**self._settings.raw, "VILKAR_SECRETS_DIR": folder})
        try:
            with open_contents(configured) as contents:
                for name in REPOSITORIES:
                    self._repository(contents, name)
        except SettingError as error:
            self._new("backups, decrypted", "backups").missed[f"not opened ({type(error).__name__})"] += 1

    def _repository(self, contents: Contents, name: str) -> None:
        looked = self._new(f"backups of {name}, decrypted", "backups")
        if contents.target.kind != "folder" and not self._off_site:
            looked.missed["on another machine, and --off-site was not given"] += 1
            return
        if contents.target.kind == "folder" and not (Path(contents.target.repository(name)) / "config").exists():
            looked.missed["there is none"] += 1
            return
        try:
            snapshots = contents.snapshots(name)
        except (BackupFailed, SettingError) as error:
            looked.missed[f"not opened ({type(error).__name__})"] += 1
            return
        for done, snapshot in enumerate(snapshots, start=1):
            into = Searched()
            try:
                where = f"{snapshot.short_id} of {snapshot.at:%Y-%m-%d %H:%M}"
                search_stream(contents.stream(name, snapshot), where, self._needles, into)
            except BackupFailed:
                looked.missed["not read to its end"] += 1
            looked.things += 1
            self._put(into, looked)
            self._tick(looked.place, done, len(snapshots))

    def _stream(self, place: str, where: str, chunks: Iterator[bytes]) -> None:
        looked, into = self._new(place, "streams"), Searched()
        search_stream(chunks, where, self._needles, into)
        looked.things = 1
        self._put(into, looked)

    def _read(self, stream: BinaryIO) -> Iterator[bytes]:
        while chunk := stream.read(CHUNK_BYTES):
            yield chunk
