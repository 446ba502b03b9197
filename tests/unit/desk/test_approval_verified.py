"""An approval is verified in the terminal with a file and the ledger's public key, and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from services.desk.__main__ import run
from services.staff.passkeys.events import PasskeyEnrolled
from shared.approvals import ENROLLED, ApprovalFile, FrozenRequest, Signed, Site, challenge_of
from shared.events import Code, Digest
from shared.identifiers import new_id
from shared.privacy.ledger_lines import Entry, Fact, Mark
from shared.software_authenticator import SoftwareAuthenticator
from shared.webauthn import RelyingParty, decode, encode, key_digest, new_key
from tests.unit.privacy.ledger_samples import KEY, STRANGER, received

pytestmark = pytest.mark.unit

PARTY = RelyingParty.of_url("http://desk.localhost:8010")
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def approved() -> dict:
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
    line = Entry.make(Fact.of_event(received(enrolled)), after=Mark(3, "0" * 64), at=NOW - DAY, key=KEY).line
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


@pytest.fixture(scope="module")
def file() -> dict:
    return approved()


@pytest.fixture
def verify(tmp_path, capsys):
    def verified(document, *more, key=KEY):
        path = tmp_path / "approval.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document, indent=1))
        code = run(["approval", "verify", str(path), "--key", key.public.text(), *more])
        return code, capsys.readouterr()

    return verified


def test_it_says_who_approved_what_and_asks_nobody(verify, file):
    code, shown = verify(file)
    assert code == 0
    words = " ".join(shown.out.split())
    for said in ("retention.place_hold", "kari", "ola", "dispute", file["request"]["id"], PARTY.origin):
        assert said in words
    assert "The approval is valid." in words
    code, shown = verify(file, "--json")
    assert (code, json.loads(shown.out)["approved_by"]) == (0, "ola")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda file: file["request"]["fields"].update(reason="unpaid_invoice"), "wrong_challenge"),
        (lambda file: file.update(approved_by="kari"), "one_person"),
        (lambda file: file.pop("enrolment"), "malformed"),
    ],
)
def test_what_proves_nothing_ends_with_its_reason(verify, file, change, reason):
    changed = json.loads(json.dumps(file))
    change(changed)
    code, shown = verify(changed)
    assert (code, reason in shown.err) == (4, True)
    assert "valid" not in shown.out


def test_another_key_of_a_ledger_proves_nothing(verify, file):
    code, shown = verify(file, key=STRANGER)
    assert (code, "enrolment_not_signed" in shown.err) == (4, True)


@pytest.mark.parametrize("text", ["", "no json", "[]", "{}", "x" * 300_000])
def test_what_is_no_approval_is_none(verify, text):
    code, shown = verify(text)
    assert code in (2, 4)
    assert shown.err


def test_a_key_that_is_none_is_named(tmp_path, capsys):
    path = tmp_path / "approval.json"
    path.write_text("{}")
    assert run(["approval", "verify", str(path), "--key", "x"]) == 2
    assert "--key" in capsys.readouterr().err


def test_the_ledger_calls_an_enrolment_what_the_file_asks_for():
    assert PasskeyEnrolled.type == ENROLLED
    assert "staff" in PasskeyEnrolled.replayed_by
