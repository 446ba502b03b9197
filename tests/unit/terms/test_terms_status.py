"""What may be called kept: what enforces a clause, what its tests said, what its probes saw."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.terms import (
    CLAUSES,
    UnknownClauseError,
    enforced_by,
    enforces,
    json_report,
    outcomes,
    registered,
    text_report,
)
from shared.terms.clause import Text
from shared.terms.clauses import erasure
from shared.terms.enforcement import Enforced, Probe, from_json, to_json
from shared.terms.outcomes import FAILED, NOT_RUN, PASSED, Check, OutcomesError
from shared.terms.proof import LATE, Basis, Look, Proof, Release
from shared.terms.rule_registry import Enforcement
from shared.terms.status import Standing, status, totals

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
RULE = "services.retention.clocks.rules.plan_erasure"
PROBE = Probe("retention", "late", Text("slettinger som er for sene", "erasures that are late"), 300)
WHOLE, PARTIAL, BUILT, NOTHING = "ERASE-1", "STAFF-1", "COOKIE-1", "PLACE-1"
BEHIND = {WHOLE: Enforced((RULE,), (PROBE,)), PARTIAL: Enforced((RULE,))}


def checked(clause_id, words, tree="t"):
    return {clause_id: tuple(Check(f"tests/x.py::t{n}", word, tree) for n, word in enumerate(words))}


def saw(count, *, ago=timedelta()):
    return {("retention", "late"): Look(at=NOW - ago, count=count)}


def of(clause_id, *, checks=(), looks=None, behind=BEHIND):
    proof = Proof(checks=checked(clause_id, checks))
    return next(each for each in status(proof, looks, NOW, by_clause=behind) if each.clause.id == clause_id)


class TestEnforces:
    def test_the_rule_itself_is_handed_back_unchanged_and_knows_its_clauses(self):
        def rule(a: int, *, b: int = 2) -> int:
            return a + b

        decorated = enforces(erasure.ERASE_AFTER_INACTIVE, "ERASE-3")(rule)
        assert decorated is rule
        assert decorated(1, b=3) == 4
        assert enforced_by(rule) == ("ERASE-1", "ERASE-3")
        assert Enforcement(__name__, rule.__qualname__, ("ERASE-1", "ERASE-3")) in registered()

    def test_saying_it_twice_adds_and_does_not_repeat(self):
        @enforces("ERASE-1")
        @enforces("ERASE-3", "ERASE-1")
        def another() -> None:
            pass

        assert enforced_by(another) == ("ERASE-3", "ERASE-1")
        assert sum(each.qualname == another.__qualname__ for each in registered()) == 1

    def test_a_function_that_claims_nothing_enforces_nothing(self):
        assert enforced_by(lambda: None) == ()

    def test_an_unknown_clause_is_an_error_when_the_module_is_read(self):
        with pytest.raises(UnknownClauseError, match="ERASE-77"):
            enforces("ERASE-77")

    def test_naming_no_clause_is_an_error(self):
        with pytest.raises(ValueError, match="at least one"):
            enforces()


class TestStanding:
    def test_all_tests_passed_and_the_probe_saw_that_it_holds(self):
        assert of(WHOLE, checks=[PASSED, PASSED], looks=saw(0)).standing is Standing.KEPT

    def test_without_a_running_system_it_is_proved_and_not_more(self):
        assert of(WHOLE, checks=[PASSED]).standing is Standing.PROVED

    def test_what_is_built_needs_no_rule_and_what_has_no_probe_needs_no_look(self):
        assert of(BUILT, checks=[PASSED]).standing is Standing.KEPT
        assert of(BUILT, checks=[PASSED], looks={}).standing is Standing.KEPT

    def test_one_failed_test_breaks_it_whatever_the_others_and_the_probe_say(self):
        assert of(WHOLE, checks=[PASSED, FAILED, PASSED], looks=saw(0)).standing is Standing.FAILED

    def test_a_failed_test_of_something_nothing_enforces_is_still_a_failure(self):
        assert of(NOTHING, checks=[FAILED]).standing is Standing.FAILED

    def test_a_probe_that_sees_otherwise_breaks_it_whatever_the_tests_say(self):
        assert of(WHOLE, checks=[PASSED], looks=saw(1)).standing is Standing.FAILED

    @pytest.mark.parametrize(
        "looks", [{}, saw(0, ago=timedelta(seconds=301) + LATE)], ids=["never", "too long ago"]
    )
    def test_what_was_not_looked_at_in_time_is_not_called_kept(self, looks):
        found = of(WHOLE, checks=[PASSED], looks=looks)
        assert found.standing is Standing.NOT_CHECKED
        assert found.as_json()["probes"][0]["seen"] == "not checked"

    def test_an_old_finding_is_not_told_as_what_is_now(self):
        assert of(WHOLE, checks=[PASSED], looks=saw(3, ago=timedelta(days=1))).standing is Standing.NOT_CHECKED

    @pytest.mark.parametrize("checks", [[], [NOT_RUN], [PASSED, NOT_RUN]])
    def test_one_test_that_was_not_run_is_one_too_few(self, checks):
        found = of(WHOLE, checks=checks, looks=saw(0))
        assert found.standing is Standing.NOT_CHECKED
        assert found.as_json()["tests"] == {"passed": checks.count(PASSED), "of": len(checks)}

    @pytest.mark.parametrize("checks", [[], [NOT_RUN], [PASSED]])
    def test_without_rule_or_structure_it_is_not_yet_even_where_a_test_passes(self, checks):
        assert of(NOTHING, checks=checks).standing is Standing.NOT_YET

    def test_while_a_part_is_missing_it_is_kept_in_part_and_says_what_is_missing(self):
        found = of(PARTIAL, checks=[PASSED])
        assert found.standing is Standing.PARTLY
        assert found.as_json()["missing"] == [each.as_json() for each in found.clause.missing]
        assert of(PARTIAL, checks=[PASSED, FAILED]).standing is Standing.FAILED
        assert of(PARTIAL, checks=[]).standing is Standing.NOT_CHECKED

    @given(
        st.booleans(),
        st.lists(st.sampled_from([PASSED, FAILED, NOT_RUN]), max_size=4),
        st.sampled_from([None, {}, saw(0), saw(1), saw(0, ago=timedelta(days=1))]),
    )
    def test_kept_means_that_all_of_it_was_seen(self, rule, checks, looks):
        found = of(WHOLE, checks=checks, looks=looks, behind=BEHIND if rule else {})
        whole = bool(checks) and set(checks) == {PASSED}
        assert (found.standing is Standing.KEPT) == (rule and whole and looks == saw(0))
        assert (found.standing is Standing.PROVED) == (rule and whole and looks is None)

    def test_every_clause_is_listed_once_and_the_totals_add_up(self):
        statuses = status(by_clause={WHOLE: Enforced((RULE,))})
        built = sum(bool(each.built) for each in CLAUSES)
        assert [each.clause for each in statuses] == list(CLAUSES)
        assert totals(statuses) == {
            "kept": 0, "proved": 0, "partly": 0, "failed": 0, "not checked": 1 + built, "not yet": 84 - built,
        }  # fmt: skip


class TestEnforcement:
    def test_rules_and_probes_survive_being_written_and_read(self):
        rules = [Enforcement("services.retention.clocks.rules", "plan_erasure", (WHOLE, PARTIAL))]
        assert from_json(to_json(rules, {WHOLE: [PROBE]})) == BEHIND


class TestListing:
    PROOF = Proof(
        release=Release(basis=Basis.THIS, version="0.1.0", tested_at=NOW, key="ab" * 8),
        checks={**checked(WHOLE, [PASSED, PASSED]), **checked(PARTIAL, [PASSED, NOT_RUN])},
    )
    STATUSES = status(PROOF, saw(2), NOW, by_clause=BEHIND)

    def test_the_text_shows_rule_tests_probe_what_is_missing_and_what_it_rests_on(self):
        text = text_report.as_text(self.STATUSES, self.PROOF)
        assert "60 ERASE-1     FAILED      I 4 (L59)" in text
        assert f"rule       {RULE}" in text
        assert "tests      2 of 2 passed" in text
        assert "tests      1 of 2 passed\n   test       not run  tests/x.py::t1" in text
        assert (
            "probe      contradicted erasures that are late (retention; looked at 2026-11-30 12:00, 2 found)"
            in text
        )
        assert "missing    whoever is root on the machine" in text
        assert "version 0.1.0, 2026-11-30: exactly the files that are here, signed with key abab" in text
        assert text.endswith("0 things are as promised, 1 are not, and 0 were not looked at in time.\n")

    def test_what_is_otherwise_is_told_once_with_all_it_contradicts_and_what_staff_do(self):
        shared = {WHOLE: Enforced((RULE,), (PROBE,)), PARTIAL: Enforced((RULE,), (PROBE,))}
        looks = {("retention", "late"): Look(at=NOW, count=2, act="vilkar retention list ordered")}
        text = text_report.as_text(status(self.PROOF, looks, NOW, by_clause=shared), self.PROOF)
        told = "   STAFF-1, ERASE-1: erasures that are late (2 found)\n      vilkar retention list ordered\n\n"
        assert f"Otherwise than promised in the running system:\n{told}85 promises:" in text
        assert "0 things are as promised, 1 are not" in text

    def test_what_mends_itself_is_told_with_where_to_look_if_it_does_not(self):
        text = text_report.as_text(self.STATUSES, self.PROOF)
        assert "(2 found)\n      mends itself, or the log says why not: make logs S=retention\n" in text

    def test_where_all_is_as_promised_nothing_is_said_to_be_otherwise(self):
        statuses = status(self.PROOF, saw(0), NOW, by_clause=BEHIND)
        assert "therwise than promised" not in text_report.as_text(statuses, self.PROOF)

    @pytest.mark.parametrize(
        ("release", "said"),
        [
            (Release(), "only what was tested here counts"),
            (Release(basis=Basis.NOT_GENUINE), "are not genuine"),
            (Release(basis=Basis.EARLIER, version="0.1.0", differing=3), "earlier files: 3 differ here"),
        ],
    )
    def test_the_text_says_where_there_is_no_proof_of_these_files(self, release, said):
        proof = Proof(release=release, released=checked(WHOLE, [PASSED, FAILED]))
        text = text_report.as_text(status(proof, by_clause=BEHIND), proof)
        assert said in text
        assert "tests      1 of 2 passed, on other files" in text
        assert "1 kept" not in text
        assert text.endswith("Not looked at here: there is no running system to look at.\n")

    def test_the_json_is_what_a_public_page_needs(self):
        document = json.loads(json.dumps(json_report.as_document(self.STATUSES, self.PROOF, NOW)))
        assert document["at"] == "2026-11-30T12:00:00+00:00"
        assert document["release"]["files"] == "this"
        assert document["totals"]["failed"] == 1
        assert document["document"]["dated"] == "2020-04-26"
        erase = document["clauses"][59]
        assert (erase["id"], erase["standing"], erase["rules"]) == (WHOLE, "failed", [RULE])
        assert erase["probes"] == [
            {
                "service": "retention",
                "name": "late",
                "nb": "slettinger som er for sene",
                "en": "erasures that are late",
                "seconds": 300,
                "seen": "contradicted",
                "looked_at": "2026-11-30T12:00:00+00:00",
                "count": 2,
            }
        ]
        assert all(each.keys() == {"nb", "en"} for each in document["summary"])

    def test_the_page_has_a_row_for_each_clause_and_does_not_depend_on_the_last_run(self):
        page = text_report.as_markdown(self.STATUSES)
        rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| #")]
        assert len(rows) == 85
        assert all(row.count("|") == 7 for row in rows)
        assert page == text_report.as_markdown(status(by_clause=BEHIND))
        assert "missing: whoever is root" in page
        assert "erasures that are late (`retention.late`)" in page


class TestVocabulary:
    def of(self, statuses, clause_id):
        document = json_report.as_jsonld(statuses, NOW, address="https://vilkar.example/terms.jsonld")
        (node,) = (each for each in document["dpv:hasContractualClause"] if each["dct:identifier"] == clause_id)
        return node

    @pytest.mark.parametrize(
        ("clause_id", "checks", "looks", "kind"),
        [
            (WHOLE, [PASSED], saw(0), "dpv:ContractualClauseFulfilled"),
            (WHOLE, [PASSED], saw(1), "dpv:ContractualClauseViolated"),
            (PARTIAL, [PASSED], {}, "dpv:ContractualClausePartiallyFulfilled"),
            (NOTHING, [], {}, "dpv:ContractualClauseNotFulfilled"),
        ],
    )
    def test_a_clause_has_the_status_that_it_was_seen_to_have_and_says_why(self, clause_id, checks, looks, kind):
        proof = Proof(checks=checked(clause_id, checks))
        found = self.of(status(proof, looks, NOW, by_clause=BEHIND), clause_id)[
            "dpv:hasContractualFulfilmentStatus"
        ]
        assert found["@type"] == kind
        assert found["dct:date"] == {"@type": "xsd:dateTime", "@value": "2026-11-30T12:00:00+00:00"}
        explained = kind in ("dpv:ContractualClauseViolated", "dpv:ContractualClausePartiallyFulfilled")
        languages = [each["@language"] for each in found.get("dpv:hasJustification", ())]
        assert languages == (["nb", "en"] if explained else [])

    @pytest.mark.parametrize(
        ("checks", "looks"), [([], saw(0)), ([PASSED], {}), ([PASSED], None), ([NOT_RUN], saw(0))]
    )
    def test_where_not_all_was_checked_the_status_is_left_out(self, checks, looks):
        proof = Proof(checks=checked(WHOLE, checks))
        node = self.of(status(proof, looks, NOW, by_clause=BEHIND), WHOLE)
        assert node["@type"] == "dpv:ContractualClause"
        assert "dpv:hasContractualFulfilmentStatus" not in node


class TestOutcomes:
    def test_they_survive_being_written_and_read(self, tmp_path):
        path = tmp_path / "deep" / "outcomes.json"
        written = {"ERASE-1": (Check("tests/a.py::b", FAILED), Check("tests/a.py::c", PASSED))}
        outcomes.write(written, path)
        assert outcomes.read(path) == written
        assert [each.name for each in path.parent.iterdir()] == ["outcomes.json"]

    def test_no_file_means_nothing_was_ever_recorded(self, tmp_path):
        assert outcomes.read(tmp_path / "none.json") == {}

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[]",
            "7",
            '{"ERASE-99": []}',
            '{"ERASE-1": [{"test": "t"}]}',
            '{"ERASE-1": [{"test": "t", "outcome": "fine"}]}',
            '{"ERASE-1": 7}',
        ],
    )
    def test_anything_else_is_refused(self, text):
        with pytest.raises(OutcomesError, match="make no sense"):
            outcomes.from_json(text)

    def test_a_run_of_other_files_leaves_earlier_outcomes_alone(self, tmp_path):
        (tmp_path / "old.py").touch()
        earlier = {"ERASE-1": (Check("old.py::a", PASSED),)}
        latest = {"ERASE-1": (Check("new.py::b", FAILED),)}
        merged = outcomes.merge(earlier, latest, root=tmp_path)
        assert merged == {"ERASE-1": (Check("new.py::b", FAILED), Check("old.py::a", PASSED))}

    def test_what_is_said_of_a_file_of_the_run_replaces_what_was_known(self, tmp_path):
        (tmp_path / "a.py").touch()
        earlier = {"ERASE-1": (Check("a.py::gone", PASSED), Check("a.py::left_out", PASSED))}
        latest = {"ERASE-3": (Check("a.py::new", PASSED),), "ERASE-1": (Check("a.py::left_out", NOT_RUN),)}
        merged = outcomes.merge(earlier, latest, root=tmp_path)
        assert merged == {
            "ERASE-1": (Check("a.py::left_out", PASSED),),
            "ERASE-3": (Check("a.py::new", PASSED),),
        }

    def test_a_run_of_a_single_test_says_nothing_about_its_neighbours(self, tmp_path):
        (tmp_path / "a.py").touch()
        earlier = {"ERASE-1": (Check("a.py::x", PASSED), Check("a.py::y", PASSED))}
        latest = {"ERASE-1": (Check("a.py::x", FAILED),)}
        merged = outcomes.merge(earlier, latest, root=tmp_path, whole_files=False)
        assert merged == {"ERASE-1": (Check("a.py::x", FAILED), Check("a.py::y", PASSED))}

    def test_a_test_that_no_longer_names_a_clause_counts_for_it_no_longer(self, tmp_path):
        (tmp_path / "a.py").touch()
        earlier = {"ERASE-1": (Check("a.py::x", PASSED),)}
        latest = {"ERASE-3": (Check("a.py::x", PASSED),)}
        for whole in (True, False):
            assert outcomes.merge(earlier, latest, root=tmp_path, whole_files=whole) == latest

    def test_a_test_that_was_not_run_again_keeps_its_outcome_and_the_files_it_was_of(self, tmp_path):
        (tmp_path / "a.py").touch()
        earlier = {"ERASE-1": (Check("a.py::x", PASSED, "old"),)}
        latest = {"ERASE-1": (Check("a.py::x", NOT_RUN, "new"),)}
        merged = outcomes.merge(earlier, latest, root=tmp_path)
        assert merged == earlier
        assert outcomes.of_tree(merged, "new") == latest
        assert outcomes.of_tree(merged, "old") == earlier

    def test_what_changed_during_its_run_was_run_on_no_files_at_all(self):
        recorded = {"ERASE-1": (Check("a.py::x", PASSED, ""),)}
        assert outcomes.of_tree(recorded, "")["ERASE-1"][0].outcome == NOT_RUN

    def test_of_several_runs_on_the_same_files_a_failure_counts(self):
        first = {"ERASE-1": (Check("a.py::x", PASSED), Check("a.py::y", NOT_RUN))}
        second = {"ERASE-1": (Check("a.py::x", FAILED), Check("a.py::y", PASSED))}
        assert (
            outcomes.together(first, second)
            == outcomes.together(second, first)
            == {"ERASE-1": (Check("a.py::x", FAILED), Check("a.py::y", PASSED))}
        )

    def test_nothing_is_kept_of_files_that_are_gone(self, tmp_path):
        earlier = {"ERASE-1": (Check("gone.py::a", PASSED),)}
        assert outcomes.merge(earlier, {}, root=tmp_path) == {}

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["ERASE-1", "ERASE-3"]),
                st.sampled_from(["a.py::x", "a.py::y", "b.py::z"]),
                st.sampled_from([PASSED, FAILED]),
            ),
            max_size=6,
            unique_by=lambda each: each[:2],
        )
    )
    def test_recording_the_same_run_twice_changes_nothing(self, run):
        latest = {
            key: tuple(Check(test, word) for _, test, word in group)
            for key, group in itertools.groupby(sorted(run), key=lambda each: each[0])
        }
        once = outcomes.merge({}, latest, root=Path("/nowhere"))
        assert outcomes.merge(once, latest, root=Path("/nowhere")) == once
