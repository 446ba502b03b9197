"""Who gets into the desk's pages, what other sites cannot do with a browser, and what every answer carries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.desk import sessions as session_cookies
from services.desk.sessions import Session, StaffSessions
from services.desk.web.app import RATES
from services.desk.web.pages.table import PAGES
from services.staff.sessions.calls import Authenticated
from shared.config import SettingError
from shared.errors import Unauthenticated, Unavailable
from shared.web import session_door
from shared.web.assets import Assets
from shared.web.csrf import COOKIE, FIELD, token_of
from shared.web.preferences import local
from tests.desk_stage import BROWSER, HOST, ID, TOKEN, Browser, OneSession, Services
from tests.examples import example

pytestmark = pytest.mark.unit

SEARCH = {"email": "kari@firma.example", "purpose": "dispute"}


@pytest.fixture
def browser(tmp_path) -> Browser:
    return Browser(tmp_path)


@pytest.fixture
def stranger(tmp_path) -> Browser:
    return Browser(tmp_path, logged_in=False)


CLOSED = [page for page in PAGES if not page.is_public]


def address_of(rule: str) -> str:
    for name in ("account_id", "hold_id", "certificate_id", "parked_id", "run_id"):
        rule = rule.replace(f"<{name}>", ID)
    return rule.replace("<service>", "account")


def test_pages_for_everybody_are_those_where_one_proves_who_one_is() -> None:
    assert {page.rule for page in PAGES if page.is_public} == {
        "/log-in", "/log-in/invented", "/log-out", "/enrol/<token>", "/recover",
    }  # fmt: skip


@pytest.mark.parametrize("page", CLOSED, ids=lambda page: page.name)
def test_with_one_key_one_comes_to_ones_own_pages_and_to_no_others(tmp_path, page) -> None:
    browser = Browser(tmp_path, sessions=OneSession(passkeys=1))
    address = address_of(page.rule)
    answer = browser.post(address) if page.method == "POST" else browser.get(address)
    turned_away = (answer.status_code, answer.headers.get("Location")) == (
        303,
        "/me",
    ) and not browser.services.asked
    assert turned_away != page.is_own


def test_whoever_keeps_asking_for_challenges_is_told_to_wait(stranger) -> None:
    answered = 0
    while (answer := stranger.get("/log-in")).status_code == 200:
        answered += 1
        assert answered < 2 * RATES["proof"].burst  # while it asks, a slow machine is given some more
    assert answered >= RATES["proof"].burst
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1


def test_unknown_sessions_are_slowed_down_before_staff_are_asked_and_whoever_wants_can_log_in(stranger) -> None:
    burst = session_door.RATES[session_door.UNSEEN].burst

    def visit(address: str, number: int) -> int:
        stranger.set(session_cookies.COOKIE, f"{number:04}{'g' * 30}")
        return stranger.get(address).status_code

    statuses = [visit("/me", number) for number in range(2 * burst)]
    assert statuses[:burst] == [303] * burst
    assert statuses.count(429) >= burst // 2  # while it asks, a slow machine is given some more
    assert visit("/log-in", 1) == 200
    said = "Økten din er over."
    assert any(visit("/me", number) == 429 for number in range(2 * burst, 4 * burst)), (
        "some more was given meanwhile"
    )
    assert said not in stranger.get("/log-in").text, "nobody was asked whether it is"


def test_a_session_that_ends_while_a_page_is_made_leads_to_the_log_in(browser) -> None:
    browser.services.replies["list_passkeys"] = Unauthenticated()
    answer = browser.get("/me")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/log-in?next=%2Fme")


def test_the_session_of_a_command_line_is_none_of_a_browser() -> None:
    services = Services()
    sessions = StaffSessions(services)
    known = example(Authenticated, staff_code="kari", kind="desk", passkeys=2)
    services.replies["authenticate"] = known
    assert sessions.known(TOKEN) == Session(code="kari", passkeys=2, token=TOKEN)
    services.replies["authenticate"] = known | {"kind": "command_line"}
    assert sessions.known(TOKEN) is None
    services.replies["authenticate"] = Unauthenticated()
    assert sessions.known(TOKEN) is None


@pytest.mark.parametrize("page", CLOSED, ids=lambda page: page.name)
@pytest.mark.parametrize("cookie", [None, "", "x", "å" * 30, TOKEN[:-1] + "y", TOKEN + "\x00"])
def test_whoever_has_no_session_is_asked_to_log_in_and_no_service_hears_of_it(stranger, page, cookie) -> None:
    if cookie is not None:
        stranger.set(session_cookies.COOKIE, cookie)
    address = address_of(page.rule)
    answer = stranger.post(address) if page.method == "POST" else stranger.get(f"{address}?purpose=dispute")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/log-in?next=%2F")
    asked = {method for _, method, _ in stranger.services.asked}
    assert asked <= ({"keep_form_draft"} if page.keeps_draft and cookie else set()), (
        "staff know whose it was, or not"
    )
    assert "draft" not in answer.headers["Location"]


def test_nobody_is_let_in_while_it_is_not_known_who_has_a_session(browser, monkeypatch) -> None:
    def silent(_self: OneSession, _token: str) -> None:
        raise Unavailable("there is no service staff")

    monkeypatch.setattr(OneSession, "known", silent)
    answer = browser.get("/holds")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert browser.services.asked == []
    assert "kari" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://other.example"},
        {"Origin": "null"},
        {"Origin": "http://desk.example"},
        {"Origin": f"{HOST}.other.example"},
        {"Origin": HOST, "Sec-Fetch-Site": "cross-site"},
        {"Origin": HOST, "Sec-Fetch-Site": "same-site"},
        {"Origin": HOST, "Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://other.example", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_a_form_that_another_site_sends_does_nothing_whatever_it_carries(browser, headers) -> None:
    answer = browser.post("/find", headers, **SEARCH)
    assert answer.status_code == 403
    assert browser.services.asked == []


@pytest.mark.parametrize("token", ["", "x", BROWSER, token_of("c" * 43), token_of(BROWSER) + "0"])
def test_a_form_without_the_token_of_this_browser_does_nothing(browser, token) -> None:
    answer = browser.post("/find", **SEARCH | {FIELD: token})
    assert answer.status_code == 403
    assert browser.services.asked == []


def test_a_browser_that_keeps_no_cookies_is_told_so(tmp_path) -> None:
    browser = Browser(tmp_path)
    browser.client.delete_cookie(COOKIE, domain="desk.example")
    assert browser.post("/find", **SEARCH).status_code == 403
    assert browser.services.asked == []


def test_what_is_turned_away_at_the_door_is_told_by_reason_and_number_and_names_nobody(browser) -> None:
    def told() -> list[dict[str, object]]:
        return [fields for _, method, fields in browser.services.asked if method == "tell_requests_refused"]

    now = datetime(2027, 3, 1, 9, tzinfo=UTC)
    for _ in range(3):
        browser.post("/me/recovery-codes", headers={"Origin": "https://evil.example"})
    browser.post("/me/recovery-codes", **{FIELD: "x" * 64})
    browser.get("/nowhere")
    browser.services.replies["tell_requests_refused"] = Unavailable("staff is away")
    with pytest.raises(Unavailable):
        browser.refused.tell(browser.services, now)
    browser.services.asked.clear()
    browser.services.replies["tell_requests_refused"] = {}
    browser.refused.tell(browser.services, now)
    expected = [{"reason": "foreign_origin", "count": 3}, {"reason": "form_not_ours", "count": 1}]
    assert [{name: each[name] for name in ("reason", "count")} for each in told()] == expected
    browser.post("/me/recovery-codes", headers={"Origin": "https://evil.example"})
    browser.refused.tell(browser.services, now + timedelta(minutes=9))
    assert len(told()) == 2
    browser.refused.tell(browser.services, now + timedelta(minutes=10))
    assert (told()[2]["reason"], told()[2]["count"]) == ("foreign_origin", 1)


def test_a_form_that_was_open_while_a_session_ended_is_taken_after_the_next_log_in(browser) -> None:
    shown = browser.get("/find").text
    browser.client.delete_cookie(session_cookies.COOKIE, domain="desk.example")
    assert browser.post("/find", **SEARCH).status_code == 303
    browser.set(session_cookies.COOKIE, TOKEN)
    assert token_of(BROWSER) in shown
    assert browser.post("/find", **SEARCH).status_code == 200


def test_each_form_has_a_key_of_its_own(browser) -> None:
    pages = [browser.get("/find").text for _ in range(2)]
    keys = {page.split('name="idempotency_key" value="')[1][:36] for page in pages}
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, 403),
        ({"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200),
        ({}, 200),
    ],
)
def test_a_link_from_elsewhere_can_be_followed_and_nothing_be_fetched_from_there(browser, headers, status) -> None:
    assert browser.get(f"/certificates/{ID}", **headers).status_code == status
    assert bool(browser.services.asked) == (status == 200)


@pytest.mark.parametrize("host", ["gateway.example", "desk.example.other", "127.0.0.1", "", "desk.example@other"])
def test_no_other_host_name_is_answered(browser, host) -> None:
    answer = browser.client.get("/holds", base_url=HOST, headers={"Host": host})
    assert answer.status_code == 400
    assert browser.services.asked == []


@pytest.mark.parametrize("address", ["/", "/log-in", "/nowhere", "/find"])
def test_every_answer_says_what_browsers_may_do_with_it(browser, address) -> None:
    answer = browser.get(address)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert len(answer.headers["X-Correlation-Id"]) == 36


def test_cookies_are_of_this_host_alone_and_no_script_reads_them(stranger) -> None:
    stranger.client.delete_cookie(COOKIE, domain="desk.example")
    answers = [
        stranger.get("/log-in"),
        stranger.get("/preferences/language/en"),
        stranger.get("/preferences/scheme/dark"),
    ]
    lines = [line for answer in answers for line in answer.headers.getlist("Set-Cookie")]
    assert len(lines) == 3
    for line in lines:
        name, _, rest = line.partition("=")
        assert name.startswith("__Host-vilkar-")
        parts = {part.strip() for part in rest.split(";")[1:]}
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= parts
        assert not [part for part in parts if part.startswith("Domain")]


def test_a_browser_is_given_its_number_once(stranger) -> None:
    assert stranger.get("/log-in").headers.getlist("Set-Cookie") == []
    stranger.set(COOKIE, "made elsewhere")
    assert len(stranger.get("/log-in").headers.getlist("Set-Cookie")) == 1


def test_language_and_colours_are_chosen_and_stay(stranger) -> None:
    answer = stranger.get("/preferences/language/en?next=/log-in%3Fnext%3D%252Fholds")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/log-in?next=%2Fholds")
    stranger.get("/preferences/scheme/dark")
    page = stranger.get("/log-in").text
    assert '<html lang="en" data-color-scheme="dark"' in page
    # The switch of an error page leads back to it as well.
    assert "/preferences/language/nb?next=/nowhere" in stranger.get("/nowhere").text


@pytest.mark.parametrize("address", ["/preferences/language/xx", "/preferences/scheme/", "/preferences/name/x"])
def test_what_cannot_be_chosen_is_not_found(stranger, address) -> None:
    answer = stranger.get(address)
    assert answer.status_code == 404
    assert answer.headers.getlist("Set-Cookie") == []


@pytest.mark.parametrize("asked", ["en-GB,en", "en;q=0.9,de"])
def test_a_browser_that_asks_for_english_gets_it(tmp_path, asked) -> None:
    stranger = Browser(tmp_path, logged_in=False, language="")
    assert '<html lang="en"' in stranger.get("/log-in", **{"Accept-Language": asked}).text
    assert '<html lang="nb"' in stranger.get("/log-in", **{"Accept-Language": "nn,en;q=0.5"}).text


@pytest.mark.parametrize(
    "address", ["//other.example", "/\\other.example", "https://other.example", "", "other", "/a\r\nb", "/\u202ea"]
)
def test_one_never_goes_on_to_another_host(stranger, address) -> None:
    assert local(address) == "/"
    assert stranger.get("/preferences/scheme/dark").headers["Location"] == "/"


def test_a_form_larger_than_any_of_ours_is_refused(browser) -> None:
    answer = browser.post("/find", email="x" * 70_000, purpose="dispute")
    assert answer.status_code == 413
    assert browser.services.asked == []


@pytest.mark.parametrize(("method", "address"), [("POST", "/holds"), ("DELETE", "/find"), ("PUT", "/")])
def test_a_method_that_is_not_offered_is_said_not_to_be(browser, method, address) -> None:
    answer = browser.client.open(address, method=method, base_url=HOST,
                                 headers={"Origin": HOST, "Sec-Fetch-Site": "same-origin"})  # fmt: skip
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_style_sheets_are_kept_by_browsers_under_their_digests(stranger) -> None:
    page = stranger.get("/log-in").text
    addresses = [part.split('"')[0] for part in page.split('href="')[1:] if part.startswith("/assets/")]
    assert [address.rpartition("/")[2] for address in addresses] == [
        "icon.svg",
        "theme.css",
        "designsystemet.css",
        "pages.css",
    ]
    for address in addresses[1:]:
        answer = stranger.get(address)
        assert (answer.status_code, answer.content_type) == (200, "text/css; charset=utf-8")
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_without_its_style_sheets_the_desk_does_not_start(tmp_path) -> None:
    with pytest.raises(SettingError, match=r"theme\.css"):
        Assets(tmp_path / "theme.css")
