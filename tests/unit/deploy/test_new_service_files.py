"""The rooms of a new service, as text; tests/integration/deploy/test_new_service.py starts what is made."""

from __future__ import annotations

import ast

import pytest

from deploy.new_service import __main__ as program
from deploy.new_service.__main__ import NewServiceError, contents, files_of, words_of
from shared.database.migrate import ROOT

pytestmark = pytest.mark.unit


def test_a_name_has_three_spellings():
    assert words_of("legal-cases") == {"name": "legal-cases", "folder": "legal_cases", "class_name": "LegalCases"}


@pytest.mark.parametrize(
    "name",
    ["", "Cases", "legal_cases", "2cases", "-cases", "cases-", "a--b", "account", "billing-sync", "relay",
     "keyring", "guest", "admin", "postgres"],
)  # fmt: skip
def test_a_name_that_is_none_or_somebody_elses_is_refused(name):
    with pytest.raises(NewServiceError):
        words_of(name)


def test_a_refusal_is_said_in_a_sentence(capsys):
    assert program.main(["account"]) == 2
    assert capsys.readouterr().err.startswith("new_service: ")


def test_every_file_is_made_of_its_template_and_nothing_is_left_open():
    files = files_of(words_of("legal-cases"))
    assert len(files) == len([*program.TEMPLATE.rglob("*.txt")])
    assert {path.split("/")[0] for path in files} == {"services", "tests"}
    assert [path for path, text in files.items() if "$" in text] == []
    for path, text in files.items():
        if path.endswith(".py"):
            ast.parse(text, path)


def test_the_entries_are_added_and_the_rest_of_each_file_stays():
    for path, text in contents(ROOT, "legal-cases").items():
        if (ROOT / path).exists():
            before = (ROOT / path).read_text(encoding="utf-8")
            at = next(number for number, (old, new) in enumerate(zip(before, text, strict=False)) if old != new)
            added = len(text) - len(before)
            assert added > 0
            assert text[:at] + text[at + added :] == before, path


def test_what_is_there_is_not_written_over(monkeypatch):
    monkeypatch.setattr(program, "words_of", lambda _: {"name": "account", "folder": "account", "class_name": "A"})
    with pytest.raises(NewServiceError, match="there already"):
        contents(ROOT, "account")


def test_a_file_without_a_place_for_the_entry_is_named(tmp_path):
    for path in program.ENTRIES:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("something else")
    with pytest.raises(NewServiceError, match=r"shared/system\.py has no one place"):
        contents(tmp_path, "legal-cases")
