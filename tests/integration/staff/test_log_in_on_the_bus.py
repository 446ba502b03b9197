"""Passkeys, sessions and devices over a real broker, and what the process says about them in its log."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its deprecation, told at the first import; nothing is patched here
    import eventlet  # noqa: F401

from services.staff.device_log_in import rules as devices
from services.staff.device_log_in.calls import BeginDeviceLogIn, DecideDeviceLogIn, PollDeviceLogIn
from services.staff.passkeys.calls import By, ListPasskeys
from services.staff.people.calls import InvitePerson, link_digest
from services.staff.recovery.calls import MakeRecoveryCodes, RecoveryProof
from services.staff.sessions.calls import Authenticate, BeginLogIn, LogIn, LogOut
from shared.bus.rpc_client import BusCaller
from shared.errors import Forbidden, Unauthenticated
from shared.identifiers import new_token
from shared.statements import StatementSigner
from shared.webauthn import encode
from tests.integration import running
from tests.integration.staff.colleague import PARTY, Colleague, assertion, authenticator
from tests.plugins.ledger import begin_ledger
from tests.staff_statements import SigningCaller

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def told(infrastructure, broker, databases, keyring_database, tmp_path_factory):
    """The file with what the process says."""
    folder = tmp_path_factory.mktemp("staff")
    begin_ledger(infrastructure, folder, keyring_database.owner_dsn())
    settings = {
        "TEST_DATABASE": databases.name("staff"),
        "TEST_KEYRING": keyring_database.name("keyring"),
        "VILKAR_DESK_PUBLIC_URL": PARTY.origin,
    }
    with running.service(
        "tests.integration.run_service", broker, "staff", folder=folder, user="staff", settings=settings
    ) as started:
        yield started.told


@dataclass
class OverTheBus:
    """Stands where a stage stands; `ask` goes through the broker, as the desk's calls do."""

    caller: BusCaller

    def ask(self, call: Any) -> Any:
        return self.caller.ask(call)


@pytest.fixture(scope="module")
def bus(told, infrastructure, broker):
    secret = infrastructure.secrets_root / "staff" / "statement_signing_key"
    made = SigningCaller(broker.uri("desk"), StatementSigner.parse(secret.read_text()))
    made.open(wait_seconds=10)
    yield OverTheBus(made)
    made.close()


@pytest.fixture(scope="module")
def kari(bus):
    return Colleague.arrived(bus, "kari")


def test_somebody_invited_enrols_logs_in_and_out(bus, kari):
    shown = bus.ask(Authenticate(token=kari.token))
    assert (shown.staff_code, shown.kind, shown.passkeys) == ("kari", "desk", 2)
    other = kari.log_in(kari.keys[1])
    bus.ask(LogOut(token=other.token))
    with pytest.raises(Unauthenticated):
        bus.ask(Authenticate(token=other.token))
    kari.log_in()


def test_one_answer_that_arrives_ten_times_at_once_opens_one_session(bus, kari):
    begun = bus.ask(BeginLogIn())
    given = LogIn(
        ceremony_id=begun.ceremony_id, assertion=assertion(kari.keys[0].get(begun.options.to_json(), PARTY))
    )

    def log_in(_):
        try:
            return bus.ask(given).staff_code
        except Forbidden as error:
            return error.details["reason"]

    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(log_in, range(10)))
    assert sorted(outcomes) == [*["challenge_over"] * 9, "kari"]


def test_a_command_line_is_let_in(bus, kari):
    device = bus.ask(BeginDeviceLogIn())
    code = devices.understood(device.user_code)
    bus.ask(DecideDeviceLogIn(token=kari.token, user_code=code, approve=True))
    let_in = bus.ask(PollDeviceLogIn(device_token=device.device_token))
    assert bus.ask(Authenticate(token=let_in.token)).kind == "command_line"


def test_nothing_secret_is_in_the_log_whatever_goes_wrong(bus, told):
    siri = Colleague.arrived(bus, "siri")  # who enrols a third key here, and is nobody in the other tests
    codes = bus.ask(MakeRecoveryCodes(token=siri.token)).codes
    begun = bus.ask(BeginLogIn())
    wrong = assertion(siri.keys[0].get(begun.options.to_json(), PARTY), signature=encode(b"x" * 70))
    with pytest.raises(Forbidden):
        bus.ask(LogIn(ceremony_id=begun.ceremony_id, assertion=wrong))
    by = By(recovery=RecoveryProof(staff_code="siri", code=codes[0].replace("-", "")))
    siri.enrol(by, authenticator())
    link = new_token()
    bus.ask(InvitePerson(code="ola", token_digest=link_digest(link)))
    with pytest.raises(Forbidden):
        Colleague(bus, "ola").enrol(By(link=link[::-1]), authenticator())
    bus.ask(ListPasskeys(token=siri.token))
    said = told.read_text()
    credentials = [each.keys[0].credential_id for each in siri.keys]
    for secret in (
        siri.token,
        link,
        link[::-1],
        *codes,
        *(code.replace("-", "") for code in codes),
        *map(encode, credentials),
        *(each.hex() for each in credentials),
        begun.options.challenge,
    ):
        assert secret not in said
