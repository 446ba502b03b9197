"""Lists of which a page is shown: where the rest is, for readers of pages and of commands."""

from __future__ import annotations

import csv
import html
import io
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from services.cases.board.calls import KINDS
from services.desk.cli.arguments import place
from services.desk.cli.output import more
from services.desk.known_calls import known_calls
from shared.keyset import Paged, Place
from tests.desk_stage import ACCOUNT, ID, LONG_LISTS, MORE, NEXT, PAGED, USER, Browser

pytestmark = pytest.mark.unit

LINKED = {
    "/cases": ("case_board", "after"),
    "/approvals": ("list_approvals", "after"),
    "/databases": ("list_database_access", "after"),
    "/vendor-work": ("failed", "after"),
    "/parked": ("parked_list", "after"),
    "/holds": ("holds", "after"),
    "/restrictions": ("restrictions", "after"),
    "/erasures": ("erasures", "after"),
    "/letters": ("suppressions", "after_suppression"),
    "/registers": ("list_records", "after"),
    f"/customers/{ID}/letters": ("letters", "after"),
    f"/customers/{ID}/support": ("support_threads", "after"),
    "/support": ("waiting_support", "after"),
    f"/cases/{ID}/customers": ("case_customers", "after"),
    "/acts/release-halted": ("erasures", "after"),
}
"""The list whose next page a link leads to, and the name that it has in the address."""
SAYS = "Det finnes flere"


@pytest.fixture
def browser(tmp_path) -> Browser:
    return Browser(tmp_path)


def links(text: str) -> list[str]:
    return [html.unescape(each) for each in re.findall(r'href="([^"]+)"', text)]


@pytest.mark.parametrize("address", [each for each in LONG_LISTS if "after=" not in each])
def test_a_list_that_is_longer_says_so_and_leads_to_the_rest_for_the_same_purpose(browser, address) -> None:
    assert SAYS not in browser.get(address).text
    browser.services.replies |= MORE
    text = browser.get(address).text
    assert SAYS in text or "er sett gjennom her" in text
    path, given = urlsplit(address).path, parse_qs(urlsplit(address).query)
    if path not in LINKED:
        return
    method, name = LINKED[path]
    following = next(each for each in links(text) if parse_qs(urlsplit(each).query).get(name) == [NEXT])
    asked = parse_qs(urlsplit(following).query)
    assert {each: asked.get(each) for each in given} == given
    browser.services.asked.clear()
    assert browser.get(following).status_code == 200
    assert next(fields["after"] for _, asked, fields in browser.services.asked if asked == method) == NEXT


def test_a_later_page_leads_back_to_the_first_and_an_address_of_none_is_nowhere(browser) -> None:
    address = "/holds?state=overdue&purpose=dispute"
    assert address in links(browser.get(f"{address}&after={NEXT}").text)
    for wrong in ("x", "2026-12-03", f"{NEXT}x"):
        assert browser.get(f"{address}&after={wrong}").status_code == 404


def test_both_lists_of_one_page_go_on_by_themselves(browser) -> None:
    browser.services.replies |= MORE
    browser.get(f"/letters?purpose=dispute&after_task={NEXT}")
    asked = {method: fields["after"] for _, method, fields in browser.services.asked if "after" in fields}
    assert (asked["tasks"], asked["suppressions"]) == (NEXT, None)


def test_a_list_of_one_customer_is_that_of_the_customer_on_its_next_page_too(browser) -> None:
    browser.services.replies |= MORE
    for list_of in ("/holds", "/restrictions"):
        (address,) = {
            each
            for each in links(browser.get(f"/customers/{ID}?purpose=dispute").text)
            if each.startswith(f"{list_of}?")
        }
        following = [each for each in links(browser.get(address).text) if "after=" in each]
        assert following
        assert all(parse_qs(urlsplit(each).query)["account_id"] == [ID] for each in following)


def test_what_is_offered_for_release_is_a_page_and_comes_back_as_it_was(browser) -> None:
    browser.services.replies |= MORE | {"count_halted": {"count": 250}}
    address = f"/acts/release-halted?purpose=operations&after={NEXT}"
    text = browser.get("/acts/release-halted?purpose=dispute").text
    assert "250 slettinger er stanset." in text
    text = browser.get(f"/acts/release-halted?purpose=dispute&after={NEXT}").text
    assert f'name="after" value="{NEXT}"' in text
    browser.services.asked.clear()
    again = browser.post("/acts/release-halted", purpose="dispute", after=NEXT)
    assert again.status_code == 422, address
    assert [fields["after"] for _, method, fields in browser.services.asked if method == "erasures"] == [NEXT]


def test_more_accounts_that_were_found_are_asked_for_by_the_same_search(browser) -> None:
    browser.services.replies |= MORE
    found = browser.post("/find", review="yes", purpose="dispute")
    assert SAYS in found.text
    assert f'name="after" value="{NEXT}"' in found.text
    browser.post("/find", review="yes", purpose="dispute", after=NEXT)
    asked = [fields["after"] for _, method, fields in browser.services.asked if method == "search_accounts"]
    assert asked == [None, NEXT]


