"""Companies, users and what belongs to them, as rows. Texts arrive here sealed (`sealing.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from psycopg.types.json import Jsonb

from services.account import rules
from services.account.access_store import AccessStore, AlreadyKnownError, Q, Row, found, unique_addresses
from services.account.accounts.values import AccountState, UserState
from services.account.erasing import Erasing
from services.account.field_encryption.sealing import SignUpRows
from services.account.letters import letter_rules
from services.account.notice_store import NoticeStore
from services.account.staff_store import StaffStore
from services.account.tickets.links import Change
from shared import tombstones
from shared.actor import Actor
from shared.database import Transaction
from shared.errors import NotFound
from shared.identifiers import new_id

BATCH: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class UserCounts:
    """All users of a company, the active ones, and the owners among these."""

    users: int
    active: int
    owners: int


class AccountStore(StaffStore, AccessStore, NoticeStore, Erasing):
    """Rows of the account database. Every method works in the transaction it is given."""

    # ── companies ─────────────────────────────────────────────────────────────────────────────────────────

    def account(
        self, tx: Transaction, account_id: UUID, lock: Literal["share", "update"] | None = None
    ) -> AccountState:
        """A company as the rules see it. Raises `NotFound`."""
        query = {None: Q.account, "share": Q.account_for_share, "update": Q.account_for_update}[lock]
        return AccountState(**found(tx.one(query, id=account_id)))

    def account_row(self, tx: Transaction, account_id: UUID) -> Row:
        """A company with its sealed columns. Raises `NotFound`."""
        return found(tx.one(Q.account_sealed, id=account_id))

    def update_account(
        self,
        tx: Transaction,
        account_id: UUID,
        columns: Mapping[str, Any],
        *,
        set_number: bool,
        outcome: str | None,
        retry_at: datetime,
    ) -> None:
        """Write the columns that are given. A new `outcome` `provisional` has the register asked at `retry_at`."""
        tx.run(
            Q.update_account,
            id=account_id,
            set_number=set_number,
            register_outcome=outcome,
            register_retry_at=retry_at if outcome == "provisional" else None,
            **columns,
        )

    def deactivate_account(
        self, tx: Transaction, account_id: UUID, *, by: str, now: datetime, reason: str | None = None
    ) -> None:
        """Set inactive, which ends every session and every link that is on its way."""
        tx.run(Q.deactivate_account, id=account_id, by=by, reason=reason, now=now)
        self.end_links_of_account(tx, account_id, Change.ACCOUNT_INACTIVE, now=now)

    def reactivate_account(self, tx: Transaction, account_id: UUID, *, now: datetime) -> None:
        """Set active again; what led back is of no use any more."""
        tx.run(Q.reactivate_account, id=account_id, now=now)
        self.end_links_of_account(tx, account_id, Change.ACCOUNT_BACK, now=now)

    def begin_erasure(
        self, tx: Transaction, erasure_id: UUID, account_id: UUID, user_id: UUID | None, *, now: datetime
    ) -> None:
        """Close the way back; the account's row must be locked."""
        tx.run(Q.begin_erasure, erasure_id=erasure_id, account_id=account_id, user_id=user_id, now=now)

    def withdraw_erasure(self, tx: Transaction, erasure_id: UUID) -> None:
        """Open the way back again."""
        tx.run(Q.withdraw_erasure, erasure_id=erasure_id)

    def erasure_has_begun(self, tx: Transaction, account_id: UUID, user_id: UUID | None = None) -> bool:
        """Whether the way back is closed for the account, or for this user of it."""
        row = tx.one(Q.erasure_has_begun, account_id=account_id, user_id=user_id)
        return bool(row and row["begun"])

    def abandoned_sign_ups(self, tx: Transaction, *, before: datetime) -> list[UUID]:
        """Companies made before then in which nobody confirmed an address; locked."""
        return [row["id"] for row in tx.all(Q.abandoned_sign_ups, before=before, limit=BATCH)]

    def known_ids(self, tx: Transaction, ids: Iterable[UUID]) -> set[UUID]:
        """Those of the ids that are a company's or a user's."""
        return {row["id"] for row in tx.all(Q.known_ids, ids=list(ids))}

    def waiting_owners(self, tx: Transaction, account_id: UUID) -> list[UUID]:
        """Those who signed up and have not proved their address.

        Raises `AlreadyKnownError` where somebody else has by now.
        """
        rows = tx.all(Q.waiting_owners, account_id=account_id)
        for row in rows:
            if found(tx.one(Q.is_login_name, email_index=row["email_index"]))["proved"]:
                raise AlreadyKnownError
        return [row["id"] for row in rows]

    def lock_address(self, tx: Transaction, email_index: bytes) -> None:
        """Whoever signs up with this address or proves it waits for this transaction; before any other lock."""
        tx.one(Q.lock_address, email_index=email_index)

    def waiting_sign_ups(self, tx: Transaction, email_index: bytes) -> list[Row]:
        """The sign-ups that wait for an address that nobody has proved, newest first."""
        return tx.all(Q.waiting_sign_ups, email_index=email_index)

    def void_sign_up(self, tx: Transaction, user_id: UUID, *, now: datetime) -> None:
        """The address was proved by somebody else: what this sign-up brought is worth nothing."""
        tx.run(Q.drop_credential, user_id=user_id)
        self.end_links(tx, user_id, Change.ADDRESS_PROVED, now=now)

    def settle_sign_up(self, tx: Transaction, account_id: UUID, *, now: datetime) -> None:
        """Whoever proved the address stands by the agreement; from where the sign-up came is forgotten."""
        tx.run(Q.stand_by_agreement, account_id=account_id, now=now)
        tx.run(Q.forget_network, account_id=account_id)

    def search(
        self,
        tx: Transaction,
        *,
        account_id: UUID | None,
        email_index: bytes | None,
        org_number_index: bytes | None,
        review_required: bool | None,
        limit: int,
    ) -> list[Row]:
        """Accounts by what is given, newest first."""
        return tx.all(
            Q.search_accounts,
            account_id=account_id,
            email_index=email_index,
            org_number_index=org_number_index,
            review_required=review_required,
            limit=limit,
        )

    # ── the check against the business register ───────────────────────────────────────────────────────────

    def claim_register_checks(
        self, tx: Transaction, *, now: datetime, lease_until: datetime, limit: int
    ) -> list[Row]:
        """Companies to ask the register about; no other replica asks before `lease_until`."""
        return tx.all(
            Q.claim_register_checks,
            now=now,
            lease_until=lease_until,
            limit=limit,
            due=rules.WAITS["account.register_retry_at"],
        )

    def number_is_shared(self, tx: Transaction, account_id: UUID, org_number_index: bytes | None) -> bool:
        """Whether another account has the same organisation number."""
        if org_number_index is None:
            return False
        row = found(tx.one(Q.number_is_shared, id=account_id, org_number_index=org_number_index))
        return bool(row["shared"])

    def save_register_check(
        self,
        tx: Transaction,
        claimed: Mapping[str, Any],
        found: Mapping[str, Any],
        *,
        retry_at: datetime,
        now: datetime,
    ) -> tuple[int | None, bool]:
        """Keep outcome, form and reasons, nothing else: the version, and whether anything is otherwise than before.

        The version is None where the company was changed meanwhile.
        """
        columns = {"id": claimed["id"], "version": claimed["version"], **found, "retry_at": retry_at, "now": now}
        confirmed = tx.one(Q.confirm_register_check, **columns)
        if confirmed:
            return confirmed["version"], False
        saved = tx.one(Q.save_register_check, **columns)
        return (saved["version"], True) if saved else (None, False)

    def put_off_register_check(self, tx: Transaction, claimed: Mapping[str, Any], *, retry_at: datetime) -> None:
        """Ask again then."""
        tx.run(Q.put_off_register_check, id=claimed["id"], version=claimed["version"], retry_at=retry_at)

    # ── sign-up ───────────────────────────────────────────────────────────────────────────────────────────

    def first_time(self, tx: Transaction, method: str, key: str | None, *, now: datetime) -> bool:
        """Whether this call was not carried out before under the same key."""
        return key is None or tx.run(Q.remember_call, method=method, key=key, now=now) == 1

    def insert_account(
        self, tx: Transaction, rows: SignUpRows, *, register: Mapping[str, Any], language: str, now: datetime
    ) -> None:
        """Write the company of a sign-up."""
        tx.run(Q.insert_account, **rows.account, **register, language=language, now=now)

    def insert_agreement(
        self, tx: Transaction, rows: SignUpRows, agreement: Mapping[str, Any], *, now: datetime
    ) -> None:
        """Write that the creator accepted the document for the company."""
        account_id, creator_id = rows.account["id"], rows.users[0]["id"]
        tx.run(
            Q.insert_agreement,
            **rows.agreement,
            **{**agreement, "sentences": Jsonb(agreement["sentences"])},
            account_id=account_id,
            user_id=creator_id,
            now=now,
        )

    def accept_anew(self, tx: Transaction, user: UserState, agreement: Mapping[str, Any], *, now: datetime) -> None:
        """Write that a user who is proved accepted the document for the company once more."""
        ids = {"id": new_id(), "account_id": user.account_id, "user_id": user.id}
        columns = {**agreement, "sentences": Jsonb(agreement["sentences"])}
        tx.run(Q.insert_agreement, **ids, **columns, ip_sealed=None, now=now)
        tx.run(Q.stand_by_agreement, account_id=user.account_id, now=now)

    def latest_agreement(self, tx: Transaction, account_id: UUID) -> Row | None:
        """What the company agreed to last."""
        return tx.one(Q.latest_agreement, account_id=account_id)

    # ── users ─────────────────────────────────────────────────────────────────────────────────────────────

    def user(self, tx: Transaction, user_id: UUID, *, lock: bool = False) -> UserState:
        """A user as the rules see it. Raises `NotFound`."""
        return UserState(**found(tx.one(Q.user_for_update if lock else Q.user, id=user_id)))

    def user_of(self, tx: Transaction, account_id: UUID, user_id: UUID, *, lock: bool = False) -> UserState:
        """The same, of this company. Raises `NotFound` for another company's user."""
        user = self.user(tx, user_id, lock=lock)
        if user.account_id != account_id:
            raise NotFound
        return user

    def acting(self, tx: Transaction, actor: Actor) -> UserState | None:
        """The actor's own row; None for staff, the system, and users there are not."""
        row = tx.one(Q.user, id=actor.user_id) if actor.user_id else None
        return UserState(**row) if row else None

    def user_row(self, tx: Transaction, user_id: UUID) -> Row:
        """A user with the sealed columns. Raises `NotFound`."""
        return found(tx.one(Q.user_sealed, id=user_id))

    def user_rows(
        self, tx: Transaction, account_id: UUID, *, only: UUID | None = None, role: str | None = None
    ) -> list[Row]:
        """A company's users with the sealed columns: all, one, or those of a role."""
        return tx.all(Q.users_sealed, account_id=account_id, only=only, role=role)

    def insert_user(
        self, tx: Transaction, columns: Mapping[str, Any], *, role: str, is_login_name: bool, now: datetime
    ) -> None:
        """Write a user. Raises `AlreadyKnownError`."""
        with unique_addresses():
            tx.run(Q.insert_user, **columns, role=role, is_login_name=is_login_name, now=now)

    def update_user(self, tx: Transaction, user_id: UUID, columns: Mapping[str, Any]) -> Row:
        """Write the columns that are given; version and state after it. Raises `AlreadyKnownError`."""
        with unique_addresses():
            return found(tx.one(Q.update_user, id=user_id, **columns))

    def assert_address_free(self, tx: Transaction, user: UserState, email_index: bytes) -> None:
        """Raises `AlreadyKnownError` where another user of the same company has this address."""
        row = tx.one(Q.address_is_taken, account_id=user.account_id, email_index=email_index, but_for=user.id)
        if found(row)["taken"]:
            raise AlreadyKnownError

    def deactivate_user(self, tx: Transaction, user_id: UUID, *, by: str, now: datetime) -> Row:
        """Make one user inactive, end the sessions and void the links; version and state after it."""
        row = tx.one(Q.set_user_state, id=user_id, state="inactive", inactivated_at=now, inactivated_by=by)
        self.end_links(tx, user_id, Change.USER_INACTIVE, now=now)
        return found(row)

    def reactivate_user(self, tx: Transaction, user_id: UUID) -> Row:
        """Make one user active again; version and state after it."""
        return found(tx.one(Q.set_user_state, id=user_id, state="active", inactivated_at=None, inactivated_by=None))

    def count_users(self, tx: Transaction, account_id: UUID) -> UserCounts:
        """How many users the company has."""
        return UserCounts(**found(tx.one(Q.count_users, account_id=account_id)))

    def recipients(self, tx: Transaction, account_id: UUID) -> list[Row]:
        """Who may get letters about the company."""
        return tx.all(Q.recipients, account_id=account_id)

    def uninvited(self, tx: Transaction, account_id: UUID) -> list[Row]:
        """Users without a password and without an invitation on its way."""
        return tx.all(Q.uninvited, account_id=account_id)

    def confirm_user(self, tx: Transaction, user_id: UUID, *, now: datetime) -> int:
        """The address is confirmed and is the log-in name; the new version. Raises `AlreadyKnownError`."""
        with unique_addresses():
            return int(found(tx.one(Q.confirm_user, id=user_id, now=now))["version"])

    def take_new_address(self, tx: Transaction, user_id: UUID, *, email_sealed: bytes, now: datetime) -> int:
        """The address that waited replaces the old one, which ends links and sessions; the new version.

        Raises `AlreadyKnownError`.
        """
        with unique_addresses():
            row = tx.one(Q.take_new_address, id=user_id, email_sealed=email_sealed, now=now)
        self.end_links(tx, user_id, Change.ADDRESS, now=now)
        return int(found(row)["version"])

    def keep_former_address(
        self, tx: Transaction, former_id: UUID, user: UserState, *, email_sealed: bytes, now: datetime
    ) -> None:
        """Keep the replaced address for the letter that tells it."""
        ids = {"id": former_id, "user_id": user.id, "account_id": user.account_id}
        tx.run(Q.keep_former_address, **ids, email_sealed=email_sealed, now=now)

    def former_address(self, tx: Transaction, former_id: UUID, user_id: UUID) -> Row | None:
        """A replaced address of this user, locked; None where it is not kept any more."""
        return tx.one(Q.former_address, id=former_id, user_id=user_id)

    def note_fetch(self, tx: Transaction, former_id: UUID, *, now: datetime) -> None:
        """The letter to a replaced address is being written."""
        tx.run(Q.note_fetch, id=former_id, now=now)

    # ── the end ───────────────────────────────────────────────────────────────────────────────────────────

    def expire(self, tx: Transaction, *, now: datetime, today: date) -> int:
        """Delete one batch of each kind of row whose time is over; how many rows in all."""
        return (
            tx.run(Q.expire_attempts, before=now - rules.ATTEMPTS_KEPT, limit=BATCH)
            + tx.run(Q.expire_brakes, before=now - rules.BRAKE_KEPT, limit=BATCH)
            + tx.run(
                Q.expire_sessions,
                created_before=now - rules.SESSION_LONGEST,
                seen_before=now - rules.SESSION_IDLE,
                limit=BATCH,
            )
            + tx.run(Q.expire_tickets, before=now - letter_rules.TICKETS_KEPT, limit=BATCH)
            + tx.run(
                Q.expire_former_addresses,
                replaced_before=now - letter_rules.FORMER_ADDRESS_KEPT,
                fetched_before=now - letter_rules.FORMER_ADDRESS_AFTER_FETCH,
                limit=BATCH,
            )
            + tx.run(Q.expire_agreement_ips, before=now - rules.AGREEMENT_IP_KEPT, limit=BATCH)
            + tx.run(Q.expire_archive, today=today, limit=BATCH)
            + tx.run(Q.forget_erasure_steps, before=tombstones.forgotten_before(now), limit=BATCH)
        )

    def erasure_step(self, tx: Transaction, erasure_id: UUID) -> rules.Erasure | None:
        """What an earlier order of this erasure did."""
        row = tx.one(Q.erasure_step, erasure_id=erasure_id)
        return rules.Erasure(counts=row["counts"], retained=row["retained"]) if row else None

    def save_erasure_step(self, tx: Transaction, erasure_id: UUID, step: rules.Erasure, *, now: datetime) -> None:
        """Keep the counts, which name nobody, for a repeated order."""
        tx.run(
            Q.save_erasure_step,
            erasure_id=erasure_id,
            counts=Jsonb(step.counts),
            retained=step.retained,
            now=now,
        )

    def address_digests(self, tx: Transaction, account_id: UUID, user_id: UUID | None) -> list[bytes]:
        """The digests of the addresses in the scope of an erasure."""
        rows = tx.all(Q.address_digests, account_id=account_id, user_id=user_id)
        return [value for row in rows for value in row.values() if value is not None]
