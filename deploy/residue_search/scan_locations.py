"""Folders in which a plain value could lie, and a search through their files that goes on after one it cannot read.

Which folders there are depends on where the desk stands: `VILKAR_SEARCH_PLACES` names them, `name=/folder` with
commas between them. State, ledger and proofs are always among them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from deploy.residue_search.multi_pattern import MultiPattern
from deploy.residue_search.plain_search import CHUNK_BYTES, Searched, search_stream
from shared.config import Settings
from shared.errors import Refused

SETTING: Final = "VILKAR_SEARCH_PLACES"

SANDBOX_FILES: Final = ("sandbox.sqlite3", "sandbox.sqlite3-wal", "sandbox.sqlite3-shm")
"""The sandboxed vendors' own store, which is reported beside, not searched as ours."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder, or a file, with the name by which it is spoken of."""

    name: str
    folder: Path


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """That a value lies somewhere: never the value, only its number in the list."""

    place: str
    where: str
    value: int


@dataclass
class Looked:
    """What was searched in one place. `missed` counts by reason what could not be."""

    place: str
    things: int = 0
    unit: str = "files"
    bytes: int = 0
    found: list[Found] = field(default_factory=list)
    missed: Counter[str] = field(default_factory=Counter)


def places_of(settings: Settings, also: Sequence[Path] = ()) -> list[Place]:
    """Every folder that this process was told of. Raises `Refused` where the setting cannot be read."""
    places = [Place("state", settings.state_dir), Place("ledger", settings.ledger_dir)]
    apart = {
        "certificates": settings.certificates_dir, "checkpoints": settings.checkpoints_dir,
        "record of backups": settings.backup_dir,
    }  # fmt: skip
    places += [Place(name, path) for name, path in apart.items() if not path.is_relative_to(settings.state_dir)]
    for entry in filter(None, settings.raw.get(SETTING, "").split(",")):
        name, _, folder = entry.partition("=")
        if not name.strip() or not folder.startswith("/"):
            raise Refused(f"{SETTING} must be name=/folder,name=/folder")
        places.append(Place(name.strip(), Path(folder)))
    places += [Place(f"also {number}", path) for number, path in enumerate(also, start=1)]
    return list({each.folder: each for each in places}.values())


def sizes(places: Sequence[Place]) -> int:
    """How many bytes there are to be read, about: files come and go."""
    total = 0
    for place in places:
        for path in _files(place, places, Counter()):
            try:
                total += path.lstat().st_size
            except OSError:
                continue  # told as missed when it is searched
    return total


def search_place(
    place: Place,
    among: Sequence[Place],
    patterns: MultiPattern,
    number: Callable[[str], int],
    *,
    skip: Collection[Path] = (),
    tick: Callable[[int], None] = lambda _bytes: None,
) -> Looked:
    """Search every file of a place that belongs to no narrower one `among` them; `tick` hears bytes read."""
    looked = Looked(place.name)
    if not place.folder.exists():
        looked.missed["there is no such folder"] += 1
        return looked
    for path in _files(place, among, looked.missed):
        if path.name in SANDBOX_FILES:
            looked.missed["the sandboxed vendors' own store, no place of ours"] += 1
        elif path not in skip:
            _search_file(path, place, patterns, number, looked, tick)
    return looked


def _search_file(
    path: Path,
    place: Place,
    patterns: MultiPattern,
    number: Callable[[str], int],
    looked: Looked,
    tick: Callable[[int], None],
) -> None:
    within = path.relative_to(place.folder) if path != place.folder else Path(path.name)
    named = patterns.found_in(os.fsencode(within))
    where = "the name of a file" if named else str(within)
    looked.found += [Found(place.name, where, number(value)) for value in sorted(named)]
    into = Searched()
    try:
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            search_stream(_limited(partial(stream.read, CHUNK_BYTES), size, tick), where, patterns, into)
    except FileNotFoundError:
        looked.missed["gone before it was opened"] += 1
        return
    except OSError as error:
        looked.missed[f"not readable ({type(error).__name__})"] += 1
        return
    looked.things += 1
    looked.bytes += into.bytes
    looked.found += [Found(place.name, where, number(hit.needle)) for hit in into.hits]


def _limited(read: Callable[[], bytes], size: int, tick: Callable[[int], None]) -> Iterator[bytes]:
    """What a file holds, and of one that grows meanwhile no more than a chunk beyond what it held at first."""
    done = 0
    while done <= size and (chunk := read()):
        done += len(chunk)
        tick(len(chunk))
        yield chunk


def _files(place: Place, among: Sequence[Place], missed: Counter[str]) -> Iterator[Path]:
    if place.folder.is_file():
        yield place.folder
        return
    others = {each.folder.resolve() for each in among if each != place}

    def refused(error: OSError) -> None:
        missed[f"folder not readable ({type(error).__name__})"] += not isinstance(error, FileNotFoundError)

    for folder, folders, names in os.walk(place.folder, onerror=refused):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if (here / name).resolve() not in others)
        for path in (here / name for name in [*sorted(names), *folders]):
            if path.is_symlink():
                missed["a link, not followed"] += 1
            elif path.resolve() not in others and path.is_file():
                yield path
