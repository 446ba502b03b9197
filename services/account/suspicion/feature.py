"""What staff decide about an account: attempts to reach the customer, a protective block, who may instruct."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.account import rules
from services.account.accounts.calls import AccountChanged, ForAccount
from services.account.accounts.values import AccountState
from services.account.companies.calls import CorrectOrgNumber
from services.account.companies.events import AccountUpdated
from services.account.deactivation.calls import DeactivateAccount
from services.account.entry import not_under_erasure
from services.account.suspicion import suspicion_rules
from services.account.suspicion.calls import (
    BlockAccount,
    ContactRecorded,
    Contacts,
    ContactShown,
    ContactsShown,
    LetInstruct,
    RecordContact,
    UnblockAccount,
)
from services.account.suspicion.events import AccountBlocked, AccountUnblocked, InstructionsAllowed
from services.account.suspicion.suspicion_rules import ContactAttempt
from services.account.termination.feature import Termination
from shared.bus import answers
from shared.bus.alarms import Waiting, alarm
from shared.calendar import oslo_date
from shared.database import Transaction
from shared.errors import Conflict, Forbidden
from shared.events import Code
from shared.identifiers import new_id


class StaffDecisions(Termination):
    """Decisions that only staff take, each with a reason from a closed list."""

    def _by_staff(self, tx: Transaction, call: ForAccount) -> AccountState:
        account, acting_row = self.enter(tx, call, lock="update", even_inactive=True)
        if acting_row is not None:
            raise Forbidden("staff decide this")
        return account

    @answers(RecordContact)
    def record_contact(self, call: RecordContact, tx: Transaction) -> ContactRecorded:
        """Note an attempt to reach the customer."""
        account, now = self._by_staff(tx, call), self.clock.now()
        attempted_on = call.attempted_on or oslo_date(now)
        suspicion_rules.check_attempt(attempted_on, oslo_date(now))
        attempt = ContactAttempt(channel=call.channel, outcome=call.outcome, attempted_on=attempted_on)
        self.store.add_contact_attempt(tx, new_id(), account.id, attempt, actor=str(call.actor), now=now)
        return ContactRecorded(attempts=len(self.store.contact_attempts(tx, account.id)))

    @answers(Contacts)
    def contacts(self, call: Contacts) -> ContactsShown:
        """The attempts to reach the customer, oldest first."""
        with self.database.transaction() as tx:
            account = self._by_staff(tx, call)
            return ContactsShown(
                attempts=tuple(ContactShown(**row) for row in self.store.contact_rows(tx, account.id))
            )

    def check_deactivation(self, tx: Transaction, call: DeactivateAccount, account_id: UUID) -> str | None:
        """Why staff make it inactive; None where the customer does. Raises where more has to be done before."""
        if call.actor.kind != "staff":
            return None
        attempts = self.store.contact_attempts(tx, account_id)
        suspicion_rules.check_staff_deactivation(call.reason, attempts, oslo_date(self.clock.now()))
        return call.reason

    @answers(BlockAccount)
    def block_account(self, call: BlockAccount, tx: Transaction) -> AccountChanged:
        """Close an account at once to protect it: nobody gets in, nothing is erased, no months begin."""
        account, now = self._by_staff(tx, call), self.clock.now()
        rules.check_version(account.version, call.version)
        if account.state != "active" or account.blocked:
            raise Conflict("is inactive or blocked already", details={"version": account.version})
        self.store.block_account(tx, account.id, reason=call.reason, now=now)
        event = AccountBlocked(account_id=account.id, reason=Code(call.reason))
        return self.tell_change(tx, call.actor, account, event)

    @answers(UnblockAccount)
    def unblock_account(self, call: UnblockAccount, tx: Transaction) -> AccountChanged:
        """Open a blocked account again."""
        account = self._by_staff(tx, call)
        rules.check_version(account.version, call.version)
        if not account.blocked:
            raise Conflict("is not blocked", details={"version": account.version})
        self.store.unblock_account(tx, account.id)
        event = AccountUnblocked(account_id=account.id)
        return self.tell_change(tx, call.actor, account, event)

    @answers(LetInstruct)
    def let_instruct(self, call: LetInstruct, tx: Transaction) -> AccountChanged:
        """Let the owners of a bankrupt company instruct again, after a person has looked at who they are."""
        account, now = self._by_staff(tx, call), self.clock.now()
        rules.check_version(account.version, call.version)
        if account.register_outcome != "bankrupt" or account.owner_may_instruct:
            raise Conflict("nothing keeps the owners from instructing", details={"version": account.version})
        self.store.let_instruct(tx, account.id, now=now)
        event = InstructionsAllowed(account_id=account.id, reason=Code(call.reason))
        return self.tell_change(tx, call.actor, account, event)

    @answers(CorrectOrgNumber)
    def correct_org_number(self, call: CorrectOrgNumber, tx: Transaction) -> AccountChanged:
        """Correct a mistyped organisation number of the same company; the register is asked about the right one."""
        account, now = self._by_staff(tx, call), self.clock.now()
        rules.require_active(account)
        rules.check_version(account.version, call.version)
        self.check_editable(tx, account.id, None, "company")
        with not_under_erasure():
            columns = self.sealing.company_columns(account.id, {"org_number": call.org_number})
        self.store.update_account(
            tx, account.id, columns | {"language": None}, set_number=True, outcome="provisional", retry_at=now
        )
        event = AccountUpdated(account_id=account.id, fields=[Code("org_number")])
        return self.tell_change(tx, call.actor, account, event)

    # ── what waits for a person ───────────────────────────────────────────────────────────────────────────

    @alarm(
        "companies_bankrupt",
        says="bankrupt companies whose owners may not instruct",
        act="vilkar account find --review",
    )
    def bankrupt_companies(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """A person asks for the trustee, or lets the owner instruct."""
        return Waiting.of(self.store.bankrupt_waiting(tx))

    @alarm(
        "accounts_blocked",
        says="accounts that are blocked: the customer is to be talked with",
        act="vilkar account contact",
    )
    def blocked_accounts(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """A block protects; it is followed by a dialogue and ends by a decision."""
        return Waiting.of(self.store.blocked_waiting(tx))
