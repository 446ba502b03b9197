"""Checkpoints: signed statements about the trail, and the file outside the database that they are kept in.

A checkpoint says how many rows the trail had, with which root and which chain hash, and names the checkpoint
before it by hash. Whoever holds an old one, and the public key, can tell whether today's trail still begins
with what it stated.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.audit.chain import GENESIS, compact, instant
from shared import append_only, signing
from shared.signing import export_public_key

__all__ = ["Checkpoint", "CheckpointFile", "FileContents", "PublicKey", "Signer", "export_public_key"]

ORIGIN: Final = "vilkar.audit.v1"
LINE_LIMIT_BYTES: Final = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The state of the trail at `time`: hashes are 32 bytes, `previous` is the digest of the one before."""

    number: int
    tree_size: int
    root: bytes
    head: bytes
    time: datetime
    key_id: str
    previous: bytes = GENESIS
    signature: bytes = b""

    def statement(self) -> bytes:
        """The bytes that are signed."""
        values = self.as_json()
        del values["signature"]
        return compact({"origin": ORIGIN, **values}).encode("ascii")

    def as_json(self) -> dict[str, Any]:
        """The checkpoint as plain JSON values: hashes in hexadecimal, the signature in base64."""
        return {
            "number": self.number,
            "tree_size": self.tree_size,
            "root": self.root.hex(),
            "head": self.head.hex(),
            "time": instant(self.time),
            "key_id": self.key_id,
            "previous": self.previous.hex(),
            "signature": base64.b64encode(self.signature).decode("ascii"),
        }

    def line(self) -> bytes:
        """The checkpoint as a line of the file, without its end."""
        return compact(self.as_json()).encode("ascii")

    def digest(self) -> bytes:
        """What the next checkpoint names this one by."""
        return hashlib.sha256(self.line()).digest()

    @classmethod
    def parse(cls, line: bytes) -> Self:
        """Read a line of the file. Raises `ValueError` where it is not exactly what `line` writes."""
        try:
            raw = json.loads(line)
            made = cls(
                number=int(raw["number"]),
                tree_size=int(raw["tree_size"]),
                root=bytes.fromhex(raw["root"]),
                head=bytes.fromhex(raw["head"]),
                time=datetime.fromisoformat(raw["time"]),
                key_id=str(raw["key_id"]),
                previous=bytes.fromhex(raw["previous"]),
                signature=base64.b64decode(raw["signature"], validate=True),
            )
        except (KeyError, TypeError, ValueError, binascii.Error):
            raise ValueError("not a checkpoint") from None
        if made.line() != line:
            raise ValueError("not a checkpoint as it was written")
        return made


class Signer:
    """Signs checkpoints with the service's Ed25519 key."""

    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        """`private_key` stays in this process."""
        self._key = signing.SigningKey(private_key)
        self.public = PublicKey(private_key.public_key())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the secret file's text: the raw private key in base64. Raises `SettingError`."""
        return cls(Ed25519PrivateKey.from_private_bytes(signing.key_bytes(text, "the signing key")))

    def sign(self, checkpoint: Checkpoint) -> Checkpoint:
        """The checkpoint with key id and signature."""
        named = replace(checkpoint, key_id=self.public.id, signature=b"")
        return replace(named, signature=self._key.sign(named.statement()))


class PublicKey(signing.PublicKey):
    """Checks the signatures of checkpoints."""

    def signed(self, checkpoint: Checkpoint) -> bool:
        """Whether this key signed exactly this checkpoint."""
        return checkpoint.key_id == self.id and self.verifies(checkpoint.signature, checkpoint.statement())


@dataclass(slots=True)
class FileContents:
    """What the file holds: checkpoints in their order, and the numbers of lines that are not one.

    `torn` says that the last line was never finished; it counts as not written.
    """

    checkpoints: list[Checkpoint] = field(default_factory=list)
    damaged_lines: list[int] = field(default_factory=list)
    torn: bool = False
    present: bool = True


class CheckpointFile:
    """The append-only file `checkpoints.jsonl`, one checkpoint a line.

    It lies outside the database, so that whoever can change both the trail and its checkpoints there still
    contradicts something. Copied off the machine, it also survives whoever owns the machine.
    """

    def __init__(self, path: Path) -> None:
        """The file's folder is made when the first line is written."""
        self.path = path

    def read(self) -> FileContents:
        """Everything in the file. A missing file has no lines."""
        try:
            raw = self.path.read_bytes()
        except FileNotFoundError:
            return FileContents(present=False)
        *lines, rest = raw.split(b"\n")
        contents = FileContents(torn=bool(rest))
        for number, line in enumerate(lines, start=1):
            try:
                contents.checkpoints.append(Checkpoint.parse(line))
            except ValueError:
                contents.damaged_lines.append(number)
        return contents

    def last(self) -> Checkpoint | None:
        """The last finished line, or None. Raises `ValueError` where it is no checkpoint."""
        try:
            with self.path.open("rb") as stream:
                end = stream.seek(0, os.SEEK_END)
                stream.seek(max(0, end - 2 * LINE_LIMIT_BYTES))
                lines = stream.read().split(b"\n")[:-1]
        except FileNotFoundError:
            return None
        return Checkpoint.parse(lines[-1]) if lines else None

    def append(self, checkpoints: Iterable[Checkpoint]) -> int:
        """Write lines to the disk, all or those that the disk took; cut off a torn line first. Returns how many.

        A checkpoint whose number the file has already is passed over, so two writers do no harm.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with append_only.locked(self.path) as stream:
            append_only.cut_torn_line(stream, LINE_LIMIT_BYTES)  # the table still has that checkpoint
            last = self.last()
            known = last.number if last else 0
            fresh = [each for each in checkpoints if each.number > known]
            append_only.append_lines(stream, [each.line() for each in fresh])
        append_only.sync_folder(self.path.parent)
        return len(fresh)

    def put_aside(self, suffix: str) -> str | None:
        """Rename the file and return its new name, or None where there is none. Nothing is overwritten."""
        if not self.path.exists():
            return None
        aside = self.path.with_name(f"{self.path.stem}.{suffix}{self.path.suffix}")
        if aside.exists():
            raise FileExistsError(f"{aside.name} is there already")
        self.path.rename(aside)
        append_only.sync_folder(self.path.parent)
        return aside.name
