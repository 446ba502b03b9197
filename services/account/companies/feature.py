"""The company: what its people, staff and other services read of it, what is changed in it, how it is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from services.account.accounts import store as accounts
from services.account.accounts.calls import AccountChanged
from services.account.accounts.publishing import acting, publish_change
from services.account.accounts.rules import (
    changes_of,
    check_version,
    is_last_owner,
    is_personal,
    require_active,
)
from services.account.accounts.values import AccountState, UserState
from services.account.authorisation.access import (
    check_editable,
    enter_as_staff,
    enter_to_change,
    enter_to_read,
    stated_purpose,
)
from services.account.companies import calls, rules, store
from services.account.companies.events import AccountsSearched, AccountUpdated
from services.account.field_encryption.sealing import Sealing, not_under_erasure
from shared.bus import Feature, answers
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.database.pool import Row
from shared.errors import NotFound
from shared.events import Code
from shared.identifiers import new_id
from shared.keyset import Place, cut
from shared.records import ABSENT

if TYPE_CHECKING:
    from services.account.agreements.feature import Agreements
    from services.account.termination.feature import Termination

SHOWN_OF_ACCOUNT: Final = (
    "version",
    "state",
    "language",
    "org_form",
    "register_outcome",
    "created_at",
    "accuracy_asked_at",
    "accuracy_confirmed_at",
    "inactivated_at",
    "inactivated_by",
    "inactivation_reason",
    "blocked_at",
    "block_reason",
)


REMOVABLE: Final = ("org_number", "contact_address", "billing_address")
"""What a company may take away again."""


@dataclass(eq=False)
class Companies(Feature):
    """Customers: an account for each company."""

    database: Database
    clock: Clock
    sealing: Sealing
    agreements: Agreements
    termination: Termination

    # ── for its people and for staff ──────────────────────────────────────────────────────────────────────

    @answers(calls.GetAccount)
    def get_account(self, call: calls.GetAccount) -> calls.AccountShown:
        """The company as its people see it; staff see an inactive one too, and leave a trace."""
        with self.database.transaction() as tx:
            enter_to_read(tx, call)
            row = accounts.account_row(tx, call.account_id)
            agreement = self.agreements.latest_shown(tx, call.account_id)
            notice = self.termination.notice(tx, call.account_id)
            months = self.termination.notice_months(tx, call.account_id)
        return calls.AccountShown(
            **{name: row[name] for name in SHOWN_OF_ACCOUNT},
            **self._opened(row),
            account_id=row["id"],
            review_required=bool(row["review_reasons"]),
            review_reasons=tuple(row["review_reasons"]),
            agreement=agreement,
            notice_months=months,
            noticed_on=notice.noticed_on if notice else None,
            notice_ends_on=notice.ends_on if notice else None,
        )

    @answers(calls.UpdateAccount)
    def update_account(self, call: calls.UpdateAccount, tx: Transaction) -> AccountChanged:
        """Change the company's data; a new name or number is checked against the register again."""
        account, _ = enter_to_change(tx, call)
        check_version(account.version, call.version)
        check_editable(tx, account.id, None, "company")
        changes = changes_of(call)
        row = accounts.account_row(tx, account.id)
        had_number = row["org_number_sealed"] is not None
        if "org_number" in changes and had_number:
            rules.check_number_change(self._opened(row)["org_number"], changes["org_number"])
        outcome = rules.outcome_after_change(changes, had_number=had_number)
        return self._update(tx, call, account, changes, outcome)

    @answers(calls.CorrectOrgNumber)
    def correct_org_number(self, call: calls.CorrectOrgNumber, tx: Transaction) -> AccountChanged:
        """Correct a mistyped organisation number of the same company; the register is asked about the right one."""
        account = enter_as_staff(tx, call)
        require_active(account)
        check_version(account.version, call.version)
        check_editable(tx, account.id, None, "company")
        return self._update(tx, call, account, {"org_number": call.org_number}, "provisional")

    @answers(calls.CorrectCompany)
    def correct_company(self, call: calls.CorrectCompany, tx: Transaction) -> AccountChanged:
        """Correct what a company asks staff to, or what we see is wrong; those who answer for it are told."""
        account = enter_as_staff(tx, call)
        require_active(account)
        check_version(account.version, call.version)
        check_editable(tx, account.id, None, "company")
        changes = {name: value for name, value in call.given().items() if name in calls.CORRECTED}
        had_number = accounts.account_row(tx, account.id)["org_number_sealed"] is not None
        outcome = rules.outcome_after_change(changes, had_number=had_number)
        return self._update(tx, call, account, changes, outcome)

    def _update(
        self,
        tx: Transaction,
        call: calls.UpdateAccount | calls.CorrectOrgNumber | calls.CorrectCompany,
        account: AccountState,
        changes: dict[str, Any],
        outcome: str | None,
    ) -> AccountChanged:
        now = self.clock.now()
        with not_under_erasure():
            columns = self.sealing.company_columns(account.id, changes)
        columns["language"] = changes.get("language")
        removable = {name: name in changes for name in REMOVABLE}
        store.update_account(tx, account.id, columns, removable=removable, outcome=outcome, retry_at=now)
        correction = Code(call.reason) if isinstance(call, calls.CorrectCompany) else None
        fields = [Code(name) for name in sorted(changes)]
        event = AccountUpdated(account_id=account.id, fields=fields, correction=correction)
        return publish_change(tx, call.actor, account, event, now=now)

    @answers(calls.SearchAccounts)
    def search_accounts(self, call: calls.SearchAccounts) -> calls.AccountsFound:
        """Find accounts for the desk; ids and states, no names. That staff looked is told, not for whom.

        The desk tells each account that was found.
        """
        (by,) = call.criteria()
        with self.database.transaction() as tx:
            found = store.search(
                tx,
                account_id=call.account_id or None,
                reference=call.reference or None,
                email_index=self.sealing.of_email(call.email) if call.email else None,
                name_index=self.sealing.of_name(call.name) if call.name else None,
                phone_index=self.sealing.of_phone(call.phone) if call.phone else None,
                org_number_index=self.sealing.of_org_number(call.org_number or None),
                review_required=None if call.review_required is ABSENT else call.review_required,
                page=call,
            )
            rows, following = cut(found, call.limit, lambda row: Place(row["created_at"], row["account_id"]))
            purpose = stated_purpose(call.purpose)
            event = AccountsSearched(search_id=new_id(), by=Code(by), purpose=purpose, found=len(rows))
            with acting(call.actor):
                tx.outbox.add(event, now=self.clock.now())
        return calls.AccountsFound(accounts=tuple(calls.AccountFound(**row) for row in rows), next_after=following)

    # ── for other services ────────────────────────────────────────────────────────────────────────────────

    @answers(calls.CompanyFacts)
    def company_facts(self, call: calls.CompanyFacts) -> calls.CompanyFactsShown:
        """What billing needs of an active customer."""
        with self.database.transaction() as tx:
            require_active(accounts.account(tx, call.account_id))
            row = accounts.account_row(tx, call.account_id)
            owners = [
                user
                for user in accounts.user_rows(tx, call.account_id, role="owner")
                if user["state"] == "active" and user["email_confirmed_at"] is not None
            ]
            counts = accounts.count_users(tx, call.account_id)
        return calls.CompanyFactsShown(
            **self._opened(row),
            account_id=row["id"],
            version=row["version"],
            language=row["language"],
            org_form=row["org_form"],
            active_users=counts.active,
            contacts=tuple(
                calls.CompanyContact(
                    user_id=user["id"], name=texts["name"], email=texts["email"], phone=texts["phone"]
                )
                for user, texts in zip(owners, self.sealing.opened_users(owners), strict=True)
                if texts["name"] is not None
            ),
        )

    @answers(calls.Standing)
    def standing(self, call: calls.Standing) -> calls.StandingShown:
        """How account or user stand; waits for a change of state that is being made at this moment."""
        with self.database.transaction() as tx:
            account = accounts.account(tx, call.account_id, "share")
            asked: AccountState | UserState = account
            last = False
            if call.user_id is not None:
                asked = user = accounts.user_of(tx, account.id, call.user_id)
                last = is_last_owner(user, accounts.count_users(tx, account.id).owners)
            notice = self.termination.notice(tx, account.id)
        return calls.StandingShown(
            state=asked.state,
            inactivated_at=asked.inactivated_at,
            version=asked.version,
            account_state=account.state,
            account_trigger=account.inactivated_by,
            noticed_on=notice.noticed_on if notice else None,
            notice_ends_on=notice.ends_on if notice else None,
            is_last_owner=last,
        )

    def _opened(self, row: Row) -> dict[str, Any]:
        """The company's texts. Raises `NotFound` once its key is gone."""
        opened = self.sealing.opened_company(row)
        if opened["name"] is None:
            raise NotFound
        personal = is_personal(row["org_form"], has_number=opened["org_number"] is not None)
        return {**opened, "is_personal": personal}
