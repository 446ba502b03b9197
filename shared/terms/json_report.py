"""The promises as documents for machines: JSON, and JSON-LD in the vocabulary DPV 2.3; and in summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shared.terms import source
from shared.terms.clause import Text
from shared.terms.proof import Basis, Proof, Seen
from shared.terms.status import ClauseStatus, Standing, totals
from shared.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

DPV_VERSION: Final = "https://w3id.org/dpv/2.3"
CONTEXT: Final = {
    "dpv": "https://w3id.org/dpv#",
    "dct": "http://purl.org/dc/terms/",
    "schema": "https://schema.org/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
FULFILMENT: Final = {
    Standing.KEPT: "dpv:ContractualClauseFulfilled",
    Standing.PARTLY: "dpv:ContractualClausePartiallyFulfilled",
    Standing.FAILED: "dpv:ContractualClauseViolated",
    Standing.NOT_YET: "dpv:ContractualClauseNotFulfilled",
}
"""The last one means: not yet, and no violation. What was not checked as a whole has no status."""


def as_document(statuses: Sequence[ClauseStatus], proof: Proof, at: datetime) -> dict[str, Any]:
    """Return the promises as JSON values, with the document they stand in and what their standing rests on."""
    return {
        "document": {
            "id": source.DOCUMENT,
            "version": source.VERSION,
            "dated": source.DATED.isoformat(),
            "sha256": source.SHA256,
        },
        "version": VERSION,
        "at": at.isoformat(),
        "release": proof.release.as_json(),
        "summary": [each.as_json() for each in summary(statuses, proof)],
        "totals": totals(statuses),
        "clauses": [each.as_json() for each in statuses],
    }


def as_jsonld(statuses: Sequence[ClauseStatus], at: datetime, *, address: str) -> dict[str, Any]:
    """Return the promises as a contract with its clauses; `address` is where the document is read."""
    return {
        "@context": CONTEXT,
        "@id": address,
        "@type": "dpv:Contract",
        "dct:conformsTo": {"@id": DPV_VERSION},
        "dct:identifier": source.DOCUMENT,
        "dct:issued": _literal(source.DATED.isoformat(), "xsd:date"),
        "schema:softwareVersion": VERSION,
        "dpv:hasContractualClause": [_clause(each, at, f"{address}#{each.clause.id}") for each in statuses],
    }


def summary(statuses: Sequence[ClauseStatus], proof: Proof) -> list[Text]:
    """Return in a few sentences what is proved for these files, and what was looked at in the running system."""
    proved = sum(bool(each.checks) and each.passed == len(each.checks) for each in statuses)
    return [_of_release(proof), _of_tests(proved, len(statuses)), _of_system(statuses)]


def _clause(each: ClauseStatus, at: datetime, address: str) -> dict[str, Any]:
    node: dict[str, Any] = {
        "@id": address,
        "@type": "dpv:ContractualClause",
        "dct:identifier": each.clause.id,
        "dct:description": _in_both(Text(each.clause.nb, each.clause.en)),
    }
    if (kind := FULFILMENT.get(each.standing)) is not None:
        status: dict[str, Any] = {"@type": kind, "dct:date": _literal(at.isoformat(), "xsd:dateTime")}
        if reasons := [words for text in _reasons(each) for words in _in_both(text)]:
            status["dpv:hasJustification"] = reasons
        node["dpv:hasContractualFulfilmentStatus"] = status
    return node


def _reasons(each: ClauseStatus) -> list[Text]:
    contradicted = [one.probe.says for one in each.watched or () if one.seen is Seen.CONTRADICTED]
    return [*each.clause.missing, *contradicted]


def _in_both(text: Text) -> list[dict[str, str]]:
    return [{"@language": language, "@value": words} for language, words in text.as_json().items()]


def _literal(value: str, kind: str) -> dict[str, str]:
    return {"@type": kind, "@value": value}


def _of_release(proof: Proof) -> Text:
    release = proof.release
    day = f"{release.tested_at:%Y-%m-%d}" if release.tested_at else "?"
    match release.basis:
        case Basis.THIS:
            return Text(
                f"Prøvd ved utgivelsen av versjon {release.version}, {day}: nøyaktig de filene som ligger her, "
                f"underskrevet med nøkkel {release.key}.",
                f"Tested at the release of version {release.version}, {day}: exactly the files that are here, "
                f"signed with key {release.key}.",
            )
        case Basis.EARLIER:
            return Text(
                f"Underskriften gjelder tidligere filer: {release.differing} er annerledes her enn i versjon "
                f"{release.version}, {day}. Det som ble prøvd da, vises, men teller ikke.",
                f"The signature is for earlier files: {release.differing} differ here from version "
                f"{release.version}, {day}. What was tested then is shown and does not count.",
            )
        case Basis.UNSIGNED:
            return Text(
                "Ingen underskrevet prøve følger med disse filene; bare det som er prøvd her, teller.",
                "No signed tests came with these files; only what was tested here counts.",
            )
        case Basis.NOT_GENUINE:
            return Text(
                "Prøven som følger med disse filene, er ikke ekte: underskriften er ikke fra en kjent nøkkel.",
                "The tests that came with these files are not genuine: no key known here signed them.",
            )


def _of_tests(proved: int, count: int) -> Text:
    return Text(
        f"Alle prøver av {proved} av {count} løfter gikk godt med disse filene.",
        f"All tests of {proved} of {count} promises passed on these files.",
    )


def _of_system(statuses: Sequence[ClauseStatus]) -> Text:
    looked = {one for each in statuses for one in each.watched or ()}  # one may watch several clauses
    if all(each.watched is None for each in statuses):
        return Text(
            "Ikke sett etter her: det er ikke noe system i drift å se på.",
            "Not looked at here: there is no running system to look at.",
        )
    holds, otherwise, late = (sum(one.seen is kind for one in looked) for kind in Seen)
    return Text(
        f"Sett etter i systemet som er i drift: {holds} ting er som lovet, {otherwise} er det ikke, "
        f"og {late} er ikke sett etter i tide.",
        f"Looked at in the running system: {holds} things are as promised, {otherwise} are not, "
        f"and {late} were not looked at in time.",
    )
