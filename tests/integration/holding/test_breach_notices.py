"""A breach, from the decision that it was one to the letters of all whom it concerns, through all services."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from town import Town, Townsfolk

from services.cases.affected.values import erased_mark
from services.cases.notices import order_letters
from services.cases.notices import store as notice_store
from services.notification.letter_lifecycle.events import NotificationUnreachable
from shared.errors import Conflict, NotFound
from shared.events import Code, Received
from shared.hold_scope import Held
from shared.participation.values import Erasure, Purpose
from tests.in_process import hear, run
from tests.staff_statements import decide
from tests.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.clause("BREACH-1")]

HOUR = timedelta(hours=1)
WE = {"notifier", "contact", "data_protection_officer"}
"""What the settings of an installation say of itself; a town has none."""
ROUNDS_ASKED = 8
"""Letters are asked about every twelve hours: often enough for a bounce, and for the letter that follows it."""
SAID = {
    "natures": ["unauthorised_access"],
    "causes": ["deceived"],
    "groups": ["users"],
    "data": ["names", "email_addresses", "logins"],
    "whereabouts": ["with_unknown"],
    "consequences": ["phishing"],
    "measures": ["sessions_ended", "passwords_reset"],
    "advice": ["change_password"],
    "unknown": [],
}


class Breach:
    """The cases of one breach, with what staff do about them."""

    def __init__(
        self, town: Town, *people: Townsfolk, users: bool = False, incident: UUID | str | None = None
    ) -> None:
        self.town = town
        self.at = town.clock.now()
        town.clock.move(HOUR)
        incident = incident or self._promoted(people, users=users)
        self.act(incident, "enter_instant", name="aware_at", at=town.clock.now())
        decided = self.act(incident, "decide_case", step="decide_breach_both", reason="unauthorised_access")
        kinds = {self.show(each)["kind"]: UUID(each) for each in decided["opened"]}
        self.controller, self.processor = kinds["breach_controller"], kinds["breach_processor"]

    def _promoted(self, people: Sequence[Townsfolk], *, users: bool) -> str:
        alarm = self.call(
            "report_alarm", source="customer", external_id=str(uuid4()), signal="data_exposed",
            detected_at=self.town.clock.now(), account_ids=list({each.account_id for each in people}),
            user_ids=[each.user_id for each in people] if users else [],
        )["case_id"]  # fmt: skip
        (incident,) = self.act(alarm, "take_step", step="promote", reason="personal_data_concerned")["opened"]
        return incident

    def call(self, method: str, **fields: Any) -> dict[str, Any]:
        return self.town.call("cases", method, **({"actor": "staff:kari"} | fields))

    def show(self, case_id: UUID | str) -> dict[str, Any]:
        return self.town.call("cases", "show_case", case_id=case_id)

    def act(self, case_id: UUID | str, method: str, **fields: Any) -> dict[str, Any]:
        return self.call(method, case_id=case_id, version=self.show(case_id)["version"], **fields)

    def decide(self, case_id: UUID, step: str, reason: str, **fields: Any) -> dict[str, Any]:
        return self.act(case_id, "decide_case", step=step, reason=reason, **fields)

    def list_affected(self, case_id: UUID, scope: str = "case", **fields: Any) -> dict[str, Any]:
        self.act(case_id, "compute_affected", scope=scope, as_of=self.at, **fields)
        run(self.town.exchange.services["cases"], "compute_lists")
        return self.notices(case_id)["lists"][0]

    def draft(self, case_id: UUID, audience: str = "customers", **changes: Any) -> None:
        self.act(case_id, "draft_notice", audience=audience, **SAID | changes)

    def notices(self, case_id: UUID) -> dict[str, Any]:
        return self.town.call("cases", "show_notices", case_id=case_id)

    def refused(self, case_id: UUID, step: str, reason: str) -> str:
        with pytest.raises(Conflict) as refused:
            self.decide(case_id, step, reason)
        return str(refused.value.details["reason"])


def told(town: Town, letter: str = "breach_notice") -> Counter[str]:
    """Who got such a letter, by address, and how often."""
    return Counter(sent["to"] for sent in town.sandbox.letters() if sent["tags"][0] == letter)


def among(counted: Counter[str], *people: Townsfolk) -> dict[str, int]:
    return {each.email: counted[each.email] for each in people if counted[each.email]}


def hear_of_receipts(town: Town, so_that: Callable[[], bool]) -> None:
    """Mailgun is asked what became of the letters, each time after it has decided that.

    A letter is asked about so many times and no more, and a round may take long: rounds are counted, not seconds.
    """
    for _ in range(ROUNDS_ASKED):
        until(lambda: not town.sandbox.planned(), what="Mailgun has delivered what it took")
        town.clock.move(8 * HOUR)
        run(town.exchange.services["notification"], "resolve_silent_letters")
        town.settle()
        if so_that():
            return
    raise AssertionError(f"not told in {ROUNDS_ASKED} rounds")


def named(breach: Breach, listed: dict[str, Any]) -> set[UUID]:
    """The customers on a list, which is as long as it says."""
    query = "SELECT DISTINCT account_id FROM affected_subject WHERE list_id = %s"
    found = {account_id for (account_id,) in breach.town.rows("cases", query, listed["list_id"])}
    assert len(found) == listed["customers"]
    return found


def concerned(breach: Breach) -> set[UUID]:
    """All customers that there were at the breach, but those that were erased at cases since, by whatever test."""
    there = breach.town.rows("account", "SELECT id FROM account WHERE created_at <= %s", breach.at)
    erased = {bytes(digest) for (digest,) in breach.town.rows("cases", "SELECT digest FROM erased_mark")}
    return {account_id for (account_id,) in there if erased_mark(account_id, None) not in erased}


def counts(breach: Breach) -> tuple[int, int]:
    """How many the last notice of the customers' case has reached, and how many it has not."""
    notice = breach.notices(breach.processor)["notices"][0]
    return notice["told"], notice["failed"]


