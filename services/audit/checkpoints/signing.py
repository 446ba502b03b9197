"""Checkpoints: signed statements about the trail.

A checkpoint says how many rows the trail had, with which root and which chain hash, and names the checkpoint
before it by hash. Whoever holds an old one, and the public key, can tell whether today's trail still begins
with what it stated.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.audit.checkpoints.chain import GENESIS, compact, instant
from shared import signing

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
