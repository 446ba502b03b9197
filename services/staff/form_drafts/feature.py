"""Keeps what stood in a form when a session ended, until its holder has logged in again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from services.staff.authentication.store import digest
from services.staff.form_drafts import calls
from shared import base64url, form_drafts
from shared.bus import Feature, answers
from shared.calls import Done
from shared.clock import Clock
from shared.database import Database, Transaction, load_queries
from shared.errors import NotFound, Unauthenticated

if TYPE_CHECKING:
    from services.staff.sessions.feature import Sessions

Q: Final = load_queries(__file__)


@dataclass(eq=False)
class FormDrafts(Feature):
    """What is kept cannot be read here: the key is with the browser."""

    database: Database
    clock: Clock
    sessions: Sessions

    @answers(calls.KeepFormDraft)
    def keep_form_draft(self, call: calls.KeepFormDraft) -> Done:
        """Keep it for whoever had this session."""
        with self.database.transaction() as tx:
            holder = tx.one(Q.holder, token_digest=digest(call.token))
            if holder is None:
                raise Unauthenticated
            sealed = base64url.decode(call.sealed)
            tx.run(Q.keep, **holder, path=call.path, sealed=sealed, now=self.clock.now())
            tx.run(Q.trim, **holder, limit=form_drafts.MOST)
        return Done()

    @answers(calls.DropFormDraft)
    def drop_form_draft(self, call: calls.DropFormDraft) -> Done:
        """Forget it for its holder."""
        with self.database.transaction() as tx:
            session = self.sessions.use(tx, call.token, self.clock.now())
            tx.run(Q.drop, person_id=session.person.id, path=call.path)
        return Done()

    @answers(calls.ShowFormDraft)
    def show_form_draft(self, call: calls.ShowFormDraft) -> calls.FormDraft:
        """Show it to its holder."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            session = self.sessions.use(tx, call.token, now)
            row = tx.one(Q.show, person_id=session.person.id, path=call.path)
        if row is None or not form_drafts.is_kept(row["kept_at"], now):
            raise NotFound
        return calls.FormDraft(sealed=base64url.encode(bytes(row["sealed"])))


def expire(tx: Transaction, now: datetime, limit: int) -> int:
    """Delete a batch of what nobody came back for; how many."""
    return tx.run(Q.expire, before=now - form_drafts.KEPT, limit=limit)
