from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.account.authentication import store
from services.account.authentication.password_hashing import PasswordHashing
from shared.errors import Conflict, Forbidden, Invalid, Locked, NotFound, TooMany, Unauthenticated
from tests.forms import PASSWORD

pytestmark = pytest.mark.integration
NEW_PASSWORD = "Bjørka står i lauv 99"


def failed(world, user_id=None):
    return [
        e["reason"] for e in world.outbox("login.failed") if e["user_id"] == (str(user_id) if user_id else None)
    ]


def test_a_session_is_opened_used_and_closed(world) -> None:
    member = world.sign_up()
    session = world.log_in(member)
    assert session["role"] == "owner"
    known = world.call("authenticate", token=session["token"])
    assert (known["account_id"], known["user_id"]) == (str(member.account_id), str(member.user_id))
    assert known["actor"] == member.actor
    world.call("log_out", token=session["token"])
    world.call("log_out", token=session["token"])
    with pytest.raises(Unauthenticated):
        world.call("authenticate", token=session["token"])


def test_the_address_is_compared_without_regard_to_case(world) -> None:
    member = world.sign_up()
    assert world.log_in(member, email=f"  {member.email.upper()} ")["user_id"] == str(member.user_id)


def test_a_token_is_kept_as_its_digest_only(world) -> None:
    token = world.log_in(world.sign_up())["token"]
    stored = world.rows(
        "SELECT token_hash, row_to_json(session)::text FROM session ORDER BY created_at DESC LIMIT 1"
    )
    assert len(stored[0][0]) == 32
    assert token not in stored[0][1]


def test_a_session_ends_when_unused_and_at_last_in_any_case(world) -> None:
    member = world.sign_up()
    idle, busy = world.log_in(member)["token"], world.log_in(member)["token"]
    for _ in range(12):
        world.clock.move(timedelta(minutes=59))
        world.call("authenticate", token=busy)
    with pytest.raises(Unauthenticated):
        world.call("authenticate", token=idle)
    world.clock.move(timedelta(minutes=13))
    with pytest.raises(Unauthenticated):
        world.call("authenticate", token=busy)


def test_a_user_has_at_most_ten_sessions_and_the_oldest_ends(world) -> None:
    member = world.sign_up()
    tokens = []
    for _ in range(11):
        world.clock.move(timedelta(seconds=1))
        tokens.append(world.log_in(member)["token"])
    with pytest.raises(Unauthenticated):
        world.call("authenticate", token=tokens[0])
    for token in tokens[1:]:
        world.call("authenticate", token=token)


@pytest.mark.clause("ISOLATE-1")
def test_unknown_address_wrong_password_and_missing_password_are_told_alike(world) -> None:
    owner = world.sign_up()
    invited = world.add_user(owner, joined=False)
    told = set()
    for email, password in (
        (world.fresh_email("ukjent"), PASSWORD),
        (owner.email, "feil passord her"),
        (invited.email, PASSWORD),
    ):
        with pytest.raises(Unauthenticated) as refused:
            world.call("log_in", email=email, password=password, origin=world.origin())
        told.add((refused.value.message, json.dumps(refused.value.details)))
    assert len(told) == 1
    assert failed(world, owner.user_id) == ["wrong_password"]


def test_unknown_and_known_addresses_cost_the_same_work(world, monkeypatch) -> None:
    owner = world.sign_up()
    done: list[str] = []
    for part, name in (
        (world.authentication.hashing, "matches"),
        (world.service.sealing.vault, "seal_many"),
        (store, "insert_attempt"),
        (store, "set_failures"),
        (store, "candidate"),
    ):
        kept = getattr(part, name)
        monkeypatch.setattr(
            part,
            name,
            lambda *args, _kept=kept, _name=name, **kwargs: (done.append(_name), _kept(*args, **kwargs))[1],
        )
    seen = []
    for email in (owner.email, world.fresh_email("ukjent")):
        with pytest.raises(Unauthenticated):
            world.call("log_in", email=email, password="feil passord her", origin=world.origin())
        seen.append(list(done))
        done.clear()
    assert seen[0] == seen[1]
    assert "matches" in seen[0]


