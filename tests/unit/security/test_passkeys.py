"""What a passkey proves, and all that is no proof."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256, ES384, RS256, CoseKey, EdDSA
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import webauthn
from shared.config import SettingError
from shared.software_authenticator import (
    FLAG,
    KnownAlready,
    NoSuchKey,
    SoftwareAuthenticator,
    client_data,
)
from shared.webauthn import CREATE, GET, NotProven, RelyingParty, check_counter, decode, encode

pytestmark = pytest.mark.unit

PARTY = RelyingParty.of_url("https://desk.semje.example")
ELSEWHERE = RelyingParty.of_url("https://desk.semje.example.attacker.example")
CHALLENGE = bytes(range(32))
BOTH = FLAG.UP | FLAG.UV


def creation_options(**changes):
    options = {
        "rp": {"id": PARTY.id, "name": "Desk"},
        "user": {"id": encode(b"person"), "name": "kari", "displayName": "Kari"},
        "challenge": encode(CHALLENGE),
    }
    return options | changes


def request_options(**changes):
    return {"rpId": PARTY.id, "challenge": encode(CHALLENGE)} | changes


@pytest.fixture
def authenticator():
    return SoftwareAuthenticator(environment="test")


def enrolled(answer, *, party=PARTY, challenge=CHALLENGE, software_keys=True, **changes):
    response = answer["response"] | changes
    return webauthn.new_key(
        party,
        challenge=challenge,
        credential_id=decode(answer["rawId"]),
        client_data=decode(response["clientDataJSON"]),
        attestation=decode(response["attestationObject"]),
        software_keys=software_keys,
    )


def proved(answer, key, *, party=PARTY, challenge=CHALLENGE, **changes):
    response = answer["response"] | changes
    return webauthn.proof(
        party,
        challenge=challenge,
        public_key=key.public_key,
        client_data=decode(response["clientDataJSON"]),
        authenticator_data=decode(response["authenticatorData"]),
        signature=decode(response["signature"]),
    )


def reason_of(refused, function, *args, **kwargs):
    with pytest.raises(NotProven) as caught:
        function(*args, **kwargs)
    assert caught.value.reason in webauthn.REASONS
    assert caught.value.reason == refused


@pytest.fixture
def key(authenticator):
    return enrolled(authenticator.create(creation_options(), PARTY))


# ── a whole ceremony ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_key_is_made_and_proves_itself_with_a_counter_that_rises(authenticator, key):
    assert (key.counter, key.synced, key.backed_up) == (0, False, False)
    counters = [proved(authenticator.get(request_options(), PARTY), key).counter for _ in range(3)]
    assert counters == [1, 2, 3]


def test_the_authenticator_makes_no_second_key_where_the_site_knows_it_and_finds_only_keys_of_the_site(
    authenticator,
):
    made = authenticator.create(creation_options(), PARTY)
    known = [{"type": "public-key", "id": made["rawId"]}]
    with pytest.raises(KnownAlready):
        authenticator.create(creation_options(excludeCredentials=known), PARTY)
    with pytest.raises(NoSuchKey):
        authenticator.get(request_options(rpId=ELSEWHERE.id), ELSEWHERE)
    with pytest.raises(NoSuchKey):
        authenticator.get(request_options(allowCredentials=[{"type": "public-key", "id": encode(b"x")}]), PARTY)


def test_what_is_kept_of_the_authenticator_goes_on_counting(authenticator, key):
    authenticator.get(request_options(), PARTY)
    kept = json.loads(json.dumps(authenticator.to_json()))
    again = SoftwareAuthenticator.from_json(kept, environment="demo")
    assert proved(again.get(request_options(), PARTY), key).counter == 2


# ── where it is valid ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://desk.semje.example/", ("desk.semje.example", "https://desk.semje.example")),
        ("https://Desk.Semje.Example:8443/x", ("desk.semje.example", "https://desk.semje.example:8443")),
        ("http://desk.localhost:8010", ("desk.localhost", "http://desk.localhost:8010")),
        ("http://localhost:8010", ("localhost", "http://localhost:8010")),
    ],
)
def test_a_site_is_a_host_and_one_origin(url, expected):
    party = RelyingParty.of_url(url)
    assert (party.id, party.origin) == expected


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8010",
        "https://[::1]",
        "http://desk.semje.example",
        "http://nolocalhost",
        "desk",
        "",
        "https://",
    ],
)
def test_where_browsers_know_no_passkeys_nothing_starts(url):
    with pytest.raises(SettingError):
        RelyingParty.of_url(url)


def test_another_origin_proves_nothing_be_it_a_subdomain_another_port_or_plain_http(authenticator, key):
    for origin in (
        "https://desk.semje.example:8443",
        "http://desk.semje.example",
        "https://x.desk.semje.example",
        "https://desk.semje.example.attacker.example",
        "https://desk.semje.example/",
        "null",
    ):
        party = replace(PARTY, origin=origin)
        reason_of("wrong_origin", proved, authenticator.get(request_options(), party), key)
        made = SoftwareAuthenticator(environment="test").create(creation_options(), party)
        reason_of("wrong_origin", enrolled, made)


def test_a_key_of_another_site_proves_nothing(authenticator, key):
    """The authenticator signs the site's name, whatever the browser says."""
    held = replace(authenticator.keys[0], rp_id=ELSEWHERE.id)
    answer = authenticator.signed(held, client_data(GET, CHALLENGE, PARTY.origin))
    reason_of("wrong_rp_id", proved, answer, key)
    reason_of("wrong_rp_id", enrolled, authenticator.presented(held, client_data(CREATE, CHALLENGE, PARTY.origin)))


