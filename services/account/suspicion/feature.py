"""What staff decide about an account: attempts to reach the customer, a protective block, who may instruct."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.account.accounts.calls import AccountChanged, AtVersion
from services.account.accounts.publishing import publish_change
from services.account.accounts.rules import check_version
from services.account.accounts.values import AccountState
from services.account.authorisation.access import enter_as_staff
from services.account.deactivation.calls import DeactivateAccount
from services.account.suspicion import calls, rules, store
from services.account.suspicion.events import AccountBlocked, AccountUnblocked, InstructionsAllowed
from services.account.suspicion.values import REASONS, ContactAttempt
from services.account.tickets.link_endings import Change
from services.account.tickets.store import end_links_of_account
from shared.bus import Feature, answers
from shared.bus.alarms import Waiting, alarm
from shared.bus.probes import HOURLY, probe
from shared.calendar import oslo_date
from shared.clock import Clock
from shared.database import Database, Row, Transaction
from shared.errors import Conflict
from shared.events import Code
from shared.terms.clauses import monitoring
from shared.terms.parameters import in_force


@dataclass(eq=False)
class Suspicion(Feature):
    """Decisions that only staff take, each with a reason from a closed list."""

    database: Database
    clock: Clock

    # ── before an account is closed ───────────────────────────────────────────────────────────────────────

    @answers(calls.RecordContact)
    def record_contact(self, call: calls.RecordContact, tx: Transaction) -> calls.ContactRecorded:
        """Note an attempt to reach the customer."""
        account, now = enter_as_staff(tx, call), self.clock.now()
        attempted_on = call.attempted_on or oslo_date(now)
        rules.check_attempt(attempted_on, oslo_date(now))
        attempt = ContactAttempt(channel=call.channel, outcome=call.outcome, attempted_on=attempted_on)
        store.add_contact_attempt(tx, account.id, attempt, actor=str(call.actor), now=now)
        return calls.ContactRecorded(attempts=len(store.contact_attempts(tx, account.id)))

    @answers(calls.Contacts)
    def contacts(self, call: calls.Contacts) -> calls.ContactsShown:
        """The attempts to reach the customer, oldest first."""
        with self.database.transaction() as tx:
            account = enter_as_staff(tx, call)
            return calls.ContactsShown(
                attempts=tuple(calls.ContactShown(**row) for row in store.contact_rows(tx, account.id))
            )

    def check_deactivation(self, tx: Transaction, call: DeactivateAccount, account_id: UUID) -> str | None:
        """Why staff make it inactive; None where the customer does. Raises where more has to be done before."""
        if call.actor.kind != "staff":
            return None
        attempts = store.contact_attempts(tx, account_id)
        rules.check_staff_deactivation(call.reason, attempts, oslo_date(self.clock.now()))
        return call.reason

    # ── a block, and who may instruct ─────────────────────────────────────────────────────────────────────

    @answers(calls.BlockAccount)
    def block_account(self, call: calls.BlockAccount, tx: Transaction) -> AccountChanged:
        """Close an account at once to protect it: nobody gets in, nothing is erased, no months begin.

        Whose session or link it was that made the block needful is not known, so none outlives it.
        """
        account, now = _enter(tx, call), self.clock.now()
        if account.state != "active" or account.blocked:
            raise Conflict("is inactive or blocked already", details={"version": account.version})
        store.block_account(tx, account.id, reason=call.reason, now=now)
        end_links_of_account(tx, account.id, Change.ACCOUNT_BLOCKED, now=now)
        event = AccountBlocked(account_id=account.id, reason=Code(call.reason))
        return publish_change(tx, call.actor, account, event, now=now)

    @answers(calls.UnblockAccount)
    def unblock_account(self, call: calls.UnblockAccount, tx: Transaction) -> AccountChanged:
        """Open a blocked account again."""
        account, now = _enter(tx, call), self.clock.now()
        if not account.blocked:
            raise Conflict("is not blocked", details={"version": account.version})
        store.unblock_account(tx, account.id)
        return publish_change(tx, call.actor, account, AccountUnblocked(account_id=account.id), now=now)

    @answers(calls.LetInstruct)
    def let_instruct(self, call: calls.LetInstruct, tx: Transaction) -> AccountChanged:
        """Let the owners of a bankrupt company instruct again, after a person has looked at who they are."""
        account, now = _enter(tx, call), self.clock.now()
        if account.register_outcome != "bankrupt" or account.owner_may_instruct:
            raise Conflict("nothing keeps the owners from instructing", details={"version": account.version})
        store.let_instruct(tx, account.id, now=now)
        event = InstructionsAllowed(account_id=account.id, reason=Code(call.reason))
        return publish_change(tx, call.actor, account, event, now=now)

    # ── what waits for a person ───────────────────────────────────────────────────────────────────────────

    @probe(
        monitoring.DIALOGUE_BEFORE_DELETION,
        nb="kontoer gjort inaktive på mistanke uten at kunden er forsøkt kontaktet",
        en="accounts made inactive on suspicion although the customer was not approached",
        seconds=HOURLY,
    )
    def customers_not_approached(self, tx: Transaction, now: datetime) -> Row | None:
        """As often and by as many channels as is promised now."""
        today = oslo_date(now)
        wanted = {name: in_force(f"suspicion.contact_{name}", today).default for name in ("attempts", "channels")}
        reasons = [reason for reason, is_suspicion in REASONS.items() if is_suspicion]
        return store.not_approached(tx, reasons, **wanted)

    @alarm(
        "companies_bankrupt",
        says="bankrupt companies whose owners may not instruct",
        act="vilkar account find --review",
    )
    def bankrupt_companies(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """A person asks for the trustee, or lets the owner instruct."""
        return Waiting.of(store.bankrupt_waiting(tx))

    @alarm(
        "accounts_blocked",
        says="accounts that are blocked: the customer is to be talked with",
        act="vilkar account contact",
    )
    def blocked_accounts(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """A block protects; it is followed by a dialogue and ends by a decision."""
        return Waiting.of(store.blocked_waiting(tx))


def _enter(tx: Transaction, call: AtVersion) -> AccountState:
    """The account, locked, of the version last read."""
    account = enter_as_staff(tx, call)
    check_version(account.version, call.version)
    return account
