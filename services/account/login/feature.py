"""Log-in and sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.account.accounts import store as accounts
from services.account.accounts.calls import DONE, Done
from services.account.authentication import store
from services.account.authentication.credentials import Authentication, error_of_refusal
from services.account.authentication.rules import session_ends_at, session_is_open, touch_is_due
from services.account.authentication.values import Proof, SessionState
from services.account.field_encryption.sealing import Sealing
from services.account.login import calls
from services.account.login.rules import login_refusal
from shared.actor import Actor
from shared.bus import Feature, answers
from shared.bus.probes import probe
from shared.clock import Clock
from shared.database import Database, Row, Transaction
from shared.identifiers import new_token
from shared.terms.clauses import collection, protection


@dataclass(eq=False)
class Login(Feature):
    """From an address and its password to a session, and to its end."""

    database: Database
    clock: Clock
    sealing: Sealing
    authentication: Authentication

    @probe(
        collection.LINK_ONLY_WHILE_ACTIVE,
        nb="økter som virker selv om virksomheten eller personen er inaktiv",
        en="sessions that last although the company or the person is inactive",
    )
    def sessions_after_the_end(self, tx: Transaction, _now: datetime) -> Row | None:
        """The change that made it inactive should have ended them."""
        return store.sessions_after_the_end(tx)

    @probe(
        protection.ONLY_YOUR_OWN,
        nb="økter som gjelder en annen virksomhet enn personens egen",
        en="sessions to another company than the person's own",
    )
    def sessions_elsewhere(self, tx: Transaction, _now: datetime) -> Row | None:
        """Nobody gets one by any way that there is."""
        return store.sessions_elsewhere(tx)

    @answers(calls.LogIn)
    def log_in(self, call: calls.LogIn) -> calls.LoggedIn:
        """Open a session for an address and its password."""
        proof = self.authentication.compare(call)
        new_hash = self._newer_hash(proof, call.password)
        token, now = new_token(), self.clock.now()
        with self.database.transaction() as tx:
            settled = self.authentication.settle(tx, proof, login_refusal, lock="share", now=now)
            if settled.user is not None:
                store.open_session(tx, settled.user, token, now=now)
                _keep_newer_hash(tx, proof, new_hash)
                language = accounts.user_row(tx, settled.user.id)["language"]
        if settled.user is None:
            raise error_of_refusal(settled.refusal)
        return calls.LoggedIn(
            token=token,
            account_id=settled.user.account_id,
            user_id=settled.user.id,
            role=settled.user.role,
            language=language,
            expires_at=session_ends_at(SessionState(created_at=now, seen_at=now)),
        )

    def _newer_hash(self, proof: Proof, password: str) -> str | None:
        """The password's digest with today's parameters, where it was made with others."""
        hashing = self.authentication.hashing
        current = proof.candidate.password_hash if proof.candidate else None
        if current is None or not proof.matched or not hashing.is_outdated(current):
            return None
        return hashing.hash(password)

    @answers(calls.Authenticate)
    def authenticate(self, call: calls.Authenticate) -> calls.Authenticated:
        """Who speaks. An account or user made inactive is refused from that moment on."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            session = self.authentication.open_session(tx, call.token, now)
            state = session.state
            if touch_is_due(state, now):
                store.touch_session(tx, session.id, now=now)
                state = SessionState(created_at=state.created_at, seen_at=now)
        return calls.Authenticated(
            account_id=session.account_id,
            user_id=session.user_id,
            session_id=session.id,
            role=session.role,
            language=session.language,
            actor=Actor.user(session.user_id),
            expires_at=session_ends_at(state),
        )

    def actor_of_session(self, token: str) -> str | None:
        """Who acts by this session; None where it is not open any more."""
        with self.database.transaction() as tx:
            session = store.session(tx, token)
        if session is None or not session_is_open(session.state, self.clock.now()):
            return None
        return str(Actor.user(session.user_id))

    @answers(calls.LogOut)
    def log_out(self, call: calls.LogOut) -> Done:
        """End the session; a token that is not one any more is fine."""
        with self.database.transaction() as tx:
            store.close_session(tx, call.token)
        return DONE

    @answers(calls.LoginOrigins)
    def login_origins(self, call: calls.LoginOrigins) -> calls.LoginOriginsShown:
        """Where log-ins came from, for those who watch over them."""
        with self.database.transaction() as tx:
            rows = store.attempts(tx, call.attempt_ids)
        origins = self.sealing.opened_origins(rows)
        return calls.LoginOriginsShown(
            attempts=tuple(
                calls.LoginOrigin(
                    attempt_id=row["id"],
                    account_id=row["account_id"],
                    user_id=row["user_id"],
                    at=row["at"],
                    outcome=row["outcome"],
                    ip=ip,
                    user_agent=agent,
                    address_index=row["address_index"].hex(),
                    network_index=row["network_index"].hex(),
                    name_index=row["name_index"].hex() if row["name_index"] else None,
                )
                for row, (ip, agent) in zip(rows, origins, strict=True)
            )
        )


def _keep_newer_hash(tx: Transaction, proof: Proof, new_hash: str | None) -> None:
    if new_hash and proof.candidate and proof.candidate.password_hash:
        store.rehash(tx, proof.candidate.user_id, old_hash=proof.candidate.password_hash, new_hash=new_hash)
