"""The register of breaches for others to read: as a table, and as JSON-LD in the vocabulary DPV (W3C), version 2.3.

Codes of ours stand beside the terms of the vocabulary, with their words in Norwegian and English. Nothing in either
names a customer, a person or somebody of the staff.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from services.cases.breach_register.calls import BreachInRegister
from services.cases.breach_register.calls import BreachRegister as Asked
from services.desk.client import Desk
from services.desk.csv_tables import write_csv
from services.desk.wording import words
from shared.calls import pages
from shared.terms.json_report import DPV_VERSION
from shared.terms.texts import LANGUAGES

PAGES_MOST: Final = 1000
PAGE: Final = 40
"""So many breaches one answer holds, also where a long story belongs to each: the bus takes 256 KiB."""
CONTEXT: Final = {
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "risk": "https://w3id.org/dpv/risk#",
    "dct": "http://purl.org/dc/terms/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "vilkar": "urn:vilkar:breach-register#",
}
NATURES: Final = {
    "unauthorised_access": "eu-gdpr:ConfidentialityBreach",
    "exfiltration": "eu-gdpr:ConfidentialityBreach",
    "wrong_recipient": "eu-gdpr:ConfidentialityBreach",
    "data_lost": "eu-gdpr:AvailabilityBreach",
    "data_altered": "eu-gdpr:IntegrityBreach",
    "long_outage": "eu-gdpr:AvailabilityBreach",
}
"""Which sort of breach it was, by what a notice says or what the decision gave as its reason."""
NEEDED: Final = {
    "assess_unlikely": ("eu-gdpr:BreachNotificationNotNeeded",),
    "assess_risk": ("eu-gdpr:DPABreachNotificationNeeded",),
    "assess_high": (
        "eu-gdpr:DBIAIndicatesHighRisk",
        "eu-gdpr:DPABreachNotificationNeeded",
        "eu-gdpr:DataSubjectBreachNotificationNeeded",
    ),
    "freeze_affected": ("eu-gdpr:ControllerBreachNotificationNeeded",),
}
"""Who had to be told, by what a person decided last: it is read from no score."""
INSTANTS: Final = ("occurred_from", "occurred_to", "detected_at", "aware_at", "notified_at")
WORDED: Final = {
    "signal": "case_signal",
    "state": "case_state",
    "natures": "notice_nature",
    "causes": "notice_cause",
    "groups": "notice_group",
    "data": "notice_data",
    "whereabouts": "notice_whereabouts",
    "consequences": "notice_consequence",
    "measures": "notice_measure",
}
"""The codes of an entry that are said in words, and by which table."""


def whole(desk: Desk) -> list[BreachInRegister]:
    """The whole register, asked for page by page."""
    read = pages(
        lambda after: desk.ask(Asked(after=after, limit=PAGE)),
        lambda page: None if page.complete else page.breaches[-1].case_id,
        most=PAGES_MOST,
        too_many="there are more breaches than a register holds",
    )
    return [each for page in read for each in page.breaches]


def as_csv(breaches: Iterable[BreachInRegister]) -> str:
    """A row a breach, with a column for each field; what is several stands side by side in one cell."""
    file = io.StringIO()
    write_csv(tuple(BreachInRegister.__dataclass_fields__), (each.to_json() for each in breaches), file)
    return file.getvalue()


def as_jsonld(breaches: Sequence[BreachInRegister], at: datetime) -> dict[str, Any]:
    """The register as a `eu-gdpr:DataBreachRegister`, as it was at this instant."""
    return {
        "@context": CONTEXT,
        "@type": "eu-gdpr:DataBreachRegister",
        "dct:conformsTo": {"@id": DPV_VERSION},
        "dct:issued": _instant(at),
        "dct:hasPart": [_breach(each) for each in breaches],
    }


def _breach(breach: BreachInRegister) -> dict[str, Any]:
    needed = next((NEEDED[each.step] for each in reversed(breach.decisions) if each.step in NEEDED), ())
    concluded = "risk:IncidentConcluded" if breach.ended_at else "risk:IncidentOngoing"
    node: dict[str, Any] = {
        "@id": _id(breach.reference),
        "@type": sorted({"eu-gdpr:DataBreach", *_sorts(breach)}),
        "dct:identifier": breach.reference,
        "dct:isPartOf": _id(breach.incident) if breach.incident else None,
        "dct:relation": [{"@id": _id(each)} for each in breach.twins],
        "dpv:hasStatus": [{"@id": each} for each in (concluded, *needed)],
        "vilkar:party": breach.party,
        "dct:created": _instant(breach.opened_at),
        **{f"vilkar:{name}": _instant(getattr(breach, name)) for name in INSTANTS},
        **{f"vilkar:{name}": _worded(kind, getattr(breach, name)) for name, kind in WORDED.items()},
        **{f"vilkar:{name}": getattr(breach, name) for name in ("customers", "persons", "records")},
        "vilkar:severityScore": breach.severity_score,
        "vilkar:severityBand": _worded("severity_band", breach.severity_band),
        "vilkar:decision": [
            {
                "vilkar:step": _worded("case_step", each.step),
                "dpv:hasJustification": [
                    _worded("case_reason", each.reason),
                    *([_worded("late_reason", each.late_reason)] if each.late_reason else []),
                ],
                "dct:date": _instant(each.decided_at),
            }
            for each in breach.decisions
        ],
        "dpv:hasNotice": [
            {
                "@type": "eu-gdpr:ControllerBreachNotice"
                if each.audience == "customers"
                else "eu-gdpr:DataSubjectBreachNotice",
                "dct:date": _instant(each.decided_at),
                "vilkar:isPartial": each.is_partial,
                "vilkar:recipients": each.recipients,
                "vilkar:told": each.told,
                "vilkar:firstToldAt": _instant(each.first_told_at),
                "vilkar:lastToldAt": _instant(each.last_told_at),
            }
            for each in breach.notices
        ],
    }
    return {name: value for name, value in node.items() if value not in (None, [])}


def _sorts(breach: BreachInRegister) -> Iterator[str]:
    reasons = [each.reason for each in breach.decisions if each.step.startswith("decide_breach")]
    yield from (NATURES[each] for each in (*breach.natures, *reasons) if each in NATURES)


def _id(reference: str) -> str:
    return f"urn:vilkar:case:{reference}"


def _worded(kind: str, value: str | Sequence[str] | None) -> Any:
    """A code of ours with its words; several of them as several."""
    if value is None:
        return None
    if not isinstance(value, str):
        return [_worded(kind, each) for each in value]
    labels = [{"@language": each, "@value": words.said(kind, value, each)} for each in LANGUAGES]
    return {"skos:notation": value, "skos:prefLabel": labels}


def _instant(at: datetime | None) -> dict[str, str] | None:
    return None if at is None else {"@type": "xsd:dateTime", "@value": at.isoformat(timespec="seconds")}
