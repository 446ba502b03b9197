"""What the account service decides, without touching anything: every rule is given what it needs, and `now`.

A rule returns a decision or raises a `Refused`; none of them names a value of personal data in doing so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from services.account.accounts.values import AccountState, UserState
from services.account.agreements.calls import Agreement
from services.account.authentication.values import SessionState
from services.account.passwords.password_rules import objection_to
from services.account.register.values import RegisterAnswer
from shared.actor import Actor
from shared.calendar import oslo_date
from shared.errors import ASK_VENDOR, Conflict, Forbidden, Invalid, Locked, NotFound, Permanent
from shared.terms import collection, documents, duties, enforces, erasure, protection, rights, watch
from shared.waits import noted_by

# ── sign-up ───────────────────────────────────────────────────────────────────────────────────────────────


@enforces(documents.DPA_WITH_THE_ACCOUNT, collection.NO_ACCOUNT_WITHOUT_ACCEPTANCE, duties.FOUR_ATTESTATIONS)
def check_agreement(agreement: Agreement, current_version: str, text_sha256: str | None = None) -> list[str]:
    """The attestations given, all four.

    Raises `Conflict` for another version or another text, `Invalid` for less than all of them.

    `text_sha256` is the digest of the text in force, in the language of the sign-up.
    """
    if agreement.version != current_version:
        raise Conflict(
            "the terms have a newer version, which has not been accepted", details={"version": current_version}
        )
    if agreement.text_sha256 not in (None, text_sha256):
        raise Conflict("another text was shown than the one in force", details={"version": current_version})
    if not agreement.accepted:
        raise Invalid("the terms must be accepted", details={"agreement": {"accepted": ["must be true"]}})
    attested = agreement.attestations.given()
    missing = sorted(name for name, is_given in attested.items() if not is_given)
    if missing:
        details = {name: ["must be true"] for name in missing}
        raise Invalid("every attestation must be given", details={"agreement": {"attestations": details}})
    return sorted(attested)


@enforces(collection.NO_ACCOUNT_WITHOUT_ACCEPTANCE)
def check_new_agreement(
    agreement: Agreement | None, current_version: str, text_sha256: str | None = None
) -> list[str]:
    """The attestations given by somebody whose address is proved; the rest is as in `check_agreement`.

    Raises `Conflict` where none was accepted.
    """
    if agreement is None:
        raise Conflict(
            "the contract is concluded, at first or once it has ended, by accepting the terms in force",
            details={"reason": "acceptance_needed", "version": current_version},
        )
    return check_agreement(agreement, current_version, text_sha256)


@enforces(protection.CONFIDENTIAL_AND_CORRECT)
def check_password(
    password: str, *, emails: Iterable[str], company_name: str, names: Iterable[str] = (), vendor_name: str = ""
) -> None:
    """Raises `Invalid` with the reason unless nobody would guess it. Asked when a password is set, never later."""
    companies = (company_name, " ".join(_name_words(company_name)))
    objection = objection_to(password, emails=emails, company_names=companies, names=names, vendor_name=vendor_name)
    if objection is not None:
        raise Invalid("the password is not acceptable", details={"password": [objection]})


@enforces(protection.ONLY_YOUR_OWN)
def password_of_reader(password: str | None) -> str:
    """The password that whoever reads at the address chooses there. Raises `Invalid` where none is given.

    The one that came with the sign-up is not known to be of the same person, and never counts.
    """
    if password is None:
        reason = "is needed: whoever confirms the address chooses it"
        raise Invalid("the password is not acceptable", details={"password": [reason]})
    return password


@enforces(collection.SIGN_UP_FIELDS)
def check_users_differ(indexes: Sequence[bytes]) -> None:
    """Raises `Invalid` where two users of a sign-up have the same address."""
    if len(set(indexes)) != len(indexes):
        raise Invalid("every user needs an address of their own", details={"users": ["addresses must differ"]})


@enforces(documents.PERSON_CATEGORIES)
def category_of(*, has_number: bool) -> str:
    """`employee` of an organisation, or `private_customer` where no organisation was named."""
    return "employee" if has_number else "private_customer"


# ── the business register ─────────────────────────────────────────────────────────────────────────────────

SOLE_PROPRIETORSHIP: Final = "ENK"
LEGAL_FORM: Final = re.compile(
    "asa?|ans|da|enk|nuf|sa|ba|i?ks|kf|sf|fkf|sti|bbl|brl|borettslag|(allmenn)?aksjeselskap"
    "|enkeltpersonforetak|ltd|limited"
)
ANSWER_OUTCOMES: Final = {
    "removed": "removed",
    "deleted": "deleted",
    "sub_entity": "sub_entity",
    "not_found": "not_found",
}
UNREMARKABLE: Final = frozenset({"matched", "sole_proprietorship", "provisional", "no_number"})
REGISTER_ASKED_AGAIN: Final = timedelta(days=7)
"""A company goes bankrupt after it signed up: each is asked about again, for as long as it is active."""
REGISTER_RETRY_FIRST: Final = timedelta(minutes=1)
REGISTER_RETRY_LONGEST: Final = timedelta(hours=6)
WAITS: Final[Mapping[str, timedelta]] = MappingProxyType(
    {"account.register_retry_at": REGISTER_ASKED_AGAIN + REGISTER_RETRY_LONGEST}
)
"""How far ahead the instants that something waits for may lie. What lies further ahead has come."""


@enforces(watch.SUSPICIOUS_ACCOUNTS)
def register_outcome(answer: RegisterAnswer, company_name: str) -> str:
    """What the register's answer means for this customer; the gravest finding counts."""
    if answer.kind in ANSWER_OUTCOMES:
        return ANSWER_OUTCOMES[answer.kind]
    if answer.bankrupt:
        return "bankrupt"
    if answer.winding_up:
        return "winding_up"
    if not same_company_name(answer.name or "", company_name):
        return "name_mismatch"
    return "sole_proprietorship" if answer.org_form == SOLE_PROPRIETORSHIP else "matched"


