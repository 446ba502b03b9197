"""The timeline of a case for paper: what was known first stands first, and nobody outside is named."""

from __future__ import annotations

import re

import pytest

from services.cases.board.calls import CaseWhole, DecisionShown, InstantShown, LinkShown, SightingShown
from services.cases.duty_alerts.calls import AlertedPerson, AlertShown
from services.cases.filings.calls import FilingShown
from services.cases.notices.calls import NoticeShown
from services.cases.severity.calls import AssessmentShown
from tests.desk_stage import CASE, ID, USER, Browser
from tests.examples import example

pytestmark = [pytest.mark.unit, pytest.mark.clause("INCIDENT-1")]


@pytest.fixture
def browser(tmp_path) -> Browser:
    browser = Browser(tmp_path)
    day = "2026-11-{}T12:00:00+00:00".format
    hour = "2026-11-{}T{}:00:00+00:00".format
    browser.services.replies["show_case"] = example(
        CaseWhole,
        **CASE | {"kind": "breach_processor", "opened_at": day(20), "account_ids": [ID]},
        instants=[
            example(InstantShown, name="aware_at", at=day(19), recorded_at=day(23), entered_by="staff:kari"),
            example(InstantShown, name="detected_at", at=day(18), recorded_at=day(20), entered_by="host"),
        ],
        decisions=[
            example(DecisionShown, step="freeze_affected", reason="affected_known", decided_at=day(25),
                    is_late=True, late_reason="nobody_on_duty", decided_by="staff:ola",
                    approved_by="staff:kari", supersedes=None),
        ],
        links=[example(LinkShown, link="promoted_to", is_from=True, reference="V-8M4N-23",
                       linked_at=hour(20, 13))],
        sightings=[
            example(SightingShown, detector="stuffing", attempts=612, failures=609, targets=598, networks=3,
                    got_in=0, tellings=4, first_told_at=hour(20, 14), last_told_at=hour(20, 18)),
        ],
    )  # fmt: skip
    browser.services.replies["show_alerts"] = {
        "alerts": [
            example(AlertShown, cause="opened", answered_by="staff:kari", closed_at=hour(20, 17), persons=[
                example(AlertedPerson, person="staff:ola", sent_at=hour(20, 15), failed_at=hour(20, 16)),
            ]),
            example(AlertShown, cause="over", answered_by=None, closed_at=hour(20, 17), persons=[]),
        ]
    }  # fmt: skip
    browser.services.replies["show_filings"] = {
        "filings": [
            example(FilingShown, looked_up_at=hour(26, 13), notified_at=hour(26, 14), named=2, others=1),
            example(FilingShown, looked_up_at=None, notified_at=None),
        ]
    }
    notices = [
        example(NoticeShown, audience="customers", number=1, decided_at=day(26), recipients=3, told=2,
                first_told_at=day(27), last_told_at=day(28)),
        example(NoticeShown, audience="customers", number=2, decided_at=None),
    ]  # fmt: skip
    browser.services.replies["show_notices"] = browser.services.replies["show_notices"] | {"notices": notices}
    assessments = [
        example(
            AssessmentShown, case_id=ID, assessed_at=day(24), score="2.25", band="medium", assessed_by="staff:eva"
        ),
        example(AssessmentShown, case_id=USER, assessed_at=day(21), score="1.00", band="low"),
    ]
    browser.services.replies["show_costs"] = {"costs": []}
    browser.services.replies["show_severity"] = {"assessments": assessments, "examples": []}
    return browser


def test_lines_stand_in_the_order_in_which_they_were_known_with_reasons(browser) -> None:
    page = browser.get(f"/cases/{ID}/timeline")
    assert page.status_code == 200
    table = page.text.split("<tbody>")[1].split("</tbody>")[0]
    rows = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in table.split("</tr>")[:-1]]
    said = [
        "Saken ble åpnet", "oppdaget", "Fra sak V-8M4N-23: førte til",
        "svært mange navn fra ett nett: 612 forsøk, 609 mislyktes, 598 mål, 3 nett, 0 kom inn",
        "Varslet: ny sak", "Varselet kom ikke fram: ny sak", "Den som ble varslet, kom: ny sak",
        "svært mange navn fra ett nett: sagt fra om 4 ganger", "visst med rimelig sikkerhet",
        "Alvorlighet etter ENISA: 2,25, middels",
        "Fastslå hvem det gjelder: vi vet hvem, for sent (ingen hadde vakt)",
        "Varsel 1 til kunder ble avgjort, mottakere: 3",
        "Fullmakter slått opp: meldingen nevner 2, 1 andre",
        "Meldt til tilsynet etter fullmakt, for så mange kunder: 2", "Varsel 1 nådde den første av: kunder",
        "Varsel 1 har nådd 2 av: kunder",
    ]  # fmt: skip
    assert len(rows) == len(said)
    assert [words for words, row in zip(said, rows, strict=True) if words not in row] == []
    assert rows[10].endswith(" avgjort av ola, godkjent av kari")
    page = browser.get(f"/cases/{ID}")
    assert "avgjort av ola, godkjent av kari" in page.text, "and so does the case itself"
    assert rows[8].count("kl.") == 2 or rows[8].count("2026") == 2, "when it was known, and when it was so"


def test_customers_and_persons_are_in_it_as_counts_only(browser) -> None:
    page = browser.get(f"/cases/{ID}/timeline")
    main = page.text.split("<main")[1].split("</main>")[0]
    assert "/customers/" not in main
    assert main.count(ID[-8:]) == main.count(f"/cases/{ID}"), "of ids it has that of the case"
    (signing,) = browser.services.signings
    assert {each["act"] for each in signing["acts"]} == {
        "cases.show_case",
        "cases.show_notices",
        "cases.show_severity",
        "cases.show_costs",
        "cases.show_alerts",
        "cases.show_filings",
    }, "whoever opens it is told to the trail"


def test_a_notice_of_changed_security_is_shown_as_one_and_not_as_a_breach(browser) -> None:
    security = example(
        NoticeShown,
        notice_id=ID,
        audience="holders",
        natures=["measure_added"],
        causes=["own_review"],
        measures=["watched_closer"],
        consequences=["phishing"],
        attempts=3,
        breaches=0,
    )
    browser.services.replies["show_case"] = browser.services.replies["show_case"] | {"kind": "security_notice"}
    browser.services.replies["show_notices"] = browser.services.replies["show_notices"] | {"notices": [security]}
    shown = browser.get(f"/cases/{ID}").text.split("<h3")[1].split("</dl>")[0]
    labels = [re.sub(r"<[^>]+>", "", each).strip() for each in re.findall(r"<dt>.*?</dt>", shown)]
    assert labels[:5] == [
        "Hva som er endret", "Hvordan det ble oppdaget", "Kan føre til", "Hva vi gjør med det",
        "Loggførte forsøk og brudd",
    ]  # fmt: skip
    assert not {"Hva som har skjedd", "Hvordan det kunne skje", "Råd", "Hvem", "Hvor opplysningene er nå"} & {
        *labels
    }
