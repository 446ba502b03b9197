"""What in log-ins is conspicuous. Pure: attempts and an instant go in, findings come out; nothing is decided.

The figures are those of NIST SP 800-63B-4 and the OWASP Authentication Cheat Sheet where these name any; the others
were chosen so that ordinary mistyping of 2,000 users is not among what is found.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.audit.anomalies.values import CLUSTERS, COMPANY_SPRAYING, ORIGINS, Attempt, Place, Thresholds
from services.audit.findings.rules import LISTED
from services.audit.findings.values import Finding
from shared.terms import enforces
from shared.terms.clauses import monitoring, protection

THRESHOLDS: Final = Thresholds(
    version=1,
    guesses=10,
    guess_window=timedelta(hours=1),
    slow_guesses=30,
    sprayed_names=20,
    spray_window=timedelta(minutes=10),
    spray_failing=0.5,
    company_users=5,
    company_share=0.1,
    company_window=timedelta(hours=1),
    stuffed_names=50,
    stuffing_window=timedelta(minutes=10),
    stuffing_failing=0.9,
    slow_window=timedelta(hours=24),
    strange_names=50,
    travel_km_an_hour=1000.0,
    travel_km=500.0,
)
"""In force. An event says under which version it was found."""

GUESSES: Final = frozenset({"unknown_address", "wrong_password", "no_password", "reset_required", "delayed"})
"""Reasons of failed log-ins that say nothing of the password; for every other one it was right."""
MANY_NETWORKS: Final = 3
"""What comes from fewer is found as coming from one."""
SEVERAL: Final = 2
"""One may be mistyped."""
EVERYWHERE: Final = "everywhere"
TRACES_KEPT: Final = timedelta(hours=48)
"""How long names and networks of attempts on nobody are kept: a day to look back, and one for what comes late."""
EARTH_KM: Final = 6371.0


# ── guessing ──────────────────────────────────────────────────────────────────────────────────────────────


@enforces(monitoring.ODD_LOGINS_ARE_REPORTED, protection.ATTACKS_ARE_LOOKED_FOR)
def brute_force(attempts: Iterable[Attempt], at: datetime, limits: Thresholds = THRESHOLDS) -> Finding | None:
    """Ten failures of one name within the hour, or thirty within a day. The brakes work from five."""
    day = list(attempts)
    for span, least in ((limits.guess_window, limits.guesses), (limits.slow_window, limits.slow_guesses)):
        window = _within(day, at, span)
        if len(_failures(window)) >= least:
            return _finding("brute_force", window[0].name, window, at, span)
    return None


@enforces(monitoring.ODD_LOGINS_ARE_REPORTED, protection.ATTACKS_ARE_LOOKED_FOR)
def from_one_network(
    attempts: Iterable[Attempt], at: datetime, limits: Thresholds = THRESHOLDS
) -> Iterator[Finding]:
    """Spraying and stuffing, fast or slow, among the attempts from one /24 or /48 of the last day.

    A name that also got in from there has mistyped, as people of a large office do.
    """
    day = _within(attempts, at, limits.slow_window)
    if not day or day[0].network is None:
        return
    key = day[0].network.hex()
    recent = _within(day, at, limits.spray_window)
    failed = {each.name for each in _failures(recent)} - {each.name for each in recent if each.got_in}
    if len(failed) >= limits.sprayed_names and _failing(recent) >= limits.spray_failing:
        yield _finding("spraying", key, recent, at, limits.spray_window)
    for detector, span in (("stuffing", limits.stuffing_window), ("slow_stuffing", limits.slow_window)):
        window = _within(day, at, span)
        names = {each.name for each in window}
        if len(names) >= limits.stuffed_names and _failing(window) > limits.stuffing_failing:
            yield _finding(detector, key, window, at, span)
            return


@enforces(monitoring.ODD_LOGINS_ARE_REPORTED, protection.ATTACKS_ARE_LOOKED_FOR)
def on_one_company(
    attempts: Iterable[Attempt], known_users: int, at: datetime, limits: Thresholds = THRESHOLDS
) -> Finding | None:
    """A tenth of a company's users, five at least, failed within the hour and did not get in."""
    window = _within(attempts, at, limits.company_window)
    failed = {each.name for each in _failures(window)} - {each.name for each in window if each.got_in}
    if len(failed) < max(limits.company_users, math.ceil(limits.company_share * known_users)):
        return None
    return _finding(COMPANY_SPRAYING, str(window[0].account_id), window, at, limits.company_window)


