from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import marshmallow as ma
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.account.accounts.events import SOURCE
from services.account.companies.calls import COUNTRIES, PostalAddress
from services.account.fields import kinds
from services.account.service import AccountService
from services.account.sign_up.calls import Company, SignUp
from services.account.users.calls import Person
from shared.actor import ActorKind
from shared.bus.declarations import AnswersSpec, specifications
from shared.bus.discovery import events
from shared.errors import Invalid
from shared.records import Record, schema_of

pytestmark = pytest.mark.unit


@pytest.mark.clause("FIELDS-1")
def test_every_request_of_the_service_refuses_unknown_fields() -> None:
    answered = [spec.call for _, spec in specifications(AccountService) if isinstance(spec, AnswersSpec)]
    assert len(answered) >= 26
    for call in answered:
        with pytest.raises(ma.ValidationError) as refused:
            schema_of(call).load({"nickname": "x"})
        assert "nickname" in refused.value.messages_dict, call


@pytest.mark.clause("FIELDS-2")
def test_sign_up_asks_for_these_fields_and_no_others() -> None:
    assert set(schema_of(Company).fields) == {
        "name", "email", "phone", "org_number", "contact_address", "billing_address",
    }  # fmt: skip
    assert set(schema_of(PostalAddress).fields) == {"line_1", "line_2", "postal_code", "city", "country"}
    assert set(schema_of(Person).fields) == {"name", "email", "phone"}
    assert set(schema_of(SignUp).fields) == {
        "company", "creator", "users", "password", "language", "agreement", "origin", "idempotency_key",
    }  # fmt: skip


STREET = {"line_1": "Storgata 1", "postal_code": "5003", "city": "Bergen"}


@pytest.mark.parametrize(
    ("given_address", "wrong"),
    [
        (STREET | {"postal_code": "500"}, "postal_code"),
        (STREET | {"postal_code": "50030"}, "postal_code"),
        (STREET | {"country": "SJ", "postal_code": "A1"}, "postal_code"),
        (STREET | {"country": "Norge"}, "country"),
        (STREET | {"country": "ZZ"}, "country"),
        (STREET | {"country": "no"}, "country"),
        (STREET | {"line_1": ""}, "line_1"),
        (STREET | {"line_1": "Storgata 1\n5003 Bergen"}, "line_1"),
        (STREET | {"city": "B" * 61}, "city"),
        ({"line_1": "Storgata 1", "postal_code": "5003"}, "city"),
        (STREET | {"region": "Vestland"}, "region"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused_by_field(given_address, wrong) -> None:
    with pytest.raises(Invalid) as refused:
        PostalAddress.from_json(given_address)
    assert wrong in refused.value.details["fields"]


def test_an_address_is_norwegian_unless_it_says_otherwise() -> None:
    assert PostalAddress.from_json(STREET).country == "NO"
    london = PostalAddress.from_json(STREET | {"country": "GB", "postal_code": "SW1A 1AA", "city": "London"})
    assert (london.country, london.postal_code) == ("GB", "SW1A 1AA")
    assert {"NO", "SE", "DK", "GB", "US", "SJ"} <= set(COUNTRIES)


def test_replies_to_commands_hold_no_personal_data() -> None:
    allowed = {"account_id", "user_id", "version", "state", "status"}
    allowed |= {"report_id", "reference", "received_at", "confirmed_at"}
    allowed |= {"noticed_on", "notice_ends_on", "inactivated_at", "attempts"}
    allowed |= {"export_id", "kind", "whose", "asked_at", "ready_at", "available_until", "bytes", "sha256", "parts"}
    allowed |= {"withdrawn_because", "handed_over_at", "thread_id", "number", "answer_due"}
    for _, spec in specifications(AccountService):
        if isinstance(spec, AnswersSpec) and spec.call.is_command:
            assert set(schema_of(spec.call.reply).fields) <= allowed, spec.call.reply


class OfEveryKind(Record):
    """A field of every kind there is."""

    line: Annotated[str, kinds.line(20)]
    company_name: kinds.CompanyName
    person_name: kinds.PersonName
    email: kinds.Email
    known_email: kinds.KnownEmail
    phone: kinds.Phone
    org_number: kinds.OrgNumber
    ip: kinds.IpAddress
    language: kinds.Language
    password: kinds.Password
    new_password: kinds.NewPassword
    token: kinds.Token
    code: kinds.MachineCode
    digest: kinds.Sha256
    key: kinds.IdempotencyKey
    version: kinds.Version
    actor: ActorKind


FIELDS = schema_of(OfEveryKind).fields
texts = st.one_of(
    st.text(),
    st.emails(),
    st.ip_addresses().map(str),
    st.from_regex(r"[+0-9 ()-]{3,14}", fullmatch=True),
    st.sampled_from(
        [
            "  Åse  Østby ",
            "A\u030ase",
            "KARI@Bl\u00e5b\u00e6r.No",
            "923 609 016",
            "815 00 000",
            "::FFFF:203.0.113.7",
        ]
    ),
)


@given(text=texts)
def test_what_a_kind_has_read_it_reads_again_as_the_same(text) -> None:
    for name, field in FIELDS.items():
        with suppress(ma.ValidationError):
            once = field.deserialize(text)
            assert field.deserialize(field.serialize(name, {name: once})) == once, name


@given(st.one_of(st.text(), st.integers(), st.none(), st.lists(st.text()), st.booleans(), st.floats()))
def test_no_kind_of_field_takes_or_repeats_nonsense(value) -> None:
    for field in FIELDS.values():
        complaint = complaint_about(field, value)
        if isinstance(value, str) and len(value) > 12:
            assert value not in complaint


def complaint_about(field: ma.fields.Field, value: object) -> str:
    try:
        field.deserialize(value)
    except ma.ValidationError as error:
        return str(error.messages)
    return ""


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("41378216", "+4741378216"), ("+47 413 78 216", "+4741378216"), ("0047 41378216", "+4741378216"),
     ("+46 8 123 456 78", "+46812345678")],
)  # fmt: skip
def test_telephone_numbers_are_kept_in_one_spelling(typed, kept) -> None:
    assert kinds.PhoneField().deserialize(typed) == kept


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
    assert kinds.IpAddressField().deserialize(told) == kept


def test_a_password_is_the_same_from_every_keyboard() -> None:
    assert kinds.PasswordField().deserialize("bla\u030atind og mer") == "blåtind og mer"
    assert kinds.PasswordField().deserialize("  med blanke  ") == "  med blanke  "


def test_the_service_publishes_what_it_names() -> None:
    own = {event.type for event in events() if event.source == SOURCE}
    assert len(own) == 46
    assert {"account.deactivated", "user.invited", "login.failed"} <= own
