"""Fetches what every contributor holds, and makes the file of it once all is there."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from services.account.exports import package, rules, store
from services.account.exports.contributed import CheckedPage, ContributionError, checked
from services.account.exports.events import ExportReady
from services.account.exports.means import ExportMeans
from services.account.exports.ordering import tell_contributors
from services.account.exports.sealed_copies import CHUNK, PAGE, opened, subject_of
from services.account.exports.values import OWN, ContributedPage, Export, Part
from shared import log
from shared.bus import Feature, every
from shared.bus.alarms import Waiting, alarm
from shared.calls import Caller
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import NotFound, Unavailable
from shared.events import Code
from shared.identifiers import new_id
from shared.participation.calls import ExportPart, ExportPartShown
from shared.participation.contribution import Contribution
from shared.participation.exporting import shown
from shared.privacy import FencedError, KeyGoneError, Vault

PARTS_A_ROUND: Final = 20
PAGES_A_TURN: Final = 50
PACKED_A_ROUND: Final = 2
LOST_A_ROUND: Final = 500

logger = log.get("account.exports")


@dataclass(eq=False)
class ExportCollecting(Feature):
    """Collects the parts of copies. What fails is asked for again; nothing is handed out before all is there."""

    database: Database
    clock: Clock
    vault: Vault
    means: ExportMeans
    own: Contribution

    @every(seconds=2)
    def collect_exports(self) -> None:
        """Fetch what is due of each part, and pack what is complete. One part's trouble keeps no other waiting."""
        began = self.clock.now()
        with self.database.transaction() as tx:
            parts = store.claim_parts(tx, began, PARTS_A_ROUND)
        for part in parts:
            if self.clock.now() > began + rules.ROUND:
                self._put_off(part, self.clock.now(), tries=part.tries)
            else:
                self._collect(part)
        with self.database.transaction() as tx:
            collected = store.claim_collected(tx, self.clock.now(), PACKED_A_ROUND)
        for export in collected:
            self._pack(export)

    @every(seconds=60)
    def collect_lost_exports(self) -> None:
        """What a crash of the server or a restore took of copies, which no backup has, is fetched again."""
        with self.database.transaction() as tx:
            lost = store.begin_lost_anew(tx, self.clock.now(), LOST_A_ROUND)
        if lost:
            logger.warning("export_parts_begun_anew", parts=lost)

    @alarm("exports_not_ready", says="copies that are not ready though they should be", act="make logs")
    def exports_not_ready(self, tx: Transaction, now: datetime) -> Waiting | None:
        """A contributor does not answer, or what it hands out cannot be kept."""
        return Waiting.of(store.late(tx, now))

    # ── parts ─────────────────────────────────────────────────────────────────────────────────────────────

    def _collect(self, part: Part) -> None:
        """Fetch pages of one part until it is done, for as long as a turn lasts."""
        with self.database.transaction() as tx:
            export = store.find(tx, part.export_id)
        if export is None:
            return
        until = self.clock.now() + rules.TURN
        try:
            for _ in range(PAGES_A_TURN):
                following = self._kept(export, part, checked(self._asked(export, part), part, export.kind))
                if following is None:
                    return
                part = following
                if self.clock.now() > until:
                    break
        except Exception as error:  # noqa: BLE001  # one part's trouble must not keep the others waiting
            self._failed(export, part, error)
        else:
            self._put_off(part, self.clock.now(), tries=0)

    def _failed(self, export: Export, part: Part, error: Exception) -> None:
        """Whatever it was is asked for again, ever more rarely; what the error says stays out of the log."""
        if isinstance(error, FencedError | KeyGoneError):
            self._drop(export)
            return
        fault = error.fault if isinstance(error, ContributionError) else None
        about = {"contributor": part.contributor, "tries": part.tries, "error": type(error).__name__}
        logger.warning("export_part_failed", **about, fault=fault)
        now = self.clock.now()
        self._put_off(part, rules.next_try(part.tries, now), tries=part.tries + 1)
        has_no_codes = part.contributor in self.means.outside
        if (has_no_codes or isinstance(error, NotFound)) and rules.tells_anew(part.tries):
            with self.database.transaction() as tx:
                tell_contributors(tx, export, now)

    def _asked(self, export: Export, part: Part) -> ExportPartShown:
        if part.contributor == OWN:
            return shown(self.own.page(export.scope, part.following))
        asked = ExportPart(export_id=export.id, after=part.following)
        return self._caller_of(part.contributor).ask(asked, of=part.contributor)

    def _caller_of(self, contributor: str) -> Caller:
        """By whom a contributor is asked. Raises `Unavailable` for one that is known no more."""
        if contributor in self.means.contributors:
            return self.means.caller
        if contributor in self.means.outside and self.means.outside_caller is not None:
            return self.means.outside_caller
        raise Unavailable("the service contributes no more")

    def _kept(self, export: Export, part: Part, page: CheckedPage) -> Part | None:
        """The part as it stands with this page; None where it is done, or another process has come further."""
        page_id = new_id()
        sealed = self.vault.seal(subject_of(export), table=PAGE[0], column=PAGE[1], row=page_id, text=page.text)
        with self.database.transaction() as tx:
            is_kept = store.add_page(tx, part, page, page_id, sealed)
        if not is_kept or page.following is None:
            return None
        return replace(
            part,
            following=page.following,
            pages=part.pages + 1,
            rows=part.rows + page.rows,
            bytes=part.bytes + page.size,
            tables=page.tables,
            form=page.form,
            tries=0,
        )

    def _put_off(self, part: Part, next_at: datetime, *, tries: int) -> None:
        with self.database.transaction() as tx:
            store.put_off(tx, part, next_at, tries=tries)

    def _drop(self, export: Export) -> None:
        """The erasure of whom it is about has begun: nothing is copied any more."""
        with self.database.transaction() as tx:
            store.drop(tx, export.id)
        logger.info("export_dropped", export_id=export.id)

    # ── the file ──────────────────────────────────────────────────────────────────────────────────────────

    def _pack(self, export: Export) -> None:
        """Make the file; what cannot be made of one keeps no other waiting, and is tried again ever more rarely."""
        try:
            with self.database.transaction() as tx:
                self._packed(tx, export)
        except (FencedError, KeyGoneError):
            self._drop(export)
        except Exception as error:  # noqa: BLE001  # one copy's trouble must not keep the others waiting
            logger.warning("export_not_packed", export_id=export.id, tries=export.tries, error=type(error).__name__)
            with self.database.transaction() as tx:
                store.put_off_packing(tx, export.id, rules.next_try(export.tries, self.clock.now()))

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
        store.note_key(tx, self.means.signing_key.public, now)
        written = package.write(
            export,
            lambda: self._pages(tx, export),
            sink,
            key=self.means.signing_key,
            answerer=self.means.answerer,
            now=now,
        )
        if written.rows != store.rows_handed_out(tx, export.id):
            raise package.PackageError("the file has other rows than were handed out")
        was_overdue = store.set_ready(
            tx, export.id, size=written.size, sha256=written.sha256, chunks=sink.count, now=now
        )
        event = ExportReady(
            account_id=export.account_id,
            export_id=export.id,
            user_id=export.user_id,
            kind=Code(export.kind),
            overdue_wish_id=export.wish_id if was_overdue else None,
            asked_at=export.wished_at if was_overdue else None,
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