def test_a_command_says_from_where_a_list_goes_on(capsys) -> None:
    more(None)
    assert capsys.readouterr().err == ""
    more(Place.parse(NEXT))
    assert capsys.readouterr().err.strip() == f"There is more: --after {NEXT}"
    assert place(f" {NEXT} ") == Place.parse(NEXT)
    with pytest.raises(ValueError, match="goes on"):
        place("x")


def test_what_the_script_says_of_pages_is_said_of_each_list() -> None:
    paged = {call.method for call in known_calls().values() if issubclass(call, Paged)}
    assert set(PAGED) == paged
    assert MORE.keys() - {"list_machine_doors", "show_case", "show_notices"} == set(PAGED)


@pytest.mark.parametrize(
    ("address", "method", "rows"),
    [
        ("/holds?state=overdue&purpose=dispute", "holds", "holds"),
        ("/restrictions?purpose=dispute", "restrictions", "restrictions"),
        ("/erasures?state=halted&purpose=dispute", "erasures", "erasures"),
        ("/cases?state=ended", "case_board", "cases"),
        ("/cases?state=overdue&kind=contact_failure", "case_board", "cases"),
        ("/registers?kind=mandate&purpose=dispute", "list_records", "records"),
    ],
)
def test_the_whole_list_is_a_table_filtered_as_its_page_is_and_its_name_says_how_many(
    browser, address, method, rows
) -> None:
    """Page by page, also where one begins in the middle of the list."""
    first = browser.services.replies[method] | {"next_after": NEXT}
    last = browser.services.replies[method]
    browser.services.replies[method] = lambda fields: last if fields["after"] else first
    path, _, query = address.partition("?")
    table = f"{path}.csv?{query}"
    assert table in links(browser.get(f"{address}&after={NEXT}").text)
    browser.services.asked.clear()
    answer = browser.get(table)
    several = len(last[rows]) * 2
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{rows}-{several}.csv"'
    assert len(list(csv.DictReader(io.StringIO(answer.text)))) == several
    asked = [fields for _, each, fields in browser.services.asked if each == method]
    assert [fields["after"] for fields in asked] == [None, NEXT]
    for name in ("state", "kind"):
        assert {fields.get(name) for fields in asked} == {parse_qs(query).get(name, [asked[0].get(name)])[0]}


def test_the_board_of_cases_is_chosen_by_kind_and_state_and_a_choice_of_one_keeps_the_other(browser) -> None:
    text = browser.get("/cases?state=overdue&kind=alarm").text
    (asked,) = [fields for _, method, fields in browser.services.asked if method == "case_board"]
    assert (asked["state"], asked["kind"]) == ("overdue", "alarm")
    given = [parse_qs(urlsplit(each).query) for each in links(text) if each.startswith("/cases?")]
    ways = {(each["state"][0], each["kind"][0]) for each in given}
    other_states, other_kinds = {"open", "ended"}, {"every", *KINDS} - {"alarm"}
    shown_anew = {("overdue", "alarm")}
    others = {(each, "alarm") for each in other_states} | {("overdue", each) for each in other_kinds}
    assert ways == others | shown_anew
    browser.get("/cases?kind=every")
    assert [fields["kind"] for _, method, fields in browser.services.asked if method == "case_board"][-1] is None
    for wrong in ("/cases?kind=x", "/cases?state=closed"):
        assert browser.get(wrong).status_code == 404


def test_a_table_of_customers_asks_first_what_for(browser) -> None:
    answer = browser.get("/holds.csv")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert browser.services.asked == []


def test_a_case_of_many_customers_leads_to_all_of_them_and_each_can_be_chosen(browser) -> None:
    browser.services.replies |= MORE
    text = browser.get(f"/cases/{ID}").text
    assert f'href="/cases/{ID}/customers"' in text
    assert "alle 700 kundene" in text
    assert "Det finnes flere mottakere." in text
    text = browser.get(f"/acts/charge-customer?case_id={ID}&account_id={USER}").text
    assert f'<option value="{USER}" selected>' in text
    assert f'href="/cases/{ID}/customers"' in text
    assert browser.get(f"/acts/charge-customer?case_id={ID}&account_id=x").status_code == 404


def test_customers_with_a_mandate_are_named_as_the_authority_asks_for_them_and_each_look_is_for_a_purpose(
    browser,
) -> None:
    address = f"/cases/{ID}/mandates/{ID}"
    assert 'name="purpose"' in browser.get(address).text
    assert browser.services.signings == []
    text = browser.get(f"{address}?purpose=security").text
    assert "Organisasjonsnummer" in text
    assert str(ACCOUNT["org_number"]) in text
    assert {each["purpose"] for each in browser.services.signings} == {"security"}
    asked = [fields for _, method, fields in browser.services.asked if method == "get_account"]
    assert len(asked) == len(browser.services.replies["show_mandates"]["mandates"])
    browser.services.unsigned = {"account.get_account": "role_not_granted"}
    assert "vises ikke for rollen din" in browser.get(f"{address}?purpose=security").text