def test_an_unconfirmed_address_is_told_only_to_who_knows_the_password(world) -> None:
    member = world.sign_up(confirmed=False)
    with pytest.raises(Forbidden) as refused:
        world.log_in(member)
    assert refused.value.details == {"reason": "unconfirmed"}
    with pytest.raises(Unauthenticated):
        world.log_in(member, password="noe helt annet 1")
    assert failed(world, member.user_id) == ["unconfirmed", "wrong_password"]


@pytest.mark.clause("LOGIN-1", "WATCH-2")
def test_attempts_are_recorded_with_origin_and_told_for_48_hours(world) -> None:
    member = world.sign_up()
    world.log_in(member)
    with pytest.raises(Unauthenticated):
        world.log_in(member, password="feil passord her", origin=world.origin("2001:db8:1:2::7"))
    with pytest.raises(Unauthenticated):
        world.call("log_in", email=world.fresh_email("x"), password="feil passord her", origin=world.origin())
    events = [event for event in world.outbox()[-6:] if event["_type"] in ("login.succeeded", "login.failed")]
    ids = [event["attempt_id"] for event in events]
    told = {a["attempt_id"]: a for a in world.call("login_origins", attempt_ids=[*ids, uuid4()])["attempts"]}
    assert [told[i]["outcome"] for i in ids] == ["succeeded", "wrong_password", "unknown_address"]
    assert [told[i]["ip"] for i in ids] == [world.ip, "2001:db8:1:2::7", world.ip]
    assert {told[i]["user_agent"] for i in ids} == {"Mozilla/5.0 Fjellreven"}
    assert told[ids[0]]["address_index"] == told[ids[2]]["address_index"] != told[ids[1]]["address_index"]
    assert told[ids[2]]["user_id"] is None
    world.clock.move(timedelta(hours=48, seconds=1))
    world.run("purge_expired")
    assert world.call("login_origins", attempt_ids=ids)["attempts"] == []


@pytest.mark.clause("SCAN-1", "WATCH-1")
def test_failures_make_the_name_wait_and_never_for_ever(world) -> None:
    member = world.sign_up()
    for number in range(5):
        with pytest.raises(Unauthenticated):
            world.log_in(member, password="feil passord her", origin=world.origin(f"198.51.100.{number}"))
    with pytest.raises(TooMany) as refused:
        world.log_in(member)
    assert refused.value.details == {"retry_after_seconds": 30}
    for _ in range(20):  # attempts while closed do not prolong it
        with pytest.raises(TooMany):
            world.log_in(member)
    world.clock.move(timedelta(seconds=30))
    assert world.log_in(member)["token"]
    assert world.log_in(member)["token"]
    assert failed(world, member.user_id) == ["wrong_password"] * 5 + ["delayed"] * 21


def test_a_soft_lock_of_15_minutes_follows_ten_failures_and_a_letter_opens_it(world) -> None:
    member = world.sign_up()
    for _ in range(10):
        with pytest.raises(Unauthenticated):
            world.log_in(member, password="feil passord her")
        world.clock.move(timedelta(minutes=5, seconds=30))
    world.clock.move(timedelta(seconds=-30))
    with pytest.raises(TooMany) as refused:
        world.log_in(member)
    assert refused.value.details["retry_after_seconds"] == 600
    world.call("request_password_reset", email=member.email)
    world.run("answer_letter_requests")
    token = world.token_of(member, "password_reset", "password_reset")
    world.call("reset_password", token=token, new_password=NEW_PASSWORD)
    assert world.log_in(member, password=NEW_PASSWORD)["token"]


def test_unknown_names_are_slowed_exactly_as_known_ones(world) -> None:
    email = world.fresh_email("ukjent")
    for number in range(5):
        with pytest.raises(Unauthenticated):
            world.call("log_in", email=email, password=PASSWORD, origin=world.origin(f"198.51.100.{number}"))
    with pytest.raises(TooMany) as refused:
        world.call("log_in", email=email, password=PASSWORD, origin=world.origin())
    assert refused.value.details == {"retry_after_seconds": 30}


def test_many_attempts_at_once_do_not_slip_through(world) -> None:
    member = world.sign_up()

    def attempt(_: int) -> str:
        try:
            world.log_in(member, password="feil passord her")
        except (Unauthenticated, TooMany) as refused:
            return refused.code
        return "in"

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(attempt, range(32)))
    assert answers.count("unauthenticated") == 5
    assert answers.count("too_many") == 27


