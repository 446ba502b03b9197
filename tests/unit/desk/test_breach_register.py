"""The register of breaches as others read it: a table that computes nothing, and the terms of DPV."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from services.cases.breach_register.calls import (
    BreachesRegistered,
    BreachInRegister,
    BreachRegister,
    DecidedInRegister,
    NoticeInRegister,
)
from services.cases.kinds.incident import BREACH_REASONS
from services.cases.kinds.table import DECISIONS
from services.desk.breach_register import CONTEXT, NATURES, NEEDED, PAGE, WORDED, as_csv, as_jsonld, whole
from services.desk.wording.case_words import KINDS
from shared import breach_words
from shared.bus.rpc_client import encode
from shared.events import BODY_LIMIT_BYTES
from tests.examples import example

pytestmark = [pytest.mark.unit, pytest.mark.clause("INCIDENT-1")]

NOW = datetime(2026, 11, 27, 16, tzinfo=UTC)


def decided(step: str, reason: str, late_reason: str | None = None) -> dict:
    return example(DecidedInRegister, step=step, reason=reason, late_reason=late_reason)


def entry(reference: str, *decisions: dict, **facts) -> BreachInRegister:
    said = {
        "kind": "breach_controller", "party": "controller", "incident": "V-2222-22", "signal": "data_exposed",
        "state": "following_up", "natures": ["exfiltration"], "groups": ["users"], "data": ["names"],
        "consequences": ["phishing"], "measures": ["access_closed"], "customers": 3, "persons": 9,
        "decisions": [decided("decide_breach_both", "data_altered"), *decisions],
    } | facts  # fmt: skip
    return BreachInRegister.from_json(example(BreachInRegister, reference=reference, **said))


def test_a_table_has_a_row_a_breach_and_no_cell_that_is_computed() -> None:
    hostile = entry("=HYPERLINK(1)", signal="+1", twins=["V-3333-33", "V-4444-44"], incident="@x")
    row, other = csv.DictReader(io.StringIO(as_csv([hostile, entry("V-7K3M-92")])))
    assert (row["reference"], row["signal"], row["incident"]) == ("'=HYPERLINK(1)", "'+1", "'@x")
    assert row["twins"] == "V-3333-33 | V-4444-44"
    assert "step=decide_breach_both" in row["decisions"]
    assert (other["reference"], other["customers"], other["natures"]) == ("V-7K3M-92", "3", "exfiltration")
    assert set(row) == set(BreachInRegister.__dataclass_fields__)


@pytest.mark.parametrize(
    ("step", "needed"),
    [
        ("assess_unlikely", {"eu-gdpr:BreachNotificationNotNeeded"}),
        ("assess_risk", {"eu-gdpr:DPABreachNotificationNeeded"}),
        (
            "assess_high",
            {
                "eu-gdpr:DBIAIndicatesHighRisk",
                "eu-gdpr:DPABreachNotificationNeeded",
                "eu-gdpr:DataSubjectBreachNotificationNeeded",
            },
        ),
    ],
)
def test_who_had_to_be_told_is_what_was_decided_last_and_never_a_score(step, needed) -> None:
    breach = entry(
        "V-7K3M-92", decided("assess_risk", "many_persons"), decided(step, "new_facts"),
        decided("close", "followed_up"), severity_score="6.00", severity_band="very_high", ended_at=None,
    )  # fmt: skip
    (node,) = as_jsonld([breach], NOW)["dct:hasPart"]
    assert {each["@id"] for each in node["dpv:hasStatus"]} == {"risk:IncidentOngoing", *needed}


def test_codes_stand_beside_the_terms_of_dpv_with_their_words_in_both_languages() -> None:
    late = decided("notify_authority", "partial", "facts_not_known")
    notice = example(NoticeInRegister, audience="customers", number=1, told=3)
    document = as_jsonld([entry("V-7K3M-92", late, notices=[notice], twins=["V-3333-33"])], NOW)
    assert json.loads(json.dumps(document)) == document
    assert (document["@type"], document["dct:issued"]["@value"]) == (
        "eu-gdpr:DataBreachRegister",
        "2026-11-27T16:00:00+00:00",
    )
    (node,) = document["dct:hasPart"]
    assert node["@type"] == ["eu-gdpr:ConfidentialityBreach", "eu-gdpr:DataBreach", "eu-gdpr:IntegrityBreach"]
    assert node["dct:relation"] == [{"@id": "urn:vilkar:case:V-3333-33"}]
    assert node["vilkar:data"] == [
        {
            "skos:notation": "names",
            "skos:prefLabel": [{"@language": "nb", "@value": "navn"}, {"@language": "en", "@value": "names"}],
        }
    ]
    assert [each["skos:notation"] for each in node["vilkar:decision"][-1]["dpv:hasJustification"]] == [
        "partial",
        "facts_not_known",
    ]
    assert node["dpv:hasNotice"][0]["@type"] == "eu-gdpr:ControllerBreachNotice"
    prefixes = {name.split(":")[0] for name in (*node, *NATURES.values()) if not name.startswith("@")}
    assert prefixes <= CONTEXT.keys()


def test_what_it_is_made_of_exists() -> None:
    assert set(NATURES) == set(breach_words.NATURES)
    assert set(NATURES) >= set(BREACH_REASONS)
    assert set(NEEDED) <= set(DECISIONS)
    assert {kind for kind in WORDED.values() if kind not in KINDS} == set()


def test_no_field_of_it_is_for_a_person_or_a_customer() -> None:
    names = {
        name
        for cls in (BreachInRegister, DecidedInRegister, NoticeInRegister)
        for name in cls.__dataclass_fields__
        if name.endswith(("_by", "account_id", "user_id", "owner", "account_ids", "user_ids"))
    }
    assert names == set()


class Shelf:
    """A register of so many breaches, as the service answers page by page."""

    def __init__(self, breaches: list[BreachInRegister]) -> None:
        self.breaches, self.answers = breaches, []

    def ask(self, call: BreachRegister) -> BreachesRegistered:
        known = [each.case_id for each in self.breaches]
        begin = known.index(call.after) + 1 if call.after else 0
        page = self.breaches[begin : begin + call.limit]
        answer = BreachesRegistered(breaches=tuple(page), complete=begin + call.limit >= len(known))
        self.answers.append(answer)
        return answer


def test_the_whole_register_is_read_in_answers_that_the_bus_takes_whatever_belongs_to_each() -> None:
    codes = {
        "natures": breach_words.NATURES, "groups": breach_words.GROUPS, "data": breach_words.DATA,
        "consequences": breach_words.CONSEQUENCES, "measures": breach_words.MEASURES,
    }  # fmt: skip
    long = {
        **{name: list(words) for name, words in codes.items()},
        "decisions": [decided("notify_authority", "partial", "facts_not_known")] * 12,
        "notices": [example(NoticeInRegister, audience="customers")] * 6,
    }
    breaches = [entry("V-7K3M-92", **long, case_id=str(uuid4())) for _ in range(2 * PAGE + 1)]
    shelf = Shelf(breaches)
    assert whole(shelf) == breaches
    assert len(shelf.answers) == 3
    assert all(len(encode(each.to_json())) < BODY_LIMIT_BYTES for each in shelf.answers)
