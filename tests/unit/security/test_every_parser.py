"""Every parser of what others send meets every kind of bad input: a clear error or the nearest true meaning.

Whatever reads JSON is found in the sources and must be listed here: as a parser with something good to spoil, or as
a reader of what this product wrote itself.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import marshmallow as ma
import pytest

from services.account.register.business_register import understood
from services.account.service import AccountService
from services.audit.service import Audit
from services.billing_sync.service import BillingSync
from services.billing_sync.tripletex import responses as tripletex_responses
from services.desk.web.passkey_forms import answer_of
from services.gateway.endpoints import ENDPOINTS
from services.notification.inbound_mail.calls import NAME_LIMIT, VALUE_LIMIT, MailField
from services.notification.inbound_mail.form import read_form, read_reply
from services.notification.inbound_mail.rules import identity_of, judge, parse_senders
from services.notification.inbound_mail.values import AlarmMailbox
from services.notification.mailgun import client as mailgun_client
from services.notification.mailgun.client import outcome_of_answer, read_page
from services.notification.mailgun.rules import failure_reason, signal_of, suppression_from
from services.notification.mailgun.vendor_events import read_event, read_webhook
from services.notification.service import NotificationService
from services.retention.service import Retention
from shared.approvals import ApprovalError, verify_file
from shared.bus import wire
from shared.bus.declarations import AnswersSpec, specifications
from shared.errors import Invalid, Permanent
from shared.http.bodies import Malformed, parse_json
from shared.records import schema_class
from shared.software_authenticator import SoftwareAuthenticator, client_data
from shared.webauthn import CREATE, NotProven, RelyingParty, decode, encode, new_key
from tests.approval_files import approved
from tests.bad_input import VALUES, put, spoilt, spoilt_texts
from tests.unit.privacy.ledger_samples import KEY

pytestmark = pytest.mark.unit
ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2027, 1, 1, tzinfo=UTC)
NUMBER = "923609016"
LETTER = "0192f6c0-0000-7000-8000-000000000001"

EVENT = {
    "event": "failed",
    "id": "G9Bn5sl1TC6nu79C8C0bwg",
    "timestamp": 1521233195.375624,
    "@timestamp": "2018-03-16T20:59:55Z",
    "severity": "permanent",
    "reason": "bounce",
    "recipient": "kari@firma.example",
    "user-variables": {"notification_id": LETTER},
    "message": {"headers": {"message-id": "20130503182626.18666.16540@mg.example"}},
    "delivery-status": {"code": 550, "enhanced-code": "5.1.1", "bounce-code": "5.1.1", "message": "gone"},
}
WEBHOOK = {"signature": {"timestamp": "1521233195", "token": "a" * 50, "signature": "0" * 64}, "event-data": EVENT}
MAIL = {
    "recipient": "alarm@mg.example.no",
    "sender": "vakt@host.example",
    "from": "Vakt <vakt@host.example>",
    "Message-Id": "<1.2@host.example>",
    "timestamp": "1521233195",
    "token": "a" * 50,
    "signature": "0" * 64,
    "message-headers": [["X-Mailgun-Spf", "Pass"], ["Dkim-Signature", "v=1; d=host.example; b=x"]],
}
MAILBOX = AlarmMailbox(address="alarm@mg.example.no", senders=parse_senders("host.example=host:traffic"))
UNIT = {
    "organisasjonsnummer": NUMBER,
    "respons_klasse": "Enhet",
    "navn": "FIRMA AS",
    "organisasjonsform": {"kode": "AS"},
    "slettedato": "2026-01-01",
    "konkurs": False,
    "underAvvikling": False,
    "underTvangsavviklingEllerTvangsopplosning": False,
}
LIVING = {name: value for name, value in UNIT.items() if name != "slettedato"}
CUSTOMER = {"id": 7, "version": 1, "customerNumber": 10001, "email": "a@b.example", "customer": {"id": 5}}
CLOUD_EVENT = {
    "specversion": "1.0",
    "id": LETTER,
    "source": "account",
    "type": "account.deactivated",
    "time": "2026-11-22T09:00:00+00:00",
    "subject": f"account/{LETTER}",
    "datacontenttype": "application/json",
    "dataversion": 1,
    "sequence": 4,
    "actor": "system",
    "correlationid": LETTER,
    "causationid": LETTER,
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "data": {"account_id": LETTER, "trigger": "customer"},
}


def webhook(body: bytes) -> Any:
    read = read_webhook(body.decode("utf-8"))
    return (
        read,
        signal_of(read.event),
        suppression_from(read.event),
        failure_reason(read.event),
        read.event.identity,
    )


def mail_fields(body: bytes) -> list[MailField]:
    """A form whose fields are the keys, as the gateway passes them on; the list of headers is text in it."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        given = body.decode(errors="replace")
    pairs = given.items() if isinstance(given, dict) else [("message-headers", given)]
    texts_of = [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in pairs]
    return [MailField(name=name[:NAME_LIMIT], value=value[:VALUE_LIMIT]) for name, value in texts_of]