@pytest.mark.parametrize("more", [{"crossOrigin": True}, {"topOrigin": "https://x.example"}, {"crossOrigin": "no"}])
def test_a_page_in_a_frame_of_another_proves_nothing(authenticator, key, more):
    answer = authenticator.signed(authenticator.keys[0], client_data(GET, CHALLENGE, PARTY.origin, **more))
    reason_of("framed", proved, answer, key)


# ── what it answers ───────────────────────────────────────────────────────────────────────────────────────────


def test_an_answer_to_another_challenge_proves_nothing(authenticator, key):
    answer = authenticator.get(request_options(), PARTY)
    for other in (CHALLENGE[:-1], CHALLENGE + b"\x00", os.urandom(32), b""):
        reason_of("wrong_challenge", proved, answer, key, challenge=other)


def test_an_enrolment_is_no_log_in_and_a_log_in_no_enrolment(authenticator, key):
    held = authenticator.keys[0]
    reason_of("wrong_type", proved, authenticator.signed(held, client_data(CREATE, CHALLENGE, PARTY.origin)), key)
    reason_of("wrong_type", enrolled, authenticator.presented(held, client_data(GET, CHALLENGE, PARTY.origin)))


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (FLAG(0), "not_present"),
        (FLAG.UV, "not_present"),
        (FLAG.UP, "not_verified"),
        (BOTH | FLAG.BS, "backup_flags"),
    ],
)
def test_nobody_there_nobody_verified_or_flags_that_cannot_be(flags, reason):
    authenticator = SoftwareAuthenticator(environment="test", flags=flags)
    reason_of(reason, enrolled, authenticator.create(creation_options(), PARTY))
    honest = SoftwareAuthenticator(environment="test")
    key = enrolled(honest.create(creation_options(), PARTY))
    honest.flags = flags
    reason_of(reason, proved, honest.get(request_options(), PARTY), key)


def test_a_key_that_is_synced_says_so():
    authenticator = SoftwareAuthenticator(environment="test", flags=BOTH | FLAG.BE | FLAG.BS)
    key = enrolled(authenticator.create(creation_options(), PARTY))
    assert (key.synced, key.backed_up) == (True, True)
    proof = proved(authenticator.get(request_options(), PARTY), key)
    assert (proof.synced, proof.backed_up) == (True, True)


def test_another_persons_key_signs_nothing_for_this_one(authenticator, key):
    other = SoftwareAuthenticator(environment="test")
    other.create(creation_options(), PARTY)
    reason_of("wrong_signature", proved, other.get(request_options(), PARTY), key)


def test_one_bit_changed_anywhere_proves_nothing(authenticator, key):
    answer = authenticator.get(request_options(), PARTY)
    for name in ("clientDataJSON", "authenticatorData", "signature"):
        data = decode(answer["response"][name])
        for at in range(len(data)):
            changed = bytearray(data)
            changed[at] ^= 1
            with pytest.raises(NotProven):
                proved(answer, key, **{name: encode(bytes(changed))})


