"""What other services ask: a letter's facts, a customer's facts, how somebody stands, where log-ins came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.account import rules
from services.account.accounts.calls import Done
from services.account.accounts.values import AccountState, UserState
from services.account.companies.calls import (
    SEARCH_LIMIT,
    AccountFound,
    AccountsFound,
    CompanyContact,
    CompanyFacts,
    CompanyFactsShown,
    SearchAccounts,
    Standing,
    StandingShown,
)
from services.account.companies.events import AccountsSearched
from services.account.email_change.values import FormerAddress
from services.account.entry import DONE, acting
from services.account.erasure.calls import BeginErasure, UnknownSubjects, UnknownSubjectsShown, WithdrawErasure
from services.account.field_encryption.sealing import NOBODY
from services.account.letters import letter_rules
from services.account.letters.calls import LetterFacts, LetterFactsShown, Recipient, Recipients, RecipientsShown
from services.account.login.calls import LoginOrigin, LoginOrigins, LoginOriginsShown
from services.account.suspicion.feature import StaffDecisions
from services.account.tickets.links import LIFE
from shared.bus import answers
from shared.database import Transaction
from shared.errors import Conflict, NotFound
from shared.events import Code
from shared.identifiers import new_id, new_token
from shared.records import ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Minted:
    """A token for the link of a letter, the kind of its ticket, and when it stops working."""

    token: str = field(repr=False)
    kind: str
    ends_at: datetime


class Answers(StaffDecisions):
    """Questions of services, not of people; none of them says on whose behalf."""

    @answers(SearchAccounts)
    def search_accounts(self, call: SearchAccounts) -> AccountsFound:
        """Find accounts for the desk; ids and states, no names. That staff looked is told, not for whom."""
        (by,) = call.criteria()
        with self.database.transaction() as tx:
            rows = self.store.search(
                tx,
                account_id=call.account_id or None,
                email_index=self.sealing.of_email(call.email) if call.email else None,
                org_number_index=self.sealing.of_org_number(call.org_number or None),
                review_required=None if call.review_required is ABSENT else call.review_required,
                limit=SEARCH_LIMIT,
            )
            event = AccountsSearched(search_id=new_id(), by=Code(by), purpose=Code(call.purpose), found=len(rows))
            with acting(call.actor):
                tx.outbox.add(event, now=self.clock.now())
        return AccountsFound(accounts=tuple(AccountFound(**row) for row in rows))

    @answers(LetterFacts)
    def letter_facts(self, call: LetterFacts) -> LetterFactsShown:
        """Where a letter goes and whom it greets; the only place where a letter gets its address and token."""
        with self.database.transaction() as tx:
            user_row = self.store.user_row(tx, call.user_id)
            account_row = self.store.account_row(tx, user_row["account_id"])
            user = self.store.user(tx, call.user_id)
            account = self.store.account(tx, user.account_id)
            letter_rules.check_letter(call.letter, account, user)
            former = self._former_address(tx, call)
            minted = self._mint(tx, call) if former is None else None
            agreement = self.store.latest_agreement(tx, account.id)
        (person,) = self.sealing.opened_users([user_row])
        company = self.sealing.opened_company(account_row)
        remains = call.letter in letter_rules.LETTERS_TO_WHAT_REMAINS
        if person["email"] is None or (company["name"] is None and not remains):
            raise NotFound
        kind = minted.kind if minted else None
        signs_up = kind == "confirmation" and agreement is not None and agreement["user_id"] == user.id
        return LetterFactsShown(
            account_id=user.account_id,
            email=self._address(user_row, former, kind) or person["email"],
            name=person["name"],
            language=user_row["language"],
            company_name=company["name"] or "",
            link_token=minted.token if minted else None,
            link_kind=kind,
            link_ends_at=self._known_until(former) if former else minted.ends_at if minted else None,
            confirmed=user.confirmed,
            company_is_inactive=account.state != "active",
            company_is_blocked=account.blocked,
            company_is_bankrupt=rules.is_estate(account),
            closed_by=account.inactivated_by or user.inactivated_by,
            registered_at=account_row["created_at"] if signs_up else None,
            terms_version=agreement["version"] if signs_up and agreement else None,
        )

    def _known_until(self, former: dict[str, Any]) -> datetime:
        """Until when the replaced address is known, now that it has been fetched for its letter."""
        replaced = FormerAddress(replaced_at=former["replaced_at"], fetched_at=self.clock.now())
        return letter_rules.former_address_ends_at(replaced)

    def _address(self, user_row: dict[str, Any], former: dict[str, Any] | None, kind: str | None) -> str | None:
        """Where the letter goes if not to the present address: to the one before it, or the one that waits."""
        if former is not None:
            return self.sealing.former_address(former)
        if kind != "address_change":
            return None
        if user_row["new_email_sealed"] is None:
            raise Conflict("there is no new address to confirm")
        return self.sealing.waiting_address(user_row)

    def _former_address(self, tx: Transaction, call: LetterFacts) -> dict[str, Any] | None:
        """The replaced address for the letter that tells it; None for every other letter."""
        if call.letter != "address_changed":
            return None
        now, former_id = self.clock.now(), call.ticket_id
        row = self.store.former_address(tx, former_id, call.user_id) if former_id else None
        if row is None or not letter_rules.former_address_is_kept(
            FormerAddress(replaced_at=row["replaced_at"], fetched_at=row["fetched_at"]), now
        ):
            raise Conflict("the address from before is not kept any more")
        self.store.note_fetch(tx, row["id"], now=now)
        return row

    def _mint(self, tx: Transaction, call: LetterFacts) -> Minted | None:
        """A new token for the letter's ticket; None for a letter without one."""
        if call.ticket_id is None:
            return None
        now, token = self.clock.now(), new_token()
        ticket = self.store.ticket(tx, call.ticket_id, call.user_id)
        if not letter_rules.ticket_is_mintable(ticket.state, call.letter, now):
            raise Conflict("the ticket is used up, too old, or for another letter")
        self.store.mint_ticket(tx, ticket.id, token, now=now)
        kind = ticket.state.kind
        return Minted(token=token, kind=kind, ends_at=now + LIFE[kind])

    @answers(Recipients)
    def recipients(self, call: Recipients) -> RecipientsShown:
        """Who gets letters about the company; inactive companies have their last letters to get."""
        with self.database.transaction() as tx:
            self.store.account(tx, call.account_id)
            rows = self.store.recipients(tx, call.account_id)
        return RecipientsShown(recipients=tuple(Recipient(**row) for row in rows))

    @answers(CompanyFacts)
    def company_facts(self, call: CompanyFacts) -> CompanyFactsShown:
        """What billing needs of an active customer."""
        with self.database.transaction() as tx:
            rules.require_active(self.store.account(tx, call.account_id))
            row = self.store.account_row(tx, call.account_id)
            owners = [
                user
                for user in self.store.user_rows(tx, call.account_id, role="owner")
                if user["state"] == "active" and user["email_confirmed_at"] is not None
            ]
            counts = self.store.count_users(tx, call.account_id)
        return CompanyFactsShown(
            **self.opened_company(row),
            account_id=row["id"],
            version=row["version"],
            language=row["language"],
            org_form=row["org_form"],
            active_users=counts.active,
            contacts=tuple(
                CompanyContact(user_id=user["id"], **texts)
                for user, texts in zip(owners, self.sealing.opened_users(owners), strict=True)
                if texts["name"] is not None
            ),
        )

    @answers(Standing)
    def standing(self, call: Standing) -> StandingShown:
        """How account or user stand; waits for a change of state that is being made at this moment."""
        with self.database.transaction() as tx:
            account = self.store.account(tx, call.account_id, "share")
            asked: AccountState | UserState = account
            if call.user_id is not None:
                asked = self.store.user_of(tx, account.id, call.user_id)
            notice = self.store.notice(tx, account.id)
            trigger = self.store.inactivated_by(tx, account.id)
        return StandingShown(
            state=asked.state,
            inactivated_at=asked.inactivated_at,
            version=asked.version,
            account_state=account.state,
            account_trigger=trigger,
            noticed_on=notice.noticed_on if notice else None,
            notice_ends_on=notice.ends_on if notice else None,
        )

    @answers(BeginErasure)
    def begin_erasure(self, call: BeginErasure, tx: Transaction) -> Done:
        """Close the way back, just before the keys are fenced; under the lock that a reactivation takes too."""
        account = self.store.account(tx, call.account_id, "update")
        user = self.store.user_of(tx, account.id, call.user_id, lock=True) if call.user_id else None
        rules.check_erasure_may_begin(account, user)
        self.store.begin_erasure(tx, call.erasure_id, account.id, call.user_id, now=self.clock.now())
        return DONE

    @answers(WithdrawErasure)
    def withdraw_erasure(self, call: WithdrawErasure, tx: Transaction) -> Done:
        """Open the way back again: the erasure waits for a hold, and nothing was destroyed. Safe to repeat."""
        self.store.withdraw_erasure(tx, call.erasure_id)
        return DONE

    @answers(UnknownSubjects)
    def unknown_subjects(self, call: UnknownSubjects) -> UnknownSubjectsShown:
        """Whom there is no row of: keys were made for them, and what these were to seal was never written."""
        with self.database.transaction() as tx:
            known = self.store.known_ids(tx, {each.id for each in call.subjects}) | {NOBODY.id}
        return UnknownSubjectsShown(subjects=tuple(each for each in call.subjects if each.id not in known))

    @answers(LoginOrigins)
    def login_origins(self, call: LoginOrigins) -> LoginOriginsShown:
        """Where log-ins came from, for those who watch over them."""
        with self.database.transaction() as tx:
            rows = self.store.attempts(tx, call.attempt_ids)
        origins = self.sealing.opened_origins(rows)
        return LoginOriginsShown(
            attempts=tuple(
                LoginOrigin(
                    attempt_id=row["id"],
                    account_id=row["account_id"],
                    user_id=row["user_id"],
                    at=row["at"],
                    outcome=row["outcome"],
                    ip=ip,
                    user_agent=agent,
                    address_index=row["address_index"].hex(),
                    network_index=row["network_index"].hex(),
                )
                for row, (ip, agent) in zip(rows, origins, strict=True)
            )
        )

    def opened_company(self, row: dict[str, Any]) -> dict[str, Any]:
        """The company's texts. Raises `NotFound` once its key is gone."""
        opened = self.sealing.opened_company(row)
        if opened["name"] is None:
            raise NotFound
        is_personal = rules.is_personal(row["org_form"], has_number=opened["org_number"] is not None)
        return {**opened, "is_personal": is_personal}
