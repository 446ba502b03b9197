"""The one user that may look into queues of others: it can do nothing else, and is there only while it is used."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import amqp
import pytest

from deploy.provision import search_user
from shared.clock import Clock
from tests.integration.security.test_broker_rights import publishing, refused, walled
from tests.waiting import until

__all__ = ["walled"]

pytestmark = pytest.mark.integration

PARENT = """
import sys, time
from pathlib import Path
from deploy.provision.search_user import searching
with searching(Path(sys.argv[1]), sys.argv[2]) as user:
    print(Path(user["VILKAR_SEARCH_USER_FILE"]).read_text().split()[0], flush=True)
    time.sleep(60)
"""


def users(server):
    return {user["name"] for user in server.call("GET", "/api/users").json()}


def now():
    return Clock().now().timestamp()


def test_it_looks_into_every_queue_and_does_nothing_else(walled):
    server = walled.infrastructure.broker
    name, password = search_user.make(server.call, walled.vhost, now=now())
    connection = amqp.Connection(
        f"{walled.host}:{walled.port}", userid=name, password=password, virtual_host=walled.vhost
    )
    connection.connect()
    for queue in ("rpc-account", "dead-account", "retry.account.5s", "evt-account-account.registered--audit"):
        assert not refused(connection, lambda channel, named=queue: channel.basic_get(named)), queue
        assert refused(connection, lambda channel, named=queue: channel.queue_delete(named)), queue
    assert refused(connection, publishing("nameko-rpc", "account.get_account"))
    assert refused(connection, lambda channel: channel.queue_bind("rpc-account", "nameko-rpc", "audit.*"))
    assert refused(connection, lambda channel: channel.queue_declare("rpc.reply-search-x"))
    search_user.remove(server.call, name)
    assert name not in users(server)
    with pytest.raises((amqp.AMQPError, OSError)):
        connection.channel().basic_get("rpc-account")


def test_it_goes_when_whoever_searches_is_killed(walled):
    server = walled.infrastructure.broker
    argv = [sys.executable, "-c", PARENT, str(walled.infrastructure.secrets_root), server.management_url]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as searching:
        name = searching.stdout.readline().strip()
        assert name in users(server)
        os.kill(searching.pid, signal.SIGKILL)
    until(lambda: name not in users(server), seconds=20, what="the user to be gone")


def test_what_was_left_over_goes_with_the_next_start_of_a_search(walled):
    server = walled.infrastructure.broker
    left, _ = search_user.make(server.call, walled.vhost, now=now() - 2 * search_user.LIFE_SECONDS)
    other, _ = search_user.make(server.call, walled.vhost, now=now())
    assert left not in users(server)
    assert other in users(server), "its time is not over: somebody else may be searching"
    search_user.remove(server.call, other)
    search_user.remove(server.call, other)
