"""Fetches what every contributor holds, and makes the file of it once all is there."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.account.exports import package, rules, store
from services.account.exports.events import ExportReady
from services.account.exports.means import ExportMeans
from services.account.exports.sealed_copies import CHUNK, PAGE, opened, subject_of
from services.account.exports.values import OWN, ContributedPage, Export, Part, SealedPage
from shared import log
from shared.bus import Feature, every
from shared.bus.alarms import Waiting, alarm
from shared.canonical_json import canonical
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import Internal, NotFound, Permanent, Refused, Transient
from shared.events import Code
from shared.identifiers import new_id
from shared.participation.calls import ExportPart, ExportPartShown
from shared.participation.contribution import Contribution
from shared.participation.exporting import shown
from shared.privacy import FencedError, KeyGoneError, Vault

PARTS_A_ROUND: Final = 20
PAGES_A_TURN: Final = 50
PACKED_A_ROUND: Final = 2

logger = log.get("account.exports")


@dataclass(eq=False)
class ExportCollecting(Feature):
    """Collects the parts of copies. What fails is asked for again; nothing is handed out before all is there."""

    database: Database
    clock: Clock
    vault: Vault
    means: ExportMeans
    own: Contribution
    vendor: str

    @every(seconds=2)
    def collect_exports(self) -> None:
        """Fetch what is due of each part, and pack what is complete."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            parts = store.claim_parts(tx, now, PARTS_A_ROUND)
        for part in parts:
            self._collect(part)
        with self.database.transaction() as tx:
            collected = store.claim_collected(tx, now, PACKED_A_ROUND)
        for export in collected:
            self._pack(export)

    @alarm("exports_not_ready", says="copies that are not ready though they should be", act="make logs")
    def exports_not_ready(self, tx: Transaction, now: datetime) -> Waiting | None:
        """A contributor does not answer, or what it hands out cannot be kept."""
        return Waiting.of(store.late(tx, now))

    # ── parts ─────────────────────────────────────────────────────────────────────────────────────────────

    def _collect(self, part: Part) -> None:
        """Fetch pages of one part until it is done, or for as long as a turn lasts."""
        with self.database.transaction() as tx:
            export = store.find(tx, part.export_id)
        if export is None:
            return
        try:
            for _ in range(PAGES_A_TURN):
                page = self._asked(export, part)
                following = self._kept(export, part, page)
                if following is None:
                    return
                part = following
        except (FencedError, KeyGoneError):
            self._drop(export)
            return
        except NotFound:
            logger.info("export_order_not_heard", contributor=part.contributor, tries=part.tries)
            self._put_off(part, failed=True)
            return
        except (Refused, Transient, Internal, Permanent) as error:
            logger.warning("export_part_failed", contributor=part.contributor, tries=part.tries, exc_info=error)
            self._put_off(part, failed=True)
            return
        self._put_off(part, failed=False)

    def _asked(self, export: Export, part: Part) -> ExportPartShown:
        if part.contributor == OWN:
            return shown(self.own.page(export.scope, part.following))
        asked = ExportPart(export_id=export.id, after=part.following)
        return self.means.caller.ask(asked, of=part.contributor)

    def _kept(self, export: Export, part: Part, asked: ExportPartShown) -> Part | None:
        """The part as it stands with this page; None where it is done, or another process has come further."""
        page_id, given = new_id(), asked.to_json()
        rows = len(asked.page.rows) if asked.page else 0
        text = canonical(given["page"]).decode()
        sealed = self.vault.seal(subject_of(export), table=PAGE[0], column=PAGE[1], row=page_id, text=text)
        page = SealedPage(id=page_id, sealed=sealed, rows=rows, following=asked.following)
        with self.database.transaction() as tx:
            is_kept = store.add_page(tx, part, page)
        if not is_kept or asked.following is None:
            return None
        return Part(
            export_id=part.export_id,
            contributor=part.contributor,
            following=asked.following,
            pages=part.pages + 1,
            rows=part.rows + rows,
            tries=0,
        )

    def _put_off(self, part: Part, *, failed: bool) -> None:
        now = self.clock.now()
        next_at = rules.next_try(part.tries, now) if failed else now
        with self.database.transaction() as tx:
            store.put_off(tx, part, next_at, failed=failed)

    def _drop(self, export: Export) -> None:
        """The erasure of whom it is about has begun: nothing is copied any more."""
        with self.database.transaction() as tx:
            store.drop(tx, export.id)
        logger.info("export_dropped", export_id=export.id)

    # ── the file ──────────────────────────────────────────────────────────────────────────────────────────

    def _pack(self, export: Export) -> None:
        try:
            with self.database.transaction() as tx:
                self._packed(tx, export)
        except (FencedError, KeyGoneError):
            self._drop(export)

    def _packed(self, tx: Transaction, export: Export) -> None:
        """Make the file in one transaction: all of it is there, or nothing."""
        if not store.drop_chunks(tx, export.id):
            return
        now = self.clock.now()

        def keep(position: int, data: bytes) -> None:
            chunk_id = new_id()
            text = base64.b64encode(data).decode("ascii")
            sealed = self.vault.seal(subject_of(export), table=CHUNK[0], column=CHUNK[1], row=chunk_id, text=text)
            store.add_chunk(tx, export.id, position, chunk_id, sealed)

        sink = package.Measured(keep)
        written = package.write(
            export,
            lambda: self._pages(tx, export),
            sink,
            key=self.means.signing_key,
            vendor=self.vendor,
            now=now,
        )
        counted = sum(row["rows"] for row in store.parts(tx, export.id))
        if written.rows != counted:
            raise package.PackageError("the file has other rows than were handed out")
        store.set_ready(tx, export.id, size=written.size, sha256=written.sha256, chunks=sink.count, now=now)
        event = ExportReady(
            account_id=export.account_id, export_id=export.id, user_id=export.user_id, kind=Code(export.kind)
        )
        tx.outbox.add(event, now=now)

    def _pages(self, tx: Transaction, export: Export) -> Iterator[ContributedPage]:
        for row in store.pages(tx, export.id):
            text = opened(self.vault, export, PAGE, row["id"], row["page_sealed"])
            given: dict[str, Any] | None = json.loads(text)
            if given is None:
                yield ContributedPage(contributor=row["contributor"], table=None, rows=())
                continue
            told = {name: given[name] for name in ("nb", "en", "columns")}
            table = {"name": given["table"], **told}
            yield ContributedPage(contributor=row["contributor"], table=table, rows=tuple(given["rows"]))
