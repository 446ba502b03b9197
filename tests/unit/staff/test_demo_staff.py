"""The people of a demo: enough for two at every act, with keys that production never takes."""

from __future__ import annotations

import pytest

from services.staff.demo_staff import rules
from services.staff.demo_staff.feature import InventedPeople
from shared.bus.declarations import SPEC_ATTRIBUTE
from shared.config import SettingError, load, load_for_commands
from shared.demo_staff import KEYS, PEOPLE, authenticator_of
from shared.production import faults
from shared.staff import Role, acts
from shared.webauthn import RelyingParty

pytestmark = pytest.mark.unit

PARTY = RelyingParty.of_url("http://desk.localhost:8010")


@pytest.mark.parametrize("name", sorted(acts()))
def test_every_act_can_be_done_by_one_and_approved_by_another(name) -> None:
    able = [person.code for person in PEOPLE if set(person.grants) & set(acts()[name].act.roles)]
    assert len(able) >= 2


def test_the_first_of_them_can_do_what_an_ordinary_day_brings() -> None:
    kari = set(PEOPLE[0].grants)
    beyond = {name for name, each in acts().items() if not kari & set(each.act.roles)}
    assert {name for name in beyond if not name.startswith("staff.")} == set()


def test_their_keys_are_the_same_each_time_and_each_a_different_one() -> None:
    def key(code: str, number: int, party: RelyingParty = PARTY) -> bytes:
        (held,) = authenticator_of(code, number, party, environment="demo").keys
        return held.credential_id

    assert key("kari", 0) == key("kari", 0)
    every = {key(person.code, number) for person in PEOPLE for number in range(KEYS)}
    assert len(every) == len(PEOPLE) * KEYS
    assert key("kari", 0, RelyingParty.of_url("https://desk.example")) not in every


def test_production_has_none_of_them() -> None:
    with pytest.raises(SettingError):
        authenticator_of("kari", 0, PARTY, environment="production")
    assert any("VILKAR_INVENTED_PEOPLE" in fault for fault in faults({"VILKAR_INVENTED_PEOPLE": "yes"}))
    assert not load_for_commands({"VILKAR_INVENTED_PEOPLE": "yes"}).has_invented_people


@pytest.mark.parametrize(
    ("environment", "said", "wanted"),
    [("demo", None, True), ("demo", "no", False), ("test", None, False), ("test", "yes", True)],
)
def test_they_come_to_a_demo_and_to_a_test_that_asks_for_them(environment, said, wanted) -> None:
    told = {"VILKAR_ENVIRONMENT": environment} | ({"VILKAR_INVENTED_PEOPLE": said} if said else {})
    assert load(told).has_invented_people is wanted


def test_a_setting_that_is_neither_is_named() -> None:
    settings = load({"VILKAR_ENVIRONMENT": "demo", "VILKAR_INVENTED_PEOPLE": "perhaps"})
    with pytest.raises(SettingError, match="VILKAR_INVENTED_PEOPLE"):
        _ = settings.has_invented_people


def test_what_was_revoked_is_not_granted_again() -> None:
    assert rules.not_granted([Role.SUPPORT, Role.FINANCE], [Role.FINANCE]) == [Role.SUPPORT]


def test_where_a_round_fails_at_the_first_start_nobody_waits_for_minutes() -> None:
    """Until they have come staff are not ready, and nobody else can log in."""
    spec = getattr(InventedPeople.bring_invented_people, SPEC_ATTRIBUTE)
    assert spec.seconds <= 10