def broker_confirms(town: Town) -> None:
    town.rows("cases", "UPDATE outbox SET published_at = created_at RETURNING id")
    town.clock.move(HOUR)
    town.settle()


def test_s34_s37_exactly_those_concerned_are_told_in_phases_and_once(lasting_town: Town) -> None:
    town = lasting_town
    x, colleague = town.company("kari", "ola")
    (y,), (other,) = town.company("eva"), town.company("per")
    breach = Breach(town, x, y)
    (late,) = town.company("siri")
    case = breach.processor
    assert breach.refused(case, "freeze_affected", "affected_known") == "list_lacking"
    everybody = named(breach, breach.list_affected(case, "all"))
    assert everybody == concerned(breach), "whoever came after the breach is not concerned"
    assert {each.account_id for each in (x, y, other)} <= everybody
    assert late.account_id not in everybody
    listed = breach.list_affected(case)
    assert (listed["customers"], listed["persons"], listed["is_frozen"]) == (2, 3, False)
    breach.decide(case, "freeze_affected", "affected_known")
    with pytest.raises(Conflict):
        breach.list_affected(case, "all")
    assert breach.refused(case, "tell_customers", "complete") == "draft_lacking"
    breach.draft(case, unknown=["cause", "extent"])
    assert breach.refused(case, "tell_customers", "complete") == "draft_partial"
    assert breach.show(case)["state"] == "telling", "what is refused changes nothing"

    breach.decide(case, "tell_customers", "partial")
    assert breach.show(case)["not_carried_out"] == 1
    town.settle()
    people = (x, colleague, y, other, late)
    assert among(told(town), *people) == {x.email: 1, y.email: 1}
    town.carried["cases"] = 0  # all of it is delivered once more
    town.settle()
    assert among(told(town), *people) == {x.email: 1, y.email: 1}
    letter = next(each for each in town.sandbox.letters() if each["to"] == x.email and "V-" in each["subject"])
    assert letter["subject"].startswith("Foreløpig varsel om brudd")
    assert "Hos dere gjelder det omtrent 2 brukere." in letter["text"]
    assert "hvordan det kunne skje" in letter["text"]

    broker_confirms(town)
    assert breach.show(case)["not_carried_out"] == 0
    assert breach.refused(case, "close", "followed_up") == "follow_up_lacking"
    breach.draft(case)
    breach.decide(case, "tell_customers_more", "complete")
    town.settle()
    assert among(told(town), *people) == {x.email: 2, y.email: 2}
    assert breach.refused(case, "close", "followed_up") == "not_carried_out"
    hear_of_receipts(town, lambda: all(each["told"] == 2 for each in breach.notices(case)["notices"]))
    shown = breach.notices(case)
    assert [(each["number"], each["recipients"], each["told"]) for each in shown["notices"]] == [
        (2, 2, 2),
        (1, 2, 2),
    ]
    assert {each["account_id"] for each in shown["recipients"]} == {str(x.account_id), str(y.account_id)}
    broker_confirms(town)
    assert breach.decide(case, "close", "followed_up")["state"] == "closed"