@enforces(monitoring.ODD_LOGINS_ARE_REPORTED, protection.ATTACKS_ARE_LOOKED_FOR)
def from_many_networks(strange: Iterable[Attempt], at: datetime, limits: Thresholds = THRESHOLDS) -> Finding | None:
    """Fifty names that nobody has within ten minutes, from three networks or more."""
    window = _within(strange, at, limits.stuffing_window)
    networks = {each.network for each in window if each.network}
    if len({each.name for each in window}) < limits.strange_names or len(networks) < MANY_NETWORKS:
        return None
    return _finding("distributed_stuffing", EVERYWHERE, window, at, limits.stuffing_window)


@enforces(monitoring.ODD_LOGINS_ARE_REPORTED)
def part_of_many(attempts: Iterable[Attempt], at: datetime, limits: Thresholds = THRESHOLDS) -> Finding | None:
    """One network's part of such an attack while it lasts: it tried several names that nobody has."""
    window = _within(attempts, at, limits.stuffing_window)
    if len({each.name for each in window if each.user_id is None}) < SEVERAL:
        return None
    return _finding("distributed_stuffing", EVERYWHERE, window, at, limits.stuffing_window)


# ── who got in meanwhile ──────────────────────────────────────────────────────────────────────────────────


@enforces(monitoring.ODD_LOGINS_ARE_REPORTED)
def got_in_during(finding: Finding, attempts: Iterable[Attempt]) -> list[Attempt]:
    """The attempts that got in during an attack on or from the same; whether they came from home is yet to be seen.

    After guessing, those from a network that had failed under the name as often as guessing does. Among a company's
    users who fail, those from a network that failed under other names too, and at least as often as not: from an
    office that has moved most get in.
    """
    window = sorted(_between(attempts, finding), key=lambda each: each.occurred_at)
    entered = [(place, each) for place, each in enumerate(window) if each.got_in and each.user_id and each.network]
    if finding.detector in CLUSTERS:
        return [each for _, each in entered]
    if finding.detector == COMPANY_SPRAYING:
        return [each for _, each in entered if _failed_for_others(each, window)]
    if finding.detector != "brute_force":
        return []
    return [
        each
        for place, each in entered
        if sum(not earlier.got_in and earlier.network == each.network for earlier in window[:place])
        >= THRESHOLDS.guesses
    ]


def _failed_for_others(entered: Attempt, window: Iterable[Attempt]) -> bool:
    here = [each for each in window if each.network == entered.network]
    others = any(each.name != entered.name for each in _failures(here))
    return others and _failing(here) >= THRESHOLDS.spray_failing


@enforces(monitoring.ODD_LOGINS_ARE_REPORTED)
def compromises(cluster: Finding, entered: Iterable[Attempt], most: int = LISTED) -> Iterator[Finding]:
    """That these got in in the midst of it: of each company by itself, and at most so many users at once.

    Whoever reads one knows whose users they are, and nobody is cut off a list.
    """
    of_company: dict[UUID, set[UUID]] = {}
    for each in entered:
        if each.account_id and each.user_id:
            of_company.setdefault(each.account_id, set()).add(each.user_id)
    for account_id, user_ids in sorted(of_company.items()):
        ordered = sorted(user_ids)
        for begin in range(0, len(ordered), most):
            yield replace(
                cluster,
                detector="success_in_cluster",
                account_ids=frozenset({account_id}),
                user_ids=frozenset(ordered[begin : begin + most]),
            )


# ── unusual origins ───────────────────────────────────────────────────────────────────────────────────────


