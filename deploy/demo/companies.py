"""The fifty invented companies of the demo, and every plain value by which they could be found again."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import phonenumbers

from deploy.customers.life import acceptance
from shared.email_addresses import canonical_email

FILE: Final = Path(__file__).with_name("data") / "companies.json"
PASSWORD: Final = "demo-only-korrekt-hest"  # noqa: S105  # for invented companies on one's own machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company of the demo: what it enters when signing up. `case` is what the register is to answer."""

    company: dict[str, Any]
    creator: dict[str, str]
    users: tuple[dict[str, str], ...]
    language: str
    case: str

    @property
    def people(self) -> tuple[dict[str, str], ...]:
        """Everybody of the company, the creator first."""
        return (self.creator, *self.users)

    def in_run(self, run: str) -> Company:
        """The same company with addresses of its own, so that the demo can be played again on the same system."""

        def own(person: dict[str, Any]) -> dict[str, Any]:
            local, _, domain = person["email"].partition("@")
            return person | {"email": f"{local}+{run}@{domain}"}

        return replace(
            self,
            company=own(self.company),
            creator=own(self.creator),
            users=tuple(own(each) for each in self.users),
        )

    def form(self) -> dict[str, Any]:
        """The body of `POST /v1/accounts`."""
        return {
            "company": self.company,
            "creator": self.creator,
            "users": list(self.users),
            "password": PASSWORD,
            "language": self.language,
            "agreement": acceptance(),
        }

    def patterns(self) -> list[str]:
        """What somebody of this company could still be found by."""
        traces = {
            self.company["name"],
            "@" + self.company["email"].partition("@")[2],
            "@" + canonical_email(self.company["email"]).partition("@")[2],
            *_phones(self.company["phone"]),
        }
        if self.company.get("org_number"):
            traces.add(self.company["org_number"])
        for address in (self.company.get("contact_address"), self.company.get("billing_address")):
            if address:
                traces.add(address["line_1"])
        for person in self.people:
            traces |= {person["name"], person["email"].partition("@")[0].partition("+")[0] + "+"}
            traces |= _phones(person["phone"])
        return sorted(traces)


def _phones(number: str) -> set[str]:
    parsed = phonenumbers.parse(number, "NO")
    return {
        phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164),
        phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL),
        str(parsed.national_number),
    }


@cache
def companies() -> tuple[Company, ...]:
    """All fifty, in the order of the file."""
    listed = json.loads(FILE.read_text(encoding="utf-8"))["companies"]
    return tuple(Company(**(each | {"users": tuple(each["users"])})) for each in listed)
