"""A certificate's page says in two languages what the document says, and how to verify it without us."""

from __future__ import annotations

import html
import json
import re
import subprocess
from datetime import date, datetime
from types import MappingProxyType

import pytest
from werkzeug.test import Client

from services.gateway import certificate_page
from services.gateway.app import Gateway
from services.gateway.endpoints import ENDPOINTS
from services.gateway.pages import PAGES
from services.gateway.rate_limits import RATES
from services.retention.certificates import rules as certificate_rules
from services.retention.certificates import signing
from services.retention.certificates.calls import CertificateShown
from services.retention.certificates.format import FIRST_FORMAT
from services.retention.certificates.values import UNDER_FIVE
from services.retention.erasure.values import RETAINABLE, Outcome, State, Trigger
from services.retention.holds.values import REASONS
from services.retention.restrictions.values import RESTRICTION_BASIS
from shared import words
from shared.calls import Caller
from shared.hold_scope import CATEGORIES, EVERYTHING
from shared.http.rate_limits import Limiter
from shared.participation.events import COUNTED, counted
from shared.system import PARTICIPANTS
from shared.terms.proof import Seen
from shared.terms.status import Standing
from tests.examples import example
from tests.unit.retention.certificate_samples import BODY, ID, KEY, signed

pytestmark = [pytest.mark.unit, pytest.mark.clause("FORGET-2")]


class Retention(Caller):
    """Answers as retention does."""

    def __init__(self, document, state="ordered"):
        self.document, self.state = document, state

    def call(self, service, method, *, timeout_seconds=None, **fields):
        assert service == "retention"
        public = KEY.public.pem()
        if method == "certificates":
            return {"certificates": [], "public_keys": {}, "public_key": public}
        verdict = self.document and signing.verdict_on(self.document, [KEY.public], previous=None)
        state = "issued" if self.document else self.state
        return example(
            CertificateShown,
            document=self.document,
            state=state,
            verdict=verdict,
            key=KEY.public.id,
            public_key=public,
        )


def client(document, **changes):
    return Client(
        Gateway(
            ENDPOINTS + PAGES,
            caller=Retention(document, **changes),
            limiter=Limiter(RATES),
            public_url="https://vilkar.example",
        )
    )


def page(document, language, **changes):
    shown = client(document, **changes).get(f"/certificates/{ID}", headers={"Accept-Language": language})
    assert shown.status_code == 200
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", shown.text)))


def test_three_things_stand_apart_in_both_languages():
    nb, en = page(signed(BODY), "nb-NO,nb;q=0.9"), page(signed(BODY), "en-GB")
    for text, wanted in (
        (nb, ("Beviset er ekte", "Slettet", "rader slettet", "færre enn 5", "Beholdt etter loven", "30. juni 2030",
              "bokføringsloven § 13", "Holdt tilbake", "alle opplysninger", "én eller flere personer",
              "Alt annet er slettet", "30. mars 2027", "7. mars 2027")),
        (en, ("The certificate is genuine", "Erased", "rows deleted", "fewer than 5", "Kept by law", "30 June 2030",
              "Held back", "all data", "one or more persons", "All else is erased", "30 March 2027",
              "7 March 2027")),
    ):  # fmt: skip
        for wanted_words in wanted:
            assert wanted_words in text, wanted_words


def test_a_page_says_that_a_certificate_is_not_genuine_where_it_is_not():
    altered = signed(BODY).replace("2027-03-30", "2027-03-31")
    assert "cannot be confirmed" in page(altered, "en")
    moved = signed({**BODY, "sequence": 2, "previous": "cd" * 32})
    assert "another than it names" in page(moved, "en")


def test_a_certificate_of_the_first_format_is_told_apart_too():
    gone = {"outcome", "erased", "kept_by_law", "held_back", "key_copies_expire_on"}
    old = {name: value for name, value in BODY.items() if name not in gone}
    old |= {
        "complete": False,
        "stores": BODY["erased"],
        "retained": [*BODY["kept_by_law"], {"category": "letters", "basis": "gdpr_17_3_e", "until": None,
                                            "review_on": "2027-04-01"}],
    }  # fmt: skip
    text = page(signed(old, FIRST_FORMAT), "en")
    assert "genuine" in text
    assert "the log of e-mails" in text
    assert "reviewed by Thursday 1 April 2027" in text


def test_before_it_is_issued_the_page_says_so_and_there_is_no_document():
    assert "The erasure is under way" in page(None, "en")
    assert client(None).get(f"/certificates/{ID}.json").status_code == 404


def test_json_is_the_signed_document_itself():
    document = signed(BODY)
    for path, accept in ((f"/certificates/{ID}.json", "*/*"), (f"/certificates/{ID}", "application/json")):
        answer = client(document).get(path, headers={"Accept": accept})
        assert (answer.content_type, answer.text) == ("application/json", document)
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert (
        client(document)
        .get(f"/certificates/{ID}", headers={"Accept": browser})
        .content_type.startswith("text/html")
    )


