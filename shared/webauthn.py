"""Passkeys: what a browser brings from an authenticator, and whether it proves what was asked. Pure.

The steps are those of W3C Web Authentication Level 3, 7.1 (a new key) and 7.2 (a proof by one). Formats and
signatures are read and checked by `fido2`; what a relying party has to decide is decided here. No attestation is
asked for: which make of authenticator somebody has is not our business.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from fido2 import cbor
from fido2.cose import ES256, RS256, CoseKey
from fido2.webauthn import AttestationObject, AuthenticatorData

from shared import base64url
from shared.config import SettingError
from shared.errors import VilkarError

CREATE: Final = "webauthn.create"
GET: Final = "webauthn.get"
CHALLENGE_BYTES: Final = 32
CREDENTIAL_ID_BYTES: Final = 1023
"""The most that the standard allows."""
CLIENT_DATA_BYTES: Final = 2048
ATTESTATION_BYTES: Final = 16 * 1024
"""Some browsers pass on the certificates of an attestation that nobody asked for."""
AUTHENTICATOR_DATA_BYTES: Final = 1024
SIGNATURE_BYTES: Final = 512
"""That of RSA with 4096 bits."""
USER_HANDLE_BYTES: Final = 64

ALGORITHMS: Final = (ES256.ALGORITHM, RS256.ALGORITHM)
"""Every authenticator signs with one of these two, the best first. Each other one is more to get wrong."""
KEY_TYPES: Final[Mapping[type[CoseKey], int]] = MappingProxyType({ES256: 2, RS256: 3})
"""What COSE calls their keys."""
MEMBERS: Final[Mapping[type[CoseKey], frozenset[int]]] = MappingProxyType(
    {ES256: frozenset({1, 3, -1, -2, -3}), RS256: frozenset({1, 3, -1, -2})}
)
COORDINATE_BYTES: Final = 32
RSA_BITS: Final = range(2048, 4097)
RSA_EXPONENT: Final = 65537

SOFTWARE_AAGUID: Final = UUID("5d0c2b7e-6f0b-4c1e-9b7a-76696c6b6172")
"""What the authenticator of our own, for tests and for the demo, calls itself. Production takes no key of it."""

REASONS: Final = (
    "malformed",
    "wrong_type",
    "wrong_origin",
    "framed",
    "wrong_challenge",
    "wrong_rp_id",
    "not_present",
    "not_verified",
    "backup_flags",
    "weak_key",
    "software_key",
    "wrong_signature",
    "counter_fell",
)
"""Why a passkey proves nothing."""


class NotProven(VilkarError):
    """What was brought does not prove what was asked; `reason` is one of `REASONS`."""

    def __init__(self, reason: str) -> None:
        """`reason` is a code, and all that may be told."""
        super().__init__(f"the passkey proves nothing: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class RelyingParty:
    """Where passkeys are valid: `id` is a host, `origin` the one web origin that may ask for them."""

    id: str
    origin: str

    @classmethod
    def of_url(cls, url: str) -> RelyingParty:
        """The relying party of a site. Raises `SettingError` for an address where browsers know no passkeys."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
        if not host or _is_number(host):
            raise SettingError("passkeys need a site with a host name: browsers refuse them at a number")
        if parts.scheme != "https" and host != "localhost" and not host.endswith(".localhost"):
            raise SettingError("passkeys need https://, but at localhost")
        return cls(id=host, origin=f"{parts.scheme}://{host}{port}")

    @property
    def id_hash(self) -> bytes:
        """What an authenticator signs of the host."""
        return hashlib.sha256(self.id.encode("ascii")).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key as its authenticator presented it. `public_key` is in COSE, `counter` counts its signatures.

    `synced` says whether the key may be copied to other devices of its owner, `backed_up` whether it was.
    """

    credential_id: bytes
    public_key: bytes
    aaguid: UUID
    counter: int
    synced: bool
    backed_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A challenge was signed by the key, by somebody whom the authenticator verified."""

    counter: int
    synced: bool
    backed_up: bool


def key_digest(public_key: bytes) -> str:
    """By what a public key (COSE) is named where it does not stand itself: SHA-256, hexadecimal."""
    return hashlib.sha256(public_key).hexdigest()


def new_key(
    party: RelyingParty,
    *,
    challenge: bytes,
    credential_id: bytes,
    client_data: bytes,
    attestation: bytes,
    software_keys: bool,
) -> NewKey:
    """The key that an authenticator made for this challenge (7.1). Raises `NotProven`.

    `client_data` and `attestation` are what the browser calls `clientDataJSON` and `attestationObject`.
    `software_keys` says whether keys of our own authenticator are taken.
    """
    _bounded(credential_id, CREDENTIAL_ID_BYTES)
    _bounded(attestation, ATTESTATION_BYTES)
    _check_client(party, client_data, CREATE, challenge)
    with _well_formed():
        data = AttestationObject(attestation).auth_data
        credential = data.credential_data
        if credential is None or credential.credential_id != credential_id:
            raise NotProven("malformed")
        public_key = cbor.encode(credential.public_key)
        aaguid = UUID(bytes=bytes(credential.aaguid))
    _check_authenticator(party, data)
    _check_strength(public_key)
    if aaguid == SOFTWARE_AAGUID and not software_keys:
        raise NotProven("software_key")
    return NewKey(
        credential_id=credential_id,
        public_key=public_key,
        aaguid=aaguid,
        counter=data.counter,
        synced=data.is_backup_eligible(),
        backed_up=data.is_backed_up(),
    )


