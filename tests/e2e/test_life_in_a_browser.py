"""A person's whole life with us in a browser: sign up, invite, correct, object, report, leave."""

from __future__ import annotations

from typing import Any
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from shared.terms import texts
from tests.e2e.people import PASSWORD, Person, a_letter, a_phone, letter_token, somebody
from tests.integration.desk.conftest import chromium
from tests.integration.desk.page_looks import Looker
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
__all__ = ["chromium"]

SAID = {
    "nb": {"sent": "Se etter en e-post", "about": "Det vi har om deg", "ended": "Kontoen er inaktiv",
           "saved": "Det er lagret.", "objection": "å protestere mot bruken", "refused": "inaktiv",
           "invited": "Vi sender invitasjonen.", "declined": "du har sagt nei til markedsføring",
           "right": "Det er notert at opplysningene er riktige.", "copy": "Kopien",
           "requested": "Kravet er mottatt", "wrong": "Passordet er feil."},
    "en": {"sent": "Look for an e-mail", "about": "What we have about you",
           "ended": "The account is inactive", "saved": "It is saved.",
           "objection": "to object to the use", "refused": "inactive", "invited": "We send the invitation.",
           "declined": "you have declined marketing", "right": "It is noted that the data are right.",
           "copy": "The copy", "requested": "The request is received", "wrong": "The password is wrong."},
}  # fmt: skip


def fill(page: Page, **fields: str) -> None:
    """Fill in fields by their names, choose and tick, and press the button of the form."""
    for name, value in fields.items():
        field = page.locator(f"main [name={name}]")
        kind = field.evaluate("each => each.type")
        if kind == "checkbox":
            field.check()
        elif kind == "select-one":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator("main form button").last.click()


def signed_up(page: Page, system: Any, said: dict[str, str], me: Person) -> None:
    """Sign up, confirm the address, accept the agreement there, and log in."""
    ticks = dict.fromkeys(("accepted", *texts.SENTENCES), "yes")
    page.goto("/sign-up")
    assert "SHA-256" in page.locator("main").inner_text()
    fill(page, company_name=f"Livet {me.name}", company_email=f"post.{me.email}", company_phone=a_phone(),
         name=me.name, email=me.email, phone=me.phone, right="proprietor", **ticks)  # fmt: skip
    expect(page.get_by_role("heading", level=1)).to_have_text(said["sent"])
    page.goto(f"/confirm/{letter_token(system, me, 'email_confirmation')}")
    fill(page, right="proprietor", password=PASSWORD, again=PASSWORD, **ticks)
    page.goto("/log-in?next=/me")
    fill(page, email=me.email, password=PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text(said["about"])


def told_and_asked(page: Page, system: Any, said: dict[str, str], me: Person) -> None:
    """Correct, invite, object, report, and say which e-mails are wanted and that all is right."""
    status, colleague = page.get_by_role("status"), somebody("livet.example")
    page.goto("/me/correct")
    fill(page, name=f"{me.name} Vik")
    expect(status).to_have_text(said["saved"])
    assert f"{me.name} Vik" in page.locator("main").inner_text()
    page.goto("/people/invite")
    fill(page, name=colleague.name, email=colleague.email, phone=colleague.phone)
    expect(status).to_contain_text(said["invited"])
    a_letter(system, colleague.email, "invitation")
    page.goto("/rights/ask")
    fill(page, right="objection")
    expect(status).to_contain_text(said["requested"])
    assert said["objection"] in page.locator("main table").first.inner_text()
    page.goto("/incidents/report")
    fill(page, about="outage", text="Ingen kommer inn.")

    def is_listed() -> bool:
        page.goto("/incidents")
        return page.locator("main table tbody tr").count() == 1

    until(is_listed, what="the report in the list", seconds=60)
    page.goto("/me/emails")
    fill(page, marketing="yes")
    assert said["declined"] in page.locator("main").inner_text().lower()
    page.goto("/company/confirm")
    fill(page)
    expect(status).to_contain_text(said["right"])


def fetched_a_copy(page: Page) -> None:
    """Ask for a copy, wait until it is ready, and fetch it with the password."""
    page.goto("/copies/ask")
    fill(page, kind="access", whose="own")

    def is_ready() -> bool:
        page.goto("/copies")
        return page.locator("main table a").count() == 1

    until(is_ready, what="the copy to be ready", seconds=120)
    page.locator("main table a").click()
    with page.expect_download() as download:
        fill(page, current_password=PASSWORD)
    with ZipFile(download.value.path()) as package:
        assert package.testzip() is None
        assert package.namelist()


@pytest.mark.clause("ACCEPT-1", "ISOLATE-1", "RIGHTS-1")
@pytest.mark.parametrize("language", ["nb", "en"])
def test_a_person_signs_up_invites_corrects_objects_reports_and_leaves(system, chromium, language) -> None:
    said, me = SAID[language], somebody("livet.example", "Torbjørg Ås")
    profile = chromium.new_context(base_url=system.gateway, java_script_enabled=False)
    page = profile.new_page()
    heading = page.get_by_role("heading", level=1)
    page.goto(f"/preferences/language/{language}?next=/sign-up")
    signed_up(page, system, said, me)
    assert me.email in page.locator("main").inner_text()
    told_and_asked(page, system, said, me)
    fetched_a_copy(page)

    scripted = chromium.new_context(base_url=system.gateway)
    scripted.add_cookies(profile.cookies())
    tab, barriers = scripted.new_page(), {}
    for address in ("/", "/me", "/log-ins", "/people", "/company", "/rights", "/copies", "/company/deactivate"):
        tab.goto(address)
        barriers[address] = Looker(tab).barriers()
    assert {address: each for address, each in barriers.items() if each} == {}
    scripted.close()

    page.goto("/company/deactivate")
    fill(page, sure="yes", current_password="noe annet enn passordet")
    expect(page.get_by_role("alert")).to_contain_text(said["wrong"])
    fill(page, current_password=PASSWORD)
    expect(heading).to_have_text(said["ended"])
    a_letter(system, me.email, "account_deactivated")
    page.goto("/me")
    fill(page, email=me.email, password=PASSWORD)
    expect(page.get_by_role("alert")).to_contain_text(said["refused"])
    page.goto("/copy")
    fill(page, email=me.email, password=PASSWORD)
    expect(heading).to_contain_text(said["copy"])
    profile.close()
