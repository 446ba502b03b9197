"""Every page of the desk as people meet it: seen, heard, by keyboard, on a small screen, with scripts off."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from services.desk.web.cookies import INVENTORY
from shared.terms.texts import LANGUAGES
from tests.desk_stage import ADDRESSES, ID

pytestmark = pytest.mark.integration

AXE: Final = Path(sys.prefix) / "share/vilkar/web/axe.min.js"
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCHEMES: Final = ("light", "dark")
SMALL: Final = {"width": 320, "height": 640}
LARGE: Final = {"width": 1280, "height": 900}
SCREENSHOTS: Final = os.environ.get("VILKAR_SCREENSHOTS")
"""A folder: where it is named, each page is kept there as a picture for a person to look at."""
LOOK: Final = """async rules => {
    const found = await axe.run(document, {runOnly: {type: "tag", values: rules}, resultTypes: ["violations"]});
    return found.violations.map(each => `${each.id}: ${each.nodes.map(node => node.target.join(" ")).join(", ")}`);
}"""
NOT_SEEN_AS_A_WHOLE: Final = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
"""How many pixels of the page lie beyond its right edge."""


def chosen(profile: BrowserContext, **preferences: str) -> Page:
    """A page of a profile in which a language and colours were chosen."""
    page = profile.new_page()
    for name, value in preferences.items():
        page.goto(f"/preferences/{name}/{value}?next=/log-in")
    return page


def opened(page: Page, address: str) -> Page:
    answer = page.goto(address)
    assert answer is not None
    assert answer.ok, f"{address}: {answer.status}"
    return page


def keep(page: Page, address: str, *parts: str) -> None:
    if SCREENSHOTS:
        name = re.sub(r"[^a-z]+", "-", address.partition("?")[0].replace(ID, "id")).strip("-") or "start"
        page.screenshot(path=Path(SCREENSHOTS) / f"{name}-{'-'.join(parts)}.png", full_page=True)


@pytest.mark.parametrize("profile", [{"bypass_csp": True}], indirect=True)  # the looker is a script of its own
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_keeps_anybody_out(profile, language, scheme) -> None:
    """By axe-core, in both languages, light and dark, on a large screen and on a small one."""
    wrong: dict[str, list[str]] = {}
    page = chosen(profile, language=language, scheme=scheme)
    for address in ADDRESSES:
        opened(page, address)
        page.add_script_tag(path=AXE)
        for name, size in (("large", LARGE), ("small", SMALL)):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            if found := page.evaluate(LOOK, RULES):
                wrong[f"{address} {name}"] = found
            if beyond := page.evaluate(NOT_SEEN_AS_A_WHOLE):
                wrong[f"{address} {name} is wider than its screen"] = [f"{beyond} px"]
            keep(page, address, language, scheme, name)
    assert wrong == {}


def test_no_page_asks_for_what_its_own_policy_forbids(profile) -> None:
    said: list[str] = []
    for address in ADDRESSES:
        page = profile.new_page()
        page.on("console", lambda message, at=address: said.append(f"{at}: {message.text}"))
        page.on("requestfailed", lambda request, at=address: said.append(f"{at}: {request.url}"))
        page.goto(address)
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert background.startswith("rgb"), "the style sheets do not count"
        page.close()
    assert said == []


@pytest.mark.parametrize("profile", [{"java_script_enabled": False}], indirect=True)
def test_pages_work_with_scripts_off(profile, desk) -> None:
    page = profile.new_page()
    for address in ADDRESSES:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
    page.goto("/find")
    page.get_by_label("E-postadresse").fill("kari@firma.example")
    page.get_by_label("Hvorfor søker du?").select_option("dispute")
    page.get_by_role("button", name="Søk").click()
    expect(page.get_by_role("heading", name="Funnet")).to_be_visible()
    assert [fields["email"] for _, method, fields in desk.services.asked if method == "search_accounts"] == [
        "kari@firma.example"
    ]
    page.get_by_role("link", name="0000aa").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fjøsåker Bakeri AS")


@pytest.mark.clause("COOKIE-1")
def test_a_browser_keeps_what_the_inventory_names_and_nothing_else(profile) -> None:
    page = chosen(profile, language="en", scheme="dark")
    for address in ADDRESSES:
        opened(page, address)
        kept = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
        assert kept == [0, 0, ""], address
    cookies = {str(each["name"]): each for each in profile.cookies()}
    assert cookies.keys() == set(INVENTORY)
    for name, cookie in cookies.items():
        assert (cookie["secure"], cookie["httpOnly"], cookie["domain"]) == (True, True, "desk.localhost"), name


def test_by_keyboard_one_comes_to_the_content_at_once_and_to_everything_in_order(profile) -> None:
    page = opened(profile.new_page(), "/holds")
    page.keyboard.press("Tab")
    assert focused(page)["text"] == "Gå til innholdet"
    page.keyboard.press("Enter")
    assert focused(page)["id"] == "main"
    page.goto("/holds")
    seen: list[dict[str, Any]] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        place = focused(page)
        if place["tag"] == "BODY":
            break
        assert place["is_seen"], place
        seen.append(place)
    links = page.evaluate("document.querySelectorAll('a[href], button, [tabindex=\"0\"]').length")
    assert len(seen) == links


def focused(page: Page) -> dict[str, Any]:
    place: dict[str, Any] = page.evaluate(
        """() => {
            const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
            return {tag: at.tagName, id: at.id, text: at.innerText,
                    is_seen: box.width > 2 && box.height > 2 && (style.outlineStyle !== "none" ||
                        style.boxShadow !== "none" || at.classList.contains("ds-skip-link"))};
        }"""
    )
    return place


def test_a_search_that_lacks_something_says_so_where_it_is_lacking(profile) -> None:
    page = opened(profile.new_page(), "/find")
    page.get_by_role("button", name="Søk").click()
    summary = page.get_by_role("group", name="Noe må rettes")
    expect(summary).to_be_visible()
    summary.get_by_role("link", name="Velg hvorfor du søker.").click()
    expect(page.get_by_label("Hvorfor søker du?")).to_be_focused()


def test_a_form_sent_by_a_page_of_another_site_does_nothing(profile, desk) -> None:
    page = profile.new_page()
    other = desk.url.replace("desk.localhost", "other.localhost")
    page.route(f"{other}/**", lambda route: route.fulfill(
        content_type="text/html",
        body=f'<form method="post" action="{desk.url}/find"><input name="email" value="kari@firma.example">'
             '<input name="purpose" value="dispute"><button>Send</button></form>',
    ))  # fmt: skip
    page.goto(f"{other}/")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Forespørselen kom ikke herfra")
    assert desk.services.asked == []
    page.go_back()
    page.evaluate(f"document.body.innerHTML = '<iframe src=\"{desk.url}/log-in\"></iframe>'")
    page.wait_for_timeout(300)
    assert "Logg inn" not in "".join(frame.content() for frame in page.frames)
