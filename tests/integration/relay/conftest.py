"""A clean outbox and a clean virtual host's queues for each test of this folder."""

from __future__ import annotations

import pytest

from tests.integration.relay import relay_env


@pytest.fixture
def table(databases, broker, tmp_path):
    """The outbox of account, empty, and the queues of the invented listener, empty."""
    relay_env.set_up(broker)
    made = relay_env.Table(databases, tmp_path)
    made.clear()
    with relay_env.channel_to(broker) as channel:
        for queue in relay_env.TOPOLOGY.queues:
            channel.queue_purge(queue.name)
    return made