@enforces(watch.SUSPICIOUS_ACCOUNTS, watch.DIALOGUE_BEFORE_DELETION)
def review_reasons(outcome: str, *, number_is_shared: bool) -> list[str]:
    """Why a person should look at the account. A signal never refuses or closes anything by itself."""
    reasons = [] if outcome in UNREMARKABLE else [outcome]
    return [*reasons, "number_is_shared"] if number_is_shared else reasons


@enforces(watch.SUSPICIOUS_ACCOUNTS)
def outcome_after_change(changes: Mapping[str, Any], *, had_number: bool) -> str | None:
    """`provisional` where name or number changed and are to be checked, `no_number`, None where all stands."""
    if not {"name", "org_number"} & changes.keys():
        return None
    has_number = bool(changes["org_number"]) if "org_number" in changes else had_number
    return "provisional" if has_number else "no_number"


def same_company_name(one: str, other: str) -> bool:
    """Whether two spellings name the same company: case, punctuation, order of blanks and legal form aside."""
    words, others = _name_words(one), _name_words(other)
    return bool(words) and "".join(words) == "".join(others)


@enforces(documents.PERSON_CATEGORIES)
def is_personal(org_form: str | None, *, has_number: bool) -> bool:
    """Whether the company's data are a person's: a sole trader, or nobody known to be an organisation."""
    return org_form == SOLE_PROPRIETORSHIP or not has_number


def register_retry_at(attempts: int, now: datetime) -> datetime:
    """When to ask again after `attempts` questions without an answer: after 1, 2, 4 … minutes, at most 6 hours."""
    doublings = min(max(attempts - 1, 0), 16)
    return now + min(REGISTER_RETRY_FIRST * (1 << doublings), REGISTER_RETRY_LONGEST)


