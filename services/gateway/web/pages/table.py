"""All pages of customers, in one list. A page needs a session unless its line says otherwise."""

from __future__ import annotations

from typing import Final

from services.gateway.web.acts import Act
from services.gateway.web.pages import (
    agreement,
    company,
    copies,
    emails,
    incidents,
    log_in,
    log_ins,
    me,
    people,
    rights,
    sign_up,
    start,
    support,
)
from shared.web.door import Page

ACTS: Final[tuple[Act, ...]] = (
    log_in.LOG_IN,
    log_in.COME_BACK,
    sign_up.SIGN_UP,
    *me.ACTS,
    *emails.ACTS,
    *copies.ACTS,
    *people.ACTS,
    *company.ACTS,
    *rights.ACTS,
    *incidents.ACTS,
    *support.ACTS,
)
PAGES: Final = (
    Page(rule="/", view=start.show, is_public=True),
    Page(rule="/log-out", view=log_in.leave, method="POST", is_public=True, keeps_draft=False),
    Page(rule="/log-ins", view=log_ins.show),
    Page(rule="/me", view=me.show),
    Page(rule="/copies", view=copies.show),
    Page(rule="/people", view=people.show),
    Page(rule="/company", view=company.show),
    Page(rule="/agreement", view=agreement.show, is_public=True),
    Page(rule="/ended", view=company.ended, is_public=True),
    Page(rule="/rights", view=rights.show),
    Page(rule="/support", view=support.show),
    Page(rule="/support/<thread_id>", view=support.thread),
    Page(rule="/incidents", view=incidents.show),
    Page(rule="/incidents/<case_id>/data-pack", view=incidents.data_pack),
    Page(rule="/incidents/<case_id>/data-pack/file", view=incidents.data_pack_file),
    *(page for act in ACTS for page in act.pages()),
)