def inbound_mail(body: bytes) -> Any:
    mail = read_form(mail_fields(body))
    return mail, identity_of(mail, judge(mail, MAILBOX)[0])


def reply(body: bytes) -> Any:
    return read_reply(mail_fields(body))


def mailgun_answers(body: bytes) -> Any:
    said = [outcome_of_answer(status, {}, body, NOW) for status in (200, 400, 401, 404, 413, 429, 500)]
    return [*said, mailgun_client._is_absent(body)]


def mailgun_page(body: bytes) -> Any:
    return read_page(json.loads(body), NOW)


def tripletex(body: bytes) -> Any:
    answer = tripletex_responses.parsed(body)
    if answer is None:
        return None
    said: list[Any] = [tripletex_responses.code_and_fields(answer)]
    for read in (tripletex_responses.found_in, tripletex_responses.all_found_in, tripletex_responses.token_in):
        try:
            found = read(answer)
        except tripletex_responses.NotUnderstood:
            continue
        said.append(
            found
            if isinstance(found, str)
            else [each.id for each in (found if isinstance(found, list) else [found])]
        )
        for each in found if isinstance(found, list) else []:
            for look in (
                tripletex_responses.customer_of,
                lambda one: tripletex_responses.date_of(one, "invoiceDate"),
            ):
                try:
                    said.append(look(each))
                except tripletex_responses.NotUnderstood:
                    continue
    return said


def bus_event(body: bytes) -> Any:
    return wire.decode(
        body, content_type="application/json", headers={}, exchange="account.events",
        routing_key="account.deactivated", received_at=NOW,
    )  # fmt: skip


PARTY = RelyingParty.of_url("https://desk.semje.example")
BROWSER = json.loads(client_data(CREATE, bytes(32), PARTY.origin))
AUTHENTICATOR = SoftwareAuthenticator(environment="test")
PASSKEY = AUTHENTICATOR.create(
    {"rp": {"id": PARTY.id}, "user": {"id": encode(b"kari")}, "challenge": encode(bytes(32))}, PARTY
)


def passkey(body: bytes) -> Any:
    return new_key(
        PARTY,
        challenge=bytes(32),
        credential_id=decode(PASSKEY["rawId"]),
        client_data=body,
        attestation=decode(PASSKEY["response"]["attestationObject"]),
        software_keys=True,
    ).aaguid


@dataclass(frozen=True)
class Parser:
    """`read` may raise `refusals` and nothing else; `sources` are the functions of the product that it examines."""

    read: Callable[[bytes], Any]
    samples: tuple[Any, ...]
    refusals: tuple[type[Exception], ...]
    sources: tuple[str, ...]


