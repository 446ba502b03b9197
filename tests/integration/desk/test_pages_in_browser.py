"""Every page of the desk as people meet it: seen, heard, by keyboard, on a small screen, with scripts off."""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from werkzeug.test import Client

from services.desk.web.acts.table import FORMS
from services.desk.web.cookies import INVENTORY
from services.gateway.app import Gateway
from services.gateway.endpoints import ENDPOINTS
from services.gateway.pages import PAGES
from services.gateway.rate_limits import RATES
from shared.clock import Clock
from shared.http.rate_limits import Limiter
from shared.terms.texts import LANGUAGES
from tests.desk_stage import ADDRESSES, ID, OTHERWISE, SENT, Otherwise, Sent
from tests.integration.desk.conftest import Address, logged_in
from tests.integration.desk.page_looks import (
    BARRIERS,
    FORBIDDEN,
    KEPT,
    LARGE,
    OUT_OF_REACH,
    SMALL,
    TOO_WIDE,
    Looker,
)
from tests.turns import in_turn
from tests.turns import keep as keep_looks
from tests.unit.gateway.test_certificate_page import Retention
from tests.unit.retention.certificate_samples import BODY, signed
from tests.unit.retention.certificate_samples import ID as CERTIFICATE

pytestmark = pytest.mark.integration

SCHEMES: Final = ("light", "dark")
SIZES: Final = {"large": LARGE, "small": SMALL}
COMBINATIONS: Final = tuple(product(LANGUAGES, SCHEMES, SIZES))
SCREENSHOTS: Final = os.environ.get("VILKAR_SCREENSHOTS")
"""A folder: where it is named, each page is looked at in every combination, and kept there as a picture."""
SEND: Final = """([address, fields]) => {
    const form = document.createElement("form"), token = document.querySelector("[name=form_token]");
    form.method = "post";
    form.action = address;
    const key = crypto.randomUUID();
    for (const [name, value] of Object.entries({...fields, idempotency_key: key})) {
        const field = document.createElement("input");
        [field.name, field.value] = [name, value];
        form.append(field);
    }
    form.append(token.cloneNode());
    document.body.append(form);
    form.submit();
}"""
"""Sends what a form would send."""


@dataclass(frozen=True)
class Looks:
    """What was seen of all pages: for each place its faults by kind, and in which combinations one looked."""

    faults: dict[str, dict[str, list[str]]]
    combinations: Counter[tuple[str, str, str]]
    kept: tuple[dict[str, Any], ...]

    def of(self, kind: str) -> dict[str, list[str]]:
        return {place: found[kind] for place, found in self.faults.items() if kind in found}


@pytest.fixture(scope="module")
def looks(chromium, desk, pytestconfig) -> Looks:
    """Each page once; all of them together in both languages, light and dark, on large and small screens.

    Each page is looked at in another combination every day.
    """
    today = Clock().now().date()
    shown: list[str | Sent | Otherwise] = [*ADDRESSES, *SENT, *OTHERWISE]
    faults: dict[str, dict[str, list[str]]] = {}
    combinations: Counter[tuple[str, str, str]] = Counter()
    kept: dict[str, dict[str, Any]] = {}
    for number, combination in enumerate(COMBINATIONS):
        language, scheme, size = combination
        with logged_in(chromium, desk, viewport=SIZES[size]) as profile:
            page = chosen(profile, language=language, scheme=scheme)
            looker = Looker(page)
            places = shown if SCREENSHOTS else in_turn(shown, number, len(COMBINATIONS), today)
            for place in places:
                found = faults.setdefault(str(place), {})
                seen(page, desk, place)
                keep(page, str(place), *combination)  # as it comes: keys scroll its tables
                for kind, fault in looker.faults():
                    found.setdefault(kind, []).append(f"{' '.join(combination)}: {fault}")
                combinations[combination] += 1
            keep_looks(pytestconfig.cache, "desk", combination, places, today)
            kept |= {str(each["name"]): dict(each) for each in profile.cookies()}
    return Looks(faults, combinations, tuple(kept.values()))


