"""The thread from promise to rule to check, on the project as it stands."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.desk.cli.app import app
from services.desk.cli.output import FAULT
from shared.evidence import tree
from shared.terms import BY_ID, outcomes, registered, rule_discovery
from shared.terms.enforcement import Enforced, enforced

pytestmark = pytest.mark.terms

ROOT = Path(__file__).resolve().parents[2]

SUITE = """
import pytest

@pytest.mark.clause("ERASE-1")
def test_good(): pass

@pytest.mark.clause("ERASE-1", "ERASE-3")
@pytest.mark.parametrize("n", [1, 2])
def test_half_bad(n): assert n == 1

@pytest.mark.clause("HOLD-1")
class TestAll:
    def test_left_out(self): pass

@pytest.mark.clause("MAIL-1")
def test_skipped(): pytest.skip("not here")

@pytest.fixture
def broken(): raise RuntimeError

@pytest.mark.clause("MAIL-2")
def test_broken(broken): pass

def test_nothing_to_do_with_it(): pass
"""


def run_suite(
    folder: Path, *arguments: str, suite: str = SUITE, cache: str = "no:cacheprovider"
) -> tuple[int, str]:
    """Run pytest in a folder of its own with only our plugin, recording into that folder."""
    (folder / "test_suite.py").write_text(suite)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n")
    beside = ("-p", "xdist.plugin") if "-n" in arguments else ()
    command = [sys.executable, "-m", "pytest", "-p", "tests.plugins.terms", "-p", cache, *beside]
    command += [f"--rootdir={folder}", "-c", "pytest.ini", "--terms-outcomes", "out.json", *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def recorded(folder: Path) -> dict[str, dict[str, str]]:
    plain = json.loads((folder / "out.json").read_text())
    return {
        key: {each["test"].partition("::")[2]: each["outcome"] for each in found} for key, found in plain.items()
    }


def test_a_run_records_how_each_named_check_ended(tmp_path):
    code, said = run_suite(tmp_path, "-k", "not left_out")
    assert code == 1, said
    assert recorded(tmp_path) == {
        "ERASE-1": {"test_good": "passed", "test_half_bad[1]": "passed", "test_half_bad[2]": "failed"},
        "ERASE-3": {"test_half_bad[1]": "passed", "test_half_bad[2]": "failed"},
        "HOLD-1": {"TestAll::test_left_out": "not run"},
        "MAIL-1": {"test_skipped": "not run"},
        "MAIL-2": {"test_broken": "failed"},
    }


def test_a_run_of_one_test_is_added_to_what_is_known(tmp_path):
    run_suite(tmp_path)
    before = recorded(tmp_path)
    code, said = run_suite(tmp_path, "test_suite.py::test_good")
    assert code == 0, said
    assert recorded(tmp_path) == before
    assert before["HOLD-1"] == {"TestAll::test_left_out": "passed"}


@pytest.mark.parametrize("beside", [(), ("-n", "2")])
def test_what_a_run_was_not_asked_for_is_counted_as_not_run(tmp_path, beside):
    code, said = run_suite(tmp_path, "-k", "test_half_bad and 1", *beside)
    assert code == 0, said
    assert recorded(tmp_path)["ERASE-1"] == {
        "test_good": "not run",
        "test_half_bad[1]": "passed",
        "test_half_bad[2]": "not run",
    }
    assert recorded(tmp_path)["HOLD-1"] == {"TestAll::test_left_out": "not run"}


@pytest.mark.parametrize("beside", [(), ("-n", "2")])
def test_what_passed_is_still_known_after_what_failed_was_run_again(tmp_path, beside):
    suite = "import pathlib\n" + SUITE.replace("assert n == 1", 'assert n == 1 or pathlib.Path("mended").exists()')
    run_suite(tmp_path, *beside, suite=suite, cache="cacheprovider")
    before = recorded(tmp_path)
    assert before["ERASE-1"]["test_good"] == "passed"
    (tmp_path / "mended").touch()
    code, said = run_suite(
        tmp_path,
        "--last-failed",
        "--deselect",
        "test_suite.py::test_broken",
        *beside,
        suite=suite,
        cache="cacheprovider",
    )
    assert code == 0, said
    assert before["ERASE-1"].pop("test_half_bad[2]") == before["ERASE-3"].pop("test_half_bad[2]") == "failed"
    mended = {"test_half_bad[2]": "passed"}
    assert recorded(tmp_path) == before | {
        "ERASE-1": before["ERASE-1"] | mended,
        "ERASE-3": before["ERASE-3"] | mended,
    }


def test_what_passed_is_still_known_where_a_run_beside_each_other_was_broken_off(tmp_path):
    suite = 'import pytest, pathlib, os\n@pytest.mark.clause("MAIL-1")\n@pytest.mark.parametrize("n", range(9))\n'
    suite += 'def test_it(n): assert not pathlib.Path("broken").exists()\n'
    run_suite(tmp_path, "-n", "2", suite=suite)
    assert len(recorded(tmp_path)["MAIL-1"]) == 9
    (tmp_path / "broken").touch()
    run_suite(tmp_path, "-n", "2", "-x", suite=suite)
    assert len(recorded(tmp_path)["MAIL-1"]) == 9
    assert "failed" in recorded(tmp_path)["MAIL-1"].values()


def test_a_file_that_no_run_has_read_yet_counts_as_one_test_that_was_not_run(tmp_path):
    other = tmp_path / "test_other.py"
    other.write_text('import pytest\npytestmark = pytest.mark.clause("ERASE-1", "DOC-1")\ndef test_other(): pass\n')
    run_suite(tmp_path, "test_suite.py")
    plain = json.loads((tmp_path / "out.json").read_text())
    assert [(each["test"], each["outcome"]) for each in plain["DOC-1"]] == [("test_other.py", "not run")]
    assert ("test_other.py", "not run") in [(each["test"], each["outcome"]) for each in plain["ERASE-1"]]
    run_suite(tmp_path, "test_other.py")
    plain = json.loads((tmp_path / "out.json").read_text())
    assert [(each["test"], each["outcome"]) for each in plain["DOC-1"]] == [("test_other.py::test_other", "passed")]
    assert len(plain["ERASE-1"]) == 4


def test_an_unknown_clause_stops_the_run(tmp_path):
    suite = 'import pytest\n@pytest.mark.clause("ERASE-99")\ndef test_it(): pass\n'
    code, said = run_suite(tmp_path, suite=suite)
    assert code == pytest.ExitCode.USAGE_ERROR, said
    assert "there is no clause 'ERASE-99'" in said
    assert not (tmp_path / "out.json").exists()


def test_a_mark_without_a_clause_stops_the_run(tmp_path):
    suite = "import pytest\n@pytest.mark.clause()\ndef test_it(): pass\n"
    code, said = run_suite(tmp_path, suite=suite)
    assert code == pytest.ExitCode.USAGE_ERROR, said


def test_merely_collecting_records_nothing(tmp_path):
    code, said = run_suite(tmp_path, "--collect-only", "-q")
    assert code == 0, said
    assert not (tmp_path / "out.json").exists()


def test_rule_modules_are_found_on_disk_and_no_other_is_imported(tmp_path):
    rule, other = "x = 1\n@enforces(erasure.ERASE_AFTER_INACTIVE)\n", "raise AssertionError\n"
    places = {"one/rules.py": rule, "two/a/rules.py": rule, "two/a/signing.py": rule, "two/a/store.py": other}
    for name, text in places.items():
        path = tmp_path / "services" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert rule_discovery.rule_modules(tmp_path) == (
        "services.one.rules",
        "services.two.a.rules",
        "services.two.a.signing",
    )


def test_every_rule_of_every_service_names_clauses_that_exist():
    names = rule_discovery.load_rules()
    assert "services.retention.clocks.rules" in names
    ours = [each for each in registered() if each.module.startswith("services.")]
    assert ours
    for each in ours:
        assert set(each.clause_ids) <= BY_ID.keys(), each.name


@pytest.mark.parametrize("clause_id", BY_ID)
def test_whatever_is_enforced_is_watched_or_says_why_it_cannot_be(clause_id):
    clause, behind = BY_ID[clause_id], enforced().get(clause_id, Enforced())
    is_enforced = bool(behind.rules or clause.built)
    assert bool(behind.probes) + (clause.unwatched is not None) == is_enforced


def test_every_structure_names_an_existing_file():
    for clause in BY_ID.values():
        for each in clause.built:
            assert (ROOT / each.where).is_file(), each.where


@pytest.fixture
def nobody_logged_in(tmp_path, monkeypatch):
    """No session: what a system on this machine has seen of its promises is not asked for."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


@pytest.mark.usefixtures("nobody_logged_in")
@pytest.mark.parametrize(
    ("form", "start"),
    [((), " 1 DOC-1"), (("--json",), "{"), (("--jsonld",), "{"), (("--markdown",), "# The promises")],
)
def test_the_command_prints_every_clause(form, start, tmp_path, monkeypatch):
    monkeypatch.setattr(outcomes, "OUTCOMES_FILE", tmp_path / "none.json")
    done = CliRunner().invoke(app, ["terms", *form])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(start)
    assert all(clause_id in done.stdout for clause_id in BY_ID)


@pytest.mark.usefixtures("nobody_logged_in")
def test_the_command_ends_with_an_error_when_a_promise_is_broken(tmp_path, monkeypatch):
    here = tree.digest(tree.manifest())
    monkeypatch.setattr(outcomes, "OUTCOMES_FILE", tmp_path / "outcomes.json")
    outcomes.write({"ERASE-1": (outcomes.Check("tests/x.py::y", "failed", here),)}, outcomes.OUTCOMES_FILE)
    done = CliRunner().invoke(app, ["terms"])
    assert done.exit_code == FAULT
    assert "1 failed" in done.output
