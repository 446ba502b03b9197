"""What copies are made with."""

from __future__ import annotations

from dataclasses import dataclass

from services.account.exports.values import Answerer
from shared.calls import Caller
from shared.signing import SigningKey


@dataclass(frozen=True, kw_only=True)
class ExportMeans:
    """What copies are made with: who is asked, the key that signs what is in them, and in whose name.

    `contributors` are the services that hand something out, the account service itself among them.
    """

    caller: Caller
    signing_key: SigningKey
    contributors: tuple[str, ...]
    answerer: Answerer
