"""An approval is verified in the terminal with a file and the ledger's public key, and nothing else."""

from __future__ import annotations

import json

import pytest

from services.desk.__main__ import run
from services.staff.passkeys.events import PasskeyEnrolled
from shared.approvals import ENROLLED
from tests.approval_files import DAY, NOW, PARTY, approved
from tests.unit.privacy.ledger_samples import KEY, STRANGER

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def file() -> dict:
    return approved()


@pytest.fixture
def verify(tmp_path, capsys):
    def verified(document, *more, key=KEY):
        path = tmp_path / "approval.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document, indent=1))
        code = run(["approval", "verify", str(path), "--key", key.public.text(), *more])
        return code, capsys.readouterr()

    return verified


def test_it_says_who_approved_what_and_asks_nobody(verify, file):
    code, shown = verify(file)
    assert code == 0
    words = " ".join(shown.out.split())
    for said in ("retention.place_hold", "kari", "ola", "dispute", file["request"]["id"], PARTY.origin):
        assert said in words
    assert "The approval is valid." in words
    assert "the whole account" in words, "what is meant by the people that nobody has named"
    code, shown = verify(file, "--json")
    assert json.loads(shown.out)["left_out_means"] == {"user_ids": "the whole account"}
    assert (code, json.loads(shown.out)["approved_by"]) == (0, "ola")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda file: file["request"]["fields"].update(reason="unpaid_invoice"), "wrong_challenge"),
        (lambda file: file.update(approved_by="kari"), "one_person"),
        (lambda file: file.pop("enrolment"), "malformed"),
    ],
)
def test_what_proves_nothing_ends_with_its_reason(verify, file, change, reason):
    changed = json.loads(json.dumps(file))
    change(changed)
    code, shown = verify(changed)
    assert (code, reason in shown.err) == (4, True)
    assert "valid" not in shown.out


def test_a_key_that_was_enrolled_after_the_day_of_the_approval_did_not_give_it(verify):
    """Nobody signs that day: whoever has a key of today could date what they sign before they had it."""
    code, shown = verify(approved(enrolled_at=NOW + 2 * DAY))
    assert (code, "key_enrolled_later" in shown.err) == (4, True)
    assert verify(approved(enrolled_at=NOW + DAY))[0] == 0


def test_another_key_of_a_ledger_proves_nothing(verify, file):
    code, shown = verify(file, key=STRANGER)
    assert (code, "enrolment_not_signed" in shown.err) == (4, True)


@pytest.mark.parametrize("text", ["", "no json", "[]", "{}", "x" * 300_000])
def test_what_is_no_approval_is_none(verify, text):
    code, shown = verify(text)
    assert code in (2, 4)
    assert shown.err


def test_a_key_that_is_none_is_named(tmp_path, capsys):
    path = tmp_path / "approval.json"
    path.write_text("{}")
    assert run(["approval", "verify", str(path), "--key", "x"]) == 2
    assert "--key" in capsys.readouterr().err


def test_the_ledger_calls_an_enrolment_what_the_file_asks_for():
    assert PasskeyEnrolled.type == ENROLLED
    assert "staff" in PasskeyEnrolled.replayed_by
