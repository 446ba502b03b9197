"""The invented people of a demo: enough of them that every act finds a second person to approve it.

Their keys are made of their names, and so known to everybody who has this program: they let a demo be tried without
a key in anybody's pocket, and are worth nothing else. No process of production can make one, and production takes
none (`shared.software_authenticator`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from shared.software_authenticator import PRESENT_AND_VERIFIED, HeldKey, SoftwareAuthenticator, synced
from shared.staff import Purpose, Role
from shared.webauthn import RelyingParty

KEYS: Final = 2
"""So many each has, as everybody of the staff needs."""
SCALAR_BYTES: Final = 28
"""Of a private key, so that it is below the order of the curve."""


@dataclass(frozen=True, kw_only=True)
class InventedPerson:
    """Somebody of a demo's staff, and what they are granted, each for its purpose."""

    code: str
    grants: Mapping[Role, Purpose]

    @property
    def email(self) -> str:
        """Where they are called; nothing but the sandbox takes letters there."""
        return f"{self.code}@staff.example"


PEOPLE: Final = (
    InventedPerson(
        code="kari",
        grants=MappingProxyType(
            {
                Role.SUPPORT: Purpose.CUSTOMER_SUPPORT,
                Role.CASE_HANDLER: Purpose.RIGHTS_REQUEST,
                Role.FINANCE: Purpose.BILLING,
                Role.OPERATOR: Purpose.OPERATIONS,
                Role.INCIDENT_LEAD: Purpose.SECURITY,
            }
        ),
    ),
    InventedPerson(
        code="ola",
        grants=MappingProxyType(
            {
                Role.PRIVACY_LEAD: Purpose.RIGHTS_REQUEST,
                Role.INCIDENT_LEAD: Purpose.SECURITY,
                Role.OPERATOR: Purpose.OPERATIONS,
                Role.STAFF_ADMIN: Purpose.STAFF_ADMINISTRATION,
            }
        ),
    ),
    InventedPerson(
        code="ingrid",
        grants=MappingProxyType(
            {
                Role.CASE_HANDLER: Purpose.DISPUTE,
                Role.FINANCE: Purpose.BILLING,
                Role.STAFF_ADMIN: Purpose.STAFF_ADMINISTRATION,
                Role.AUDITOR: Purpose.AUDIT,
            }
        ),
    ),
)
"""In a small company everybody has several parts."""
CODES: Final = tuple(person.code for person in PEOPLE)


def authenticator_of(code: str, number: int, party: RelyingParty, *, environment: str) -> SoftwareAuthenticator:
    """What an invented person has in the pocket: the key of this number. Raises `SettingError` in production."""
    return _Derived(code, number, party, environment=environment)


class _Derived(SoftwareAuthenticator):
    """Holds one key, which is made of whose it is. A key that several hold is synced, and does not count."""

    def __init__(self, code: str, number: int, party: RelyingParty, *, environment: str) -> None:
        super().__init__(environment=environment, flags=synced(PRESENT_AND_VERIFIED))
        self._seed = f"invented person of a demo\n{party.id}\n{code}\n{number}".encode()
        self.keys = [self.new_key(party.id, b"")]

    def new_key(self, rp_id: str, user_handle: bytes) -> HeldKey:
        """See `SoftwareAuthenticator.new_key`: the same one each time."""
        self.keys = []
        scalar = hashlib.sha256(b"key\n" + self._seed).digest()[:SCALAR_BYTES]
        return HeldKey(
            rp_id=rp_id,
            credential_id=hashlib.sha256(b"id\n" + self._seed).digest(),
            user_handle=user_handle,
            private_key=ec.derive_private_key(int.from_bytes(scalar, "big"), ec.SECP256R1()),
        )
