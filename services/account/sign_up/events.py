"""A company signed up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.account.accounts.events import AboutAccount
from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class AccountRegistered(AboutAccount, Event):
    """A company signed up and concluded the data-processing agreement in the same transaction (L126).

    `register_outcome` is one of `services.account.register.values.REGISTER_OUTCOMES`; `provisional` means that
    the business register did not answer and is asked again. `creator_id` is the first owner, who gets no
    `user.added`. The address is not confirmed yet: nobody can log in before `user.email_confirmed`.
    """

    type: ClassVar[str] = "account.registered"

    creator_id: UUID
    register_outcome: Code
    terms_version: Code
