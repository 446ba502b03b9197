"""The kinds of field that calls are made of. Their errors name limits and never repeat a value.

What one of them has read it reads again as the same: a call is checked where it is made and where it is answered.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from functools import partial
from typing import Annotated, Any, Final

import marshmallow as ma
import phonenumbers
from marshmallow import fields, validate
from phonenumbers import shortnumberinfo
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.no import orgnr

from services.account.fields.rules import objection_to
from shared.email_addresses import canonical_email, compared_email
from shared.errors import Invalid
from shared.field_limits import LINE_LIMIT, PASSWORD_MAX, PASSWORD_MIN, PASSWORD_READ_LIMIT, TOKEN_MAX, TOKEN_MIN
from shared.input_guard import FREE_TEXT
from shared.invisible_characters import invisible
from shared.records import About, Kind
from shared.terms.texts import LANGUAGES

NORWAY: Final = "NO"
ADDRESS_LINE_MOST: Final = 100
TOKEN: Final = re.compile(rf"[!-~]{{{TOKEN_MIN},{TOKEN_MAX}}}\Z")
CODE_LIMIT: Final = 64
CODE: Final = re.compile(rf"[a-z][a-z0-9_.:-]{{0,{CODE_LIMIT - 1}}}\Z")
SHA256: Final = re.compile(r"[0-9a-f]{64}\Z")
IDEMPOTENCY_KEY: Final = re.compile(r"[A-Za-z0-9_.:-]{1,128}\Z")


class TrimmedField(fields.String):
    """Text in NFC, trimmed, each of its lines ended in the same way. Base of lines and texts."""

    def __init__(self, *, limit: int = LINE_LIMIT, **kwargs: Any) -> None:
        """`limit` counts characters after trimming."""
        super().__init__(**_described(kwargs, minLength=1, maxLength=limit))
        self.limit = limit

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        given = unicodedata.normalize("NFC", str(super()._deserialize(value, attr, data, **kwargs)))
        text = given.replace("\r\n", "\n").strip()
        if not 1 <= len(text) <= self.limit:
            raise ma.ValidationError(f"between 1 and {self.limit} characters")
        return text


class LineField(TrimmedField):
    """One line of text; no control characters."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in text):
            raise ma.ValidationError("one line of text without control characters")
        return text


class TextField(TrimmedField):
    """Lines of text; no control characters but the ends of lines and tabs. The input guard reads it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**_described(kwargs, **{FREE_TEXT: True}))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t" for letter in text):
            raise ma.ValidationError("text without control characters")
        if all(letter.isspace() or invisible(letter) for letter in text):
            raise ma.ValidationError("text that can be read")
        return text


class NameField(LineField):
    """A name of a company or, with `of_person`, of a human being; what is no name is refused with the reason.

    The input guard reads it.
    """

    def __init__(self, *, of_person: bool = False, **kwargs: Any) -> None:
        """`of_person` refuses a full stop in the middle of a word too."""
        super().__init__(**_described(kwargs, **{FREE_TEXT: True}))
        self.of_person = of_person

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        objection = objection_to(text, of_person=self.of_person)
        if objection is not None:
            raise ma.ValidationError(objection)
        return text


class EmailAddressField(LineField):
    """A new e-mail address, in the one spelling in which it is kept and sent."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return canonical_email(text)
        except Invalid as error:
            raise ma.ValidationError(error.message) from None


class KnownEmailAddressField(LineField):
    """An address that somebody may have entered before, in whatever spelling was taken then."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return compared_email(text)
        except Invalid as error:
            raise ma.ValidationError(error.message) from None


class AddressLineField(LineField):
    """A line of an address. The input guard reads it."""

    def __init__(self, *, limit: int = ADDRESS_LINE_MOST, **kwargs: Any) -> None:
        """`limit` counts characters."""
        super().__init__(limit=limit, **_described(kwargs, **{FREE_TEXT: True}))


class PhoneField(LineField):
    """A telephone number, kept as E.164; without a country prefix it is Norwegian.

    Norway's numbers of three to six digits (02800, 04800, 116117, 1881) count too, emergency numbers aside. What
    E.164 has no room for, an extension or letters, is refused: dropping it would call somebody else.
    """

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            number = phonenumbers.parse(text, NORWAY)
        except phonenumbers.NumberParseException:
            raise ma.ValidationError("not a telephone number") from None
        if number.extension:
            raise ma.ValidationError("a telephone number without an extension")
        if any(letter.isalpha() for letter in text):
            raise ma.ValidationError("a telephone number in digits, without letters")
        digits = "".join(str(unicodedata.decimal(letter)) for letter in text if letter.isdecimal())
        in_use = phonenumbers.is_valid_number(number) or _is_short_norwegian(number)
        if not in_use or not digits.endswith(phonenumbers.national_significant_number(number)):
            raise ma.ValidationError("not a telephone number in use")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _is_short_norwegian(number: phonenumbers.PhoneNumber) -> bool:
    national = phonenumbers.national_significant_number(number)
    return (
        number.country_code == phonenumbers.country_code_for_region(NORWAY)
        and shortnumberinfo.is_valid_short_number_for_region(number, NORWAY)
        and not shortnumberinfo.is_emergency_number(national, NORWAY)
    )


class OrgNumberField(LineField):
    """A Norwegian organisation number: nine digits, the last of them a check digit, the first 8 or 9."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            number = str(orgnr.validate(text))
        except StdnumError:
            raise ma.ValidationError("not an organisation number") from None
        if number[0] not in "89":
            raise ma.ValidationError("not an organisation number")
        return number


