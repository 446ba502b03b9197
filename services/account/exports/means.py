"""What copies are made with."""

from __future__ import annotations

from dataclasses import dataclass

from services.account.exports.values import Answerer
from shared.calls import Caller
from shared.signing import SigningKey


@dataclass(frozen=True, kw_only=True)
class ExportMeans:
    """What copies are made with: who is asked, the key that signs what is in them, and in whose name.

    `contributors` are our services that hand something out, the account service itself among them. `outside` are
    services of others that do; they are asked by `outside_caller`, which they may answer, and whose answers nobody
    but them may give.
    """

    caller: Caller
    signing_key: SigningKey
    contributors: tuple[str, ...]
    answerer: Answerer
    outside: tuple[str, ...] = ()
    outside_caller: Caller | None = None

    @property
    def everybody(self) -> tuple[str, ...]:
        """All who contribute to a copy that is ordered now."""
        return (*self.contributors, *self.outside)
