"""Whether a company's data are right was asked, and answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from services.account.accounts.events import AboutAccount
from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class AccuracyAsked(AboutAccount, Event):
    """The owners of a company are asked by letter whether its data are still right (L47, L144, L170).

    `because` is one of `values.Because`.
    """

    type: ClassVar[str] = "account.accuracy_asked"

    because: Code


@dataclass(frozen=True, kw_only=True)
class AccuracyAttested(AboutAccount, Event):
    """An owner has looked at the data of the company and its people, and says that they are right."""

    type: ClassVar[str] = "account.accuracy_attested"