PARSERS = {
    "webhooks of Mailgun": Parser(
        webhook,
        (WEBHOOK,),
        (Invalid, UnicodeDecodeError),
        ("services/notification/mailgun/vendor_events.py:_parsed",),
    ),
    "mail of Mailgun's route": Parser(
        inbound_mail,
        (MAIL,),
        (Invalid,),
        ("services/notification/inbound_mail/form.py:_headers",),
    ),
    "a reply by mail to support": Parser(
        reply,
        (MAIL | {"stripped-text": "x", "attachment-count": "2", "attachments": [{"name": "x.png", "size": 1}]},),
        (Invalid,),
        (
            "services/notification/inbound_mail/form.py:_listed",
            "services/notification/inbound_mail/form.py:_attachments",
        ),
    ),
    "answers of Mailgun": Parser(
        mailgun_answers,
        ({"id": "<1.2@mg.example>", "message": "Too many, try again after 5 seconds"},),
        (),
        tuple(
            f"services/notification/mailgun/client.py:{name}"
            for name in ("outcome_of_answer", "_wait_in_text", "_is_absent", "_log_page")
        ),
    ),
    "the register": Parser(
        lambda body: understood(body, NUMBER),
        (UNIT, LIVING),
        (Permanent,),
        ("services/account/register/business_register.py:_unit",),
    ),
    "Tripletex": Parser(
        tripletex,
        (
            {"value": CUSTOMER | {"token": "abc"}},
            {"values": [CUSTOMER | {"invoiceDate": "2026-01-01"}]},
            {"status": 422, "code": 18000, "validationMessages": [{"field": "email", "message": "x"}]},
        ),
        (),
        ("services/billing_sync/tripletex/responses.py:parsed",),
    ),
    "events on the bus": Parser(bus_event, (CLOUD_EVENT,), (Permanent,), ("shared/bus/wire.py:parse_object",)),
    "what a browser says of a passkey": Parser(
        passkey, (BROWSER,), (NotProven,), ("shared/webauthn.py:_check_client",)
    ),
    "an authenticator's answer in a form of the desk": Parser(
        lambda body: answer_of(body.decode(), "create"),
        ({"id": PASSKEY["id"], "response": PASSKEY["response"]},),
        (Invalid, UnicodeDecodeError),
        ("services/desk/web/passkey_forms.py:answer_of",),
    ),
    "the file that proves an approval": Parser(
        lambda body: verify_file(body, [KEY.public]),
        (approved(),),
        (ApprovalError,),
        ("shared/approvals.py:verify_file",),
    ),
    "bodies at gateway and desk": Parser(
        parse_json,
        ({"company": {"name": "x"}, "users": [1]},),
        (Malformed,),
        ("shared/http/bodies.py:parse_json",),
    ),
}

READ_BY_OTHERS = {
    "a reply by mail to support",
    "an authenticator's answer in a form of the desk",
    "bodies at gateway and desk",
    "events on the bus",
}
"""What they hold is checked by whoever is asked with it."""

OWN = {
    "services/account/field_encryption/sealing.py": "an address that account sealed",
    "services/audit/checkpoints/signing.py": "the file that audit signs",
    "services/audit/trail/rules.py": "the facts of a row, which the intake wrote",
    "services/cases/restore/store.py": "lines of the ledger, kept until it is their turn",
    "services/desk/cli/http_caller.py": "an answer of the desk's interface, whose problems test_desk_api spoils",
    "services/desk/cli/session_file.py": "the file of a session, spoilt in test_session_file",
    "shared/web/drafts.py": "a form that a page sealed, and nobody without the browser's number can have",
    "services/desk/web/pages/certificates.py": "a certificate that retention wrote",
    "services/gateway/certificate_page.py": "a certificate that retention wrote",
    "services/retention/certificates/archive.py": "certificates that retention wrote",
    "services/retention/certificates/signing.py": "a certificate, whose file is spoilt in test_every_argument",
    "services/staff/approvals/values.py": "a request that staff froze",
    "shared/backup_record.py": "the record that the backup writes",
    "services/account/export_collecting/feature.py": "pages of a copy, sealed as they came",
    "shared/bus/monkey_patch.py": "a setting of the process",
    "shared/bus/relay.py": "envelopes from our own outbox",
    "shared/privacy/ledger_copy.py": "the record beside the ledger",
    "shared/privacy/ledger_lines.py": "lines of the ledger, which are chained",
    "shared/signing.py": "lines that were signed",
    "shared/staff.py": "the table of acts, made of the code",
    "shared/vendor_http.py": "a vendor's answer, whose readers are examined here",
    "shared/evidence/release.py": "the outcomes that a release signed",
    "shared/terms/enforcement.py": "what stands behind each clause, made of the code",
    "shared/terms/outcomes.py": "the outcomes of our own tests",
    "shared/terms/texts.py": "the texts of this installation, whose digests are checked at the start",
}
"""Readers of what this product wrote itself; each is examined with its writer."""


