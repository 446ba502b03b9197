"""/terms.jsonld says nothing but what the vocabularies have words for."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from shared.terms import json_report
from shared.terms.clause import Text
from shared.terms.enforcement import Enforced, Probe
from shared.terms.outcomes import FAILED, PASSED, Check
from shared.terms.proof import Look, Proof
from shared.terms.status import status

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ADDRESS = "https://vilkar.example/terms.jsonld"

DPV = {
    "Contract", "ContractualClause", "hasContractualClause", "hasContractualFulfilmentStatus",
    "ContractualClauseFulfilled", "ContractualClauseNotFulfilled", "ContractualClausePartiallyFulfilled",
    "ContractualClauseViolated", "hasJustification",
}  # fmt: skip
"""Terms of DPV 2.3 that are neither proposed nor sunset, as github.com/w3c/dpv defines them in 2.3/dpv/dpv.ttl."""

OTHERS = {"dct:conformsTo", "dct:identifier", "dct:issued", "dct:description", "dct:date", "schema:softwareVersion",
          "xsd:date", "xsd:dateTime"}  # fmt: skip


def document():
    """One clause of each standing, and the rest not yet."""
    probe = Probe("account", "x", Text("noe", "something"), 300)
    by_clause = {
        "LINK-1": Enforced(("a",), (probe,)),
        "MAIL-1": Enforced(("b",)),
        "ERASE-1": Enforced(("c",), (probe,)),
    }
    words = {"LINK-1": PASSED, "MAIL-1": PASSED, "ERASE-1": PASSED, "HOLD-1": FAILED}
    proof = Proof(checks={clause_id: (Check("t.py::t", word),) for clause_id, word in words.items()})
    return json_report.as_jsonld(
        status(proof, {("account", "x"): Look(at=NOW, count=1)}, NOW, by_clause=by_clause), NOW, address=ADDRESS
    )


def names(value) -> set[str]:
    """Every compact name in the document: of properties, types and things."""
    if isinstance(value, dict):
        types = {value["@type"]} if "@type" in value else set()
        below = (names(each) for key, each in value.items() if key != "@context")
        return {key for key in value if not key.startswith("@")} | types | set().union(*below)
    if isinstance(value, list):
        return set().union(*map(names, value))
    return set()


def test_every_name_is_a_term_of_a_vocabulary_that_the_context_names():
    found = names(document())
    assert {name.partition(":")[0] for name in found} == {"dpv", "dct", "schema", "xsd"}
    assert {name.partition(":")[2] for name in found if name.startswith("dpv:")} <= DPV
    assert {name for name in found if not name.startswith("dpv:")} <= OTHERS


def test_the_context_says_where_the_vocabularies_are_and_the_document_which_version_it_follows():
    made = document()
    assert made["@context"]["dpv"] == "https://w3id.org/dpv#"
    assert made["dct:conformsTo"] == {"@id": "https://w3id.org/dpv/2.3"}
    assert all(re.fullmatch(r"https?://\S+[/#]", address) for address in made["@context"].values())


def test_every_clause_has_an_address_of_its_own_below_the_document():
    addresses = [each["@id"] for each in document()["dpv:hasContractualClause"]]
    assert len(set(addresses)) == 85
    assert all(address.startswith(f"{ADDRESS}#") for address in addresses)
