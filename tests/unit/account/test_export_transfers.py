"""To whom a copy is handed over, until when its code works, and what the receipt says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.account.export_transfers import rules
from services.account.export_transfers.values import Transfer
from services.account.exports.values import Export, ExportState
from shared.errors import Conflict, NotFound
from shared.participation.export_values import ExportKind
from shared.signing import signature_of, statement
from tests.plugins.exporting import KEY

pytestmark = [pytest.mark.unit, pytest.mark.clause("RIGHTS-2")]

NOW = datetime(2026, 12, 3, 9, tzinfo=UTC)
COPY = Export(
    id=UUID(int=3),
    wish_id=UUID(int=3),
    account_id=UUID(int=1),
    user_id=UUID(int=2),
    asked_by=UUID(int=2),
    kind=ExportKind.PORTABILITY,
    state=ExportState.READY,
    asked_at=NOW,
    wished_at=NOW,
    ready_at=NOW,
)
HANDED = Transfer(
    id=UUID(int=4),
    export_id=COPY.id,
    account_id=COPY.account_id,
    user_id=UUID(int=2),
    sha256="ab" * 32,
    made_at=NOW,
    ends_at=NOW + timedelta(days=7),
)
FETCHED = replace(HANDED, fetches=1, fetched_at=NOW)


@pytest.mark.parametrize(
    ("copy", "reason"),
    [
        (replace(COPY, kind=ExportKind.ACCESS), "not_to_take_along"),
        (replace(COPY, user_id=None), "not_to_take_along"),
        (COPY, "handed_over_often"),
    ],
)
def test_what_was_concluded_what_is_others_and_what_went_to_very_many_is_not_handed_over(copy, reason):
    with pytest.raises(Conflict) as refused:
        rules.check_handed_over(copy, [HANDED] * rules.MOST_OF_ONE)
    assert refused.value.details == {"reason": reason}
    rules.check_handed_over(COPY, [HANDED] * (rules.MOST_OF_ONE - 1))


def test_a_code_works_no_longer_than_the_copy_is_there():
    assert rules.ends_at(COPY, NOW + timedelta(days=6)) == NOW + timedelta(days=7)


@pytest.mark.parametrize(
    "over",
    [
        {"ended_at": NOW},
        {"fetched_at": NOW, "received_at": NOW},
        {"ends_at": NOW},
        {"fetches": rules.MOST_FETCHES},
        {"made_at": NOW + timedelta(days=400)},
    ],
)
def test_a_code_that_is_over_spent_taken_back_or_dated_ahead_fetches_nothing(over):
    assert rules.check_fetched(HANDED, NOW) is HANDED
    for transfer in (None, replace(HANDED, **over)):
        with pytest.raises(NotFound):
            rules.check_fetched(transfer, NOW)


def test_only_the_file_that_was_sent_is_confirmed_and_only_once_it_was_fetched():
    assert rules.check_confirmed(FETCHED, "AB" * 32, NOW) is FETCHED
    with pytest.raises(Conflict):
        rules.check_confirmed(FETCHED, "cd" * 32, NOW)
    for transfer in (None, HANDED, replace(FETCHED, ended_at=NOW)):
        with pytest.raises(NotFound):
            rules.check_confirmed(transfer, "ab" * 32, NOW)
    before = replace(FETCHED, received_at=NOW, receipt="{}")
    assert rules.check_confirmed(before, "ab" * 32, NOW + timedelta(days=300)) is before


def test_a_receipt_says_who_got_what_when_and_is_signed():
    receipt = json.loads(rules.receipt_of(FETCHED, "Ny Leverandør AS", "Semje Software AS", KEY, NOW))
    body = {name: value for name, value in receipt.items() if name not in ("key_id", "signature")}
    assert (body["receiver"], body["sha256"], body["received_at"]) == (
        "Ny Leverandør AS",
        "ab" * 32,
        NOW.isoformat(),
    )
    assert receipt["key_id"] == KEY.public.id
    assert KEY.public.verifies(signature_of(receipt["signature"]), statement(rules.FORM, body))


def test_how_far_it_is():
    told = [
        rules.state_of(each, NOW) for each in (HANDED, FETCHED, replace(FETCHED, received_at=NOW, receipt="{}"))
    ]
    assert [*told, rules.state_of(HANDED, HANDED.ends_at)] == ["open", "fetched", "received", "over"]
