"""The statement of who acts: what is believed, for which call, and why anything else is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from shared.actor import Actor
from shared.bus.statement_check import check_reaches
from shared.canonical_json import canonical
from shared.config import SettingError
from shared.errors import Invalid
from shared.identifiers import new_id
from shared.records import ABSENT
from shared.staff import Act, Role, acts
from shared.statements import (
    SCOPE_MOST,
    TOKEN_LIMIT,
    AskedCall,
    StatementError,
    StatementReader,
    StatementSigner,
    call_digest,
    hold_to,
    scope_of,
)
from tests.bad_input import spoilt, spoilt_texts
from tests.staff_statements import SIGNER, approval, encoded, stated, statement_for, token

pytestmark = pytest.mark.unit

NOW = datetime(2027, 3, 1, 9, 0, 30, 600_000, tzinfo=UTC)
READER = StatementReader([SIGNER.public])
ACCOUNT = UUID("0192f6c0-0000-7000-8000-00000000000a")
FIELDS = {"account_id": str(ACCOUNT), "version": 3, "reason": "fraud"}
PLAIN = Act(roles=(Role.CASE_HANDLER,))
TWICE = Act(roles=(Role.CASE_HANDLER,), two_persons=True)
HEADER = {"alg": "Ed25519", "kid": SIGNER.public.id, "typ": "vilkar-act+jwt"}
ODD_KEY = StatementSigner(b"another key that staff never had")


def good(**claims):
    return statement_for("account", "block_account", FIELDS, now=NOW, **claims)


def as_claims(**changed):
    return good().to_json() | changed


def signed(claims, header=HEADER, signer=SIGNER):
    raw = b"a key of staff for these tests.." if signer is SIGNER else b"another key that staff never had"
    return token(header, claims, Ed25519PrivateKey.from_private_bytes(raw).sign)


def asked(*, act=PLAIN, **other):
    call = {"service": "account", "method": "block_account", "fields": FIELDS, "user": "desk", "act": act}
    return AskedCall(**call | other)


def why_not(text, *, now=NOW, reader=READER):
    with pytest.raises(StatementError) as refused:
        reader.read(text, now=now)
    return refused.value.reason


class TestReading:
    @pytest.mark.parametrize("header", [SIGNER.sign(good()).split(".")[0], encoded(json.dumps(HEADER).encode())])
    def test_a_signature_has_one_spelling_by_whichever_header(self, header):
        """Of the last letter two bits count; with another letter the bytes would be the same."""
        claims, key = as_claims(), Ed25519PrivateKey.from_private_bytes(b"a key of staff for these tests..")
        said = f"{header}.{encoded(canonical(claims))}"
        whole = f"{said}.{encoded(key.sign(said.encode()))}"
        assert READER.read(whole, now=NOW).sub == claims["sub"]
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        other = alphabet[alphabet.index(whole[-1]) ^ 1]
        assert why_not(whole[:-1] + other) in ("malformed", "bad_signature")

    def test_what_staff_sign_is_read_as_it_was_said(self):
        statement = good(role=Role.PRIVACY_LEAD)
        read = READER.read(SIGNER.sign(statement), now=NOW)
        assert read == statement
        assert read.authenticated_at == datetime(2027, 3, 1, 8, 50, 30, tzinfo=UTC)
        assert Actor.parse(read.actor).name == "kari"

    def test_it_is_a_jws_that_others_can_read(self):
        header, claims, signature = SIGNER.sign(good()).split(".")
        assert json.loads(base64.urlsafe_b64decode(f"{header}==")) == HEADER
        assert json.loads(base64.urlsafe_b64decode(f"{claims}=="))["iss"] == "staff"
        assert SIGNER.public.verifies(base64.urlsafe_b64decode(f"{signature}=="), f"{header}.{claims}".encode())

    @pytest.mark.parametrize(
        ("offset", "reason"),
        [
            (timedelta(seconds=-5), None),  # the reader's clock is behind
            (timedelta(minutes=-2), "clock_ahead"),
            (timedelta(seconds=-7), "clock_ahead"),
            (timedelta(), None),
            (timedelta(seconds=5), None),
            (timedelta(seconds=59), None),
            (timedelta(seconds=61), "expired"),
            (timedelta(minutes=2), "expired"),
            (timedelta(days=90), "expired"),
        ],
    )
    def test_clocks_may_differ_by_five_seconds_and_a_minute_is_the_end(self, offset, reason):
        text = SIGNER.sign(good())
        if reason is None:
            assert READER.read(text, now=NOW + offset).sub == "kari"
        else:
            assert why_not(text, now=NOW + offset) == reason

    @pytest.mark.parametrize("life", [0, -1, 61, 3600, 10**9])
    def test_who_writes_a_longer_life_is_not_believed(self, life):
        issued = int(NOW.timestamp())
        assert why_not(signed(as_claims(exp=issued + life))) == "lives_too_long"

    @pytest.mark.parametrize(
        ("header", "reason"),
        [
            (HEADER | {"alg": "none"}, "wrong_algorithm"),
            (HEADER | {"alg": "EdDSA"}, "wrong_algorithm"),
            (HEADER | {"alg": "HS256"}, "wrong_algorithm"),
            (HEADER | {"alg": "RS256"}, "wrong_algorithm"),
            (HEADER | {"alg": ["Ed25519"]}, "wrong_algorithm"),
            ({"kid": SIGNER.public.id, "typ": "vilkar-act+jwt"}, "malformed"),
            (HEADER | {"typ": "JWT"}, "wrong_type"),
            (HEADER | {"typ": "vilkar-act+JWT"}, "wrong_type"),
            ({"alg": "Ed25519", "kid": SIGNER.public.id}, "wrong_type"),
            (HEADER | {"kid": ODD_KEY.public.id}, "unknown_key"),
            (HEADER | {"kid": None}, "unknown_key"),
            (HEADER | {"kid": {}}, "unknown_key"),
            ({"alg": "Ed25519", "typ": "vilkar-act+jwt"}, "wrong_type"),
            (HEADER | {"b64": False, "crit": ["b64"]}, "wrong_type"),
            (HEADER | {"b64": False}, "malformed"),
            (HEADER | {"crit": ["exp"]}, "wrong_type"),
            (HEADER | {"crit": 5}, "wrong_type"),
            (HEADER | {"jwk": {"kty": "OKP"}}, "wrong_type"),
            (HEADER | {"jku": "https://elsewhere.example/keys"}, "wrong_type"),
            (HEADER | {"x5c": ["x"]}, "wrong_type"),
        ],
    )
    def test_a_header_is_ours_or_none(self, header, reason):
        assert why_not(signed(as_claims(), header)) == reason

    def test_the_public_key_is_no_secret_to_sign_with(self):
        key = base64.b64decode(SIGNER.public.text())
        by_public_key = token(HEADER | {"alg": "HS256"}, as_claims(), lambda x: hmac.digest(key, x, "sha256") * 2)
        assert why_not(by_public_key) == "wrong_algorithm"
        unsigned = f"{encoded(json.dumps(HEADER | {'alg': 'none'}).encode())}.{encoded(canonical(as_claims()))}."
        assert why_not(unsigned) == "malformed"

    def test_another_key_under_the_known_name_signs_nothing(self):
        assert why_not(signed(as_claims(), HEADER, ODD_KEY)) == "bad_signature"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            ".",
            "..",
            "a.b.c",
            "a" * TOKEN_LIMIT,
            SIGNER.sign(good())[:-1],
            SIGNER.sign(good()) + "A",
            "\x00",
            "æ.ø.å",
        ],
    )
    def test_what_is_no_token_is_none(self, text):
        assert why_not(text) == "malformed"

    def test_a_huge_token_is_not_looked_at(self):
        assert why_not(SIGNER.sign(good()) + "A" * TOKEN_LIMIT) == "too_long"
        assert why_not("A" * 100_000_000) == "too_long"

    @pytest.mark.parametrize(("what", "claims"), list(spoilt(good(approval=approval()).to_json())))
    def test_claims_that_are_not_ours_are_none_even_under_our_signature(self, what, claims):
        text = signed(claims)
        try:
            read = READER.read(text, now=NOW)
        except StatementError:
            return
        # What is still read differs from the sample in nothing but a code or an instant that is right by itself.
        assert read.iss == "staff"
        assert (read.iat, read.exp) == (good().iat, good().exp)
        assert isinstance(read.role, Role)

    @pytest.mark.parametrize("raw", [pytest.param(raw, id=what) for what, raw in spoilt_texts(good().to_json())])
    def test_a_text_that_is_not_json_is_no_statement(self, raw):
        head = encoded(json.dumps(HEADER).encode())
        body = f"{head}.{encoded(raw)}"
        key = Ed25519PrivateKey.from_private_bytes(b"a key of staff for these tests..")
        text = f"{body}.{encoded(key.sign(body.encode()))}"
        assert why_not(text) in {"malformed", "too_long"}

    @pytest.mark.parametrize("more", [{"admin": True}, {"nbf": 0}, {"scope": "all"}, {"aud2": "audit"}])
    def test_a_claim_that_is_not_known_is_refused(self, more):
        assert why_not(signed(as_claims(**more))) == "malformed"

    @given(st.binary(max_size=700))
    def test_noise_is_refused_with_a_reason(self, noise):
        parts = (noise[: len(noise) // 3], noise[len(noise) // 3 :], hashlib.sha512(noise).digest())
        text = ".".join(map(encoded, parts))
        assert why_not(text) in {"malformed", "wrong_algorithm", "wrong_type", "unknown_key", "bad_signature"}

    @given(st.text(max_size=300))
    def test_any_text_is_refused_with_a_reason(self, text):
        assert why_not(text) == "malformed"

    @given(st.data())
    def test_a_letter_that_was_changed_is_noticed(self, data):
        text = SIGNER.sign(good())
        # The last letter of a signature carries two bits that mean nothing.
        at = data.draw(st.integers(0, len(text) - 2).filter(lambda index: text[index] != "."))
        letter = data.draw(st.sampled_from("ABCXYZabcxyz059-_").filter(lambda each: each != text[at]))
        spoiled = text[:at] + letter + text[at + 1 :]
        assert why_not(spoiled) in {"malformed", "wrong_algorithm", "wrong_type", "unknown_key", "bad_signature"}

    @given(st.integers(0, 2000))
    def test_a_token_that_was_cut_is_none(self, length):
        text = SIGNER.sign(good())
        if length < len(text):
            assert why_not(text[:length]) == "malformed"


class TestKeys:
    def test_after_an_exchange_both_keys_are_believed_while_both_are_listed(self):
        both = StatementReader.parse(f"{ODD_KEY.public.text()}\n{SIGNER.public.text()}\n")
        for signer in (SIGNER, ODD_KEY):
            assert both.read(signer.sign(good()), now=NOW).sub == "kari"
        assert why_not(ODD_KEY.sign(good())) == "unknown_key"
        assert why_not(SIGNER.sign(good()), reader=StatementReader([ODD_KEY.public])) == "unknown_key"

    def test_a_name_of_one_key_with_the_signature_of_another_is_not_believed(self):
        both = StatementReader([ODD_KEY.public, SIGNER.public])
        crossed = signed(as_claims(), HEADER | {"kid": ODD_KEY.public.id}, SIGNER)
        assert why_not(crossed, reader=both) == "bad_signature"

    @pytest.mark.parametrize("text", ["x", base64.b64encode(b"short").decode()])
    def test_a_file_that_holds_no_key_is_named(self, text):
        with pytest.raises(SettingError):
            StatementReader.parse(text)
        with pytest.raises(SettingError):
            StatementSigner.parse(text)

    def test_whoever_has_no_key_believes_nobody(self):
        assert why_not(SIGNER.sign(good()), reader=StatementReader.parse("")) == "unknown_key"

    def test_nothing_is_signed_that_cannot_be_read(self):
        for wrong in ({"sub": "Kari Nes"}, {"purpose": "Fordi!"}, {"iat": -1}, {"digest": "short"}):
            with pytest.raises(Invalid):
                SIGNER.sign(good(**wrong))


class TestHolding:
    def test_it_holds_for_the_call_that_it_was_made_for(self):
        hold_to(good(), asked())

    @pytest.mark.parametrize(
        ("claims", "call", "reason"),
        [
            ({"aud": "retention"}, {}, "wrong_audience"),
            ({}, {"service": "retention"}, "wrong_audience"),
            ({"act": "account.unblock_account"}, {}, "wrong_act"),
            ({}, {"method": "unblock_account"}, "wrong_act"),
            ({"azp": "gateway"}, {}, "wrong_party"),
            ({}, {"user": "audit"}, "wrong_party"),
            ({}, {"user": ""}, "wrong_party"),
            ({}, {"user": "admin"}, "wrong_party"),
            ({}, {"fields": FIELDS | {"version": 4}}, "wrong_call"),
            ({}, {"fields": FIELDS | {"version": "3"}}, "wrong_call"),
            ({}, {"fields": FIELDS | {"more": None}}, "wrong_call"),
            ({}, {"fields": {}}, "wrong_call"),
            ({"digest": call_digest("account", "unblock_account", FIELDS)}, {}, "wrong_call"),
            ({"account": new_id()}, {}, "wrong_account"),
            ({"account": ABSENT}, {}, "wrong_account"),
        ],
    )
    def test_and_for_no_other(self, claims, call, reason):
        with pytest.raises(StatementError) as refused:
            hold_to(good(**claims), asked(**call))
        assert refused.value.reason == reason

    def test_about_which_account_it_is_is_said_where_it_is_about_one(self):
        for nobody in ({"account_id": None}, {}):
            hold_to(statement_for("account", "block_account", nobody, now=NOW), asked(fields=nobody))
            claimed = statement_for("account", "block_account", nobody, now=NOW, account=ACCOUNT)
            with pytest.raises(StatementError, match="wrong_account"):
                hold_to(claimed, asked(fields=nobody))

    @pytest.mark.parametrize(
        ("made", "claims", "act", "reason"),
        [
            (None, {}, TWICE, "approval_missing"),
            (approval(), {}, PLAIN, "approval_needless"),
            (approval("kari", "kari"), {}, TWICE, "approved_by_who_asked"),
            (None, {"rehearsal": True}, PLAIN, "rehearsal_needless"),
            (None, {"rehearsal": True}, TWICE, "approval_missing"),
            (approval(), {"jti": new_id()}, TWICE, "approval_of_others"),
            (approval(), {"sub": "per"}, TWICE, "approval_of_others"),
        ],
    )
    def test_two_persons_are_two_and_one_of_them_acts(self, made, claims, act, reason):
        with pytest.raises(StatementError) as refused:
            hold_to(good(approval=made, **claims), asked(act=act))
        assert refused.value.reason == reason

    @pytest.mark.parametrize("by", ["kari", "ola"])
    def test_either_of_the_two_may_carry_it_out(self, by):
        hold_to(good(approval=approval(), sub=by), asked(act=TWICE))


class TestDigest:
    def test_the_order_of_fields_does_not_matter_and_everything_else_does(self):
        turned = dict(reversed(FIELDS.items()))
        assert call_digest("account", "block_account", turned) == call_digest("account", "block_account", FIELDS)
        others = [
            ("audit", "block_account", FIELDS),
            ("account", "block", FIELDS),
            ("account", "block_account", {}),
        ]
        assert len({call_digest(*each) for each in [("account", "block_account", FIELDS), *others]}) == 4

    def test_it_is_known_to_whoever_computes_it_elsewhere(self):
        said = b'{"fields":{"a":"\\u00e6"},"method":"m","service":"s"}'
        assert call_digest("s", "m", {"a": "æ"}) == encoded(hashlib.sha256(said).digest())


RESOLVES = Act(roles=(Role.CASE_HANDLER,), resolves=True)
IDS = st.frozensets(st.uuids(), min_size=1, max_size=SCOPE_MOST)


class TestForSomeAccounts:
    @given(accounts=IDS, other=st.uuids())
    def test_it_reaches_those_that_it_names_and_no_other(self, accounts, other):
        token_ = SIGNER.sign(good(account=ABSENT, scope=scope_of(accounts)))
        read = READER.read(token_, now=NOW)
        assert all(read.reaches(each) for each in accounts)
        assert read.reaches(other) == (other in accounts)

    def test_the_most_that_it_names_still_travels(self):
        longest = scope_of([UUID(int=n) for n in range(SCOPE_MOST)])
        names = {"act": "audit." + "x" * 57, "aud": "audit", "purpose": "x" * 64, "azp": "x" * 64, "sub": "x" * 32}
        made = SIGNER.sign(good(account=ABSENT, scope=longest, rehearsal=True, **names))
        assert READER.read(made, now=NOW).reaches(UUID(int=SCOPE_MOST - 1))
        with pytest.raises(Invalid):
            SIGNER.sign(good(scope=longest + longest))

    def test_without_it_all_are_reached(self):
        assert good().reaches(UUID(int=9))

    def test_it_goes_along_with_what_finds_out_whose_it_is_and_with_nothing_else(self):
        scoped = good(scope=scope_of([ACCOUNT]))
        hold_to(scoped, asked(act=RESOLVES))
        with pytest.raises(StatementError) as refused:
            hold_to(scoped, asked())
        assert refused.value.reason == "scope_needless"

    @pytest.mark.parametrize(
        ("scope", "account", "expected"),
        [
            (ABSENT, UUID(int=9), None),
            (ABSENT, None, None),
            (scope_of([ACCOUNT]), ACCOUNT, None),
            (scope_of([ACCOUNT]), UUID(int=9), "other_account"),
            (scope_of([ACCOUNT]), None, "some_customers"),
        ],
        ids=str,
    )
    def test_the_service_holds_to_it_what_it_has_found_out(self, scope, account, expected):
        with stated(good(account=ABSENT, scope=scope)):
            if expected is None:
                check_reaches(account)
                return
            with pytest.raises(StatementError) as refused:
                check_reaches(account)
        assert (refused.value.reason, refused.value.person) == (expected, good().sub)

    def test_who_acts_without_a_statement_is_not_held_to_one(self):
        check_reaches(None)


def test_every_act_of_the_table_fits_into_a_statement():
    for name, known in acts().items():
        service, _, method = name.partition(".")
        twice = approval() if known.act.two_persons else None
        statement = statement_for(service, method, {}, now=NOW, role=known.act.roles[0], approval=twice)
        read = READER.read(SIGNER.sign(statement), now=NOW)
        hold_to(read, AskedCall(service=service, method=method, fields={}, user="desk", act=known.act))
