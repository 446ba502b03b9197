"""Clauses, references and parameters as values: immutable, and refusing nonsense."""

from __future__ import annotations

import dataclasses
import importlib
import re
from datetime import date
from pathlib import Path

import pytest

from shared import calendar
from shared.terms import BY_ID, CLAUSES, PARAMETERS, Clause, UnknownClauseError, clause, clauses, parameter
from shared.terms.clause import cite, index_by_id
from shared.terms.clauses import SUBJECTS
from shared.terms.parameters import HISTORY, Parameter, Strength, UnknownParameterError, in_force
from shared.terms.source import HEADINGS, LINES, reference

pytestmark = pytest.mark.unit


def a_clause(**changes) -> Clause:
    return dataclasses.replace(
        Clause(id="TEST-1", number=1, nb="Vi lover noe.", en="We promise something.", source=cite(59)), **changes
    )


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        (5, "I 0 (L5)"),
        (59, "I 4 (L59)"),
        (84, "I 6 (L84)"),
        (106, "I 8 (L106)"),
        (160, "II 5 (L160)"),
        (178, "II 6 (L178)"),
        (200, "II 7 (L200)"),
        (204, "II 8 (L204)"),
        (206, "II 8 (L206)"),
    ],
)
def test_a_line_of_the_source_knows_its_part_and_heading(line, printed):
    assert str(reference(line)) == printed


@pytest.mark.parametrize("line", [0, 4, LINES + 1])
def test_a_line_outside_the_source_has_no_reference(line):
    with pytest.raises(ValueError, match="no line"):
        reference(line)


def test_the_headings_stand_in_order():
    lines = [heading.first_line for heading in HEADINGS]
    assert lines == sorted(set(lines))


def test_a_clause_prints_every_place_it_stands_in():
    assert BY_ID["HOLD-1"].cited == "I 4 (L59), II 8 (L204)"


@pytest.mark.parametrize("wrong", ["erase-1", "ERASE", "ERASE-0", "ERASE-100", "E-1", "ERASE-1 "])
def test_an_id_has_one_form(wrong):
    with pytest.raises(ValueError, match="not a clause id"):
        a_clause(id=wrong)


@pytest.mark.parametrize("missing", [{"nb": ""}, {"en": ""}, {"source": ()}])
def test_a_clause_without_words_or_place_is_refused(missing):
    with pytest.raises(ValueError, match="both languages"):
        a_clause(**missing)


@pytest.mark.parametrize("twin", [{"id": "TEST-2"}, {"number": 2}])
def test_two_clauses_cannot_share_an_id_or_a_number(twin):
    with pytest.raises(ValueError, match="two clauses"):
        index_by_id([a_clause(), a_clause(**twin)])


def test_a_clause_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        BY_ID["ERASE-1"].number = 61
    with pytest.raises(TypeError):
        BY_ID["ERASE-1"] = BY_ID["ERASE-3"]


def test_an_unknown_clause_is_said_to_be_unknown():
    with pytest.raises(UnknownClauseError, match="ERASE-99"):
        clause("ERASE-99")


def test_a_clause_as_json_holds_everything_the_public_page_shows():
    assert BY_ID["ERASE-1"].as_json() == {
        "id": "ERASE-1",
        "number": 60,
        "promise": {"nb": BY_ID["ERASE-1"].nb, "en": BY_ID["ERASE-1"].en},
        "source": [
            {"part": "I", "heading": 4, "name": {"nb": "Beskyttelse", "en": "Protection"}, "line": 59},
        ],
        "value": {"amount": 3, "unit": "calendar months"},
        "effective": "2020-04-26",
    }
    assert BY_ID["DOC-1"].as_json()["value"] is None


