"""Signs who of the vendor's people acts, for each call that they may make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final
from uuid import UUID

from services.staff.authentication import store as authentication
from services.staff.authentication.values import OpenSession
from services.staff.grants.calls import GrantsShown
from services.staff.grants.values import AskedAct, Grant
from services.staff.statements import calls, rules, store
from services.staff.statements.calls import ActAsked, ActSigned
from services.staff.statements.values import NOT_KNOWN_YET, NotPermitted, Permitted, Reading
from shared.actor import staff_actor
from shared.bus import Feature, answers, every
from shared.calls import Done
from shared.clock import Clock
from shared.context import acting_as
from shared.database import Database, Transaction
from shared.errors import Refused
from shared.identifiers import new_id
from shared.records import ABSENT
from shared.staff import Purpose, acts
from shared.statements import Statement, StatementSigner, lifetime, scope_of

if TYPE_CHECKING:
    from services.staff.approvals.feature import Approvals
    from services.staff.grants.feature import Grants
    from services.staff.sessions.feature import Sessions

PARTY: Final = "desk"
"""The only process that presents statements, by its user at the broker."""

AT_ONCE: Final = 200

UNKNOWN: Final = "unknown"
"""What is told of an act that is none of ours: its name was made up by who asked."""

Permits = Callable[[AskedAct], Grant]


@dataclass(kw_only=True, eq=False)
class Statements(Feature):
    """Signs statements of who acts."""

    database: Database
    clock: Clock
    signer: StatementSigner
    sessions: Sessions
    grants: Grants
    approvals: Approvals

    @answers(calls.SignStatements)
    def sign_statements(self, call: calls.SignStatements) -> calls.StatementsSigned:
        """Sign who acts, for each act that the holder of the session may do now."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            session = self.sessions.use(tx, call.token, now)
            keys = authentication.count_passkeys(tx, session.person.id)
            permits = self.grants.permits(tx, session.person, passkeys=keys, now=now)
            judge = partial(self._judged, tx, session, permits=permits, purpose=call.purpose, now=now)
            judged = [judge(each) for each in call.acts]
            with acting_as(session.person.actor):
                reading_id = self._tell(tx, session, judged, visit_id=call.visit_id, now=now)
        return calls.StatementsSigned(
            reading_id=reading_id,
            statements=tuple(
                ActSigned(statement=self._signed(each, session), refusal=None)
                if isinstance(each, Permitted)
                else ActSigned(statement=None, refusal=each.reason, purposes=each.purposes)
                for each in judged
            ),
        )

    @answers(calls.OwnGrants)
    def own_grants(self, call: calls.OwnGrants) -> GrantsShown:
        """What the holder of the session is granted."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            return self.grants.shown(tx, self.sessions.use(tx, call.token, now).person, now)

    @answers(calls.TellSeen)
    def tell_seen(self, call: calls.TellSeen) -> Done:
        """Publish the looks of one page or command, each with whom it showed."""
        now = self.clock.now()
        seen = {each.account_id: each for each in call.seen}
        with self.database.transaction() as tx:
            session = self.sessions.use(tx, call.token, now)
            for reading in rules.known_by_now(store.take(tx, call.reading_id, session.id), seen):
                self._publish(tx, reading, seen.get(reading.account_id), now)
        return Done()

    @every(seconds=15)
    def publish_untold_readings(self) -> None:
        """Looks of which nobody told whom they showed are published without that: none is lost.

        What was to be found by a reply the desk has shown to nobody: it tells first.
        """
        now = self.clock.now()
        with self.database.transaction() as tx:
            for reading in store.take_older(tx, now - rules.TELLING, AT_ONCE):
                if reading.account_id != NOT_KNOWN_YET:
                    self._publish(tx, reading, None, now)

    def _publish(self, tx: Transaction, reading: Reading, seen: calls.PersonsSeen | None, now: datetime) -> None:
        event = rules.read(reading, seen)
        with acting_as(staff_actor(reading.staff_code)):
            tx.outbox.add(event, now=now, event_id=rules.read_id(reading, event))

    def _judged(
        self,
        tx: Transaction,
        session: OpenSession,
        asked: ActAsked,
        *,
        permits: Permits,
        purpose: Purpose | None,
        now: datetime,
    ) -> Permitted | NotPermitted:
        """What the person may do, or why they may not."""
        try:
            approved = asked.rehearsal or asked.approval_id is not None
            known = rules.known_act(asked.act, acts(), approved=approved)
            grant = permits(AskedAct(act=known.act, account_id=asked.account_id, purpose=purpose))
            approval = None
            if asked.rehearsal:
                approval = self.approvals.rehearsed(tx, asked.approval_id, session.person)
            elif asked.approval_id is not None:
                approval = self.approvals.cleared(tx, asked.approval_id, session.person, asked, now)
        except Refused as error:
            name = asked.act if asked.act in acts() else UNKNOWN
            reason = str(error.details.get("reason", error.code))
            return NotPermitted(act=name, reason=reason, purposes=tuple(error.details.get("purposes", ())))
        return Permitted(
            known=known,
            digest=asked.digest,
            grant=grant,
            account_id=asked.account_id,
            approval=approval,
            rehearsal=asked.rehearsal,
        )

    def _tell(
        self,
        tx: Transaction,
        session: OpenSession,
        judged: list[Permitted | NotPermitted],
        *,
        visit_id: UUID | None,
        now: datetime,
    ) -> UUID | None:
        """Publish what was signed and what was not; the id under which it is told later whom it showed."""
        refused: dict[str, list[str]] = defaultdict(list)
        for each in judged:
            if isinstance(each, NotPermitted):
                refused[each.reason].append(each.act)
        permitted = [each for each in judged if isinstance(each, Permitted)]
        for event in rules.told(session.person, permitted, refused):
            tx.outbox.add(event, now=now)
        for event_id, tried in rules.tried(session, permitted):
            tx.outbox.add(tried, now=now, event_id=event_id)
        readings = rules.readings(session, permitted, reading_id=new_id(), visit_id=visit_id, now=now)
        store.add(tx, readings)
        return readings[0].id if readings else None

    def _signed(self, permitted: Permitted, session: OpenSession) -> str:
        service, _, _ = permitted.known.name.partition(".")
        approval, times = permitted.approval, lifetime(self.clock.unmoved())
        reached = permitted.grant.accounts if permitted.account_id is None else None
        statement = Statement(
            sub=session.person.code,
            sid=session.id,
            auth_time=int(session.state.authenticated_at.timestamp()),
            iat=times.issued,
            exp=times.expires,
            aud=service,
            azp=PARTY,
            act=permitted.known.name,
            digest=permitted.digest,
            role=permitted.grant.role,
            grant=permitted.grant.id,
            purpose=permitted.grant.purpose.value,
            jti=approval.id if approval else new_id(),
            account=permitted.account_id or ABSENT,
            approval=approval or ABSENT,
            rehearsal=True if permitted.rehearsal else ABSENT,
            scope=ABSENT if reached is None else scope_of(reached),
        )
        return self.signer.sign(statement)