def test_a_bounce_goes_to_another_contact_and_then_to_a_person(lasting_town: Town) -> None:
    town = lasting_town
    owner, colleague = town.company(f"bounce@{uuid4().hex}.example", "ola")
    (alone,) = town.company(f"bounce@{uuid4().hex}.example")
    breach = Breach(town, owner, alone)
    breach.list_affected(breach.processor)
    breach.decide(breach.processor, "freeze_affected", "affected_known")
    breach.draft(breach.processor)
    breach.decide(breach.processor, "tell_customers", "complete")
    town.settle()
    assert among(told(town), owner, colleague, alone) == {owner.email: 1, alone.email: 1}
    hear_of_receipts(town, lambda: told(town)[colleague.email] == 1)
    assert among(told(town), owner, colleague, alone) == {owner.email: 1, colleague.email: 1, alone.email: 1}
    hear_of_receipts(town, lambda: counts(breach) == (1, 1))
    shown = breach.notices(breach.processor)
    first = shown["recipients"][0]
    assert first["account_id"] == str(alone.account_id), "who could not be reached stands first"
    failure = breach.show(first["failure_case_id"])
    assert (failure["kind"], failure["state"], failure["account_ids"]) == (
        "contact_failure",
        "open",
        [str(alone.account_id)],
    )
    tasks = town.call("notification", "tasks", kind="undeliverable")["tasks"]
    assert str(alone.account_id) not in {each["account_id"] for each in tasks}, "one task for one thing"
    broker_confirms(town)
    assert breach.refused(breach.processor, "close", "followed_up") == "not_all_told"
    breach.decide(first["failure_case_id"], "find_reached", "by_phone")
    after = next(
        each
        for each in breach.notices(breach.processor)["recipients"]
        if each["account_id"] == str(alone.account_id)
    )
    assert after["told_at"] is not None
    assert after["authority_due"] is not None, "the customer's own time runs from when it was told"
    assert breach.decide(breach.processor, "close", "followed_up")["state"] == "closed"


