"""The register's stand-in against the register's document and payloads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox.register.api import DATA
from tests.plugins.vendor_documents import VendorDocument

if TYPE_CHECKING:
    from sandbox.server import RunningSandbox

pytestmark = pytest.mark.contract

CASES: dict[str, list[str]] = json.loads(DATA.read_text(encoding="utf-8"))["cases"]
MAIN = [n for case, numbers in CASES.items() if "underenhet" not in case for n in numbers]


@pytest.fixture(scope="module")
def document() -> VendorDocument:
    return VendorDocument("register")


def agrees(document: VendorDocument, sandbox: RunningSandbox, path: str) -> requests.Response:
    answer = requests.get(sandbox.register_url + path, timeout=10)
    plain = path.partition("?")[0]
    assert document.answer_complaints("GET", plain, answer.status_code, answer.text) == [], path
    return answer


def test_every_unit_has_the_documented_shape(document: VendorDocument, sandbox: RunningSandbox) -> None:
    statuses = [agrees(document, sandbox, f"/enheter/{number}").status_code for number in MAIN]
    assert {status: statuses.count(status) for status in set(statuses)} == {200: 51, 404: 3, 410: 2}


def test_every_subunit_has_the_documented_shape(document: VendorDocument, sandbox: RunningSandbox) -> None:
    for number in CASES["underenhet"] + CASES["deleted_underenhet"]:
        assert agrees(document, sandbox, f"/underenheter/{number}").status_code == 200


@pytest.mark.parametrize(
    "query", ["", "?navn=solør", "?navn=finnesikke", "?size=3&page=2", "?konkurs=true", "?page=999&size=999"]
)
def test_searches_have_the_documented_shape(document: VendorDocument, sandbox: RunningSandbox, query: str) -> None:
    agrees(document, sandbox, f"/enheter{query}")


def test_the_feed_has_the_documented_shape(document: VendorDocument, sandbox: RunningSandbox) -> None:
    feed = agrees(document, sandbox, "/oppdateringer/enheter?includeChanges=true").json()
    kinds = {entry["endringstype"] for entry in feed["_embedded"]["oppdaterteEnheter"]}
    assert kinds == {"Ny", "Endring", "Sletting", "Fjernet"}


@pytest.mark.parametrize(
    ("path", "payload"),
    [
        (f"/enheter/{CASES['deleted'][0]}", "enhet-deleted-200-current.json"),
        (f"/enheter/{CASES['removed'][0]}", "enhet-410.json"),
        ("/enheter?navn=finnesikke", "enheter-search-empty-200.json"),
    ],
)
def test_answers_have_exactly_the_keys_of_the_recorded_ones(
    document: VendorDocument, sandbox: RunningSandbox, path: str, payload: str
) -> None:
    recorded: dict[str, Any] = document.payload(payload)
    recorded = recorded.get("body", recorded)
    assert set(agrees(document, sandbox, path).json()) == set(recorded)


def test_a_live_unit_has_only_keys_that_the_register_knows(
    document: VendorDocument, sandbox: RunningSandbox
) -> None:
    known = set(document.raw["components"]["schemas"]["Enhet"]["properties"])
    for number in CASES["live_as"] + CASES["enk"] + CASES["nuf"]:
        assert set(agrees(document, sandbox, f"/enheter/{number}").json()) - known == set()


def test_a_bad_search_is_refused_in_the_recorded_form(document: VendorDocument, sandbox: RunningSandbox) -> None:
    recorded = document.payload("error-400.json")
    del recorded["source"]
    answer = agrees(document, sandbox, "/enheter?size=20000")
    assert answer.status_code == 400
    assert set(answer.json()) == set(recorded)
    assert set(answer.json()["valideringsfeil"][0]) == set(recorded["valideringsfeil"][0])


def test_the_shipped_numbers_agree_with_the_checksum_vectors(document: VendorDocument) -> None:
    vectors = document.payload("orgnr-checksum-vectors.json")
    assert all(_valid(number) for number in vectors["valid"] + vectors["valid_checksum_of_deleted_units"])
    assert not any(_valid(number) for number in vectors["invalid"])
    assert all(_valid(number) for numbers in CASES.values() for number in numbers)


def _valid(number: str) -> bool:
    if len(number) != 9 or not number.isdigit() or number[0] not in "89":
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, (3, 2, 7, 6, 5, 4, 3, 2), strict=False))
    return (11 - total % 11) % 11 == int(number[8])