def test_an_address_that_fails_with_forty_names_has_to_wait(world) -> None:
    for _ in range(40):
        with pytest.raises(Unauthenticated):
            world.call("log_in", email=world.fresh_email("spray"), password=PASSWORD, origin=world.origin())
    member = world.sign_up()
    with pytest.raises(TooMany):
        world.log_in(member)
    assert world.log_in(member, origin=world.origin("192.0.2.200"))["token"]


def test_the_state_of_the_brake_is_shared_and_forgotten_after_a_day(world) -> None:
    member = world.sign_up()
    with pytest.raises(Unauthenticated):
        world.log_in(member, password="feil passord her")
    before = world.rows("SELECT count(*) FROM login_brake")[0][0]
    assert before > 0
    world.clock.move(timedelta(days=400))
    world.run("purge_expired")
    assert world.rows("SELECT count(*) FROM login_brake") == [(0,)]


def test_changing_the_password_ends_the_other_sessions(world) -> None:
    member = world.sign_up()
    here, there = world.log_in(member)["token"], world.log_in(member)["token"]
    change = {"token": here, "origin": world.origin(), "new_password": NEW_PASSWORD}
    with pytest.raises(Forbidden):
        world.call("change_password", **change, current_password="feil passord her")
    with pytest.raises(Invalid):
        world.call("change_password", **change | {"new_password": "Bjørkholt rør 1234"}, current_password=PASSWORD)
    with pytest.raises(Invalid):
        world.call("change_password", **change | {"new_password": f"x {member.email}"}, current_password=PASSWORD)
    world.call("change_password", **change, current_password=PASSWORD)
    world.call("authenticate", token=here)
    with pytest.raises(Unauthenticated):
        world.call("authenticate", token=there)
    with pytest.raises(Unauthenticated):
        world.log_in(member)
    world.log_in(member, password=NEW_PASSWORD)
    assert len([e for e in world.outbox("user.password_changed") if e["user_id"] == str(member.user_id)]) == 1


def test_guessing_the_current_password_inside_a_session_is_slowed_too(world) -> None:
    member = world.sign_up()
    token = world.log_in(member)["token"]
    change = {"token": token, "origin": world.origin(), "new_password": NEW_PASSWORD}
    for _ in range(5):
        with pytest.raises(Forbidden):
            world.call("change_password", **change, current_password="feil passord her")
    with pytest.raises(TooMany):
        world.call("change_password", **change, current_password=PASSWORD)


def test_a_new_password_that_is_not_acceptable_does_not_count_as_guessing(world) -> None:
    member = world.sign_up()
    token = world.log_in(member)["token"]
    change = {"token": token, "origin": world.origin(), "current_password": PASSWORD}
    for _ in range(6):
        with pytest.raises(Invalid):
            world.call("change_password", **change, new_password="kort")
    assert world.call("change_password", **change, new_password=NEW_PASSWORD) == {"status": "done"}


def test_a_reset_works_once_for_an_hour_and_ends_all_sessions(world) -> None:
    member = world.sign_up()
    session = world.log_in(member)["token"]
    world.call("request_password_reset", email=member.email)
    world.run("answer_letter_requests")
    stale = world.token_of(member, "password_reset", "password_reset")
    world.clock.move(timedelta(minutes=60))
    with pytest.raises(NotFound):
        world.call("reset_password", token=stale, new_password=NEW_PASSWORD)
    token = world.token_of(member, "password_reset", "password_reset")
    session = world.log_in(member)["token"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: _reset(world, token, f"{NEW_PASSWORD} {n}"), range(8)))
    assert answers.count("done") == 1
    assert answers.count("not_found") == 7
    with pytest.raises(Unauthenticated):
        world.call("authenticate", token=session)


def _reset(world, token: str, password: str) -> str:
    try:
        return world.call("reset_password", token=token, new_password=password)["status"]
    except NotFound as refused:
        return refused.code