def test_an_address_that_was_given_up_before_gets_none_and_another_contact_or_a_person_sees_to_it(
    lasting_town: Town,
) -> None:
    town = lasting_town
    owner, colleague = town.company(f"bounce@{uuid4().hex}.example", "ola")
    (alone,) = town.company(f"bounce@{uuid4().hex}.example")
    given_up = "SELECT count(*) FROM suppression WHERE account_id = ANY(%s)"
    both = [owner.account_id, alone.account_id]
    for each in (owner, alone):
        town.call("account", "request_password_reset", email=each.email)
    town.settle()
    hear_of_receipts(town, lambda: town.rows("notification", given_up, both) == [(2,)])
    breach = Breach(town, owner, alone)
    breach.list_affected(breach.processor)
    breach.decide(breach.processor, "freeze_affected", "affected_known")
    breach.draft(breach.processor)
    breach.decide(breach.processor, "tell_customers", "complete")
    town.settle()
    assert among(told(town), owner, colleague, alone) == {colleague.email: 1}
    assert breach.refused(breach.processor, "close", "followed_up") in ("not_carried_out", "not_all_told")
    hear_of_receipts(town, lambda: counts(breach) == (1, 1))
    first = breach.notices(breach.processor)["recipients"][0]
    assert (first["account_id"], first["told_at"]) == (str(alone.account_id), None)
    assert breach.show(first["failure_case_id"])["kind"] == "contact_failure"


@pytest.mark.parametrize("dies_at", ["add", "order"])
def test_killed_at_each_part_the_end_is_the_same(lasting_town: Town, monkeypatch, dies_at) -> None:
    town = lasting_town
    people = [town.company(name)[0] for name in ("kari", "eva", "per")]
    breach = Breach(town, *people)
    breach.list_affected(breach.processor)
    breach.decide(breach.processor, "freeze_affected", "affected_known")
    breach.draft(breach.processor)
    breach.decide(breach.processor, "tell_customers", "complete")
    monkeypatch.setattr(order_letters, "PART", 1)
    calls = Counter[str]()
    order = notice_store.order

    def dying(*arguments: Any) -> None:
        calls[dies_at] += 1
        if calls[dies_at] % 2:
            if dies_at == "order":
                order(*arguments)  # what was done in the transaction is undone with it
            raise ConnectionError("killed")
        order(*arguments)

    monkeypatch.setattr(notice_store, "order", dying)
    for _ in range(8):
        town.clock.move(timedelta(minutes=5))
        town.settle()
    assert among(told(town), *people) == {each.email: 1 for each in people}
    assert calls[dies_at] == 6, "each part died once"


def test_s39_each_person_at_high_risk_is_told_apart(lasting_town: Town) -> None:
    town = lasting_town
    owner, person, other = town.company("kari", "ola", "eva")
    breach = Breach(town, owner, person, users=True)
    case = breach.controller
    listed = breach.list_affected(case)
    assert (listed["customers"], listed["persons"]) == (1, 2), "of this company the case names two people"
    breach.decide(case, "assess_high", "passwords_exposed")
    breach.act(case, "enter_instant", name="notified_at", at=town.clock.now())
    breach.decide(case, "notify_authority_high", "complete")
    assert breach.refused(case, "tell_persons", "complete") == "draft_lacking"
    assert "what_happened" in town.call("cases", "authority_draft", case_id=case)["unanswered"]
    breach.draft(case, "persons")
    breach.decide(case, "tell_persons", "complete")
    town.settle()
    assert among(told(town, "breach_person"), owner, person, other) == {owner.email: 1, person.email: 1}
    assert among(told(town), owner, person, other) == {}
    form, answers = authority_draft(breach, case)
    assert set(form["unanswered"]) - WE == {"occurred", "records"}, "what nobody has entered is left to a person"
    assert answers["occurred"]["answered_by"] == ["privacy_lead", "incident_lead"]
    assert answers["data_types"]["codes"] == SAID["data"]
    assert answers["main_cause"]["codes"] == ["attack"]
    assert answers["persons_informed"]["codes"] == ["each_told"]
    assert (answers["persons"]["number"], answers["customers"]["number"]) == (2, 1)
    assert (form["phase"], form["is_owed"], form["mandates"]) == ("follow_up", False, None)