def _name_words(name: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", name).casefold().replace("&", " og ").replace("+", " og ")
    folded = folded.replace(".", "").replace("/", "").replace("aa", "å")
    words = re.findall(r"\w+", folded)
    bare = [word for word in words if not LEGAL_FORM.fullmatch(word)]
    return bare or words


# ── who may do what ───────────────────────────────────────────────────────────────────────────────────────


@enforces(collection.LINK_ONLY_WHILE_ACTIVE)
def require_active(account: AccountState) -> None:
    """Raises `Locked` for an inactive company: nothing is read from it or entered into it."""
    if account.state != "active":
        raise Locked


@enforces(collection.LINK_ONLY_WHILE_ACTIVE, watch.SUSPICIOUS_ACCOUNTS)
def require_open(account: AccountState) -> None:
    """Raises `Locked` for an inactive company, and for one that staff have closed to protect it."""
    require_active(account)
    if account.blocked:
        raise blocked()


def blocked() -> Locked:
    """What those are told who have proved who they are, and whose account staff have closed to protect it."""
    return Locked(
        "the vendor has closed the account to protect it, and only the vendor opens it again",
        details={"reason": "blocked", **ASK_VENDOR},
    )


TRUSTED: Final = frozenset({"staff", "system"})


@enforces(protection.ONLY_YOUR_OWN)
def authorise(actor: Actor, acting: UserState | None, account: AccountState, *, owner_only: bool) -> None:
    """Raises unless `actor` may act in `account`.

    `acting` is the actor's own row, None where there is none in this account: then the account does not
    exist for them (`NotFound`), whether or not it exists for others.
    """
    if actor.kind in TRUSTED:
        return
    if acting is None or acting.account_id != account.id:
        raise NotFound
    if account.blocked:
        raise blocked()
    if acting.state != "active":
        raise Locked
    if owner_only and acting.role != "owner":
        raise Forbidden("only an owner of the account may do this")


@enforces(protection.ONLY_YOUR_OWN)
def may_see(actor: Actor, acting: UserState | None, user: UserState) -> bool:
    """Whether the actor may see or change this user of the account: owners and staff all, users themselves."""
    return acting is None or acting.role == "owner" or actor.user_id == user.id


USERS_LIMIT: Final = 5000
STAFF: Final = "staff"
ABANDONED: Final = "sign_up_abandoned"
SIGN_UP_ABANDONED_AFTER: Final = timedelta(days=14)


def check_version(current: int, given: int) -> None:
    """Raises `Conflict` with the current version where something was changed since it was read."""
    if current != given:
        raise Conflict("changed since it was read", details={"version": current})


@enforces(collection.TERMINATION_IS_HEARD, erasure.ERASE_AFTER_INACTIVE)
def deactivation_trigger(actor: Actor) -> str:
    """Who made the account inactive, as the events tell it."""
    return {"user": "customer", "staff": STAFF, "system": ABANDONED}[actor.kind]


@enforces(watch.SUSPICIOUS_ACCOUNTS)
def check_reactivation(thing: AccountState | UserState, actor: Actor) -> None:
    """Raises `Conflict` where the company or user is active already, or staff made it so and others would undo it.

    What was made inactive on suspicion is talked over with the staff, and nobody else ends that (L160).
    """
    if thing.state == "active":
        raise Conflict("is active already", details={"version": thing.version})
    if thing.inactivated_by == STAFF and actor.kind == "user":
        raise held_by_staff()


def held_by_staff() -> Conflict:
    """What those are told who have proved who they are and cannot come back by themselves."""
    return Conflict(
        "the vendor made it inactive, and only the vendor takes it up again",
        details={"reason": "held_by_staff", **ASK_VENDOR},
    )


def check_user_deactivation(user: UserState, active_owners: int) -> None:
    """Raises `Conflict` where the user is inactive already, or is the last owner."""
    if user.state != "active":
        raise Conflict("is inactive already", details={"version": user.version})
    if user.role == "owner" and active_owners <= 1:
        raise Conflict("the last owner cannot go: deactivate the account, or make another user an owner")


@enforces(rights.RIGHT_TO_OBJECT_OR_RESTRICT, erasure.HOLD_IN_DISPUTE)
def check_not_restricted(*, is_restricted: bool) -> None:
    """Raises `Conflict` where the data may only be stored: a dispute or the person itself has stopped changes."""
    if is_restricted:
        raise Conflict("restricted: these data may only be stored now", details={"reason": "restricted"})


def check_room_for_user(users: int) -> None:
    """Raises `Conflict` where the account has as many users as one may have."""
    if users >= USERS_LIMIT:
        raise Conflict(f"an account has at most {USERS_LIMIT} users")


@enforces(protection.ONLY_YOUR_OWN)
def check_address_change(actor: Actor, user: UserState) -> None:
    """Raises `Forbidden` for one's own address, which is changed with the current password (`change_email`).

    Whoever finds a session open could else take the user over: the address is what a password is reset with.
    """
    if actor.kind == "user" and actor.user_id == user.id:
        raise Forbidden("one's own address is changed with the current password", details={"reason": "password"})


def check_role_change(user: UserState, role: str, active_owners: int) -> None:
    """Raises `Conflict` where the account would be without an owner, `Invalid` for an owner who never came."""
    if user.role == "owner" and role != "owner" and active_owners <= 1:
        raise Conflict("the last owner cannot go: make another user an owner first")
    if role == "owner" and not (user.confirmed and user.state == "active"):
        raise Conflict("only an active user who has taken up the invitation can become an owner")


# ── log-in ────────────────────────────────────────────────────────────────────────────────────────────────

SESSION_IDLE: Final = timedelta(hours=1)
SESSION_LONGEST: Final = timedelta(hours=12)
SESSIONS_A_USER: Final = 10
TOUCH_AFTER: Final = timedelta(minutes=1)
"""A session's last use is written at most this often."""

DELAY_FROM_FAILURES: Final = 5
DELAY_WINDOW: Final = timedelta(minutes=15)
DELAY_FIRST: Final = timedelta(seconds=30)
LOCK_FROM_FAILURES: Final = 10
LOCK_WINDOW: Final = timedelta(hours=1)
LOCK: Final = timedelta(minutes=15)
ADDRESS_LOCK_FROM_FAILURES: Final = 40
"""One network address often stands for a whole office, so it is given more than one name."""
FAILURES_KEPT: Final = 50
BRAKE_KEPT: Final = timedelta(days=1)
ATTEMPTS_KEPT: Final = timedelta(hours=48)


@enforces(watch.ODD_LOGINS_ARE_REPORTED, protection.ATTACKS_ARE_LOOKED_FOR)
def name_closed_until(failures: Sequence[datetime], now: datetime) -> datetime | None:
    """Until when a log-in name takes no attempt, None where it takes one now.

    From five failures within 15 minutes the next attempt waits 30 s, 60 s, 120 s …; from ten within an hour
    it waits 15 minutes. Attempts while closed do not count, so it always opens again.
    """
    failures = _noted(failures, now)
    if not failures:
        return None
    last = max(failures)
    if _since(failures, now - LOCK_WINDOW) >= LOCK_FROM_FAILURES:
        return _if_ahead(last + LOCK, now)
    recent = _since(failures, now - DELAY_WINDOW)
    if recent < DELAY_FROM_FAILURES:
        return None
    return _if_ahead(last + min(DELAY_FIRST * (1 << (recent - DELAY_FROM_FAILURES)), LOCK), now)


@enforces(watch.ODD_LOGINS_ARE_REPORTED, protection.ATTACKS_ARE_LOOKED_FOR)
def address_closed_until(failures: Sequence[datetime], now: datetime) -> datetime | None:
    """Until when a network address may not try: 15 minutes after the fortieth failure within an hour."""
    failures = _noted(failures, now)
    if _since(failures, now - LOCK_WINDOW) < ADDRESS_LOCK_FROM_FAILURES:
        return None
    return _if_ahead(max(failures) + LOCK, now)


def kept_failures(failures: Sequence[datetime], now: datetime) -> list[datetime]:
    """The failures worth remembering, oldest first."""
    return sorted(at for at in _noted(failures, now) if at > now - LOCK_WINDOW)[-FAILURES_KEPT:]


def _noted(failures: Sequence[datetime], now: datetime) -> list[datetime]:
    """Those that can have been: one dated ahead of now would keep a name closed until then."""
    return [at for at in failures if noted_by(at, now)]


def _since(failures: Sequence[datetime], start: datetime) -> int:
    return sum(1 for at in failures if at > start)


def _if_ahead(instant: datetime, now: datetime) -> datetime | None:
    return instant if instant > now else None


@enforces(collection.LINK_ONLY_WHILE_ACTIVE)
def login_refusal(account: AccountState, user: UserState) -> str | None:
    """Why this user may not log in even with the right password; a code of `LOGIN_FAILURES`, or None."""
    if account.state != "active":
        return "account_inactive"
    if account.blocked:
        return "account_blocked"
    if user.state != "active":
        return "user_inactive"
    return None if user.confirmed else "unconfirmed"


@enforces(watch.SUSPICIOUS_ACCOUNTS)
def reactivation_refusal(account: AccountState, user: UserState) -> str | None:
    """Why this user may not reactivate the company with the right password; None where it may."""
    if user.state != "active" or user.role != "owner":
        return "user_inactive"
    if account.blocked:
        return "account_blocked"
    if account.state == "active":
        return "account_active"
    if not user.confirmed:
        return "unconfirmed"
    if account.inactivated_by == STAFF:
        return "held_by_staff"
    return "bankrupt" if is_estate(account) else None


def is_estate(account: AccountState) -> bool:
    """Whether the register calls the company bankrupt and no person has let its owners instruct all the same."""
    return account.register_outcome == "bankrupt" and not account.owner_may_instruct


def session_ends_at(session: SessionState) -> datetime:
    """One hour after the last use, twelve hours after log-in at the latest."""
    return min(session.seen_at + SESSION_IDLE, session.created_at + SESSION_LONGEST)


@enforces(protection.ONLY_YOUR_OWN)
def session_is_open(session: SessionState, now: datetime) -> bool:
    """Whether the session may be used: not ended, and both company and user are active."""
    begun = noted_by(session.created_at, now) and noted_by(session.seen_at, now)
    return begun and now < session_ends_at(session) and session.account_state == session.user_state == "active"


def touch_is_due(session: SessionState, now: datetime) -> bool:
    """Whether the session's last use is to be written down."""
    return abs(now - session.seen_at) >= TOUCH_AFTER


# ── the end ───────────────────────────────────────────────────────────────────────────────────────────────

AGREEMENT_IP_KEPT: Final = timedelta(days=90)
ARCHIVE_YEARS: Final = 4
"""3.5 years after 31 December of the year in which the contract ended is 30 June four years on."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure counts and keeps."""

    counts: dict[str, int]
    retained: list[str]


@enforces(erasure.ERASE_AFTER_INACTIVE, erasure.LOST_FOR_EVER)
def check_erasable(account: AccountState, user: UserState | None) -> None:
    """Raises `Permanent` where what is to be erased is still in use; the order is parked for a person to see."""
    in_use = account.state == "active" and (user is None or user.state == "active")
    if in_use:
        raise Permanent("an active account or user is not erased")


@enforces(erasure.ERASE_AFTER_INACTIVE)
def check_way_back(*, erasure_has_begun: bool) -> None:
    """Raises `Conflict` once the erasure has begun: what is being destroyed cannot come back."""
    if erasure_has_begun:
        raise Conflict("the erasure has begun and cannot be called off")


@enforces(erasure.ERASE_AFTER_INACTIVE)
def check_erasure_may_begin(account: AccountState, user: UserState | None) -> None:
    """Raises `Conflict` where what is to be erased is in use: it came back a moment ago."""
    if (user or account).state == "active":
        raise Conflict("is active, and is not erased")


@enforces(erasure.ERASE_WHEN_NOT_NEEDED)
def archive_until(ended_at: datetime) -> date:
    """The last day on which the accepted agreement is kept: 3.5 years after the end of that financial year."""
    return date(oslo_date(ended_at).year + ARCHIVE_YEARS, 6, 30)