@enforces(monitoring.ODD_LOGINS_ARE_REPORTED)
def unusual_origin(attempt: Attempt, earlier: Sequence[Attempt], limits: Thresholds = THRESHOLDS) -> Finding | None:
    """What is odd about where a user got in from, given the user's earlier log-ins, newest first.

    Too far away too soon; a new country with a new device where countries are known; else a new network with a new
    device. The first log-in of all is none of these.
    """
    past = [each for each in earlier if each.network]
    if not attempt.got_in or attempt.network is None or not past:
        return None
    if attempt.place and past[0].place and _too_fast(past[0], attempt, limits):
        return _about("impossible_travel", attempt)
    if attempt.device in {each.device for each in past}:
        return None
    countries = {each.place.country for each in past if each.place}
    if attempt.place and countries:
        return None if attempt.place.country in countries else _about("unusual_country", attempt)
    return None if attempt.network in {each.network for each in past} else _about("unusual_origin", attempt)


def _too_fast(earlier: Attempt, later: Attempt, limits: Thresholds) -> bool:
    far = distance_km(earlier.place, later.place)
    hours = abs((later.occurred_at - earlier.occurred_at).total_seconds()) / 3600
    return far is not None and far > limits.travel_km and far > limits.travel_km_an_hour * hours


def distance_km(one: Place | None, other: Place | None) -> float | None:
    """Along the earth's surface; None where a place has no coordinates."""
    if one is None or other is None or None in (one.latitude, one.longitude, other.latitude, other.longitude):
        return None
    first, second = math.radians(one.latitude or 0.0), math.radians(other.latitude or 0.0)
    across = math.radians((other.longitude or 0.0) - (one.longitude or 0.0))
    chord = math.sin((second - first) / 2) ** 2 + math.cos(first) * math.cos(second) * math.sin(across / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(chord)))


# ── what is told, and how often ───────────────────────────────────────────────────────────────────────────


def evaluated_at(batch: Iterable[Attempt]) -> Iterator[Attempt]:
    """Of attempts that share what a detector looks at, the newest of each minute: there it looks back."""
    newest: dict[datetime, Attempt] = {}
    for each in sorted(batch, key=lambda attempt: attempt.occurred_at):
        newest[each.occurred_at.replace(second=0, microsecond=0)] = each
    yield from newest.values()


def in_turn(finding: Finding) -> tuple[bool, str, str]:
    """In which order findings of a batch are told: odd origins last, when it is known who was taken over."""
    return finding.detector in ORIGINS, finding.detector, finding.key


@enforces(monitoring.ODD_LOGINS_ARE_REPORTED)
def says_more(finding: Finding, taken_over: Collection[UUID]) -> bool:
    """Whether it is told beside who was taken over: an odd origin of one of those is the same, said weaker."""
    return finding.detector not in ORIGINS or not finding.user_ids <= set(taken_over)


def is_part(finding: Finding) -> bool:
    """Whether it is only one network's part of an attack that is told as a whole."""
    return finding.detector == "distributed_stuffing" and finding.networks < MANY_NETWORKS


def _within(attempts: Iterable[Attempt], at: datetime, span: timedelta) -> list[Attempt]:
    return [each for each in attempts if at - span < each.occurred_at <= at]


def _between(attempts: Iterable[Attempt], finding: Finding) -> list[Attempt]:
    return [each for each in attempts if finding.window_from < each.occurred_at <= finding.window_to]


def _failures(attempts: Iterable[Attempt]) -> list[Attempt]:
    return [each for each in attempts if not each.got_in]


def _failing(attempts: Collection[Attempt]) -> float:
    return len(_failures(attempts)) / len(attempts) if attempts else 0.0


def _finding(detector: str, key: str, window: Sequence[Attempt], at: datetime, span: timedelta) -> Finding:
    return Finding(
        detector=detector,
        key=key,
        window_from=at - span,
        window_to=at,
        attempts=len(window),
        failures=len(_failures(window)),
        targets=len({each.name for each in window}),
        networks=len({each.network for each in window if each.network}),
        account_ids=frozenset(each.account_id for each in window if each.account_id),
        user_ids=frozenset(each.user_id for each in window if each.user_id),
    )


def _about(detector: str, attempt: Attempt) -> Finding:
    return _finding(detector, attempt.name, [attempt], attempt.occurred_at, timedelta(seconds=1))