def test_every_file_that_holds_clauses_is_a_subject_of_the_index():
    modules = [
        importlib.import_module(f"{clauses.__name__}.{path.stem}")
        for path in sorted(Path(clauses.__path__[0]).glob("*.py"))
    ]
    holding = [
        each
        for each in modules
        if re.search(r"^\w+ = Clause\(", Path(each.__file__).read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert sorted(each.__name__ for each in holding) == sorted(each.__name__ for each in SUBJECTS)


OLD_WORDS = {
    "nb": r"brev|(?<!bruker)støtte|kundestøtte|\bintet\b|båndet|gjenkjenn|\bh[au][mn]\b|destruks|nettadresse|"
    r"konsern|innsyn etterlater|straks og uten|\balt (?:ligger|aktiv)",
    "en": r"\bletters?\b|\bhim\b|\bhis\b|\bhe\b|destruction|network address",
}
"""One word for one thing, in clauses as in letters and pages: e-post, brukerstøtte, kobling, IP-adresse."""


BESIDE = [each for clause in CLAUSES for each in (*clause.missing, *clause.built, clause.unwatched) if each]


@pytest.mark.parametrize("each", [*CLAUSES, *BESIDE], ids=lambda each: getattr(each, "id", "what stands beside"))
def test_a_clause_and_what_stands_beside_it_use_the_words_of_the_glossary(each):
    assert each.nb
    assert each.en
    assert each.nb != each.en
    assert re.findall(OLD_WORDS["nb"], each.nb.lower()) == []
    assert re.findall(OLD_WORDS["en"], each.en.lower()) == []


NUMBERS = {"tre": 3, "three": 3, "to": 2, "90": 90, "én": 1, "en": 1, "a": 1}


@pytest.mark.parametrize(
    ("clause_id", "nb", "en"),
    [
        ("ERASE-1", r"(\w+) måneder etter", r"(\w+) months after"),
        ("ERASE-2", r"de (\w+) månedene", r"the (\w+) months"),
        ("HOLD-2", r"innen (\w+) dager", r"within (\w+) days"),
        ("RIGHTS-1", r"innen (\w+) måned", r"within (\w+) month"),
    ],
)
def test_a_figure_in_a_clause_is_the_parameter_that_rules_obey(clause_id, nb, en):
    promised = BY_ID[clause_id].value
    assert parameter(promised.parameter).default == promised.amount
    for text, pattern in ((BY_ID[clause_id].nb, nb), (BY_ID[clause_id].en, en)):
        assert NUMBERS[re.search(pattern, text, re.IGNORECASE).group(1).lower()] == promised.amount


@pytest.mark.parametrize(
    ("key", "default", "strength"),
    [
        ("retention.inactive_account", 3, Strength.PROMISE),
        ("erasure.day_offset", 0, Strength.POLICY),
        ("erasure.live_completion", 7, Strength.POLICY),
        ("backup.max_age", 30, Strength.POLICY),
        ("dsr.deadline", 1, Strength.LAW),
        ("dsr.extension_total", 3, Strength.LAW),
        ("breach.dpa_deadline_hours", 72, Strength.LAW),
        ("breach.controller_notice_target_hours", 24, Strength.POLICY),
        ("log.login_retention", 6, Strength.GUIDE),
        ("log.login_retention_cap", 12, Strength.GUIDE),
        ("subprocessor.notice_days", 30, Strength.POLICY),
        ("suspicion.contact_attempts", 2, Strength.POLICY),
        ("suspicion.contact_channels", 2, Strength.POLICY),
        ("suspicion.contact_wait", 10, Strength.POLICY),
        ("stats.k_persons", 10, Strength.POLICY),
        ("stats.k_tenants", 5, Strength.POLICY),
        ("stats.dominance", 50, Strength.POLICY),
        ("accounting.vouchers", 60, Strength.LAW),
        ("accounting.agreements", 42, Strength.LAW),
    ],
)
def test_the_default_figures(key, default, strength):
    assert (parameter(key).default, parameter(key).strength) == (default, strength)


def test_the_calendar_uses_the_same_figures():
    assert parameter("retention.inactive_account").default == calendar.ERASURE_MONTHS
    reminders = (parameter("erasure.first_reminder").default, parameter("erasure.last_reminder").default)
    assert reminders == calendar.REMINDER_DAYS


def test_an_unknown_parameter_is_said_to_be_unknown():
    with pytest.raises(UnknownParameterError, match=r"no\.such"):
        parameter("no.such")


def test_every_version_of_a_parameter_is_newer_than_the_one_before():
    versions: dict[str, list[Parameter]] = {}
    for each in HISTORY:
        versions.setdefault(each.key, []).append(each)
    for key, chain in versions.items():
        assert [each.version for each in chain] == list(range(1, len(chain) + 1)), key
        assert [each.since for each in chain] == sorted({each.since for each in chain}), key
        assert PARAMETERS[key] is chain[-1]


def test_a_date_already_promised_keeps_the_figure_of_its_own_day():
    first = parameter("erasure.run_limit")
    second = dataclasses.replace(first, default=5, version=2, since=date(2027, 1, 1))
    history = (first, second)
    assert in_force(first.key, date(2026, 12, 31), history) is first
    assert in_force(first.key, date(2027, 1, 1), history) is second
    with pytest.raises(UnknownParameterError, match="in force"):
        in_force(first.key, date(2020, 4, 25), history)


def test_a_parameter_as_json_tells_its_strength_and_version():
    assert parameter("dsr.deadline").as_json() == {
        "key": "dsr.deadline",
        "default": 1,
        "unit": "calendar months from receipt",
        "strength": "law",
        "source": "GDPR article 12(3)",
        "version": 1,
        "since": "2020-04-26",
    }
