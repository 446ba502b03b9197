from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.account.authentication.values import LOGIN_FAILURES
from services.audit.anomalies import rules
from services.audit.anomalies.places import Places
from services.audit.anomalies.values import CLUSTERS, DETECTORS, Attempt, Place
from services.audit.findings import rules as telling
from services.audit.findings.values import Episode
from services.audit.logins.rules import device_of
from services.audit.unusual_use.values import USE_DETECTORS

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
COMPANY = UUID(int=1)
HOME, ELSEWHERE = b"home", b"elsewhere"


def attempt(user=None, *, ago=0.0, got_in=False, network=HOME, device=b"browser", place=None, name=None):
    """So many seconds before now; by a user of the one company, or on a name that nobody has."""
    return Attempt(
        attempt_id=uuid4(),
        occurred_at=NOW - timedelta(seconds=ago),
        got_in=got_in,
        name=str(user or name or uuid4()),
        account_id=COMPANY if user else None,
        user_id=user,
        network=network,
        device=device,
        place=place,
    )


def users(count):
    return [UUID(int=1000 + number) for number in range(count)]


def found(attempts):
    return [each.detector for each in rules.from_one_network(attempts, NOW)]


# ── guessing ──


@pytest.mark.clause("WATCH-1")
@pytest.mark.parametrize(("failures", "apart", "is_found"), [(9, 60, False), (10, 60, True), (10, 401, False)])
def test_ten_failures_of_a_name_within_the_hour_are_brute_force(failures, apart, is_found):
    (user,) = users(1)
    finding = rules.brute_force([attempt(user, ago=apart * number) for number in range(failures)], NOW)
    assert bool(finding) is is_found
    if finding:
        assert (finding.detector, finding.failures, finding.user_ids) == ("brute_force", 10, {user})


def test_thirty_over_a_day_are_found_although_the_brakes_make_them_slow():
    (user,) = users(1)
    slow = [attempt(user, ago=2000 * number) for number in range(30)]
    assert rules.brute_force(slow[:29], NOW) is None
    assert rules.brute_force(slow, NOW) is not None


@pytest.mark.clause("WATCH-1")
def test_twenty_names_from_one_network_are_spraying_unless_they_get_in_at_last():
    tried = [attempt(user, ago=10 * number) for number, user in enumerate(users(20))]
    assert found(tried) == ["spraying"]
    assert found(tried[:19]) == []
    office = [attempt(user, ago=5 * number, got_in=True) for number, user in enumerate(users(20))]
    assert found(tried + office) == [], "people of a large office mistype and get in"


@pytest.mark.clause("WATCH-1")
@pytest.mark.parametrize(
    ("names", "apart", "expected"),
    [(49, 5, ["spraying"]), (50, 5, ["spraying", "stuffing"]), (50, 1200, ["slow_stuffing"]), (49, 1200, [])],
)
def test_fifty_names_from_one_network_are_stuffing_within_minutes_or_a_day(names, apart, expected):
    assert found([attempt(ago=apart * number) for number in range(names)]) == expected


def test_a_tenth_that_gets_in_is_not_stuffing():
    tried = [attempt(ago=2 * number) for number in range(54)]
    entered = [attempt(user, ago=1, got_in=True) for user in users(6)]
    assert found(tried + entered) == ["spraying"]
    assert found(tried + entered[:5]) == ["spraying", "stuffing"]


@pytest.mark.parametrize(("failing", "known", "is_found"), [(4, 10, False), (5, 50, True), (5, 51, False)])
def test_a_tenth_of_a_companys_users_five_at_least(failing, known, is_found):
    tried = [attempt(user, ago=60, network=bytes([number])) for number, user in enumerate(users(failing))]
    assert bool(rules.on_one_company(tried, known, NOW)) is is_found
    entered = attempt(users(1)[0], ago=30, got_in=True)
    assert rules.on_one_company([*tried, entered], known, NOW) is None


def test_names_that_nobody_has_from_many_networks():
    strange = [attempt(ago=number, network=bytes([number % 25])) for number in range(50)]
    assert rules.from_many_networks(strange, NOW) is not None
    assert rules.from_many_networks(strange[:49], NOW) is None
    one = [attempt(ago=number, network=bytes([number % 2])) for number in range(50)]
    assert rules.from_many_networks(one, NOW) is None, "that is found as coming from one"
    part = rules.part_of_many([attempt(name="a"), attempt(name="b")], NOW)
    assert part is not None
    assert rules.is_part(part)
    assert rules.part_of_many([attempt(name="a"), attempt(name="a")], NOW) is None


