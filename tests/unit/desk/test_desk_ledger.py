"""What `vilkar ledger` calls wrong, and what it does not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.desk.queries import ledger as desk
from services.desk.queries.ledger import Found, rows_of, what_is_wrong
from shared.config import load
from shared.privacy.ledger_copy import Copied, Status, copy_ledger
from shared.privacy.ledger_errors import LedgerAltered
from shared.privacy.ledger_lag import Standing
from shared.privacy.ledger_lines import Mark
from tests.unit.privacy.ledger_samples import KEY, START, ledger_of

pytestmark = [pytest.mark.unit, pytest.mark.clause("FORGET-1")]

MINUTE = timedelta(minutes=1)
HEAD = Mark(9, "a" * 64)
COPIED = Copied(HEAD, START)


def found(*databases, error=None, copied=COPIED, opens_after=0):
    state = Status(length=9, opens_after=opens_after, head=HEAD, torn=False, last_copy=copied)
    return Found(state=None if error else state, error=error, copied=copied, databases=databases, away=())


def lacking(facts, since):
    return Standing(database="audit", recorded=Mark(9 - facts, "b" * 64), behind=facts, since=since)


def test_a_ledger_with_a_copy_of_today_and_databases_at_its_head_is_well():
    at_head = Standing(database="account", recorded=HEAD, behind=0)
    seen = found(at_head)
    assert what_is_wrong(seen, START + timedelta(hours=24)) == []
    assert rows_of(seen)[0]["state"] == "at the head"


@pytest.mark.parametrize(("copied", "word"), [(None, "there is no copy"), (COPIED, "is 24 h old")])
def test_no_copy_and_one_older_than_a_day_are_told(copied, word):
    (wrong,) = what_is_wrong(found(copied=copied), START + timedelta(hours=24, minutes=1))
    assert word in wrong


def test_a_database_that_follows_within_seconds_is_no_alarm_and_one_that_does_not_is():
    seen = found(lacking(2, START))
    assert what_is_wrong(seen, START + 5 * MINUTE) == []
    assert rows_of(seen)[0]["state"] == "behind"
    (wrong,) = what_is_wrong(seen, START + 6 * MINUTE)
    assert wrong.startswith("audit lacks 2 facts, the first for 6 min")


def test_a_database_that_the_ledger_contradicts_is_told_with_the_way_out():
    error = LedgerAltered("the ledger is another one")
    seen = found(Standing(database="keyring", recorded=HEAD, error=error))
    (wrong,) = what_is_wrong(seen, START)
    assert wrong.startswith("keyring: the ledger is another one; put back the newest copy")
    assert "make ledger-accept" in wrong
    assert rows_of(seen)[0]["state"] == "contradicted"


def test_a_ledger_that_cannot_be_relied_on_says_so_and_no_database_is_called_well():
    seen = found(Standing(database="account", recorded=HEAD), error=LedgerAltered("it was changed"))
    assert what_is_wrong(seen, START)[0].startswith("it was changed")
    assert rows_of(seen)[0]["state"] == "unknown"


def test_a_database_that_was_never_at_a_purged_ledger_is_told():
    seen = found(Standing(database="account", recorded=None), opens_after=4)
    assert what_is_wrong(seen, START) == ["account was never at the ledger, which begins after 4"]
    assert what_is_wrong(found(Standing(database="account", recorded=None)), START) == []


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "ledger_public_key").write_text(KEY.public.text())
    folder = str(tmp_path)
    return load({"VILKAR_SECRETS_DIR": folder, "VILKAR_LEDGER_DIR": folder, "VILKAR_ENVIRONMENT": "test"})


def test_one_line_says_how_many_facts_how_old_the_copy_and_who_is_last(settings, tmp_path):
    writer = ledger_of(tmp_path / "ledger.jsonl", 5)
    positions = {"account": 5, "audit": 2, "retention": None}
    assert desk.line(settings, positions, START) == "5 facts, never copied (vilkar ledger status), audit 3 behind"
    copy_ledger(writer, tmp_path / "copies", START)
    assert desk.line(settings, {"account": 5}, START + 4 * MINUTE) == "5 facts, copied 4 min ago"
    assert "(vilkar ledger status)" in desk.line(settings, {}, START + timedelta(hours=25))
    writer.path.unlink()
    assert "is not there" in desk.line(settings, {}, START)
