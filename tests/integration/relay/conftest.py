"""A clean outbox and a clean virtual host's queues for each test of this folder."""

from __future__ import annotations

import pytest

from tests.integration.relay import support


@pytest.fixture
def table(databases, broker, tmp_path):
    """The outbox of account, empty, and the queues of the invented listener, empty."""
    support.set_up(broker)
    made = support.Table(databases, tmp_path)
    made.clear()
    with support.channel_to(broker) as channel:
        for queue in support.TOPOLOGY.queues:
            channel.queue_purge(queue.name)
    return made
