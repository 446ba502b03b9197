"""Which copies are handed over, until when a code works, and what a receipt says. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from services.account.export_transfers.values import Transfer
from services.account.exports.rules import available_until
from services.account.exports.values import Export
from shared.canonical_json import canonical
from shared.errors import Conflict, NotFound
from shared.participation.export_values import ExportKind
from shared.signing import SigningKey, signature_text, statement
from shared.terms import enforces
from shared.terms.clauses.rights import RIGHT_OF_PORTABILITY
from shared.wait_bounds import noted_by

FORM: Final = "vilkar-transfer/1"
"""The form of a receipt; its signature is made over it too."""
MOST_OF_ONE: Final = 10
"""So many transfers of one copy: each is a code that somebody may have."""
MOST_FETCHES: Final = 5
"""A file that broke off is fetched again; a code that went astray is not worth more than that."""
CODE_LASTS: Final = timedelta(days=7)


@enforces(RIGHT_OF_PORTABILITY)
def check_handed_over(export: Export, earlier: Sequence[Transfer]) -> None:
    """Raise `Conflict` for a copy that is not handed over, having been so as `earlier` says.

    What we concluded goes to nobody else, nor do others: it is one's own copy, made to be taken along (article 20).
    """
    if export.user_id is None or export.kind is not ExportKind.PORTABILITY:
        raise Conflict("only one's own copy to take along is handed over", details={"reason": "not_to_take_along"})
    if len(earlier) >= MOST_OF_ONE:
        raise Conflict("this copy was handed over very often", details={"reason": "handed_over_often"})


def ends_at(export: Export, now: datetime) -> datetime:
    """Until when a code works: no longer than the copy is there."""
    ends = now + CODE_LASTS
    return min(ends, available_until(export.ready_at)) if export.ready_at else ends


def is_open(transfer: Transfer, now: datetime) -> bool:
    """Whether its code works; one that a wrong clock dated ahead does not."""
    is_over = transfer.ended_at is not None or transfer.received_at is not None or now >= transfer.ends_at
    return not is_over and noted_by(transfer.made_at, now)


@enforces(RIGHT_OF_PORTABILITY)
def check_fetched(transfer: Transfer | None, now: datetime) -> Transfer:
    """The transfer whose file may be fetched now. Raises `NotFound` for every other code alike."""
    if transfer is None or not is_open(transfer, now) or transfer.fetches >= MOST_FETCHES:
        raise NotFound("there is nothing to fetch with this code")
    return transfer


def check_confirmed(transfer: Transfer | None, sha256: str, now: datetime) -> Transfer:
    """The transfer that is confirmed, or was so before. Raises `NotFound`, and `Conflict` for another file."""
    if transfer is None or not (transfer.received_at or (transfer.fetched_at and is_open(transfer, now))):
        raise NotFound("there is nothing to confirm with this code")
    if sha256.lower() != transfer.sha256:
        raise Conflict("that is not the file that was sent", details={"reason": "other_file"})
    return transfer


def receipt_of(transfer: Transfer, receiver: str, vendor: str, key: SigningKey, now: datetime) -> str:
    """What both sides keep: who got which file when, signed."""
    body: dict[str, Any] = {
        "format": FORM,
        "transfer_id": str(transfer.id),
        "export_id": str(transfer.export_id),
        "vendor": vendor,
        "receiver": receiver,
        "sha256": transfer.sha256,
        "handed_over_at": transfer.made_at.isoformat(),
        "received_at": now.isoformat(),
    }
    signature = signature_text(key.sign(statement(FORM, body)))
    return canonical({**body, "key_id": key.public.id, "signature": signature}).decode("ascii")


def state_of(transfer: Transfer, now: datetime) -> str:
    """How far it is, in a word."""
    if transfer.received_at is not None:
        return "received"
    if not is_open(transfer, now):
        return "over"
    return "fetched" if transfer.fetched_at else "open"