@pytest.mark.parametrize(("form", "change", "holds"), [("2", "", True), ("2", "30", False)])
def test_the_recipe_on_the_page_verifies_without_us(tmp_path, form, change, holds):
    document, seen = signed(BODY), client(signed(BODY))
    if change:
        document = document.replace("2027-03-30", "2027-03-31")
    shown = seen.get(f"/certificates/{ID}", headers={"Accept-Language": "en"}).text
    recipe = html.unescape(re.search(r"<pre>(#!/bin/sh.*?)</pre>", shown, re.DOTALL)[1])
    (tmp_path / "verify.sh").write_text(recipe)
    (tmp_path / "certificate.json").write_text(document)
    (tmp_path / "key.pem").write_text(seen.get("/certificates/key.pem").text)
    ended = subprocess.run(
        ["sh", "verify.sh", "certificate.json", "key.pem"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (ended.returncode == 0) is holds, ended.stderr
    assert ("Signature Verified Successfully" in ended.stdout) is holds


CODES = {
    "CERTIFICATE": {
        *CATEGORIES, EVERYTHING, *RETAINABLE, *REASONS.values(), RESTRICTION_BASIS,
        *certificate_rules.BASES.values(),
        *certificate_rules.ROLES, *certificate_rules.METHODS.values(), "rows_deleted",
        *certificate_rules.RECIPIENTS.values(), str(Outcome.DONE),
        UNDER_FIVE, *map(str, Trigger), "account", "user", "persons", "of_account",
    },
    "STORES": set(PARTICIPANTS),
    "COUNTS": COUNTED,
    "ERASURES": set(map(str, State)),
    "VERDICTS": {"valid", "not_valid", "not_in_chain"},
    "STANDINGS": {each.value for each in Standing},
    "SEEN": {each.value for each in Seen},
}  # fmt: skip
"""Every code that a page can show, by the table that has its words."""


@pytest.mark.parametrize("table", CODES)
def test_every_code_that_a_page_can_show_has_words_in_both_languages_and_no_others_have(table):
    told = getattr(words, table)
    assert set(told) == CODES[table]
    for code, pair in told.items():
        for text in pair:
            assert text
            assert not re.search(r"[a-z]_[a-z]", text), code


def test_every_table_of_words_is_walked():
    tables = {name for name, value in vars(words).items() if isinstance(value, MappingProxyType)}
    assert tables == set(CODES)


def test_a_certificate_with_everything_in_it_shows_no_code_of_ours():
    everything = BODY | {
        "erased": [
            {
                "store": name,
                "method": certificate_rules.METHODS.get(name, "rows_deleted"),
                "counts": dict.fromkeys(COUNTED, 7),
            }
            for name in PARTICIPANTS
        ],
        "kept_by_law": [
            {"category": each, "basis": certificate_rules.BASES[each], "until": "2030-06-30"} for each in RETAINABLE
        ],
        "held_back": [
            {"category": category, "of": whose, "basis": basis}
            for category in (*CATEGORIES, EVERYTHING)
            for whose in ("persons", "account")
            for basis in (*REASONS.values(), RESTRICTION_BASIS)
        ],
        "recipients": dict.fromkeys(certificate_rules.RECIPIENTS.values(), "done"),
    }
    ours = {code for codes in CODES.values() for code in codes if "_" in code} | COUNTED - {"sessions", "users"}
    for language, others in (("nb", ours), ("en", {code for code in ours if "_" in code})):
        shown = page(signed(everything), language).partition("Kontroller det uten oss")[0]
        shown = shown.partition("Verify it without us")[0]
        assert [code for code in sorted(others) if re.search(rf"\b{code}\b", shown)] == []


def test_a_participant_of_ours_that_counts_what_has_no_words_is_refused():
    assert counted({"users": 7}) == {"users": 7}
    with pytest.raises(ValueError, match="teapots"):
        counted({"users": 7, "teapots": 1})


@pytest.mark.parametrize("state", State)
def test_before_there_is_a_certificate_its_page_says_how_far_the_erasure_is(state):
    for language, mine in (("nb", 0), ("en", 1)):
        shown = page(None, language, state=str(state))
        assert words.ERASURES[state][mine] in shown
        assert ("confirmed that its part" in shown or "bekreftet at deres del" in shown) == (
            state != State.CANCELLED
        )


def test_a_document_reads_as_what_it_is():
    body = json.loads(signed(BODY))["certificate"]
    told = certificate_page.facts({"document": signed(BODY), "verdict": "valid", "public_key": ""}, "nb")
    assert (
        told["backups_expire_on"]
        == certificate_page.day(body["backups_expire_on"], "nb")
        == "tirsdag 30. mars 2027"
    )
    assert date.fromisoformat(body["backups_expire_on"]) == certificate_rules.expire_on(
        "backup.max_age", datetime.fromisoformat(body["executed_at"])
    )
