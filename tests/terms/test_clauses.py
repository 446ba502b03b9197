"""The clauses as a whole: complete, in our own words, and rightly placed in the source."""

from __future__ import annotations

import hashlib
import os
from datetime import date
from pathlib import Path

import pytest
import source_digest

from shared.terms import BY_ID, CLAUSES, PARAMETERS
from shared.terms import source as document
from shared.terms.source import HEADINGS

pytestmark = pytest.mark.terms

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = os.environ.get("VILKAR_TERMS_SOURCE", "")
needs_the_published_text = pytest.mark.skipif(
    not PUBLISHED, reason="VILKAR_TERMS_SOURCE does not name a file with the published terms"
)


def test_every_number_from_1_to_85_is_one_clause():
    assert [each.number for each in CLAUSES] == list(range(1, 86))
    assert len({each.id for each in CLAUSES}) == 85


def test_the_index_gives_each_clause_back_by_its_id():
    assert all(BY_ID[each.id] is each for each in CLAUSES)


def test_no_two_clauses_promise_the_same_in_the_same_words():
    assert len({each.nb for each in CLAUSES}) == 85
    assert len({each.en for each in CLAUSES}) == 85


def test_every_promise_is_a_sentence_in_both_languages():
    for each in CLAUSES:
        for promise in (each.nb, each.en):
            assert promise[0].isupper(), each.id
            assert promise.endswith("."), each.id
            assert len(promise.split()) >= 3, each.id


def test_all_take_effect_with_the_document():
    assert {each.effective for each in CLAUSES} == {date(2020, 4, 26)}


def test_the_two_clocks_of_erasure_are_two_clauses_and_both_last_three_months():
    clocks = [BY_ID["ERASE-1"], BY_ID["ERASE-2"]]
    assert [(each.number, each.value.amount, each.value.unit) for each in clocks] == [
        (60, 3, "calendar months"),
        (61, 3, "calendar months"),
    ]


def test_a_value_that_names_a_parameter_is_that_parameters_default():
    named = [(each, each.value) for each in CLAUSES if each.value and each.value.parameter]
    assert named
    for each, value in named:
        assert PARAMETERS[value.parameter].default == value.amount, each.id
        assert PARAMETERS[value.parameter].unit.startswith(value.unit), each.id


def test_no_promise_copies_six_words_in_a_row_from_the_source():
    source = source_digest.known()
    for each in CLAUSES:
        assert source_digest.copied(each.nb, source) == [], each.id


def test_no_text_of_the_project_copies_six_words_in_a_row_from_the_source():
    source = source_digest.known()
    copied = {
        str(path.relative_to(ROOT)): found
        for path in _texts()
        if (found := source_digest.copied(path.read_text(encoding="utf-8"), source))
    }
    assert copied == {}


def test_the_search_for_copies_finds_one():
    source = frozenset(source_digest.digests("one two three four five six seven"))
    assert source_digest.copied("And: ONE, two three\nfour five six!", source) == ["one two three four five six"]
    assert source_digest.copied("one two three four five, then six", source) == []


def test_the_list_of_runs_is_that_of_a_whole_document():
    assert len(source_digest.known()) > 3000


@needs_the_published_text
def test_the_list_of_runs_and_the_digest_belong_to_the_published_text():
    published = Path(PUBLISHED).read_bytes()
    assert hashlib.sha256(published).hexdigest() == document.SHA256
    assert source_digest.digests(published.decode()) == source_digest.known()


@needs_the_published_text
def test_every_citation_stands_on_a_line_that_says_something_and_headings_stand_where_we_say():
    lines = Path(PUBLISHED).read_text(encoding="utf-8").splitlines()
    assert len(lines) == document.LINES
    cited = {place.line for each in CLAUSES for place in each.source}
    for line in cited | {heading.first_line for heading in HEADINGS}:
        assert lines[line - 1].strip(), line
    promising_headings = {25}
    assert cited & {heading.first_line for heading in HEADINGS} == promising_headings


def _texts():
    kinds = {".py", ".md", ".txt", ".html", ".json", ".sql", ".toml", ".yml", ".yaml"}
    for top in ("services", "shared", "sandbox", "deploy", "docs", "tests"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in kinds and path.is_file() and path != source_digest.RUNS_FILE:
                yield path
    yield from (path for path in ROOT.glob("*.md"))
