"""How severe a breach is after ENISA: computed, proposed, and never what decides the risk."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise, product
from uuid import uuid4

import pytest

from services.cases.engine.values import Case
from services.cases.kinds.table import KINDS
from services.cases.severity import values
from services.cases.severity.rules import ASSESSED_IN, band_of, check_case, quarters, written
from services.cases.severity.values import EXAMPLES, Assessment, Band
from shared.errors import Conflict

pytestmark = [pytest.mark.unit, pytest.mark.clause("BREACH-1")]

NOW = datetime(2026, 11, 27, 16, tzinfo=UTC)
SCORES = {
    "context": values.CONTEXTS,
    "identification": values.IDENTIFICATIONS,
    "confidentiality": values.CONFIDENTIALITY,
    "integrity": values.INTEGRITY,
    "availability": values.AVAILABILITY,
    "intent": values.INTENTS,
}
LEAST = Assessment(
    id=uuid4(), case_id=uuid4(), flags=(), assessed_by="staff:kari", assessed_at=NOW,
    **{name: next(iter(scores)) for name, scores in SCORES.items()},
)  # fmt: skip
ALL = [
    replace(LEAST, **dict(zip(SCORES, codes, strict=True))) for codes in product(*(SCORES[name] for name in SCORES))
]


def of(
    context, identification, confidentiality="not_lost", integrity="not_lost", availability="not_lost", intent=None
):
    return quarters(
        replace(
            LEAST,
            context=context,
            identification=identification,
            confidentiality=confidentiality,
            integrity=integrity,
            availability=availability,
            intent=intent or "accidental",
        )
    )


@pytest.mark.parametrize(
    ("score", "text", "band"),
    [
        (of("simple", "maximum"), "1.00", Band.LOW),
        (of("simple", "maximum", "unknown_recipients", intent="malicious"), "2.00", Band.MEDIUM),
        (of("behavioural", "significant", "known_recipients"), "1.75", Band.LOW),
        (of("financial", "maximum"), "3.00", Band.HIGH),
        (of("financial", "significant", "known_recipients"), "2.50", Band.MEDIUM),
        (of("sensitive", "maximum"), "4.00", Band.VERY_HIGH),
        (of("sensitive", "significant", "known_recipients", "altered_recoverable"), "3.50", Band.HIGH),
    ],
)
def test_the_score_is_dpc_times_ei_plus_cb(score, text, band) -> None:
    assert (written(score), band_of(score)) == (text, band)


def test_every_score_is_in_range_and_its_band_by_the_published_bounds() -> None:
    scores = {quarters(each) for each in ALL}
    assert (min(scores), max(scores)) == (1, 24)
    for score in scores:
        severity = Fraction(score, 4)
        expected = (
            Band.LOW
            if severity < 2
            else Band.MEDIUM
            if severity < 3
            else Band.HIGH
            if severity < 4
            else Band.VERY_HIGH
        )
        assert band_of(score) is expected
        assert Fraction(written(score)) == severity, "nothing is rounded"


@pytest.mark.parametrize("name", SCORES)
def test_whatever_is_worse_never_makes_it_less_severe(name) -> None:
    for lesser, worse in pairwise(SCORES[name]):
        for each in ALL:
            if getattr(each, name) == lesser:
                assert quarters(replace(each, **{name: worse})) > quarters(each)


def test_what_stands_beside_the_score_does_not_change_it() -> None:
    assert all(quarters(replace(each, flags=values.FLAGS)) == quarters(each) for each in ALL[::37])


def test_no_step_of_any_kind_knows_of_it() -> None:
    """Code proposes and never decides: what a case asks for, and where it leads, names no severity."""
    bands = {each.value for each in Band}
    said = {
        word
        for kind in KINDS
        for step in kind.steps
        for word in (step.code, *step.reasons, *step.effects, *step.begins)
    }
    assert said.isdisjoint(bands)


def test_the_examples_are_the_eighteen_with_what_they_came_to() -> None:
    assert [each.number for each in EXAMPLES] == list(range(1, 19))
    told = {each.number for each in EXAMPLES if each.tells_persons}
    assert told == {3, 4, 5, 7, 11, 12, 14, 17, 18}
    assert {each.number for each in EXAMPLES if each.tells_authority} == told | {2, 8, 16}
    assert {each.number for each in EXAMPLES if not each.tells_authority} == {1, 6, 9, 10, 13, 15}


@pytest.mark.parametrize("kind", sorted({kind.code for kind in KINDS}))
def test_only_of_incidents_and_breaches_somebody_asks(kind) -> None:
    case = Case(
        id=uuid4(), reference="V-7K3M-92", kind=kind, kind_version=1, state="new", state_since=NOW, owner=None,
        opened_by="staff", signal="other", join_key=None, signals=1, received_at=NOW, opened_at=NOW, ended_at=None,
        version=1, subjects_erased=0, restored_at=None,
    )  # fmt: skip
    if kind in ASSESSED_IN:
        check_case(case)
        return
    with pytest.raises(Conflict):
        check_case(case)
