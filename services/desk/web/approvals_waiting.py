"""How many requests wait for a person's approval: beside the page of approvals in the navigation of each page."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from services.staff.approvals.calls import ListApprovals
from shared import log
from shared.calls import Caller
from shared.errors import VilkarError

ANEW_SECONDS: Final = 15.0
"""So old a number may be. What a person does at the desk has it counted anew at once."""
ASKING_SECONDS: Final = 1.0
COUNTED_MOST: Final = 200
"""No more are counted; the page of approvals shows all."""
MOST: Final = 1000
"""The numbers of so many sessions are remembered, those that were asked for last."""

logger = log.get("desk")


class ApprovalsWaiting:
    """Knows for some seconds what staff answered to each session. A number that is not known keeps no page back."""

    def __init__(self, caller: Caller, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`caller` reaches the service staff."""
        self._caller = caller
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[float, int | None]] = OrderedDict()

    def of(self, token: str) -> int | None:
        """How many wait for the holder of this session; None where staff do not say."""
        now = self._monotonic()
        with self._lock:
            known = self._known.get(token)
        if known is not None and now < known[0] + ANEW_SECONDS:
            return known[1]
        number = self._asked(token)
        with self._lock:
            self._known[token] = now, number
            self._known.move_to_end(token)
            while len(self._known) > MOST:
                self._known.popitem(last=False)
        return number

    def forget(self, token: str) -> None:
        """Count anew when it is asked for the next time."""
        with self._lock:
            self._known.pop(token, None)

    def _asked(self, token: str) -> int | None:
        try:
            waiting = self._caller.ask(
                ListApprovals(token=token, limit=COUNTED_MOST), timeout_seconds=ASKING_SECONDS
            ).approvals
        except VilkarError as error:
            logger.info("it is not known how many approvals wait", exc_info=error)
            return None
        return sum(each.approvable for each in waiting)
