"""The search after an erasure finds what is there, in every spelling, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.demo.command import SMALLEST, STAYING
from deploy.demo.companies import companies
from deploy.residue_search.plain_search import MultiPattern, Searched, search_files, search_messages, search_stream

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "content",
    [
        "brev til Åse Bjørkås i dag".encode(),
        "BREV TIL ÅSE BJØRKÅS I DAG".encode(),
        "åse bjørkås".encode("utf-16-le"),
        "ÅSE BJØRKÅS".encode("utf-16-be"),
        json.dumps({"name": "Åse Bjørkås"}).encode(),
    ],
)
def test_a_name_is_found_in_every_spelling(content: bytes) -> None:
    assert MultiPattern(["Åse Bjørkås", "Kåre Østby"]).found_in(content) == {"Åse Bjørkås"}


def test_what_is_not_there_is_not_found() -> None:
    assert MultiPattern(["Åse Bjørkås"]).found_in(b"Ase Bjorkas, \xc3\xa5se bj\xc3\xb8rk") == set()


def test_one_value_that_begins_like_another_is_found_for_itself() -> None:
    patterns = MultiPattern(["40 41 42", "40 41 42 43 44", "kari@firma.example"])
    assert patterns.found_in(b"tel 40 41 42 43 44") == {"40 41 42 43 44"}
    assert patterns.found_in(b"tel 40 41 42 x KARI@firma.example") == {"40 41 42", "kari@firma.example"}


def test_a_value_across_two_chunks_is_found_once() -> None:
    found = Searched()
    search_stream([b"xx Kari Nord", b"mann yy"], "here", MultiPattern(["Kari Nordmann"]), found)
    assert [(hit.place, hit.needle) for hit in found.hits] == [("here", "Kari Nordmann")]


def test_files_are_searched_and_named_and_those_left_out_are_not(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "log").write_text("Kari Nordmann")
    (tmp_path / "theirs").write_text("Kari Nordmann")
    found = Searched()
    search_files([tmp_path], MultiPattern(["Kari Nordmann"]), found, skip=["theirs"])
    assert [hit.place for hit in found.hits] == ["file a/log"]
    assert found.files == 1


def test_messages_are_searched_by_queue() -> None:
    found = Searched()
    search_messages([("q", b"x"), ("r", b"+4741234567")], MultiPattern(["+4741234567"]), found)
    assert (found.messages, [hit.place for hit in found.hits]) == (2, ["queue r"])


def test_values_too_short_to_mean_anything_are_refused() -> None:
    with pytest.raises(ValueError, match="short"):
        MultiPattern(["kari"])


def test_the_demo_has_fifty_companies_of_every_kind_with_addresses_of_their_own() -> None:
    all_of_them = companies()
    assert len(all_of_them) == 50
    cases = {each.case for each in all_of_them}
    assert cases >= {"matched", "sole_proprietorship", "name_mismatch", "not_found", "deleted", "bankrupt"}
    addresses = [person["email"] for each in all_of_them for person in each.in_run("r1").people]
    assert len(addresses) == len(set(addresses))
    assert all("+r1@" in address for address in addresses)
    assert any(letter in name for each in all_of_them for name in [each.company["name"]] for letter in "æøåÆØÅ")


def test_the_smallest_demo_has_a_bankrupt_company_among_those_that_leave() -> None:
    """Its owner may decide nothing before a person has looked, so a demo without one does not try that way."""
    assert "bankrupt" in {each.case for each in companies()[-SMALLEST : -STAYING - 1]}


def test_every_person_of_the_demo_would_be_found() -> None:
    for each in companies():
        patterns = MultiPattern(each.in_run("r1").patterns())
        for person in each.in_run("r1").people:
            for value in person.values():
                assert patterns.found_in(f"… {value} …".encode()), value
