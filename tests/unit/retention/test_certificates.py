"""The certificate: what it says, what it can never say, and that it cannot be altered unnoticed."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import erasures as e
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.retention.certificates import rules as certificate_rules
from services.retention.certificates import signing
from services.retention.certificates.format import FIRST_FORMAT, FORMAT, CertificateError, body_of, check_body
from services.retention.certificates.signing import GENESIS
from services.retention.certificates.values import UNDER_FIVE
from services.retention.erasure.rules import WrongStateError
from services.retention.erasure.values import RETAINABLE, Answer, HeldPart, Outcome
from shared import calendar
from shared.canonical_json import canonical
from shared.signing import SigningKey, statement
from shared.terms.parameters import in_force
from tests.unit.retention.certificate_samples import FIRST, KEY, signed

pytestmark = pytest.mark.unit

OTHER_KEY = SigningKey(bytes(range(1, 33)))
KEYS = [KEY.public]
REFERENCE = UUID("0d3a4c1e-52b7-4a88-8f10-6b7c5d2e9f00")
KEEPS_BOOKS = Answer(outcome=Outcome.DONE, counts={"contact": 9}, retained=("tripletex_bookkeeping",))


def certificate(erasure=None, **changes):
    made = certificate_rules.certificate_of(
        erasure or e.destroyed(), reference=REFERENCE, sequence=1, previous=GENESIS, software_version="0.1.0"
    )
    return dataclasses.replace(made, **changes)


def chain(length):
    documents, previous = [], GENESIS
    for number in range(1, length + 1):
        documents.append(signing.sign(certificate(sequence=number, previous=previous, reference=uuid4()), KEY))
        previous = signing.document_hash(documents[-1])
    return documents


class TestContent:
    def test_everything_an_erasure_must_prove_is_there(self):
        body = body_of(certificate())
        assert body == {
            "certificate_id": str(e.CERTIFICATE),
            "reference": str(REFERENCE),
            "sequence": 1,
            "previous": GENESIS,
            "kind": "account",
            "trigger": "account_inactivated",
            "trigger_date": "2026-11-30",
            "due_on": "2027-02-28",
            "executed_at": "2027-02-28T01:00:00+00:00",
            "outcome": "erased",
            "roles": ["controller", "processor"],
            "erased": [
                {"store": "account", "method": "rows_deleted", "counts": {"row": 7, "session": "under_5"}},
                {"store": "audit", "method": "subjects_unlinked", "counts": {"row": 7, "session": "under_5"}},
                {
                    "store": "billing-sync",
                    "method": "contact_data_minimised",
                    "counts": {"row": 7, "session": "under_5"},
                },
                {"store": "cases", "method": "rows_deleted", "counts": {"row": 7, "session": "under_5"}},
                {"store": "notification", "method": "rows_deleted", "counts": {"row": 7, "session": "under_5"}},
                {"store": "registers", "method": "rows_deleted", "counts": {"row": 7, "session": "under_5"}},
            ],
            "keys_destroyed": 7,
            "key_destruction_id": certificate_rules.key_destruction_id(e.FINGERPRINTS),
            "backups_expire_on": "2027-03-30",
            "key_copies_expire_on": "2027-03-07",
            "kept_by_law": [],
            "held_back": [],
            "recipients": {"tripletex": "done", "mailgun": "done"},
            "software_version": "0.1.0",
        }

    def test_what_the_law_keeps_is_stated_with_its_basis_and_end_and_the_rest_is_erased(self):
        made = certificate(e.destroyed(answer=KEEPS_BOOKS))
        assert (made.outcome, made.held_back) == ("erased", ())
        (kept,) = body_of(made)["kept_by_law"]
        assert kept == {"category": "tripletex_bookkeeping", "basis": "bokforingsloven_13", "until": "2031-12-31"}

    def test_what_is_held_back_stands_apart_and_says_of_whom_without_saying_who(self):
        parts = (
            HeldPart(user_id=e.USER, category="everything", basis="gdpr_18", review_on=None, by=uuid4()),
            HeldPart(user_id=uuid4(), category="everything", basis="gdpr_18", review_on=None, by=uuid4()),
            HeldPart(user_id=None, category="letters", basis="gdpr_17_3_e", review_on=date(2027, 4, 1), by=uuid4()),
        )
        keeps_both = dataclasses.replace(KEEPS_BOOKS, retained=("tripletex_bookkeeping", "legal_hold"))
        erasure = dataclasses.replace(e.destroyed(), held=parts, answers=dict.fromkeys(e.PARTICIPANTS, keeps_both))
        body = body_of(certificate(erasure))
        assert body["outcome"] == "erased_except_held"
        assert body["held_back"] == [
            {"category": "everything", "of": "persons", "basis": "gdpr_18"},
            {"category": "letters", "of": "account", "basis": "gdpr_17_3_e", "review_on": "2027-04-01"},
        ]
        assert [each["category"] for each in body["kept_by_law"]] == ["tripletex_bookkeeping"]
        assert len(body["erased"]) == len(e.PARTICIPANTS)

    def test_s15_an_agreement_that_ended_in_january_is_kept_for_three_years_and_a_half_after_that_year(self):
        assert certificate_rules.retained_until("agreement_acceptance", date(2027, 1, 31)) == date(2031, 6, 30)
        assert certificate_rules.retained_until("tripletex_bookkeeping", date(2026, 11, 20)) == date(2031, 12, 31)

    def test_everything_that_may_be_kept_has_a_basis(self):
        assert certificate_rules.BASES.keys() == RETAINABLE.keys()

    @pytest.mark.parametrize(
        ("count", "stated"), [(0, UNDER_FIVE), (1, UNDER_FIVE), (4, UNDER_FIVE), (5, 5), (812, 812)]
    )
    def test_counts_below_five_are_withheld(self, count, stated):
        assert certificate_rules.bucketed(count) == stated

    def test_a_user_certificate_says_so(self):
        assert certificate(e.destroyed(e.PERSON)).kind == "user"

    @given(st.integers(min_value=0, max_value=14 * 366 * 24 * 60))
    def test_copies_end_so_many_days_after_the_day_of_the_erasure_whatever_the_letter_said(self, minutes):
        executed_at = datetime(2026, 11, 30, tzinfo=UTC) + timedelta(minutes=minutes)
        made = certificate(dataclasses.replace(e.destroyed(), destroyed_at=executed_at))
        erased_on = calendar.oslo_date(executed_at)
        assert made.backups_expire_on == erased_on + timedelta(days=in_force("backup.max_age", erased_on).default)
        assert made.key_copies_expire_on == erased_on + timedelta(
            days=in_force("backup.keyring_max_age", erased_on).default
        )
        assert made.key_copies_expire_on <= made.backups_expire_on

    @pytest.mark.parametrize("make", [each for each in e.IN_EVERY_STATE if each is not e.destroyed])
    def test_there_is_none_before_everything_is_done_and_no_second_one_after(self, make):
        with pytest.raises(WrongStateError):
            certificate(make())

    def test_there_is_none_either_where_a_confirmation_is_missing_from_the_record(self):
        with pytest.raises(WrongStateError, match="every participant"):
            certificate(dataclasses.replace(e.destroyed(), answers={}))

    def test_the_key_destruction_id_does_not_depend_on_order_but_on_every_key(self):
        whole = certificate_rules.key_destruction_id(e.FINGERPRINTS)
        assert certificate_rules.key_destruction_id(reversed(e.FINGERPRINTS)) == whole
        assert certificate_rules.key_destruction_id(e.FINGERPRINTS[1:]) != whole


class TestNoPersonalData:
    @pytest.mark.parametrize("make", [e.COMPANY, e.PERSON])
    def test_s16_a_search_finds_no_trace_of_anybody(self, make):
        document = signing.sign(certificate(e.destroyed(make, KEEPS_BOOKS)), KEY)
        for identity in (e.ACCOUNT, e.USER):
            assert str(identity) not in document
            assert identity.hex not in document
        body = json.loads(document)["certificate"]
        for name in ("previous", "key_destruction_id", "certificate_id", "reference"):
            del body[name]
        text = json.dumps(body)
        assert "@" not in text
        assert not re.search(r"\d{8}", text)
        assert not re.search(r"\d+\.\d+\.\d+\.\d+", text)

    @pytest.mark.clause("FORGET-2")
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("kind", "kari@example.com"),
            ("trigger", "Kari Nordmann"),
            ("trigger", "kari.nordmann@example.com"),
            ("trigger", "tel_41234567"),
            ("trigger", "10.20.30.40"),
            ("trigger", "org-923609016"),
            ("trigger", "kari"),
            ("software_version", "4123-4567"),
            ("software_version", "10.20.30.40"),
            ("previous", "01819012365"),
            ("key_destruction_id", "kari"),
            ("reference", "923609016"),
            ("certificate_id", str(e.CERTIFICATE).upper()),
            ("trigger_date", "30.11.2026"),
            ("due_on", "20270228"),
            ("executed_at", "2027-02-28"),
            ("executed_at", "2027-02-28T02:00:00+01:00"),
            ("executed_at", "kari"),
            ("outcome", "partial"),
            ("outcome", True),
            ("sequence", 0),
            ("sequence", True),
            ("keys_destroyed", 4),
            ("keys_destroyed", "4"),
            ("roles", "controller"),
            ("roles", ["Kari Nordmann"]),
            ("erased", [{"store": "account", "method": "rows_deleted", "counts": {"kari@example.com": 9}}]),
            ("erased", [{"store": "account", "method": "rows_deleted", "counts": {"row": 3}}]),
            ("erased", [{"store": "account", "method": "rows_deleted", "counts": [], "note": "x"}]),
            ("erased", ["account"]),
            ("kept_by_law", [{"category": "agreement_acceptance", "basis": "Kari", "until": "2031-06-30"}]),
            ("kept_by_law", [{"category": "agreement_acceptance", "basis": "law", "until": "some day"}]),
            ("kept_by_law", [{"category": "agreement_acceptance", "basis": "law", "until": None}]),
            ("held_back", [{"category": "letters", "of": "kari", "basis": "gdpr_18"}]),
            ("held_back", [{"category": "letters", "of": "persons", "basis": "gdpr_18", "until": "2031-06-30"}]),
            ("held_back", [{"category": "letters", "of": "persons", "basis": "gdpr_18", "review_on": "soon"}]),
            ("recipients", {"tripletex": "Kari sent it"}),
            ("recipients", ["tripletex"]),
            ("backups_expire_on", 20270330),
        ],
    )
    def test_a_value_that_could_be_personal_does_not_fit_any_field(self, field, value):
        body = {**body_of(certificate()), field: value}
        with pytest.raises(CertificateError, match=field):
            check_body(body)

    def test_a_field_more_or_less_is_refused_by_its_name(self):
        body = body_of(certificate())
        with pytest.raises(CertificateError, match="user_id"):
            check_body({**body, "user_id": str(e.USER)})
        with pytest.raises(CertificateError, match="kept_by_law"):
            check_body({name: value for name, value in body.items() if name != "kept_by_law"})

    @pytest.mark.clause("FORGET-2")
    def test_nothing_unfit_is_ever_signed(self):
        with pytest.raises(CertificateError, match="trigger"):
            signing.sign(certificate(trigger="Kari Nordmann"), KEY)

    @given(st.text(max_size=40))
    def test_no_text_with_a_space_an_at_or_many_digits_passes_as_a_code(self, text):
        body = body_of(certificate())
        if re.search(r"[\s@]|\d{5}|[^\x00-\x7f]", text):
            with pytest.raises(CertificateError):
                check_body({**body, "trigger": text})


class TestSignature:
    def test_what_was_signed_verifies_and_gives_its_content_and_hash_back(self):
        document = signing.sign(certificate(), KEY)
        verified = signing.verify(document, KEYS)
        assert verified.body == body_of(certificate())
        assert verified.hash == signing.document_hash(document)

    def test_there_is_one_form_only(self):
        document = signing.sign(certificate(), KEY)
        assert document == signing.sign(certificate(), KEY)
        assert canonical(json.loads(document)).decode() == document
        with pytest.raises(CertificateError, match="canonical"):
            signing.verify(json.dumps(json.loads(document)), KEYS)

    @given(st.integers(min_value=0), st.sampled_from("019azAZ-:_ \u00e6"))
    def test_no_single_character_can_be_changed(self, place, letter):
        document = signing.sign(certificate(), KEY)
        at = place % len(document)
        if document[at] != letter:
            with pytest.raises(CertificateError):
                signing.verify(document[:at] + letter + document[at + 1 :], KEYS)

    def test_not_even_the_bits_that_base64_leaves_over_can_be_changed(self):
        document = signing.sign(certificate(), KEY)
        last = document.index('=="}') - 1
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        twin = alphabet[alphabet.index(document[last]) ^ 1]
        with pytest.raises(CertificateError, match="signature"):
            signing.verify(document[:last] + twin + document[last + 1 :], KEYS)

    def test_a_key_that_is_not_known_is_not_believed(self):
        with pytest.raises(CertificateError, match="not known"):
            signing.verify(signing.sign(certificate(), OTHER_KEY), KEYS)

    def test_another_key_under_our_name_is_not_believed(self):
        document = json.loads(signing.sign(certificate(), OTHER_KEY))
        renamed = canonical({**document, "key": KEY.public.id}).decode()
        with pytest.raises(CertificateError, match="signature"):
            signing.verify(renamed, KEYS)

    def test_even_a_signed_certificate_is_refused_when_it_holds_what_it_may_not(self):
        body = {**body_of(certificate()), "trigger": "Kari Nordmann"}
        signed = KEY.sign(statement(FORMAT, body))
        document = canonical(
            {
                "certificate": body,
                "format": FORMAT,
                "key": KEY.public.id,
                "signature": base64.b64encode(signed).decode(),
            }
        ).decode()
        with pytest.raises(CertificateError, match="trigger"):
            signing.verify(document, KEYS)

    @pytest.mark.parametrize(
        "document",
        [
            "",
            "{}",
            "[]",
            "null",
            '{"certificate":{},"format":"other","key":"k","signature":"s"}',
            f'{{"certificate":[],"format":"{FORMAT}","key":"k","signature":"s"}}',
            f'{{"certificate":{{}},"format":"{FORMAT}","key":"k","signature":7}}',
            '{"a":NaN}',
        ],
    )
    def test_what_is_no_certificate_is_refused(self, document):
        with pytest.raises(CertificateError):
            signing.verify(document, KEYS)

    def test_a_key_is_read_from_its_secret_file(self):
        assert SigningKey.parse(base64.b64encode(bytes(range(32))).decode()).public.id == KEY.public.id


class TestFirstFormat:
    def test_what_was_issued_before_still_verifies_and_the_chain_goes_on_in_the_present_format(self):
        old = signed(FIRST, FIRST_FORMAT)
        assert signing.verify(old, KEYS).body == FIRST
        new = signing.sign(certificate(sequence=2, previous=signing.document_hash(old)), KEY)
        assert signing.verify_chain([old, new], KEYS) == 2

    def test_a_format_is_part_of_what_is_signed_and_says_which_fields_there_are(self):
        old = json.loads(signed(FIRST, FIRST_FORMAT))
        relabelled = canonical({**old, "format": FORMAT}).decode()
        with pytest.raises(CertificateError, match="signature"):
            signing.verify(relabelled, KEYS)
        with pytest.raises(CertificateError, match="fields differ"):
            signing.verify(signed(FIRST, FORMAT), KEYS)


class TestChain:
    def test_an_unbroken_chain_is_counted(self):
        assert signing.verify_chain([], KEYS) == 0
        assert signing.verify_chain(chain(4), KEYS) == 4

    @pytest.mark.parametrize("without", [0, 1, 2])
    def test_one_missing_is_noticed_where_it_is_missing(self, without):
        documents = chain(4)
        del documents[without]
        with pytest.raises(CertificateError, match=f"before certificate {without + 1}"):
            signing.verify_chain(documents, KEYS)

    def test_two_exchanged_are_noticed(self):
        one, two, three = chain(3)
        with pytest.raises(CertificateError, match="before certificate 2"):
            signing.verify_chain([one, three, two], KEYS)

    def test_another_certificate_of_the_same_number_is_noticed_by_the_next(self):
        _, two = chain(2)
        replaced = signing.sign(certificate(reference=uuid4()), KEY)
        assert signing.verify_chain([replaced], KEYS) == 1
        with pytest.raises(CertificateError, match="before certificate 2"):
            signing.verify_chain([replaced, two], KEYS)
