"""Cookies: those of the inventory and no others, each with its attributes, and none that says who a customer is."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from flask import Response
from werkzeug.test import TestResponse

from services.account.authentication.rules import SESSION_IDLE, SESSION_LONGEST
from services.desk import sessions as session_cookies
from services.desk.web.cookies import COOKIES, INVENTORY
from services.desk.web.pages.table import PAGES
from services.gateway.web import sessions as customer_sessions
from services.gateway.web.cookies import INVENTORY as OF_CUSTOMERS_HOST
from services.staff.authentication.rules import SESSION_LASTS
from services.staff.authentication.values import SessionKind
from services.staff.sessions.calls import LoggedIn
from shared.errors import NotFound, Unavailable
from shared.web.cookies import Inventory
from shared.web.csrf import COOKIE as FORM_COOKIE
from shared.web.preferences import PREFERENCES
from tests import customer_stage
from tests.customer_stage import Browser as CustomersBrowser
from tests.desk_stage import ACCOUNT, ADDRESSES, ID, TOKEN, USER, Browser, OneSession
from tests.examples import example

pytestmark = [pytest.mark.unit, pytest.mark.clause("COOKIE-1")]

ROOT = Path(__file__).resolve().parents[3]
OURS = ("services", "shared", "deploy", "sandbox")
WHERE_ONE_IS_SET = "shared/web/cookies.py"
ATTRIBUTES = {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}
FORGOTTEN = {"Expires=Thu, 01 Jan 1970 00:00:00 GMT", "Max-Age=0"}
OF_CUSTOMERS = (ID, USER, ACCOUNT["email"], ACCOUNT["org_number"], ACCOUNT["phone"])
ASSERTION = {
    "id": "a2V5", "rawId": "a2V5", "type": "public-key",
    "response": {"clientDataJSON": "e30", "authenticatorData": "e30", "signature": "e30"},
}  # fmt: skip


def set_by(answer: TestResponse | Response) -> dict[str, tuple[str, set[str]]]:
    """The value and the attributes of each cookie that an answer sets."""
    cookies = {}
    for header in answer.headers.getlist("Set-Cookie"):
        pair, *attributes = header.split("; ")
        name, _, value = pair.partition("=")
        cookies[name] = (value, set(attributes))
    return cookies


def faults_of(answer: TestResponse | Response, inventory: Inventory = INVENTORY) -> Iterator[str]:
    for name, (value, attributes) in set_by(answer).items():
        if name not in inventory:
            yield f"{name} is not in the inventory"
            continue
        lasting = {each for each in attributes if not each.startswith("Expires=")}
        age = inventory[name].seconds
        if attributes != ATTRIBUTES | FORGOTTEN and lasting != ATTRIBUTES | ({f"Max-Age={age}"} if age else set()):
            yield f"{name} is set with {sorted(attributes)}"
        if any(text in value for text in OF_CUSTOMERS):
            yield f"{name} says who a customer is"


def stranger(folder: Path) -> Browser:
    return Browser(folder, logged_in=False)


def with_one_key(folder: Path) -> Browser:
    return Browser(folder, sessions=OneSession(passkeys=1))


def with_services_refusing(folder: Path) -> Browser:
    browser = Browser(folder)
    browser.services.replies = defaultdict(NotFound)
    return browser


def with_cookies_of_somebody_else(folder: Path) -> Browser:
    browser = Browser(folder)
    for name in INVENTORY:
        browser.set(name, "x" * 50)
    browser.set("customer", ID)
    return browser


def without_any(folder: Path) -> Browser:
    browser = Browser(folder)
    browser.client._cookies.clear()
    return browser


STATES: tuple[Callable[[Path], Browser], ...] = (
    Browser, stranger, with_one_key, with_services_refusing, with_cookies_of_somebody_else, without_any,
)  # fmt: skip


@pytest.mark.parametrize("state", STATES, ids=lambda each: each.__name__)
def test_every_page_in_every_state_sets_cookies_of_the_inventory_alone(tmp_path, state) -> None:
    browser = state(tmp_path)
    wrong = [f"GET {path}: {fault}" for path in ADDRESSES for fault in faults_of(browser.get(path))]
    for page in PAGES:
        if page.method == "POST":
            address = re.sub(r"<\w+>", ID, page.rule.replace("<service>", "account"))
            wrong += [f"{page.name}: {fault}" for fault in faults_of(browser.post(address))]
    assert wrong == []


@pytest.mark.parametrize("path", ["/", "/holds", "/parked"])
def test_a_page_whose_services_are_away_sets_no_other_cookie(tmp_path, path) -> None:
    browser = Browser(tmp_path)
    browser.services.replies = dict.fromkeys(browser.services.replies, Unavailable("away"))
    assert list(faults_of(browser.get(path))) == []


def test_every_cookie_of_the_inventory_is_one_that_something_sets(tmp_path) -> None:
    seen = dict(set_by(without_any(tmp_path).get("/log-in")))
    browser = stranger(tmp_path)
    for name, values in PREFERENCES.items():
        seen |= set_by(browser.get(f"/preferences/{name}/{values[0]}"))
    browser.services.replies["log_in"] = example(LoggedIn, token=TOKEN, passkeys=2)
    entered = browser.post("/log-in", ceremony_id=ID, answer=json.dumps(ASSERTION))
    assert entered.status_code == 303, entered.text
    seen |= set_by(entered)
    assert seen.keys() == INVENTORY.keys()
    assert len(COOKIES) == len(INVENTORY)
    assert seen[session_cookies.COOKIE] == (TOKEN, ATTRIBUTES)
    left = set_by(Browser(tmp_path).post("/log-out"))
    assert left == {session_cookies.COOKIE: ("", ATTRIBUTES | FORGOTTEN)}


def test_the_number_of_a_browser_is_made_up_for_it_and_follows_from_nothing(tmp_path) -> None:
    numbers = {set_by(without_any(tmp_path).get("/log-in"))[FORM_COOKIE][0] for _ in range(5)}
    assert len(numbers) == 5
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", number) for number in numbers)


def test_what_is_not_in_the_inventory_is_not_set_and_not_forgotten() -> None:
    answer = Response()
    for change in (
        lambda: INVENTORY.remember(answer, "__Host-more", "x"),
        lambda: INVENTORY.forget(answer, "__Host-more"),
    ):
        with pytest.raises(KeyError):
            change()
    assert "Set-Cookie" not in answer.headers


def test_one_place_in_all_of_our_programs_sets_cookies() -> None:
    setting = re.compile(
        r"set_cookie\(|delete_cookie\(|Set-Cookie|document\.cookie|localStorage|sessionStorage|indexedDB"
    )
    files = [
        path
        for folder in OURS
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".js", ".html", ".cfg"}
    ]
    assert len(files) > 500
    found = {str(path.relative_to(ROOT)) for path in files if setting.search(path.read_text(encoding="utf-8"))}
    assert found == {WHERE_ONE_IS_SET}


def test_every_page_of_customers_sets_cookies_of_its_inventory_alone_and_all_of_them(tmp_path) -> None:
    wrong, seen = [], {}
    for make in (CustomersBrowser, partial(CustomersBrowser, logged_in=False)):
        browser = make(tmp_path)
        browser.set(FORM_COOKIE, "x")
        answers = [browser.get(path) for path in customer_stage.ADDRESSES]
        answers += [browser.get(f"/preferences/{name}/{values[0]}") for name, values in PREFERENCES.items()]
        browser.set(FORM_COOKIE, customer_stage.BROWSER)
        answers += [browser.post(path) for path in customer_stage.SENDING]
        answers += [browser.post("/log-in", email="kare@fjosaker.example", password="x")]
        for answer in answers:
            seen |= set_by(answer)
            wrong += faults_of(answer, OF_CUSTOMERS_HOST)
    assert wrong == []
    assert seen.keys() == OF_CUSTOMERS_HOST.keys()
    assert seen[customer_sessions.COOKIE] == (customer_stage.TOKEN, ATTRIBUTES)
    personal = (customer_stage.ACCOUNT, customer_stage.OWNER, "fjosaker", "923609016")
    assert not [name for name, (value, _) in seen.items() if any(each in value for each in personal)]


def test_the_interface_for_programs_reads_no_cookie_so_that_a_browser_s_session_means_nothing_there() -> None:
    files = list((ROOT / "services/gateway").glob("*.py"))
    assert files
    read = re.compile(r"\.cookies\b|HTTP_COOKIE")
    assert not [path.name for path in files if read.search(path.read_text(encoding="utf-8"))]


def test_the_page_of_cookies_says_how_long_a_session_lasts() -> None:
    assert (SESSION_IDLE.total_seconds(), SESSION_LONGEST.total_seconds()) == (3600, 12 * 3600)
    of_customers = OF_CUSTOMERS_HOST[customer_sessions.COOKIE].why
    assert "an hour after its last use, and after 12 hours" in of_customers
    lasts = SESSION_LASTS[SessionKind.DESK]
    assert (lasts.idle.total_seconds(), lasts.longest.total_seconds()) == (3600, 12 * 3600)
    assert "an hour after its last use, and after 12 hours" in INVENTORY[session_cookies.COOKIE].why
