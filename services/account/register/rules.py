"""What the business register's answer means, and when it is asked again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from services.account.fields.rules import name_words
from services.account.register.values import SOLE_PROPRIETORSHIP, RegisterAnswer
from shared.terms import enforces
from shared.terms.clauses import monitoring

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


@enforces(monitoring.SUSPICIOUS_ACCOUNTS)
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


@enforces(monitoring.SUSPICIOUS_ACCOUNTS, monitoring.DIALOGUE_BEFORE_DELETION)
def review_reasons(outcome: str, *, number_is_shared: bool) -> list[str]:
    """Why a person should look at the account. A signal never refuses or closes anything by itself."""
    reasons = [] if outcome in UNREMARKABLE else [outcome]
    return [*reasons, "number_is_shared"] if number_is_shared else reasons


def same_company_name(one: str, other: str) -> bool:
    """Whether two spellings name the same company: case, punctuation, order of blanks and legal form aside."""
    words, others = name_words(one), name_words(other)
    return bool(words) and "".join(words) == "".join(others)


def register_retry_at(attempts: int, now: datetime) -> datetime:
    """When to ask again after `attempts` questions without an answer: after 1, 2, 4 … minutes, at most 6 hours."""
    doublings = min(max(attempts - 1, 0), 16)
    return now + min(REGISTER_RETRY_FIRST * (1 << doublings), REGISTER_RETRY_LONGEST)