def seen(page: Page, desk: Address, place: str | Sent | Otherwise) -> None:
    """Open a page, or send the form that leads to it."""
    if isinstance(place, str):
        opened(page, place)
        return
    if isinstance(place, Otherwise):
        with desk.replying(place.replies):
            opened(page, place.address)
        return
    page.goto("/me")
    with page.expect_navigation() as answered:
        page.evaluate(SEND, [place.address, dict(place.fields)])
    assert answered.value.status == place.status, f"{place}: {answered.value.status}"


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
    assert page.url.endswith(address), f"{address} leads to {page.url}"
    return page


def keep(page: Page, address: str, *parts: str) -> None:
    if SCREENSHOTS:
        name = re.sub(r"[^a-z0-9]+", "-", address.replace(ID, "")).strip("-") or "start"
        page.screenshot(path=Path(SCREENSHOTS) / f"{name}-{'-'.join(parts)}.png", full_page=True)


def test_every_page_and_form_is_looked_at_in_its_turn(looks) -> None:
    assert looks.faults.keys() == {*ADDRESSES, *map(str, SENT), *map(str, OTHERWISE)}
    assert looks.combinations.keys() == set(COMBINATIONS)
    assert min(looks.combinations.values()) >= len(looks.faults) // len(COMBINATIONS)


def test_no_page_keeps_anybody_out(looks) -> None:
    """By axe-core."""
    assert looks.of(BARRIERS) == {}


def test_no_page_is_wider_than_a_small_screen(looks) -> None:
    assert looks.of(TOO_WIDE) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_is_wider_than_a_small_screen_in_either_language(chromium, desk, language) -> None:
    """A long word may stand in one language alone, in which a page was not looked at in its turn."""
    too_wide, not_seen = {}, {}
    with logged_in(chromium, desk) as profile:
        page = chosen(profile, language=language)
        page.goto("/me")
        looker = Looker(page)
        looker.begin_widths()
        for place in (*ADDRESSES, *SENT, *OTHERWISE):
            with desk.replying(place.replies if isinstance(place, Otherwise) else {}):
                fields = dict(place.fields) if isinstance(place, Sent) else None
                stands = looker.width(place if isinstance(place, str) else place.address, fields)
            if stands["pixels"]:
                too_wide[str(place)] = stands["pixels"]
            status = place.status if isinstance(place, Sent) else 200
            if (stands["status"], stands["language"], stands["headings"]) != (status, language, 1):
                not_seen[str(place)] = stands
    assert not_seen == {}
    assert too_wide == {}


def test_all_of_a_page_is_reached_by_keyboard_in_order_and_seen_when_it_is(looks) -> None:
    assert looks.of(OUT_OF_REACH) == {}


def test_no_page_asks_for_what_its_own_policy_forbids(looks) -> None:
    assert looks.of(FORBIDDEN) == {}


@pytest.mark.clause("COOKIE-1")
def test_a_browser_keeps_what_the_inventory_names_and_nothing_else(looks) -> None:
    assert looks.of(KEPT) == {}
    cookies = {str(each["name"]): each for each in looks.kept}
    assert cookies.keys() == set(INVENTORY)
    for name, cookie in cookies.items():
        assert (cookie["secure"], cookie["httpOnly"], cookie["domain"]) == (True, True, "desk.localhost"), name


def test_a_page_that_has_every_fault_is_told_with_all_of_them(profile, desk) -> None:
    page = profile.new_page()
    page.route(f"{desk.url}/faulty", lambda route: route.fulfill(
        content_type="text/html",
        headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-x'"},
        body="<title>x</title><style>button { outline: none !important; }</style><main tabindex=-1>"
             "<canvas width=900>x</canvas><img src='/x.png'><button>x</button><a href='/' tabindex=3>x</a>"
             "<a href='/'>y</a></main><script nonce=x>localStorage.setItem('a', 'b')</script>",
    ))  # fmt: skip
    looker = Looker(page)
    page.goto("/me")
    looker.begin_widths()
    assert looker.width("/me")["pixels"] == 0
    assert looker.width("/faulty")["pixels"] > 500
    page.goto("/faulty")
    assert {kind for kind, _ in looker.faults()} == {BARRIERS, TOO_WIDE, OUT_OF_REACH, FORBIDDEN, KEPT}


