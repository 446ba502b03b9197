"""A certificate of erasure."""

from __future__ import annotations

import json

from flask import Response

from services.desk.web.visit import Visit
from services.retention.certificates.calls import Certificate
from shared.web.visit import ident


def show(visit: Visit, certificate_id: str) -> Response:
    """A certificate, verified just now; before it is issued, how far its erasure is."""
    shown = visit.desk.ask(Certificate(certificate_id=ident(certificate_id)))
    body = json.loads(shown.document)["certificate"] if shown.document else None
    return visit.page("certificate", shown=shown, body=body)
