"""Which pages there are, where, and how they are asked for. What is not said to be public needs a session."""

from __future__ import annotations

from typing import Final

from services.desk.web.app import Page
from services.desk.web.pages import (
    backups,
    certificates,
    customers,
    erasures,
    find,
    holds,
    letters,
    log_in,
    parked,
    promises,
    start,
)

PAGES: Final = (
    Page(rule="/log-in", view=log_in.show, is_public=True),
    Page(rule="/", view=start.show),
    Page(rule="/alarms", view=start.alarms),
    Page(rule="/find", view=find.show),
    Page(rule="/find", view=find.search, method="POST"),
    Page(rule="/customers/<account_id>", view=customers.show),
    Page(rule="/customers/<account_id>/timeline", view=customers.timeline),
    Page(rule="/holds", view=holds.listed),
    Page(rule="/holds/<hold_id>", view=holds.show),
    Page(rule="/restrictions", view=holds.restrictions),
    Page(rule="/erasures", view=erasures.listed),
    Page(rule="/certificates/<certificate_id>", view=certificates.show),
    Page(rule="/letters", view=letters.show),
    Page(rule="/parked", view=parked.listed),
    Page(rule="/parked/<service>/<parked_id>", view=parked.show),
    Page(rule="/backups", view=backups.show),
    Page(rule="/terms", view=promises.show),
)
