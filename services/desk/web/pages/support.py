"""What customers' people write to support: what waits for an answer, and the threads of one customer."""

from __future__ import annotations

from typing import Final

from flask import Response

from services.account.support.calls import BEFORE_MOST, SupportThread, SupportThreads, WaitingSupport
from services.desk.web import paging, purposes
from services.desk.web.visit import Visit
from shared.web.visit import ident, not_found

NUMBER_MOST: Final = len(str(BEFORE_MOST))


def waiting(visit: Visit) -> Response:
    """What waits, of all customers, those first that are due first; nothing of what it says."""
    shown = paging.page(visit, WaitingSupport())
    return visit.page("support", threads=shown.threads, pages=paging.around(visit, shown.next_after))


@purposes.asked_first("account.support_threads")
def of_customer(visit: Visit, account_id: str) -> Response:
    """The threads of one customer, those first in which something was written last."""
    known = ident(account_id)
    shown = paging.page(visit, SupportThreads(account_id=known, actor=visit.desk.who))
    return visit.page(
        "support_threads",
        account_id=known,
        threads=shown.threads,
        pages=paging.around(visit, shown.next_after),
        purpose=visit.desk.purpose,
    )


@purposes.asked_first("account.support_thread")
def thread(visit: Visit, account_id: str, thread_id: str) -> Response:
    """One thread, with its newest messages or those before them."""
    known = ident(account_id)
    before = visit.request.args.get("before")
    asked = SupportThread(
        account_id=known,
        actor=visit.desk.who,
        thread_id=ident(thread_id),
        before=_number(before) if before else None,
    )
    return visit.page("support_thread", account_id=known, thread=visit.desk.ask(asked), purpose=visit.desk.purpose)


def _number(text: str) -> int:
    """The number of a message in an address. Raises `NotFound` for what is none."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= NUMBER_MOST else 0
    return number if 1 < number <= BEFORE_MOST else not_found()
