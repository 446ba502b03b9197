"""Checkpoints: signed statements about the trail.

A checkpoint says how many rows the trail had, with which root and which chain hash, and names the checkpoint
before it by hash. Whoever holds an old one, and the public key, can tell whether today's trail still begins
with what it stated.
"""

from __future__ import annotations

import binascii
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from services.audit.checkpoints.chain import GENESIS, instant
from shared.canonical_json import canonical
from shared.signing import (
    PublicKey,
    SigningKey,
    is_signed,
    signature_of,
    signature_text,
    signed_line,
)

ORIGIN: Final = "vilkar.audit.v1"
COLUMNS: Final = ("number", "tree_size", "root", "head", "time", "key_id", "previous", "signature")


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
            "signature": signature_text(self.signature),
        }

    def line(self) -> bytes:
        """The checkpoint as a line of the file, without its end."""
        return canonical(self.as_json())

    def digest(self) -> bytes:
        """What the next checkpoint names this one by."""
        return hashlib.sha256(self.line()).digest()

    def signed_by(self, key: SigningKey) -> Self:
        """The checkpoint with key id and signature."""
        unsigned = {name: value for name, value in self.as_json().items() if name not in ("key_id", "signature")}
        return self.parse(signed_line(ORIGIN, unsigned, key))

    def is_signed_by(self, key: PublicKey) -> bool:
        """Whether this key signed exactly this checkpoint."""
        return is_signed(ORIGIN, self.as_json(), [key])

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
                signature=signature_of(raw["signature"]),
            )
        except (KeyError, TypeError, ValueError, binascii.Error):
            raise ValueError("not a checkpoint") from None
        if made.line() != line:
            raise ValueError("not a checkpoint as it was written")
        return made
