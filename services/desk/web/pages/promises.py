"""The promises of the terms: what keeps each, what its tests said, what the running system shows."""

from __future__ import annotations

from functools import cache

from flask import Response

from services.desk.web.visit import Visit
from shared.bus.every_service_calls import Probes
from shared.evidence import release, watching
from shared.terms import json_report
from shared.terms.proof import Proof
from shared.terms.status import status


def show(visit: Visit) -> Response:
    """Every clause as it stands now."""
    at, now = visit.desk, visit.desk.clock.now()
    proof = _proof(at.settings.raw.get(release.SETTING, ""))
    services = watching.watched_services()
    with at.together() as page:
        asked = {service: page.ask(Probes(), of=service) for service in services}
    looks = watching.looks(lambda service: asked[service].reply, services)
    return visit.page("promises", promises=json_report.as_document(status(proof, looks, now), proof, now))


@cache
def _proof(signers: str) -> Proof:
    """What tests said of these files; read once, for it takes a while."""
    return release.proof({release.SETTING: signers} if signers else {})
