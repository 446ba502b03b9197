"""What calls share in which somebody of the staff proves who they are.

Options and answers are the JSON that browsers read and write (`parseCreationOptionsFromJSON`, `toJSON`).
"""

from __future__ import annotations

from typing import Annotated, Final

from marshmallow.validate import Length, Regexp

from shared import webauthn
from shared.field_limits import TOKEN_MAX, TOKEN_MIN
from shared.records import About, Named, Record
from shared.staff import WithoutStatement


def _bytes(limit: int) -> Regexp:
    """So many bytes at most, in base64url without padding."""
    letters = (limit * 4 + 2) // 3
    return Regexp(rf"[A-Za-z0-9_-]{{1,{letters}}}\Z", error=f"at most {limit} bytes in base64url")


Token = Annotated[
    str,
    Regexp(rf"[!-~]{{{TOKEN_MIN},{TOKEN_MAX}}}\Z", error="not a token"),
    About(minLength=TOKEN_MIN, maxLength=TOKEN_MAX, format="password"),
]
"""The secret of a session, a link or a device; what cannot be one is not looked for."""

CredentialId = Annotated[str, _bytes(webauthn.CREDENTIAL_ID_BYTES)]
Transport = Annotated[str, Regexp(r"[a-z][a-z-]{0,31}\Z", error="a way to reach a key")]
TRANSPORTS_MOST: Final = 8


ABOUT_ONESELF: Final = WithoutStatement("it brings its session, and is about its holder alone")


class InSession(Record):
    """The secret of a session."""

    token: Token


class AttestationAnswer(Record):
    """What an authenticator says of a key that it made."""

    client_data: Annotated[str, _bytes(webauthn.CLIENT_DATA_BYTES), Named("clientDataJSON")]
    attestation: Annotated[str, _bytes(webauthn.ATTESTATION_BYTES), Named("attestationObject")]
    transports: Annotated[tuple[Transport, ...], Length(max=TRANSPORTS_MOST)] = ()


class NewCredential(Record):
    """A key that a browser brings. `id` is the key's, in base64url."""

    id: CredentialId
    response: AttestationAnswer


class AssertionAnswer(Record):
    """What an authenticator signed."""

    client_data: Annotated[str, _bytes(webauthn.CLIENT_DATA_BYTES), Named("clientDataJSON")]
    authenticator_data: Annotated[str, _bytes(webauthn.AUTHENTICATOR_DATA_BYTES), Named("authenticatorData")]
    signature: Annotated[str, _bytes(webauthn.SIGNATURE_BYTES)]
    user_handle: Annotated[str | None, _bytes(webauthn.USER_HANDLE_BYTES), Named("userHandle")] = None


class Assertion(Record):
    """A proof by a key that a browser brings."""

    id: CredentialId
    response: AssertionAnswer


class KeyNamed(Record):
    """A key that the site knows."""

    id: str
    type: str
    transports: tuple[str, ...]


class RequestOptions(Record):
    """What a browser is given to have a challenge signed. Without keys it offers those that it has for the site."""

    challenge: str
    rp_id: Annotated[str, Named("rpId")]
    timeout: int
    user_verification: Annotated[str, Named("userVerification")]
    allow_credentials: Annotated[tuple[KeyNamed, ...], Named("allowCredentials")]


class PartyNamed(Record):
    """The site."""

    id: str
    name: str


class UserNamed(Record):
    """Whose key it is going to be, as their devices show it."""

    id: str
    name: str
    display_name: Annotated[str, Named("displayName")]


class Algorithm(Record):
    """A kind of key that is taken."""

    type: str
    alg: int


class Selection(Record):
    """What an authenticator must be able to."""

    resident_key: Annotated[str, Named("residentKey")]
    require_resident_key: Annotated[bool, Named("requireResidentKey")]
    user_verification: Annotated[str, Named("userVerification")]


class CreationOptions(Record):
    """What a browser is given to have a key made."""

    rp: PartyNamed
    user: UserNamed
    challenge: str
    algorithms: Annotated[tuple[Algorithm, ...], Named("pubKeyCredParams")]
    timeout: int
    exclude_credentials: Annotated[tuple[KeyNamed, ...], Named("excludeCredentials")]
    selection: Annotated[Selection, Named("authenticatorSelection")]
    attestation: str
