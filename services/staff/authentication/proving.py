"""Has challenges answered by passkeys, and says what an answer proves."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from services.staff.authentication import rules, store
from services.staff.authentication.calls import (
    Algorithm,
    Assertion,
    CreationOptions,
    KeyNamed,
    NewCredential,
    PartyNamed,
    RequestOptions,
    Selection,
    UserNamed,
)
from services.staff.authentication.values import Ceremony, CeremonyKind, Judged, Passkey
from services.staff.people.values import Person
from shared import webauthn
from shared.database import Transaction
from shared.errors import Forbidden
from shared.identifiers import new_id
from shared.webauthn import NotProven, RelyingParty

KEY: Final = "public-key"
REQUIRED: Final = "required"
TIMEOUT_MS: Final = int(rules.CHALLENGE_LASTS.total_seconds() * 1000)
TRANSPORTS: Final = frozenset({"usb", "nfc", "ble", "hybrid", "internal", "smart-card"})
"""How a browser may reach a key. What else it says is passed over."""
NAME: Final = "Vilkår"
"""What devices show of the site beside its host."""

REASONS: Final = (
    "challenge_over",
    "unknown_key",
    "revoked_key",
    "person_left",
    "another_person",
    "unknown_code",
    "unknown_person",
)
"""Why a proof is none, beside those of `shared.webauthn`."""


class Proving:
    """One site, where passkeys of the staff are valid."""

    def __init__(self, party: RelyingParty, *, software_keys: bool) -> None:
        """`software_keys` says whether keys of the authenticator in software are taken: never in production."""
        self.party = party
        self._software_keys = software_keys

    def begin(self, tx: Transaction, kind: CeremonyKind, person: Person | None, now: datetime) -> Ceremony:
        """A challenge that waits for its answer. Nobody is named in one for a log-in."""
        ceremony = Ceremony(
            id=new_id(),
            kind=kind,
            person_id=person.id if person else None,
            challenge=os.urandom(webauthn.CHALLENGE_BYTES),
        )
        store.begin_ceremony(tx, ceremony, now)
        return ceremony

    def take(self, tx: Transaction, ceremony_id: UUID, kind: CeremonyKind, now: datetime) -> Ceremony:
        """The challenge that is being answered; there is no second answer. Raises `Forbidden`."""
        ceremony = store.take_ceremony(tx, ceremony_id, kind, now)
        if ceremony is None:
            raise Forbidden(
                "this was answered already, or too late: begin again", details={"reason": "challenge_over"}
            )
        return ceremony

    def judge(
        self, tx: Transaction, challenge: bytes, assertion: Assertion, now: datetime, *, of: UUID | None = None
    ) -> Judged:
        """What the answer to this challenge proves, and the use of the key written down where it proves it.

        `of` names the person whose key it must be. Nothing is written for a proof that is none.
        """
        try:
            credential_id = webauthn.decode(assertion.id)
        except NotProven as error:
            return Judged(passkey=None, refusal=error.reason)
        passkey = store.passkey_of_credential(tx, credential_id)
        if passkey is None:
            return Judged(passkey=None, refusal="unknown_key")
        try:
            proof = self._proof(passkey, challenge, assertion, of)
        except NotProven as error:
            return Judged(passkey=passkey, refusal=error.reason)
        store.use_passkey(tx, passkey.id, counter=proof.counter, backed_up=proof.backed_up, now=now)
        return Judged(passkey=passkey)

    def _proof(self, passkey: Passkey, challenge: bytes, assertion: Assertion, of: UUID | None) -> webauthn.Proof:
        if passkey.revoked_at is not None:
            raise NotProven("revoked_key")
        handle = assertion.response.user_handle
        if of not in (None, passkey.person_id) or handle not in (None, webauthn.encode(passkey.person_id.bytes)):
            raise NotProven("another_person")
        if passkey.aaguid == webauthn.SOFTWARE_AAGUID and not self._software_keys:
            raise NotProven("software_key")
        proof = webauthn.proof(
            self.party,
            challenge=challenge,
            public_key=passkey.public_key,
            client_data=webauthn.decode(assertion.response.client_data),
            authenticator_data=webauthn.decode(assertion.response.authenticator_data),
            signature=webauthn.decode(assertion.response.signature),
        )
        if proof.synced != passkey.synced:
            raise NotProven("backup_flags")
        webauthn.check_counter(passkey.counter, proof.counter)
        return proof

    def new_passkey(
        self, ceremony: Ceremony, person: Person, credential: NewCredential, way: str, now: datetime
    ) -> Passkey:
        """The key that was made for this challenge, not kept yet. Raises `NotProven`."""
        made = webauthn.new_key(
            self.party,
            challenge=ceremony.challenge,
            credential_id=webauthn.decode(credential.id),
            client_data=webauthn.decode(credential.response.client_data),
            attestation=webauthn.decode(credential.response.attestation),
            software_keys=self._software_keys,
        )
        return Passkey(
            id=new_id(),
            person_id=person.id,
            credential_id=made.credential_id,
            public_key=made.public_key,
            aaguid=made.aaguid,
            counter=made.counter,
            synced=made.synced,
            backed_up=made.backed_up,
            transports=tuple(sorted(TRANSPORTS & set(credential.response.transports))),
            way=way,
            enrolled_at=now,
        )

    # ── what a browser is given ───────────────────────────────────────────────────────────────────────────────

    def creation_options(self, ceremony: Ceremony, person: Person, known: Sequence[Passkey]) -> CreationOptions:
        """To have a key made that is not among those `known`."""
        return CreationOptions(
            rp=PartyNamed(id=self.party.id, name=NAME),
            user=UserNamed(id=webauthn.encode(person.id.bytes), name=person.code, display_name=person.code),
            challenge=webauthn.encode(ceremony.challenge),
            algorithms=tuple(Algorithm(type=KEY, alg=each) for each in webauthn.ALGORITHMS),
            timeout=TIMEOUT_MS,
            exclude_credentials=named(known),
            selection=Selection(resident_key=REQUIRED, require_resident_key=True, user_verification=REQUIRED),
            attestation="none",
        )

    def request_options(self, challenge: bytes, allowed: Sequence[Passkey] = ()) -> RequestOptions:
        """To have a challenge signed, by one of those keys or by any that the browser has for the site."""
        return RequestOptions(
            challenge=webauthn.encode(challenge),
            rp_id=self.party.id,
            timeout=TIMEOUT_MS,
            user_verification=REQUIRED,
            allow_credentials=named(allowed),
        )


def named(passkeys: Sequence[Passkey]) -> tuple[KeyNamed, ...]:
    """Keys as a browser is told of them."""
    return tuple(
        KeyNamed(id=webauthn.encode(each.credential_id), type=KEY, transports=each.transports) for each in passkeys
    )


def refused(reason: str) -> Forbidden:
    """What whoever brought the proof is told."""
    return Forbidden("the passkey proves nothing here", details={"reason": reason})
