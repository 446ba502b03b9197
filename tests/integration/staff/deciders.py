"""People of the staff who may decide something: enrolled, sworn in, trained, and granted a role."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.staff.approvals.calls import (
    ApprovalOptions,
    ApprovalShown,
    ApprovalWhole,
    Approve,
    EditApproval,
    RequestApproval,
)
from services.staff.authentication import store as authentication
from services.staff.grants.calls import GiveGrant, GrantShown
from services.staff.passkeys.events import PasskeyEnrolled
from services.staff.passkeys.facts import PasskeyFacts
from services.staff.prerequisites.calls import RecordTraining, SignUndertaking, UndertakingText
from services.staff.statements.calls import ActAsked, ActSigned, SignStatements, StatementsSigned, TellSeen
from shared.context import acting_as
from shared.privacy.ledger_lines import Entry, Fact, Mark
from shared.signing import SigningKey
from shared.staff import Purpose, Role
from shared.statements import call_digest
from tests.in_process import ask
from tests.integration.staff.colleague import PARTY, Colleague, assertion
from tests.staff_statements import decide
from tests.unit.privacy.ledger_samples import KEY, received

LEDGER_KEY: SigningKey = KEY
HOLD = {
    "account_id": "0192f6c0-0000-7000-8000-00000000000a",
    "user_ids": [],
    "categories": ["letters"],
    "reason": "dispute",
    "case_ref": "tvist-2026-1",
    "owner": "staff:kari",
    "starts_on": "2026-11-23",
    "review_on": "2027-01-23",
}


def tell_ledger(stage: Any, *, key: SigningKey = LEDGER_KEY) -> None:
    """What retention and the service's gate do: enrolments become signed lines, which the service keeps."""
    rows = stage.rows("SELECT body FROM outbox WHERE routing_key = 'passkey.enrolled' ORDER BY id")
    with stage.database.transaction() as tx:
        for position, (body,) in enumerate(rows):
            event = PasskeyEnrolled.from_data(json.loads(bytes(body))["data"])
            if authentication.enrolment(tx, event.passkey_id) is not None:
                continue  # a ledger has told of it before
            fact = Fact.of_event(received(event, at=stage.clock.now()))
            entry = Entry.make(fact, after=Mark(position, "0" * 64), at=stage.clock.now(), key=key)
            PasskeyFacts().replay(tx, entry)
            assert PasskeyFacts().verify(tx, entry)


@dataclass
class Decider(Colleague):
    """Somebody who acts by what they are granted."""

    @classmethod
    def sworn(cls, stage: Any, code: str, *roles: Role, purpose: Purpose = Purpose.DISPUTE) -> Decider:
        """With an undertaking, training and these roles, and an enrolment that the ledger tells of."""
        person = cls.arrived(stage, code)
        assert isinstance(person, cls)
        person.swear()
        with acting_as("staff:chief"):
            trained = RecordTraining(code=code, course="privacy-2026", completed_on=stage.clock.now().date())
            ask(stage.service, trained)
        for role in roles:
            person.granted(role, purpose)
        tell_ledger(stage)
        return person

    def come_by(self, link: str) -> None:
        """Enrol by the link and sign; the ledger tells of the keys."""
        self.enrol_both(link)
        self.swear()
        tell_ledger(self.stage)

    def swear(self) -> None:
        """Sign the undertaking."""
        text = ask(self.stage.service, UndertakingText(language="nb"))
        ask(self.stage.service, SignUndertaking(token=self.token, text_sha256=text.sha256))

    def granted(
        self,
        role: Role,
        purpose: Purpose = Purpose.DISPUTE,
        last_day: date | None = None,
        account_ids: tuple[UUID, ...] = (),
    ) -> GrantShown:
        last_day = last_day or (self.stage.clock.now() + timedelta(days=300)).date()
        asked = GiveGrant(
            code=self.code, role=role, purpose=purpose, last_day=last_day, account_ids=account_ids
        ).to_json()
        two = {"requested_by": "staff:chief", "approved_by": "staff:boss"}
        return GrantShown.from_json(decide(self.stage.service, "give_grant", **asked, **two))

    # ── statements ──

    def sign(self, *asked: ActAsked, purpose: Purpose | None = None) -> list[ActSigned]:
        return list(self.signing(*asked, purpose=purpose).statements)

    def signing(self, *asked: ActAsked, purpose: Purpose | None = None) -> StatementsSigned:
        return ask(self.stage.service, SignStatements(token=self.token, acts=asked, purpose=purpose))

    def tell_seen(self, reading_id: UUID | None, account_id: str, *user_ids: str) -> None:
        seen = [{"account_id": account_id, "user_ids": list(user_ids), "persons": len(user_ids)}]
        telling = TellSeen.from_json({"token": self.token, "reading_id": str(reading_id), "seen": seen})
        ask(self.stage.service, telling)

    # ── approvals ──

    def request(
        self,
        act: str = "retention.place_hold",
        fields: Mapping[str, Any] = HOLD,
        *,
        approval_id: UUID | None = None,
    ) -> ApprovalWhole:
        call = RequestApproval(token=self.token, approval_id=approval_id or uuid4(), act=act, asked=fields)
        return ask(self.stage.service, call)

    def edit(self, seen: ApprovalShown, fields: Mapping[str, Any]) -> ApprovalWhole:
        call = EditApproval(token=self.token, approval_id=seen.approval_id, version=seen.version, asked=fields)
        return ask(self.stage.service, call)

    def signature(self, seen: ApprovalShown, *, key: int = 0) -> dict[str, Any]:
        """What a browser brings, as somebody has signed this version."""
        call = ApprovalOptions(token=self.token, approval_id=seen.approval_id, version=seen.version)
        return self.keys[key].get(ask(self.stage.service, call).options.to_json(), PARTY)

    def approve(self, seen: ApprovalShown, answer: dict[str, Any] | None = None, **changes: Any) -> ApprovalShown:
        proof = assertion(answer or self.signature(seen), **changes)
        call = Approve(token=self.token, approval_id=seen.approval_id, version=seen.version, assertion=proof)
        return ask(self.stage.service, call)


def asked_for(act: str, fields: Mapping[str, Any], approval_id: UUID | None = None) -> ActAsked:
    """What the desk asks to have signed for a call."""
    service, _, method = act.partition(".")
    account_id = fields.get("account_id")
    return ActAsked(
        act=act,
        digest=call_digest(service, method, fields),
        account_id=UUID(account_id) if account_id else None,
        approval_id=approval_id,
    )
