"""A notice of changed security measures, from the agreements of customers to the letters of whom they name."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from town import Town, Townsfolk

from shared.errors import Conflict, Invalid
from tests.in_process import run
from tests.staff_statements import decide
from tests.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.clause("NOTICE-1", "NOTICE-2", "NOTICE-3")]

HOUR = timedelta(hours=1)
ROUNDS_ASKED = 8
SAID = {
    "changes": ["threat_grown"], "found_by": ["own_monitoring"], "consequences": ["account_misuse"],
    "plans": ["being_put_right"], "attempts": 12, "breaches": 0,
}  # fmt: skip


class Change:
    """The case of one change, with what staff do about it."""

    def __init__(self, town: Town) -> None:
        self.town = town
        opened = town.call("cases", "open_security_notice", actor="staff:kari")
        self.case = UUID(opened["case_id"])

    def show(self) -> dict[str, Any]:
        return self.town.call("cases", "show_case", case_id=self.case)

    def notices(self) -> dict[str, Any]:
        return self.town.call("cases", "show_notices", case_id=self.case)

    def act(self, method: str, **fields: Any) -> dict[str, Any]:
        version = self.show()["version"]
        return self.town.call(
            "cases", method, **{"actor": "staff:kari"} | fields, case_id=self.case, version=version
        )

    def list_holders(self) -> dict[str, Any]:
        self.act("compute_affected", scope="agreements", as_of=self.town.clock.now())
        run(self.town.exchange.services["cases"], "compute_lists")
        return self.notices()["lists"][0]

    def send(self, version: int | None = None) -> Any:
        version = version or self.show()["version"]
        of = {"case_id": self.case, "version": version, "step": "send_security_notice", "reason": "risk_changed"}
        return decide(self.town.exchange.services["cases"], "decide_by_two", **of)

    def refused(self) -> str:
        with pytest.raises(Conflict) as refused:
            self.send()
        return str(refused.value.details["reason"])


def agreed(town: Town, *people: Townsfolk) -> dict[str, Any]:
    """An agreement of this company that two persons have put in force, to tell these of its people."""
    today = town.clock.now().date()
    drafted = town.call(
        "registers", "draft_record", kind="security_notice_agreement", account_id=people[0].account_id,
        valid_from=today, evidence_sha256="ab" * 32, evidence_on=today, actor="staff:kari",
        fields={"recipients": " ".join(str(each.user_id) for each in people)},
    )  # fmt: skip
    of = {"record_id": drafted["record_id"]}
    submitted = town.call("registers", "submit_record", version=drafted["version"], actor="staff:kari", **of)
    in_force = decide(
        town.exchange.services["registers"], "put_record_in_force", version=submitted["version"], **of
    )
    town.settle()
    return in_force


def test_nobody_inactive_is_told_and_owners_are_in_the_place_of_who_was_named(lasting_town: Town) -> None:
    town = lasting_town
    (closed, closed_too), (z, left, colleague), (y,) = (
        town.company("kari", "ola"), town.company("eva", "per", "liv"), town.company("siri"),
    )  # fmt: skip
    for people in ((closed, closed_too), (left,), (y,)):
        agreed(town, *people)
    change = Change(town)
    before = change.list_holders()
    town.leave(closed)
    town.call(
        "account", "deactivate_user", account_id=z.account_id, user_id=left.user_id, actor=z.actor,
        version=town.version(left),
    )  # fmt: skip
    town.settle()
    listed = change.list_holders()
    assert (before["customers"] - listed["customers"], before["persons"] - listed["persons"]) == (1, 2)
    assert listed["left_out"] - before["left_out"] == 1
    on_it = town.rows("cases", "SELECT user_id FROM affected_subject WHERE list_id = %s", listed["list_id"])
    people = {each.email: each for each in (closed, closed_too, z, left, colleague, y)}
    assert {email for email, each in people.items() if (each.user_id,) in on_it} == {z.email, y.email}

    change.act("draft_security_notice", **SAID)
    change.send()
    town.leave(y)  # after it was decided, and before its letter leaves
    town.settle()
    everybody = told(town)
    assert {email: everybody[email] for email in people} == {email: int(email == z.email) for email in people}
    failed = {each["account_id"]: each for each in change.notices()["recipients"] if each["failed_at"]}
    assert failed[str(y.account_id)]["reason"] == "recipient_inactive"
    assert failed[str(y.account_id)]["failure_case_id"], "a person sees to it before the case can end"


def told(town: Town) -> Counter[str]:
    return Counter(sent["to"] for sent in town.sandbox.letters() if sent["tags"][0] == "security_notice")


def test_exactly_those_whom_agreements_in_force_name_are_told_and_the_case_ends_once_each_was(
    lasting_town: Town,
) -> None:
    town = lasting_town
    (x, named, colleague), (y,), (z,) = (
        town.company("kari", "ola", "per"),
        town.company("eva"),
        town.company("siri"),
    )
    agreed(town, x, named)
    ending = agreed(town, y)
    change = Change(town)
    assert change.refused() == "list_lacking"
    with pytest.raises(Invalid):
        change.act("compute_affected", scope="all", as_of=town.clock.now())
    before, seen = change.list_holders(), change.show()["version"]
    decide(
        town.exchange.services["registers"],
        "end_record_in_force",
        record_id=ending["record_id"],
        version=ending["version"],
        reason="withdrawn",
    )
    town.settle()
    with pytest.raises(Conflict) as refused:
        change.send(seen)
    assert refused.value.details["reason"] == "other_version", "an agreement ended since, so the list was made anew"
    listed = change.notices()["lists"][0]
    assert (before["customers"] - listed["customers"], before["persons"] - listed["persons"]) == (1, 1)
    assert change.refused() == "draft_lacking"
    change.act("draft_security_notice", **SAID)
    seen = change.show()["version"]
    change.act("draft_security_notice", **SAID | {"attempts": 13})
    with pytest.raises(Conflict):
        change.send(seen)
    change.send()
    town.settle()
    everybody = told(town)
    concerned = {each.email: everybody[each.email] for each in (x, named, colleague, y, z)}
    assert concerned == {x.email: 1, named.email: 1, colleague.email: 0, y.email: 0, z.email: 0}
    assert {sent["to"]: sent["subject"] for sent in town.sandbox.letters()}[x.email].startswith("Endret sikkerhet")

    town.rows("cases", "UPDATE outbox SET published_at = created_at RETURNING id")
    town.clock.move(HOUR)
    town.settle()
    with pytest.raises(Conflict) as refused:
        change.act("decide_case", step="find_all_reached", reason="each_told")
    assert refused.value.details["reason"] == "not_all_reached"
    for _ in range(ROUNDS_ASKED):
        until(lambda: not town.sandbox.planned(), what="Mailgun has delivered what it took")
        town.clock.move(8 * HOUR)
        run(town.exchange.services["notification"], "resolve_silent_letters")
        town.settle()
        shown = change.notices()["notices"][0]
        if shown["told"] == shown["recipients"]:
            break
    assert (shown["told"], shown["failed"], shown["attempts"]) == (listed["persons"], 0, 13)
    assert change.act("decide_case", step="find_all_reached", reason="each_told")["state"] == "reached"