def test_digests_follow_the_parameters_at_the_next_log_in(world) -> None:
    member = world.sign_up()
    query = "SELECT password_hash FROM credential WHERE user_id = %s"
    assert "m=64,t=1,p=1" in world.rows(query, member.user_id)[0][0]
    world.authentication.hashing = PasswordHashing()
    world.log_in(member)
    assert world.rows(query, member.user_id)[0][0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    world.log_in(member)


def test_no_connection_is_held_while_a_password_is_compared(world) -> None:
    member = world.sign_up()
    held = []

    class Watching(PasswordHashing):
        def matches(self, kept, password):
            held.append(world.database._pool.get_stats()["pool_available"])
            return super().matches(kept, password)

        def hash(self, password):
            held.append(world.database._pool.get_stats()["pool_available"])
            return super().hash(password)

    world.authentication.hashing = Watching(memory_kib=64, passes=1)
    size = world.database._pool.get_stats()["pool_size"]
    token = world.log_in(member)["token"]
    world.call(
        "change_password", token=token, origin=world.origin(), current_password=PASSWORD, new_password=NEW_PASSWORD
    )
    world.call("sign_up", **world.application(world.fresh_email()))
    assert held == [size] * len(held)
    assert len(held) >= 4


def test_an_invited_user_sets_a_password_and_is_confirmed_by_it(world) -> None:
    owner = world.sign_up()
    invited = world.add_user(owner, joined=False)
    token = world.token_of(invited, "invitation", "invitation")
    world.call("reset_password", token=token, new_password=PASSWORD)
    assert world.log_in(invited)["role"] == "user"
    kinds = [e["_type"] for e in world.outbox() if e.get("user_id") == str(invited.user_id)]
    assert kinds == ["user.added", "user.invited", "user.email_confirmed", "login.succeeded"]


def test_an_invitation_to_an_address_that_is_somebodys_log_in_name_fails_at_its_holder(world) -> None:
    somebody, owner = world.sign_up(), world.sign_up()
    added = world.call(
        "add_user",
        account_id=owner.account_id,
        actor=owner.actor,
        name="Kari",
        email=somebody.email,
        phone="90012345",
    )
    assert added["state"] == "active"
    invited = type(owner)(email=somebody.email, account_id=owner.account_id, user_id=UUID(added["user_id"]))
    token = world.token_of(invited, "invitation", "invitation")
    with pytest.raises(Conflict):
        world.call("reset_password", token=token, new_password=PASSWORD)
    assert world.log_in(somebody)["account_id"] == str(somebody.account_id)


@pytest.mark.clause("LINK-1")
def test_an_owner_reactivates_with_the_password_and_others_cannot(world) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    world.deactivate(owner)
    for member in (owner, user):
        with pytest.raises(Locked):
            world.log_in(member)
    fields = {"password": PASSWORD, "origin": world.origin()}
    with pytest.raises(Locked):
        world.call("reactivate_with_password", email=user.email, **fields)
    with pytest.raises(Unauthenticated):
        world.call("reactivate_with_password", email=owner.email, **fields | {"password": "feil passord her"})
    back = world.call("reactivate_with_password", email=owner.email, **fields)
    assert back["state"] == "active"
    with pytest.raises(Conflict):
        world.call("reactivate_with_password", email=owner.email, **fields)
    world.log_in(owner)
    world.log_in(user)


@pytest.mark.clause("SUSPECT-1")
def test_an_account_that_staff_made_inactive_comes_back_by_staff_only(world) -> None:
    owner = world.sign_up()
    world.deactivate(owner, actor="staff:kari")
    fields = {"password": PASSWORD, "origin": world.origin()}
    with pytest.raises(Conflict, match="only the vendor"):
        world.call("reactivate_with_password", email=owner.email, **fields)
    told = set()
    for email in (owner.email, world.fresh_email("ukjent")):
        with pytest.raises(Unauthenticated) as refused:
            world.call("reactivate_with_password", email=email, **fields | {"password": "feil passord her"})
        told.add((refused.value.message, json.dumps(refused.value.details)))
    assert len(told) == 1, "whoever has not the password learns nothing"
    mine = {"account_id": owner.account_id, "version": world.version(owner)}
    with pytest.raises(Conflict, match="only the vendor"):
        world.call("reactivate_account", **mine, actor=owner.actor)
    assert failed(world, owner.user_id)[0] == "held_by_staff"
    world.call("reactivate_account", **mine, actor="staff:kari")
    world.log_in(owner)
    world.deactivate(owner)
    assert world.call("reactivate_with_password", email=owner.email, **fields)["state"] == "active"
