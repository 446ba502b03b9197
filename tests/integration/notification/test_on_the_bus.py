"""The process itself: events come in over RabbitMQ, account is asked over RabbitMQ, the letter leaves."""

from __future__ import annotations

import warnings
from contextlib import ExitStack
from datetime import date

import psycopg
import pytest

from deploy.provision import secrets
from sandbox import server as sandbox_server
from sandbox.settings import SandboxSettings
from services.account.letters.events import UserPasswordResetRequested
from services.retention.execution.events import ErasureAnnounced
from shared.errors import NotFound
from shared.identifiers import new_id
from shared.participation.events import ErasureOrdered
from shared.statements import StatementSigner
from tests.integration import running
from tests.plugins.ledger import begin_ledger
from tests.waiting import until

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # eventlet tells its deprecation at the first import; nothing is patched here
    from shared.bus.rpc_client import BusCaller
    from tests.staff_statements import SigningCaller

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def mailgun(infrastructure):
    root = infrastructure.secrets_root
    names = ("mailgun_api_key", "mailgun_webhook_signing_key", "mailgun_webhook_path_secret")
    settings = SandboxSettings(**{name: secrets.read(root, "sandbox", name) for name in names})
    running = sandbox_server.start(port=0, settings=settings)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def system(infrastructure, broker, databases, mailgun, tmp_path_factory):
    """Notification and a played account as processes; gives a caller."""
    folder = tmp_path_factory.mktemp("letters")
    begin_ledger(infrastructure, folder)
    told = {"VILKAR_MAILGUN_URL": mailgun.mailgun_url, "VILKAR_GATEWAY_PUBLIC_URL": "https://nogd.example"}
    caller = BusCaller(broker.uri("gateway"), name="gateway")
    with ExitStack() as running_now:
        for module, name in (("notification.fake_account", "account"), ("run_service", "notification")):
            settings = told | {"TEST_DATABASE": databases.name(name)}
            running_now.enter_context(
                running.service(
                    f"tests.integration.{module}", broker, name, folder=folder, user=name, settings=settings
                )
            )
        caller.open(wait_seconds=10)
        running_now.callback(caller.close)
        yield caller


@pytest.fixture(scope="module")
def desk(system, infrastructure, broker):
    """Asks as somebody of the staff."""
    secret = infrastructure.secrets_root / "staff" / "statement_signing_key"
    made = SigningCaller(broker.uri("desk"), StatementSigner.parse(secret.read_text()))
    made.open(wait_seconds=10)
    yield made
    made.close()


def shown(desk, account_id, user_id=None):
    of_user = {} if user_id is None else {"user_id": str(user_id)}
    return desk.call("notification", "letters", account_id=str(account_id), **of_user)["letters"]


def test_an_event_becomes_a_letter_and_is_shown(broker, desk, system, mailgun) -> None:
    account_id, user_id = new_id(), new_id()
    running.publish(broker, UserPasswordResetRequested(account_id=account_id, user_id=user_id, ticket_id=new_id()))
    until(lambda: [row["state"] for row in shown(desk, account_id, user_id)] == ["sent"], seconds=20)
    (letter,) = [sent for sent in mailgun.letters() if user_id.hex in sent["to"]]
    assert "https://nogd.example/password/token" in letter["text"]
    (row,) = shown(desk, account_id, user_id)
    assert system.call("notification", "letter", letter_id=row["letter_id"]) == row
    with pytest.raises(NotFound):
        system.call("notification", "letter", letter_id=str(new_id()))


def test_a_webhook_is_judged_over_the_bus(system) -> None:
    reply = system.call("notification", "receive_webhook", path_secret="guess", body="{}")
    assert reply == {"accepted": False, "verdict": "wrong_path"}


def test_an_erasure_is_taken_part_in_from_farewell_to_answer(broker, desk, mailgun, databases) -> None:
    account_id = new_id()
    event = ErasureAnnounced(
        erasure_id=new_id(), account_id=account_id, certificate_id=new_id(), backups_expire_on=date(2027, 4, 4)
    )

    def told(kind):
        with psycopg.connect(databases.owner_dsn("notification")) as connection:
            query = "SELECT convert_from(body, 'utf8')::jsonb -> 'data' FROM outbox WHERE routing_key = %s"
            rows = [row[0] for row in connection.execute(query, (kind,))]
        return [row for row in rows if str(account_id) in str(row) or str(event.erasure_id) in str(row)]

    running.publish(broker, event)
    until(lambda: told("notification.sent"), seconds=20)
    assert [sent["subject"] for sent in mailgun.letters() if account_id.hex in sent["to"]] == [
        "The account of Fjord AS in Nøgd is being erased now"
    ]
    running.publish(broker, ErasureOrdered(erasure_id=event.erasure_id, account_id=account_id, attempt=1))
    until(lambda: told("erasure.step_completed"), seconds=20)
    assert shown(desk, account_id) == []
