"""Every page of customers as people meet it: seen, heard, by keyboard, on a small screen, with scripts off."""

from __future__ import annotations

import os
import re
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from services.gateway.web.cookies import INVENTORY
from shared.clock import Clock
from shared.terms.texts import LANGUAGES
from tests.customer_stage import ADDRESSES, REPLIES
from tests.integration.customers.conftest import Address
from tests.integration.desk.page_looks import LARGE, SMALL, Looker
from tests.turns import in_turn, keep

pytestmark = pytest.mark.integration

SIZES: Final = {"large": LARGE, "small": SMALL}
COMBINATIONS: Final = tuple(product(LANGUAGES, ("light", "dark"), SIZES))
SCREENSHOTS: Final = os.environ.get("VILKAR_SCREENSHOTS")
"""A folder: where it is named, each page is looked at in every combination, and kept there as a picture."""


def logged_in(chromium: Browser, customers: Address, **settings: Any) -> BrowserContext:
    """A profile in which somebody has logged in by the form, without scripts."""
    context = chromium.new_context(base_url=customers.url, locale="nb-NO", java_script_enabled=False)
    page = context.new_page()
    page.goto("/log-in?next=/me")
    page.get_by_label("E-postadresse").fill("kare@fjosaker.example")
    page.get_by_label("Passord").fill("Snøen smelter i april 7")
    page.get_by_role("button", name="Logg inn").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Det vi har om deg")
    kept = context.cookies()
    context.close()
    wanted = chromium.new_context(base_url=customers.url, locale="nb-NO", **settings)
    wanted.add_cookies(kept)  # type: ignore[arg-type]  # as the browser has told them
    return wanted


@pytest.fixture(scope="module")
def faults(chromium, customers, pytestconfig) -> dict[str, list[str]]:
    """Each page once; all of them together in both languages, light and dark, on large and small screens.

    Each page is looked at in another combination every day.
    """
    found: dict[str, list[str]] = {}
    today = Clock().now().date()
    for number, (language, scheme, size) in enumerate(COMBINATIONS):
        profile = logged_in(chromium, customers, viewport=SIZES[size])
        page = profile.new_page()
        for name, value in (("language", language), ("scheme", scheme)):
            page.goto(f"/preferences/{name}/{value}?next=/log-in")
        looker = Looker(page)
        addresses = ADDRESSES if SCREENSHOTS else in_turn(ADDRESSES, number, len(COMBINATIONS), today)
        for address in addresses:
            answer = page.goto(address)
            assert answer is not None
            assert (answer.status, page.locator("html").get_attribute("lang")) == (200, language), address
            if SCREENSHOTS:
                part = re.sub(r"[^a-z]+", "-", re.sub(r"[0-9a-f-]{36}", "", address)).strip("-") or "start"
                picture = Path(SCREENSHOTS) / f"{part}-{language}-{scheme}-{size}.png"
                page.screenshot(path=picture, full_page=True)
            said = [f"{kind}: {fault}" for kind, fault in looker.faults()]
            found.setdefault(address, []).extend(said)
        keep(pytestconfig.cache, "customers", (language, scheme, size), addresses, today)
        cookies = {str(each["name"]): each for each in profile.cookies()}
        assert cookies.keys() == set(INVENTORY)
        assert all(each["secure"] and each["httpOnly"] for each in cookies.values())
        profile.close()
    return found


def test_no_page_keeps_anybody_out_by_axe_keyboard_policy_or_width(faults) -> None:
    assert faults.keys() == set(ADDRESSES)
    assert {address: each for address, each in faults.items() if each} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_is_wider_than_a_small_screen_in_either_language(chromium, customers, language) -> None:
    """A long word may stand in one language alone, in which a page was not looked at in its turn."""
    profile = logged_in(chromium, customers)
    page = profile.new_page()
    page.goto(f"/preferences/language/{language}?next=/me/correct")
    looker = Looker(page)
    looker.begin_widths()
    stands = {address: looker.width(address) for address in ADDRESSES}
    assert {address: each["pixels"] for address, each in stands.items() if each["pixels"]} == {}
    assert {(each["status"], each["language"], each["headings"]) for each in stands.values()} == {
        (200, language, 1)
    }
    profile.close()


def test_an_owner_does_everything_with_scripts_off(chromium, customers) -> None:
    profile = logged_in(chromium, customers, java_script_enabled=False, viewport=SMALL)
    page = profile.new_page()
    customers.services.asked.clear()
    page.goto("/people")
    page.get_by_role("link", name="Inviter en bruker").click()
    page.get_by_role("button", name="Send invitasjonen").click()
    summary = page.get_by_role("group", name="Noe må rettes")
    expect(summary).to_be_focused()
    for label, value in (
        ("Navn", "Ola Nordmann"),
        ("E-postadresse", "ola@fjosaker.example"),
        ("Telefonnummer", "41234567"),
    ):
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Send invitasjonen").click()
    expect(page.get_by_role("status")).to_have_text(
        "Vi sender invitasjonen. Personen kan logge inn når den er tatt imot."
    )
    (asked,) = customers.services.of("add_user")
    assert (asked["name"], asked["language"]) == ("Ola Nordmann", "nb")
    page.goto("/rights")
    page.get_by_role("link", name="Be om noe").click()
    page.get_by_label("Hva ber du om?").select_option("objection")
    page.get_by_role("button", name="Send").click()
    assert [each["right"] for each in customers.services.of("make_own_request")] == ["objection"]
    page.get_by_role("button", name="Logg ut").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Logg inn")
    page.goto("/me")
    expect(page.get_by_role("heading", level=1)).to_have_text("Logg inn")
    profile.close()


def test_the_whole_agreement_is_in_view_where_it_is_accepted(chromium, customers) -> None:
    page = chromium.new_page(base_url=customers.url, locale="en-GB")
    page.goto("/sign-up")
    expect(page.locator("pre")).to_be_visible()
    assert page.locator("pre").inner_text() == REPLIES["terms_text"]({"language": "en"})["text"]
    assert page.locator("pre").evaluate("each => each.scrollHeight <= each.clientHeight + 1"), (
        "nothing is scrolled away"
    )
    page.close()
