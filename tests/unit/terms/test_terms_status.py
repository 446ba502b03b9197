"""Who enforces what, and what may be called kept."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.terms import CLAUSES, UnknownClauseError, enforced_by, enforces, erasure, listing, outcomes, registered
from shared.terms.gaps import Gap
from shared.terms.outcomes import FAILED, NOT_RUN, PASSED, Check, OutcomesError
from shared.terms.registry import Enforcement
from shared.terms.status import Standing, status, totals
from shared.terms.structures import Structure

pytestmark = pytest.mark.unit

RULE = Enforcement("services.retention.rules", "plan_erasure", ("ERASE-1",))
GAP = Gap(clause_id="ERASE-1", nb="brukere glemmes", en="users are forgotten")
TELEPHONE = Gap(clause_id="MAIL-1", nb="telefon", en="telephone")
GRANT = Structure(
    clause_id="INCIDENT-1",
    nb="rollen har ikke UPDATE",
    en="the role has no UPDATE",
    where="services/audit/migrations/0001_trail.sql",
)


def of(clause_id, *, checks=(), enforcements=(RULE,), structures=(GRANT,), gaps=()):
    outcomes_by_clause = {clause_id: tuple(Check(f"tests/x.py::t{n}", word) for n, word in enumerate(checks))}
    return next(
        each for each in status(outcomes_by_clause, enforcements, structures, gaps) if each.clause.id == clause_id
    )


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
    def test_a_rule_and_a_passed_check_keep_a_promise(self):
        kept = of("ERASE-1", checks=[PASSED])
        assert kept.standing is Standing.KEPT
        assert kept.rules == ("services.retention.rules.plan_erasure",)

    def test_a_structure_and_a_passed_check_keep_a_promise(self):
        assert of("INCIDENT-1", checks=[PASSED]).standing is Standing.KEPT

    def test_one_failed_check_breaks_it_whatever_the_others_say(self):
        assert of("ERASE-1", checks=[PASSED, FAILED, PASSED]).standing is Standing.FAILED

    def test_a_failed_check_of_something_nothing_enforces_is_still_a_failure(self):
        assert of("ERASE-2", checks=[FAILED]).standing is Standing.FAILED

    @pytest.mark.parametrize("checks", [[], [NOT_RUN]])
    def test_a_rule_whose_checks_did_not_run_is_not_called_kept(self, checks):
        assert of("ERASE-1", checks=checks).standing is Standing.NOT_RUN

    @pytest.mark.parametrize("checks", [[], [NOT_RUN], [PASSED]])
    def test_without_rule_or_structure_it_is_not_yet_even_where_a_check_passes(self, checks):
        assert of("ERASE-2", checks=checks).standing is Standing.NOT_YET

    @pytest.mark.parametrize("checks", [[], [PASSED], [NOT_RUN, PASSED]])
    def test_while_a_part_is_missing_it_is_not_yet_whatever_passes(self, checks):
        found = of("ERASE-1", checks=checks, gaps=[GAP])
        assert found.standing is Standing.NOT_YET
        assert found.as_json()["missing"] == [{"nb": "brukere glemmes", "en": "users are forgotten"}]
        assert of("ERASE-1", checks=[PASSED, FAILED], gaps=[GAP]).standing is Standing.FAILED

    @given(
        st.booleans(),
        st.booleans(),
        st.lists(st.sampled_from([PASSED, FAILED, NOT_RUN]), max_size=4),
    )
    def test_kept_always_means_something_enforces_it_and_a_check_passed_and_none_failed(self, rule, built, checks):
        found = of(
            "INCIDENT-1",
            checks=checks,
            enforcements=[Enforcement("m", "r", ("INCIDENT-1",))] if rule else [],
            structures=[GRANT] if built else [],
        )
        kept = (rule or built) and PASSED in checks and FAILED not in checks
        assert (found.standing is Standing.KEPT) == kept

    def test_every_clause_is_listed_once_and_the_totals_add_up(self):
        statuses = status({}, [RULE], [], [])
        assert [each.clause for each in statuses] == list(CLAUSES)
        assert totals(statuses) == {"kept": 0, "failed": 0, "not run": 1, "not yet": 84}

    def test_without_a_list_the_rules_of_this_process_count(self):
        @enforces("PLACE-1")
        def registered_here() -> None:
            pass

        found = next(each for each in status({}) if each.clause.id == "PLACE-1")
        assert f"{__name__}.{registered_here.__qualname__}" in found.rules


class TestListing:
    STATUSES = status(
        {"ERASE-1": (Check("tests/x.py::test_a", PASSED),), "INCIDENT-1": (Check("tests/y.py::test_b", NOT_RUN),)},
        [RULE],
        [GRANT],
        [TELEPHONE],
    )

    def test_the_text_shows_rule_structure_check_and_totals(self):
        text = listing.as_text(self.STATUSES)
        assert "60 ERASE-1     KEPT     I 4 (L59)" in text
        assert "rule       services.retention.rules.plan_erasure" in text
        assert "check      passed   tests/x.py::test_a" in text
        assert "structure  the role has no UPDATE (services/audit/migrations/0001_trail.sql)" in text
        assert "missing    telephone" in text
        assert text.endswith("85 promises: 1 kept, 0 failed, 1 not run, 83 not yet.\n")

    def test_the_json_is_what_a_public_page_needs(self):
        document = json.loads(listing.as_json(self.STATUSES))
        assert document["totals"] == {"kept": 1, "failed": 0, "not run": 1, "not yet": 83}
        assert document["document"]["dated"] == "2020-04-26"
        erase = document["clauses"][59]
        assert (erase["id"], erase["standing"]) == ("ERASE-1", "kept")
        assert erase["rules"] == ["services.retention.rules.plan_erasure"]
        assert erase["checks"] == [{"test": "tests/x.py::test_a", "outcome": "passed"}]
        incident = document["clauses"][72]
        assert incident["structures"] == [{"nb": GRANT.nb, "en": GRANT.en, "where": GRANT.where}]

    def test_the_page_has_a_row_for_each_clause_and_does_not_depend_on_the_last_run(self):
        page = listing.as_markdown(self.STATUSES)
        rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| #")]
        assert len(rows) == 85
        assert all(row.count("|") == 6 for row in rows)
        assert page == listing.as_markdown(status({}, [RULE], [GRANT], [TELEPHONE]))
        assert "missing: telephone" in page
        assert "Of 85 promises, 2 are enforced and 83 are not yet." in page


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
        from pathlib import Path

        latest = {
            key: tuple(Check(test, word) for _, test, word in group)
            for key, group in itertools.groupby(sorted(run), key=lambda each: each[0])
        }
        once = outcomes.merge({}, latest, root=Path("/nowhere"))
        assert outcomes.merge(once, latest, root=Path("/nowhere")) == once
