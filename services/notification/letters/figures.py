"""The figures that letters tell, each read from the parameter or rule that makes it true."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from services.account.support.calls import TEXT_MOST
from shared.terms.parameters import parameter

_WORDS: Final = {
    "nb": ("null", "én", "to", "tre", "fire", "fem", "seks", "sju", "åtte", "ni", "ti", "elleve", "tolv"),
    "en": ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
}
_YEAR_MONTHS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How long what takes; days unless the name says otherwise, and years after the financial year."""

    completion_days: int
    key_copy_days: int
    review_days: int
    erasure_months: int
    copy_months: int
    authority_hours: int
    accuracy_repeat: int
    """Months after which we ask again whether data are right."""
    report_days: int
    """Working days within which somebody begins to look at a report."""
    dispute_days: int
    """Working days within which whoever disagrees is talked to."""
    report_months: int
    support_characters: int
    """So many one message to support holds."""
    voucher_years: Fraction
    agreement_years: Fraction


FIGURES: Final = Figures(
    completion_days=parameter("erasure.live_completion").default,
    key_copy_days=parameter("backup.keyring_max_age").default,
    review_days=parameter("hold.review").default,
    erasure_months=parameter("retention.inactive_account").default,
    copy_months=parameter("dsr.deadline").default,
    authority_hours=parameter("breach.dpa_deadline_hours").default,
    accuracy_repeat=parameter("accuracy.repeat").default,
    report_days=parameter("nonconformity.examine").default,
    dispute_days=parameter("dispute.begin").default,
    report_months=parameter("file.nonconformity").default,
    support_characters=TEXT_MOST,
    voucher_years=Fraction(parameter("accounting.vouchers").default, _YEAR_MONTHS),
    agreement_years=Fraction(parameter("accounting.agreements").default, _YEAR_MONTHS),
)


def number_word(number: int | Fraction, language: str) -> str:
    """A number as it stands in running text: seven, 90, 3.5; in Norwegian sju, 90, 3,5."""
    if number == int(number):
        whole, words = int(number), _WORDS[language]
        return words[whole] if 0 <= whole < len(words) else str(whole)
    return str(float(number)).replace(".", "," if language == "nb" else ".")
