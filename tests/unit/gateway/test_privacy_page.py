"""The link to the privacy statement leads to one: the vendor's own, or a sample with the figures in force."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from werkzeug.test import Client

from services.account.agreements.rules import AGREEMENT_IP_KEPT
from services.account.exports.rules import AVAILABLE
from services.gateway import rendering
from services.gateway.app import Gateway
from services.gateway.endpoints import ENDPOINTS
from services.gateway.pages import PAGES
from services.gateway.rate_limits import RATES
from services.notification.history.store import HISTORY_KEPT
from shared import held_data, vendor_imprint
from shared.config import load
from shared.http.rate_limits import Limiter
from shared.privacy.restricted import ENDS_KEPT
from shared.production import SAMPLE_STATEMENT
from shared.terms.parameters import parameter

pytestmark = pytest.mark.unit

URL = "https://vilkar.example"
DEMO = vendor_imprint.read(load({"VILKAR_ENVIRONMENT": "demo", "VILKAR_GATEWAY_PUBLIC_URL": URL}))


@pytest.fixture
def client():
    """A gateway that needs nobody: these pages ask no service."""
    yield Client(Gateway(PAGES + ENDPOINTS, caller=None, limiter=Limiter(RATES), public_url=URL))
    rendering.name_vendor(vendor_imprint.DEMO_IMPRINT)


def words_of(shown):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", shown)))


def test_an_installation_without_a_statement_of_its_own_links_to_the_sample(client):
    assert DEMO.privacy_url == URL + SAMPLE_STATEMENT
    for stated in (DEMO, vendor_imprint.DEMO_IMPRINT):
        rendering.name_vendor(stated)
        home = client.get("/api").text
        (target,) = re.findall(r'<a href="([^"]+)">Personvernerklæring', home)
        assert target.removeprefix(URL) == SAMPLE_STATEMENT
        assert "<h1>Personvernerklæring</h1>" in client.get(target.removeprefix(URL)).text


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("nb", ("Eksempel", "VILKAR_PRIVACY_URL", "org.nr. 803 772 096", "behandlingsansvarlig", "Mailgun",
                "Tripletex", "protestere", "Datatilsynet, Postboks 458 Sentrum, 0105 Oslo", "3 måneder etter",
                "6 måneder", "3,5 år etter", "5 år etter", "innen 30 dager", "innen én måned")),
        ("en", ("Sample", "VILKAR_PRIVACY_URL", "organisation number 803 772 096", "controller", "Mailgun",
                "Tripletex", "object", "Datatilsynet", "3 months after", "6 months", "3.5 years after",
                "5 years after", "within 30 days", "within one month")),
    ],
)  # fmt: skip
def test_it_says_who_what_why_how_long_who_else_and_whom_to_complain_to(client, language, wanted):
    rendering.name_vendor(DEMO)
    shown = client.get(SAMPLE_STATEMENT, headers={"Accept-Language": language})
    text = words_of(shown.text)
    assert shown.status_code == 200
    assert f'<div lang="{language}">' in shown.text
    assert [each for each in wanted if each not in text] == []
    assert DEMO.contact in text
    assert "Set-Cookie" not in shown.headers, "as the statement says"


def test_its_figures_are_those_of_the_rules():
    assert {key: parameter(key).unit for key in held_data.FIGURES.values()} == {
        "retention.inactive_account": "calendar months",
        "log.login_retention": "calendar months",
        "erasure.live_completion": "days after the due date",
        "backup.keyring_max_age": "days",
        "backup.max_age": "days",
        "dsr.deadline": "calendar months from receipt",
        "file.contact_failure": "calendar months",
        "file.support": "calendar months after the last message",
        "file.enquiry": "calendar months",
    }
    assert {parameter(key).unit.partition(" after")[0] for key in held_data.YEARS.values()} == {"calendar months"}
    kept = {
        "agreement_ip_days": AGREEMENT_IP_KEPT,
        "letter_days": HISTORY_KEPT,
        "copy_days": AVAILABLE,
        "ended_days": ENDS_KEPT,
    }
    assert {name: period.days for name, period in kept.items()} == held_data.KEPT_DAYS


def test_where_the_vendor_has_a_statement_the_sample_is_not_shown(client):
    own = "https://noegd.no/personvern"
    rendering.name_vendor(replace(DEMO, privacy_url=own, has_statement=True))
    shown = client.get(SAMPLE_STATEMENT)
    assert (shown.status_code, shown.headers["Location"]) == (302, own)
    assert f'href="{own}"' in client.get("/api").text
    real = {"VILKAR_ENVIRONMENT": "demo", "VILKAR_GATEWAY_PUBLIC_URL": URL, "VILKAR_PRIVACY_URL": own}
    assert vendor_imprint.read(load(real)).has_statement
