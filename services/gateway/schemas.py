"""The public API's requests and replies, as they stand in the OpenAPI document.

Shapes and unknown fields are checked here, before anything is called; whether an address, a telephone or an
organisation number is one, the account service decides, and its answer names the field in the same way.
"""

from __future__ import annotations

from typing import Any, Final

import marshmallow as ma
from marshmallow import fields, validate

from shared.field_limits import (
    LINE_LIMIT,
    PASSWORD_MAX,
    PASSWORD_MIN,
    PASSWORD_READ_LIMIT,
    TOKEN_MAX,
    TOKEN_MIN,
    USERS_AT_SIGN_UP_LIMIT,
)

LANGUAGES: Final = ("nb", "en")
AUTHORITIES: Final = (
    ("managing_director", "daglig leder", "managing director"),
    ("chair", "styreleder", "chair of the board"),
    ("signatory", "signaturrett", "right to sign"),
    ("procuration", "prokura", "procuration"),
    ("proprietor", "innehaver", "proprietor"),
    ("mandate", "fullmakt", "mandate"),
)
"""By what right somebody may act for the company: the code, and how a page says it."""
NEW_PASSWORD: Final = {"minLength": PASSWORD_MIN, "maxLength": PASSWORD_MAX}


class _Request(ma.Schema):
    class Meta:
        unknown = ma.RAISE


class _Reply(ma.Schema):
    class Meta:
        unknown = ma.EXCLUDE


class _Boolean(fields.Boolean):
    """True or false as JSON has them; no words and no numbers."""

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> bool:  # noqa: ARG002
        if not isinstance(value, bool):
            raise ma.ValidationError("true or false")
        return value


def _text(*, required: bool = True, limit: int = LINE_LIMIT, about: str = "", example: str = "") -> fields.String:
    metadata = {"description": about} | ({"example": example} if example else {})
    return fields.String(required=required, validate=validate.Length(min=1, max=limit), metadata=metadata)


def _secret(about: str) -> fields.String:
    return fields.String(
        required=True,
        validate=validate.Length(min=1, max=PASSWORD_READ_LIMIT),
        metadata={"description": about, "format": "password"},
    )


def _new_password() -> fields.String:
    """Described by the account service's rule, which also says what else is wrong with a password."""
    return fields.String(
        required=True,
        validate=validate.Length(min=1, max=PASSWORD_READ_LIMIT),
        metadata={"description": "Long, and guessed by nobody.", "format": "password", **NEW_PASSWORD},
    )


def _token() -> fields.String:
    return fields.String(
        required=True,
        validate=validate.Length(min=TOKEN_MIN, max=TOKEN_MAX),
        metadata={"description": "The token of the link.", "format": "password"},
    )


def _version() -> fields.Integer:
    return fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1),
        metadata={"description": "The version you read; a change to another one is refused with 409."},
    )


def _day(about: str = "", *, nullable: bool = False) -> fields.String:
    """A date as the services answer it: text already, so it is handed on and not formatted once more."""
    return fields.String(required=True, allow_none=nullable, metadata={"format": "date", "description": about})


def _instant() -> fields.String:
    """An instant with its offset, as text for the same reason."""
    return fields.String(required=True, metadata={"format": "date-time"})


def _language(*, required: bool) -> fields.String:
    return fields.String(required=required, validate=validate.OneOf(LANGUAGES))


class Company(_Request):
    """The company, or the owner of the account where there is none."""

    name = _text(about="Company name or account owner.", example="Fjøsåker Bakeri AS")
    email = _text(about="The company's e-mail address.", example="post@fjosaker.example")
    phone = _text(about="The company's telephone; Norwegian unless it has a country prefix.", example="+4722225555")
    org_number = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=LINE_LIMIT),
        metadata={"description": "Organisation number, for the check against Enhetsregisteret."},
    )


class Person(_Request):
    """One user."""

    name = _text(example="Kåre Østby")
    email = _text(example="kare@fjosaker.example")
    phone = _text(example="+4741234567")


class Attestations(_Request):
    """What the customer confirms; each must be true."""

    authority = _Boolean(required=True)
    necessary_data = _Boolean(required=True)
    accurate_data = _Boolean(required=True)
    users_informed = _Boolean(required=True)


