"""Campaigns: how each stands, what it says, and what is still to be decided before it leaves."""

from __future__ import annotations

from flask import Response

from services.desk.web import paging
from services.desk.web.visit import Visit
from services.notification.campaigns.calls import Campaigns, ShowCampaign
from shared.web.visit import ident


def listed(visit: Visit) -> Response:
    """Every campaign, the newest first."""
    shown = visit.desk.ask(Campaigns(after=paging.after(visit)))
    return visit.page("campaigns", campaigns=shown.campaigns, pages=paging.around(visit, shown.next_after))


def show(visit: Visit, campaign_id: str) -> Response:
    """One campaign with its words."""
    return visit.page("campaign", campaign=visit.desk.ask(ShowCampaign(campaign_id=ident(campaign_id))))
