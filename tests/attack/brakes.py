"""What brakes do to people: those who mistype on an ordinary day, and one whose name is under attack all day long.

The rules are those of account; what they read of rows stands in dictionaries here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from services.account.authentication import rules
from tests.attack.traffic import DAY, Scene

LONGEST: Final = timedelta(minutes=15)
"""Nobody who mistypes waits longer, whatever happens."""
GUESSED_EVERY: Final = timedelta(seconds=10)
MISTYPED: Final = 4
"""Before each log-in of the victim; with five the brake of one's own answers."""


@dataclass
class Door:
    """Takes attempts, or says how long to wait."""

    failed: defaultdict[Hashable, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    proved: dict[tuple[str, bytes], datetime] = field(default_factory=dict)

    def attempt(self, name: str, address: bytes, now: datetime, *, is_right: bool) -> timedelta | None:
        """How long whoever tries has to wait; None where the password was looked at."""
        own = (name, address)
        is_own = rules.has_proved(self.proved.get(own), now)
        key: Hashable = own if is_own else name
        closed = [rules.name_closed_until(self.failed[key], now)]
        if not is_own:
            closed.append(rules.address_closed_until(self.failed[address], now))
        ahead = [each for each in closed if each is not None]
        if ahead:
            return max(ahead) - now
        if is_right:
            self.failed[key] = []
            self.proved[own] = now
            return None
        for place in (key, address):
            self.failed[place] = rules.kept_failures([*self.failed[place], now], now)
        return None

    def read_letter(self, name: str, address: bytes, now: datetime) -> None:
        """Somebody has set the password anew by the letter, at this address."""
        self.failed[name] = []
        self.proved[name, address] = now


@dataclass(frozen=True)
class Waits:
    """Log-ins of people with the right password: how many, how many had to wait, and the longest wait."""

    log_ins: int
    kept_waiting: int
    longest: timedelta


def of_ordinary_people(scene: Scene) -> Waits:
    """On all days of a scene without attacks: who has to wait comes back when the brake says so, and gets in."""
    door, log_ins, waits = Door(), 0, []
    for each in scene.attempts:
        address = each.network or b""
        waited = door.attempt(each.name, address, each.occurred_at, is_right=each.got_in)
        if each.got_in:
            log_ins += 1
            if waited is not None:
                waits.append(waited)
                again = door.attempt(each.name, address, each.occurred_at + waited, is_right=True)
                assert again is None, "a brake opens when it has said"
    return Waits(log_ins=log_ins, kept_waiting=len(waits), longest=max(waits, default=timedelta()))


def of_a_victim() -> tuple[Waits, Waits]:
    """One name is guessed at all day from ever new addresses; its holder logs in each hour, and mistypes first.

    Without the reset letter, and with it once in the morning, both from one address.
    """
    return _victim(has_letter=False), _victim(has_letter=True)


def _victim(*, has_letter: bool) -> Waits:
    door, name, home = Door(), "victim", b"home"
    waits: list[timedelta] = []
    for number in range(timedelta(days=1) // GUESSED_EVERY):
        now = DAY + number * GUESSED_EVERY
        door.attempt(name, number.to_bytes(4, "big"), now, is_right=False)
        if has_letter and now == DAY + timedelta(hours=6):
            door.read_letter(name, home, now)
        if now >= DAY + timedelta(hours=6) and (now - DAY) % timedelta(hours=1) == timedelta():
            for mistake in range(MISTYPED):
                door.attempt(name, home, now + timedelta(seconds=mistake), is_right=False)
            waited = door.attempt(name, home, now + timedelta(seconds=MISTYPED), is_right=True)
            waits.append(waited or timedelta())
    kept = [each for each in waits if each]
    return Waits(log_ins=len(waits), kept_waiting=len(kept), longest=max(kept, default=timedelta()))
