"""Keeps what stood in a form when a session ended, until its holder has logged in again."""

from __future__ import annotations

from dataclasses import dataclass

from services.account.accounts.calls import DONE, Done
from services.account.authentication import store as sessions
from services.account.authentication.credentials import Authentication
from services.account.form_drafts import calls, store
from shared import base64url
from shared.bus import Feature, answers
from shared.clock import Clock
from shared.database import Database
from shared.errors import NotFound, Unauthenticated


@dataclass(eq=False)
class FormDrafts(Feature):
    """What is kept cannot be read here: the key is with the browser."""

    database: Database
    clock: Clock
    authentication: Authentication

    @answers(calls.KeepFormDraft)
    def keep_form_draft(self, call: calls.KeepFormDraft) -> Done:
        """Keep it for whoever had this session; nothing is taken in of whoever is not active any more."""
        with self.database.transaction() as tx:
            session = sessions.session(tx, call.token)
            if session is None or not session.state.is_of_active:
                raise Unauthenticated
            store.keep(tx, session, call.path, base64url.decode(call.sealed), now=self.clock.now())
        return DONE

    @answers(calls.DropFormDraft)
    def drop_form_draft(self, call: calls.DropFormDraft) -> Done:
        """Forget it for its holder."""
        with self.database.transaction() as tx:
            session = self.authentication.open_session(tx, call.token, self.clock.now())
            store.drop(tx, session.user_id, call.path)
        return DONE

    @answers(calls.ShowFormDraft)
    def show_form_draft(self, call: calls.ShowFormDraft) -> calls.FormDraft:
        """Show it to its holder."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            session = self.authentication.open_session(tx, call.token, now)
            sealed = store.kept(tx, session.user_id, call.path, now=now)
        if sealed is None:
            raise NotFound
        return calls.FormDraft(sealed=base64url.encode(sealed))