@pytest.mark.parametrize("profile", [{"java_script_enabled": False, "viewport": SMALL}], indirect=True)
def test_pages_work_with_scripts_off_and_their_forms_are_sent(profile, desk) -> None:
    """Each form by its own button, as it stands."""
    page = chosen(profile, language="en")
    looker, wrong, pressed = Looker(page), [], set()
    for address in ADDRESSES:
        opened(page, address)
        wrong += [f"{address}: {fault}" for _, fault in looker.beyond()]
        forms = page.locator("main form[method=post]")
        for number, where in enumerate(forms.evaluate_all("all => all.map(each => each.action)")):
            button = forms.nth(number).locator("button:enabled")
            if where in pressed or not button.count():
                continue
            pressed.add(where)
            for needed in forms.nth(number).locator("input[required]").all():
                needed.fill("FH27-N9R3")
            with page.expect_navigation() as answered:
                button.first.click()
            if answered.value.status not in {200, 422} or page.locator("h1").count() != 1:
                wrong.append(f"{where}: {answered.value.status}")
            opened(page, address)
    assert wrong == []
    assert {desk.url + form.address for form in FORMS} <= pressed


@pytest.mark.parametrize("profile", [{"java_script_enabled": False, "viewport": SMALL}], indirect=True)
def test_answers_to_forms_are_read_with_scripts_off_too(profile, desk) -> None:
    """And pages with nothing, or more than usual, to say."""
    page = chosen(profile, language="nb")
    looker, wrong = Looker(page), []
    for place in (*SENT, *OTHERWISE):
        seen(page, desk, place)
        wrong += [f"{place}: {fault}" for _, fault in looker.beyond()]
        if page.locator("h1").count() != 1 or page.locator("main").count() != 1:
            wrong.append(f"{place}: no heading")
    assert wrong == []


def test_a_page_that_was_left_open_says_that_it_is_old_and_asks_nothing_by_itself(profile, desk) -> None:
    page = profile.new_page()
    page.clock.install()
    opened(page, "/alarms")
    link = page.get_by_role("link", name="Vis den slik det er nå")
    asked = len(desk.services.asked)
    page.clock.fast_forward("04:50")
    expect(page.get_by_role("status")).to_be_empty()
    page.clock.fast_forward("00:20")
    expect(page.get_by_role("status")).to_contain_text("mer enn fem minutter gammel")
    assert Looker(page).barriers() == []
    page.clock.fast_forward("10:00")
    assert (link.count(), len(desk.services.asked)) == (1, asked)
    link.click()
    expect(page.get_by_role("status")).to_be_empty()
    assert len(desk.services.asked) > asked


def test_an_invented_person_is_in_with_one_click_and_without_scripts(chromium, desk) -> None:
    desk.services.asked.clear()
    profile = chromium.new_context(base_url=desk.url, locale="nb-NO", java_script_enabled=False)
    page = opened(profile.new_page(), "/log-in?next=/holds")
    expect(page.get_by_role("button", name="Logg inn med adgangsnøkkel")).to_be_disabled()
    page.get_by_role("button", name="oppdiktet person: ola").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hvorfor ser du på kundene?")
    (asked,) = [fields for _, method, fields in desk.services.asked if method == "log_in"]
    assert asked["assertion"]["response"]["signature"]
    profile.close()


@pytest.mark.parametrize("profile", [{"java_script_enabled": False}], indirect=True)
def test_a_search_finds_a_customer_with_scripts_off(profile, desk) -> None:
    page = opened(profile.new_page(), "/find")
    page.get_by_label("E-postadresse").fill("kari@firma.example")
    page.get_by_label("Hvorfor søker du?").select_option("dispute")
    page.get_by_role("button", name="Søk").click()
    expect(page.get_by_role("heading", name="Funnet")).to_be_visible()
    assert [fields["email"] for _, method, fields in desk.services.asked if method == "search_accounts"] == [
        "kari@firma.example"
    ]
    page.get_by_role("link", name="0000aa").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fjøsåker Bakeri AS")


@pytest.mark.parametrize("profile", [{"java_script_enabled": False}], indirect=True)
def test_what_must_be_mended_is_where_one_is_and_leads_to_its_field(profile) -> None:
    page = opened(profile.new_page(), f"/acts/place-hold?account_id={ID}&purpose=dispute")
    page.get_by_role("button", name="Be om godkjenning").click()
    summary = page.get_by_role("group", name="Noe må rettes")
    expect(summary).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Grunn")).to_be_focused()
    expect(page.get_by_label("Grunn")).to_have_attribute("aria-invalid", "true")


