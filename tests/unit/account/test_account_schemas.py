from __future__ import annotations

from uuid import uuid4

import marshmallow as ma
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.account import kinds, schemas
from services.account.events import SOURCE
from services.account.service import AccountService
from services.account.values import Actor
from shared.bus.declarations import CallSpec
from shared.bus.discovery import declared, events

pytestmark = pytest.mark.unit


@pytest.mark.clause("FIELDS-1")
def test_every_request_of_the_service_refuses_unknown_fields() -> None:
    specs = [spec for _, spec in declared(AccountService) if isinstance(spec, CallSpec)]
    assert len(specs) >= 26
    for spec in specs:
        with pytest.raises(ma.ValidationError) as refused:
            spec.request().load({"nickname": "x"})
        assert "nickname" in refused.value.messages_dict, spec.request


@pytest.mark.clause("FIELDS-2")
def test_sign_up_asks_for_these_fields_and_no_others() -> None:
    assert set(schemas.Company().fields) == {"name", "email", "phone", "org_number"}
    assert set(schemas.Person().fields) == {"name", "email", "phone"}
    assert set(schemas.SignUp().fields) == {
        "company", "creator", "users", "password", "language", "agreement", "origin", "idempotency_key",
    }  # fmt: skip


def test_replies_to_commands_hold_no_personal_data() -> None:
    allowed = {"account_id", "user_id", "version", "state", "status"}
    allowed |= {"noticed_on", "notice_ends_on", "inactivated_at", "attempts"}
    for _, spec in declared(AccountService):
        if isinstance(spec, CallSpec) and spec.is_command:
            assert set(spec.reply().fields) <= allowed, spec.reply


@given(st.one_of(st.text(), st.integers(), st.none(), st.lists(st.text()), st.booleans(), st.floats()))
def test_no_kind_of_field_takes_or_repeats_nonsense(value) -> None:
    kinds_of_field = (
        kinds.Line(), kinds.EmailAddress(), kinds.Phone(), kinds.OrgNumber(), kinds.Password(), kinds.Flag(),
        kinds.Version(), kinds.ActorField(), kinds.IpAddress(), kinds.MachineCode(),
    )  # fmt: skip
    for field in kinds_of_field:
        complaint = complaint_about(field, value)
        if isinstance(value, str) and len(value) > 12:
            assert value not in complaint


def complaint_about(field: ma.fields.Field, value: object) -> str:
    try:
        field.deserialize(value)
    except ma.ValidationError as error:
        return str(error.messages)
    return ""


@pytest.mark.parametrize("actor", [Actor("user", uuid4()), Actor("staff", name="kari.f"), Actor("system")])
def test_an_actor_reads_as_it_is_written(actor) -> None:
    assert kinds.ActorField().deserialize(str(actor)) == actor


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("41378216", "+4741378216"), ("+47 413 78 216", "+4741378216"), ("0047 41378216", "+4741378216"),
     ("+46 8 123 456 78", "+46812345678")],
)  # fmt: skip
def test_telephone_numbers_are_kept_in_one_spelling(typed, kept) -> None:
    assert kinds.Phone().deserialize(typed) == kept


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_network_addresses_are_kept_in_one_spelling(told, kept) -> None:
    assert kinds.IpAddress().deserialize(told) == kept


def test_a_password_is_the_same_from_every_keyboard() -> None:
    assert kinds.Password().deserialize("bla\u030atind og mer") == "blåtind og mer"
    assert kinds.Password().deserialize("  med blanke  ") == "  med blanke  "


def test_the_service_publishes_what_it_names() -> None:
    own = {event.type for event in events() if event.source == SOURCE}
    assert len(own) == 27
    assert {"account.deactivated", "user.invited", "login.failed"} <= own
