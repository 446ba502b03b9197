"""The file of a copy: JSON and CSV of what every contributor handed out, and a signed list of what is in it. Pure.

It is written from beginning to end, one page in memory at a time, whatever it holds.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any, Final, cast

from services.account.exports import readable, words
from services.account.exports.values import Answerer, ContributedPage, Export
from shared.canonical_json import canonical
from shared.participation.export_values import ExportKind
from shared.signing import SigningKey, signature_text, statement

FORM: Final = "vilkar-export/1"
"""The form of the data and of the list; a signature is made over it too."""
CHUNK_BYTES: Final = 120_000
"""A piece in base64 goes through the bus, which takes 256 KiB."""
FORMULA: Final = re.compile(r"(^|[;\t\r\n])(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20])|^(?=[\t\r])")
"""Where a program for tables begins a cell that it computes, also after what it may take for the end of another."""

Pages = Callable[[], Iterator[ContributedPage]]
"""Reads all pages from the beginning, in the same order each time."""


class PackageError(Exception):
    """What was kept of a copy is not what was counted: no file is made of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a file came to."""

    size: int
    sha256: str
    rows: Mapping[str, int]
    """By contributor."""


@dataclass(slots=True)
class Measured:
    """Passes bytes on in pieces of one size, and measures them."""

    keep: Callable[[int, bytes], None]
    size: int = 0
    count: int = 0
    _digest: Any = field(default_factory=hashlib.sha256)
    _waiting: bytearray = field(default_factory=bytearray)

    def write(self, data: bytes) -> int:
        """Take bytes."""
        self.size += len(data)
        self._digest.update(data)
        self._waiting += data
        while len(self._waiting) >= CHUNK_BYTES:
            self._pass_on(CHUNK_BYTES)
        return len(data)

    def flush(self) -> None:
        """Nothing is waited for: a piece is passed on when it is full."""

    def end(self) -> None:
        """Pass on what is left."""
        if self._waiting:
            self._pass_on(len(self._waiting))

    def sha256(self) -> str:
        """The digest of all of it."""
        return str(self._digest.hexdigest())

    def _pass_on(self, count: int) -> None:
        self.keep(self.count, bytes(self._waiting[:count]))
        del self._waiting[:count]
        self.count += 1


def write(
    export: Export, pages: Pages, sink: Measured, *, key: SigningKey, answerer: Answerer, now: datetime
) -> Written:
    """Write the file of a copy. Raises `PackageError` where the pages differ from one reading to the next."""
    head = _head(export, answerer.vendor, now)
    with zipfile.ZipFile(cast("IO[bytes]", sink), "w", zipfile.ZIP_DEFLATED) as archive:
        package = _Package(archive, now)
        package.add("README.txt", [words.readme(export.kind, answerer)])
        told = words.access_answer(answerer) if export.kind is ExportKind.ACCESS else {}
        for language, text in told.items():
            package.add(f"answer.{language}.txt", [text])
        package.add("schema.json", [json.dumps(SCHEMA, indent=1, ensure_ascii=False)])
        counts = package.add_data(head, pages)
        _demand_same(counts, package.add_tables(pages))
        for language, text in told.items():
            _demand_same(counts, package.add_page(language, text, pages))
        contributors = _counted(counts)
        body = {**head, "files": package.files, "contributors": contributors}
        signature = signature_text(key.sign(statement(FORM, body)))
        manifest = {**body, "key_id": key.public.id, "public_key": key.public.text(), "signature": signature}
        package.add("manifest.json", [canonical(manifest).decode()])
    sink.end()
    return Written(size=sink.size, sha256=sink.sha256(), rows={each["name"]: each["rows"] for each in contributors})


def _demand_same(counts: Mapping[tuple[str, str], int], again: Mapping[tuple[str, str], int]) -> None:
    if again != counts:
        raise PackageError("the pages changed while the file was written")


def _head(export: Export, vendor: str, now: datetime) -> dict[str, Any]:
    return {
        "format": FORM,
        "export_id": str(export.id),
        "kind": export.kind.value,
        "account_id": str(export.account_id),
        "user_id": str(export.user_id) if export.user_id else None,
        "asked_at": export.asked_at.isoformat(),
        "made_at": now.isoformat(),
        "vendor": vendor,
    }


def _counted(counts: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    """The tables of each contributor with their rows; one that holds nothing stands there with no table."""
    by_name: dict[str, dict[str, int]] = {}
    for (contributor, table), rows in counts.items():
        by_name.setdefault(contributor, {}).update({table: rows} if table else {})
    return [{"name": name, "tables": tables, "rows": sum(tables.values())} for name, tables in by_name.items()]


class _Package:
    """The archive as far as it is written, with the size and digest of each file."""

    def __init__(self, archive: zipfile.ZipFile, now: datetime) -> None:
        self._archive = archive
        self._date = (max(now.year, 1980), now.month, now.day, now.hour, now.minute, now.second)
        self.files: list[dict[str, Any]] = []

    def add(self, path: str, texts: list[str]) -> None:
        """A file of these texts."""
        with self._file(path) as write_text:
            for text in texts:
                write_text(text)

    @contextmanager
    def _file(self, path: str) -> Iterator[Callable[[str], None]]:
        entry = zipfile.ZipInfo(path, self._date)
        entry.compress_type = zipfile.ZIP_DEFLATED
        digest, size = hashlib.sha256(), 0
        with self._archive.open(entry, "w", force_zip64=True) as file:

            def write_text(text: str) -> None:
                nonlocal size
                data = text.encode()
                digest.update(data)
                size += len(data)
                file.write(data)

            yield write_text
        self.files.append({"path": path, "bytes": size, "sha256": digest.hexdigest()})

    def add_data(self, head: Mapping[str, Any], pages: Pages) -> dict[tuple[str, str], int]:
        """The whole copy as JSON; how many rows each table has."""
        counts: dict[tuple[str, str], int] = {}
        with self._file("data.json") as write_text:
            write_text(json.dumps(head, ensure_ascii=False)[:-1] + ', "tables": [')
            is_open = False
            for page in pages():
                place = (page.contributor, page.table["name"] if page.table else "")
                if place not in counts:
                    counts[place] = 0
                    if page.table is None:
                        continue
                    opening = {"contributor": page.contributor, **page.table}
                    write_text("]}," if is_open else "")
                    write_text("\n" + json.dumps(opening, ensure_ascii=False)[:-1] + ', "rows": [')
                    is_open = True
                if page.rows:
                    rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in page.rows)
                    write_text(("\n" if counts[place] == 0 else ",\n") + rows)
                    counts[place] += len(page.rows)
            write_text("]}" if is_open else "")
            write_text("]}\n")
        return counts

    def add_tables(self, pages: Pages) -> dict[tuple[str, str], int]:
        """Each table as CSV; how many rows each has."""
        counts: dict[tuple[str, str], int] = {}
        waiting = _Ahead(pages())
        while (first := waiting.next()) is not None:
            if first.table is None:
                counts[first.contributor, ""] = 0
                continue
            place = (first.contributor, first.table["name"])
            columns = [each["name"] for each in first.table["columns"]]
            with self._file(f"tables/{first.contributor}.{first.table['name']}.csv") as write_text:
                write_text("\ufeff" + _lines([columns]))
                page: ContributedPage | None = first
                counts[place] = 0
                while page is not None:
                    write_text(_lines([cell(row[name]) for name in columns] for row in page.rows))
                    counts[place] += len(page.rows)
                    page = waiting.next_of(place)
        return counts

    def add_page(self, language: str, told: str, pages: Pages) -> dict[tuple[str, str], int]:
        """The whole copy for who reads it, with words for all codes; how many rows each table has."""
        with self._file(f"copy.{language}.html") as write_text:
            return readable.write(write_text, language, told, pages())


class _Ahead:
    """Pages one after the other, with a look at the next one."""

    def __init__(self, pages: Iterator[ContributedPage]) -> None:
        self._pages = pages
        self._seen: ContributedPage | None = None

    def next(self) -> ContributedPage | None:
        """The next page, None at the end."""
        page, self._seen = self._seen or next(self._pages, None), None
        return page

    def next_of(self, place: tuple[str, str]) -> ContributedPage | None:
        """The next page where it is of the same table, else None."""
        page = self.next()
        if page is None or page.table is None or (page.contributor, page.table["name"]) != place:
            self._seen = page
            return None
        return page


def _lines(rows: Iterable[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def cell(value: Any) -> str:
    """A value as a cell that no program computes: before what would begin a formula stands an apostrophe.

    The JSON beside it has every value as it is.
    """
    return FORMULA.sub(r"\1'", _text(value))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return " | ".join(map(_text, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


_TEXT: Final = {"type": "string"}
SCHEMA: Final[Mapping[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": FORM,
    "description": "What is held on a person or a company: data.json of a copy.",
    "type": "object",
    "required": ["format", "export_id", "kind", "account_id", "user_id", "asked_at", "made_at", "vendor", "tables"],
    "properties": {
        "format": {"const": FORM},
        "export_id": {"type": "string", "format": "uuid"},
        "kind": {"enum": [each.value for each in ExportKind]},
        "account_id": {"type": "string", "format": "uuid"},
        "user_id": {"type": ["string", "null"], "format": "uuid", "description": "Null in the copy of a company."},
        "asked_at": {"type": "string", "format": "date-time"},
        "made_at": {"type": "string", "format": "date-time"},
        "vendor": _TEXT,
        "tables": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["contributor", "name", "nb", "en", "columns", "rows"],
                "properties": {
                    "contributor": _TEXT,
                    "name": _TEXT,
                    "nb": _TEXT,
                    "en": _TEXT,
                    "columns": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["name", "nb", "en", "origin"],
                            "properties": {
                                "name": _TEXT,
                                "nb": _TEXT,
                                "en": _TEXT,
                                "origin": {"enum": ["provided", "observed", "derived"]},
                                "codes": {
                                    "type": "array",
                                    "description": "What each code that may stand there means, in both languages; "
                                    "empty where the values are no codes.",
                                    "items": {
                                        "type": "object",
                                        "required": ["code", "nb", "en"],
                                        "properties": {"code": _TEXT, "nb": _TEXT, "en": _TEXT},
                                    },
                                },
                            },
                        },
                    },
                    "rows": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "additionalProperties": {
                                "type": ["string", "number", "boolean", "null", "array"],
                                "items": {"type": ["string", "number", "boolean", "null"]},
                            },
                        },
                    },
                },
            },
        },
    },
}
"""The published form of the data; additional members may come, none goes within the form's number."""