def reads_json(call: ast.Call) -> bool:
    """`json.loads`, `json.load`, `.json()` of an answer, and `json_of` its body."""
    function = call.func
    if isinstance(function, ast.Name):
        return function.id == "json_of"
    if not isinstance(function, ast.Attribute):
        return False
    of_json = isinstance(function.value, ast.Name) and function.value.id == "json"
    return (of_json and function.attr in ("loads", "load")) or (
        function.attr == "json" and not call.args and not of_json
    )


def readers() -> Iterator[str]:
    """Each function of the product that reads JSON."""
    for path in sorted([*ROOT.glob("services/**/*.py"), *ROOT.glob("shared/**/*.py")]):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef) and any(
                isinstance(node, ast.Call) and reads_json(node) for node in ast.walk(function)
            ):
                yield f"{path.relative_to(ROOT)}:{function.name}"


def test_whatever_reads_json_is_examined_here_or_reads_what_we_wrote() -> None:
    found = set(readers())
    examined = {source for parser in PARSERS.values() for source in parser.sources}
    assert {reader for reader in found - examined if reader.partition(":")[0] not in OWN} == set()
    assert examined <= found, "a parser that is no more"
    assert OWN.keys() <= {reader.partition(":")[0] for reader in found}, "a reader that is no more"