def proof(
    party: RelyingParty,
    *,
    challenge: bytes,
    public_key: bytes,
    client_data: bytes,
    authenticator_data: bytes,
    signature: bytes,
) -> Proof:
    """What was proved by a signature of this key (COSE) over this challenge (7.2). Raises `NotProven`.

    The counter is for whoever keeps the last one: `check_counter`.
    """
    _bounded(authenticator_data, AUTHENTICATOR_DATA_BYTES)
    _bounded(signature, SIGNATURE_BYTES)
    _check_client(party, client_data, GET, challenge)
    with _well_formed():
        data = AuthenticatorData(authenticator_data)
        key = _key(public_key)
    _check_authenticator(party, data)
    with _well_formed():
        try:
            key.verify(authenticator_data + hashlib.sha256(client_data).digest(), signature)
        except InvalidSignature:
            raise NotProven("wrong_signature") from None
    return Proof(counter=data.counter, synced=data.is_backup_eligible(), backed_up=data.is_backed_up())


def check_counter(kept: int, given: int) -> None:
    """Raise `NotProven` where the counter did not rise: somebody has a copy of the key.

    Keys that are synced do not count, and stay at 0 for ever.
    """
    if (kept or given) and given <= kept:
        raise NotProven("counter_fell")


def _check_client(party: RelyingParty, client_data: bytes, kind: str, challenge: bytes) -> None:
    """What the browser says it did, where, and for which challenge."""
    _bounded(client_data, CLIENT_DATA_BYTES)
    with _well_formed():
        client = json.loads(client_data)
        stated = (client["type"], client["origin"])
        answered = decode(client["challenge"])
        framed = client.get("crossOrigin", False) is not False or "topOrigin" in client
    if stated[0] != kind:
        raise NotProven("wrong_type")
    if not hmac.compare_digest(answered, challenge):
        raise NotProven("wrong_challenge")
    if stated[1] != party.origin:
        raise NotProven("wrong_origin")
    if framed:
        raise NotProven("framed")


def _check_authenticator(party: RelyingParty, data: AuthenticatorData) -> None:
    """What the authenticator says: for which site, and that somebody was there whom it verified."""
    if not hmac.compare_digest(data.rp_id_hash, party.id_hash):
        raise NotProven("wrong_rp_id")
    if not data.is_user_present():
        raise NotProven("not_present")
    if not data.is_user_verified():
        raise NotProven("not_verified")
    if data.is_backed_up() and not data.is_backup_eligible():
        raise NotProven("backup_flags")


def _check_strength(public_key: bytes) -> None:
    """Raise unless the key is one that nobody else can sign with: its owner may have chosen it to be weak."""
    with _well_formed():
        key = _key(public_key)
        if isinstance(key, RS256):
            modulus, exponent = (int.from_bytes(key[label]) for label in (-1, -2))
            strong = modulus.bit_length() in RSA_BITS and exponent == RSA_EXPONENT
        else:
            strong = len(key[-2]) == len(key[-3]) == COORDINATE_BYTES
        if not strong or key[1] != KEY_TYPES[type(key)] or set(key) != MEMBERS[type(key)]:
            raise NotProven("weak_key")
        try:
            key.verify(b"", b"")  # reads the numbers: a point that is not on the curve is no key
        except InvalidSignature:
            return


def _key(public_key: bytes) -> CoseKey:
    """Read a key. Raises `NotProven` for an algorithm that is not taken, and what the parsers raise."""
    members = cbor.decode(public_key)
    if not isinstance(members, Mapping):
        raise NotProven("malformed")
    key = CoseKey.parse(members)
    if type(key) not in KEY_TYPES:
        raise NotProven("weak_key")
    return key


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _bounded(data: bytes, limit: int) -> None:
    if not 0 < len(data) <= limit:
        raise NotProven("malformed")


@contextmanager
def _well_formed() -> Iterator[None]:
    """Whatever the parsers raise for something that is not of their format is one refusal."""
    try:
        yield
    except (
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        RuntimeError,
        TypeError,
        UnsupportedAlgorithm,
        ValueError,
        struct.error,
    ):
        raise NotProven("malformed") from None


def encode(data: bytes) -> str:
    """Bytes as they travel: base64url without padding."""
    return base64url.encode(data)


def decode(text: str) -> bytes:
    """The bytes of what `encode` wrote. Raises `NotProven` for any other spelling, also one of the same bytes."""
    with _well_formed():
        data = base64url.decode(text)
        if encode(data) != text:
            raise NotProven("malformed")
    return data