class Agreement(_Request):
    """Express acceptance of one version of the terms."""

    version = _text(limit=64, about="The version shown, for example v1.", example="v1")
    accepted = _Boolean(required=True)
    authority = fields.String(
        required=True,
        validate=validate.OneOf([code for code, _, _ in AUTHORITIES]),
        metadata={"description": "By what right the creator acts.", "example": "managing_director"},
    )
    attestations = fields.Nested(Attestations, required=True)
    text_sha256 = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=64),
        metadata={
            "description": "The digest of the text that was shown, from /v1/terms/versions; checked if given."
        },
    )


class TermsText(_Reply):
    """The text of a version in one language: its digest, and where it is read byte for byte."""

    language = fields.String(required=True)
    sha256 = fields.String(required=True)
    path = fields.String(required=True)


class TermsVersion(_Reply):
    """A version of the terms; a sign-up accepts the one in force."""

    version = fields.String(required=True)
    valid_from = fields.String(required=True, metadata={"format": "date"})
    in_force = fields.Boolean(required=True)
    is_demo = fields.Boolean(required=True)
    page = fields.String(required=True)
    texts = fields.List(fields.Nested(TermsText), required=True)


class Sentence(_Reply):
    """A sentence that the customer confirms at sign-up, to be shown as it stands here."""

    id = fields.String(required=True)
    language = fields.String(required=True)
    text = fields.String(required=True)
    sha256 = fields.String(required=True)


class TermsVersions(_Reply):
    """The versions of the terms, and the sentences that a sign-up confirms."""

    versions = fields.List(fields.Nested(TermsVersion), required=True)
    sentences = fields.List(fields.Nested(Sentence), required=True)


class SignUp(_Request):
    """A company, its creator and further users, and the data-processing agreement."""

    company = fields.Nested(Company, required=True)
    creator = fields.Nested(Person, required=True)
    users = fields.List(
        fields.Nested(Person), load_default=list, validate=validate.Length(max=USERS_AT_SIGN_UP_LIMIT)
    )
    password = _new_password()
    language = _language(required=True)
    agreement = fields.Nested(Agreement, required=True)


class Accepted(_Reply):
    """Taken in; whatever follows goes by letter. The same answer for everybody."""

    status = fields.String(required=True)


class Token(_Request):
    """The secret from a letter's link."""

    token = _token()


class Address(_Request):
    """An e-mail address, known or not."""

    email = _text(example="kare@fjosaker.example")


class Confirmed(_Reply):
    """Whose address it was."""

    account_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)


class LogIn(_Request):
    """Address and password."""

    email = _text(example="kare@fjosaker.example")
    password = _secret("The password.")


class LoggedIn(_Reply):
    """A session. Send the token as `Authorization: Bearer …`; it is shown this once."""

    token = fields.String(required=True)
    account_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)
    role = fields.String(required=True)
    language = fields.String(required=True)
    expires_at = _instant()


class ChangePassword(_Request):
    """The old and the new password; all other sessions of the user end."""

    current_password = _secret("The password until now.")
    new_password = _new_password()


class ConfirmEmail(_Request):
    """The token of the letter; after a sign-up also the password and the acceptance of whoever reads there."""

    token = _token()
    password = fields.String(
        validate=validate.Length(min=1, max=PASSWORD_READ_LIMIT),
        metadata={
            **NEW_PASSWORD,
            "description": "Needed after a sign-up: whoever reads at the address decides the password, not whoever "
            "entered one before. At least 12 characters. Of no use for a changed address.",
            "format": "password",
        },
    )
    account_id = fields.UUID(
        metadata={"description": "Another sign-up that waits for the same address; that of the letter if left out."}
    )
    agreement = fields.Nested(
        Agreement,
        metadata={
            "description": "Needed after a sign-up: that somebody accepted whose address was not proved is not "
            "the acceptance of whoever reads there. Of no use for a changed address."
        },
    )


class ChangeEmail(_Request):
    """The new address and the current password. The new address counts once it is confirmed by letter."""

    email = _text(example="kare@fjosaker.example")
    current_password = _secret("The password.")


class ResetPassword(_Request):
    """The token of the letter and a new password."""

    token = _token()
    new_password = _new_password()


