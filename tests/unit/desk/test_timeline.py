"""Everything that happened to a customer: who did what, in words, once each, the newest first, a page at a time."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from uuid import uuid4

import pytest

from services.audit.trail.calls import RowShown
from services.audit.trail.rules import PERSON_LISTS, SUBJECT_FIELDS
from services.desk.queries.timeline import LETTERS, LOOK
from services.desk.web import timeline_words
from services.desk.wording import words
from shared.bus.discovery import events
from tests.desk_stage import ID, USER, Browser
from tests.examples import example

pytestmark = pytest.mark.unit
ADDRESS = f"/customers/{ID}/timeline"
OF_AUDIT = {"login.disclosed", "login.disclosure_refused", "trail.reopened", "trail.verified"}
"""What audit itself writes, which is no event."""


@pytest.fixture
def browser(tmp_path) -> Browser:
    return Browser(tmp_path)


def row(seq: int, type_: str, at: str, **facts: object) -> dict[str, object]:
    actor = facts.pop("actor", "staff:kari")
    return example(RowShown, seq=seq, type=type_, occurred_at=at, actor=actor, field_names=[], facts=facts)


def show(browser: Browser, *rows: dict[str, object], before: int | None = None, asked: str = "") -> str:
    browser.services.replies["trail"] = {"rows": list(rows), "next_after_seq": None, "next_before_seq": before}
    return browser.get(f"{ADDRESS}?purpose=dispute{asked}").text


def test_every_event_that_a_timeline_can_hold_or_that_somebody_did_has_words() -> None:
    of_customers = {
        event.type for event in events() if {*SUBJECT_FIELDS, *PERSON_LISTS} & {each.name for each in fields(event)}
    }
    assert {*LETTERS, LOOK} <= of_customers
    assert not of_customers & words.OF_STAFF.keys()
    assert words.EVENTS.keys() == {each.type for each in events()} | OF_AUDIT, "nothing else happens"


def test_every_fact_that_is_said_in_words_is_one_of_its_event() -> None:
    known = {event.type: {each.name for each in fields(event)} for event in events()}
    for (type_, fact), kind in timeline_words.KINDS.items():
        assert fact in known[type_], (type_, fact)
        assert kind in words.KINDS
    assert set(timeline_words.DAYS) <= set().union(*known.values())


def test_it_says_who_did_what_and_shows_no_code(browser) -> None:
    browser.services.replies["letters"] = {"letters": [], "next_after": None}
    text = show(
        browser,
        row(9, "hold.placed", "2027-01-09T10:00:00Z", reason="dispute", postpones=False, review_on="2027-06-01"),
        row(8, "login.succeeded", "2027-01-08T10:00:00Z", actor=f"user:{USER}"),
        row(7, "account.registered", "2027-01-07T10:00:00Z", actor="system", register_outcome="matched"),
    )
    table = text.partition("<tbody>")[2].partition("</tbody>")[0]
    said = ["et tilbakehold ble satt", "kari", "tvist", "vurderes på nytt", f"brukeren {USER[-8:]}", "systemet",
            "stemmer"]  # fmt: skip
    places = [table.find(each) for each in said]
    assert -1 not in places
    assert places == sorted(places), "the newest first"
    assert "=" not in table.replace("datetime=", "")
    assert "hold.placed" not in table


def test_what_one_of_the_staff_did_is_said_by_the_names_of_the_acts(browser) -> None:
    signed = {"purpose": "dispute", "acts": ["retention.release_hold", "audit.trail"], "tried": []}
    rows = [
        row(9, "staff.acts_signed", "2027-01-09T10:00:00Z", **signed),
        row(8, "staff.database_access_opened", "2027-01-08T10:00:00Z", database="audit", reason="fault"),
    ]
    browser.services.replies["trail_by_actor"] = {"rows": rows, "next_after_seq": None, "next_before_seq": None}
    text = browser.get("/people/kari/acts?purpose=dispute").text
    table = text.partition("<tbody>")[2].partition("</tbody>")[0]
    assert "så på eller gjorde" in table
    assert "Opphev" in table
    assert "audit.trail" in table, "what has no form has no other name"
    for code in ("staff.acts_signed", "retention.release_hold", "staff.database_access_opened", "dispute"):
        assert code not in table.replace("purpose=dispute", "")


def test_what_something_happened_to_has_words_whatever_it_was() -> None:
    written = [inspect.getsource(event.subject.fget) for event in events()]
    kinds = {kind for source in written for kind in re.findall(r'f"(\w+)/', source)}
    assert words.SUBJECTS.keys() == kinds | {"trail"}
    assert timeline_words.PAGES.keys() <= kinds


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        (f"case/{ID}", f'<a class="ds-link" href="/cases/{ID}">en sak</a>'),
        ("staff/ola", '<a class="ds-link" href="/people/ola">ola</a>'),
        (f"staff/{ID}", "<td>en medarbeider</td>"),
        (f"search/{ID}", "<td>et søk</td>"),
    ],
)
def test_what_one_of_the_staff_did_leads_to_what_it_was_about(browser, subject, said) -> None:
    about = row(9, "act.carried_out", "2027-01-09T10:00:00Z") | {"subject": subject, "account_id": None}
    browser.services.replies["trail_by_actor"] = {"rows": [about], "next_after_seq": None, "next_before_seq": None}
    assert said in browser.get("/people/kari/acts?purpose=dispute").text


def test_looks_of_a_day_and_a_letter_are_told_once(browser) -> None:
    (letter,) = browser.services.replies["letters"]["letters"]
    look = {"purpose": "dispute", "acts": ["account.get_account"], "persons": 4, "seen": [USER]}
    text = show(
        browser,
        row(9, "staff.personal_data_read", "2027-01-09T12:00:00Z", **look),
        row(8, "staff.personal_data_read", "2027-01-09T11:00:00Z", **look),
        row(7, "staff.personal_data_read", "2027-01-09T10:00:00Z", **look | {"purpose": "security"}),
        row(6, "staff.personal_data_read", "2027-01-08T10:00:00Z", **look),
        row(5, "notification.delivered", "2027-01-07T10:00:00Z", letter_id=letter["letter_id"]),
        row(4, "notification.sent", "2027-01-07T10:00:00Z", letter_id=letter["letter_id"]),
        row(3, "notification.sent", "2027-01-06T10:00:00Z", letter_id=str(uuid4()), letter="invitation"),
    )
    assert text.count("en medarbeider så på kunden") == 3
    assert text.count("2 ganger denne dagen") == 1
    assert text.count("e-post: kontoen slettes snart") == 1
    assert text.count("en e-post ble sendt") == 1, "one of which notification knows no more"
    assert "invitasjon" in text


def test_what_is_older_is_on_another_page(browser) -> None:
    text = show(browser, row(9, "account.blocked", "2027-01-09T12:00:00Z"), before=9)
    assert f'href="{ADDRESS}?before=9&amp;purpose=dispute"' in text or f"{ADDRESS}?before=9&purpose=dispute" in text
    text = show(browser, row(2, "account.registered", "2027-01-01T12:00:00Z"), asked="&before=9")
    (asked,) = [given for _, method, given in browser.services.asked if method == "trail" if given["before_seq"]]
    assert (asked["newest_first"], asked["before_seq"]) == (True, 9)
    assert "e-post:" not in text, "a letter that has not left stands on the first page"
    assert "before=" not in text.partition("<main")[2].partition("</main>")[0]


@pytest.mark.parametrize("wrong", ["0", "-1", "x", "9" * 30, "²"])
def test_a_page_that_cannot_be_is_not_found(browser, wrong) -> None:
    assert browser.get(f"{ADDRESS}?purpose=dispute&before={wrong}").status_code == 404
