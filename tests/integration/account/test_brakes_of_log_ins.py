"""Brakes of log-ins between processes: they act on rows that all share, and nothing of them is in one of these."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from shared.errors import TooMany, Unauthenticated
from tests.forked import REPOSITORY
from tests.plugins.account_world import INDEX_BYTES, KEK_BYTES, Member, World

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.integration, pytest.mark.clause("SCAN-1", "WATCH-1")]

WRONG = "feil passord her"
AT_ONCE = 25
LIMIT_S = 60.0


@pytest.fixture
def places(databases, keyring_database) -> dict[str, str]:
    """Where another process finds what this one works on."""
    return {
        "database": databases.dsn("account"),
        "keyring": keyring_database.dsn("account"),
        "kek": KEK_BYTES.hex(),
        "index": INDEX_BYTES.hex(),
    }


@contextmanager
def another_process(world: World, places: dict[str, str], **log_in: Any) -> Iterator[subprocess.Popen[str]]:
    """One that is ready to try, at the world's time."""
    asked = {**places, "now": world.clock.now().isoformat(), "log_in": log_in, "times": AT_ONCE}
    program = (sys.executable, "-m", "tests.integration.account.log_ins")
    with subprocess.Popen(
        program, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as popen:
        assert popen.stdin is not None
        assert popen.stdout is not None
        try:
            print(json.dumps(asked), file=popen.stdin, flush=True)
            assert popen.stdout.readline() == "ready\n"
            yield popen
        finally:
            popen.kill()


def answers(*processes: subprocess.Popen[str]) -> Counter[str]:
    """What came of all attempts of these, which begin now."""
    for each in processes:
        assert each.stdin is not None
        print("go", file=each.stdin, flush=True)
    return Counter(word for each in processes for word in each.communicate(timeout=LIMIT_S)[0].split())


def fails(world: World, member: Member, times: int = 5) -> None:
    for number in range(times):
        with pytest.raises(Unauthenticated):
            world.log_in(member, password=WRONG, origin=world.origin(f"198.51.100.{number}"))


def failures(world: World, index: bytes) -> int:
    key = world.service.sealing.brake_of_name(index)
    ((failed_at,),) = world.rows("SELECT failed_at FROM login_brake WHERE key = %s", key)
    return len(failed_at)


def test_of_50_attempts_of_two_processes_as_the_brake_opens_one_gets_through_and_none_is_lost(
    world, places
) -> None:
    member = world.sign_up()
    fails(world, member)
    index = world.service.sealing.of_email(member.email)
    assert failures(world, index) == 5
    world.clock.move(timedelta(seconds=30))  # now, and not a moment sooner, it takes one
    tried = {"email": member.email, "password": WRONG, "origin": world.origin("192.0.2.1")}
    before = world.rows("SELECT count(*) FROM login_attempt WHERE user_id = %s", member.user_id)[0][0]
    with ExitStack() as stack:
        processes = [stack.enter_context(another_process(world, places, **tried)) for _ in range(2)]
        assert answers(*processes) == {"unauthenticated": 1, "too_many": 2 * AT_ONCE - 1}
    assert failures(world, index) == 6, "the one that got through counts"
    after = world.rows("SELECT count(*) FROM login_attempt WHERE user_id = %s", member.user_id)[0][0]
    assert after - before == 2 * AT_ONCE, "and each attempt is recorded"
    with another_process(world, places, **tried | {"password": member.password}) as begun_since:
        assert answers(begun_since) == {"too_many": AT_ONCE}, "a process that begins later knows it"
    with pytest.raises(TooMany) as refused:
        world.log_in(member)
    assert refused.value.details == {"retry_after_seconds": 60}


def test_a_session_in_use_leaves_the_brake_as_it_is_and_the_brake_the_session(world) -> None:
    member = world.sign_up()
    token = world.log_in(member)["token"]
    fails(world, member)
    index = world.service.sealing.of_email(member.email)
    before = failures(world, index)
    for _ in range(3):
        world.clock.move(timedelta(seconds=5))
        world.call("authenticate", token=token)
        with pytest.raises(TooMany) as refused:
            world.log_in(member, origin=world.origin("192.0.2.1"))
    assert refused.value.details == {"retry_after_seconds": 15}
    assert failures(world, index) == before == 5
