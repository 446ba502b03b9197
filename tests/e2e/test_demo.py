"""`vilkar demo` as staff run it, on a system that others use as well."""

from __future__ import annotations

import json
import time

import pytest

pytestmark = pytest.mark.e2e

COMPANIES = 10
LEAVING = 4
SECONDS = 300.0
TOLD = (
    "account account.registered",
    "account user.email_confirmed",
    "account login.succeeded",
    "account account.deactivated",
    "retention erasure.scheduled",
    "notification letter account_reminder",
    "retention erasure certified",
)
"""In the timeline of one company, in this order."""


def test_the_demo_takes_ten_companies_through_three_months_and_finds_nothing_of_the_erased(system):
    begun = time.monotonic()
    ended = system.command("demo", "--companies", COMPANIES, "--logs", system.home / "logs", "--json")
    took = time.monotonic() - begun
    assert ended.returncode == 0, ended.stderr
    report = json.loads(ended.stdout)
    assert report["search"]["found"] == []
    assert report["search"]["tables"] > 40
    assert report["search"]["patterns"] > 10 * LEAVING
    assert report["certificates"]["of_this_demo"] == LEAVING
    assert report["audit"]["state"] == "whole"
    assert report["refused_within_seconds"] < 5
    assert {line["vendor"] for line in report["vendors"]} <= {"mailgun", "tripletex"}
    assert all(line["reason"] != "unexplained" for line in report["vendors"])
    told = [f"{line['who']} {line['what']}" for line in report["timeline"]]
    for moment in TOLD:
        assert moment in told, f"{moment} is missing in the timeline"
    assert [told.index(moment) for moment in TOLD] == sorted(told.index(moment) for moment in TOLD)
    assert took < SECONDS
