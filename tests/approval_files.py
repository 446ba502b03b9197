"""A file that proves an approval, as staff export one, for tests of whatever reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.staff.passkeys.events import PasskeyEnrolled
from shared.approvals import ApprovalFile, FrozenRequest, Signed, Site, challenge_of
from shared.events import Code, Digest
from shared.identifiers import new_id
from shared.privacy.ledger_lines import Entry, Fact, Mark
from shared.software_authenticator import SoftwareAuthenticator
from shared.webauthn import RelyingParty, decode, encode, key_digest, new_key
from tests.unit.privacy.ledger_samples import KEY, received

PARTY = RelyingParty.of_url("http://desk.localhost:8010")
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def approved(*, enrolled_at: datetime = NOW - DAY) -> dict:
    """A file as staff export it, with a passkey of an authenticator in software."""
    authenticator, challenge = SoftwareAuthenticator(environment="test"), b"c" * 32
    user = {"id": encode(b"a person"), "name": "ola", "displayName": "ola"}
    made = authenticator.create({"rp": {"id": PARTY.id}, "user": user, "challenge": encode(challenge)}, PARTY)
    response = {name: made["response"][name] for name in ("clientDataJSON", "attestationObject")}
    key = new_key(
        PARTY,
        challenge=challenge,
        credential_id=decode(made["id"]),
        client_data=decode(response["clientDataJSON"]),
        attestation=decode(response["attestationObject"]),
        software_keys=True,
    )
    enrolled = PasskeyEnrolled(
        passkey_id=new_id(),
        staff_code=Code("ola"),
        key=Digest(key_digest(key.public_key)),
        way=Code("invitation"),
        binding=Code("device_bound"),
    )
    line = Entry.make(Fact.of_event(received(enrolled)), after=Mark(3, "0" * 64), at=enrolled_at, key=KEY).line
    request = FrozenRequest(
        id=new_id(),
        act="retention.place_hold",
        asked={"account_id": str(new_id()), "reason": "dispute", "categories": ["letters"], "user_ids": []},
        requested_by="kari",
        edited_by="kari",
        subject=None,
        version=1,
        nonce=encode(b"n" * 32),
        requested_at=NOW,
        expires_at=NOW + 7 * DAY,
    )
    options = {"rpId": PARTY.id, "challenge": encode(challenge_of(request.to_json()))}
    answer = authenticator.get(options, PARTY)["response"]
    file = ApprovalFile(
        request=request,
        approved_by="ola",
        approved_at=NOW + DAY,
        site=Site(id=PARTY.id, origin=PARTY.origin),
        signed=Signed(
            public_key=encode(key.public_key),
            client_data=answer["clientDataJSON"],
            authenticator_data=answer["authenticatorData"],
            signature=answer["signature"],
        ),
        enrolment=line.decode(),
    )
    return file.to_json()
