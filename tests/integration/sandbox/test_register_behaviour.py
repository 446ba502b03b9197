"""The register's habits over real HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox.register.api import DATA

if TYPE_CHECKING:
    from sandbox.server import RunningSandbox

pytestmark = pytest.mark.integration

SHIPPED: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
CASES: dict[str, list[str]] = SHIPPED["cases"]
V2 = "application/vnd.brreg.enhetsregisteret.enhet.v2+json"


def get(sandbox: RunningSandbox, path: str, accept: str = V2) -> requests.Response:
    return requests.get(sandbox.register_url + path, headers={"Accept": accept}, timeout=10)


def test_a_live_company_is_told_with_everything_a_check_needs(sandbox: RunningSandbox) -> None:
    answer = get(sandbox, f"/enheter/{CASES['live_as'][0]}")
    unit = answer.json()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(V2)
    assert unit["navn"] == "SOLØR TØMMER OG BYGG AS"
    assert (unit["organisasjonsform"]["kode"], unit["konkurs"], unit["underAvvikling"]) == ("AS", False, False)
    assert unit["forretningsadresse"]["landkode"] == "NO"
    assert unit["_links"]["self"]["href"] == f"{sandbox.register_url}/enheter/{CASES['live_as'][0]}"


@pytest.mark.parametrize(
    ("case", "field"),
    [
        ("konkurs", "konkurs"),
        ("under_avvikling", "underAvvikling"),
        ("tvangsopplosning", "underTvangsavviklingEllerTvangsopplosning"),
    ],
)
def test_companies_in_trouble_say_so_and_the_date_is_optional(
    sandbox: RunningSandbox, case: str, field: str
) -> None:
    units = [get(sandbox, f"/enheter/{number}").json() for number in CASES[case]]
    assert all(unit[field] is True for unit in units)
    if case != "tvangsopplosning":
        assert sum(any(name.lower().endswith("dato") and name.startswith(field) for name in u) for u in units) == 1


def test_a_foreign_company_has_a_foreign_address(sandbox: RunningSandbox) -> None:
    for number in CASES["nuf"]:
        unit = get(sandbox, f"/enheter/{number}").json()
        address = unit["forretningsadresse"]
        assert unit["organisasjonsform"]["kode"] == "NUF"
        assert address["landkode"] != "NO"
        assert "postnummer" not in address
        assert "kommune" not in address


def test_a_deleted_company_is_200_with_a_reduced_body(sandbox: RunningSandbox) -> None:
    answer = get(sandbox, f"/enheter/{CASES['deleted'][0]}")
    assert answer.status_code == 200
    assert answer.json()["respons_klasse"] == "SlettetEnhet"
    assert answer.json()["slettedato"]
    assert "forretningsadresse" not in answer.json()


def test_a_removed_company_is_410(sandbox: RunningSandbox) -> None:
    answer = get(sandbox, f"/enheter/{CASES['removed'][0]}")
    assert answer.status_code == 410
    assert set(answer.json()) == {"organisasjonsnummer", "slettedato", "_links"}


@pytest.mark.parametrize("number", [CASES["unknown"][0], CASES["underenhet"][0], "000000000", "x"])
def test_an_unknown_number_or_that_of_a_subunit_is_404_without_a_body(sandbox: RunningSandbox, number: str) -> None:
    answer = get(sandbox, f"/enheter/{number}")
    assert (answer.status_code, answer.content) == (404, b"")


def test_a_subunit_is_found_in_its_own_place(sandbox: RunningSandbox) -> None:
    number = CASES["underenhet"][0]
    unit = get(sandbox, f"/underenheter/{number}").json()
    assert unit["overordnetEnhet"] == CASES["live_as"][0]
    assert unit["_links"]["overordnetEnhet"]["href"].endswith(f"/enheter/{CASES['live_as'][0]}")
    assert get(sandbox, f"/underenheter/{CASES['live_as'][0]}").status_code == 404


def test_version_1_is_no_longer_offered(sandbox: RunningSandbox) -> None:
    path = f"/enheter/{CASES['live_as'][0]}"
    assert get(sandbox, path, V2.replace("v2", "v1")).status_code == 406
    assert get(sandbox, path, "application/json").status_code == 200
    assert get(sandbox, path, "*/*").status_code == 200


def test_roles_name_invented_people(sandbox: RunningSandbox) -> None:
    groups = get(sandbox, f"/enheter/{CASES['enk'][0]}/roller").json()["rollegrupper"]
    assert groups[0]["roller"][0]["type"]["kode"] == "INNH"
    assert groups[0]["roller"][0]["person"]["navn"]["fornavn"] == "Åsmund"
    assert get(sandbox, f"/enheter/{CASES['unknown'][0]}/roller").status_code == 404


def test_a_search_is_paged_and_an_empty_one_has_nothing_embedded(sandbox: RunningSandbox) -> None:
    first = get(sandbox, "/enheter?size=20&sort=navn,asc").json()
    total = first["page"]["totalElements"]
    assert (first["page"]["totalPages"], total) == (3, len(SHIPPED["enheter"]))
    seen = [unit["navn"] for unit in first["_embedded"]["enheter"]]
    page = first
    for _ in range(5):
        if "next" not in page["_links"]:
            break
        page = requests.get(page["_links"]["next"]["href"], timeout=10).json()
        seen += [unit["navn"] for unit in page["_embedded"]["enheter"]]
    assert len(seen) == total
    empty = get(sandbox, "/enheter?navn=finnesikke").json()
    assert "_embedded" not in empty
    assert empty["page"]["totalElements"] == 0


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("navn=solør", 2),
        ("navn=SOLØR bygg", 1),
        ("konkurs=true", 2),
        ("organisasjonsform=ENK", 5),
        ("organisasjonsform=ENK,NUF", 8),
        (f"organisasjonsnummer={CASES['live_as'][0]},{CASES['live_as'][1]}", 2),
    ],
)
def test_a_search_filters(sandbox: RunningSandbox, query: str, count: int) -> None:
    assert get(sandbox, f"/enheter?{query}").json()["page"]["totalElements"] == count


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("konkurs=kanskje", "konkurs"),
        ("size=0", "size"),
        ("page=1000&size=10", "size"),
        ("page=-1", "page"),
        ("farge=blå", "farge"),
        ("sort=farge", "sort"),
        ("organisasjonsnummer=12x", "organisasjonsnummer"),
    ],
)
def test_a_bad_search_names_its_parameter(sandbox: RunningSandbox, query: str, parameter: str) -> None:
    answer = get(sandbox, f"/enheter?{query}")
    assert answer.status_code == 400
    assert answer.json()["valideringsfeil"][0]["parametere"] == [parameter]


def test_the_feed_begins_with_the_number_asked_for(sandbox: RunningSandbox) -> None:
    def numbers(query: str) -> list[int]:
        page = get(sandbox, f"/oppdateringer/enheter{query}").json()
        return [e["oppdateringsid"] for e in page.get("_embedded", {}).get("oppdaterteEnheter", [])]

    everything = numbers("")
    assert numbers(f"?oppdateringsid={everything[2]}") == everything[2:]
    assert numbers("?dato=2026-03-03T00:00:00.000Z") == everything[3:]
    assert numbers(f"?oppdateringsid={everything[-1] + 1}") == []
    assert get(sandbox, "/oppdateringer/enheter?dato=i+går").status_code == 400


def test_changes_are_told_only_when_asked_for(sandbox: RunningSandbox) -> None:
    plain = get(sandbox, "/oppdateringer/enheter").json()["_embedded"]["oppdaterteEnheter"]
    full = get(sandbox, "/oppdateringer/enheter?includeChanges=true").json()["_embedded"]["oppdaterteEnheter"]
    assert not any("endringer" in entry for entry in plain)
    assert {entry["endringstype"] for entry in full if "endringer" in entry} == {"Endring"}


def test_every_shipped_organisation_is_consistent() -> None:
    numbers = [number for numbers in CASES.values() for number in numbers]
    assert len(numbers) == len(set(numbers)) == 60
    held = [
        unit["organisasjonsnummer"]
        for kind in ("enheter", "slettede", "fjernede", "underenheter", "slettede_underenheter")
        for unit in SHIPPED[kind]
    ]
    assert set(held) | set(CASES["unknown"]) == set(numbers)
    assert not set(held) & set(CASES["unknown"])
    assert all(set(role) <= set("0123456789") for role in SHIPPED["roller"])
