"""Ports of test systems that begin at the same time."""

from __future__ import annotations

import os
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


def test_processes_that_began_one_after_the_other_choose_from_ports_of_their_own(monkeypatch):
    """What was chosen is not taken until somebody listens."""
    monkeypatch.setattr(ports, "_given", set())
    windows = [ports.window(process) for process in range(31_080, 31_180)]
    assert len({port for each in windows for port in each}) == sum(map(len, windows))
    assert set(ports.choose(["one", "two", "three"]).values()) <= set(ports.window(os.getpid()))


def test_a_process_is_given_no_port_twice_and_others_when_its_own_are_used_up(monkeypatch):
    monkeypatch.setattr(ports, "_given", set())
    own = len(ports.window(os.getpid()))
    given = [port for _ in range(own) for port in ports.choose(["one", "two"]).values()]
    assert len(set(given)) == 2 * own


def test_a_wanted_port_is_given_once_and_only_where_nobody_listens():
    [free] = ports.choose(["only"]).values()
    given = ports.choose(["first", "second"], preferred={"first": free, "second": free})
    assert given["first"] == free
    assert given["second"] != free
