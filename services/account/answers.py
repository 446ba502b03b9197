"""What other services ask: a letter's facts, a customer's facts, how somebody stands, where log-ins came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from services.account import answers_schemas, letter_rules, rules, schemas
from services.account.entry import acting
from services.account.events import AccountsSearched
from services.account.links import LIFE
from services.account.sealing import NOBODY
from services.account.staff_decisions import StaffDecisions
from services.account.values import AccountState, FormerAddress, UserState
from shared.bus import command, rpc
from shared.database import Transaction
from shared.errors import Conflict, Locked, NotFound
from shared.events import Code
from shared.identifiers import new_id, new_token


@dataclass(frozen=True, slots=True, kw_only=True)
class Minted:
    """A token for the link of a letter, the kind of its ticket, and when it stops working."""

    token: str = field(repr=False)
    kind: str
    ends_at: datetime


SEARCHED_BY: Final = ("email", "org_number", "account_id", "review_required")


class Answers(StaffDecisions):
    """Questions of services, not of people; none of them says on whose behalf."""

    @rpc(answers_schemas.SearchAccounts, answers_schemas.AccountsFound)
    def search_accounts(self, request: dict[str, Any]) -> dict[str, Any]:
        """Find accounts for the desk; ids and states, no names. That staff looked is told, not for whom."""
        email = request.get("email")
        with self.database.transaction() as tx:
            found = self.store.search(
                tx,
                account_id=request.get("account_id"),
                email_index=self.sealing.of_email(email) if email else None,
                org_number_index=self.sealing.of_org_number(request.get("org_number")),
                review_required=request.get("review_required"),
                limit=answers_schemas.SEARCH_LIMIT,
            )
            by = next(name for name in SEARCHED_BY if request.get(name) is not None)
            event = AccountsSearched(
                search_id=new_id(), by=Code(by), purpose=Code(request["purpose"]), found=len(found)
            )
            with acting(request):
                tx.outbox.add(event, now=self.clock.now())
        return {"accounts": found}

    @rpc(answers_schemas.LetterFacts, answers_schemas.LetterFactsShown, errors=(NotFound, Conflict, Locked))
    def letter_facts(self, request: dict[str, Any]) -> dict[str, Any]:
        """Where a letter goes and whom it greets; the only place where a letter gets its address and token."""
        with self.database.transaction() as tx:
            user_row = self.store.user_row(tx, request["user_id"])
            account_row = self.store.account_row(tx, user_row["account_id"])
            user = self.store.user(tx, request["user_id"])
            account = self.store.account(tx, user.account_id)
            letter_rules.check_letter(request["letter"], account, user)
            former = self._former_address(tx, request)
            minted = self._mint(tx, request) if former is None else None
            agreement = self.store.latest_agreement(tx, account.id)
        (person,) = self.sealing.opened_users([user_row])
        company = self.sealing.opened_company(account_row)
        remains = request["letter"] in letter_rules.LETTERS_TO_WHAT_REMAINS
        if person["email"] is None or (company["name"] is None and not remains):
            raise NotFound
        kind = minted.kind if minted else None
        signs_up = kind == "confirmation" and agreement is not None and agreement["user_id"] == user.id
        return {
            "account_id": user.account_id,
            "email": self._address(user_row, former, kind) or person["email"],
            "name": person["name"],
            "language": user_row["language"],
            "company_name": company["name"] or "",
            "link_token": minted.token if minted else None,
            "link_kind": kind,
            "link_ends_at": self._known_until(former) if former else minted.ends_at if minted else None,
            "confirmed": user.confirmed,
            "company_is_inactive": account.state != "active",
            "company_is_blocked": account.blocked,
            "company_is_bankrupt": rules.is_estate(account),
            "closed_by": account.inactivated_by or user.inactivated_by,
            "registered_at": account_row["created_at"] if signs_up else None,
            "terms_version": agreement["version"] if signs_up and agreement else None,
        }

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

    def _former_address(self, tx: Transaction, request: dict[str, Any]) -> dict[str, Any] | None:
        """The replaced address for the letter that tells it; None for every other letter."""
        if request["letter"] != "address_changed":
            return None
        now, former_id = self.clock.now(), request["ticket_id"]
        row = self.store.former_address(tx, former_id, request["user_id"]) if former_id else None
        if row is None or not letter_rules.former_address_is_kept(
            FormerAddress(replaced_at=row["replaced_at"], fetched_at=row["fetched_at"]), now
        ):
            raise Conflict("the address from before is not kept any more")
        self.store.note_fetch(tx, row["id"], now=now)
        return row

    def _mint(self, tx: Transaction, request: dict[str, Any]) -> Minted | None:
        """A new token for the letter's ticket; None for a letter without one."""
        if request["ticket_id"] is None:
            return None
        now, token = self.clock.now(), new_token()
        ticket = self.store.ticket(tx, request["ticket_id"], request["user_id"])
        if not letter_rules.ticket_is_mintable(ticket.state, request["letter"], now):
            raise Conflict("the ticket is used up, too old, or for another letter")
        self.store.mint_ticket(tx, ticket.id, token, now=now)
        kind = ticket.state.kind
        return Minted(token=token, kind=kind, ends_at=now + LIFE[kind])

    @rpc(answers_schemas.AboutAccount, answers_schemas.Recipients, errors=(NotFound,))
    def recipients(self, request: dict[str, Any]) -> dict[str, Any]:
        """Who gets letters about the company; inactive companies have their last letters to get."""
        with self.database.transaction() as tx:
            self.store.account(tx, request["account_id"])
            return {"recipients": self.store.recipients(tx, request["account_id"])}

    @rpc(answers_schemas.AboutAccount, answers_schemas.CompanyFacts, errors=(NotFound, Locked))
    def company_facts(self, request: dict[str, Any]) -> dict[str, Any]:
        """What billing needs of an active customer."""
        with self.database.transaction() as tx:
            rules.require_active(self.store.account(tx, request["account_id"]))
            row = self.store.account_row(tx, request["account_id"])
            owners = [
                user
                for user in self.store.user_rows(tx, request["account_id"], role="owner")
                if user["state"] == "active" and user["email_confirmed_at"] is not None
            ]
            counts = self.store.count_users(tx, request["account_id"])
        contacts = [
            {"user_id": user["id"], **texts}
            for user, texts in zip(owners, self.sealing.opened_users(owners), strict=True)
            if texts["name"] is not None
        ]
        return {name: row[name] for name in ("version", "language", "org_form")} | {
            **self.opened_company(row),
            "account_id": row["id"],
            "active_users": counts.active,
            "contacts": contacts,
        }

    @rpc(answers_schemas.Standing, answers_schemas.StandingShown, errors=(NotFound,))
    def standing(self, request: dict[str, Any]) -> dict[str, Any]:
        """How account or user stand; waits for a change of state that is being made at this moment."""
        with self.database.transaction() as tx:
            account = self.store.account(tx, request["account_id"], "share")
            asked: AccountState | UserState = account
            if request["user_id"] is not None:
                asked = self.store.user_of(tx, account.id, request["user_id"])
            notice = self.store.notice(tx, account.id)
            trigger = self.store.inactivated_by(tx, account.id)
        return {
            "state": asked.state,
            "inactivated_at": asked.inactivated_at,
            "version": asked.version,
            "account_state": account.state,
            "noticed_on": notice.noticed_on if notice else None,
            "notice_ends_on": notice.ends_on if notice else None,
            "account_trigger": trigger,
        }

    @command(answers_schemas.BeginErasure, schemas.Done, errors=(NotFound, Conflict))
    def begin_erasure(self, request: dict[str, Any], tx: Transaction) -> dict[str, Any]:
        """Close the way back, just before the keys are fenced; under the lock that a reactivation takes too."""
        account = self.store.account(tx, request["account_id"], "update")
        user_id = request["user_id"]
        user = self.store.user_of(tx, account.id, user_id, lock=True) if user_id else None
        rules.check_erasure_may_begin(account, user)
        self.store.begin_erasure(tx, request["erasure_id"], account.id, user_id, now=self.clock.now())
        return {"status": "done"}

    @command(answers_schemas.WithdrawErasure, schemas.Done)
    def withdraw_erasure(self, request: dict[str, Any], tx: Transaction) -> dict[str, Any]:
        """Open the way back again: the erasure waits for a hold, and nothing was destroyed. Safe to repeat."""
        self.store.withdraw_erasure(tx, request["erasure_id"])
        return {"status": "done"}

    @rpc(answers_schemas.UnknownSubjects, answers_schemas.UnknownSubjectsShown)
    def unknown_subjects(self, request: dict[str, Any]) -> dict[str, Any]:
        """Whom there is no row of: keys were made for them, and what these were to seal was never written."""
        asked = request["subjects"]
        ids = {each["user_id"] or each["account_id"] for each in asked}
        with self.database.transaction() as tx:
            known = self.store.known_ids(tx, ids) | {NOBODY.id}
        return {"subjects": [each for each in asked if (each["user_id"] or each["account_id"]) not in known]}

    @rpc(answers_schemas.LoginOrigins, answers_schemas.LoginOriginsShown)
    def login_origins(self, request: dict[str, Any]) -> dict[str, Any]:
        """Where log-ins came from, for those who watch over them."""
        with self.database.transaction() as tx:
            rows = self.store.attempts(tx, request["attempt_ids"])
        origins = self.sealing.opened_origins(rows)
        kept = ("account_id", "user_id", "at", "outcome")
        return {
            "attempts": [
                {name: row[name] for name in kept}
                | {
                    "attempt_id": row["id"],
                    "ip": ip,
                    "user_agent": agent,
                    "address_index": row["address_index"].hex(),
                    "network_index": row["network_index"].hex(),
                }
                for row, (ip, agent) in zip(rows, origins, strict=True)
            ]
        }

    def opened_company(self, row: dict[str, Any]) -> dict[str, Any]:
        """The company's texts. Raises `NotFound` once its key is gone."""
        opened = self.sealing.opened_company(row)
        if opened["name"] is None:
            raise NotFound
        is_personal = rules.is_personal(row["org_form"], has_number=opened["org_number"] is not None)
        return {**opened, "is_personal": is_personal}
