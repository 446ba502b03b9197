"""National identity numbers are found in free text, and what only looks like one is let through (L180).

All numbers here are synthetic: 80 or 40 was added to the month, which no person's number has.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import marshmallow as ma
import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import validate

from deploy.generators.acts import answered_by
from services.account.fields import kinds
from services.account.nonconformities.calls import Report
from services.account.nonconformities.values import TEXT_LIMIT
from services.account.sign_up.calls import Company, SignUp
from services.account.users.calls import Person
from services.staff.device_log_in.calls import DeviceCodeField
from services.staff.recovery.calls import RecoveryCodeField
from shared.bus import discovery
from shared.calls import Call
from shared.input_guard import (
    FREE_TEXT,
    NEW_CHECK_DIGITS_FROM,
    SECOND_WEIGHTS,
    Hint,
    Sensitive,
    complaints,
    found_in,
    has_free_text,
    hints,
    identity_numbers,
)
from shared.records import schema_of

pytestmark = [pytest.mark.unit, pytest.mark.clause("INPUT-1")]

TODAY = date(2026, 12, 1)
THEN = NEW_CHECK_DIGITS_FROM
ID, NEW_ID, D_NUMBER, OTHER_SERIES = "01819012365", "01819012373", "41819012359", "10915596784"


@pytest.mark.parametrize(
    "text",
    [
        ID,
        f"Kari ({ID}) så det.",
        f"Kari {ID[:6]} {ID[6:]} så det",
        f"{ID[:6]}.{ID[6:]}",
        f"{ID[:6]}-{ID[6:]}",
        f"{ID[:6]}\u2013{ID[6:]}",
        f"{ID[:6]}\u00a0{ID[6:]}",
        f"{ID[:6]}\u200b{ID[6:]}",
        "".join(chr(0xFF10 + int(digit)) for digit in ID),
        f"{ID[:6]} - {ID[6:]}",
        f"{ID[:6]}\t{ID[6:]}",
        f"{ID[:6]}\n{ID[6:]}",
        f"{ID[:2]} {ID[2:4]} {ID[4:6]} {ID[6:]}",
        f"{ID[:2]}.{ID[2:4]}.{ID[4:6]} {ID[6:]}",
        f"fnr:{ID}",
        f"fnr.{ID}",
        f"1.{ID}",
        f"kontoen til {ID}",
        OTHER_SERIES,
    ],
)
def test_a_national_identity_number_is_found_however_it_is_written(text) -> None:
    assert identity_numbers(text, TODAY) == {Sensitive.NATIONAL_ID}


def test_a_d_number_is_found_as_one() -> None:
    assert identity_numbers(f"D-nummer {D_NUMBER}", TODAY) == {Sensitive.D_NUMBER}
    assert identity_numbers(f"{D_NUMBER} og {ID}", TODAY) == set(Sensitive)


def test_the_check_digits_of_2032_count_from_then_and_those_of_today_still() -> None:
    assert not identity_numbers(NEW_ID, date(2031, 12, 31))
    assert identity_numbers(NEW_ID, THEN) == {Sensitive.NATIONAL_ID}
    assert identity_numbers(ID, THEN) == {Sensitive.NATIONAL_ID}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12345678901",
        "00819012365",
        "31829012365",
        f"1{ID}",
        f"{ID}1",
        ID[:10],
        f"{ID[:4]}.{ID[4:6]}.{ID[6:]}",
        f"kontonummer {ID}",
        f"Bankkonto: {ID}",
        f"account no. {ID}",
        "+47 41 23 45 67",
        "Ordre 2026-11-29-00017",
        "org.nr. 974 760 673",
    ],
)
def test_what_is_no_national_identity_number_is_let_through(text) -> None:
    assert not identity_numbers(text, TODAY)
    assert not identity_numbers(text, THEN)


def check_digits(nine: str) -> str | None:
    """Written once more, from the outside in: the last two digits that make all eleven right today."""
    for last in range(100):
        every = [int(digit) for digit in f"{nine}{last:02}"]
        first = sum(a * b for a, b in zip(every, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1), strict=False))
        second = sum(a * b for a, b in zip(every, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1), strict=True))
        if first % 11 == second % 11 == 0:
            return f"{nine}{last:02}"
    return None


@given(
    born=st.dates(date(1900, 1, 1), date(2030, 12, 31)),
    own=st.integers(0, 999),
    d_number=st.booleans(),
    added=st.sampled_from([40, 80]),
    around=st.text(alphabet="abæø ,()\n", max_size=20),
)
def test_every_number_that_can_be_given_out_is_found(born, own, d_number, added, around) -> None:
    day = born.day + 40 * d_number
    number = check_digits(f"{day:02}{born.month + added:02}{born.year % 100:02}{own:03}")
    if number is not None:
        expected = Sensitive.D_NUMBER if d_number else Sensitive.NATIONAL_ID
        assert identity_numbers(f"{around} {number} {around}", TODAY) == {expected}


@given(st.text())
def test_no_text_is_too_odd_to_be_read(text) -> None:
    identity_numbers(text, TODAY)
    hints(text)


@pytest.mark.parametrize(
    "text",
    [
        "\u2a0c" * 1900 + "@" + "\ufe19" * 2050,
        "." * 2000 + "@" + "." * 1999,
        ".a" * 1000 + "@" + ".a" * 999,
        "a@" * 2000,
        "\ufdfa" * 4000,
        "1" * 4000,
        "01 " * 1333,
        "syk" * 1333,
    ],
    ids=["expands", "dots", "labels", "addresses", "expands most", "digits", "pairs", "one word"],
)
def test_no_text_takes_long_to_read(text) -> None:
    """Processor time, and a bound far above what it takes: what grew with the square took half a minute."""
    assert len(text) <= TEXT_LIMIT
    begun = time.process_time()
    identity_numbers(text, TODAY)
    hints(text)
    assert time.process_time() - begun < 2


def test_s48_few_numbers_of_bank_accounts_are_mistaken_and_none_as_they_are_written() -> None:
    some = random.Random(2026)  # noqa: S311
    accounts = [number for number in (f"{some.randrange(10**11):011}" for _ in range(20_000)) if is_account(number)]
    mistaken = [number for number in accounts if identity_numbers(number, TODAY)]
    assert len(accounts) > 1_000
    assert len(mistaken) / len(accounts) < 0.03, "one in 50 by reckoning"
    assert not any(identity_numbers(f"{each[:4]}.{each[4:6]}.{each[6:]}", TODAY) for each in accounts)
    assert not any(identity_numbers(f"konto {each}", TODAY) for each in mistaken)


def is_account(number: str) -> bool:
    return sum(int(digit) * weight for digit, weight in zip(number, SECOND_WEIGHTS, strict=True)) % 11 == 0


@pytest.mark.parametrize(
    ("text", "spoken_of"),
    [
        ("Fakturaen viser navnet til en annen kunde.", ()),
        ("Siden var nede fra kl. 10 til 12, ordre 2026112917.", ()),
        ("Ola er sykemeldt", (Hint.HEALTH,)),
        ("her sick note lay open", (Hint.HEALTH,)),
        ("listen over fagorganiserte", (Hint.UNION,)),
        ("ring 41 23 45 67 eller ola@firma.example", (Hint.CONTACT_DATA,)),
        ("1234.56.78903", (Hint.BANK_ACCOUNT,)),
        ("tillitsvalgt med en allergi", (Hint.HEALTH, Hint.UNION)),
    ],
)
def test_what_a_text_seems_to_speak_of_is_told_and_nothing_else(text, spoken_of) -> None:
    assert hints(text) == spoken_of


def test_what_was_found_is_told_by_field_and_never_repeated() -> None:
    user = Person(name=f"Kari {ID}", email="kari@firma.example", phone="+4741234567")
    sign_up = SignUp(
        company=Company(name=f"Foretak {D_NUMBER}", email="post@firma.example", phone="+4722225555"),
        creator=Person(name="Ola Nordmann", email="ola@firma.example", phone="+4741234567"),
        users=(user,),
        password="a long sentence 7",
        language="nb",
        agreement=None,  # type: ignore[arg-type]
        origin=None,  # type: ignore[arg-type]
    )
    found = found_in(sign_up, TODAY)
    assert found == {
        ("company", "name"): {Sensitive.D_NUMBER},
        ("users", 0, "name"): {Sensitive.NATIONAL_ID},
    }
    told = complaints(found)
    assert told["users"].keys() == {0}
    assert told["company"].keys() == {"name"}
    assert not any(number in str(told) for number in (ID, D_NUMBER))
    assert not found_in(Report(about="outage", text="Siden er nede."), TODAY)


NO_FREE_TEXT = (
    kinds.EmailAddressField,
    kinds.KnownEmailAddressField,
    kinds.PhoneField,
    kinds.OrgNumberField,
    kinds.IpAddressField,
    kinds.PasswordField,
    DeviceCodeField,
    RecoveryCodeField,
    ma.fields.UUID,
)
"""They have a form of their own, or nothing of them is kept in clear. An address is not searched: whoever's only
address has eleven digits in front could not sign up."""
NOT_KEPT = {
    "account.search_accounts.name": "looked for, not kept",
    "agreement.domain": "the host that was asked, from the browser",
    "origin.user_agent": "what a browser says of itself",
    "notification.receive_mail": "of a mail only codes are kept",
    "notification.receive_reply": "handed on to account, which reads the text",
    "account.take_support_mail.name": "compared with what was signed, not kept",
    "account.take_support_mail.author": "compared with the address of the person, not kept",
    "account.take_support_mail.text": "read by the guard in the feature, which tells the writer by letter",
    "notification.receive_webhook": "what a vendor sends",
    "consumer": "the name of one of our queues, looked for",
    "after": "where a page of a copy begins, looked for",
    "staff.set_contact.email": "read as an address by its own rule",
}


def test_whatever_people_may_write_freely_is_read_by_the_guard() -> None:
    for name, call in every_call():
        for path, field in texts_of(schema_of(call)):
            closed = isinstance(field, NO_FREE_TEXT) or any(
                isinstance(each, (validate.OneOf, validate.Regexp)) for each in field.validators
            )
            excused = {name, path, f"{name}.{path}"} & NOT_KEPT.keys()
            assert closed or excused or field.metadata.get(FREE_TEXT), f"{name}: {path}"
            assert not field.metadata.get(FREE_TEXT) or has_free_text(call)


def every_call() -> Iterator[tuple[str, type[Call[Any]]]]:
    for service in discovery.services():
        for method, call in answered_by(service).items():
            yield f"{service.name}.{method}", call


def texts_of(schema: ma.Schema, above: str = "") -> Iterator[tuple[str, ma.fields.String]]:
    for name, field in schema.fields.items():
        inner = field.inner if isinstance(field, ma.fields.List) else field
        if isinstance(inner, ma.fields.Nested):
            yield from texts_of(inner.schema, f"{above}{name}.")
        elif isinstance(inner, ma.fields.String):
            yield f"{above}{name}", inner