# ── who got in meanwhile ──


@pytest.mark.clause("WATCH-1")
def test_whoever_gets_in_during_a_cluster_is_looked_at():
    tried = [attempt(ago=5 * number) for number in range(60)]
    (user,) = users(1)
    entered = attempt(user, ago=3, got_in=True)
    for cluster in rules.from_one_network([*tried, entered], NOW):
        assert cluster.detector in CLUSTERS
        assert rules.got_in_during(cluster, [*tried, entered]) == [entered]
        (told,) = rules.compromises(cluster, [entered])
        assert (told.detector, told.user_ids, told.account_ids) == ("success_in_cluster", {user}, {COMPANY})


@pytest.mark.clause("WATCH-1")
def test_whoever_gets_in_while_colleagues_are_sprayed_is_looked_at_where_the_network_failed_for_others():
    victim, colleague, *many = users(12)
    sprayed = [attempt(user, ago=60 + number, network=f"{number}".encode()) for number, user in enumerate(many)]
    here = [attempt(colleague, ago=30, network=ELSEWHERE), attempt(victim, ago=20, got_in=True, network=ELSEWHERE)]
    from_home = attempt(many[0], ago=10, got_in=True)
    mistyped = [attempt(many[1], ago=9, network=b"alone"), attempt(many[1], ago=8, got_in=True, network=b"alone")]
    window = [*sprayed, *here, from_home, *mistyped]
    finding = rules.on_one_company(window, 50, NOW)
    assert [each.user_id for each in rules.got_in_during(finding, window)] == [victim]
    office = [attempt(user, ago=5, got_in=True, network=ELSEWHERE) for user in users(40)[20:]]
    assert rules.got_in_during(finding, [*window, *office]) == [], "from an office that has moved most get in"


@pytest.mark.clause("WATCH-1")
def test_who_got_in_is_told_of_each_company_by_itself_and_nobody_is_cut_off():
    other, mine, theirs = UUID(int=2), users(5), [UUID(int=9)]
    tried = [attempt(ago=5 * number) for number in range(60)]
    (cluster,) = [each for each in rules.from_one_network(tried, NOW) if each.detector == "stuffing"]
    entered = [attempt(user, got_in=True) for user in [*mine, mine[0]]]
    entered += [replace(attempt(user, got_in=True), account_id=other) for user in theirs]
    told = list(rules.compromises(cluster, entered, most=2))
    assert [(set(each.account_ids), len(each.user_ids)) for each in told] == [
        ({COMPANY}, 2), ({COMPANY}, 2), ({COMPANY}, 1), ({other}, 1),
    ]  # fmt: skip
    assert set().union(*(each.user_ids for each in told[:3])) == set(mine)
    assert told[3].user_ids == set(theirs)
    assert {each.failures for each in told} == {cluster.failures}
    assert list(rules.compromises(cluster, [])) == []


def test_guessing_that_succeeds_is_told_from_an_owner_who_comes_meanwhile():
    (user,) = users(1)
    guesses = [attempt(user, ago=100 + number, network=ELSEWHERE) for number in range(10)]
    owner, thief = attempt(user, got_in=True), attempt(user, got_in=True, network=ELSEWHERE)
    finding = rules.brute_force([*guesses, owner, thief], NOW)
    assert rules.got_in_during(finding, [*guesses, owner, thief]) == [thief]


def test_every_reason_to_refuse_says_whether_the_password_was_right():
    assert {"wrong_password", "unknown_address", "no_password", "delayed"} <= rules.GUESSES
    assert not rules.GUESSES - set(LOGIN_FAILURES)
    assert "account_inactive" not in rules.GUESSES


# ── unusual origins ──


def test_a_new_network_and_a_new_device_are_unusual_and_one_of_them_is_not():
    (user,) = users(1)
    earlier = [attempt(user, ago=86400, got_in=True)]
    odd = attempt(user, got_in=True, network=ELSEWHERE, device=b"other")
    assert rules.unusual_origin(odd, earlier).detector == "unusual_origin"
    assert rules.unusual_origin(odd, []) is None, "the first log-in of all"
    assert rules.unusual_origin(attempt(user, got_in=True, network=ELSEWHERE), earlier) is None
    assert rules.unusual_origin(attempt(user, got_in=True, device=b"other"), earlier) is None
    assert rules.unusual_origin(attempt(user, network=ELSEWHERE, device=b"other"), earlier) is None