def test_a_form_is_filled_in_and_sent_by_keyboard_alone(profile, desk) -> None:
    page = opened(profile.new_page(), f"/acts/discard?service=account&parked_id={ID}")
    page.locator("main").focus()
    page.keyboard.press("Tab")
    page.keyboard.type("foreldet")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Parkert melding")
    assert [fields["reason"] for _, method, fields in desk.services.asked if method == "parked_discard"] == [
        "outdated"
    ]


def test_by_keyboard_one_comes_to_the_content_at_once_and_to_everything_in_order(profile) -> None:
    page = opened(profile.new_page(), "/holds?purpose=dispute")
    page.keyboard.press("Tab")
    assert focused(page)["text"] == "Gå til innholdet"
    page.keyboard.press("Enter")
    assert focused(page)["id"] == "main"
    page.goto("/holds?purpose=dispute")
    seen: list[dict[str, Any]] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        place = focused(page)
        if place["tag"] == "BODY":
            break
        assert place["is_seen"], place
        seen.append(place)
    reachable = "[...document.querySelectorAll('a[href], button, [tabindex=\"0\"]')]"
    links = page.evaluate(f"{reachable}.filter(each => each.checkVisibility()).length")
    assert len(seen) == links


@pytest.mark.parametrize("profile", [{"java_script_enabled": False, "viewport": SMALL}], indirect=True)
def test_on_a_small_screen_the_menu_takes_one_line_until_it_is_asked_for(profile, desk) -> None:
    page = opened(profile.new_page(), "/holds?purpose=dispute")
    header = page.locator("header").bounding_box()
    assert header is not None
    assert header["height"] < SMALL["height"] / 6
    cases = page.get_by_role("link", name="Saker", exact=True)
    expect(cases).to_be_hidden()
    page.get_by_role("button", name="Meny").press("Enter")
    expect(cases).to_be_visible()
    looker = Looker(page)
    assert list(looker.beyond()) == []
    page.keyboard.press("Escape")
    expect(cases).to_be_hidden()
    page.get_by_role("button", name="Meny").press("Enter")
    for name in ("Start", "Løftene"):
        expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    cases.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Saker")
    expect(page.get_by_role("link", name="Saker", exact=True)).to_be_hidden()


def test_the_timeline_of_a_case_is_printed_without_what_is_for_pressing_and_read_aloud_from_the_pdf(
    profile,
) -> None:
    page = opened(profile.new_page(), f"/cases/{ID}/timeline")
    hint = page.get_by_text("Skriv ut siden")
    expect(hint).to_be_visible()
    page.emulate_media(media="print")
    for gone in (page.locator("header"), page.locator("footer"), hint, page.get_by_role("link", name="Til saken")):
        expect(gone).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    looks = page.locator("main table").first.evaluate(
        "each => [each.tHead, each.rows[1], each.parentElement].map(part => getComputedStyle(part))"
        ".map(style => [style.display, style.breakInside, style.overflowX])"
    )
    assert (looks[0][0], looks[1][1], looks[2][2]) == ("table-header-group", "avoid", "visible")
    printed = page.pdf(format="A4", prefer_css_page_size=True, tagged=True)
    assert printed.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in printed, "a screen reader follows it"


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


PUBLIC: Final = (
    *(f"{path}?language={each}" for path in ("/api", "/terms", "/privacy", "/problems", "/certificates/ID")
      for each in LANGUAGES),
)  # fmt: skip
"""Pages of the gateway that have tables. They ask nobody but for the certificate."""


@pytest.mark.parametrize("address", PUBLIC)
def test_no_page_of_the_gateway_is_wider_than_a_small_screen_and_its_tables_are_scrolled_alone(
    chromium, address
) -> None:
    gateway = Gateway(
        PAGES + ENDPOINTS, caller=Retention(signed(BODY)), limiter=Limiter(RATES), public_url="https://x.example"
    )
    shown = Client(gateway).get(address.replace("ID", str(CERTIFICATE)))
    assert shown.status_code == 200
    page = chromium.new_page(viewport=SMALL)
    page.set_content(shown.text)
    looker = Looker(page)
    assert list(looker.beyond()) == []
    assert page.locator("table").count() > 0
    assert page.locator("table").count() == page.locator("[role=region][tabindex='0'][aria-label] > table").count()
    assert looker.barriers() == []
    page.close()
