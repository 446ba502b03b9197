"""Signs who of the vendor's people acts, for each call that they may make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from services.staff.authentication import store as authentication
from services.staff.authentication.values import OpenSession
from services.staff.grants.values import AskedAct, Grant
from services.staff.statements import calls, rules
from services.staff.statements.calls import ActAsked, ActSigned
from services.staff.statements.values import Permitted
from shared.bus import Feature, answers
from shared.clock import Clock
from shared.context import acting_as
from shared.database import Database, Transaction
from shared.errors import Refused
from shared.identifiers import new_id
from shared.records import ABSENT
from shared.staff import Purpose, acts
from shared.statements import Statement, StatementSigner, lifetime

if TYPE_CHECKING:
    from services.staff.approvals.feature import Approvals
    from services.staff.grants.feature import Grants
    from services.staff.sessions.feature import Sessions

PARTY: Final = "desk"
"""The only process that presents statements, by its user at the broker."""

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
                self._tell(tx, session, judged, now)
        return calls.StatementsSigned(
            statements=tuple(
                ActSigned(statement=self._signed(each, session), refusal=None)
                if isinstance(each, Permitted)
                else ActSigned(statement=None, refusal=each[1])
                for each in judged
            )
        )

    def _judged(
        self,
        tx: Transaction,
        session: OpenSession,
        asked: ActAsked,
        *,
        permits: Permits,
        purpose: Purpose | None,
        now: datetime,
    ) -> Permitted | tuple[str, str]:
        """What the person may do, or the name of the act and why they may not."""
        try:
            known = rules.known_act(asked.act, acts(), approved=asked.approval_id is not None)
            grant = permits(AskedAct(act=known.act, account_id=asked.account_id, purpose=purpose))
            approval = None
            if asked.approval_id is not None:
                approval = self.approvals.cleared(tx, asked.approval_id, session.person, asked, now)
        except Refused as error:
            name = asked.act if asked.act in acts() else UNKNOWN
            return name, str(error.details.get("reason", error.code))
        return Permitted(
            known=known, digest=asked.digest, grant=grant, account_id=asked.account_id, approval=approval
        )

    def _tell(
        self, tx: Transaction, session: OpenSession, judged: list[Permitted | tuple[str, str]], now: datetime
    ) -> None:
        refused: dict[str, list[str]] = defaultdict(list)
        for each in judged:
            if not isinstance(each, Permitted):
                refused[each[1]].append(each[0])
        permitted = [each for each in judged if isinstance(each, Permitted)]
        for event in rules.told(session.person, permitted, refused):
            tx.outbox.add(event, now=now)

    def _signed(self, permitted: Permitted, session: OpenSession) -> str:
        service, _, _ = permitted.known.name.partition(".")
        approval, times = permitted.approval, lifetime(self.clock.unmoved())
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
        )
        return self.signer.sign(statement)