def test_who_is_erased_before_a_letter_leaves_is_told_nothing_and_counted(lasting_town: Town) -> None:
    town = lasting_town
    (x,), (y,) = town.company("kari"), town.company("eva")
    breach = Breach(town, x, y)
    case = breach.processor
    breach.list_affected(case)
    breach.decide(case, "freeze_affected", "affected_known")
    breach.draft(case)
    breach.decide(case, "tell_customers", "complete")
    cases = town.exchange.services["cases"]
    run(cases, "carry_out_effects")
    erasure = Erasure(
        purpose=Purpose.ORDERED, id=uuid4(), account_id=y.account_id, user_id=None, held=Held(), at=town.clock.now()
    )
    with cases.database.transaction() as tx:
        cases.participant.erase(tx, erasure)
        assert not cases.participant.is_left(tx, y.account_id, None)
    town.settle()
    assert among(told(town), x, y) == {x.email: 1}
    shown = breach.notices(case)
    assert (shown["lists"][0]["customers"], shown["lists"][0]["standing"]) == (2, 1)
    assert (shown["notices"][0]["recipients"], shown["notices"][0]["standing"]) == (2, 1)


@pytest.mark.clause("RIGHTS-4")
def test_who_is_restricted_in_the_middle_of_a_breach_is_on_the_list_and_told_all_the_same(
    lasting_town: Town,
) -> None:
    """What may only be stored is not used for what can be declined; a breach is told by law."""
    town = lasting_town
    (before, _), (after,) = town.company("kari", "ola"), town.company("eva")
    breach = Breach(town, before, after)
    case = breach.processor
    town.restrict(before.account_id, before.user_id)
    town.settle()
    listed = breach.list_affected(case)
    assert (listed["customers"], listed["persons"]) == (2, 3)
    breach.decide(case, "freeze_affected", "affected_known")
    town.restrict(after.account_id)
    town.settle()
    breach.draft(case)
    breach.decide(case, "tell_customers", "complete")
    town.settle()
    assert among(told(town), before, after) == {before.email: 1, after.email: 1}
    assert breach.notices(case)["notices"][0]["standing"] == 2


def test_nobody_is_taken_off_a_list_because_an_event_says_that_they_are_gone(lasting_town: Town) -> None:
    town = lasting_town
    (x,), (y,), (z,) = town.company("kari"), town.company("eva"), town.company("per")
    breach = Breach(town, x, y, z)
    breach.list_affected(breach.processor)
    breach.decide(breach.processor, "freeze_affected", "affected_known")
    breach.draft(breach.processor)
    breach.decide(breach.processor, "tell_customers", "complete")
    town.rows("account", "UPDATE account SET created_at = '2100-01-01' WHERE id = %s RETURNING id", y.account_id)
    cases = town.exchange.services["cases"]
    known = "SELECT r.id, r.account_id FROM notice_recipient AS r JOIN breach_notice AS n ON n.id = r.notice_id "
    for recipient_id, account_id in town.rows("cases", known + "WHERE n.case_id = %s", breach.processor):
        if account_id == z.account_id:
            continue
        letter = {"letter_id": uuid4(), "letter": Code("breach_notice"), "account_id": account_id}
        event = NotificationUnreachable(**letter, reason=Code("recipient_gone"))
        said = Received(
            id=uuid4(), event=event, source="notification", time=town.clock.now(), subject=event.subject,
            correlation_id=uuid4(), causation_id=recipient_id,
        )  # fmt: skip
        hear(cases, said)
    assert breach.notices(breach.processor)["notices"][0]["standing"] == 3, "nobody has asked account yet"
    for _ in range(2):
        run(cases, "see_who_is_gone")
    shown = breach.notices(breach.processor)
    assert (shown["lists"][0]["standing"], shown["notices"][0]["standing"]) == (2, 2), (
        "one is gone, as account says"
    )
    first, second = shown["recipients"]
    assert (first["account_id"], second["account_id"]) == (str(x.account_id), str(z.account_id))
    assert (first["reason"], second["reason"]) == ("no_recipient", None)
    assert breach.show(first["failure_case_id"])["kind"] == "contact_failure"
    town.settle()
    assert among(told(town), x, z) == {x.email: 1, z.email: 1}, "and the letter leaves all the same"


