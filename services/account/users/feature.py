"""The users of a company: listed, added, invited, changed, made inactive and active again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.account.accounts import store as accounts
from services.account.accounts.publishing import acting
from services.account.accounts.rules import (
    category_of,
    changes_of,
    check_reactivation,
    check_version,
    deactivation_trigger,
)
from services.account.accounts.values import AccountState, UserState
from services.account.authentication.credentials import Authentication
from services.account.authentication.values import Reproof
from services.account.authorisation.access import check_editable, enter, enter_to_change, enter_to_read
from services.account.authorisation.rules import may_see
from services.account.field_encryption.sealing import Sealing, not_under_erasure
from services.account.tickets import issuing
from services.account.tickets import store as tickets
from services.account.tickets.link_endings import Change
from services.account.users import calls, rules
from services.account.users.events import UserAdded, UserDeactivated, UserReactivated, UserUpdated
from shared.bus import Feature, answers
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import Conflict, Locked, NotFound
from shared.events import Code
from shared.identifiers import new_id

if TYPE_CHECKING:
    from services.account.erasure.feature import ErasurePreparation


@dataclass(eq=False)
class UserManagement(Feature):
    """What owners and staff do about users, and users about themselves.

    `erasure` knows whether the way back is closed.
    """

    database: Database
    clock: Clock
    sealing: Sealing
    erasure: ErasurePreparation
    authentication: Authentication

    @answers(calls.ListUsers)
    def list_users(self, call: calls.ListUsers) -> calls.Users:
        """The users the actor may see: owners and staff see all, users themselves."""
        with self.database.transaction() as tx:
            actor_row = enter_to_read(tx, call)
            only = actor_row.id if actor_row and actor_row.role != "owner" else None
            rows = accounts.user_rows(tx, call.account_id, only=only)
        return calls.Users(
            users=tuple(
                calls.User(
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

    # ── coming in ─────────────────────────────────────────────────────────────────────────────────────────

    @answers(calls.AddUser)
    def add_user(self, call: calls.AddUser, tx: Transaction) -> calls.UserChanged:
        """Add a user, who gets a letter to set a password with; an account has so many of them a day."""
        account, _ = enter_to_change(tx, call)
        now, user_id = self.clock.now(), new_id()
        issuing.check_invitations(tx, account, now=now)
        rules.check_room_for_user(accounts.count_users(tx, account.id).users)
        check_editable(tx, account.id, None, "profile")
        has_number = accounts.account_row(tx, account.id)["org_number_sealed"] is not None
        with not_under_erasure():
            columns = self.sealing.new_user_columns(account.id, user_id, call, now)
        ids = {"id": user_id, "account_id": account.id}
        common = {"language": call.language, "category": category_of(has_number=has_number)}
        accounts.insert_user(tx, columns | ids | common, role="user", now=now)
        with acting(call.actor):
            tx.outbox.add(UserAdded(account_id=account.id, user_id=user_id), now=now, sequence=1)
            issuing.invite(tx, accounts.user(tx, user_id), now=now)
        return calls.UserChanged(user_id=user_id, version=1, state="active")

    @answers(calls.InviteUser)
    def invite_user(self, call: calls.InviteUser, tx: Transaction) -> calls.UserChanged:
        """Have the invitation written again to a user who has not taken it up."""
        account, actor_row = enter_to_change(tx, call)
        user, now = _user_to_change(tx, call, account, actor_row), self.clock.now()
        if user.state != "active" or user.has_password:
            raise Conflict("there is nothing to invite this user to")
        issuing.check_invitations(tx, account, now=now)
        issuing.check_letters(tx, user, "invitation", now=now)
        with acting(call.actor):
            issuing.invite(tx, user, now=now)
        return calls.UserChanged(user_id=user.id, version=user.version, state=user.state)

    # ── changes ───────────────────────────────────────────────────────────────────────────────────────────

    def _prove(self, call: calls.UpdateUser | calls.DeactivateUser) -> Reproof | None:
        """Who is an owner, by their password, where one came with the call."""
        return self.authentication.prove_owner(call.actor, call)

    @answers(calls.UpdateUser, first=_prove)
    def update_user(self, call: calls.UpdateUser, tx: Transaction, proof: Reproof | None) -> calls.UserChanged:
        """Change a user's data; a new address waits until its holder confirms it. One's own: `change_email`."""
        changes, now = changes_of(call), self.clock.now()
        account, actor_row = enter(tx, call, owner_only="role" in changes, lock="update")
        user = _user_to_change(tx, call, account, actor_row)
        if user.state != "active":
            raise Locked
        check_editable(tx, account.id, user.id, "profile")
        if "role" in changes:
            rules.check_role_change(user, changes["role"], accounts.count_users(tx, account.id).owners)
        if "email" in changes:
            rules.check_address_change(call.actor, user)
        needed = rules.is_about_owners(user, changes)
        self.authentication.settle_act(tx, call.actor, proof, is_needed=needed)
        if "email" in changes:
            issuing.check_invitations(tx, account, now=now)
        address_waits = user.has_password or user.confirmed
        with not_under_erasure():
            columns = self.sealing.user_columns(account.id, user.id, changes, address_waits=address_waits)
        columns |= {name: changes.get(name) for name in ("language", "role")}
        if "email" in changes:
            issuing.check_letters(tx, user, "address_change" if address_waits else "invitation", now=now)
            accounts.assert_address_free(tx, user, self.sealing.of_email(changes["email"]))
        row = accounts.update_user(tx, user.id, columns)
        if changes.get("role", user.role) != user.role:
            tickets.end_links(tx, user.id, Change.ROLE, now=now)
        with acting(call.actor):
            self._publish_update(tx, user, changes, row["version"], address_waits=address_waits)
        return calls.UserChanged(user_id=user.id, **row)

    def _publish_update(
        self, tx: Transaction, user: UserState, changes: dict[str, Any], version: int, *, address_waits: bool
    ) -> None:
        """Tell what was changed, and have the holder of a new address written to."""
        now = self.clock.now()
        changed = sorted(changes.keys() - ({"email"} if address_waits else set()))
        if changed:
            fields = [Code(name) for name in changed]
            event = UserUpdated(account_id=user.account_id, user_id=user.id, fields=fields)
            tx.outbox.add(event, now=now, sequence=version)
        if "email" not in changes:
            return
        if address_waits:
            issuing.ask_new_address(tx, user, version, now=now)
            return
        tickets.end_links(tx, user.id, Change.ADDRESS, now=now)
        issuing.invite(tx, accounts.user(tx, user.id), now=now)

    @answers(calls.DeactivateUser, first=_prove)
    def deactivate_user(
        self, call: calls.DeactivateUser, tx: Transaction, proof: Reproof | None
    ) -> calls.UserChanged:
        """Cut one user's link; the company goes on."""
        account, actor_row = enter_to_change(tx, call)
        user = _user_to_change(tx, call, account, actor_row)
        self.authentication.settle_act(tx, call.actor, proof, is_needed=user.role == rules.OWNER)
        rules.check_user_deactivation(user, accounts.count_users(tx, account.id).owners)
        with acting(call.actor):
            return self.deactivate(tx, user, deactivation_trigger(call.actor))

    def deactivate(self, tx: Transaction, user: UserState, trigger: str) -> calls.UserChanged:
        """Make a locked, active user inactive: sessions end, links in letters are void, the world is told.

        `trigger` is one of `values.USER_TRIGGERS`.
        """
        now = self.clock.now()
        row = accounts.deactivate_user(tx, user.id, by=trigger, now=now)
        tickets.end_links(tx, user.id, Change.USER_INACTIVE, now=now)
        event = UserDeactivated(**user.ids, deactivated_at=now, trigger=Code(trigger))
        tx.outbox.add(event, now=now, sequence=row["version"])
        return calls.UserChanged(user_id=user.id, **row)

    @answers(calls.ReactivateUser)
    def reactivate_user(self, call: calls.ReactivateUser, tx: Transaction) -> calls.UserChanged:
        """Take one user's link up again. Raises `Conflict` once the erasure has begun, or where staff cut it."""
        account, actor_row = enter_to_change(tx, call)
        user = _user_to_change(tx, call, account, actor_row)
        check_reactivation(user, call.actor)
        now = self.clock.now()
        self.erasure.check_way_back(tx, account.id, user.id)
        with not_under_erasure():
            self.sealing.assert_person_kept(account.id, user.id, now)
        row = accounts.reactivate_user(tx, user.id, now=now)
        with acting(call.actor):
            event = UserReactivated(account_id=account.id, user_id=user.id)
            tx.outbox.add(event, now=now, sequence=row["version"])
        return calls.UserChanged(user_id=user.id, **row)


def _user_to_change(
    tx: Transaction, call: calls.OfUser, account: AccountState, actor_row: UserState | None
) -> UserState:
    """The user meant, locked, of the version last read. Raises `NotFound` for whom the actor may not see."""
    user = accounts.user_of(tx, account.id, call.user_id, lock=True)
    if not may_see(call.actor, actor_row, user):
        raise NotFound
    check_version(user.version, call.version)
    return user
