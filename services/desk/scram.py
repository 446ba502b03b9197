"""A password for PostgreSQL and its verifier, made without a server: SCRAM-SHA-256 (RFC 5802, RFC 7677)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64encode
from typing import Final, NamedTuple

ROUNDS: Final = 4096
"""As PostgreSQL does itself. More would slow down who guesses, and nobody guesses 144 random bits."""
SALT_BYTES: Final = 16
PASSWORD_BYTES: Final = 18


class MadePassword(NamedTuple):
    """A password, and what the server gets of it, from which nobody gets the password."""

    password: str
    verifier: str


def make_password() -> MadePassword:
    """One that nobody has had before. Its letters are ASCII, so that SASLprep changes nothing."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    return MadePassword(password, verifier_of(password, secrets.token_bytes(SALT_BYTES)))


def verifier_of(password: str, salt: bytes, rounds: int = ROUNDS) -> str:
    """What PostgreSQL keeps of a password, as it writes it."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    salt64, stored64, server64 = (b64encode(each).decode() for each in (salt, stored, server))
    return f"SCRAM-SHA-256${rounds}:{salt64}${stored64}:{server64}"
