"""What `make up` says at its end is true of the system that was started: its address, and who can log in."""

from __future__ import annotations

import pytest

from deploy.ways_in import lines
from shared.config import load
from tests.desk_stage import settings_in

pytestmark = pytest.mark.unit


def said(tmp_path, **settings) -> str:
    return "\n".join(lines(load(settings_in(tmp_path) | settings)))


def test_in_a_demo_one_click_is_enough_and_the_demo_comes_next(tmp_path) -> None:
    told = said(tmp_path, VILKAR_ENVIRONMENT="demo", VILKAR_DESK_PORT="8123")
    assert "http://desk.localhost:8123" in told
    assert "login --as kari" in told
    assert "make demo" in told


def test_elsewhere_nobody_is_promised_an_invented_person_and_the_first_day_is_told(tmp_path) -> None:
    told = said(tmp_path, VILKAR_ENVIRONMENT="test", VILKAR_DESK_PUBLIC_URL="https://desk.example.no")
    assert "https://desk.example.no" in told
    assert "vilkar staff invite CODE" in told
    assert "--as" not in told
    assert "demo" not in told
    assert "desk.localhost" not in told
