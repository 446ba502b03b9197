"""The file of a copy, passed on piece by piece as it is read."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from services.account.export_transfers.calls import FetchTransfer
from services.account.exports.calls import ExportOpened, OpenExport, ReadExport
from shared.calls import Call
from shared.context import current, working_in

ZIP: Final = "application/zip"


@dataclass(frozen=True, kw_only=True)
class ExportFile:
    """What a browser or a program gets: the pieces, and the headers that say how long they are in all."""

    pieces: Iterator[bytes]
    headers: Mapping[str, str]


def open_file(ask: Callable[[Call[Any]], Any], export_id: UUID, proof: Mapping[str, Any]) -> ExportFile:
    """The file of a copy that is ready; `proof` is address, password and origin. Raises what account does.

    Its length is told before: where a piece cannot be had the connection ends early, and nobody takes it for whole.
    """
    return _read(ask, ask(OpenExport.from_json(dict(proof) | {"export_id": str(export_id)})), export_id)


def open_transfer(ask: Callable[[Call[Any]], Any], code: Mapping[str, Any]) -> ExportFile:
    """The same for a receiver, who has a code of it."""
    file = ask(FetchTransfer.from_json(dict(code)))
    return _read(ask, file, file.export_id)


def _read(ask: Callable[[Call[Any]], Any], file: ExportOpened, export_id: UUID) -> ExportFile:
    work = current()

    def pieces() -> Iterator[bytes]:
        for position in range(file.chunks):
            with working_in(work):
                piece = ask(ReadExport(export_id=export_id, token=file.token, position=position))
            yield base64.b64decode(piece.data)

    return ExportFile(
        pieces=pieces(),
        headers={
            "Content-Disposition": f'attachment; filename="export-{export_id}.zip"',
            "Content-Length": str(file.bytes),
            "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(file.sha256)).decode('ascii')}:",
        },
    )
