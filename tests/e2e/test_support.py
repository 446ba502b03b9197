"""Support and complaints with the whole system: written, answered, replied to by mail, and read by one person."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests import forked
from tests.e2e.people import Company, a_letter, letters_to
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture(scope="module")
def resident(whole_system):
    whole_system.wait_ready()
    return Company(whole_system, users=1).move_in()


def answered(system, company: Company, thread: dict[str, Any], text: str) -> None:
    """Somebody of support answers the version that they read."""
    named = (company.account_id, thread["thread_id"])
    read = system.vilkar("support", "show", *named, "--purpose", "customer_support")
    said = ("support", "answer", *named, "--version", read["version"], "--yes")
    ended = forked.run("tests.forked_vilkar", *said, env=system.desk_environment, given=text)
    assert ended.returncode == 0, ended.stderr


def replied(system, letter: dict[str, Any], sender: str, **changes: str) -> int:
    """A reply by mail to the address that the letter names; what Mailgun's route is answered."""
    (reply_to,) = [value for name, value in letter["headers"] if name == "Reply-To"]
    secret = system.secret("notification", "mailgun_webhook_path_secret")
    mail = {
        "url": f"{system.gateway}/webhooks/mailgun/{secret}/reply", "recipient": reply_to, "sender": sender,
        "subject": "Re: Svar", "body-plain": "Takk, det hjalp!\n> Under", "stripped-text": "Takk, det hjalp!",
    } | changes  # fmt: skip
    answer: int = requests.post(f"{system.sandbox}/control/inbound", json=mail, timeout=20).json()["answer"]
    return answer


@pytest.mark.clause("SUPPORT-1")
def test_a_thread_is_written_answered_replied_to_by_mail_and_read_by_its_person_alone(system, resident) -> None:
    person = resident.others[0]
    token = resident.log_in(person)["token"]
    taken = resident.must(
        "POST", "/v1/support/threads", 202, json={"text": "Hvor legger jeg til Åse?"}, token=token
    )
    path = f"/v1/support/threads/{taken['thread_id']}"
    assert resident.ask("GET", path).status_code == 404, "an owner does not read it"
    answered(system, resident, taken, "Under Brukere.\n")
    letter = a_letter(system, person.email, "support_answered")
    assert "Under Brukere" not in letter["text"]
    replied(system, letter, resident.creator.email)
    mail = {"Message-Id": f"<{taken['thread_id']}@{resident.domain}>"}
    assert [replied(system, letter, person.email, **mail) for _ in range(2)] == [200, 200], "Mailgun may repeat it"

    def messages() -> list[tuple[str, str, str]]:
        shown = resident.must("GET", path, 200, token=token)["messages"]
        return [(each["written_by"], each["way"], each["text"]) for each in shown]

    until(lambda: len(messages()) == 3, what="the reply in the thread", seconds=20, every=0.2)
    assert messages() == [
        ("person", "page", "Hvor legger jeg til Åse?"),
        ("support", "page", "Under Brukere."),
        ("person", "mail", "Takk, det hjalp!"),
    ]
    a_letter(system, person.email, "support_mail_declined")
    assert letters_to(system, resident.creator.email, "support_mail_declined") == [], "a stranger is told nothing"


@pytest.mark.clause("RIGHTS-5", "RIGHTS-6")
def test_a_complaint_is_a_case_and_a_thread_under_one_number_and_its_rejection_says_where_to_complain(
    system, resident
) -> None:
    person = resident.others[0]
    token = resident.log_in(person)["token"]
    said = {"kind": "complaint", "about": "data_use", "text": "Dere bruker nummeret mitt til noe annet."}
    taken = resident.must("POST", "/v1/correspondence", 202, json=said, token=token)
    receipt = a_letter(system, person.email, "complaint_received")
    assert taken["reference"] in receipt["text"]
    (shown,) = resident.must("GET", "/v1/correspondence", 200, token=token)["cases"]
    assert (shown["case_id"], shown["state"], shown["answer_by"]) == (
        taken["thread_id"], "received", taken["answer_due"],
    )  # fmt: skip
    assert resident.must("GET", "/v1/correspondence", 200)["cases"] == [], "nobody else of the company"
    case = system.vilkar("case", "show", taken["reference"])
    assert (case["kind"], case["signal"]) == ("complaint", "data_use")
    assert said["text"] not in str(case)
    answered(system, resident, taken, "Vi har sluttet med det.\n")
    system.vilkar("case", "step", taken["thread_id"], "--version", 1, "--step", "examine", "--reason", "looked_at")
    system.vilkar(
        "case", "decide", taken["thread_id"], "--version", 2, "--step", "uphold_complaint",
        "--reason", "use_stopped", "--yes",
    )  # fmt: skip
    assert "Datatilsynet" in a_letter(system, person.email, "complaint_upheld")["text"]
    (ended,) = resident.must("GET", "/v1/correspondence", 200, token=token)["cases"]
    assert (ended["state"], ended["reason"]) == ("upheld", "use_stopped")
