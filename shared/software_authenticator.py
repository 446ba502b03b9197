"""An authenticator in software: it makes and uses passkeys as a key in somebody's pocket does, without a pocket.

It is there for the invented people of the demo and for tests. It signs for whoever calls it, so a person's consent
is worth nothing here: no process of production can make one, and production takes no key that it made.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from fido2.cose import ES256
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from shared.config import SettingError
from shared.webauthn import (
    COORDINATE_BYTES,
    CREATE,
    GET,
    KEY_TYPES,
    SOFTWARE_AAGUID,
    RelyingParty,
    decode,
    encode,
)

CREDENTIAL_ID_BYTES: Final = 32
FLAG: Final = AuthenticatorData.FLAG
PRESENT_AND_VERIFIED: Final = FLAG.UP | FLAG.UV


def synced(flags: int) -> int:
    """These flags, of a key that its owner's devices share."""
    return flags | FLAG.BE | FLAG.BS


class NoSuchKey(LookupError):
    """The authenticator has no key that the site would take."""


class KnownAlready(ValueError):
    """The site has a key of this authenticator already."""


@dataclass(frozen=True, kw_only=True)
class HeldKey:
    """A key that the authenticator holds for one site and one person of it."""

    rp_id: str
    credential_id: bytes
    user_handle: bytes
    private_key: ec.EllipticCurvePrivateKey
    counter: int = 0


class SoftwareAuthenticator:
    """Holds keys and answers a site as browser and authenticator do together.

    Options and answers are the JSON of `PublicKeyCredential.parseCreationOptionsFromJSON` and its siblings. `flags`
    are what it says about the person in front of it.
    """

    def __init__(
        self, *, environment: str, keys: Sequence[HeldKey] = (), flags: int = PRESENT_AND_VERIFIED
    ) -> None:
        """Raises `SettingError` in production."""
        if environment == "production":
            raise SettingError("production has no authenticator in software: whoever runs it could act as anybody")
        self.keys = list(keys)
        self.flags = flags

    # ── as a browser asks it ──────────────────────────────────────────────────────────────────────────────────

    def create(self, options: Mapping[str, Any], party: RelyingParty) -> dict[str, Any]:
        """Make a key for the page of `party` that gave these options. Raises `KnownAlready`."""
        rp_id, challenge = str(options["rp"]["id"]), decode(options["challenge"])
        excluded = {each["id"] for each in options.get("excludeCredentials", ())}
        if any(key.rp_id == rp_id and encode(key.credential_id) in excluded for key in self.keys):
            raise KnownAlready("this authenticator is known to the site")
        key = self.new_key(rp_id, decode(options["user"]["id"]))
        self.keys.append(key)
        return self.presented(key, client_data(CREATE, challenge, party.origin))

    def get(self, options: Mapping[str, Any], party: RelyingParty) -> dict[str, Any]:
        """Sign the challenge with the first key that the page of `party` takes. Raises `NoSuchKey`."""
        allowed = [each["id"] for each in options.get("allowCredentials", ())]
        for at, key in enumerate(self.keys):
            if key.rp_id == options["rpId"] and (not allowed or encode(key.credential_id) in allowed):
                counts = not self.flags & FLAG.BE  # a key that is synced stays at 0 for ever
                self.keys[at] = used = replace(key, counter=key.counter + counts)
                return self.signed(used, client_data(GET, decode(options["challenge"]), party.origin))
        raise NoSuchKey("no key of this authenticator is known to the site")

    def new_key(self, rp_id: str, user_handle: bytes) -> HeldKey:
        """A key that nobody has had yet, for this site and person."""
        return HeldKey(
            rp_id=rp_id,
            credential_id=os.urandom(CREDENTIAL_ID_BYTES),
            user_handle=user_handle,
            private_key=ec.generate_private_key(ec.SECP256R1()),
        )

    # ── as an authenticator answers a browser ─────────────────────────────────────────────────────────────────

    def presented(self, key: HeldKey, client: bytes) -> dict[str, Any]:
        """What a site is sent about a new key, for the bytes of `clientDataJSON`."""
        data = AuthenticatorData.create(
            _hash(key.rp_id),
            FLAG(self.flags) | FLAG.AT,
            key.counter,
            AttestedCredentialData.create(SOFTWARE_AAGUID.bytes, key.credential_id, _public_key(key.private_key)),
        )
        attestation = AttestationObject.create("none", data, {})
        return _answer(key, clientDataJSON=client, attestationObject=bytes(attestation)) | {
            "authenticatorAttachment": "platform"
        }

    def signed(self, key: HeldKey, client: bytes) -> dict[str, Any]:
        """What a site is sent as a proof, for the bytes of `clientDataJSON`."""
        data = bytes(AuthenticatorData.create(_hash(key.rp_id), FLAG(self.flags), key.counter))
        signature = key.private_key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return _answer(
            key,
            clientDataJSON=client,
            authenticatorData=data,
            signature=signature,
            **({"userHandle": key.user_handle} if key.user_handle else {}),
        )

    # ── to be kept in a file ──────────────────────────────────────────────────────────────────────────────────

    def to_json(self) -> list[dict[str, Any]]:
        """The keys with their secrets, to be kept where nobody else reads."""
        return [
            {
                "rp_id": key.rp_id,
                "credential_id": encode(key.credential_id),
                "user_handle": encode(key.user_handle),
                "private_key": encode(_private_bytes(key.private_key)),
                "counter": key.counter,
            }
            for key in self.keys
        ]

    @classmethod
    def from_json(cls, kept: Sequence[Mapping[str, Any]], *, environment: str) -> Self:
        """The authenticator that `to_json` was asked of. Raises `SettingError` in production."""
        keys = []
        for each in kept:
            private_key = load_der_private_key(decode(each["private_key"]), password=None)
            if not isinstance(private_key, ec.EllipticCurvePrivateKey):
                raise TypeError("not a key of this authenticator")
            keys.append(
                HeldKey(
                    rp_id=each["rp_id"],
                    credential_id=decode(each["credential_id"]),
                    user_handle=decode(each["user_handle"]),
                    private_key=private_key,
                    counter=each["counter"],
                )
            )
        return cls(environment=environment, keys=keys)


def client_data(kind: str, challenge: bytes, origin: str, **more: Any) -> bytes:
    """`clientDataJSON` as browsers write it."""
    document = {"type": kind, "challenge": encode(challenge), "origin": origin, "crossOrigin": False}
    return json.dumps(document | more, separators=(",", ":")).encode()


def _hash(rp_id: str) -> bytes:
    return hashlib.sha256(rp_id.encode("ascii")).digest()


def _public_key(key: ec.EllipticCurvePrivateKey) -> ES256:
    point = key.public_key().public_numbers()
    x, y = (number.to_bytes(COORDINATE_BYTES) for number in (point.x, point.y))
    return ES256({1: KEY_TYPES[ES256], 3: ES256.ALGORITHM, -1: 1, -2: x, -3: y})


def _answer(key: HeldKey, **response: bytes) -> dict[str, Any]:
    return {
        "id": encode(key.credential_id),
        "rawId": encode(key.credential_id),
        "type": "public-key",
        "response": {name: encode(value) for name, value in response.items()},
        "clientExtensionResults": {},
    }


def _private_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