class PasswordField(fields.String):
    """A password as typed, in NFC so that every keyboard's å is the same; never trimmed, logged or answered."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            validate=validate.Length(
                min=1, max=PASSWORD_READ_LIMIT, error=f"between 1 and {PASSWORD_READ_LIMIT} characters"
            ),
            **_described(kwargs, format="password"),
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = unicodedata.normalize("NFC", str(super()._deserialize(value, attr, data, **kwargs)))
        if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
            raise ma.ValidationError("no control characters")
        return text


class IpAddressField(fields.String):
    """A network address, IPv4 or IPv6, in its shortest spelling."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        try:
            address = ipaddress.ip_address(super()._deserialize(value, attr, data, **kwargs))
        except ValueError:
            raise ma.ValidationError("a network address") from None
        mapped = getattr(address, "ipv4_mapped", None)
        return str(mapped or address).partition("%")[0]  # a zone is the name of a network card


def _described(arguments: dict[str, Any], **about: Any) -> dict[str, Any]:
    """The arguments of a field that says this about itself where nothing else is said."""
    return arguments | {"metadata": about | arguments.get("metadata", {})}


def line(limit: int) -> Kind:
    """One line of so many characters at most."""
    return Kind(partial(LineField, limit=limit))


def address_line(limit: int = ADDRESS_LINE_MOST) -> Kind:
    """A line of a postal address, of so many characters at most."""
    return Kind(partial(AddressLineField, limit=limit))


def text(limit: int) -> Kind:
    """Lines of text, of so many characters at most."""
    return Kind(partial(TextField, limit=limit))


CompanyName = Annotated[str, Kind(NameField)]
PersonName = Annotated[str, Kind(partial(NameField, of_person=True))]
Email = Annotated[str, Kind(EmailAddressField)]
KnownEmail = Annotated[str, Kind(KnownEmailAddressField)]
Phone = Annotated[str, Kind(PhoneField)]
OrgNumber = Annotated[str, Kind(OrgNumberField)]
IpAddress = Annotated[str, Kind(IpAddressField)]
Language = Annotated[str, validate.OneOf(LANGUAGES)]
AN_ADDRESS: Final = About(example="kare@fjosaker.example")

Password = Annotated[str, Kind(PasswordField)]
"""One that is compared."""

NewPassword = Annotated[
    Password, "Long, and guessed by nobody.", About(minLength=PASSWORD_MIN, maxLength=PASSWORD_MAX)
]
"""One that is set: what else it must have is a rule of its own, which says what is wrong with it."""

Token = Annotated[
    str,
    validate.Regexp(TOKEN, error="not a token"),
    About(minLength=TOKEN_MIN, maxLength=TOKEN_MAX, format="password"),
]
"""The secret of a session or of a letter's link; what cannot be one is not looked for."""

MachineCode = Annotated[
    str, validate.Regexp(CODE, error="a machine code"), About(minLength=1, maxLength=CODE_LIMIT)
]
"""A short machine word."""

Sha256 = Annotated[str, validate.Regexp(SHA256), About(maxLength=64)]
IdempotencyKey = Annotated[str, validate.Regexp(IDEMPOTENCY_KEY, error="malformed")]

Version = Annotated[
    int,
    validate.Range(min=1, error="a whole number from 1"),
    "The version you read; a change to another one is refused with 409.",
]
"""The version of the thing as last read; a change to another version is refused with `Conflict`."""
