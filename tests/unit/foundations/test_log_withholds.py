"""A log line cannot carry personal data, whoever writes it."""

from __future__ import annotations

import json
import logging
from uuid import uuid4

import pytest

from shared import log
from shared.context import Context, working_in
from shared.errors import Permanent
from shared.identifiers import new_id
from tests.staff_statements import approval, statement_for

pytestmark = pytest.mark.unit


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]):
    log.configure(service="test", level="DEBUG")
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


PERSONAL = [
    "Kari Nordmann",
    "kari@firma.no",
    "+4741378216",
    "41378216",
    "192.0.2.17",
    "2001:db8::17",
    "01819012365",
]


@pytest.mark.parametrize("value", PERSONAL)
def test_a_personal_value_in_a_field_is_withheld(lines, value: str) -> None:
    log.get("room").info("something happened", who=value, many=[value], nested={"who": value})
    (line,) = lines()
    assert value not in json.dumps(line, ensure_ascii=False)
    assert line["who"] == log.WITHHELD
    assert line["event"] == "something happened"


@pytest.mark.parametrize("value", ["kari@firma.no", "41378216", "192.0.2.17"])
def test_a_personal_value_in_the_event_text_is_withheld(lines, value: str) -> None:
    log.get("room").info(f"letter to {value}")
    assert value not in json.dumps(lines())


def test_ids_codes_numbers_stay_readable(lines) -> None:
    account_id = uuid4()
    log.get("room").info("stored", account_id=account_id, count=3, code="erasure.ordered", text_id=str(account_id))
    (line,) = lines()
    assert (line["account_id"], line["count"], line["code"]) == (str(account_id), 3, "erasure.ordered")
    assert line["text_id"] == str(account_id)


def test_of_a_foreign_exception_only_class_and_places_are_kept(lines) -> None:
    try:
        raise ValueError("duplicate key (email)=(kari@firma.no)")
    except ValueError:
        log.get("room").exception("failed")
    (line,) = lines()
    assert "kari" not in json.dumps(line)
    assert line["error"] == "builtins.ValueError"
    assert any("test_log_withholds" in place for place in line["places"])


def test_our_own_messages_are_kept(lines) -> None:
    try:
        raise Permanent("the version is not known")
    except Permanent:
        log.get("room").exception("failed")
    assert lines()[0]["message"] == "the version is not known"


def test_a_library_line_keeps_its_template_and_loses_its_arguments(lines) -> None:
    logging.getLogger("some.library").warning("cannot deliver to %s", "kari@firma.no")
    logging.getLogger("some.library").warning("cannot deliver to kari@firma.no")
    first, second = lines()
    assert first["event"] == "cannot deliver to (withheld)"
    assert second["event"] == "library message"
    assert "kari" not in json.dumps([first, second])


@pytest.mark.parametrize(
    ("template", "arguments", "event"),
    [
        ("%s of %d", ("kari", 3), "(withheld) of 3"),
        ("%(name)s left", ({"name": "kari"},), "(withheld) left"),
        ("%5.1f%% of %r", (12.5, "kari"), "12.5% of (withheld)"),
        ("call %d", (4741234567,), "call (withheld)"),
    ],
)
def test_no_line_is_left_a_format_string(lines, template, arguments, event) -> None:
    logging.getLogger("some.library").warning(template, *arguments)
    assert lines()[0]["event"] == event


def test_each_line_of_a_request_or_message_has_its_id(lines) -> None:
    story = Context(correlation_id=new_id())
    with working_in(story):
        log.get("room").warning("ours")
        logging.getLogger("some.library").warning("theirs %d", 1)
    log.get("room").warning("nobody_s")
    ours, theirs, rest = lines()
    assert ours["correlation_id"] == theirs["correlation_id"] == str(story.correlation_id)
    assert "correlation_id" not in rest


def test_a_line_of_what_is_undone_again_says_so(lines) -> None:
    said = {"number": 1}
    tried = statement_for("account", "decide_together", said, approval=approval(), rehearsal=True)
    carried_out = statement_for("account", "decide_together", said, approval=approval())
    for statement in (tried, carried_out):
        with working_in(Context(correlation_id=new_id(), statement=statement)):
            log.get("room").info("a hold was placed")
    assert [line.get("rehearsal") for line in lines()] == [True, None]
