"""A form whose session ran out: kept an hour for its holder, and for nobody else."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from services.account.authentication.rules import ENDED_KEPT, SESSION_IDLE
from shared import base64url
from shared.errors import Invalid, NotFound, Unauthenticated
from shared.form_drafts import KEPT, MOST

pytestmark = pytest.mark.integration

PATH = "/people/invite"
SEALED = base64url.encode(b"sealed by a browser")


def keep(world, token: str, *, path: str = PATH, sealed: str = SEALED) -> None:
    world.call("keep_form_draft", token=token, path=path, sealed=sealed)


def shown(world, token: str, *, path: str = PATH) -> str:
    return world.call("show_form_draft", token=token, path=path)["sealed"]


def test_what_stood_in_a_form_is_there_after_the_next_log_in_and_shown_to_nobody_else(world) -> None:
    member, other = world.sign_up(), world.sign_up()
    token = world.log_in(member)["token"]
    world.clock.move(SESSION_IDLE + timedelta(minutes=1))
    world.run("purge_expired")
    keep(world, token)
    for _ in range(2):
        assert shown(world, world.log_in(member)["token"]) == SEALED, "a page that is read again shows it again"
    with pytest.raises(Unauthenticated):
        shown(world, token)
    with pytest.raises(NotFound):
        shown(world, world.log_in(other)["token"])
    with pytest.raises(NotFound):
        shown(world, world.log_in(member)["token"], path="/me/correct")


def test_it_is_kept_for_an_hour_whether_or_not_anything_deletes_it_and_then_deleted(world) -> None:
    member = world.sign_up()
    keep(world, world.log_in(member)["token"])
    world.clock.move(KEPT)
    with pytest.raises(NotFound):
        shown(world, world.log_in(member)["token"])
    world.run("purge_expired")
    assert world.rows("SELECT count(*) FROM form_draft WHERE user_id = %s", member.user_id) == [(0,)]


def test_whose_session_it_was_is_known_for_a_time_and_then_nothing_is_kept(world) -> None:
    token = world.log_in(world.sign_up())["token"]
    world.clock.move(SESSION_IDLE + ENDED_KEPT + timedelta(minutes=1))
    world.run("purge_expired")
    with pytest.raises(Unauthenticated):
        keep(world, token)


def test_of_one_user_so_many_are_kept_and_each_is_of_a_size(world) -> None:
    member = world.sign_up()
    token = world.log_in(member)["token"]
    for number in range(MOST + 2):
        world.clock.move(timedelta(seconds=1))
        keep(world, token, path=f"/people/{number}/change")
    assert world.rows("SELECT count(*) FROM form_draft WHERE user_id = %s", member.user_id) == [(MOST,)]
    with pytest.raises(NotFound):
        shown(world, token, path="/people/0/change")
    for path, sealed in (("people", SEALED), ("/" + "x" * 65, SEALED), (PATH, "x" * 65_537), (PATH, "not base64!")):
        with pytest.raises(Invalid):
            keep(world, token, path=path, sealed=sealed)


@pytest.mark.clause("LINK-1")
def test_of_an_inactive_account_nothing_is_kept_and_an_erasure_takes_what_was(world) -> None:
    member = world.sign_up()
    token = world.log_in(member)["token"]
    keep(world, token)
    world.deactivate(member)
    with pytest.raises(Unauthenticated):
        keep(world, token)
    world.clock.move(timedelta(days=100))
    world.order_erasure(uuid4(), member.account_id)
    assert world.rows("SELECT count(*) FROM form_draft WHERE account_id = %s", member.account_id) == [(0,)]


def test_a_form_that_was_sent_is_forgotten_for_its_holder_alone(world) -> None:
    member, other = world.sign_up(), world.sign_up()
    token, others = world.log_in(member)["token"], world.log_in(other)["token"]
    for each in (token, others):
        keep(world, each)
    for _ in range(2):
        world.call("drop_form_draft", token=token, path=PATH)
    with pytest.raises(NotFound):
        shown(world, token)
    assert shown(world, others) == SEALED
