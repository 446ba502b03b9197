"""Where people on duty are called: one address a person, gone when they leave."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from services.staff.contacts.calls import CaseViewers, ContactOf, Reachable, RoleHolders, SetContact
from services.staff.people.calls import RecordExit
from shared.bus.alarms import open_alarms
from shared.context import acting_as
from shared.errors import Invalid, NotFound
from shared.staff import Purpose, Role
from tests.in_process import ask, run
from tests.integration.staff.deciders import Decider

pytestmark = [pytest.mark.integration, pytest.mark.clause("INCIDENT-1")]


@pytest.fixture
def lead(stage) -> Decider:
    return Decider.sworn(stage, "liv", Role.INCIDENT_LEAD, purpose=Purpose.SECURITY)


def alarms(stage) -> set[str]:
    return {each.spec.code for each in open_alarms((stage.service,))}


def test_an_address_is_kept_replaced_and_forgotten_when_its_person_leaves(stage, lead) -> None:
    assert "leads_without_address" in alarms(stage)
    with acting_as("staff:kari"):
        ask(stage.service, SetContact(code="liv", email="liv@first.example", language="en"))
        ask(stage.service, SetContact(code="liv", email="Liv@Second.example", language="nb"))
    found = ask(stage.service, ContactOf(code="liv"))
    assert (found.email, found.language) == ("Liv@second.example", "nb")
    assert ask(stage.service, Reachable()).codes == ("liv",)
    assert ask(stage.service, RoleHolders(role="incident_lead")).codes == ("liv",)
    assert "leads_without_address" not in alarms(stage)
    told = [data for kind, _, data, _ in stage.events() if kind == "staff.contact_set"]
    assert told == [{"staff_code": "liv"}] * 2
    ask(stage.service, RecordExit(code="liv", reason="left"))
    with pytest.raises(NotFound):
        ask(stage.service, ContactOf(code="liv"))
    assert stage.rows("SELECT 1 FROM contact") == []
    assert ask(stage.service, RoleHolders(role="incident_lead")).codes == ()


@pytest.mark.clause("STAFF-1")
def test_the_address_before_is_told_for_three_months_and_no_newer_one_takes_its_place(stage, lead) -> None:
    def told() -> tuple[str, str | None]:
        found = ask(stage.service, ContactOf(code="liv"))
        return found.email, found.former_email

    def put(name: str) -> None:
        ask(stage.service, SetContact(code="liv", email=f"{name}@staff.example", language="nb"))

    put("own")
    assert told() == ("own@staff.example", None)
    put("own")
    assert told() == ("own@staff.example", None)
    for other in ("thief", "second"):
        put(other)
        assert told() == (f"{other}@staff.example", "own@staff.example")
        stage.clock.move(timedelta(days=44))
    assert told() == ("second@staff.example", "own@staff.example")
    stage.clock.move(timedelta(days=2))
    assert told() == ("second@staff.example", None)
    assert stage.rows("SELECT former_email FROM contact") == [("own@staff.example",)]
    run(stage.service, "forget_former_contacts")
    assert stage.rows("SELECT former_email, replaced_at FROM contact") == [(None, None)]
    put("third")
    assert told() == ("third@staff.example", "second@staff.example")
    put("second")
    assert told() == ("second@staff.example", None), "they are one"


def test_who_leads_for_some_customers_only_is_called_for_nobody(stage) -> None:
    some = Decider.sworn(stage, "per")
    some.granted(Role.INCIDENT_LEAD, Purpose.SECURITY, account_ids=(uuid4(),))
    assert ask(stage.service, RoleHolders(role="incident_lead")).codes == ()
    assert "leads_without_address" not in alarms(stage), "no address would help"
    some.granted(Role.INCIDENT_LEAD, Purpose.SECURITY)
    assert ask(stage.service, RoleHolders(role="incident_lead")).codes == ("per",)
    assert "leads_without_address" in alarms(stage)


ENDED = "UPDATE prerequisite SET ended_at = now(), ended_because = 'mistaken' WHERE kind = "
LACKING = {
    "undertaking": f"{ENDED} 'undertaking'",
    "training": f"{ENDED} 'training'",
    "passkeys": "UPDATE passkey SET revoked_at = now(), revoked_because = 'lost'",
}


@pytest.mark.parametrize("lacks", LACKING)
def test_who_may_do_nothing_is_not_called_and_that_is_an_alarm(stage, lead, lacks) -> None:
    """Whoever climbs to them would wake somebody who is refused at the first page."""
    with acting_as("staff:kari"):
        ask(stage.service, SetContact(code="liv", email="liv@staff.example", language="nb"))
    assert ask(stage.service, RoleHolders(role="incident_lead")).codes == ("liv",)
    assert ask(stage.service, Reachable()).without_cases == ()
    assert "leads_without_address" not in alarms(stage)
    stage.owner.execute(LACKING[lacks])
    assert ask(stage.service, RoleHolders(role="incident_lead")).codes == ()
    assert ask(stage.service, Reachable()).without_cases == ("liv",)
    assert "leads_without_address" in alarms(stage)


def test_who_may_look_at_no_case_is_told_apart_of_those_who_can_be_called(stage, lead) -> None:
    some = Decider.sworn(stage, "per")
    some.granted(Role.INCIDENT_LEAD, Purpose.SECURITY, account_ids=(uuid4(),))
    Decider.sworn(stage, "eva", Role.STAFF_ADMIN)
    for code in ("liv", "per", "eva"):
        ask(stage.service, SetContact(code=code, email=f"{code}@staff.example", language="nb"))
    shown = ask(stage.service, Reachable())
    assert (shown.codes, shown.without_cases) == (("eva", "liv", "per"), ("eva", "per"))
    some.granted(Role.OPERATOR, Purpose.OPERATIONS)
    assert ask(stage.service, Reachable()).without_cases == ("eva",)


def test_who_may_be_shown_a_case_is_told_by_a_role_for_all_that_counts_by_then(stage, lead) -> None:
    def viewers(by: timedelta = timedelta()) -> tuple[str, ...]:
        asked = CaseViewers(codes=("eva", "liv", "nobody", "per"), by=stage.clock.now() + by)
        return ask(stage.service, asked).codes

    some = Decider.sworn(stage, "per")
    some.granted(Role.INCIDENT_LEAD, Purpose.SECURITY, account_ids=(uuid4(),))
    Decider.sworn(stage, "eva", Role.STAFF_ADMIN)
    assert viewers() == ("liv",)
    assert ask(stage.service, CaseViewers(codes=("per",), by=stage.clock.now())).codes == ()
    some.granted(Role.OPERATOR, Purpose.OPERATIONS)
    assert viewers() == ("liv", "per")
    stage.owner.execute("UPDATE role_grant SET begins_at = begins_at + interval '7 days' WHERE role = 'operator'")
    assert (viewers(), viewers(timedelta(days=8))) == (("liv",), ("liv", "per"))
    ask(stage.service, RecordExit(code="liv", reason="left"))
    assert viewers() == ()


def test_what_is_no_address_is_refused_and_nobody_unknown_has_one(stage, lead) -> None:
    for wrong in ("liv", "liv@", "a b@staff.example", "liv@staff.example\nBcc: x@y.example"):
        with pytest.raises(Invalid):
            ask(stage.service, SetContact(code="liv", email=wrong, language="nb"))
    with pytest.raises(NotFound):
        ask(stage.service, SetContact(code="per", email="per@staff.example", language="nb"))
    assert ask(stage.service, Reachable()).codes == ()


def test_what_a_restore_brings_back_of_who_has_left_calls_nobody_and_goes(stage, lead) -> None:
    ask(stage.service, SetContact(code="liv", email="liv@staff.example", language="nb"))
    stage.owner.execute(
        "UPDATE person SET state = 'left', left_at = now(), left_by = 'staff:kari', left_because = 'left'"
        " WHERE code = 'liv'"
    )
    with pytest.raises(NotFound):
        ask(stage.service, ContactOf(code="liv"))
    run(stage.service, "forget_former_contacts")
    assert stage.rows("SELECT 1 FROM contact") == []
