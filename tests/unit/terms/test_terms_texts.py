"""The texts that customers accept: held whole, known by their digest, and no sample in production."""

from __future__ import annotations

import hashlib
import json
from datetime import date

import pytest

from services.account.agreements.calls import Attestations
from shared.records import schema_of
from shared.terms import texts

pytestmark = [pytest.mark.unit, pytest.mark.clause("ACCEPT-1")]


def put(folder, version="v2", valid_from="2026-12-01", **changes):
    at = folder / version
    at.mkdir(parents=True)
    (at / "version.json").write_text(json.dumps({"valid_from": valid_from, "is_demo": False} | changes))
    for language in texts.LANGUAGES:
        (at / f"{language}.txt").write_bytes(f"{version} {language} æøå\n".encode())
    return at


def test_the_digest_is_of_the_exact_bytes_of_the_file(tmp_path):
    at = put(tmp_path)
    (version,) = texts.load(tmp_path, allow_demo=False).versions
    for language in texts.LANGUAGES:
        assert version.sha256(language) == hashlib.sha256((at / f"{language}.txt").read_bytes()).hexdigest()
    assert version.sha256("nb") != version.sha256("en")


def test_the_youngest_version_that_has_begun_is_in_force_and_older_ones_stay_readable(tmp_path):
    put(tmp_path, "v2", "2026-12-01")
    put(tmp_path, "v1", "2020-04-26")
    held = texts.load(tmp_path, allow_demo=False)
    assert held.in_force(date(2026, 11, 30)).version == "v1"
    assert held.in_force(date(2026, 12, 1)).version == "v2"
    assert held.find("v1").texts["nb"].startswith("v1 nb")
    assert held.find("v3") is None
    with pytest.raises(texts.TermsTextError):
        held.in_force(date(2020, 4, 25))


def test_the_sample_is_whole_and_production_refuses_it():
    (sample,) = texts.load(texts.DEMO, allow_demo=True).versions
    assert sample.is_demo
    assert "eksempeltekst" in sample.texts["nb"]
    with pytest.raises(texts.TermsTextError, match="VILKAR_TERMS_DIR"):
        texts.load(texts.DEMO, allow_demo=False)


@pytest.mark.parametrize("without", ["version.json", "nb.txt", "en.txt"])
def test_a_version_that_lacks_anything_is_refused(tmp_path, without):
    (put(tmp_path) / without).unlink()
    with pytest.raises(texts.TermsTextError, match="not complete"):
        texts.load(tmp_path, allow_demo=True)


@pytest.mark.parametrize("content", [b"", b"  \n", b"x" * (texts.TEXT_LIMIT_BYTES + 1)])
def test_an_empty_text_and_one_without_end_are_refused(tmp_path, content):
    (put(tmp_path) / "en.txt").write_bytes(content)
    with pytest.raises(texts.TermsTextError):
        texts.load(tmp_path, allow_demo=True)


def test_no_version_and_two_of_one_day_are_refused(tmp_path):
    with pytest.raises(texts.TermsTextError, match="no version"):
        texts.load(tmp_path, allow_demo=True)
    put(tmp_path, "v1")
    put(tmp_path, "v2")
    with pytest.raises(texts.TermsTextError, match="same day"):
        texts.load(tmp_path, allow_demo=True)


def test_each_attestation_has_its_sentence_in_both_languages_known_by_its_digest():
    assert texts.SENTENCES.keys() == schema_of(Attestations).fields.keys()
    shown = texts.shown_sentences("nb")
    assert {each["id"]: each["sha256"] for each in shown} == {
        name: hashlib.sha256(words["nb"].encode()).hexdigest() for name, words in texts.SENTENCES.items()
    }
    assert (
        len({digest["sha256"] for language in texts.LANGUAGES for digest in texts.shown_sentences(language)}) == 8
    )