OSLO, BERGEN, SYDNEY = (
    Place(country="NO", latitude=59.9, longitude=10.7),
    Place(country="NO", latitude=60.4, longitude=5.3),
    Place(country="AU", latitude=-33.9, longitude=151.2),
)


def test_where_countries_are_known_a_new_one_counts_and_a_new_network_does_not():
    (user,) = users(1)
    earlier = [attempt(user, ago=86400 * 9, got_in=True, place=Place(country="NO"))]
    fields = {"got_in": True, "network": ELSEWHERE, "device": b"other"}
    assert rules.unusual_origin(attempt(user, place=Place(country="NO"), **fields), earlier) is None
    abroad = rules.unusual_origin(attempt(user, place=Place(country="SE"), **fields), earlier)
    assert abroad.detector == "unusual_country"


def test_nobody_is_in_oslo_and_an_hour_later_in_sydney():
    (user,) = users(1)
    earlier = [attempt(user, ago=3600, got_in=True, place=OSLO)]
    fields = {"got_in": True, "network": ELSEWHERE}
    assert rules.unusual_origin(attempt(user, place=SYDNEY, **fields), earlier).detector == "impossible_travel"
    assert rules.unusual_origin(attempt(user, place=BERGEN, **fields), earlier) is None
    long_ago = [attempt(user, ago=86400, got_in=True, place=OSLO)]
    assert rules.unusual_origin(attempt(user, place=SYDNEY, **fields), long_ago) is None


def test_distances_are_those_of_the_globe():
    assert rules.distance_km(OSLO, BERGEN) == pytest.approx(305, abs=10)
    assert rules.distance_km(OSLO, SYDNEY) == pytest.approx(15960, abs=60)
    assert rules.distance_km(OSLO, Place(country="NO")) is None


def test_a_browser_is_the_same_device_after_an_update():
    before, after = (
        "Mozilla/5.0 (X11; Linux x86_64) Firefox/131.0",
        "Mozilla/5.0 (X11; Linux x86_64) Firefox/132.0.1",
    )
    assert device_of(before) == device_of(after) != device_of("Mozilla/5.0 (Windows NT 10.0) Firefox/131.0")
    assert device_of(None) is None


# ── the operator's table ──


def test_the_smallest_network_of_the_table_counts():
    places = Places.parse("# ours\n203.0.113.0/24,NO,59.9139,10.7461\n203.0.113.128/25,se\n\n2001:db8::/32,DK\n")
    assert places.of("203.0.113.7") == OSLO
    assert places.of("203.0.113.200") == Place(country="SE")
    assert places.of("::ffff:203.0.113.200") == Place(country="SE")
    assert places.of("2001:db8::1") == Place(country="DK")
    assert places.of("192.0.2.1") is places.of("no address") is Places().of("203.0.113.7") is None


@pytest.mark.parametrize(
    "line",
    ["203.0.113.0/24", "203.0.113.1/24,NO", "203.0.113.0/24,Norge", "10.0.0.0/8,NO,91,0", "10.0.0.0/8,NO,nan,0"],
)
def test_a_line_that_is_none_is_named_and_nothing_is_taken(line):
    with pytest.raises(ValueError, match="line 2 "):
        Places.parse(f"192.0.2.0/24,NO\n{line}\n")


@given(st.text(max_size=200))
def test_any_text_is_a_table_or_refused_in_words(text):
    with contextlib.suppress(ValueError):
        assert Places.parse(text).of("203.0.113.7") is None or "," in text


# ── how often it is told ──


def test_an_attack_is_told_when_it_begins_and_each_hour_and_of_one_person_once():
    def episode(seen, told):
        hours = timedelta(hours=1)
        return Episode(anomaly_id=uuid4(), seen_at=NOW - seen * hours, told_at=NOW - told * hours)

    assert not telling.is_told_again(episode(0, 0.9), "stuffing", NOW)
    assert telling.is_told_again(episode(0, 1), "stuffing", NOW)
    assert not telling.is_told_again(episode(0, 9), "brute_force", NOW)
    assert telling.is_over(episode(1.1, 5), "stuffing", NOW)
    assert not telling.is_over(episode(1.1, 5), "brute_force", NOW)
    assert telling.is_over(episode(24.1, 25), "brute_force", NOW)
    assert not telling.ABOUT_ONE - {*DETECTORS, *USE_DETECTORS}


def test_one_look_back_a_minute_is_enough():
    batch = [attempt(ago=seconds) for seconds in (0, 1, 59, 61, 130)]
    assert [(NOW - each.occurred_at).seconds for each in rules.evaluated_at(batch)] == [130, 61, 1, 0]
