"""What is signed of a version: which files it is of, and that nobody else can say so."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from datetime import UTC, datetime

import pytest

from deploy.release.__main__ import NotReleasedError, main, make_key, make_release
from shared.config import SettingError
from shared.evidence import release, tree
from shared.evidence.release import NotGenuineError
from shared.signing import SigningKey
from shared.terms import outcomes
from shared.terms.outcomes import FAILED, NOT_RUN, PASSED, Check
from shared.terms.proof import Basis
from shared.terms.status import Standing, status

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
CLAUSE = "COOKIE-1"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A small checkout whose tests ran, and a key that lies elsewhere."""
    root = tmp_path / "checkout"
    for path in ("pyproject.toml", "services/a.py", "shared/evidence/b.py", "docs/c.md", "requirements.lock"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)
    monkeypatch.setattr(outcomes, "OUTCOMES_FILE", root / ".run" / "outcomes.json")
    make_key(tmp_path / "key")
    ran(root, PASSED, PASSED)
    return root


def ran(root, *words):
    here = tree.digest(tree.manifest(root))
    checks = tuple(Check(f"t.py::{n}", word, here) for n, word in enumerate(words))
    outcomes.write({CLAUSE: checks}, outcomes.OUTCOMES_FILE)


def released(root):
    return make_release(root.parent / "key", NOW, root=root, recorded=outcomes.OUTCOMES_FILE)


def proof_without_runs(root, settings=None):
    outcomes.OUTCOMES_FILE.unlink(missing_ok=True)
    return release.proof(settings or {}, root=root)


def standing(proof):
    return next(each for each in status(proof) if each.clause.id == CLAUSE)


class TestProof:
    def test_a_fresh_machine_knows_what_is_proved_for_exactly_its_files(self, project):
        assert "2 of 2 tests" in released(project)
        proof = proof_without_runs(project)
        assert proof.release.basis is Basis.THIS
        assert proof.release.signed_at == NOW
        assert standing(proof).standing is Standing.KEPT

    def test_the_signed_file_itself_is_none_of_the_files(self, project):
        before = tree.digest(tree.manifest(project))
        released(project)
        assert tree.digest(tree.manifest(project)) == before

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("services/a.py", "x"),
            ("services/new.py", "x"),
            ("services/build/new.py", "x"),
            ("services/dist/__init__.py", "x"),
            ("services/a.pyc", "x"),
            ("shared/evidence/release/__init__.py", "x"),
            ("docs/c.md", None),
        ],
    )
    def test_other_files_are_counted_and_nothing_is_proved_for_them(self, project, path, text):
        released(project)
        (project / path).unlink(missing_ok=True)
        if text is not None:
            (project / path).parent.mkdir(parents=True, exist_ok=True)
            (project / path).write_text(text)
        proof = proof_without_runs(project)
        assert (proof.release.basis, proof.release.differing) == (Basis.EARLIER, 1)
        assert standing(proof).standing is Standing.NOT_CHECKED
        assert [each.outcome for each in standing(proof).released] == [PASSED, PASSED]

    def test_a_folder_that_is_elsewhere_is_a_file_that_differs(self, project, tmp_path):
        released(project)
        (tmp_path / "elsewhere").mkdir()
        (project / "services" / "more").symlink_to(tmp_path / "elsewhere")
        assert proof_without_runs(project).release.differing == 1

    def test_what_tools_leave_in_the_root_is_none_of_the_files(self, project):
        released(project)
        for path in ("build/lib/services/a.py", ".venv/x.py", "services/__pycache__/a.cpython-311.pyc"):
            (project / path).parent.mkdir(parents=True, exist_ok=True)
            (project / path).write_text("left behind")
        assert proof_without_runs(project).release.basis is Basis.THIS

    def test_a_part_of_the_files_as_an_image_has_them_is_still_of_this_version(self, project):
        released(project)
        for path in ("pyproject.toml", "docs/c.md"):
            (project / path).unlink()
        (project / "elsewhere").mkdir()
        (project / "elsewhere" / "other.py").write_text("of another package in the same folder")
        assert proof_without_runs(project).release.basis is Basis.THIS
        (project / "services/a.py").write_text("changed in the image")
        assert proof_without_runs(project).release.differing == 1

    def test_without_a_signed_file_only_what_ran_on_these_files_counts(self, project):
        proof = release.proof({}, root=project)
        assert proof.release.basis is Basis.UNSIGNED
        assert standing(proof).standing is Standing.KEPT
        (project / "services/a.py").write_text("changed")
        assert standing(release.proof({}, root=project)).standing is Standing.NOT_CHECKED

    def test_a_failure_on_this_machine_counts_although_all_had_passed_at_the_release(self, project):
        released(project)
        ran(project, PASSED, FAILED)
        assert standing(release.proof({}, root=project)).standing is Standing.FAILED

    def test_one_failure_and_one_that_was_not_run_are_shown_as_such(self, project):
        ran(project, PASSED, FAILED, NOT_RUN)
        assert released(project).endswith(f"not all passed: {CLAUSE}")
        found = standing(proof_without_runs(project))
        assert found.as_json()["tests"] == {"passed": 1, "of": 3}
        assert found.standing is Standing.FAILED


