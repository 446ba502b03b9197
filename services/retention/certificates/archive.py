"""Certificates outside the database: one signed document a line, in a file that no restore sets back.

A certificate is issued once its line is on the disk; the table is what it is looked up in. Each line names the one
before it by its hash, so a line that was changed or is missing shows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from services.retention.certificates import store
from services.retention.certificates.signing import GENESIS, document_hash
from shared import append_only, log
from shared.database import Transaction
from shared.errors import Permanent

LINE_LIMIT_BYTES: Final = 64 * 1024
PIECE: Final = 500

logger = log.get("retention.archive")


class ArchiveBrokenError(Permanent):
    """The file and the table of certificates contradict each other: a person must look before any is issued."""


class CertificateArchive:
    """The file `certificates.jsonl`, and its agreement with the table."""

    def __init__(self, path: Path) -> None:
        """The folder is made when the first certificate is issued."""
        self._path = path

    def agree(self, tx: Transaction) -> tuple[int, str]:
        """Bring table and file to the same end and return it: sequence and hash, 0 and `GENESIS` before the first.

        Whichever lacks something gets it from the other: the table after a restore, the file after a crash between
        the two or where it was lost. Nobody else issues a certificate until the transaction ends. Raises
        `ArchiveBrokenError` where they do not continue each other.
        """
        sequence, digest = store.chain_end(tx) or (0, GENESIS)
        written, written_hash = self._end()
        if written == sequence and written_hash != digest:
            raise ArchiveBrokenError(f"certificate {sequence} differs between the file and the table")
        if written < sequence:
            self._write_from(tx, written, written_hash)
        if written > sequence:
            sequence, digest = self._read_into(tx, sequence, digest)
        return sequence, digest

    def append(self, document: str) -> None:
        """Issue a certificate: it stands from now on."""
        self._append([document])

    def _end(self) -> tuple[int, str]:
        try:
            with self._path.open("rb") as stream:
                lines = append_only.last_lines(stream, LINE_LIMIT_BYTES, 1)
        except FileNotFoundError:
            return 0, GENESIS
        if not lines:
            return 0, GENESIS
        return _sequence(lines[-1]), document_hash(lines[-1].decode("ascii"))

    def _append(self, documents: list[str]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with append_only.locked(self._path) as stream:
            append_only.cut_torn_line(stream, LINE_LIMIT_BYTES)
            append_only.append_lines(stream, [document.encode("ascii") for document in documents])
        append_only.sync_folder(self._path.parent)

    def _write_from(self, tx: Transaction, after: int, digest: str) -> None:
        """Give the file what only the table has, in pieces."""
        while links := store.chain(tx, after, PIECE):
            for link in links:
                if _body(link["document"])["previous"] != digest:
                    raise ArchiveBrokenError(f"certificate {link['sequence']} does not continue the file")
                after, digest = link["sequence"], document_hash(link["document"])
            self._append([link["document"] for link in links])

    def _read_into(self, tx: Transaction, sequence: int, digest: str) -> tuple[int, str]:
        """Give the table what only the file has."""
        start = sequence
        for line in self._lines():
            document = line.decode("ascii")
            body = _body(document)
            if body["sequence"] <= start:
                continue
            if (body["sequence"], body["previous"]) != (sequence + 1, digest):
                raise ArchiveBrokenError(f"the file does not continue the table after certificate {sequence}")
            sequence, digest = sequence + 1, document_hash(document)
            store.add(
                tx,
                sequence=sequence,
                certificate_id=UUID(body["certificate_id"]),
                document=document,
                digest=digest,
                now=datetime.fromisoformat(body["executed_at"]),
            )
        logger.warning("certificates_taken_from_the_file", count=sequence - start)
        return sequence, digest

    def _lines(self) -> Iterator[bytes]:
        with self._path.open("rb") as stream:
            while line := stream.readline(LINE_LIMIT_BYTES + 1):
                if not line.endswith(b"\n"):
                    return  # never finished, so it was never issued
                yield line[:-1]


def _body(document: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(document)["certificate"]
    return body


def _sequence(line: bytes) -> int:
    try:
        return int(_body(line.decode("ascii"))["sequence"])
    except (ValueError, KeyError, TypeError):
        raise ArchiveBrokenError("the last line of the file is no certificate") from None
