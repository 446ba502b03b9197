"""Copies as rows. Each works in a transaction it is given."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from services.account.accounts.rules import is_personal
from services.account.exports import rules
from services.account.exports.contributed import CheckedPage
from services.account.exports.values import Export, ExportState, Part, Withdrawal
from shared.database import Row, Transaction, load_queries
from shared.participation.export_values import ORDER_KEPT, ExportKind
from shared.signing import PublicKey

Q: Final = load_queries(__file__)
LISTED: Final = 50
MOST_KEYS: Final = 100


def add(tx: Transaction, export: Export, contributors: Sequence[str]) -> None:
    """Keep what was asked for, with a part for each contributor."""
    tx.run(
        Q.add,
        id=export.id,
        account_id=export.account_id,
        user_id=export.user_id,
        asked_by=export.asked_by,
        kind=export.kind.value,
        with_company=export.with_company,
        asked_at=export.asked_at,
        wished_at=export.wished_at,
        wish_id=export.wish_id,
        handed_over_at=export.handed_over_at,
    )
    rows = [{"export_id": export.id, "contributor": name, "next_at": export.asked_at} for name in contributors]
    tx.many(Q.add_part, rows)


def one_by_one(tx: Transaction, user_id: UUID) -> None:
    """Of two wishes of one user at once the second one knows of the first."""
    tx.one(Q.one_by_one, user_id=user_id)


def company_is_a_persons(tx: Transaction, account_id: UUID) -> bool:
    """Whether what is held on the company is held on a person: a sole trader, or nobody known to be a company."""
    row = tx.one(Q.company_is_a_persons, account_id=account_id)
    return row is not None and is_personal(row["org_form"], has_number=row["has_number"])


def find(tx: Transaction, export_id: UUID) -> Export | None:
    """A copy."""
    row = tx.one(Q.find, id=export_id)
    return _export(row) if row else None


def asked_by(tx: Transaction, user_id: UUID) -> list[Export]:
    """The copies that this user asked for, the newest first."""
    return [_export(row) for row in tx.all(Q.asked_by, user_id=user_id, limit=LISTED)]


def rows_handed_out(tx: Transaction, export_id: UUID) -> dict[str, int]:
    """How many rows each contributor handed out."""
    return {row["contributor"]: row["rows"] for row in parts(tx, export_id)}


def parts(tx: Transaction, export_id: UUID) -> list[Row]:
    """How far each part of a copy is."""
    return tx.all(Q.parts, export_id=export_id)


def claim_parts(tx: Transaction, now: datetime, limit: int) -> list[Part]:
    """Parts to be fetched now; others leave them alone for as long as a lease."""
    until, at_most = now + rules.LEASE, rules.WAITS["export_part.next_at"]
    rows = tx.all(Q.claim_parts, now=now, until=until, at_most=at_most, limit=limit)
    return [Part(**{**row, "tables": tuple(row["tables"])}) for row in rows]


def add_page(tx: Transaction, part: Part, page: CheckedPage, page_id: UUID, sealed: bytes) -> bool:
    """Keep a page, and where the next one begins; False where somebody else has come further, or it is gone."""
    place = {"export_id": part.export_id, "contributor": part.contributor}
    moved = tx.run(
        Q.move_part,
        **place,
        pages=part.pages,
        rows=page.rows,
        size=page.size,
        tables=list(page.tables),
        form=page.form,
        following=page.following,
        is_done=page.following is None,
    )
    if not moved:
        return False
    tx.run(Q.add_page, id=page_id, **place, position=part.pages, sealed=sealed)
    return True


def put_off(tx: Transaction, part: Part, next_at: datetime, *, tries: int) -> None:
    """Ask again then, unless another process has come further."""
    place = {"export_id": part.export_id, "contributor": part.contributor, "pages": part.pages}
    tx.run(Q.put_off, **place, next_at=next_at, tries=tries)


def put_off_packing(tx: Transaction, export_id: UUID, next_at: datetime) -> None:
    """Pack again then."""
    tx.run(Q.put_off_packing, id=export_id, next_at=next_at)


def claim_collected(tx: Transaction, now: datetime, limit: int) -> list[Export]:
    """Copies of which every part is there and that are not packed; others leave them alone meanwhile."""
    until, at_most = now + rules.LEASE, rules.WAITS["export.next_at"]
    return [_export(row) for row in tx.all(Q.claim_collected, now=now, until=until, at_most=at_most, limit=limit)]


def pages(tx: Transaction, export_id: UUID) -> Iterator[Row]:
    """The pages of a copy, in the order of contributors and of what they handed out; one at a time."""
    contributor, position = "", -1
    while (row := tx.one(Q.next_page, export_id=export_id, contributor=contributor, position=position)) is not None:
        contributor, position = row["contributor"], row["position"]
        yield row


def add_chunk(tx: Transaction, export_id: UUID, position: int, chunk_id: UUID, sealed: bytes) -> None:
    """Keep a piece of the file."""
    tx.run(Q.add_chunk, id=chunk_id, export_id=export_id, position=position, sealed=sealed)


def drop_chunks(tx: Transaction, export_id: UUID) -> bool:
    """Begin to pack anew; False where the copy is gone, or packed."""
    if tx.one(Q.lock_collecting, id=export_id) is None:
        return False
    tx.run(Q.drop_chunks, export_id=export_id)
    return True


def set_ready(tx: Transaction, export_id: UUID, *, size: int, sha256: str, chunks: int, now: datetime) -> bool:
    """The file is there; the pages that it was made of go. Whether a person has a case of the copy by now."""
    row = tx.one(Q.set_ready, id=export_id, size=size, sha256=sha256, chunks=chunks, now=now)
    tx.run(Q.drop_pages, export_id=export_id)
    return row is not None and bool(row["was_overdue"])


def chunk(tx: Transaction, export_id: UUID, token: str, position: int, now: datetime) -> Row | None:
    """A piece of a file that was opened with this token."""
    values = {"export_id": export_id, "digest": _digest(token), "position": position}
    return tx.one(Q.chunk, **values, now=now, open_for=rules.OPENED)


def open_file(tx: Transaction, export_id: UUID, token: str, now: datetime) -> None:
    """The file may be read with this token for a while."""
    tx.run(Q.open_file, digest=_digest(token), export_id=export_id, opened_until=now + rules.OPENED)


def drop(tx: Transaction, export_id: UUID) -> None:
    """The copy is gone with all its parts."""
    tx.run(Q.drop, id=export_id)


def withdraw(
    tx: Transaction, account_id: UUID, because: Withdrawal, *, before: datetime, now: datetime
) -> list[UUID]:
    """Copies of the company, asked for until then, are opened no more: their rows stay, all in them goes."""
    values = {"account_id": account_id, "because": because.value, "before": before}
    ids = [row["id"] for row in tx.all(Q.withdraw, **values, now=now)]
    for export_id in ids:
        for query in (Q.drop_parts, Q.drop_pages, Q.drop_chunks, Q.drop_tokens):
            tx.run(query, export_id=export_id)
    return ids


def claim_withdrawn(
    tx: Transaction, account_id: UUID, reasons: Sequence[Withdrawal], now: datetime
) -> list[Export]:
    """Copies that were withdrawn for one of these reasons and are to be ordered anew, each of them once."""
    rows = tx.all(Q.to_renew, account_id=account_id, reasons=[each.value for each in reasons])
    for row in rows:
        tx.run(Q.set_renewed, id=row["id"], now=now)
    return [_export(row) for row in rows]


def begin_lost_anew(tx: Transaction, now: datetime, limit: int) -> int:
    """Copies are collected anew whose pages or pieces a crash or a restore took; how many parts that came to.

    What is counted and what is kept are written together, so they differ for no other reason. Each row is looked at
    again once it is locked.
    """
    ids = [row["id"] for row in tx.all(Q.lock_lost_files, limit=limit)]
    tx.run(Q.collect_anew, ids=ids, now=now)
    lost = tx.all(Q.lock_lost_parts, limit=limit)
    for part in lost:
        tx.run(Q.drop_pages_of_part, **part)
    return sum(tx.run(Q.begin_part_anew, **part, now=now) for part in lost)


def note_key(tx: Transaction, key: PublicKey, now: datetime) -> None:
    """A copy is signed with the private half of this key: whoever checks it later finds it."""
    tx.run(Q.note_key, key_id=key.id, public_key=key.text(), now=now)


def keys(tx: Transaction) -> list[Row]:
    """All keys that copies were signed with."""
    return tx.all(Q.keys, limit=MOST_KEYS)


def hand_over(tx: Transaction, now: datetime, limit: int) -> list[Export]:
    """Copies that a person sees to from now on, each of them once; what a wrong clock dated ahead is among them."""
    values = {"now": now, "before": rules.handed_over_before(now), "ahead": now + rules.WAITS["export.next_at"]}
    return [_export(row) for row in tx.all(Q.hand_over, **values, limit=limit)]


def late(tx: Transaction, now: datetime) -> Row | None:
    """How many copies are late, and since when the first."""
    return tx.one(Q.late, before=now - rules.LATE)


def expire(tx: Transaction, now: datetime, limit: int) -> int:
    """Forget copies whose week is over, or that a person answers for, and tokens; how many rows."""
    ended = {"ready_before": now - rules.AVAILABLE, "asked_before": now - ORDER_KEPT}
    return tx.run(Q.expire, **ended, limit=limit) + tx.run(Q.expire_tokens, now=now, limit=limit)


def _export(row: Row) -> Export:
    because = Withdrawal(row["withdrawn_because"]) if row["withdrawn_because"] else None
    codes = {"kind": ExportKind(row["kind"]), "state": ExportState(row["state"]), "withdrawn_because": because}
    return Export(**{**row, **codes})


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
