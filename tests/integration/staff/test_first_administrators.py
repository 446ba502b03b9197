"""The first administrators: invited on the machine, until two of them live."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import pytest

from services.staff.first_administrators.invitation import Invited
from services.staff.grants.calls import Grants, RevokeGrant
from services.staff.machine_doors.feature import MachineDoors
from services.staff.passkeys.calls import PasskeysOf, RevokePasskeyOf
from services.staff.people.calls import InvitePerson, RecordExit, link_digest
from services.staff.prerequisites.calls import Prerequisites, WithdrawPrerequisite
from services.staff.service import first_administrators
from shared.bus.alarms import open_alarms
from shared.context import acting_as
from shared.errors import Conflict, Forbidden
from shared.staff import Purpose, Role
from tests.in_process import ask
from tests.integration.staff.colleague import Colleague
from tests.integration.staff.machine_command import machine_command
from tests.integration.staff.staff_stage import SPENT_CODES
from tests.integration.staff.test_rights import give, sign, train

pytestmark = [pytest.mark.integration, pytest.mark.clause("STAFF-1")]

HOUR = timedelta(hours=1)
TODAY = date(2026, 11, 23)


def invite(stage, code: str, on: date = TODAY) -> Invited:
    return first_administrators(stage.database, stage.clock, SPENT_CODES).invite(
        code, course="introduction", trained_on=on
    )


def closed(stage, code: str = "per") -> str:
    with pytest.raises(Conflict) as refused:
        invite(stage, code)
    return refused.value.details["reason"]


def come(stage, invited: Invited) -> None:
    """Enrol two passkeys."""
    colleague = stage.colleagues[invited.code] = Colleague(stage, invited.code)
    colleague.enrol_both(invited.token)


def test_who_enrols_and_never_signs_keeps_the_door_shut_for_an_hour(stage) -> None:
    for each in (invite(stage, "kari"), invite(stage, "ola")):
        come(stage, each)
    sign(stage, "kari")
    stage.clock.move(HOUR - timedelta(seconds=1))
    assert closed(stage) == "on_their_way"
    stage.clock.move(timedelta(seconds=1))
    come(stage, invite(stage, "per"))
    assert closed(stage, "eva") == "on_their_way"
    stage.session_of("per")
    sign(stage, "per")
    assert closed(stage, "eva") == "administrators_live"


@pytest.mark.parametrize(("left", "opens"), [(2, False), (1, True), (0, True)])
def test_an_administrator_without_two_passkeys_keeps_nobody_out(stage, left, opens) -> None:
    """Who has lost them cannot act, and who alone is left can let nobody back in whom another one approves."""
    for each in (invite(stage, "kari"), invite(stage, "ola")):
        come(stage, each)
        sign(stage, each.code)
    keys = ask(stage.service, PasskeysOf(code="ola")).passkeys
    for key in keys[left:]:
        ask(stage.service, RevokePasskeyOf(code="ola", passkey_id=key.passkey_id, reason="lost"))
    stage.clock.move(HOUR)
    if not opens:
        assert closed(stage) == "administrators_live"
        return
    assert invite(stage, "per").code == "per"
    assert standing(stage) == {"kari": ("active", True), "ola": ("active", False), "per": ("invited", False)}


def standing(stage) -> dict[str, tuple[str, bool]]:
    everybody = first_administrators(stage.database, stage.clock, SPENT_CODES).everybody()
    return {each.code: (each.state, each.administrator) for each in everybody}


def test_two_come_at_once_and_sign_and_then_the_door_is_shut(stage) -> None:
    kari, ola = invite(stage, "kari"), invite(stage, "ola")
    assert kari.ends_at == stage.clock.now() + HOUR
    assert closed(stage) == "on_their_way"
    come(stage, kari)
    come(stage, ola)
    assert closed(stage) == "on_their_way"
    sign(stage, "kari")
    assert standing(stage) == {"kari": ("active", True), "ola": ("active", False)}
    sign(stage, "ola")
    stage.clock.move(2 * HOUR)
    assert closed(stage) == "administrators_live"
    assert kari.token not in str(stage.rows("SELECT body FROM outbox"))
    told = [(event, about, data.get("bootstrap"), actor) for event, about, data, actor in stage.events()]
    assert ("staff.grant_given", "staff/kari", True, "system") in told
    assert ("staff.prerequisite_recorded", "staff/kari", None, "system") in told


def test_whoever_lets_the_hour_pass_gets_a_new_link_and_keeps_nobody_out(stage) -> None:
    kari = invite(stage, "kari")
    invite(stage, "ola")
    stage.clock.move(HOUR)
    again = invite(stage, "kari")
    assert again.token != kari.token
    with pytest.raises(Forbidden):
        come(stage, kari)
    invite(stage, "per")
    assert closed(stage, "ola") == "on_their_way"
    come(stage, again)
    assert standing(stage)["kari"] == ("active", False)
    assert [data["bootstrap"] for event, _, data, _ in stage.events() if event == "staff.grant_given"] == [True] * 3


def test_the_first_two_invite_a_third_and_grant_by_what_everybody_needs(stage) -> None:
    for each in (invite(stage, "kari"), invite(stage, "ola")):
        come(stage, each)
        sign(stage, each.code)
    with acting_as("staff:kari"):
        stage.enrolled("per")
    with pytest.raises(Forbidden):
        give(stage, code="per")
    sign(stage, "per")
    train(stage, "per")
    assert give(stage, code="per").live
    with pytest.raises(Conflict):
        invite(stage, "per")


def missing(stage) -> tuple[int, datetime] | None:
    """How many administrators who can act are missing, and since when, as whoever looks at alarms is told."""
    told = {each.spec.code: each.waiting for each in open_alarms((stage.service,))}
    waiting = told.get("administrators_too_few")
    return (waiting.count, waiting.since) if waiting else None


def test_fewer_than_two_administrators_who_can_act_are_an_alarm(stage) -> None:
    assert missing(stage) is None, "nobody has come, and nobody is there to look at it"
    begun = stage.clock.now()
    for left, each in zip((2, 1), (invite(stage, "kari"), invite(stage, "ola")), strict=True):
        come(stage, each)
        assert missing(stage) == (left, begun), "they have not signed"
        sign(stage, each.code)
    assert missing(stage) is None
    stage.clock.move(HOUR)
    (key, _) = ask(stage.service, PasskeysOf(code="ola")).passkeys
    ask(stage.service, RevokePasskeyOf(code="ola", passkey_id=key.passkey_id, reason="lost"))
    assert missing(stage) == (1, begun + HOUR)
    stage.clock.move(timedelta(days=100))
    assert missing(stage) is not None
    count, since = missing(stage)
    assert (count, since > begun + HOUR) == (2, True), "what the machine grants lasts three months"


def test_the_door_opens_again_where_fewer_than_two_are_left(stage) -> None:
    for each in (invite(stage, "kari"), invite(stage, "ola")):
        come(stage, each)
        sign(stage, each.code)
    assert closed(stage) == "administrators_live"
    for code in ("kari", "ola"):
        with pytest.raises(Forbidden) as refused:
            ask(stage.service, RecordExit(code=code, reason="dismissed"))
        assert refused.value.details == {"reason": "last_administrators"}
    for key in ask(stage.service, PasskeysOf(code="ola")).passkeys:
        ask(stage.service, RevokePasskeyOf(code="ola", passkey_id=key.passkey_id, reason="stolen"))
    assert ask(stage.service, RecordExit(code="ola", reason="dismissed")).state == "left"
    with pytest.raises(Conflict):
        invite(stage, "ola")
    invite(stage, "per")
    assert closed(stage, "eva") == "on_their_way"
    stage.clock.move(timedelta(days=100))
    assert standing(stage)["kari"] == ("active", False)


def test_nothing_that_makes_an_administrator_is_taken_back_from_either_of_the_last_two(stage) -> None:
    for each in (invite(stage, "kari"), invite(stage, "ola")):
        come(stage, each)
        sign(stage, each.code)
    (granted,) = ask(stage.service, Grants(code="ola")).grants
    needed = ask(stage.service, Prerequisites(code="ola")).prerequisites
    assert {each.kind for each in needed} == {"undertaking", "training"}
    losses = [RevokeGrant(grant_id=granted.grant_id)] + [
        WithdrawPrerequisite(prerequisite_id=each.prerequisite_id, reason="outdated") for each in needed
    ]
    told = stage.events()
    for loss in losses:
        with pytest.raises(Forbidden) as refused:
            ask(stage.service, loss)
        assert refused.value.details == {"reason": "last_administrators"}
    assert stage.events() == told
    assert closed(stage) == "administrators_live"
    sign(stage, "ola"), train(stage, "ola")
    for loss in losses[1:]:
        assert not ask(stage.service, loss).live, "another one counts"
    with acting_as("staff:kari"):
        stage.enrolled("per")
    sign(stage, "per"), train(stage, "per")
    with pytest.raises(Forbidden):
        ask(stage.service, losses[0])
    give(stage, code="per", role=Role.STAFF_ADMIN, purpose=Purpose.STAFF_ADMINISTRATION)
    assert not ask(stage.service, losses[0]).live
    assert closed(stage) == "administrators_live"


def test_of_two_administrators_one_shuts_out_the_other_by_the_keys_and_the_machine_lets_another_in(stage) -> None:
    for each in (invite(stage, "kari"), invite(stage, "ola")):
        come(stage, each)
        sign(stage, each.code)
    (granted,) = ask(stage.service, Grants(code="ola")).grants
    for key in ask(stage.service, PasskeysOf(code="ola")).passkeys:
        ask(stage.service, RevokePasskeyOf(code="ola", passkey_id=key.passkey_id, reason="stolen"))
    assert not ask(stage.service, RevokeGrant(grant_id=granted.grant_id)).live
    come(stage, invite(stage, "per"))
    sign(stage, "per")
    assert missing(stage) is None


@pytest.mark.parametrize("on", [date(2026, 11, 24), date(2024, 11, 23)])
def test_training_that_does_not_count_invites_nobody(stage, on) -> None:
    with pytest.raises(Conflict):
        invite(stage, "kari", on)
    assert standing(stage) == {}


def test_whoever_was_invited_otherwise_gets_nothing_by_this_door(stage) -> None:
    ask(stage.service, InvitePerson(code="kari", token_digest=link_digest("x")))
    with pytest.raises(Conflict):
        invite(stage, "kari")
    assert [event for event, *_ in stage.events() if event == "staff.grant_given"] == []


# ── the command ──


@pytest.fixture
def vilkar(infrastructure, broker, databases, keyring_database, owner, tmp_path):
    """`vilkar staff …` as whoever is root here runs it."""
    return machine_command(infrastructure, broker, databases, keyring_database, owner=owner, folder=tmp_path)


def test_the_command_shows_the_link_once_and_refuses_in_words(vilkar) -> None:
    code, told = vilkar("invite", "kari", "--json")
    assert code == 0, told
    shown = json.loads(told)
    assert shown["address"].startswith("http://desk.localhost:8010/enrol/")
    assert vilkar("invite", "ola")[0] == 0
    code, told = vilkar("invite", "per")
    assert code == 2
    assert "Two are on their way" in told
    assert "on_their_way" in told
    code, told = vilkar("invite", "Kari Nordmann")
    assert (code, "not of the form of kari-n" in told) == (2, True)
    code, told = vilkar("list", "--json")
    assert [(each["code"], each["state"], each["roles"]) for each in json.loads(told)] == [
        ("kari", "invited", ["staff_admin"]),
        ("ola", "invited", ["staff_admin"]),
    ]
    assert shown["address"].rpartition("/")[2] not in told


def test_the_verbs_of_the_machine_note_themselves_by_a_command_and_staff_take_it_up(
    stage, vilkar, tmp_path
) -> None:
    for door in ("backup", "keys_rotate"):
        code, told = vilkar("note-door", door)
        assert (code, told) == (0, "")
    assert vilkar("note-door", "cellar")[0] == 2
    MachineDoors(database=stage.database, clock=stage.clock, state_dir=tmp_path).take_up_noted()
    code, told = vilkar("doors", "--json")
    assert code == 0, told
    assert {(each["door"], each["countersigned_at"]) for each in json.loads(told)} == {
        ("backup", None),
        ("keys_rotate", None),
    }
    code, told = vilkar("databases", "--json")
    assert (code, json.loads(told)) == (0, [])
