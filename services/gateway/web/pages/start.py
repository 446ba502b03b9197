"""Where one starts: for whoever has logged in how things stand, for everybody else the ways in."""

from __future__ import annotations

from typing import Final

from flask import Response

from services.account.companies.calls import GetAccount
from services.gateway.web.pages.me import myself
from services.gateway.web.visit import Visit
from services.retention.monitoring.calls import Timeline

OPEN_STATES: Final = frozenset({"scheduled", "halted", "announced", "fenced", "ordered", "destroyed"})
"""Erasures that are planned or under way."""
BEGUN: Final = ("fenced", "ordered", "destroyed")
"""Those that nobody calls off any more."""


def show(visit: Visit) -> Response:
    """The start page."""
    if visit.session_or_none is None:
        return visit.page("welcome", is_over=visit.is_over)
    company = visit.ask(GetAccount.from_json(visit.mine))
    whose = None if visit.is_owner else visit.session.user_id
    planned = visit.ask(Timeline(account_id=visit.session.account_id, user_id=whose)).erasures
    erasures = [
        each
        for each in planned
        if each.state in OPEN_STATES and (visit.is_owner or each.user_id in (None, visit.session.user_id))
    ]
    return visit.page("start", company=company, me=myself(visit), erasures=erasures, BEGUN=BEGUN)
