"""The kinds of field that requests are made of. Their errors name limits and never repeat a value."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import Any, Final
from uuid import UUID

import marshmallow as ma
import phonenumbers
from marshmallow import fields, validate
from phonenumbers import shortnumberinfo
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.no import orgnr

from services.account.name_rules import objection_to
from services.account.values import Actor
from shared.email_addresses import canonical_email, compared_email
from shared.errors import Invalid
from shared.field_limits import LINE_LIMIT, PASSWORD_READ_LIMIT, TOKEN_MAX, TOKEN_MIN

ACTOR: Final = re.compile(r"(user):([0-9a-f-]{36})|(staff):([a-z][a-z0-9_.-]{0,62})|(system)")
NORWAY: Final = "NO"
TOKEN: Final = re.compile(rf"[!-~]{{{TOKEN_MIN},{TOKEN_MAX}}}\Z")
CODE: Final = re.compile(r"[a-z][a-z0-9_.:-]{0,63}\Z")


class Line(fields.String):
    """One line of text, trimmed and in NFC; no control characters."""

    def __init__(self, *, limit: int = LINE_LIMIT, **kwargs: Any) -> None:
        """`limit` counts characters after trimming."""
        super().__init__(**kwargs)
        self.limit = limit

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = unicodedata.normalize("NFC", str(super()._deserialize(value, attr, data, **kwargs))).strip()
        if not 1 <= len(text) <= self.limit:
            raise ma.ValidationError(f"between 1 and {self.limit} characters")
        if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in text):
            raise ma.ValidationError("one line of text without control characters")
        return text


class Name(Line):
    """A name of a company or, with `of_person`, of a human being; what is no name is refused with the reason."""

    def __init__(self, *, of_person: bool = False, **kwargs: Any) -> None:
        """`of_person` refuses a full stop in the middle of a word too."""
        super().__init__(**kwargs)
        self.of_person = of_person

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        objection = objection_to(text, of_person=self.of_person)
        if objection is not None:
            raise ma.ValidationError(objection)
        return text


class EmailAddress(Line):
    """A new e-mail address, in the one spelling in which it is kept and sent."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return canonical_email(text)
        except Invalid as error:
            raise ma.ValidationError(error.message) from None


class KnownEmailAddress(Line):
    """An address that somebody may have entered before, in whatever spelling was taken then."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return compared_email(text)
        except Invalid as error:
            raise ma.ValidationError(error.message) from None


class Phone(Line):
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


class OrgNumber(Line):
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


class Password(fields.String):
    """A password as typed, in NFC so that every keyboard's å is the same; never trimmed, logged or answered."""

    def __init__(self, *, required: bool = True, **kwargs: Any) -> None:
        super().__init__(
            required=required,
            validate=validate.Length(
                min=1, max=PASSWORD_READ_LIMIT, error=f"between 1 and {PASSWORD_READ_LIMIT} characters"
            ),
            **kwargs,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = unicodedata.normalize("NFC", str(super()._deserialize(value, attr, data, **kwargs)))
        if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
            raise ma.ValidationError("no control characters")
        return text


class Flag(fields.Boolean):
    """True or false as JSON has them; no words and no numbers."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002
        if not isinstance(value, bool):
            raise ma.ValidationError("true or false")
        return value


class Version(fields.Integer):
    """The version of the thing as last read; a change to another version is refused with `Conflict`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:  # noqa: ARG002
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ma.ValidationError("a whole number from 1")
        return value


class MachineCode(fields.String):
    """A short machine word."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Regexp(CODE, error="a machine code"), **kwargs)


class Token(fields.String):
    """The secret of a session or of a letter's link; what cannot be one is not looked for."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=True, validate=validate.Regexp(TOKEN, error="not a token"), **kwargs)


class ActorField(fields.Field[Actor]):
    """`user:<id>`, `staff:<name>` or `system`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Actor:  # noqa: ARG002
        found = ACTOR.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise ma.ValidationError("user:<id>, staff:<name> or system")
        if found.group(1):
            try:
                return Actor("user", UUID(found.group(2)))
            except ValueError:
                raise ma.ValidationError("user:<id>, staff:<name> or system") from None
        return Actor("staff", name=found.group(4)) if found.group(3) else Actor("system")


class IpAddress(fields.String):
    """A network address, IPv4 or IPv6, in its shortest spelling."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        try:
            address = ipaddress.ip_address(super()._deserialize(value, attr, data, **kwargs))
        except ValueError:
            raise ma.ValidationError("a network address") from None
        mapped = getattr(address, "ipv4_mapped", None)
        return str(mapped or address).partition("%")[0]  # a zone is the name of a network card


class Request(ma.Schema):
    """Strict: an unknown field is refused."""

    class Meta:
        """Refuse what is not listed."""

        unknown = ma.RAISE


class Reply(ma.Schema):
    """What a caller gets; callers ignore fields they do not know."""

    class Meta:
        """Ignore what is not known."""

        unknown = ma.EXCLUDE
