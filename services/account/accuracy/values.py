"""Why a customer is asked whether its data are right."""

from __future__ import annotations

from enum import StrEnum


class Because(StrEnum):
    """The reasons; a letter has words for each."""

    ADDRESS_MISSING = "address_missing"
    """Neither a contact nor a billing address was ever given, and nobody has said that all is right."""
    TIME_PASSED = "time_passed"
    """It is long since anybody said so."""
