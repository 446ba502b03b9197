"""Several parked messages at once: one question in numbers, each decided about by itself, and each once."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.desk.web.pages.parked import MOST
from shared.bus.every_service_calls import DISCARD_REASONS
from shared.errors import Conflict, DeadlineExceeded, Forbidden, NotFound
from tests.desk_stage import ID, Browser, Services

pytestmark = pytest.mark.unit

MESSAGES = [
    f"{service}/{UUID(int=number)}" for number, service in enumerate(("account", "account", "audit"), start=1)
]


class Parking(Services):
    """Services that answer by script, and for single messages with what is foreseen for them."""

    def __init__(self) -> None:
        super().__init__()
        self.of_message: dict[str, Exception] = {}

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        if method not in {"parked_replay", "parked_discard"}:
            return super().call(service, method, timeout_seconds=timeout_seconds, **fields)
        self.asked.append((service, method, fields))
        error = self.of_message.get(f"{service}/{fields['parked_id']}")
        if error is not None:
            raise error
        return {"queue": "account.events"} if method == "parked_replay" else {}


@pytest.fixture
def browser(tmp_path) -> Browser:
    return Browser(tmp_path, services=Parking())


def decisions(browser: Browser) -> list[tuple[str, str, dict[str, Any]]]:
    return [each for each in browser.services.asked if each[1] in {"parked_replay", "parked_discard"}]


def sent(browser: Browser, path: str = "/parked/decide", messages: Any = MESSAGES, **fields: str) -> Any:
    return browser.post(path, message=messages, **{"decision": "replay", **fields})


def test_what_is_chosen_is_asked_about_in_numbers_and_nothing_is_done(browser) -> None:
    text = sent(browser, "/parked/choose").text
    assert "account: 2 meldinger" in text
    assert "audit: én melding" in text
    assert "Skal dette gjøres med alle disse?" in text
    assert decisions(browser) == []


def test_each_message_is_replayed_by_itself_under_a_key_of_its_own(browser) -> None:
    answer = sent(browser)
    assert answer.status_code == 200
    assert "3 av 3 er gjort." in answer.text
    made = decisions(browser)
    assert [f"{service}/{fields['parked_id']}" for service, _, fields in made] == MESSAGES
    assert {fields["actor"] for _, _, fields in made} == {"staff:kari"}
    assert len({fields["idempotency_key"] for _, _, fields in made}) == 3


def test_the_same_form_sent_again_brings_the_same_keys(browser) -> None:
    for _ in range(2):
        sent(browser, idempotency_key=ID)
    keys = [fields["idempotency_key"] for _, _, fields in decisions(browser)]
    assert keys[:3] == keys[3:]
    sent(browser, idempotency_key=str(uuid4()))
    assert not set(keys) & {fields["idempotency_key"] for _, _, fields in decisions(browser)[6:]}


def test_a_group_that_is_interrupted_goes_on_with_what_is_not_known_and_under_the_same_keys(browser) -> None:
    browser.services.of_message[MESSAGES[1]] = DeadlineExceeded("away")
    text = sent(browser, idempotency_key=ID).text
    assert "2 av 3 er gjort." in text
    assert f'name="idempotency_key" value="{ID}"' in text
    assert text.count('name="message"') == 1
    first = decisions(browser)[1]
    browser.services.of_message.clear()
    assert "1 av 1 er gjort." in sent(browser, messages=[MESSAGES[1]], idempotency_key=ID).text
    assert decisions(browser)[-1] == first, "so that a decision that was made after all is not made twice"


def test_what_is_refused_for_one_message_keeps_no_other_back(browser) -> None:
    browser.services.of_message |= {MESSAGES[0]: Conflict(), MESSAGES[2]: NotFound()}
    text = sent(browser).text
    assert "1 av 3 er gjort." in text
    assert "noen hadde allerede bestemt seg" in text
    assert "finnes ikke lenger" in text


def test_who_may_not_is_refused_at_the_first_message(browser) -> None:
    browser.services.of_message |= dict.fromkeys(MESSAGES, Forbidden())
    assert sent(browser).status_code == 403
    assert len(decisions(browser)) == 1


def test_discarding_takes_a_reason_from_the_list(browser) -> None:
    for reason in ("", "because"):
        answer = sent(browser, decision="discard", reason=reason)
        assert (answer.status_code, 'id="reason-error"' in answer.text) == (422, True)
    assert decisions(browser) == []
    sent(browser, decision="discard", reason="outdated")
    assert {fields["reason"] for _, _, fields in decisions(browser)} == {"outdated"}
    assert all(f'value="{reason}"' in answer.text for reason in DISCARD_REASONS)


@pytest.mark.parametrize(
    ("messages", "fields"),
    [
        (["nobody/" + ID], {}),
        (["account/7"], {}),
        (["account"], {}),
        ([""], {}),
        ([f"account/{uuid4()}" for _ in range(MOST + 1)], {}),
        (MESSAGES, {"decision": "erase"}),
        ([], {}),
    ],
)
def test_what_is_no_choice_is_not_found_and_asked_of_nobody(browser, messages, fields) -> None:
    assert sent(browser, messages=messages, **fields).status_code == 404
    assert browser.services.asked == []


def test_nothing_chosen_is_said_where_one_chooses(browser) -> None:
    answer = sent(browser, "/parked/choose", messages=[])
    assert answer.status_code == 422
    assert "Velg minst én melding." in answer.text


def test_a_form_without_a_key_decides_nothing(browser) -> None:
    assert sent(browser, idempotency_key="").status_code == 422
    assert decisions(browser) == []
