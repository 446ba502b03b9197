"""What we send to Mailgun, against Mailgun's own document."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from sandbox.settings import DEFAULT_KEYS
from services.notification.mailgun.client import Accepted, Mailgun, Outgoing
from shared.errors import Unavailable
from shared.identifiers import new_id
from tests.plugins.sandbox_clients import DOMAIN
from tests.plugins.vendor_documents import VendorDocument
from tests.waiting import until

pytestmark = pytest.mark.contract


@pytest.fixture(scope="module")
def document() -> VendorDocument:
    return VendorDocument("mailgun")


@pytest.fixture
def mailgun(sandbox) -> Mailgun:
    key = DEFAULT_KEYS["mailgun_api_key"]
    return Mailgun(
        url=sandbox.mailgun_url,
        domain=DOMAIN,
        api_key=key,
        sender=f"Semje <nogd@{DOMAIN}>",
        reply_to="post@x.example",
    )


def outgoing(letter_id: UUID, to: str = "kari@x.example") -> Outgoing:
    return Outgoing(
        letter_id=letter_id,
        letter="user_reminder",
        letter_class="legal",
        purpose="legal_notice",
        to=to,
        subject="Æøå",
        text="Blåbær",
        html="<p>Blåbær</p>",
        unsubscribe_url="https://nogd.example/unsubscribe/x",
    )


def now(sandbox):
    return sandbox.sandbox.clock.now()


def test_every_call_we_make_is_one_the_document_knows(document, sandbox, mailgun) -> None:
    letter_id, begun = new_id(), now(sandbox)
    assert isinstance(mailgun.send(outgoing(letter_id), now=begun), Accepted)
    mailgun.history(letter_id, since=begun, now=now(sandbox))
    mailgun.forget("kari+nøgd@x.example")
    calls = sandbox.calls("mailgun")
    assert [(call["method"], call["path"].split("/")[1]) for call in calls] == [
        ("POST", "v3"), ("POST", "v1"), ("DELETE", "v3"), ("DELETE", "v3"), ("DELETE", "v3"),
    ]  # fmt: skip
    for call in calls:
        assert document.request_complaints(call) == []


def test_letters_go_as_multipart_in_utf8(sandbox, mailgun) -> None:
    mailgun.send(outgoing(new_id()), now=now(sandbox))
    (letter,) = sandbox.letters()
    assert (letter["subject"], letter["text"], letter["attachments"]) == ("Æøå", "Blåbær", [])


def test_the_history_of_a_letter_is_its_own_and_in_order(sandbox, mailgun) -> None:
    mine, other, begun = new_id(), new_id(), now(sandbox)
    for letter_id in (other, mine, other):
        mailgun.send(outgoing(letter_id), now=begun)

    def told():
        return mailgun.history(mine, since=begun - timedelta(minutes=5), now=now(sandbox))

    events = until(lambda: told() if len(told()) == 2 else None)
    assert [event.name for event in events] == ["accepted", "delivered"]
    assert {event.letter_id for event in events} == {mine}
    assert mailgun.history(new_id(), since=begun, now=now(sandbox)) == []


def test_a_history_longer_than_a_page_is_read_to_its_end(sandbox, mailgun) -> None:
    letter_id, begun = new_id(), now(sandbox)
    for _ in range(60):
        mailgun.send(outgoing(letter_id), now=begun)
    events = until(
        lambda: [e for e in mailgun.history(letter_id, since=begun, now=now(sandbox)) if e.name == "delivered"][59:]
    )
    assert len(events) == 1
    pages = [call for call in sandbox.calls("mailgun") if call["path"] == "/v1/analytics/logs"]
    assert len(pages) >= 2


def test_a_history_without_end_is_not_taken_for_read(sandbox, mailgun, monkeypatch) -> None:
    page = {"items": [{"event": "accepted", "timestamp": 1.0}] * 100, "pagination": {"next": "more"}}
    monkeypatch.setattr(mailgun, "_log_page", lambda *_args, **_more: page)
    with pytest.raises(Unavailable):
        mailgun.history(new_id(), since=now(sandbox), now=now(sandbox))


@pytest.mark.parametrize("mode", ["unavailable", "error_html", "unauthorised", "drop", "rate_limited"])
def test_records_that_cannot_be_read_are_not_taken_for_empty(sandbox, mailgun, mode) -> None:
    sandbox.fail("mailgun", mode)
    with pytest.raises(Unavailable):
        mailgun.history(new_id(), since=now(sandbox), now=now(sandbox))


def test_an_address_is_deleted_from_every_list_and_need_not_be_on_any(sandbox, mailgun) -> None:
    state = sandbox.sandbox.mailgun.state
    for table in ("bounces", "complaints", "unsubscribes"):
        state.suppress(table, DOMAIN, "kari+nøgd&%?#@x.example", tags=["*"])
        state.suppress(table, DOMAIN, "ola@x.example", tags=["*"])
    mailgun.forget("kari+nøgd&%?#@x.example")
    mailgun.forget("kari+nøgd&%?#@x.example")
    assert state.suppressed(DOMAIN, "kari+nøgd&%?#@x.example", ["*"]) is None
    assert state.suppressed(DOMAIN, "ola@x.example", ["*"]) == "bounces"


def test_a_domain_or_path_that_is_not_there_is_no_confirmation(sandbox) -> None:
    for url in (f"{sandbox.mailgun_url}/nowhere", f"{sandbox.url}/nowhere"):
        lost = Mailgun(url=url, domain=DOMAIN, api_key=DEFAULT_KEYS["mailgun_api_key"], sender="x", reply_to="y")
        with pytest.raises(Unavailable):
            lost.forget("kari@x.example")


@pytest.mark.parametrize("mode", ["unavailable", "drop", "unauthorised"])
def test_a_deletion_that_was_not_confirmed_is_told(sandbox, mailgun, mode) -> None:
    sandbox.fail("mailgun", mode, method="DELETE", path="complaints")
    with pytest.raises(Unavailable):
        mailgun.forget("kari@x.example")


def test_an_answer_without_end_is_cut_off(sandbox, mailgun, monkeypatch) -> None:
    monkeypatch.setattr(mailgun._http, "_answer_limit_bytes", 10)
    outcome = mailgun.send(outgoing(new_id()), now=now(sandbox))
    assert type(outcome).__name__ == "Unknown"


def test_a_client_can_be_closed(mailgun) -> None:
    mailgun.close()
