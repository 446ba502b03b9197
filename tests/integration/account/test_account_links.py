"""Which link and which session ends by what: every pair of the table, tried on the real service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.account.authentication.rules import SESSION_LONGEST
from services.account.tickets import link_endings
from services.account.tickets.link_endings import Change, Link, ends
from shared.errors import Conflict, Forbidden, Locked, NotFound, Unauthenticated
from tests.forms import PASSWORD, confirmation_call
from tests.plugins.account_world import Member, World

pytestmark = pytest.mark.integration

ANOTHER = "Et ganske annet passord 8"
DEAD = (NotFound, Locked, Unauthenticated, Conflict, Forbidden)
NEEDS_INACTIVE = frozenset({Link.REACTIVATION})
"""A link that exists only for somebody whose company is inactive."""


@dataclass
class Case:
    """Somebody with a link or a session, and an owner beside who makes changes."""

    world: World
    owner: Member
    holder: Member
    token: str = ""

    def change_user(self, method: str, **fields) -> None:
        self.world.call(
            method,
            account_id=self.holder.account_id,
            actor=self.owner.actor,
            user_id=self.holder.user_id,
            version=self.world.version(self.holder, of_user=True),
            **fields,
        )


# ── how each is made, and what it is to work ──────────────────────────────────────────────────────────────


def letter(case: Case, event: str, name: str) -> str:
    """The token of the newest letter of a kind to the holder."""
    wanted = [each for each in case.world.outbox(event) if each["user_id"] == str(case.holder.user_id)]
    facts = {"user_id": case.holder.user_id, "letter": name, "ticket_id": wanted[-1]["ticket_id"]}
    return case.world.call("letter_facts", **facts)["link_token"]


def confirmation(case: Case) -> str:
    return letter(case, "user.confirmation_requested", "email_confirmation")


def invitation(case: Case) -> str:
    return letter(case, "user.invited", "invitation")


def password_reset(case: Case) -> str:
    case.world.call("request_password_reset", email=case.holder.email)
    case.world.run("answer_letter_requests")
    return letter(case, "user.password_reset_requested", "password_reset")


def reactivation(case: Case) -> str:
    case.world.call("request_password_reset", email=case.holder.email)
    case.world.run("answer_letter_requests")
    return letter(case, "user.return_requested", "return_by_link")


def address_change(case: Case) -> str:
    case.world.change_email(case.holder, case.world.fresh_email("ny"))
    return letter(case, "user.confirmation_requested", "email_confirmation")


def session(case: Case) -> str:
    return case.world.log_in(case.holder)["token"]


MAKE: dict[Link, Callable[[Case], str]] = {
    Link.CONFIRMATION: confirmation,
    Link.INVITATION: invitation,
    Link.PASSWORD_RESET: password_reset,
    Link.REACTIVATION: reactivation,
    Link.ADDRESS_CHANGE: address_change,
    Link.SESSION: session,
}


def use(case: Case, link: Link) -> None:
    """Do with it what it is for; raises where it does not work."""
    world, token = case.world, case.token
    if link is Link.SESSION:
        world.call("authenticate", token=token)
    elif link is Link.REACTIVATION:
        world.call("reactivate_by_letter", token=token)
    elif link in (Link.CONFIRMATION, Link.ADDRESS_CHANGE):
        world.call("confirm_email", **confirmation_call(token, ANOTHER))
    else:
        world.call("reset_password", token=token, new_password=ANOTHER)


# ── how each change is made ───────────────────────────────────────────────────────────────────────────────


def change_password(case: Case) -> None:
    token = case.world.log_in(case.holder)["token"]
    case.world.call(
        "change_password",
        token=token,
        current_password=PASSWORD,
        new_password=ANOTHER,
        origin=case.world.origin(),
    )


def change_address(case: Case, link: Link) -> None:
    if link is Link.INVITATION:
        case.change_user("update_user", email=case.world.fresh_email("ny"))
        return
    kept = case.holder.email
    case.world.change_email(case.holder, case.world.fresh_email("ny"))
    token = letter(case, "user.confirmation_requested", "email_confirmation")
    case.world.call("confirm_email", token=token)
    case.holder.email = kept


def of_account(case: Case, method: str, **more: str) -> None:
    fields = {"account_id": case.owner.account_id, "actor": "staff:kari", **more}
    case.world.call(method, **fields, version=case.world.version(case.owner))


def deactivate(case: Case) -> None:
    of_account(case, "deactivate_account", reason="customer_request")


def block(case: Case) -> None:
    """For as long as staff look into it; what it ends stays ended."""
    of_account(case, "block_account", reason="security")
    of_account(case, "unblock_account")


def erase(case: Case) -> None:
    standing = case.world.call("standing", account_id=case.owner.account_id)
    if standing["account_state"] == "active":
        deactivate(case)
    case.world.order_erasure(uuid4(), case.owner.account_id)


def restrict(case: Case) -> None:
    with case.world.database.transaction() as tx:
        tx.run(
            "INSERT INTO restricted (id, kind, account_id, user_id, categories, since)"
            " VALUES (%(id)s, 'restriction', %(account_id)s, %(user_id)s, '{}', %(now)s)",
            id=uuid4(),
            account_id=case.holder.account_id,
            user_id=case.holder.user_id,
            now=case.world.clock.now(),
        )


def give_notice(case: Case) -> None:
    fields = {"account_id": case.owner.account_id, "actor": "staff:kari", "channel": "letter"}
    case.world.call("terminate_contract", **fields, version=case.world.version(case.owner))


def prove_elsewhere(case: Case) -> None:
    """Another sign-up with the same address is the one that its reader confirms."""
    application = case.world.application(case.holder.email)
    case.world.clock.move(timedelta(seconds=1))
    case.world.call("sign_up", **application)
    user_id, account_id = case.world.user_by_email(case.holder.email)
    case.world.confirm(Member(case.holder.email, account_id, user_id))


def let_time_pass(case: Case, link: Link) -> None:
    life = SESSION_LONGEST if link is Link.SESSION else link_endings.LIFE[link]
    case.world.clock.move(life)


def make_change(case: Case, link: Link, change: Change) -> None:
    """The change as people or staff make it."""
    plain: dict[Change, Callable[[Case], object]] = {
        Change.USED: lambda each: use(each, link),
        Change.NEWER: lambda each: newer(each, link),
        Change.AGE: lambda each: let_time_pass(each, link),
        Change.PASSWORD: change_password,
        Change.ADDRESS: lambda each: change_address(each, link),
        Change.ROLE: lambda each: each.change_user("update_user", role=other_role(each)),
        Change.USER_INACTIVE: lambda each: each.change_user("deactivate_user"),
        Change.ACCOUNT_INACTIVE: deactivate,
        Change.ACCOUNT_BACK: lambda each: of_account(each, "reactivate_account"),
        Change.ACCOUNT_BLOCKED: block,
        Change.ADDRESS_PROVED: prove_elsewhere,
        Change.ERASED: erase,
        Change.NOTICE: give_notice,
        Change.RESTRICTED: restrict,
    }
    plain[change](case)


def other_role(case: Case) -> str:
    shown = case.world.call("list_users", account_id=case.owner.account_id, actor="staff:kari")["users"]
    (role,) = [each["role"] for each in shown if each["user_id"] == str(case.holder.user_id)]
    return "user" if role == "owner" else "owner"


def newer(case: Case, link: Link) -> None:
    if link is Link.INVITATION:
        case.change_user("invite_user")
    elif link is Link.CONFIRMATION:
        case.world.call("request_confirmation", email=case.holder.email)
        case.world.run("answer_letter_requests")
    MAKE[link](case)


IMPOSSIBLE: dict[tuple[Link, Change], str] = {
    (Link.CONFIRMATION, Change.PASSWORD): "nobody is in before the address is proved",
    (Link.CONFIRMATION, Change.ADDRESS): "nobody is in before the address is proved",
    (Link.CONFIRMATION, Change.ROLE): "whoever signed up is the only owner",
    (Link.CONFIRMATION, Change.USER_INACTIVE): "the only owner cannot be made inactive alone",
    (Link.INVITATION, Change.PASSWORD): "there is none yet",
    (Link.INVITATION, Change.ROLE): "who has not taken up the invitation keeps the role",
    (Link.INVITATION, Change.ADDRESS_PROVED): "an invitation is no sign-up",
    (Link.REACTIVATION, Change.PASSWORD): "nobody is in an inactive account",
    (Link.REACTIVATION, Change.ADDRESS): "nobody is in an inactive account",
    (Link.REACTIVATION, Change.ROLE): "an inactive account is not changed",
    (Link.REACTIVATION, Change.USER_INACTIVE): "an inactive account is not changed",
    (Link.REACTIVATION, Change.ACCOUNT_INACTIVE): "it is inactive already",
    (Link.REACTIVATION, Change.ACCOUNT_BLOCKED): "an inactive account is not blocked",
    (Link.REACTIVATION, Change.NOTICE): "an inactive account is not changed",
}
NOT_FOR_THE_PROVED = frozenset({Link.PASSWORD_RESET, Link.REACTIVATION, Link.ADDRESS_CHANGE, Link.SESSION})
IMPOSSIBLE |= {(link, Change.ADDRESS_PROVED): "the address is proved already" for link in NOT_FOR_THE_PROVED}
IMPOSSIBLE |= {
    (link, Change.ACCOUNT_BACK): "made while the account is active, it ended when that became inactive"
    for link in Link
    if link not in NEEDS_INACTIVE
}
PAIRS = [(link, change) for link in Link for change in Change]


def start(world: World, link: Link) -> Case:
    """Somebody who holds such a link."""
    if link is Link.CONFIRMATION:
        holder = world.sign_up(confirmed=False)
        return Case(world, holder, holder)
    owner = world.sign_up()
    holder = world.add_user(owner, joined=link is not Link.INVITATION)
    case = Case(world, owner, holder)
    if link in NEEDS_INACTIVE:
        case.change_user("update_user", role="owner")
        world.deactivate(owner)
    return case


@pytest.mark.clause("ISOLATE-1")
@pytest.mark.parametrize(("link", "change"), [pair for pair in PAIRS if pair not in IMPOSSIBLE])
def test_a_link_ends_by_what_the_table_says_and_by_nothing_else(world, link, change) -> None:
    case = start(world, link)
    case.token = MAKE[link](case)
    make_change(case, link, change)
    if ends(link, change):
        with pytest.raises(DEAD):
            use(case, link)
    elif (link, change) == (Link.ADDRESS_CHANGE, Change.RESTRICTED):
        with pytest.raises(Conflict):  # it stays, and is of use again once the data may be changed
            use(case, link)
        with case.world.database.transaction() as tx:
            tx.run("DELETE FROM restricted WHERE account_id = %(id)s", id=case.holder.account_id)
        use(case, link)
    else:
        use(case, link)


def test_every_pair_is_tried_or_said_to_be_impossible() -> None:
    assert set(MAKE) == set(Link)
    assert set(IMPOSSIBLE) <= set(PAIRS)
    assert len(PAIRS) - len(IMPOSSIBLE) >= 50
    assert not set(IMPOSSIBLE) & {pair for pair in link_endings.OUTLIVES if pair[1] is not Change.NOTICE}


@pytest.mark.parametrize("link", [Link.PASSWORD_RESET, Link.ADDRESS_CHANGE])
def test_a_letter_that_was_asked_for_before_a_change_and_is_written_after_it_leads_nowhere(world, link) -> None:
    case = start(world, link)
    MAKE[link](case)
    change_password(case)
    kind = "password_reset" if link is Link.PASSWORD_RESET else "address_change"
    ticket_id: UUID = world.newest_ticket(case.holder.user_id, kind)
    name = "password_reset" if link is Link.PASSWORD_RESET else "email_confirmation"
    with pytest.raises(Conflict):
        world.call("letter_facts", user_id=case.holder.user_id, letter=name, ticket_id=ticket_id)
