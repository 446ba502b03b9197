"""What staff sign of who acts: for what somebody may do now, and for nothing else."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from services.staff.grants.calls import RevokeGrant
from services.staff.people.calls import RecordExit
from services.staff.prerequisites.calls import Prerequisites, WithdrawPrerequisite
from services.staff.sessions.calls import LogOut
from services.staff.statements.calls import MOST, NAMED, OwnGrants, SignStatements, TellSeen
from services.staff.statements.rules import TELLING
from shared.context import acting_as
from shared.errors import Invalid, Unauthenticated
from shared.staff import Purpose, Role, acts
from shared.statements import AskedCall, StatementReader, hold_to
from tests.in_process import ask, run
from tests.integration.staff.deciders import Decider, asked_for
from tests.staff_statements import SIGNER

pytestmark = pytest.mark.integration

ACCOUNT = "0192f6c0-0000-7000-8000-00000000000a"
USER, OTHER_USER = "0192f6c0-0000-7000-8000-00000000000b", "0192f6c0-0000-7000-8000-00000000000c"
LOOK = {"account_id": ACCOUNT, "actor": "staff:kari"}
READER = StatementReader([SIGNER.public])
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def kari(stage):
    return Decider.sworn(stage, "kari", Role.SUPPORT, purpose=Purpose.CUSTOMER_SUPPORT)


def told(stage, *types):
    return [(kind, data, actor) for kind, _, data, actor in stage.events() if kind in types]


def refusal(person, act="account.get_account", fields=LOOK, **more):
    (signed,) = person.sign(asked_for(act, fields), **more)
    assert (signed.statement is None) is (signed.refusal is not None)
    return signed.refusal


def test_what_is_signed_is_believed_for_just_that_call(stage, kari):
    (signed,) = kari.sign(asked_for("account.get_account", LOOK))
    statement = READER.read(signed.statement, now=stage.clock.unmoved())
    call = AskedCall(
        service="account",
        method="get_account",
        fields=LOOK,
        user="desk",
        act=acts()["account.get_account"].act,
    )
    hold_to(statement, call)
    assert (statement.sub, statement.role, statement.purpose) == ("kari", Role.SUPPORT, "customer_support")
    assert statement.authenticated_at == stage.clock.now()
    assert statement.account == UUID(ACCOUNT)


def test_a_page_reads_with_one_event_for_all_its_acts_once_it_is_told_whom_it_showed(stage, kari):
    page = ["account.get_account", "account.list_users", "retention.holds", "notification.letters"]
    more = [asked_for("notification.count_tasks", {})]
    signed = kari.signing(*[asked_for(act, LOOK) for act in page], *more)
    assert all(each.statement for each in signed.statements)
    assert told(stage, "staff.personal_data_read", "staff.acts_signed") == [
        (
            "staff.acts_signed",
            {
                "staff_code": "kari",
                "purpose": "customer_support",
                "acts": ["notification.count_tasks"],
                "tried": None,
            },
            "staff:kari",
        ),
    ]
    for _ in range(2):
        kari.tell_seen(signed.reading_id, ACCOUNT, USER, OTHER_USER)
    assert told(stage, "staff.personal_data_read") == [look_told(page, [USER, OTHER_USER], 2)]
    assert stage.rows("SELECT * FROM reading") == []


def look_told(acts, user_ids, persons):
    return (
        "staff.personal_data_read",
        {
            "staff_code": "kari",
            "account_id": ACCOUNT,
            "purpose": "customer_support",
            "acts": sorted(acts),
            "seen_user_ids": user_ids,
            "persons": persons,
        },
        "staff:kari",
    )


def test_a_look_of_which_nobody_tells_whom_it_showed_is_told_after_a_minute_and_once(stage, kari):
    signed = kari.signing(asked_for("account.get_account", LOOK))
    stage.clock.move(TELLING - timedelta(seconds=1))
    run(stage.service, "publish_untold_readings")
    assert told(stage, "staff.personal_data_read") == []
    stage.clock.move(timedelta(seconds=1))
    for _ in range(2):
        run(stage.service, "publish_untold_readings")
    kari.tell_seen(signed.reading_id, ACCOUNT, USER)
    assert told(stage, "staff.personal_data_read") == [look_told(["account.get_account"], None, None)]


def test_what_a_form_shows_again_is_told_once_and_whoever_it_shows_besides_is_told(stage, kari):
    form, other_form = uuid4(), uuid4()

    def look(visit_id, *users):
        act = asked_for("account.get_account", LOOK)
        signing = SignStatements(token=kari.token, acts=(act,), visit_id=visit_id)
        kari.tell_seen(ask(stage.service, signing).reading_id, ACCOUNT, *users)
        return len(told(stage, "staff.personal_data_read"))

    assert [look(form, USER), look(form, USER)] == [1, 1]
    assert look(form, USER, OTHER_USER) == 2
    assert look(other_form, USER) == 3
    assert [look(None, USER), look(None, USER)] == [4, 5]


def test_a_look_that_nobody_tells_of_is_told_once_a_visit(stage, kari):
    for _ in range(2):
        act, visit_id = asked_for("account.get_account", LOOK), UUID(int=7)
        ask(stage.service, SignStatements(token=kari.token, acts=(act,), visit_id=visit_id))
        stage.clock.move(TELLING)
        run(stage.service, "publish_untold_readings")
    assert told(stage, "staff.personal_data_read") == [look_told(["account.get_account"], None, None)]


def test_what_one_is_granted_oneself_is_told_to_oneself_alone(stage, kari):
    ola = Decider.sworn(stage, "ola", Role.AUDITOR, purpose=Purpose.AUDIT)
    for person, role in ((kari, Role.SUPPORT), (ola, Role.AUDITOR)):
        (grant,) = ask(stage.service, OwnGrants(token=person.token)).grants
        assert (grant.code, grant.role, grant.live) == (person.code, role, True)
    with pytest.raises(Unauthenticated):
        ask(stage.service, OwnGrants(token="x" * 43))


def test_only_the_session_that_looked_tells_whom_it_showed_and_of_no_other_account(stage, kari):
    other = Decider.sworn(stage, "ola", Role.SUPPORT, purpose=Purpose.CUSTOMER_SUPPORT)
    signed = kari.signing(asked_for("account.get_account", LOOK))
    other.tell_seen(signed.reading_id, ACCOUNT, USER)
    assert told(stage, "staff.personal_data_read") == []
    kari.tell_seen(signed.reading_id, str(uuid4()), USER)
    assert told(stage, "staff.personal_data_read") == [look_told(["account.get_account"], None, None)]


@pytest.mark.parametrize("many", [NAMED + 1, 5000])
def test_more_persons_than_are_named_are_refused(kari, many):
    signed = kari.signing(asked_for("account.get_account", LOOK))
    with pytest.raises(Invalid):
        kari.tell_seen(signed.reading_id, ACCOUNT, *(str(uuid4()) for _ in range(many)))


def test_what_shows_nobody_is_no_reading(kari):
    assert kari.signing(asked_for("notification.count_tasks", {})).reading_id is None


@pytest.mark.clause("STAFF-1")
@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("audit.trail", {"subject": f"user/{USER}"}),
        ("retention.hold", {"hold_id": str(uuid4())}),
        ("retention.holds", {}),
        ("notification.suppressions", {}),
    ],
)
def test_people_whom_a_reply_finds_are_told_of_the_look_as_others_are(stage, kari, act, fields):
    signed = kari.signing(asked_for(act, fields))
    kari.tell_seen(signed.reading_id, ACCOUNT, USER)
    assert told(stage, "staff.personal_data_read") == [look_told([act], [USER], 1)]
    both = kari.signing(asked_for(act, fields), asked_for("account.get_account", LOOK))
    kari.tell_seen(both.reading_id, ACCOUNT, USER)
    assert told(stage, "staff.personal_data_read")[1:] == [look_told([act, "account.get_account"], [USER], 1)]


@pytest.mark.clause("STAFF-1")
def test_a_list_of_all_customers_is_one_look_for_each_of_them_and_one_event_for_each(stage, kari):
    theirs = [str(UUID(int=number)) for number in range(1, 4)]
    signed = kari.signing(*[asked_for(act, {}) for act in ("notification.tasks", "notification.suppressions")])
    seen = [{"account_id": each, "user_ids": [USER], "persons": 1} for each in theirs]
    telling = TellSeen.from_json({"token": kari.token, "reading_id": str(signed.reading_id), "seen": seen})
    for _ in range(2):
        ask(stage.service, telling)
    looks = [data for _, data, _ in told(stage, "staff.personal_data_read")]
    assert sorted(each["account_id"] for each in looks) == theirs
    for each in looks:
        assert each["acts"] == ["notification.suppressions", "notification.tasks"]
        assert (each["purpose"], each["seen_user_ids"], each["persons"]) == ("customer_support", [USER], 1)


def test_of_what_a_reply_was_to_find_and_nobody_told_that_it_was_signed_is_told(stage, kari):
    kari.signing(asked_for("audit.trail", {"subject": f"user/{USER}"}))
    stage.clock.move(TELLING)
    run(stage.service, "publish_untold_readings")
    assert stage.rows("SELECT * FROM reading") == []
    assert told(stage, "staff.personal_data_read") == []
    assert [data["acts"] for _, data, _ in told(stage, "staff.acts_signed")] == [["audit.trail"]]


def test_what_nobody_may_is_refused_and_told_while_the_rest_is_signed(stage, kari):
    wrong = [
        ("notification.set_rate", {"letters_per_second": 5.0}, "role_not_granted"),
        ("account.no_such_act", {}, "unknown_act"),
        ("retention.place_hold", {"account_id": ACCOUNT}, "approval_missing"),
    ]
    signed = kari.sign(asked_for("account.get_account", LOOK), *[asked_for(*each[:2]) for each in wrong])
    assert [each.refusal for each in signed] == [None, *[reason for *_, reason in wrong]]
    assert signed[0].statement
    refused = {data["reason"]: data["acts"] for _, data, _ in told(stage, "staff.acts_refused")}
    assert refused == {
        "role_not_granted": ["notification.set_rate"],
        "unknown_act": ["unknown"],
        "approval_missing": ["retention.place_hold"],
    }


def test_one_purpose_may_be_named_and_must_be_granted(kari):
    assert refusal(kari, purpose=Purpose.CUSTOMER_SUPPORT) is None
    (refused,) = kari.sign(asked_for("account.get_account", LOOK), purpose=Purpose.BILLING)
    assert (refused.refusal, refused.purposes) == ("other_purpose", ("customer_support",))


class TestWhatEnds:
    def test_a_grant_that_is_over_or_revoked(self, stage, kari):
        operator = kari.granted(Role.OPERATOR, Purpose.OPERATIONS, last_day=date(2026, 11, 23))
        rate = ("notification.set_rate", {"letters_per_second": None})
        assert refusal(kari, *rate) is None
        with acting_as("staff:chief"):
            ask(stage.service, RevokeGrant(grant_id=operator.grant_id))
        assert refusal(kari, *rate) == "grant_not_live"
        kari.granted(Role.OPERATOR, Purpose.OPERATIONS, last_day=date(2026, 11, 23))
        assert refusal(kari, *rate) is None
        stage.clock.move(DAY)
        kari.log_in()
        assert refusal(kari, *rate) == "grant_not_live"
        assert refusal(kari) is None

    def test_an_undertaking_that_is_withdrawn_while_the_session_lasts(self, stage, kari):
        kept = ask(stage.service, Prerequisites(code="kari")).prerequisites
        undertaking = next(each for each in kept if each.kind == "undertaking")
        withdrawn = WithdrawPrerequisite(prerequisite_id=undertaking.prerequisite_id, reason="mistaken")
        with acting_as("staff:chief"):
            ask(stage.service, withdrawn)
        assert refusal(kari) == "undertaking_over"

    def test_a_session_that_was_left_alone_or_ended(self, stage, kari):
        for step in (lambda: stage.clock.move(2 * HOUR), lambda: ask(stage.service, LogOut(token=kari.token))):
            kari.log_in()
            assert refusal(kari) is None
            step()
            with pytest.raises(Unauthenticated):
                refusal(kari)

    def test_whoever_has_left(self, stage, kari):
        with acting_as("staff:chief"):
            ask(stage.service, RecordExit(code="kari", reason="left"))
        with pytest.raises(Unauthenticated):
            refusal(kari)

    def test_a_session_that_is_used_goes_on(self, stage, kari):
        for _ in range(4):
            stage.clock.move(30 * MINUTE)
            assert refusal(kari) is None

    def test_no_token_of_nobody_is_a_session(self, stage, kari):
        stranger = SignStatements(token="x" * 43, acts=(asked_for("account.get_account", LOOK),))
        with pytest.raises(Unauthenticated):
            ask(stage.service, stranger)
        assert told(stage, "staff.acts_signed", "staff.personal_data_read", "staff.acts_refused") == []


def test_so_many_acts_and_no_more(kari):
    assert len(kari.sign(*[asked_for("account.get_account", LOOK)] * MOST)) == MOST
    for number in (0, MOST + 1):
        with pytest.raises(Invalid):
            kari.sign(*[asked_for("account.get_account", LOOK)] * number)


def test_each_statement_is_another_one(stage, kari):
    signed = kari.sign(*[asked_for("account.block_account", LOOK)] * 3)
    statements = [READER.read(each.statement, now=stage.clock.unmoved()) for each in signed]
    assert len({each.jti for each in statements}) == 3
