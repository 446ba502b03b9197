"""A rule that is broken on purpose turns its clause's evidence red: what would not notice proves nothing."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from services.notification.mailgun.rules import PurposeRefused
from shared.terms.enforcement import enforced
from shared.terms.outcomes import FAILED, Check
from shared.terms.proof import Proof
from shared.terms.status import Standing, status
from tests.mutants import MUTANTS, ROOT, broken, rule_of

pytestmark = pytest.mark.terms

LIMIT_SECONDS = 300


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict[str, dict]:
    """What breaking each rule showed, in a process of its own: nobody else meets a broken rule."""
    out = tmp_path_factory.mktemp("mutants") / "found.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.mutants", str(out)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS,
    )  # fmt: skip
    assert out.exists(), done.stdout + done.stderr
    return json.loads(out.read_text())


def test_every_clause_that_has_a_rule_has_one_broken():
    assert MUTANTS.keys() == {clause_id for clause_id, behind in enforced().items() if behind.rules}


@pytest.mark.parametrize("clause_id", MUTANTS)
def test_the_evidence_of_the_clause_turns_red_and_green_again(found, clause_id):
    seen = found[clause_id]
    assert seen["tests"], "no quick test names this clause"
    assert seen["red"], f"{seen['rule']} can be broken, and {seen['tests']} tests do not notice"
    assert seen["green_again"], seen["red"]
    checks = {clause_id: (Check(seen["red"], FAILED),)}
    assert {each.clause.id: each for each in status(Proof(checks=checks))}[clause_id].standing is Standing.FAILED


def test_a_broken_rule_is_mended_afterwards_whatever_happens():
    rule, code = rule_of("PARTY-5"), rule_of("PARTY-5").__code__

    def meet_it_and_fail():
        with broken(rule):
            assert rule.__code__ is not code
            rule("marketing", "none of ours")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        meet_it_and_fail()
    assert rule.__code__ is code
    with pytest.raises(PurposeRefused):
        rule("marketing", "none of ours")
