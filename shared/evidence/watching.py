"""What the probes of all services saw, asked for again and again: whoever reads the promises never waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Final

from shared import log
from shared.bus.every_service_calls import ProbesLooked
from shared.errors import VilkarError
from shared.terms.enforcement import enforced
from shared.terms.proof import Look
from shared.terms.status import Looks

SECONDS: Final = 120.0
"""The pause between two rounds; how often a probe looks again is its own matter."""

Ask = Callable[[str], ProbesLooked]
"""Asks the service of this name what its probes saw."""

_log = log.get("watching")


def watched_services() -> list[str]:
    """The services that have probes."""
    return sorted({probe.service for each in enforced().values() for probe in each.probes})


def looks(ask: Ask, services: Iterable[str]) -> Looks:
    """The last look of each probe of these services; one that does not answer has none."""
    by_probe: Looks = {}
    for service in services:
        try:
            answer = ask(service)
        except VilkarError as error:
            _log.warning("probes_unknown", of=service, exc_info=error)
            continue
        except Exception as error:  # noqa: BLE001  # one answer that cannot be read must neither hide others nor end it
            _log.error("probes_not_understood", of=service, exc_info=error)
            continue
        by_probe |= {
            (service, each.name): Look(at=each.looked_at, count=each.count, act=each.act) for each in answer.probes
        }
    return by_probe


class Watching:
    """Asks all services in a thread of its own, and knows what each answered last."""

    def __init__(self, ask: Ask) -> None:
        """`ask` reaches the services."""
        self._ask = ask
        self._known: Looks = {}
        self._stop = threading.Event()

    @property
    def known(self) -> Looks:
        """What was seen last; a service that is away keeps its last answer, which grows old."""
        return dict(self._known)

    def start(self) -> None:
        """Ask at once, and then every two minutes until `stop`."""
        threading.Thread(target=self._run, name="watching", daemon=True).start()

    def stop(self) -> None:
        """Ask no more."""
        self._stop.set()

    def ask(self) -> None:
        """Ask every service once."""
        for service in watched_services():
            self._known = {**self._known, **looks(self._ask, [service])}

    def _run(self) -> None:
        while not self._stop.is_set():
            self.ask()
            self._stop.wait(SECONDS)
