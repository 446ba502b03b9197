"""What the public is shown of the promises: how each stands by its tests and by the running system."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shared.clock import Clock
from shared.evidence import release
from shared.evidence.watching import Watching
from shared.terms import json_report
from shared.terms.proof import Proof
from shared.terms.status import ClauseStatus, status


class Promises:
    """How the promises stand. What tests said is read once, for reading all files takes a while."""

    def __init__(self, proof: Proof, clock: Clock, watching: Watching | None = None) -> None:
        """`proof` is what tests said of these files; without `watching` there is no running system to look at."""
        self.proof = proof
        self._clock = clock
        self._watching = watching

    def now(self) -> tuple[list[ClauseStatus], datetime]:
        """Every clause as it stands now, and the instant."""
        now = self._clock.now()
        looks = None if self._watching is None else self._watching.known
        return status(self.proof, looks, now), now

    def document(self) -> dict[str, Any]:
        """All of it as JSON values."""
        statuses, now = self.now()
        return json_report.as_document(statuses, self.proof, now)

    def jsonld(self, address: str) -> dict[str, Any]:
        """The same in the vocabulary DPV; `address` is where it is read."""
        statuses, now = self.now()
        return json_report.as_jsonld(statuses, now, address=address)


_shown: Promises | None = None


def show(promises: Promises) -> None:
    """Show these from now on; once, before anything is served."""
    global _shown  # noqa: PLW0603  # one process serves one system
    _shown = promises


def shown() -> Promises:
    """What is shown; where nobody said otherwise, what the files themselves tell."""
    if _shown is None:
        show(Promises(release.proof({}), Clock()))
        return shown()
    return _shown
