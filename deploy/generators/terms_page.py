"""What stands behind each clause: docs/terms.md for people, enforcement.json for whoever shows the promises."""

from __future__ import annotations

from shared.bus import discovery, probes
from shared.bus.every_service import EveryService
from shared.terms import enforcement, text_report
from shared.terms.rule_discovery import ROOT, load_rules
from shared.terms.rule_registry import registered
from shared.terms.status import status


def page() -> dict[str, str]:
    """Both by their paths. What tests and probes said last stands in neither."""
    load_rules()
    behind = enforcement.to_json(registered(), _probes())
    return {
        str(enforcement.FILE.relative_to(ROOT)): behind,
        "docs/terms.md": text_report.as_markdown(status(by_clause=enforcement.from_json(behind))),
    }


def _probes() -> dict[str, list[enforcement.Probe]]:
    """The probes of each clause; every service has those of the bus besides its own."""
    by_clause: dict[str, list[enforcement.Probe]] = {}
    for service in discovery.services():
        for name, spec in (*probes.declared_by(service), *probes.declared_by(EveryService)):
            for clause_id in spec.clause_ids:
                each = enforcement.Probe(service.name, name, spec.says, spec.seconds)
                by_clause.setdefault(clause_id, []).append(each)
    return by_clause
