"""What was done on the machine itself, past what staff may do."""

from __future__ import annotations

from flask import Response

from services.desk.web.visit import Visit
from services.staff.machine_doors.calls import ListMachineDoors


def show(visit: Visit) -> Response:
    """What waits for two persons to countersign it, the oldest first; then what was countersigned."""
    shown = visit.desk.ask(ListMachineDoors())
    return visit.page("machine", uses=shown.uses, complete=shown.complete)
