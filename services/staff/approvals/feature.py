"""Acts that take two persons: asked for by one, approved by another with a passkey, carried out once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from services.staff.approvals import calls, rules, store
from services.staff.approvals.events import (
    ApprovalEdited,
    ApprovalEnded,
    ApprovalGiven,
    ApprovalNotTaken,
    ApprovalRequested,
)
from services.staff.approvals.values import Approval, ApprovalEnding, ApprovalState, Business
from services.staff.authentication import store as authentication
from services.staff.authentication.attempts import about, refuse
from services.staff.authentication.proving import Proving
from services.staff.authentication.rules import check_asks_two
from services.staff.authentication.values import SessionState
from services.staff.brakes import store as brakes
from services.staff.grants.values import AskedAct
from services.staff.people.values import Person
from services.staff.statements.calls import ActAsked
from shared.approvals import ApprovalError, ApprovalFile, FrozenRequest, Signed, Site, verify
from shared.bus import Feature, answers, every, handles
from shared.bus.alarms import Waiting, alarm
from shared.bus.every_service_events import ActCarriedOut
from shared.bus.probes import DAILY, probe
from shared.clock import Clock
from shared.context import acting_as, current
from shared.database import Database, Row, Transaction
from shared.errors import Conflict, Forbidden, NotFound, Permanent, Refused
from shared.events import Code, Received
from shared.identifiers import new_id
from shared.keyset import Place, cut
from shared.signing import PublicKey
from shared.staff import Act, Role, acts
from shared.statements import ApprovedBy, hex_digest
from shared.system import SERVICES
from shared.terms.clauses import protection
from shared.webauthn import encode

if TYPE_CHECKING:
    from services.staff.grants.feature import Grants
    from services.staff.people.feature import People
    from services.staff.sessions.feature import Sessions

PURPOSE: Final = "approval"
AT_ONCE: Final = 50
READS_ALL: Final = Act(roles=(Role.AUDITOR, Role.MANAGEMENT))
"""Who looks at what is none of their own business."""


class _Asking(NamedTuple):
    """Whoever asks, and when. `session` is theirs, None for who only has a part in it."""

    person: Person
    passkeys: int
    now: datetime
    session: SessionState | None = None

    def check_log_in(self) -> None:
        """Raise `Forbidden` unless they may say now what a second person is to approve."""
        if self.session is not None:
            check_asks_two(self.session, self.now)


@dataclass(kw_only=True, eq=False)
class Approvals(Feature):
    """Keeps requests for two persons from the first word to the act.

    `ledger_keys` are those that may have signed lines of the ledger, in which it stands whose each passkey is.
    """

    database: Database
    clock: Clock
    proving: Proving
    ledger_keys: Sequence[PublicKey]
    people: People
    grants: Grants
    sessions: Sessions

    # ── asked for, changed, ended ─────────────────────────────────────────────────────────────────────────────

    @answers(calls.RequestApproval)
    def request_approval(self, call: calls.RequestApproval) -> calls.ApprovalWhole:
        """Ask for an act that takes two persons."""

        def ask(tx: Transaction, asking: _Asking) -> Approval:
            asking.check_log_in()
            act = self._act(call.act)
            known = store.lock(tx, call.approval_id)
            if known is not None:
                return _asked_before(known, call, asking)
            approval = rules.frozen(
                call.approval_id, call.act, act, call.asked, by=asking.person.code, now=asking.now
            )
            self._permit(tx, asking, act, call.asked)
            self._check_named(tx, call.asked)
            self._check_new(tx, approval, act, asking.now)
            if store.count_open(tx, asking.person.code) >= rules.OPEN_MOST:
                raise Conflict("So many requests of one person are open.", details={"reason": "too_many"})
            if not store.add(tx, approval):
                raise Conflict("There is another request with this id.", details={"reason": "known_id"})
            request = approval.request
            event = ApprovalRequested(approval_id=request.id, act=Code(request.act), expires_at=request.expires_at)
            tx.outbox.add(event, now=asking.now)
            return approval

        return self._whole(*self._attempt(call.token, "request", call.approval_id, call.act, ask))

    @answers(calls.EditApproval)
    def edit_approval(self, call: calls.EditApproval) -> calls.ApprovalWhole:
        """Change what is asked for: it is another request, which nobody has approved, nor had carried out."""

        def edit(tx: Transaction, asking: _Asking) -> Approval:
            asking.check_log_in()
            approval = self._visible(tx, call.approval_id, asking, locked=True)
            request = rules.check_editable(approval, call.version, asking.now)
            act = self._act(request.act)
            self._permit(tx, asking, act, request.asked)
            changed = rules.edited(approval, act, call.asked, by=asking.person.code, now=asking.now)
            self._permit(tx, asking, act, call.asked)
            self._check_named(tx, call.asked)
            self._check_new(tx, changed, act, asking.now)
            store.edit(tx, changed)
            edited = ApprovalEdited(approval_id=request.id, act=Code(request.act))
            tx.outbox.add(edited, now=asking.now)
            return changed

        return self._whole(*self._attempt(call.token, "edit", call.approval_id, None, edit))

    @answers(calls.WithdrawApproval)
    def withdraw_approval(self, call: calls.WithdrawApproval) -> calls.ApprovalShown:
        """Take back what one has asked for."""

        def withdraw(tx: Transaction, asking: _Asking) -> Approval:
            approval = self._visible(tx, call.approval_id, asking, locked=True)
            request = rules.check_changeable(approval, call.version, asking.now)
            rules.check_own(request, asking.person.code)
            return self._end(tx, request, ApprovalEnding.WITHDRAWN, None, asking.now)

        return self._shown(*self._attempt(call.token, "withdraw", call.approval_id, None, withdraw))

    @answers(calls.RefuseApproval)
    def refuse_approval(self, call: calls.RefuseApproval) -> calls.ApprovalShown:
        """Refuse what another person has asked for."""

        def refuse_it(tx: Transaction, asking: _Asking) -> Approval:
            approval = self._visible(tx, call.approval_id, asking, locked=True)
            request = rules.check_changeable(approval, call.version, asking.now)
            rules.check_another(request, asking.person.code)
            self._permit(tx, asking, self._act(request.act), request.asked)
            return self._end(tx, request, ApprovalEnding.REFUSED, call.reason, asking.now)

        return self._shown(*self._attempt(call.token, "refuse", call.approval_id, None, refuse_it))

    # ── approved ──────────────────────────────────────────────────────────────────────────────────────────────

    @answers(calls.ApprovalOptions)
    def approval_options(self, call: calls.ApprovalOptions) -> calls.ApprovalOptionsShown:
        """What one signs to approve."""
        keys: list[Any] = []

        def look(tx: Transaction, asking: _Asking) -> Approval:
            approval = self._visible(tx, call.approval_id, asking, locked=True)
            self._approvable(tx, approval, call.version, asking)
            keys.extend(authentication.live_passkeys(tx, asking.person.id))
            return approval

        approval, _ = self._attempt(call.token, "approve", call.approval_id, None, look)
        return calls.ApprovalOptionsShown(options=self.proving.request_options(approval.challenge, keys))

    @answers(calls.Approve)
    def approve(self, call: calls.Approve) -> calls.ApprovalShown:
        """Approve a version with a passkey."""

        def approve_it(tx: Transaction, asking: _Asking) -> Approval | Refused:
            approval = self._visible(tx, call.approval_id, asking, locked=True)
            request = self._approvable(tx, approval, call.version, asking)
            person, now = asking.person, asking.now
            judged = self.proving.judge(tx, approval.challenge, call.assertion, now, of=person.id)
            passkey = judged.passkey
            if passkey is None or judged.refusal is not None:
                why, passkey_id = judged.refusal or "unknown_key", passkey.id if passkey else None
                return refuse(
                    tx, PURPOSE, why, attempt_id=request.id, person=person, passkey_id=passkey_id, now=now
                )
            line = passkey.enrolment_line
            if line is None:
                raise Conflict(
                    "The ledger has not told of this key yet: try again in a minute.",
                    details={"reason": "enrolment_not_recorded"},
                )
            brakes.release(tx, about(PURPOSE, person))
            answer = call.assertion.response
            signed = Signed(
                public_key=encode(passkey.public_key),
                client_data=answer.client_data,
                authenticator_data=answer.authenticator_data,
                signature=answer.signature,
            )
            store.approve(
                tx, request.id, code=person.code, passkey_id=passkey.id, signed=signed, enrolment=line, now=now
            )
            approved = self._locked(tx, request.id)
            self._check_proof(tx, approved, person.code)
            given = ApprovalGiven(approval_id=request.id, act=Code(request.act), passkey_id=passkey.id)
            tx.outbox.add(given, now=now)
            return approved

        return self._shown(*self._attempt(call.token, "approve", call.approval_id, None, approve_it))

    def _approvable(self, tx: Transaction, approval: Approval, version: int, asking: _Asking) -> FrozenRequest:
        request = rules.check_approver(approval, asking.person.code, version, asking.now)
        self._check_apart(tx, request, asking.person.code)
        self._permit(tx, asking, self._act(request.act), request.asked)
        return request

    def _check_apart(self, tx: Transaction, request: FrozenRequest, approver: str) -> None:
        """Raise `Forbidden` where one person could be behind both: one of them made the other's link."""
        rules.check_apart(request, approver, makers_of=self.people.makers(tx))

    # ── carried out ───────────────────────────────────────────────────────────────────────────────────────────

    def cleared(
        self, tx: Transaction, approval_id: UUID, person: Person, asked: ActAsked, now: datetime
    ) -> ApprovedBy:
        """That this act was approved, as it is carried out now by one of the two. Raises `Refused`.

        All is looked at again: both may still do it, and the key proves it as it did.
        """
        approval = self._locked(tx, approval_id)
        request = rules.check_carried_out(approval, person.code, name=asked.act, digest=asked.digest, now=now)
        if asked.account_id != rules.account_of(request.asked):
            raise Forbidden("this is not what was approved", details={"reason": "another_request"})
        approver = approval.approved_by or ""
        for code in {request.requested_by, approver}:
            other = self.people.person_of_code(tx, code)
            if other is None:
                raise Forbidden("one of the two is gone", details={"reason": "person_left"})
            keys = authentication.count_passkeys(tx, other.id)
            self._permit(tx, _Asking(other, keys, now), self._act(request.act), request.asked)
        self._check_apart(tx, request, approver)
        self._check_named(tx, request.asked)
        self._check_proof(tx, approval, approver)
        store.clear(tx, request.id, now)
        return ApprovedBy(id=request.id, requested_by=request.requested_by, approved_by=approver)

    def rehearsed(self, tx: Transaction, approval_id: UUID | None, person: Person) -> ApprovedBy:
        """The two persons of an act that is only tried: somebody else would approve what this person asks for.

        Of a request that was made it is who made it, and who approved it or would, which is whoever looks.
        """
        approval = None if approval_id is None else store.get(tx, approval_id)
        if approval is None:
            return ApprovedBy(
                id=approval_id or new_id(), requested_by=person.code, approved_by=rules.ANOTHER_PERSON
            )
        asked_by = approval.request.requested_by
        would = rules.ANOTHER_PERSON if person.code == asked_by else person.code
        return ApprovedBy(id=approval.request.id, requested_by=asked_by, approved_by=approval.approved_by or would)

    def _check_proof(self, tx: Transaction, approval: Approval, approver: str) -> None:
        """Whatever is written in the rows: the key signed just this request, and is good still.

        It is the approver's by a line that the ledger signed: a row of a key, changed here, makes nobody a second
        person. Whoever writes the outbox of this database could have the ledger sign a line (ADR 0038).
        """
        person = self.people.person_of_code(tx, approver)
        live = authentication.live_passkeys(tx, person.id) if person else []
        keys = [encode(each.public_key) for each in live if each.id == approval.passkey_id]
        try:
            if approval.signed is None or approval.signed.public_key not in keys:
                raise ApprovalError("revoked_key")  # noqa: TRY301  # one of the many reasons, told like them
            verify(self._file(approval), approval.challenge, self.ledger_keys)
        except ApprovalError as error:
            raise Forbidden("the approval proves nothing", details={"reason": error.reason}) from None

    def _file(self, approval: Approval) -> ApprovalFile:
        """All that proves an approval, for this site. Raises `Conflict` where nobody has approved it."""
        if approval.signed is None or approval.approved_at is None or approval.enrolment is None:
            raise Conflict("Nobody has approved it.", details={"reason": "not_approved"})
        party = self.proving.party
        return ApprovalFile(
            request=approval.request,
            approved_by=approval.approved_by or "",
            approved_at=approval.approved_at,
            site=Site(id=party.id, origin=party.origin),
            signed=approval.signed,
            enrolment=approval.enrolment.decode("ascii"),
        )

    @handles(ActCarriedOut, sources=SERVICES)
    def note_carried_out(self, message: Received[ActCarriedOut], tx: Transaction) -> None:
        """The service has done it, once; the approval is over, and was done however it has ended meanwhile."""
        approval, act = store.lock(tx, message.event.approval_id), message.event.act
        if approval is None or approval.request.act != act:
            return
        if not act.startswith(f"{message.source}."):
            raise Permanent("a service tells of an act of another one")
        if message.event.request not in (None, hex_digest(approval.request.digest)):
            raise Permanent("something else was done than what stands as approved")
        with acting_as(message.actor):
            if approval.ended_at is None:
                self._end(tx, approval.request, ApprovalEnding.CARRIED_OUT, None, self.clock.now())
            elif approval.signed is not None and store.done_after_all(tx, approval.request.id, by=message.actor):
                self._tell_ended(tx, approval.request, ApprovalEnding.CARRIED_OUT, None, self.clock.now())

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────

    @answers(calls.ShowApproval)
    def show_approval(self, call: calls.ShowApproval) -> calls.ApprovalWhole:
        """A request with what is said in it."""
        with self.database.transaction() as tx:
            asking = self._asking(tx, call.token)
            approval = self._visible(tx, call.approval_id, asking)
            approvable = self._approves(tx, asking)(approval)
            return calls.ApprovalWhole(
                **_fields(approval, asking, approvable=approvable), asked=approval.request.asked
            )

    @answers(calls.ListApprovals)
    def list_approvals(self, call: calls.ListApprovals) -> calls.ApprovalsShown:
        """Requests in one state that concern whoever asks."""
        with self.database.transaction() as tx:
            asking = self._asking(tx, call.token)
            found = store.listed(
                tx,
                state=call.state,
                business=self._business(tx, asking),
                code=asking.person.code,
                now=asking.now,
                page=call,
            )
            approvals, following = cut(
                found, call.limit, lambda each: Place(each.ended_at or each.request.requested_at, each.request.id)
            )
            approves = self._approves(tx, asking)
            return calls.ApprovalsShown(
                approvals=tuple(
                    calls.ApprovalShown(**_fields(each, asking, approvable=approves(each))) for each in approvals
                ),
                next_after=following,
            )

    @answers(calls.ExportApproval)
    def export_approval(self, call: calls.ExportApproval) -> calls.ApprovalDocument:
        """All that proves the approval."""
        with self.database.transaction() as tx:
            approval = self._visible(tx, call.approval_id, self._asking(tx, call.token))
        return calls.ApprovalDocument(document=json.dumps(self._file(approval).to_json(), indent=2, sort_keys=True))

    # ── on time, and what waits ───────────────────────────────────────────────────────────────────────────────

    @every(seconds=60, irreversible=True)
    def end_expired_approvals(self) -> None:
        """Tell of those whose time is over. From their last instant they have been good for nothing."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            for approval_id in store.expired(tx, now, done_by=rules.done_by(now), limit=AT_ONCE):
                self._end(tx, self._locked(tx, approval_id).request, ApprovalEnding.EXPIRED, None, now)

    @alarm("approvals_wait", says="acts that wait for the approval of another person", act="vilkar approval list")
    def approvals_waiting(self, tx: Transaction, now: datetime) -> Waiting | None:
        """Whoever asked cannot go on alone."""
        return Waiting.of(store.waiting(tx, now))

    @probe(
        protection.AUTHORISED_STAFF_ONLY,
        nb="godkjenninger som er gitt av en som ikke er en annen person",
        en="approvals given by somebody who is not another person",
        seconds=DAILY,
    )
    def approved_by_themselves(self, tx: Transaction, _now: datetime) -> Row | None:
        """Whoever asked for it, changed it last, or is concerned by it."""
        return store.approved_by_themselves(tx)

    # ── parts ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _asking(self, tx: Transaction, token: str) -> _Asking:
        """Whoever holds this session. Raises `Unauthenticated`."""
        now = self.clock.now()
        session = self.sessions.use(tx, token, now)
        keys = authentication.count_passkeys(tx, session.person.id)
        return _Asking(session.person, keys, now, session.state)

    def _attempt(
        self,
        token: str,
        wanted: str,
        approval_id: UUID,
        name: str | None,
        do: Callable[[Transaction, _Asking], Approval | Refused],
    ) -> tuple[Approval, _Asking]:
        """Do it; where it is refused nothing changes but that it is told, and the refusal is raised after that."""
        with self.database.transaction() as tx:
            asking = self._asking(tx, token)
            with acting_as(asking.person.actor):
                outcome = self._outcome(tx, asking, do)
                if isinstance(outcome, Refused):
                    known = store.get(tx, approval_id)
                    act = known.request.act if known else name if name in acts() else None
                    not_taken = ApprovalNotTaken(
                        approval_id=approval_id,
                        act=Code(act or "unknown"),
                        wanted=Code(wanted),
                        reason=Code(str(outcome.details.get("reason", outcome.code))),
                    )
                    tx.outbox.add(not_taken, now=asking.now)
        if isinstance(outcome, Refused):
            raise outcome
        return outcome, asking

    def _outcome(
        self, tx: Transaction, asking: _Asking, do: Callable[[Transaction, _Asking], Approval | Refused]
    ) -> Approval | Refused:
        try:
            with tx.savepoint():
                return do(tx, asking)
        except Refused as error:
            return error

    def _locked(self, tx: Transaction, approval_id: UUID) -> Approval:
        approval = store.lock(tx, approval_id)
        if approval is None:
            raise NotFound
        return approval

    def _act(self, name: str) -> Act:
        """The act of this name, which takes two persons. Raises `Forbidden`."""
        known = acts().get(name)
        if known is None or not known.act.two_persons:
            raise Forbidden("this takes no second person", details={"reason": "not_for_two"})
        return known.act

    def _permit(self, tx: Transaction, asking: _Asking, act: Act, fields: Mapping[str, Any]) -> None:
        """Raise `Forbidden` with its reason unless this person may do that now."""
        asked = AskedAct(act=act, account_id=rules.account_of(fields))
        self.grants.permit(tx, asking.person, asked, passkeys=asking.passkeys, now=asking.now)

    def _check_named(self, tx: Transaction, fields: Mapping[str, Any]) -> None:
        """Raise `Invalid` where a field names somebody who is none of the staff, or no longer."""
        named = rules.named_persons(fields).items()
        rules.check_named((name, self.people.person_of_code(tx, code)) for name, code in named)

    @staticmethod
    def _check_new(tx: Transaction, approval: Approval, act: Act, now: datetime) -> None:
        """Raise `Conflict` where just this is asked for already: whoever asks is told of that request."""
        known = store.equal(tx, approval.request, act.chosen or "", now)
        if known is not None:
            details = {"reason": "asked_already", "approval_id": str(known)}
            raise Conflict("This is asked for already.", details=details)

    def _end(
        self, tx: Transaction, request: FrozenRequest, reason: ApprovalEnding, because: str | None, now: datetime
    ) -> Approval:
        store.end(tx, request.id, reason, by=current().actor, now=now)
        self._tell_ended(tx, request, reason, because, now)
        return self._locked(tx, request.id)

    @staticmethod
    def _tell_ended(
        tx: Transaction, request: FrozenRequest, reason: ApprovalEnding, because: str | None, now: datetime
    ) -> None:
        ended = ApprovalEnded(
            approval_id=request.id,
            act=Code(request.act),
            reason=Code(reason.value),
            because=Code(because) if because else None,
        )
        tx.outbox.add(ended, now=now)

    def _visible(self, tx: Transaction, approval_id: UUID, asking: _Asking, *, locked: bool = False) -> Approval:
        """The request, `locked` until the transaction ends. Raises `NotFound` also for whom it is no business.

        Where it stands, and why nothing can be done with it, is told to nobody else.
        """
        approval = (store.lock if locked else store.get)(tx, approval_id)
        if approval is None or not self._may_see(tx, asking)(approval):
            raise NotFound
        return approval

    def _may_see(self, tx: Transaction, asking: _Asking) -> Callable[[Approval], bool]:
        """Whether it is the person's business: they have a part in it, may have one, or look at all of it."""
        business = self._business(tx, asking)

        def may(approval: Approval) -> bool:
            request = approval.request
            about = (request.act, rules.account_of(request.asked))
            has_part = asking.person.code in (*request.involved, approval.approved_by)
            return has_part or request.act in business.acts or about in business.about

        return may

    def _business(self, tx: Transaction, asking: _Asking) -> Business:
        """Which requests are the person's business: all of them, or those for what they may do."""
        permitted = self._permitted(tx, asking)
        names = {name: known.act for name, known in acts().items() if known.act.two_persons}
        if permitted(AskedAct(act=READS_ALL)):
            return Business(acts=frozenset(names))
        everywhere = frozenset(name for name, act in names.items() if permitted(AskedAct(act=act)))
        within: set[tuple[str, UUID]] = set()
        for grant in self.grants.of(tx, asking.person.id):
            if not grant.accounts or not grant.is_live_at(asking.now):
                continue
            for name, act in names.items():
                by = act if grant.role in act.roles else READS_ALL
                if grant.role in by.roles and permitted(AskedAct(act=by, account_id=min(grant.accounts))):
                    within.update((name, account) for account in grant.accounts)
        return Business(acts=everywhere, about=frozenset(within))

    def _approves(self, tx: Transaction, asking: _Asking) -> Callable[[Approval], bool]:
        """Whether the person may approve it now. Nothing is told of looking."""
        permitted, makers_of = self._permitted(tx, asking), self.people.makers(tx)

        def approves(approval: Approval) -> bool:
            request = approval.request
            known = acts().get(request.act)
            try:
                rules.check_approver(approval, asking.person.code, request.version, asking.now)
                rules.check_apart(request, asking.person.code, makers_of=makers_of)
            except Refused:
                return False
            asked_of = rules.account_of(request.asked)
            return known is not None and permitted(AskedAct(act=known.act, account_id=asked_of))

        return approves

    def _permitted(self, tx: Transaction, asking: _Asking) -> Callable[[AskedAct], bool]:
        permits = self.grants.permits(tx, asking.person, passkeys=asking.passkeys, now=asking.now)

        def permitted(asked: AskedAct) -> bool:
            try:
                permits(asked)
            except Forbidden:
                return False
            return True

        return permitted

    def _shown(self, approval: Approval, asking: _Asking) -> calls.ApprovalShown:
        return calls.ApprovalShown(**_fields(approval, asking))

    def _whole(self, approval: Approval, asking: _Asking) -> calls.ApprovalWhole:
        return calls.ApprovalWhole(**_fields(approval, asking), asked=approval.request.asked)


def _asked_before(known: Approval, call: calls.RequestApproval, asking: _Asking) -> Approval:
    """What was asked for under this id, where it was the same."""
    request = known.request
    same = (request.act, dict(request.asked), request.requested_by)
    if known.state is not ApprovalState.ENDED and same == (call.act, dict(call.asked), asking.person.code):
        return known
    raise Conflict("There is another request with this id.", details={"reason": "known_id"})


def _fields(approval: Approval, asking: _Asking, *, approvable: bool = False) -> dict[str, Any]:
    request = approval.request
    return {
        "approval_id": request.id,
        "act": request.act,
        "state": approval.state.value,
        "version": request.version,
        "requested_by": request.requested_by,
        "edited_by": request.edited_by,
        "subject": request.subject,
        "requested_at": request.requested_at,
        "expires_at": request.expires_at,
        "approved_by": approval.approved_by,
        "approved_at": approval.approved_at,
        "ended_at": approval.ended_at,
        "ended_by": approval.ended_by,
        "ended_because": approval.ended_because.value if approval.ended_because else None,
        "approvable": approvable,
        "mine": asking.person.code in (request.requested_by, request.edited_by),
    }