@pytest.mark.parametrize(
    ("kept", "given", "fine"),
    [
        (0, 0, True),
        (0, 1, True),
        (5, 6, True),
        (5, 500, True),
        (5, 5, False),
        (5, 4, False),
        (5, 0, False),
        (1, 1, False),
    ],
)
def test_a_counter_that_does_not_rise_is_a_copied_key_and_one_that_stays_at_zero_is_none(kept, given, fine):
    if fine:
        check_counter(kept, given)
    else:
        reason_of("counter_fell", check_counter, kept, given)


# ── which keys are taken ──────────────────────────────────────────────────────────────────────────────────────


def attestation_of(public_key, *, credential_id=b"c" * 32, aaguid=bytes(16), fmt="none", statement=None):
    data = AuthenticatorData.create(
        PARTY.id_hash, BOTH | FLAG.AT, 0, AttestedCredentialData.create(aaguid, credential_id, public_key)
    )
    return bytes(AttestationObject.create(fmt, data, statement or {}))


def presented(attestation, *, credential_id=b"c" * 32):
    return webauthn.new_key(
        PARTY,
        challenge=CHALLENGE,
        credential_id=credential_id,
        client_data=client_data(CREATE, CHALLENGE, PARTY.origin),
        attestation=attestation,
        software_keys=False,
    )


