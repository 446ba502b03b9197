"""Ports of test systems that begin at the same time."""

from __future__ import annotations

import random

import pytest

from deploy.native import ports

pytestmark = pytest.mark.unit


def test_two_processes_with_the_same_seed_choose_other_ports():
    """Tests beside each other seed `random` alike; with it, a second broker found its ports taken."""
    chosen = []
    for _ in range(2):
        random.seed(20)
        chosen.append(ports.choose(["broker", "mapper", "database"]))
    assert set(chosen[0].values()).isdisjoint(chosen[1].values())


def test_a_wanted_port_is_given_once_and_only_where_nobody_listens():
    [free] = ports.choose(["only"]).values()
    given = ports.choose(["first", "second"], preferred={"first": free, "second": free})
    assert given["first"] == free
    assert given["second"] != free
