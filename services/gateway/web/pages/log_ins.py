"""Log-ins on one's own user account, and to whom they were shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import Response

from services.audit.logins.calls import LoginDisclosures, LoginReport
from services.gateway.web.visit import Visit
from shared.web.visit import ident

OWN: Final = "own_access"
DAYS: Final = ("31", "366")
"""For so many days back; audit shows one's own for no longer."""


def show(visit: Visit) -> Response:
    """A page of them, oldest first; the next page begins after the last one."""
    args = visit.request.args
    days, now = visit.chosen("days", DAYS), visit.now
    report = visit.ask(
        LoginReport.from_json(
            {
                "token": visit.session.token,
                "purpose": OWN,
                "from": args.get("from") or (now - timedelta(days=int(days))).isoformat(),
                "to": now.isoformat(),
                "after": str(ident(args["after"])) if args.get("after") else None,
            }
        )
    )
    told, own = visit.ask(LoginDisclosures(token=visit.session.token)), visit.session.user_id
    return visit.page(
        "log_ins",
        days=days,
        logins=report.logins,
        last=None if report.complete or not report.logins else report.logins[-1],
        disclosures=[each for each in told.days if own in each.user_ids or each.not_named],
        since=told.since,
        own=own,
    )