def rsa_key(bits=2048, exponent=65537):
    private = rsa.generate_private_key(exponent, bits)
    numbers = private.public_key().public_numbers()
    members = {1: 3, 3: -257, -1: numbers.n.to_bytes(bits // 8), -2: numbers.e.to_bytes(3)}
    return private, RS256(members)


def curve_key():
    point = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    return {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}


def test_a_key_of_windows_signs_with_rsa():
    private, public = rsa_key()
    key = presented(attestation_of(public))
    data = bytes(AuthenticatorData.create(PARTY.id_hash, BOTH, 7))
    client = client_data(GET, CHALLENGE, PARTY.origin)
    signature = private.sign(data + hashlib.sha256(client).digest(), padding.PKCS1v15(), SHA256())
    given = {
        "challenge": CHALLENGE,
        "public_key": key.public_key,
        "client_data": client,
        "authenticator_data": data,
    }
    assert webauthn.proof(PARTY, **given, signature=signature).counter == 7
    reason_of("wrong_signature", webauthn.proof, PARTY, **given, signature=signature[::-1])


def test_an_attestation_that_nobody_asked_for_is_passed_over():
    statement = {"alg": -7, "sig": b"x" * 70, "x5c": [b"certificate" * 100]}
    assert presented(attestation_of(CoseKey.parse(curve_key()), fmt="packed", statement=statement)).counter == 0


@pytest.mark.parametrize(
    "members",
    [
        {1: 1, 3: EdDSA.ALGORITHM, -1: 6, -2: bytes(32)},
        {1: 2, 3: ES384.ALGORITHM, -1: 2, -2: bytes(48), -3: bytes(48)},
        {1: 3, 3: RS256.ALGORITHM, -1: b"\xff" * 128, -2: b"\x01\x00\x01"},
        {1: 3, 3: RS256.ALGORITHM, -1: b"\xff" * 256, -2: b"\x01"},
        {1: 3, 3: RS256.ALGORITHM, -1: b"\xff" * 256, -2: b"\x03"},
        {1: 3, 3: RS256.ALGORITHM, -1: b"\xff" * 1024, -2: b"\x01\x00\x01"},
        {**curve_key(), 1: 3},
        {**curve_key(), 4: 2},
        {**curve_key(), -2: bytes(31)},
    ],
    ids=["ed25519", "p384", "rsa-1024", "rsa-e1", "rsa-e3", "rsa-8192", "type", "member", "short"],
)
def test_a_key_that_is_weak_or_of_another_kind_is_not_taken(members):
    reason_of("weak_key", presented, attestation_of(CoseKey.parse(members)))


def test_a_point_that_is_not_on_the_curve_is_no_key():
    reason_of("malformed", presented, attestation_of(CoseKey.parse({**curve_key(), -2: b"\x01" * 32})))
    reason_of("malformed", presented, attestation_of(CoseKey.parse({**curve_key(), -1: 2})))


def test_the_key_presented_is_the_one_named():
    reason_of("malformed", presented, attestation_of(CoseKey.parse(curve_key())), credential_id=b"d" * 32)


def test_production_takes_no_key_of_software_and_makes_none(authenticator):
    made = authenticator.create(creation_options(), PARTY)
    reason_of("software_key", enrolled, made, software_keys=False)
    assert enrolled(made).aaguid == webauthn.SOFTWARE_AAGUID
    with pytest.raises(SettingError):
        SoftwareAuthenticator(environment="production")
    with pytest.raises(SettingError):
        SoftwareAuthenticator.from_json(authenticator.to_json(), environment="production")


# ── what is no answer at all ──────────────────────────────────────────────────────────────────────────────────


def crafted_attestations():
    good = attestation_of(CoseKey.parse(curve_key()))
    yield from (b"", b"\x00", b"\xff" * 40, good[:-1], good + b"\x00", b"\x81" * 16_000, b"\xa1" * 16_000)
    yield b"\x9b" + b"\xff" * 8  # an array of 2^64 - 1 members that are not there
    yield b"\x5b" + b"\xff" * 8  # as long a text
    yield cbor.encode({"fmt": "none", "authData": b"", "attStmt": {}})
    yield cbor.encode({"fmt": "none", "authData": "text", "attStmt": {}})
    yield cbor.encode({"fmt": "none", "attStmt": {}})
    yield cbor.encode(["fmt", "authData", "attStmt"])
    yield cbor.encode({"fmt": "none", "authData": bytes(37), "attStmt": {}})
    yield attestation_of(CoseKey.parse(curve_key()), statement={"x": b"x" * webauthn.ATTESTATION_BYTES})


@pytest.mark.parametrize(
    "attestation", list(crafted_attestations()), ids=lambda each: f"{len(each)}-{each[:4].hex()}"
)
def test_what_is_no_attestation_is_refused_at_once(attestation):
    began = time.monotonic()
    with pytest.raises(NotProven):
        presented(attestation)
    assert time.monotonic() - began < 0.5


@pytest.mark.parametrize(
    "client",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * webauthn.CLIENT_DATA_BYTES,
        b"{}",
        b'{"type":"webauthn.get"}',
        b'{"type":"webauthn.get","challenge":7,"origin":"https://desk.semje.example"}',
        b'{"type":"webauthn.get","challenge":"AAEC+/==","origin":"https://desk.semje.example"}',
        client_data(GET, CHALLENGE, PARTY.origin, filler="x" * webauthn.CLIENT_DATA_BYTES),
    ],
    ids=lambda each: each[:12].hex() or "empty",
)
def test_what_is_no_client_data_is_refused(key, client):
    reason_of(
        "malformed",
        webauthn.proof,
        PARTY,
        challenge=CHALLENGE,
        public_key=key.public_key,
        client_data=client,
        authenticator_data=bytes(37),
        signature=b"x",
    )


@pytest.mark.parametrize("text", ["AA==", "A", "å", "AA\n", "A A", "AB", "AA+/"])
def test_bytes_have_one_spelling(text):
    reason_of("malformed", decode, text)


@pytest.mark.parametrize("data", [b"", b"\x00", b"\xff\xfe", bytes(range(31))])
def test_what_is_written_is_read(data):
    assert decode(encode(data)) == data


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=200), st.binary(max_size=80))
def test_noise_is_never_a_proof_and_never_an_unexpected_error(client, data, signature):
    public = cbor.encode(CoseKey.parse(curve_key()))
    with pytest.raises(NotProven):
        webauthn.proof(
            PARTY,
            challenge=CHALLENGE,
            public_key=public,
            client_data=client_data(GET, CHALLENGE, PARTY.origin) if len(client) % 2 else client,
            authenticator_data=PARTY.id_hash + data if len(data) % 2 else data,
            signature=signature,
        )
    with pytest.raises(NotProven):
        presented(data)
    with pytest.raises(NotProven):
        webauthn.proof(
            PARTY,
            challenge=CHALLENGE,
            public_key=data,
            client_data=client_data(GET, CHALLENGE, PARTY.origin),
            authenticator_data=bytes(AuthenticatorData.create(PARTY.id_hash, BOTH, 1)),
            signature=signature,
        )


def test_a_key_is_named_by_its_digest(key):
    assert webauthn.key_digest(key.public_key) == hashlib.sha256(key.public_key).hexdigest()
    assert isinstance(CoseKey.parse(cbor.decode(key.public_key)), ES256)
