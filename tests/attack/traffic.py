"""Generated log-ins: an ordinary working day of many users, and attacks in the midst of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from services.audit.anomalies.values import Attempt, Place

DAY: Final = datetime(2026, 12, 7, tzinfo=UTC)
"""A Monday; the days before it are what users are known by."""
EARLIER_DAYS: Final = 10
MISTYPED: Final = 0.08
"""Log-ins of an ordinary day that begin with a mistyped password."""
FORGOTTEN: Final = 0.01
WRONG_NAME: Final = 0.02
AWAY: Final = 0.03
"""Log-ins from a hotel or a train, with the usual device."""
NEW_DEVICE: Final = 0.002
MOBILE_NETWORKS: Final = 12
COMPANY_USERS: Final = 5
CITIES: Final = (
    Place(country="NO", latitude=59.9, longitude=10.7),
    Place(country="NO", latitude=60.4, longitude=5.3),
)
IN_NORWAY: Final = Place(country="NO")
"""A mobile network or a hotel: where in the country it is, no table says."""
FAR_AWAY: Final = Place(country="SG", latitude=1.3, longitude=103.8)
ABROAD: Final = Place(country="BR")
ON_HOLIDAY: Final = Place(country="ES", latitude=38.3, longitude=-0.5)
TRAVELLERS: Final = 50
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True)
class User:
    """Somebody with a company, an office and a few devices."""

    id: UUID
    account_id: UUID
    office: bytes
    home: bytes
    devices: tuple[bytes, ...]

    @property
    def city(self) -> Place:
        """Where the office and the home are."""
        return CITIES[self.account_id.int % len(CITIES)]


@dataclass
class Scene:
    """All attempts of the days, and which findings each attack should bring about: detector and key."""

    attempts: list[Attempt] = field(default_factory=list)
    expected: dict[str, set[str]] = field(default_factory=dict)
    tried: dict[UUID, list[tuple[datetime, UUID]]] = field(default_factory=dict)
    """By company when attackers tried which of its users, and did not get in."""

    @property
    def touched(self) -> set[str]:
        """Companies of which five users were tried within an hour, by whatever attacks: to suspect one is right."""
        return {
            str(company) for company, tried in self.tried.items() if _most_within_an_hour(tried) >= COMPANY_USERS
        }

    def expect(self, detector: str, key: str) -> None:
        self.expected.setdefault(detector, set()).add(key)


class Generator:
    """One scene; equal seeds make equal scenes."""

    def __init__(self, seed: int, users: int, *, with_places: bool = False) -> None:
        """`users` spread over companies of 2 to 60, some of which share an office building.

        `with_places` is where the operator has a table of networks and places.
        """
        self.with_places = with_places
        self.random = random.Random(seed)  # noqa: S311  # to be repeatable, and nothing is kept secret by it
        self.scene = Scene()
        self.mobile = [self._bytes() for _ in range(MOBILE_NETWORKS)]
        self.users: list[User] = []
        while len(self.users) < users:
            company, office = self._id(), self._bytes()
            for _ in range(min(self.random.choice((2, 3, 5, 8, 15, 30, 60)), users - len(self.users))):
                devices = tuple(self._bytes() for _ in range(self.random.choice((1, 2, 2, 3))))
                self.users.append(User(self._id(), company, office, self._bytes(), devices))

    # ── an ordinary day ──

    def ordinary(self) -> None:
        """The days before, and the day that is measured."""
        for days_before in range(EARLIER_DAYS, -1, -1):
            for user in self.users:
                for _ in range(self.random.choice((1, 1, 2, 3))):
                    self._log_in(user, DAY - timedelta(days=days_before) + self._office_hours())

    def _log_in(self, user: User, at: datetime) -> None:
        network = self.random.choices((user.office, user.home, self.random.choice(self.mobile)), (6, 2, 1))[0]
        if self.random.random() < AWAY:
            network = self._bytes()
        device = self._bytes() if self.random.random() < NEW_DEVICE else self.random.choice(user.devices)
        failures = 0
        if self.random.random() < FORGOTTEN:
            failures = self.random.randint(3, 7)
        elif self.random.random() < MISTYPED:
            failures = self.random.choice((1, 1, 1, 2, 2, 3))
        for number in range(failures):
            self._add(at - timedelta(seconds=12 * (failures - number)), network, device, user)
        if self.random.random() < WRONG_NAME:
            self._add(at - timedelta(seconds=90), network, device, None)
        self._add(at, network, device, user, got_in=True)

    def _office_hours(self) -> timedelta:
        """Most at eight in the morning; some at any time of the day."""
        hour = self.random.gauss(8.0, 0.4) if self.random.random() < 0.6 else self.random.uniform(6, 22)
        return timedelta(hours=min(max(hour, 0.1), 23.5))

    # ── attacks ──

    def attacks(self) -> None:
        """Of each kind some, at any time of the day."""
        victims = iter(self.random.sample(self.users, len(self.users)))
        for _ in range(4):
            self._brute_force(next(victims), 15, timedelta(minutes=30))
            self._brute_force(next(victims), 40, timedelta(hours=20))
            self._unusual(next(victims))
        for _ in range(3):
            self._from_one(
                [next(victims) for _ in range(self.random.randint(22, 40))], 0, "spraying", timedelta(minutes=9)
            )
            entered = [next(victims) for _ in range(self.random.randint(0, 3))]
            self._from_one([], self.random.randint(60, 200), "stuffing", timedelta(minutes=8), entered)
            entered = [next(victims) for _ in range(self.random.randint(0, 3))]
            self._from_one([], self.random.randint(70, 120), "slow_stuffing", timedelta(hours=20), entered)
        self._from_many([next(victims) for _ in range(3)])
        self._on_company()

    def _brute_force(self, victim: User, times: int, span: timedelta) -> None:
        network, start = self._bytes(), self._start(span)
        for number in range(times):
            self._try(start + span * number / times, network, victim)
        self.scene.expect("brute_force", str(victim.id))

    def _from_one(
        self, known: list[User], strange: int, detector: str, span: timedelta, entered: list[User] | None = None
    ) -> None:
        network, start = self._bytes(), self._start(span)
        targets: list[User | None] = [*known, *[None] * strange, *(entered or [])]
        self.random.shuffle(targets)
        for number, target in enumerate(targets):
            at = start + span * number / len(targets)
            if target is not None and target in (entered or []):
                self._add(at, network, self._bytes(), target, got_in=True)
            else:
                self._try(at, network, target)
        self.scene.expect(detector, network.hex())
        for each in entered or []:
            self.scene.expect("success_in_cluster", str(each.id))

    def _from_many(self, entered: list[User]) -> None:
        span, networks = timedelta(minutes=9), [self._bytes() for _ in range(40)]
        start = self._start(span)
        for number in range(200):
            self._add(start + span * number / 400, networks[number % 40], self._bytes(), None)
        for number, each in enumerate(entered):
            self._add(start + span * (0.6 + 0.1 * number), networks[number], self._bytes(), each, got_in=True)
            self.scene.expect("success_in_cluster", str(each.id))
        self.scene.expect("distributed_stuffing", "everywhere")

    def _on_company(self) -> None:
        sizes: dict[UUID, list[User]] = {}
        for user in self.users:
            sizes.setdefault(user.account_id, []).append(user)
        company = self.random.choice([each for each in sizes.values() if len(each) >= 8])
        start = self._start(timedelta(hours=1))
        for number, user in enumerate(company[: max(8, len(company) // 4)]):
            self._try(start + timedelta(minutes=number), self._bytes(), user)
        self.scene.expect("company_spraying", str(company[0].account_id))

    def _unusual(self, victim: User) -> None:
        self._add(self._start(timedelta(hours=1)), self._bytes(), self._bytes(), victim, got_in=True)
        self.scene.expect("unusual_origin", str(victim.id))

    def far_away(self) -> None:
        """Log-ins from where their users are not, and of some who have really travelled since they left work."""
        last: dict[UUID, Attempt] = {}
        for each in self.scene.attempts:
            if (
                each.user_id
                and each.got_in
                and (each.user_id not in last or last[each.user_id].occurred_at < each.occurred_at)
            ):
                last[each.user_id] = each
        people = iter(self.random.sample(self.users, len(self.users)))
        for _ in range(6):
            victim = next(people)
            self._add(self._start(HOUR), self._bytes(), self._bytes(), victim, got_in=True, place=ABROAD)
            self.scene.expect("unusual_country", str(victim.id))
        at_home = (each for each in people if last[each.id].network in (each.office, each.home))
        for _ in range(6):
            victim = next(at_home)
            soon = last[victim.id].occurred_at + timedelta(minutes=25)
            self._add(soon, self._bytes(), victim.devices[0], victim, got_in=True, place=FAR_AWAY)
            self.scene.expect("impossible_travel", str(victim.id))
        for _ in range(TRAVELLERS):
            each = next(people)
            later = last[each.id].occurred_at + timedelta(hours=5)
            self._add(later, self._bytes(), each.devices[0], each, got_in=True, place=ON_HOLIDAY)

    def _start(self, span: timedelta) -> datetime:
        return DAY + (timedelta(hours=23) - span) * self.random.random()

    # ── parts ──

    def _try(self, at: datetime, network: bytes, user: User | None) -> None:
        self._add(at, network, self._bytes(), user)
        if user is not None:
            self.scene.tried.setdefault(user.account_id, []).append((at, user.id))

    def _add(
        self,
        at: datetime,
        network: bytes,
        device: bytes,
        user: User | None,
        *,
        got_in: bool = False,
        place: Place | None = None,
    ) -> None:
        if self.with_places and place is None and user is not None:
            place = user.city if network in (user.office, user.home) else IN_NORWAY
        self.scene.attempts.append(
            Attempt(
                attempt_id=self._id(),
                occurred_at=at,
                got_in=got_in,
                name=str(user.id if user else self._id()),
                account_id=user.account_id if user else None,
                user_id=user.id if user else None,
                network=network,
                device=device,
                place=place,
            )
        )

    def _bytes(self) -> bytes:
        return self.random.randbytes(8)

    def _id(self) -> UUID:
        return UUID(bytes=self.random.randbytes(16))


def _most_within_an_hour(tried: list[tuple[datetime, UUID]]) -> int:
    return max(len({user for at, user in tried if last - HOUR < at <= last}) for last, _ in tried)


def scene(seed: int, users: int) -> Scene:
    """Ordinary days with attacks in the midst of the last one, in order of time."""
    generator = Generator(seed, users)
    generator.ordinary()
    generator.attacks()
    generator.scene.attempts.sort(key=lambda each: each.occurred_at)
    return generator.scene


def far_scene(seed: int, users: int) -> Scene:
    """Ordinary days where networks have places, with log-ins from far away and travellers."""
    generator = Generator(seed, users, with_places=True)
    generator.ordinary()
    generator.far_away()
    generator.scene.attempts.sort(key=lambda each: each.occurred_at)
    return generator.scene


def ordinary_scene(seed: int, users: int) -> Scene:
    """Ordinary days alone: people who mistype, and nobody else."""
    generator = Generator(seed, users)
    generator.ordinary()
    generator.scene.attempts.sort(key=lambda each: each.occurred_at)
    return generator.scene


def batches_of(attempts: list[Attempt]) -> Iterator[list[Attempt]]:
    """The attempts in the batches in which a job that runs every ten seconds would find them."""
    batch: list[Attempt] = []
    for each in attempts:
        if batch and each.occurred_at - batch[0].occurred_at > timedelta(seconds=10):
            yield batch
            batch = []
        batch.append(each)
    if batch:
        yield batch
