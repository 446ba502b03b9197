"""Contracts and notices of termination, as the rules see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

NOTICE_MONTHS_MAX: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What the rules need to know of an agreement: when it began, when the customer agreed last, and its notice.

    `notice_months` is None where nothing was agreed apart from the terms. The dates are dates in Oslo.
    """

    began_on: date
    agreed_on: date
    notice_months: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice of termination: the day it was given and the last day of its period, both in Oslo."""

    noticed_on: date
    ends_on: date
