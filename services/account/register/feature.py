"""What the business register says of companies: asked at sign-up, and again and again from then on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.account.accounts import store as accounts
from services.account.field_encryption.sealing import Sealing
from services.account.register import rules, store
from services.account.register.business_register import BusinessRegister
from services.account.register.events import AccountRegisterChecked
from services.account.register.values import Finding
from shared import log
from shared.bus import Feature, every
from shared.bus.probes import HOURLY, probe
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.database.pool import Row
from shared.errors import VilkarError
from shared.events import Code
from shared.terms.clauses import monitoring

CHECKS_A_TURN: Final = 10
LEASE: Final = timedelta(minutes=10)

_log = log.get("account.register")


@dataclass(eq=False)
class Register(Feature):
    """Asking the business register. A register that does not answer never stands in a customer's way."""

    database: Database
    clock: Clock
    sealing: Sealing
    client: BusinessRegister

    def ask(self, name: str, org_number: str | None, now: datetime) -> Finding:
        """What the register says of this company."""
        if org_number is None:
            return Finding(register_outcome="no_number")
        try:
            answer = self.client.look_up(org_number)
        except VilkarError as error:
            _log.warning("register_did_not_answer", exc_info=error)
            retry_at = rules.register_retry_at(1, now)
            return Finding(register_outcome="provisional", register_retry_at=retry_at, register_attempts=1)
        return Finding(
            register_outcome=rules.register_outcome(answer, name),
            org_form=answer.org_form,
            register_checked_at=now,
            register_retry_at=now + rules.REGISTER_ASKED_AGAIN,
        )

    def review_reasons(
        self, tx: Transaction, account_id: UUID, org_number_index: bytes | None, outcome: str
    ) -> list[str]:
        """Why a person should look at the account, which has this number and this outcome."""
        shared = store.number_is_shared(tx, account_id, org_number_index)
        return rules.review_reasons(outcome, number_is_shared=shared)

    @probe(
        monitoring.SUSPICIOUS_ACCOUNTS,
        nb="virksomheter som ikke er sammenlignet med Enhetsregisteret i tide",
        en="companies that were not compared with the business register in time",
        seconds=HOURLY,
    )
    def checks_overdue(self, tx: Transaction, now: datetime) -> Row | None:
        """For more than a day: a register that is away is asked again every six hours."""
        return store.checks_overdue(tx, now - timedelta(days=1))

    @every(seconds=15)
    def check_registers(self) -> None:
        """Ask the register about companies it has not answered for, or whose name or number changed."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            claimed = store.claim_register_checks(tx, now=now, lease_until=now + LEASE, limit=CHECKS_A_TURN)
        for row in claimed:
            try:
                self._check(row, now)
            except VilkarError as error:
                # its claim runs out and it is tried again; the others must not wait for it
                _log.error("register_check_failed", account_id=row["id"], exc_info=error)

    def _check(self, row: Row, now: datetime) -> None:
        opened = self.sealing.opened_company(row)
        if opened["name"] is None or opened["org_number"] is None:
            return
        finding = self.ask(opened["name"], opened["org_number"], now)
        with self.database.transaction() as tx:
            self._save(tx, row, finding, now)

    def _save(self, tx: Transaction, row: Row, finding: Finding, now: datetime) -> None:
        outcome = finding.register_outcome
        if outcome == "provisional":
            retry_at = rules.register_retry_at(row["register_attempts"], now)
            store.put_off_register_check(tx, row, retry_at=retry_at)
            return
        accounts.account(tx, row["id"], "update")
        reasons = self.review_reasons(tx, row["id"], row["org_number_index"], outcome)
        columns = {"outcome": outcome, "org_form": finding.org_form, "review_reasons": reasons}
        retry_at = now + rules.REGISTER_ASKED_AGAIN
        version, is_new = store.save_register_check(tx, row, columns, retry_at=retry_at, now=now)
        if version is None or not is_new:
            return  # changed meanwhile: the claim runs out, and the new state is asked about
        event = AccountRegisterChecked(account_id=row["id"], outcome=Code(outcome), review_required=bool(reasons))
        tx.outbox.add(event, now=now, sequence=version)
