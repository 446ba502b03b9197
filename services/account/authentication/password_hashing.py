"""Argon2id with the parameters that OWASP names: two passes over 19 MiB in one lane.

A hash takes some 20 ms of a processor, so it is made beside the event loop, and never while a database
connection is held.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from services.account.authentication.rules import canonical_password
from shared.bus.offload import offload
from shared.errors import Permanent

PASSES: Final = 2
MEMORY_KIB: Final = 19 * 1024
LANES: Final = 1


class PasswordHashing:
    """Makes and checks password digests."""

    def __init__(
        self,
        *,
        passes: int = PASSES,
        memory_kib: int = MEMORY_KIB,
        lanes: int = LANES,
        run: Callable[..., Any] = offload,
    ) -> None:
        """`run` calls a function where it does not hold up the others."""
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes, type=Type.ID)
        self._run = run
        self._nobodys = self._hasher.hash(secrets.token_urlsafe(16))

    def hash(self, password: str) -> str:
        """The digest to keep, of the password's one spelling."""
        return str(self._run(self._hasher.hash, canonical_password(password)))

    def matches(self, digest: str | None, password: str) -> bool:
        """Whether the password is the one; where there is none to compare with, the same work says no.

        What was digested before there was one spelling, as it was typed, is taken as ever.
        Raises `Permanent` where it is not an Argon2 digest.
        """
        return bool(self._run(self._compare, digest or self._nobodys, password)) and digest is not None

    def is_outdated(self, digest: str) -> bool:
        """Whether the digest was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(digest)

    def _compare(self, digest: str, password: str) -> bool:
        """In both spellings where they differ, whichever fits: so much work says nothing of what is kept."""
        spellings = dict.fromkeys((canonical_password(password), password))
        return sum(self._fits(digest, each) for each in spellings) > 0

    def _fits(self, digest: str, password: str) -> bool:
        try:
            return self._hasher.verify(digest, password)
        except VerifyMismatchError:
            return False
        except (InvalidHashError, VerificationError):
            raise Permanent("what is kept of a password is not a digest") from None