def test_a_window_of_logins_names_those_who_logged_in(lasting_town: Town) -> None:
    town = lasting_town
    (x,), (y,) = town.company("kari"), town.company("eva")
    town.clock.move(HOUR)
    begins = town.clock.now()
    town.clock.move(HOUR)
    town.log_in(x)
    town.settle()
    town.clock.move(HOUR)
    ends = town.clock.now()
    town.clock.move(HOUR)
    town.log_in(y)
    town.settle()
    breach = Breach(town, x, y)
    listed = breach.list_affected(breach.processor, "logins", window_from=begins, window_to=ends)
    assert (listed["customers"], listed["persons"]) == (1, 1)
    assert named(breach, listed) == {x.account_id}


def mandated(town: Town, person: Townsfolk, scope: str, **fields: Any) -> dict[str, Any]:
    """A mandate of this company that two persons have put in force."""
    today = town.clock.now().date()
    drafted = town.call(
        "registers", "draft_record", kind="mandate", account_id=person.account_id, valid_from=today,
        evidence_sha256="ab" * 32, evidence_on=today, actor="staff:kari", **fields,
        fields={"scope": scope, "signer": str(person.user_id), "text_sha256": "cd" * 32},
    )  # fmt: skip
    of = {"record_id": drafted["record_id"]}
    submitted = town.call("registers", "submit_record", version=drafted["version"], actor="staff:kari", **of)
    return decide(town.exchange.services["registers"], "put_record_in_force", version=submitted["version"], **of)


def authority_draft(breach: Breach, case: UUID) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The draft, and what answers each field of it."""
    form = breach.town.call("cases", "authority_draft", case_id=case)
    return form, {each["field"]: each for question in form["questions"] for each in question["answers"]}


def newest_filing(breach: Breach) -> dict[str, Any]:
    return breach.town.call("cases", "show_filings", case_id=breach.processor)["filings"][0]


def mandates_of(breach: Breach, filing: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Whom a filing names, a customer a page."""
    named: dict[str, dict[str, Any]] = {}
    after: str | None = None
    for _ in range(ROUNDS_ASKED):
        page = breach.town.call(
            "cases", "show_mandates", case_id=breach.processor, filing_id=filing["filing_id"], after=after, limit=1
        )
        named |= {each["account_id"]: each for each in page["mandates"]}
        after = page["next_after"]
        if after is None:
            return named
    raise AssertionError("a page follows every page")


def look_up_mandates(breach: Breach) -> dict[str, Any]:
    breach.act(breach.processor, "look_up_mandates")
    run(breach.town.exchange.services["cases"], "look_up")
    return newest_filing(breach)


