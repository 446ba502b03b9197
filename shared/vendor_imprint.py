"""Who stands behind the letters and pages: the vendor, how to reach a person there, and what its product is called.

Whoever offers a service by electronic means says so in each of them (ehandelsloven § 8).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared.config import SettingError, Settings
from shared.production import IDENTITY, SAMPLE_STATEMENT

NAME, ORG_NUMBER, SEAT, PHONE, CONTACT, PRODUCT, PRIVACY = IDENTITY

ACCOUNTANT: Final = "VILKAR_VENDOR_ACCOUNTANT"
DATA_PROTECTION_OFFICER: Final = "VILKAR_DATA_PROTECTION_OFFICER"
"""Asked for by the authority's form; production starts without it, and each draft says that it is lacking."""
NO_OFFICER: Final = "none"
"""What that setting says where the law asks for none."""

DEMO: Final = {
    NAME: "Semje Software AS",
    ORG_NUMBER: "803772096",
    SEAT: "Kirkenær",
    PHONE: "413 78 216",
    CONTACT: "post@semje.com",
    PRODUCT: "Nøgd",
}
"""What demo and test environments show. The organisation number is one of the sandbox's register."""


@dataclass(frozen=True, kw_only=True)
class Imprint:
    """The vendor as letters and pages name it; `contact` is an e-mail address, `privacy_url` its statement.

    `product` is the name of what its customers have accounts for.
    `accountant` keeps the books beside the vendor, which whoever asks for access is told. Empty where nobody does.
    `data_protection_officer` is how the officer is reached (GDPR article 37), `NO_OFFICER` where there is none, and
    None where the installation has not said it.
    `has_statement` is false where the statement is the sample that the gateway shows.
    """

    name: str
    org_number: str
    seat: str
    phone: str
    contact: str
    product: str
    privacy_url: str
    data_protection_officer: str | None = None
    has_statement: bool = True
    accountant: str = ""


DEMO_IMPRINT: Final = Imprint(
    name=DEMO[NAME],
    org_number="803 772 096",
    seat=DEMO[SEAT],
    phone=DEMO[PHONE],
    contact=DEMO[CONTACT],
    product=DEMO[PRODUCT],
    privacy_url=SAMPLE_STATEMENT,
    has_statement=False,
)
"""What pages show until an installation has said who it is."""


def read(settings: Settings) -> Imprint:
    """The imprint of this installation; production has been refused before where a part of it is not given."""
    own_page = f"{settings.gateway_public_url.rstrip('/')}{SAMPLE_STATEMENT}"
    given = {name: settings.raw.get(name, "").strip() or DEMO.get(name, own_page) for name in (*DEMO, PRIVACY)}
    return Imprint(
        name=given[NAME],
        org_number=_in_threes(given[ORG_NUMBER]),
        seat=given[SEAT],
        phone=given[PHONE],
        contact=given[CONTACT],
        product=given[PRODUCT],
        privacy_url=given[PRIVACY],
        data_protection_officer=settings.raw.get(DATA_PROTECTION_OFFICER, "").strip() or None,
        has_statement=given[PRIVACY] != own_page,
        accountant=settings.raw.get(ACCOUNTANT, "").strip(),
    )


def _in_threes(number: str) -> str:
    """An organisation number as it is written in print: 803 772 096. Raises `SettingError` for anything else."""
    digits = "".join(number.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == 9):  # noqa: PLR2004  # nine by law
        raise SettingError(f"{ORG_NUMBER} must have nine digits")
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}"
