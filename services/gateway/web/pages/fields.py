"""Fields that several forms have."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from services.gateway.web.acts import Field, Kind

NO_COUNTRY: Final = ("Uten landkode er nummeret norsk.", "Without a country code the number is Norwegian.")
NAME: Final = Field(name="name", label=("Navn", "Name"), autocomplete="name")
PHONE: Final = Field(
    name="phone", label=("Telefonnummer", "Telephone number"), hint=NO_COUNTRY, kind=Kind.PHONE, autocomplete="tel"
)
EMAIL: Final = Field(
    name="email", label=("E-postadresse", "E-mail address"), kind=Kind.EMAIL, autocomplete="username"
)
OF_ANOTHER: Final = tuple(replace(each, autocomplete="off") for each in (NAME, EMAIL, PHONE))
"""The same about somebody else, or a company: what a browser knows of its own person is wrong there."""
LANGUAGE: Final = Field(
    name="language",
    label=("Språk i e-poster", "Language of e-mails"),
    kind=Kind.CHOICE,
    offers=(("nb", ("norsk", "Norwegian")), ("en", ("engelsk", "English"))),
)
CURRENT_PASSWORD: Final = Field(
    name="current_password",
    label=("Passordet ditt nå", "Your password now"),
    kind=Kind.PASSWORD,
    autocomplete="current-password",
)
EMAIL_OF_LOG_IN: Final = replace(
    EMAIL, label=("E-postadressen du logger inn med", "The e-mail address you log in with")
)
PASSWORD: Final = replace(CURRENT_PASSWORD, name="password", label=("Passord", "Password"))
WRONG_LOG_IN: Final = ("Adressen eller passordet er feil.", "The address or the password is wrong.")


def needed_for(norwegian: str, english: str) -> Field:
    """The password once more, in a form that needs it for some of what can be done there."""
    return replace(CURRENT_PASSWORD, hint=(norwegian, english), is_needed=False)