def test_one_filing_names_those_with_a_mandate_and_each_other_customer_gets_its_own_data(
    lasting_town: Town,
) -> None:
    town = lasting_town
    (x, colleague), (y,), (z,), (other,) = (
        town.company("kari", "ola"), town.company("eva"), town.company("per"), town.company("siri"),
    )  # fmt: skip
    full, first = mandated(town, x, "full"), mandated(town, z, "first")
    mandated(town, other, "full")
    breach = Breach(town, x, y, z)
    case = breach.processor
    with pytest.raises(Conflict):
        breach.act(case, "look_up_mandates")
    breach.list_affected(case)
    breach.decide(case, "freeze_affected", "affected_known")
    breach.draft(case)
    breach.decide(case, "tell_customers", "complete")
    town.settle()
    broker_confirms(town)
    breach.act(case, "enter_instant", name="notified_at", at=town.clock.now())
    assert breach.refused(case, "notify_authority_for", "full") == "first_notice_lacking", "looked up by itself"

    filing = look_up_mandates(breach)
    named = {id_: (each["scope"], each["persons"]) for id_, each in mandates_of(breach, filing).items()}
    assert named == {str(x.account_id): ("full", 2), str(z.account_id): ("first", 1)}, "who is not concerned is not"
    assert (filing["named"], filing["over"], filing["others"]) == (2, 0, 1)
    draft, answers = authority_draft(breach, case)
    assert (draft["mandates"], answers["customers"]["number"], answers["persons"]["number"]) == (2, 2, 3)
    assert (draft["phase"], answers["persons_informed"]["answered_by"]) == ("first", []), "the customer tells them"

    town.clock.move(24 * HOUR)
    ended = decide(
        town.exchange.services["registers"],
        "end_record_in_force",
        record_id=first["record_id"],
        version=first["version"],
        reason="withdrawn",
    )
    assert ended["state"] == "ended"
    town.settle()
    assert breach.refused(case, "notify_authority_for", "first") == "mandate_over", (
        "withdrawn since it was looked up"
    )
    assert newest_filing(breach)["over"] == 1
    assert mandates_of(breach, look_up_mandates(breach)).keys() == {str(x.account_id)}
    breach.decide(case, "notify_authority_for", "full")
    (filed,) = town.call("cases", "show_filings", case_id=case)["filings"]
    assert (filed["extent"], filed["named"], filed["others"]) == ("full", 1, 2)
    assert mandates_of(breach, filed).keys() == {str(x.account_id)}
    with pytest.raises(NotFound):
        town.call("cases", "show_mandates", case_id=breach.controller, filing_id=filed["filing_id"])
    assert breach.refused(case, "notify_authority_for", "full") == "mandates_not_looked_up", "each is given once"

    assert full["state"] == "in_force"
    hear_of_receipts(town, lambda: breach.notices(case)["notices"][0]["told"] == 3)
    (aware,) = [each for each in breach.show(case)["instants"] if each["name"] == "customer_aware_at"]
    packed = town.call("cases", "data_pack", case_id=case, account_id=x.account_id)
    assert (aware["at"], aware["entered_by"]) == (packed["told_at"], "notification"), "of x alone: z has withdrawn"
    check_packs(breach, x, y, z, colleague, other)


def check_packs(breach: Breach, *people: Townsfolk) -> None:
    """Each of three customers has its own data, and nothing of any other; the first one has given a mandate."""
    town, case = breach.town, breach.processor
    x, y, z, _, other = people
    packs = [town.call("cases", "data_pack", case_id=case, account_id=each.account_id) for each in (x, y, z)]
    assert [each["persons"] for each in packs] == [2, 1, 1]
    assert [len(each["filed"]) for each in packs] == [1, 0, 0], "for the others nobody has notified"
    of_y = packs[1]
    assert of_y["notices"][0]["data"] == SAID["data"]
    assert of_y["told_at"] is not None
    assert of_y["authority_due"] > of_y["told_at"]
    assert of_y["notices"][0]["causes"] == SAID["causes"]
    assert set(of_y["unanswered"]) == {"occurred", "records", "persons_informed"}
    said = str(of_y)
    assert [each.email for each in people if str(each.user_id) in said or each.email in said] == []
    assert [each.email for each in (x, z, other) if str(each.account_id) in said] == [], (
        "nothing of other customers"
    )
    for stranger, asked in ((other, case), (y, breach.controller), (y, uuid4())):
        with pytest.raises(NotFound):
            town.call("cases", "data_pack", case_id=asked, account_id=stranger.account_id)
    cases = town.exchange.services["cases"]
    erasure = Erasure(
        purpose=Purpose.ORDERED, id=uuid4(), account_id=x.account_id, user_id=None, held=Held(), at=town.clock.now()
    )
    with cases.database.transaction() as tx:
        cases.participant.erase(tx, erasure)
        assert not cases.participant.is_left(tx, x.account_id, None)
    assert mandates_of(breach, newest_filing(breach)) == {}