class AgreementShown(_Reply):
    """Which version was accepted, and when."""

    document = fields.String(required=True)
    version = fields.String(required=True)
    text_sha256 = fields.String(required=True)
    language = fields.String(required=True)
    sentences = fields.List(fields.Dict(keys=fields.String(), values=fields.String()), required=True)
    accepted_at = _instant()


class Account(_Reply):
    """The company's account."""

    account_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    phone = fields.String(required=True)
    org_number = fields.String(required=True, allow_none=True)
    org_form = fields.String(required=True, allow_none=True)
    language = fields.String(required=True)
    register_outcome = fields.String(required=True)
    created_at = _instant()
    agreement = fields.Nested(AgreementShown, required=True, allow_none=True)
    notice_months = fields.Integer(
        required=True, metadata={"description": "The notice period of this contract in calendar months."}
    )
    noticed_on = _day("The day notice of termination was received, in Oslo.", nullable=True)
    notice_ends_on = _day("The last day of the notice period, in Oslo.", nullable=True)


class UpdateAccount(_Request):
    """Fields that are present are changed."""

    version = _version()
    name = _text(required=False)
    email = _text(required=False)
    phone = _text(required=False)
    org_number = fields.String(allow_none=True, validate=validate.Length(max=LINE_LIMIT))
    language = _language(required=False)


class AtVersion(_Request):
    """A change of state, of the version last read."""

    version = _version()


class Terminate(_Request):
    """Notice of termination, with the current password, of the version last read."""

    version = _version()
    current_password = _secret("The password, once more. The name `password`, as it was at first, is taken too.")

    @ma.pre_load
    def _first_name(self, data: Any, **_: Any) -> Any:
        """Take the field by its first name, for programs that were written then; never both."""
        if isinstance(data, dict) and "password" in data and "current_password" not in data:
            return {("current_password" if name == "password" else name): value for name, value in data.items()}
        return data


class NoticeGiven(_Reply):
    """The company under notice; it stays active until the last day of the period has passed in Oslo."""

    account_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True)
    noticed_on = _day("The day the notice was received, in Oslo.")
    notice_ends_on = _day("The last day of the notice period, in Oslo.")


class AccountChanged(_Reply):
    """The company after the change."""

    account_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True)


class Reactivate(_Request):
    """Address and password of an owner; and the acceptance of the terms in force where the contract has ended."""

    email = _text()
    password = _secret("The password.")
    agreement = fields.Nested(
        Agreement,
        metadata={
            "description": "Needed where the contract has ended: coming back concludes it anew, and licences are "
            "billed again. Else it is still in force, and nothing is to be accepted."
        },
    )


class ReactivateByLetter(_Request):
    """The token of the letter; and the acceptance of the terms in force where the contract has ended."""

    token = _token()
    agreement = fields.Nested(Agreement, metadata={"description": "Needed where the contract has ended."})


class AddUser(Person):
    """A new user, who gets a letter and sets a password with it."""

    language = fields.String(load_default="nb", validate=validate.OneOf(LANGUAGES))


class UpdateUser(_Request):
    """Fields that are present are changed. A new address counts once it is confirmed."""

    version = _version()
    name = _text(required=False)
    email = _text(required=False)
    phone = _text(required=False)
    language = _language(required=False)
    role = fields.String(validate=validate.OneOf(("owner", "user")))


class UserChanged(_Reply):
    """The user after the change."""

    user_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True)


class User(_Reply):
    """One user. `invited` is true until the user has set a password."""

    user_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    role = fields.String(required=True)
    state = fields.String(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    phone = fields.String(required=True)
    language = fields.String(required=True)
    email_confirmed = fields.Boolean(required=True)
    invited = fields.Boolean(required=True)


class Users(_Reply):
    """All users for an owner, only oneself for a user."""

    users = fields.List(fields.Nested(User), required=True)


class Anything(_Reply):
    """A document whose members are described in its own place."""

    class Meta:
        """Whatever the document holds is passed on as it is."""

        unknown = ma.INCLUDE

    def dump(self, obj: object, *, many: bool | None = None) -> object:  # noqa: ARG002
        """The document as it is."""
        return obj