def texts(value: Any) -> Iterator[str]:
    """Every text inside of what a parser gave."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        yield from (text for each in fields(value) for text in texts(getattr(value, each.name)))
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for each in pair for text in texts(each))
    elif isinstance(value, (list, tuple, set)):
        yield from (text for each in value for text in texts(each))


@pytest.mark.parametrize("name", PARSERS)
def test_bad_input_is_refused_or_understood_and_nothing_else(name: str) -> None:
    parser, tried = PARSERS[name], 0
    for sample in parser.samples:
        bodies = [(what, json.dumps(value).encode()) for what, value in spoilt(sample)]
        for what, body in [*bodies, *spoilt_texts(sample)]:
            tried += 1
            try:
                understood_as = parser.read(body)
            except parser.refusals:
                continue
            except Exception as error:  # noqa: BLE001  # the finding itself
                pytest.fail(f"{name}, {what}: {error!r}")
            if name not in READ_BY_OTHERS:
                assert all("\x00" not in text and text.isprintable() for text in texts(understood_as)), what
    assert tried > 60


def test_a_signed_event_is_taken_whatever_stands_in_it() -> None:
    """A field that cannot be read costs itself: the bounce stays one, of the same letter; what is lost is named."""
    for name in ("id", "timestamp", "@timestamp", "reason", "recipient", "message", "delivery-status"):
        for what, value in VALUES.items():
            event = read_event(put(EVENT, (name,), value), told_at=NOW)
            assert (signal_of(event), event.letter_id) == ("bounced", UUID(LETTER)), f"{name}: {what}"
            if isinstance(value, (bool, list)) and value != [] and name != "timestamp":
                assert event.unread, f"{name}: {what}"
    for what, value in VALUES.items():
        event = read_event(value if what != "missing" else None, told_at=NOW)
        assert (signal_of(event), event.letter_id) == (None, None), what
        assert event.unread, what


@pytest.mark.parametrize(
    ("code", "read", "enhanced"),
    [
        (550, 550, None), ("550", 550, None), ("5.1.1", None, "5.1.1"), ("550 5.1.1 No such user", 550, "5.1.1"),
        (550.0, 550, None), ("", None, None), (None, None, None), (605, 605, None),
    ],
)  # fmt: skip
def test_a_code_is_understood_however_it_is_written(code, read, enhanced) -> None:
    event = read_event({**EVENT, "delivery-status": {"code": code}}, told_at=NOW)
    assert (event.code, event.enhanced_code, event.unread) == (read, enhanced, None)


@pytest.mark.parametrize(
    "code",
    [
        [], [550], {}, 2**40, -1, True, "x" * 99, "kari@firma.example", 1e300, "user kari unknown",
        "+47 900 12 345", 4790012345,
    ],
)  # fmt: skip
def test_a_code_that_is_none_costs_nothing_but_itself(code) -> None:
    event = read_event({**EVENT, "delivery-status": {"code": code}}, told_at=NOW)
    assert (event.code, signal_of(event), event.letter_id) == (None, "bounced", UUID(LETTER))
    assert event.unread is not None
    assert event.unread.startswith("delivery-status.code=")
    assert "kari" not in event.unread
    assert "90012345" not in event.unread.replace(" ", "")


@pytest.mark.parametrize(
    ("status", "severity"),
    [({"code": 550}, "permanent"), ({"code": "4.2.2"}, "temporary"), ({"code": 450}, "temporary")],
)
def test_a_failure_that_does_not_say_how_grave_it_is_is_judged_by_its_code(status, severity) -> None:
    event = read_event({"event": "failed", "timestamp": 1521233195, "delivery-status": status}, told_at=NOW)
    assert event.severity == severity
    assert event.unread == "severity=missing"


@pytest.mark.parametrize("at", ["x", 1e300, -5, None, [], True, "9999-12-31T00:00:00Z", "0001-01-01T00:00:00Z"])
def test_an_instant_that_is_none_is_the_one_at_which_it_was_told(at) -> None:
    assert read_event({"event": "delivered", "timestamp": at}, told_at=NOW).at == NOW


SERVICES = (AccountService, Retention, NotificationService, BillingSync, Audit)
SCHEMAS = {
    schema_class(spec.call)
    for service in SERVICES
    for _, spec in specifications(service)
    if isinstance(spec, AnswersSpec)
} | {endpoint.request for endpoint in ENDPOINTS if endpoint.request is not None}


def placed(schema: ma.Schema, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], ma.fields.Field[Any]]]:
    """Every field of a schema and of those inside of it, with the way to it."""
    for name, field in schema.fields.items():
        here = (*at, field.data_key or name)
        yield here, field
        if isinstance(field, ma.fields.Nested):
            yield from placed(field.schema, here)


def built(way: tuple[str, ...], value: Any) -> dict[str, Any]:
    """An object with nothing but this value in this place."""
    inner: Any = value
    for step in reversed(way):
        inner = {step: inner}
    return inner if isinstance(inner, dict) else {}


@pytest.mark.parametrize("schema", sorted(SCHEMAS, key=lambda each: f"{each.__module__}.{each.__name__}"))
def test_every_field_of_every_request_refuses_or_takes_it(schema: type[ma.Schema]) -> None:
    for way, field in placed(schema()):
        for what, bad in VALUES.items():
            try:
                taken = field.deserialize(bad) if bad is not VALUES["missing"] else None
                schema().load(built(way, bad) if bad is not VALUES["missing"] else {})
            except ma.ValidationError:
                continue
            except Exception as error:  # noqa: BLE001  # the finding itself
                pytest.fail(f"{schema.__name__}.{'.'.join(way)}, {what}: {error!r}")
            if (
                schema.__module__ != "services.gateway.public_schemas"
            ):  # account has the last word on what these hand on
                assert "\x00" not in "".join(texts(taken)), f"{'.'.join(way)}, {what}"
