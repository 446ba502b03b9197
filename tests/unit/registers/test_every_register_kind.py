"""One examination for the declaration of every kind of record."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from services.registers import kinds
from services.registers.board.calls import CountingRecord, CountingRecordsShown
from services.registers.board.feature import PAGE
from services.registers.engine import rules
from services.registers.engine.values import Evidence, Given, State
from services.registers.kinds.table import BY_VERSION, KINDS, PRESENT
from services.registers.kinds.values import Form, RecordKind
from shared.errors import Invalid
from shared.events import BODY_LIMIT_BYTES, CODE_PATTERN

pytestmark = pytest.mark.unit

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
MONDAY = date(2026, 12, 7)
DECLARED = {
    ("mandate", 1): "73a6ca721312fb80",
    ("security_notice_agreement", 1): "cd20f6a977a1bc5e",
    ("letter_class", 1): "8875998143914131",
    ("processor_purpose", 1): "de3931dc7f5326e6",
    ("duty_rota", 1): "60c6bb750f5f97e6",
}
"""What each version of a kind was declared as. Another declaration is another version: records keep theirs."""

LABELS = {
    Form.CODE: "no_pii",
    Form.DIGEST: "no_pii",
    Form.PART: "no_pii",
    Form.MONDAY: "no_pii",
    Form.STAFF: "pii:staff",
    Form.USER: "pii:user",
    Form.USERS: "pii:user",
}
"""Whom a field of each form says something about."""
LABELLED = dict(
    re.findall(
        r"COMMENT ON COLUMN ([\w.]+) IS '([^']+)'",
        (Path(kinds.__file__).parents[1] / "migrations" / "0001_registers.sql").read_text(),
    )
)

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.code}-{kind.version}")


def given(kind: RecordKind, **changes: object) -> Given:
    """What a draft of the kind says, all of it right."""
    examples = {Form.DIGEST: "ab" * 32, Form.USER: str(uuid4()), Form.USERS: f"{uuid4()} {uuid4()}"}
    examples |= {Form.MONDAY: MONDAY.isoformat(), Form.PART: "rights_answered"}
    staff = iter(("staff:kari", "staff:ola", "staff:eva"))
    fields = {
        each.name: each.codes[0] if each.codes else next(staff) if each.form is Form.STAFF else examples[each.form]
        for each in kind.fields
    }
    first_day = changes.get("valid_from", MONDAY)
    assert isinstance(first_day, date)
    values = {
        "kind": kind.code,
        "account_id": uuid4() if kind.of_account else None,
        "valid_from": first_day,
        "valid_to": None,
        "review_on": None,
        "fields": fields,
        "evidence": Evidence(sha256="cd" * 32, on=first_day) if kind.needs_evidence else None,
    }
    return Given(**{**values, **changes})


def test_a_version_is_declared_once_and_never_changes() -> None:
    assert len(BY_VERSION) == len(KINDS)
    made = {key: hashlib.sha256(repr(kind).encode()).hexdigest()[:16] for key, kind in BY_VERSION.items()}
    assert made == DECLARED
    assert all(PRESENT[kind.code].version >= kind.version for kind in KINDS)


@each_kind
def test_it_is_reviewed_or_ends_by_itself_and_is_not_kept_for_ever(kind: RecordKind) -> None:
    assert (kind.review_months is None) != (kind.days is None)
    assert kind.review_months is None or 1 <= kind.review_months <= 12
    assert 1 <= kind.kept_months <= 60
    assert kind.two_persons or not kind.of_account, "what is agreed with a customer is decided by two persons"
    assert kind.needs_evidence >= kind.of_account, "what a customer has given is proved by a document"


@each_kind
def test_fields_have_forms_that_hold_no_sentence(kind: RecordKind) -> None:
    names = [each.name for each in kind.fields]
    assert len(set(names)) == len(names) > 0
    assert set(kind.key) <= set(names)
    for each in kind.fields:
        assert (each.form is Form.CODE) == bool(each.codes), each.name
        assert all(CODE_PATTERN.fullmatch(word) for word in (each.name, *each.codes))
        assert each.form not in (Form.USER, Form.USERS) or kind.of_account, "people are of a company"
        wrong = given(kind, fields={**given(kind).fields, each.name: "Kari Nordmann says so"})
        with pytest.raises(Invalid):
            rules.drafted(uuid4(), wrong, by="staff:kari", now=NOW)


@each_kind
def test_what_is_lacking_unknown_or_of_no_company_is_refused(kind: RecordKind) -> None:
    whole = given(kind)
    for changes in (
        {"fields": {}},
        {"fields": {**whole.fields, "more": "x"}},
        {"account_id": None if kind.of_account else uuid4()},
        {"evidence": None} if kind.needs_evidence else {"review_on": date(2036, 1, 1)},
    ):
        with pytest.raises(Invalid):
            rules.drafted(uuid4(), given(kind, **changes), by="staff:kari", now=NOW)


@each_kind
def test_it_goes_from_draft_to_its_end_and_two_persons_decide_where_the_kind_says_so(kind: RecordKind) -> None:
    record = rules.drafted(uuid4(), given(kind), by="staff:kari", now=NOW)
    assert not rules.is_valid(record.last, MONDAY), "a draft counts for nobody"
    record = rules.submitted(record, number=1, by="staff:kari", now=NOW)
    assert (record.last.state is State.SUBMITTED) == kind.two_persons
    if kind.two_persons:
        assert not rules.is_valid(record.last, MONDAY)
        record = rules.put_in_force(
            record, number=2, requested_by="staff:kari", approved_by="staff:ola", approval_id=uuid4(), now=NOW
        )
    assert rules.is_valid(record.last, MONDAY)
    record = rules.ended(record, number=record.last.number, on=MONDAY, reason="withdrawn", by="staff:kari", now=NOW)
    assert not rules.is_valid(record.last, MONDAY)
    assert [each.number for each in record.revisions] == list(range(1, len(record.revisions) + 1))


@each_kind
def test_every_field_is_labelled_as_a_column_is_and_kept_where_its_label_stands(kind: RecordKind) -> None:
    """People of a customer are kept in rows that end with them, all else in one column, labelled for staff."""
    assert LABELS.keys() == set(Form)
    record = rules.drafted(uuid4(), given(kind), by="staff:kari", now=NOW)
    of_people = {each.name for each in kind.fields if LABELS[each.form] == "pii:user"}
    assert record.last.people.keys() == of_people
    assert record.last.content.keys() == {each.name for each in kind.fields} - of_people
    content, user_id = (LABELLED[f"register_{each}"] for each in ("revision.content", "person.user_id"))
    assert content.startswith("pii:staff; erased:")
    assert user_id == "no_pii", "an id says nothing once account has erased whose it is; the row ends with them too"


@each_kind
def test_a_page_of_the_largest_records_is_one_answer(kind: RecordKind) -> None:
    largest = {
        Form.DIGEST: "ab" * 32, Form.USER: str(uuid4()), Form.MONDAY: MONDAY.isoformat(), Form.STAFF: "s" * 100,
        Form.PART: "_".join(["p" * 20] * 5), Form.USERS: " ".join(str(uuid4()) for _ in range(rules.PEOPLE_MOST)),
    }  # fmt: skip
    fields = {each.name: max(each.codes, key=len) if each.codes else largest[each.form] for each in kind.fields}
    record = CountingRecord(
        record_id=uuid4(), account_id=uuid4(), valid_from=MONDAY, valid_to=MONDAY, fields=fields
    )
    page = CountingRecordsShown(records=(record,) * PAGE, next_after=uuid4())
    assert len(json.dumps({"result": page.to_json(), "error": None})) < BODY_LIMIT_BYTES
