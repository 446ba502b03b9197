"""The account service: companies and their users, work on time, and forgetting.

How people come in is in `sign_up.py`, how they prove who they are in `login.py`, how they change the own address in
`addresses.py` and come back in `returning.py`, how a contract ends in `termination.py`, and what other services ask
in `answers.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from services.account import rules
from services.account.accounts.calls import AccountChanged, ReadAccount
from services.account.accounts.values import AccountState, UserState
from services.account.agreements.calls import AgreementShown
from services.account.agreements.feature import TermsReading
from services.account.answers import Answers
from services.account.companies.calls import AccountShown, GetAccount, UpdateAccount
from services.account.companies.events import AccountRead, AccountUpdated
from services.account.confirmation.feature import Confirming
from services.account.deactivation.calls import DeactivateAccount
from services.account.email_change.feature import Addresses
from services.account.entry import acting, address_not_taken, not_under_erasure
from services.account.erasure.replay import AccountReplayer
from services.account.erasure.restricting import Restricting
from services.account.letters import letter_rules
from services.account.reactivation.calls import ReactivateAccount
from services.account.reactivation.feature import Returning
from services.account.reencryption.feature import Resealing
from services.account.suspicion import suspicion_rules
from services.account.termination import contract
from services.account.tickets.links import Change
from services.account.users.calls import (
    AddUser,
    DeactivateUser,
    InviteUser,
    ListUsers,
    OfUser,
    ReactivateUser,
    UpdateUser,
    User,
    UserChanged,
    Users,
)
from services.account.users.events import UserAdded, UserDeactivated, UserReactivated, UserUpdated
from shared.actor import SYSTEM
from shared.bus import answers, every, handles
from shared.calendar import oslo_date, start_of_day_oslo
from shared.database import Database, Transaction
from shared.errors import Conflict, Invalid, Locked, NotFound
from shared.events import Code, Received
from shared.hold_scope import Held
from shared.identifiers import new_id
from shared.participation.events import (
    ErasureDryRunAnswered,
    ErasureDryRunOrdered,
    ErasureOrdered,
    ErasureStepCompleted,
)
from shared.privacy.gate import Replayer

BATCHES_A_TURN: Final = 20
SHOWN_OF_ACCOUNT: Final = (
    "version",
    "state",
    "language",
    "org_form",
    "register_outcome",
    "created_at",
    "inactivated_at",
    "inactivated_by",
    "inactivation_reason",
    "blocked_at",
    "block_reason",
)
ADDRESSING: Final = frozenset({"account_id", "actor", "user_id", "version"})
"""Fields that say what is meant; all others are what is to be changed."""


class AccountService(TermsReading, Answers, Addresses, Confirming, Returning, Restricting, Resealing):
    """Customers, users, and the link between them."""

    name: ClassVar[str] = "account"

    def ready(self) -> None:
        """Without the keyring, and one that is not older than its own rows, no name can be read or written."""
        self.sealing.ping()
        self.resealer.check()

    waits = rules.WAITS | letter_rules.WAITS

    def guarded(self) -> Iterator[tuple[Database, Replayer | None]]:
        """Its own database; and the keyring, in which retention destroys anew what a backup brought back."""
        yield self.database, AccountReplayer(self.store, self.sealing)
        yield self.sealing.keyring_database, None

    # ── the company ───────────────────────────────────────────────────────────────────────────────────────

    @answers(GetAccount)
    def get_account(self, call: GetAccount) -> AccountShown:
        """The company as its people see it; staff see an inactive one too, and leave a trace."""
        with self.database.transaction() as tx:
            self._enter_to_read(tx, call, "company")
            row = self.store.account_row(tx, call.account_id)
            agreement = self.store.latest_agreement(tx, call.account_id)
            notice = self.store.notice(tx, call.account_id)
            months = contract.notice_months(self.store.contract(tx, call.account_id))
        return AccountShown(
            **{name: row[name] for name in SHOWN_OF_ACCOUNT},
            **self.opened_company(row),
            account_id=row["id"],
            review_required=bool(row["review_reasons"]),
            review_reasons=tuple(row["review_reasons"]),
            agreement=_agreement(agreement) if agreement else None,
            notice_months=months,
            noticed_on=notice.noticed_on if notice else None,
            notice_ends_on=notice.ends_on if notice else None,
        )

    def _enter_to_read(self, tx: Transaction, call: ReadAccount, what: str) -> UserState | None:
        """Who reads, None for staff. That staff did is told, without a word of what they saw."""
        is_staff = call.actor.kind == "staff"
        account, actor_row = self.enter(tx, call, even_inactive=is_staff)
        if is_staff:
            with acting(call.actor):
                event = AccountRead(account_id=account.id, what=Code(what), purpose=Code(call.purpose))
                tx.outbox.add(event, now=self.clock.now())
        return actor_row

    @answers(UpdateAccount)
    def update_account(self, call: UpdateAccount, tx: Transaction) -> AccountChanged:
        """Change the company's data; a new name or number is checked against the register again."""
        account, _ = self.enter(tx, call, owner_only=True, lock="update")
        rules.check_version(account.version, call.version)
        self.check_editable(tx, account.id, None, "company")
        changes, now = _changes(call), self.clock.now()
        row = self.store.account_row(tx, account.id)
        had_number = row["org_number_sealed"] is not None
        if "org_number" in changes and had_number:
            suspicion_rules.check_number_change(self.opened_company(row)["org_number"], changes["org_number"])
        outcome = rules.outcome_after_change(changes, had_number=had_number)
        with not_under_erasure():
            columns = self.sealing.company_columns(account.id, changes)
        columns["language"] = changes.get("language")
        self.store.update_account(
            tx, account.id, columns, set_number="org_number" in changes, outcome=outcome, retry_at=now
        )
        event = AccountUpdated(account_id=account.id, fields=[Code(name) for name in sorted(changes)])
        return self.tell_change(tx, call.actor, account, event)

    @answers(DeactivateAccount)
    def deactivate_account(self, call: DeactivateAccount, tx: Transaction) -> AccountChanged:
        """Cut the link: from this commit on no session works and no input is taken (L17).

        Staff say why, and have approached the customer before where it is on suspicion.
        """
        account, _ = self.enter(tx, call, owner_only=True, lock="update")
        rules.check_version(account.version, call.version)
        reason = self.check_deactivation(tx, call, account.id)
        with acting(call.actor):
            return self.cut_link(tx, account, rules.deactivation_trigger(call.actor), reason=reason)

    @answers(ReactivateAccount)
    def reactivate_account(self, call: ReactivateAccount, tx: Transaction) -> AccountChanged:
        """Take the link up again, by staff; an owner has `reactivate_with_password`.

        A sign-up that nobody finished is asked for its address once more. Raises `Conflict` where that one has
        signed up anew.
        """
        account, _ = self.enter(tx, call, owner_only=True, lock="update", even_inactive=True)
        rules.check_version(account.version, call.version)
        rules.check_reactivation(account, call.actor)
        with acting(call.actor):
            taken_up = self.take_up_again(tx, account)
            if account.inactivated_by == rules.ABANDONED:
                self.ask_to_confirm(tx, account.id)
        return taken_up

    # ── the users ─────────────────────────────────────────────────────────────────────────────────────────

    @answers(ListUsers)
    def list_users(self, call: ListUsers) -> Users:
        """The users the actor may see: owners and staff see all, users themselves."""
        with self.database.transaction() as tx:
            actor_row = self._enter_to_read(tx, call, "users")
            only = actor_row.id if actor_row and actor_row.role != "owner" else None
            rows = self.store.user_rows(tx, call.account_id, only=only)
        return Users(
            users=tuple(
                User(
                    **texts,
                    user_id=row["id"],
                    version=row["version"],
                    role=row["role"],
                    state=row["state"],
                    language=row["language"],
                    email_confirmed=row["email_confirmed_at"] is not None,
                    invited=not row["has_password"],
                )
                for row, texts in zip(rows, self.sealing.opened_users(rows), strict=True)
                if texts["name"] is not None
            )
        )

    @answers(AddUser)
    def add_user(self, call: AddUser, tx: Transaction) -> UserChanged:
        """Add a user, who gets a letter to set a password with; an account has so many of them a day."""
        account, _ = self.enter(tx, call, owner_only=True, lock="update")
        self.check_invitations(tx, account)
        rules.check_room_for_user(self.store.count_users(tx, account.id).users)
        self.check_editable(tx, account.id, None, "profile")
        now, user_id = self.clock.now(), new_id()
        has_number = self.store.account_row(tx, account.id)["org_number_sealed"] is not None
        with not_under_erasure():
            columns = self.sealing.new_user_columns(account.id, user_id, call, now)
        columns |= {
            "account_id": account.id,
            "language": call.language,
            "category": rules.category_of(has_number=has_number),
        }
        with address_not_taken():
            self.store.insert_user(tx, columns | {"id": user_id}, role="user", is_login_name=False, now=now)
        with acting(call.actor):
            tx.outbox.add(UserAdded(account_id=account.id, user_id=user_id), now=now, sequence=1)
            self.invite(tx, self.store.user(tx, user_id))
        return UserChanged(user_id=user_id, version=1, state="active")

    @answers(UpdateUser)
    def update_user(self, call: UpdateUser, tx: Transaction) -> UserChanged:
        """Change a user's data; a new address waits until its holder confirms it. One's own: `change_email`."""
        changes = _changes(call)
        account, actor_row = self.enter(tx, call, owner_only="role" in changes, lock="update")
        user = self._user_to_change(tx, call, account, actor_row)
        if user.state != "active":
            raise Locked
        self.check_editable(tx, account.id, user.id, "profile")
        if "role" in changes:
            rules.check_role_change(user, changes["role"], self.store.count_users(tx, account.id).owners)
        if "email" in changes:
            rules.check_address_change(call.actor, user)
            self.check_invitations(tx, account)
        address_waits = user.has_password or user.confirmed
        with not_under_erasure():
            columns = self.sealing.user_columns(account.id, user.id, changes, address_waits=address_waits)
        columns |= {name: changes.get(name) for name in ("language", "role")}
        with address_not_taken():
            if "email" in changes:
                self.check_letters(tx, user, "address_change" if address_waits else "invitation")
                self.store.assert_address_free(tx, user, self.sealing.of_email(changes["email"]))
            row = self.store.update_user(tx, user.id, columns)
        if changes.get("role", user.role) != user.role:
            self.store.end_links(tx, user.id, Change.ROLE, now=self.clock.now())
        with acting(call.actor):
            self._tell_of_update(tx, user, changes, row["version"], address_waits=address_waits)
        return UserChanged(user_id=user.id, **row)

    def _user_to_change(
        self, tx: Transaction, call: OfUser, account: AccountState, actor_row: UserState | None
    ) -> UserState:
        """The user meant, locked, of the version last read. Raises `NotFound` for whom the actor may not see."""
        user = self.store.user_of(tx, account.id, call.user_id, lock=True)
        if not rules.may_see(call.actor, actor_row, user):
            raise NotFound
        rules.check_version(user.version, call.version)
        return user

    def _tell_of_update(
        self, tx: Transaction, user: UserState, changes: dict[str, Any], version: int, *, address_waits: bool
    ) -> None:
        now = self.clock.now()
        changed = sorted(changes.keys() - ({"email"} if address_waits else set()))
        if changed:
            event = UserUpdated(
                account_id=user.account_id, user_id=user.id, fields=[Code(name) for name in changed]
            )
            tx.outbox.add(event, now=now, sequence=version)
        if "email" not in changes:
            return
        if not address_waits:
            self.store.end_links(tx, user.id, Change.ADDRESS, now=now)
            self.invite(tx, self.store.user(tx, user.id))
            return
        self.ask_new_address(tx, user, version)

    @answers(DeactivateUser)
    def deactivate_user(self, call: DeactivateUser, tx: Transaction) -> UserChanged:
        """Cut one user's link; the company goes on."""
        account, actor_row = self.enter(tx, call, owner_only=True, lock="update")
        user = self._user_to_change(tx, call, account, actor_row)
        rules.check_user_deactivation(user, self.store.count_users(tx, account.id).owners)
        now = self.clock.now()
        by = rules.deactivation_trigger(call.actor)
        row = self.store.deactivate_user(tx, user.id, by=by, now=now)
        with acting(call.actor):
            event = UserDeactivated(account_id=account.id, user_id=user.id, deactivated_at=now, trigger=Code(by))
            tx.outbox.add(event, now=now, sequence=row["version"])
        return UserChanged(user_id=user.id, **row)

    @answers(ReactivateUser)
    def reactivate_user(self, call: ReactivateUser, tx: Transaction) -> UserChanged:
        """Take one user's link up again. Raises `Conflict` once the erasure has begun, or where staff cut it."""
        account, actor_row = self.enter(tx, call, owner_only=True, lock="update")
        user = self._user_to_change(tx, call, account, actor_row)
        rules.check_reactivation(user, call.actor)
        now = self.clock.now()
        rules.check_way_back(erasure_has_begun=self.store.erasure_has_begun(tx, account.id, user.id))
        with not_under_erasure():
            self.sealing.assert_person_kept(account.id, user.id, now)
        row = self.store.reactivate_user(tx, user.id)
        with acting(call.actor):
            event = UserReactivated(account_id=account.id, user_id=user.id)
            tx.outbox.add(event, now=now, sequence=row["version"])
        return UserChanged(user_id=user.id, **row)

    @answers(InviteUser)
    def invite_user(self, call: InviteUser, tx: Transaction) -> UserChanged:
        """Have the invitation written again to a user who has not taken it up."""
        account, actor_row = self.enter(tx, call, owner_only=True, lock="update")
        user = self._user_to_change(tx, call, account, actor_row)
        if user.state != "active" or user.has_password:
            raise Conflict("there is nothing to invite this user to")
        self.check_invitations(tx, account)
        self.check_letters(tx, user, "invitation")
        with acting(call.actor):
            self.invite(tx, user)
        return UserChanged(user_id=user.id, version=user.version, state=user.state)

    # ── on time ───────────────────────────────────────────────────────────────────────────────────────────

    @every(seconds=60, irreversible=True)
    def forget_what_is_over(self) -> None:
        """Delete sessions, attempts, tickets and the like whose time is over, in batches."""
        now = self.clock.now()
        for _ in range(BATCHES_A_TURN):
            with self.database.transaction() as tx:
                if not self.store.expire(tx, now=now, today=oslo_date(now)):
                    return

    @every(seconds=3600, irreversible=True)
    def close_abandoned_sign_ups(self) -> None:
        """Deactivate companies in which nobody ever confirmed an address; erasure follows as for all others.

        The address was never taken: whoever really has it may sign up, whoever only entered it has no way back.
        """
        before = self.clock.now() - rules.SIGN_UP_ABANDONED_AFTER
        with self.database.transaction() as tx, acting(SYSTEM):
            for account_id in self.store.abandoned_sign_ups(tx, before=before):
                account = self.store.account(tx, account_id, "update")
                self.cut_link(tx, account, rules.ABANDONED)

    # ── the end ───────────────────────────────────────────────────────────────────────────────────────────

    @handles(ErasureOrdered)
    def erase(self, message: Received[ErasureOrdered], tx: Transaction) -> None:
        """Delete every row of the account, or of one user, but for what is held, and say how many.

        A repeated order gets the same answer.
        """
        ordered, now = message.event, self.clock.now()
        step = self.store.erasure_step(tx, ordered.erasure_id)
        if step is None:
            step = self._erase(tx, ordered.account_id, ordered.user_id, ordered.held)
            self.store.save_erasure_step(tx, ordered.erasure_id, step, now=now)
        done = ErasureStepCompleted.done(ordered.erasure_id, self.name, step.counts, step.retained)
        tx.outbox.add(done, now=now)

    @handles(ErasureDryRunOrdered)
    def try_erasure(self, message: Received[ErasureDryRunOrdered], tx: Transaction) -> None:
        """Erase, count and undo it. An active company may be tried as well: it is not told apart."""
        ordered = message.event
        with tx.undone():
            step = self._erase(tx, ordered.account_id, ordered.user_id, ordered.held, tried=True)
        answer = ErasureDryRunAnswered.foreseen(ordered.dry_run_id, self.name, step.counts, step.retained)
        tx.outbox.add(answer, now=self.clock.now())

    def _erase(
        self, tx: Transaction, account_id: UUID, user_id: UUID | None, held: Held, *, tried: bool = False
    ) -> rules.Erasure:
        ended_at = self.clock.now()
        try:
            account = self.store.account(tx, account_id, "update")
            user = self.store.user_of(tx, account_id, user_id, lock=True) if user_id else None
            if not tried:
                rules.check_erasable(account, user)
            ended_at = self._ended_at(tx, account) or ended_at
        except NotFound:
            pass  # nothing is left of it: the counts say so
        email_indexes = self.store.address_digests(tx, account_id, user_id)
        return self.store.erase(
            tx,
            account_id,
            user_id,
            email_indexes=email_indexes,
            brake_keys=[self.sealing.brake_of_name(index) for index in email_indexes],
            archive_until=rules.archive_until(ended_at),
            held=held,
        )

    def _ended_at(self, tx: Transaction, account: AccountState) -> datetime | None:
        """When the contract ended: with the last day of its notice, or when the account became inactive."""
        notice = self.store.notice(tx, account.id)
        if notice is not None and self.store.inactivated_by(tx, account.id) == "contract_terminated":
            return start_of_day_oslo(notice.ends_on)
        return account.inactivated_at


def _agreement(row: Mapping[str, Any]) -> AgreementShown:
    shown = {name: row[name] for name in ("document", "version", "text_sha256", "language", "accepted_at")}
    return AgreementShown(**shown, sentences=tuple(row["sentences"]))


def _changes(call: UpdateAccount | UpdateUser) -> dict[str, Any]:
    """What is to be changed. Raises `Invalid` where that is nothing."""
    changes = {name: value for name, value in call.given().items() if name not in ADDRESSING}
    if not changes:
        raise Invalid("nothing is to be changed")
    return changes
