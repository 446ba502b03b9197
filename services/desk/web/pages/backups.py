"""Backups and the ledger: how old they are, what is wrong with them, how far each database is."""

from __future__ import annotations

from flask import Response

from services.desk.queries import ledger
from services.desk.queries.backups import copies_of, rows_of
from services.desk.web.visit import Visit
from shared import backup_record


def show(visit: Visit) -> Response:
    """What is recorded of the backups, and one look at ledger and databases."""
    settings, now = visit.desk.settings, visit.desk.clock.now()
    record = backup_record.read(settings.backup_dir)
    wrong = backup_record.alarms(record, now)
    found = ledger.look(settings)
    return visit.page(
        "backups",
        record=record,
        rows=rows_of(record, wrong, now),
        copies=copies_of(record, wrong, now),
        found=found,
        databases=ledger.rows_of(found),
        is_whole=not ledger.what_is_wrong(found, now),
    )