class TestSignature:
    def altered(self, project, change):
        path = project / tree.EVIDENCE / release.FILE
        body = json.loads(path.read_text())
        change(body)
        path.write_text(json.dumps(body))
        return proof_without_runs(project).release.basis

    @pytest.mark.parametrize(
        "change",
        [
            lambda body: body["clauses"][CLAUSE].update(n=3, of=3),
            lambda body: body["files"].update({"services/a.py": "0" * 64}),
            lambda body: body.update(version="9.9.9"),
            lambda body: body.update(key="0" * 16),
            lambda body: body.update(signature="AAAA"),
            lambda body: body.pop("tested_at"),
        ],
    )
    def test_what_was_altered_is_not_genuine(self, project, change):
        released(project)
        assert self.altered(project, change) is Basis.NOT_GENUINE

    def test_what_another_key_signed_is_not_genuine_where_a_setting_names_whose_key_counts(self, project):
        released(project)
        ours = (project / tree.EVIDENCE / release.KEYS).read_text()
        other = SigningKey.parse(base64.b64encode(os.urandom(32)).decode()).public.text()
        assert proof_without_runs(project, {release.SETTING: ours}).release.basis is Basis.THIS
        assert proof_without_runs(project, {release.SETTING: other}).release.basis is Basis.NOT_GENUINE
        assert proof_without_runs(project, {release.SETTING: "none"}).release.basis is Basis.NOT_GENUINE

    def test_an_older_key_still_counts_for_what_it_signed(self, project):
        released(project)
        (project.parent / "key").unlink()
        signed_by_first = (project / tree.EVIDENCE / release.FILE).read_text()
        make_key(project.parent / "key")
        ran(project, PASSED)
        released(project)
        keys = release.known_keys({}, project / tree.EVIDENCE)
        assert len(keys) == 2
        assert release.opened(signed_by_first, keys)[1] == keys[1].id

    @pytest.mark.parametrize("text", ["", "[]", "{}", "7", '{"signature": 7, "key": "x"}'])
    def test_anything_else_is_refused(self, text):
        with pytest.raises(NotGenuineError):
            release.opened(text, [])


class TestMaking:
    def test_without_a_test_on_exactly_these_files_nothing_is_signed(self, project):
        (project / "services/a.py").write_text("changed after the tests")
        with pytest.raises(NotReleasedError, match="no test was run on exactly these files"):
            released(project)

    def test_a_key_inside_the_repository_is_refused(self, project):
        (project / "key").write_text((project.parent / "key").read_text())
        with pytest.raises(NotReleasedError, match="outside"):
            make_release(project / "key", NOW, root=project, recorded=outcomes.OUTCOMES_FILE)

    def test_what_is_not_committed_is_not_signed(self, project):
        git = ["git", "-C", str(project), "-c", "user.name=x", "-c", "user.email=x@example.no"]
        subprocess.run([*git, "init", "--quiet"], check=True)
        (project / ".gitignore").write_text(".run/\n")
        with pytest.raises(NotReleasedError, match="commit first"):
            released(project)
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "--quiet", "--message", "x"], check=True)
        ran(project, PASSED)
        assert "1 of 1" in released(project)
        assert "1 of 1" in released(project), "what it wrote itself does not keep it from being done again"

    def test_a_key_is_its_owners_alone_and_never_written_over(self, project):
        assert (project.parent / "key").stat().st_mode & 0o777 == 0o600
        with pytest.raises(NotReleasedError, match="there already"):
            make_key(project.parent / "key")

    def test_the_command_says_why_nothing_was_signed(self, project, capsys):
        assert main([str(project / "key")], root=project) == 1
        assert "outside the repository" in capsys.readouterr().err
        (project.parent / "bad").write_text("no key")
        assert main([str(project.parent / "bad")], root=project) == 1
        assert "base64" in capsys.readouterr().err
        assert main([str(project.parent / "none")], root=project) == 1
        assert main([str(project.parent / "key")], root=project) == 0
        assert "2 of 2 tests" in capsys.readouterr().out


def test_a_setting_that_is_no_key_is_refused_by_whoever_reads_it():
    with pytest.raises(SettingError):
        release.known_keys({release.SETTING: "none"})
