"""What a call says on the wire, and how errors of others are read."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bus.rpc_client import encode, to_exception
from shared.bus.rpc_wire import context_headers, context_of, deadline_of
from shared.context import Context
from shared.errors import (
    REFUSALS,
    DeadlineExceeded,
    Internal,
    Invalid,
    NotFound,
    Permanent,
    Refused,
    Unavailable,
)
from shared.identifiers import new_id

pytestmark = pytest.mark.unit

JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5)


def test_a_context_goes_out_and_comes_back() -> None:
    story = Context(
        correlation_id=new_id(), causation_id=new_id(), traceparent=f"00-{'a' * 32}-{'b' * 16}-01", actor="user:1"
    )
    headers = context_headers(story, user="gateway", service="retention")
    assert context_of(headers, user="gateway") == story


def test_a_session_goes_to_the_service_that_knows_it_and_no_further() -> None:
    story = Context(correlation_id=new_id(), actor="user:1", session="a secret")
    assert "a secret" not in context_headers(story, user="gateway", service="retention").values()
    headers = context_headers(story, user="gateway", service="account")
    assert headers["vilkar.session"] == "a secret"
    assert context_of(headers, user="gateway").session is None
    assert "a secret" not in repr(story)


def test_who_acts_is_not_said_where_it_may_not_be_said_and_not_believed_where_it_is() -> None:
    story = Context(correlation_id=new_id(), actor="user:1")
    assert "vilkar.actor" not in context_headers(story, user="retention", service="account")
    said = context_headers(story, user="gateway", service="account")
    assert context_of(said, user="retention").actor == "system"
    assert context_of(said, user="").actor == "public"


@given(st.dictionaries(st.sampled_from(["vilkar.actor", "vilkar.correlation-id", "traceparent", "x"]), JSON))
def test_headers_of_strangers_are_never_trusted_and_never_fatal(headers: dict[str, object]) -> None:
    story = context_of(headers, user="gateway")
    assert isinstance(story.correlation_id, UUID)
    assert len(story.actor) <= 97


@pytest.mark.parametrize("value", [None, "soon", True, 1.5, [1]])
def test_a_deadline_is_a_whole_number_or_none(value: object) -> None:
    assert deadline_of({"vilkar.deadline": value}) is None
    assert deadline_of({"vilkar.deadline": 1_700_000_000_000}) == 1_700_000_000_000


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_every_refusal_comes_back_as_its_own_class(code: str) -> None:
    error = {"exc_type": "whatever", "code": code, "value": "told", "details": {"field": 1}}
    back = to_exception(error, service="account", method="add")
    assert type(back) is REFUSALS[code]
    assert isinstance(back, Refused)
    assert (back.message, back.details) == ("told", {"field": 1})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"exc_type": "Unavailable", "value": "x"}, Unavailable),
        ({"exc_type": "DeadlineExceeded", "value": "x"}, DeadlineExceeded),
        ({"exc_type": "MethodNotFound", "value": "x"}, Unavailable),
        ({"exc_type": "IncorrectSignature", "value": "x"}, Permanent),
        ({"exc_type": "ValueError", "value": "Ola Nordmann"}, Internal),
        ({"code": "no such code", "exc_type": "Odd"}, Internal),
        ({"code": ["invalid"], "exc_type": ["Odd"]}, Internal),
        ("an error that is no object", Internal),
    ],
)
def test_errors_of_others_are_read_without_their_words(error: object, kind: type[Exception]) -> None:
    back = to_exception(error, service="account", method="add")
    assert type(back) is kind
    assert "Ola" not in str(back)


def test_our_invalid_and_not_found_are_told_apart() -> None:
    codes = {"invalid": Invalid, "not_found": NotFound}
    for code, kind in codes.items():
        assert type(to_exception({"code": code}, service="s", method="m")) is kind


def test_ids_and_dates_become_text_and_nothing_else_does() -> None:
    some_id = new_id()
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert json.loads(encode({"id": some_id, "at": at, "day": date(2026, 11, 22)})) == {
        "id": str(some_id),
        "at": "2026-11-22T12:00:00+00:00",
        "day": "2026-11-22",
    }
    with pytest.raises(TypeError, match="object cannot be sent"):
        encode({"x": object()})
