"""Acts that take two persons: two it is, and what they decided is provable years later."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.staff.approvals import calls, rules
from services.staff.approvals.events import ApprovalEdited, ApprovalEnded
from services.staff.approvals.facts import ApprovalFacts
from services.staff.authentication import store as authentication
from services.staff.grants.calls import Grants, RevokeGrant
from services.staff.passkeys.calls import ListPasskeys, RevokePasskey
from services.staff.people.calls import RecordExit, RenewInvitation, link_digest
from services.staff.recovery.calls import IssueRecoveryLink, VouchForPerson
from services.staff.service import first_administrators
from services.staff.sessions.calls import EndSessionsOf
from services.staff.statements.calls import ActAsked
from shared.approvals import ApprovalError, challenge_of, verify_file
from shared.bus.alarms import Waiting, open_alarms
from shared.bus.every_service_events import ActCarriedOut
from shared.context import acting_as
from shared.errors import Conflict, Forbidden, Invalid, NotFound, Permanent, Refused, TooMany, Unauthenticated
from shared.events import Code, Digest
from shared.identifiers import new_token
from shared.keyset import PAGE
from shared.privacy.ledger_lines import Entry, Fact, Mark
from shared.staff import Purpose, Role, acts
from shared.statements import AskedCall, StatementReader, call_digest, hex_digest, hold_to
from shared.webauthn import encode
from tests.in_process import ask, hear, invoke, run, seen
from tests.integration.staff.colleague import PARTY, authenticator
from tests.integration.staff.deciders import HOLD, LEDGER_KEY, Decider, asked_for, tell_ledger
from tests.integration.staff.staff_stage import SPENT_CODES
from tests.paging import page_by_page
from tests.staff_statements import SIGNER, decide
from tests.unit.privacy.ledger_samples import STRANGER, received

pytestmark = pytest.mark.integration

ACT = "retention.place_hold"
READER = StatementReader([SIGNER.public])
DAY = timedelta(days=1)


@pytest.fixture
def kari(stage):
    return Decider.sworn(stage, "kari", Role.CASE_HANDLER)


@pytest.fixture
def ola(stage):
    return Decider.sworn(stage, "ola", Role.PRIVACY_LEAD)


@pytest.fixture
def per(stage):
    return Decider.sworn(stage, "per", Role.CASE_HANDLER)


def of_case(number):
    """A hold that is none of the others."""
    return HOLD | {"case_ref": f"tvist-2027-{number + 1}"}


def come_back(person, token):
    """With two new keys, the first by the link, of which the ledger tells."""
    person.keys = [authenticator(), authenticator()]
    person.enrol_both(token)
    tell_ledger(person.stage)


def vouch(stage, code, *, by):
    """A colleague says that it was this person who came."""
    with acting_as(f"staff:{by}"):
        ask(stage.service, VouchForPerson(code=code))


def why(do, *error: type[Refused]) -> str:
    with pytest.raises(error or (Forbidden, Conflict)) as refused:
        do()
    return str(refused.value.details.get("reason", refused.value.code))


def show(person, approval_id):
    return ask(person.stage.service, calls.ShowApproval(token=person.token, approval_id=approval_id))


def document(person, approval_id) -> bytes:
    call = calls.ExportApproval(token=person.token, approval_id=approval_id)
    return ask(person.stage.service, call).document.encode()


def withdraw(person, seen):
    call = calls.WithdrawApproval(token=person.token, approval_id=seen.approval_id, version=seen.version)
    return ask(person.stage.service, call)


def told(stage, *types) -> list[tuple[str, dict[str, Any], str]]:
    return [(kind, data, actor) for kind, _, data, actor in stage.events() if kind in types]


def not_taken(stage) -> list[tuple[str, str, str]]:
    return [(data["wanted"], data["reason"], actor) for _, data, actor in told(stage, "approval.not_taken")]


def carried_out(stage, approval_id, *, act: str = ACT, source: str = "retention", done=None) -> None:
    """`done` are the fields of the call that was made, where the service says so."""
    service, _, method = act.partition(".")
    digest = Digest(hex_digest(call_digest(service, method, done))) if done else None
    event = ActCarriedOut(approval_id=approval_id, act=Code(act), request=digest)
    hear(stage.service, received_from(event, source), source=source)


def received_from(event, source):
    message = received(event)
    return type(message)(
        **{name: getattr(message, name) for name in ("id", "event", "time", "subject", "correlation_id")},
        source=source,
        actor="staff:kari",
    )


class TestTheWay:
    def test_from_the_request_to_the_act(self, stage, kari, ola):
        asked = kari.request()
        assert (asked.state, asked.version, asked.requested_by, asked.mine) == ("waiting", 1, "kari", True)
        approved = ola.approve(asked)
        assert (approved.state, approved.approved_by, approved.mine) == ("approved", "ola", False)
        (signed,) = kari.sign(asked_for(ACT, HOLD, asked.approval_id))
        statement = READER.read(signed.statement, now=stage.clock.unmoved())
        act = acts()[ACT].act
        hold_to(statement, AskedCall(service="retention", method="place_hold", fields=HOLD, user="desk", act=act))
        assert (statement.jti, statement.sub) == (asked.approval_id, "kari")
        assert (statement.approval.requested_by, statement.approval.approved_by) == ("kari", "ola")
        carried_out(stage, asked.approval_id)
        ended = show(kari, asked.approval_id)
        assert (ended.state, ended.ended_because, ended.ended_by) == ("ended", "carried_out", "staff:kari")
        kinds = ["approval.requested", "approval.given", "approval.ended"]
        assert [(kind, actor) for kind, _, actor in told(stage, *kinds)] == [
            ("approval.requested", "staff:kari"),
            ("approval.given", "staff:ola"),
            ("approval.ended", "staff:kari"),
        ]
        assert not_taken(stage) == []

    def test_the_approver_may_carry_it_out_as_well(self, stage, kari, ola):
        asked = kari.request()
        ola.approve(asked)
        (signed,) = ola.sign(asked_for(ACT, HOLD, asked.approval_id))
        assert READER.read(signed.statement, now=stage.clock.unmoved()).sub == "ola"

    def test_who_asks_twice_asks_once(self, stage, kari, ola):
        approval_id = uuid4()
        first = kari.request(approval_id=approval_id)
        assert kari.request(approval_id=approval_id) == first
        assert len(told(stage, "approval.requested")) == 1
        assert why(lambda: kari.request(fields=HOLD | {"categories": []}, approval_id=approval_id)) == "known_id"
        assert why(lambda: ola.request(approval_id=approval_id)) == "known_id"

    def test_who_is_named_works_here(self, stage, kari, ola, per):
        """When it is asked for, when it is changed, and when it is carried out."""
        for nobody in ("nobody-here", "another-person"):
            with pytest.raises(Invalid) as refused:
                kari.request(fields=HOLD | {"owner": f"staff:{nobody}"})
            assert refused.value.details["reason"] == "nobody_of_staff"
            assert refused.value.details["fields"].keys() == {"owner"}
        asked = kari.request(fields=HOLD | {"owner": "staff:per"})
        assert why(lambda: ola.edit(asked, HOLD | {"owner": "staff:pal"}), Invalid) == "nobody_of_staff"
        ola.approve(asked)
        with acting_as("staff:chief"):
            ask(stage.service, RecordExit(code="per", reason="left"))
        (signed,) = kari.sign(asked_for(ACT, HOLD | {"owner": "staff:per"}, asked.approval_id))
        assert (signed.statement, signed.refusal) == (None, "nobody_of_staff")
        assert why(lambda: kari.request(fields=HOLD | {"owner": "staff:per"}), Invalid) == "nobody_of_staff"

    def test_each_sees_what_is_their_business(self, stage, kari, ola):
        asked = kari.request()
        operator = Decider.sworn(stage, "odd", Role.OPERATOR, purpose=Purpose.OPERATIONS)
        auditor = Decider.sworn(stage, "aud", Role.AUDITOR, purpose=Purpose.AUDIT)
        lists = {}
        for person in (kari, ola, operator, auditor):
            listed = ask(stage.service, calls.ListApprovals(token=person.token)).approvals
            lists[person.code] = [each.approval_id for each in listed]
        mine = [asked.approval_id]
        assert lists == {"kari": mine, "ola": mine, "odd": [], "aud": mine}
        assert show(auditor, asked.approval_id).asked == HOLD
        with pytest.raises(NotFound):
            show(operator, asked.approval_id)

    @pytest.mark.clause("STAFF-1")
    def test_who_is_granted_some_customers_sees_and_approves_what_is_about_one_of_them(self, stage, kari):
        mine, other = kari.request(), kari.request(fields=HOLD | {"account_id": str(uuid4())})
        petra, former = Decider.sworn(stage, "petra"), Decider.sworn(stage, "former")
        for person in (petra, former):
            person.granted(Role.CASE_HANDLER, account_ids=(UUID(HOLD["account_id"]), uuid4()))
            person.granted(Role.SUPPORT, account_ids=(UUID(other.asked["account_id"]),))
        stage.owner.execute(
            "UPDATE role_grant SET ended_at = now(), ended_by = 'system', ended_because = 'revoked'"
            " WHERE person_id = (SELECT id FROM person WHERE code = 'former')"
        )
        for person, expected in ((petra, [mine.approval_id]), (former, [])):
            listed = ask(stage.service, calls.ListApprovals(token=person.token)).approvals
            assert [each.approval_id for each in listed if each.approvable] == expected
            assert [each.approval_id for each in listed] == expected
        with pytest.raises(NotFound):
            show(petra, other.approval_id)
        assert petra.approve(show(petra, mine.approval_id)).state == "approved"
        (signed,) = petra.sign(asked_for(ACT, HOLD, mine.approval_id))
        assert signed.statement

    @pytest.mark.clause("STAFF-1")
    def test_an_auditor_of_some_customers_sees_what_is_about_them_and_does_nothing_with_it(self, stage, kari):
        mine, other = kari.request(), kari.request(fields=HOLD | {"account_id": str(uuid4())})
        auditor = Decider.sworn(stage, "aud")
        auditor.granted(Role.AUDITOR, Purpose.AUDIT, account_ids=(UUID(HOLD["account_id"]),))
        listed = ask(stage.service, calls.ListApprovals(token=auditor.token)).approvals
        assert [(each.approval_id, each.approvable) for each in listed] == [(mine.approval_id, False)]
        assert show(auditor, mine.approval_id).asked == HOLD
        assert why(lambda: auditor.edit(mine, HOLD | {"categories": []})) == "role_not_granted"
        assert why(lambda: auditor.signature(mine)) == "role_not_granted"
        with pytest.raises(NotFound):
            show(auditor, other.approval_id)

    @pytest.mark.clause("STAFF-1")
    @pytest.mark.parametrize("ended", [False, True], ids=["approved", "ended"])
    def test_whoever_reaches_other_customers_does_nothing_with_a_request_and_learns_nothing_of_it(
        self, stage, kari, ola, ended
    ):
        asked, own = kari.request(), str(uuid4())
        ola.approve(asked)
        if ended:
            withdraw(kari, asked)
        petra = Decider.sworn(stage, "petra")
        petra.granted(Role.CASE_HANDLER, account_ids=(UUID(own),))
        for known in (asked, asked.of(asked, version=7), asked.of(asked, approval_id=uuid4())):
            refusing = calls.RefuseApproval(
                token=petra.token, approval_id=known.approval_id, version=known.version, reason="not_needed"
            )
            for do in (
                lambda each=known: petra.edit(each, HOLD | {"account_id": own}),
                lambda each=known: petra.edit(each, HOLD),
                lambda each=known: petra.signature(each),
                lambda each=known: withdraw(petra, each),
                lambda call=refusing: ask(stage.service, call),
            ):
                assert why(do, NotFound) == "not_found"
        assert show(kari, asked.approval_id).state == ("ended" if ended else "approved")

    def test_a_request_stays_about_its_customer(self, kari, ola):
        asked = kari.request()
        ola.approve(asked)
        with pytest.raises(Invalid) as refused:
            kari.edit(asked, HOLD | {"account_id": str(uuid4())})
        assert list(refused.value.details["fields"]) == ["account_id"]
        assert show(kari, asked.approval_id).state == "approved"

    def test_nobody_hides_what_waits_for_others_behind_requests_of_their_own(self, stage, kari, per):
        """Each list was cut before it was looked at whose business it is: a hundred requests hid all others."""
        for code in ("odd", "oda")[: PAGE // rules.OPEN_MOST]:
            operator = Decider.sworn(stage, code, Role.OPERATOR, purpose=Purpose.OPERATIONS)
            for _ in range(rules.OPEN_MOST):
                operator.request("retention.release", {"erasure_ids": [str(uuid4())]})
        asked = kari.request()
        (waiting,) = ask(stage.service, calls.ListApprovals(token=per.token)).approvals
        assert (waiting.approval_id, waiting.approvable) == (asked.approval_id, True)

    def test_what_ended_last_is_seen_first(self, stage, kari, ola):
        ended = []
        for _ in range(3):
            asked = kari.request()
            withdraw(kari, asked)
            ended.append(asked.approval_id)
            stage.clock.move(timedelta(seconds=1))
        for limit in (2, 3):
            listing = calls.ListApprovals(token=ola.token, state="ended", limit=limit)
            listed = ask(stage.service, listing).approvals
            assert [each.approval_id for each in listed] == ended[::-1][:limit]
        waiting = []
        for _ in range(3):
            waiting.append(kari.request(fields=HOLD | {"account_id": str(uuid4())}).approval_id)
            stage.clock.move(timedelta(seconds=1))
        for state, ids in (("ended", ended[::-1]), ("waiting", waiting)):
            asked = {"token": ola.token, "state": state}
            read = page_by_page(
                lambda page, asked=asked: invoke(stage.service, "list_approvals", **asked, **page), "approvals"
            )
            assert [each["approval_id"] for each in read] == [str(each) for each in ids]


class TestRehearsal:
    """Before anybody signs, the act's own service is asked whether it would refuse it."""

    def tried(self, stage, person, asked=None, act=ACT, fields=HOLD):
        approval_id = asked.approval_id if asked else None
        (signed,) = person.sign(ActAsked.of(asked_for(act, fields, approval_id), rehearsal=True))
        return READER.read(signed.statement, now=stage.clock.unmoved()) if signed.statement else signed.refusal

    def test_it_names_who_asks_and_who_would_approve(self, stage, kari, ola, per):
        first = self.tried(stage, kari)
        assert (first.rehearsal, first.approval.requested_by, first.jti) == (True, "kari", first.approval.id)
        assert first.approval.approved_by not in ("kari", "ola", "per")
        asked = kari.request()
        named = [self.tried(stage, person, asked).approval for person in (kari, ola)]
        assert [each.requested_by for each in named] == ["kari", "kari"]
        assert [each.id for each in named] == [asked.approval_id] * 2
        assert named[1].approved_by == "ola"
        ola.approve(asked)
        assert self.tried(stage, kari, asked).approval.approved_by == "ola"

    def test_it_is_for_two_and_for_who_may(self, stage, kari):
        looks = {"account_id": HOLD["account_id"]}
        assert self.tried(stage, kari, act="account.get_account", fields=looks) == "approval_needless"
        operator = Decider.sworn(stage, "odd", Role.OPERATOR, purpose=Purpose.OPERATIONS)
        assert self.tried(stage, operator) == "role_not_granted"

    def test_it_is_told_as_tried_and_once_for_the_same_and_is_no_approval(self, stage, kari, ola):
        before = len(told(stage, "staff.acts_signed"))
        others = HOLD | {"categories": ["log_ins"]}
        for person, fields in ((kari, HOLD), (kari, HOLD), (kari, others), (ola, HOLD)):
            self.tried(stage, person, fields=fields)
        assert told(stage, "staff.acts_signed")[before:] == [
            (
                "staff.acts_signed",
                {"staff_code": code, "purpose": "dispute", "acts": [ACT], "tried": True},
                f"staff:{code}",
            )
            for code in ("kari", "kari", "ola")
        ]
        (signed,) = kari.sign(asked_for(ACT, HOLD, uuid4()))
        assert signed.statement is None

    def test_a_grant_that_is_tried_gives_nothing(self, stage, kari):
        chief = {"requested_by": "staff:chief", "approved_by": "staff:boss"}
        grant = {"code": "kari", "role": "finance", "purpose": "billing", "last_day": "2027-02-01"}
        before = [stage.rows("SELECT id FROM role_grant"), stage.events()]
        assert decide(stage.service, "give_grant", rehearsal=True, **grant, **chief)["role"] == "finance"
        with pytest.raises(Conflict):
            decide(stage.service, "give_grant", rehearsal=True, **grant | {"last_day": "2036-02-01"}, **chief)
        assert [stage.rows("SELECT id FROM role_grant"), stage.events()] == before


class TestEqualRequests:
    """Just what is asked for already is not asked for again: whoever does is told of the request that there is."""

    @pytest.mark.parametrize("state", ["waiting", "approved"])
    def test_the_second_is_told_of_the_first(self, stage, kari, ola, per, state):
        first = kari.request(fields=HOLD | {"hold_id": str(uuid4())})
        if state == "approved":
            ola.approve(first)
        for person in (kari, per):
            with pytest.raises(Conflict) as refused:
                person.request(fields=HOLD | {"hold_id": str(uuid4())})
            told = {"reason": "asked_already", "approval_id": str(first.approval_id)}
            assert refused.value.details == told
        other = per.request(fields=of_case(1))
        assert why(lambda: per.edit(other, HOLD | {"hold_id": None})) == "asked_already"
        assert show(per, other.approval_id).version == 1
        assert ("request", "asked_already", "staff:per") in not_taken(stage)
        assert stage.rows("SELECT count(*) FROM approval WHERE ended_at IS NULL") == [(2,)]

    @pytest.mark.parametrize("over", ["withdrawn", "carried_out", "expired"])
    def test_what_is_over_is_asked_for_anew(self, stage, kari, ola, over):
        first = kari.request()
        if over == "withdrawn":
            withdraw(kari, first)
        elif over == "carried_out":
            ola.approve(first)
            carried_out(stage, first.approval_id)
        else:
            stage.clock.move(7 * DAY)
            kari.log_in()
        assert kari.request().state == "waiting"

    def test_of_two_who_ask_at_once_one_is_told_of_the_other(self, stage, kari, per):
        with ThreadPoolExecutor(2) as pool:
            asked = [pool.submit(person.request) for person in (kari, per) * 3]
        outcomes = [each.exception() for each in asked]
        assert len([each for each in outcomes if each is None]) == 1
        reasons = {each.details["reason"] for each in outcomes if isinstance(each, Conflict)}
        assert reasons == {"asked_already"}
        assert stage.rows("SELECT count(*) FROM approval") == [(1,)]


class TestOnePersonIsNotTwo:
    def test_who_asked_cannot_approve(self, stage, kari):
        asked = kari.request()
        assert why(lambda: kari.signature(asked)) == "own_request"
        assert why(lambda: self.forced(stage, kari, asked)) == "own_request"
        assert show(kari, asked.approval_id).state == "waiting"
        assert set(not_taken(stage)) == {("approve", "own_request", "staff:kari")}

    def test_who_took_the_file_of_a_session_is_not_two_persons_with_a_key_of_their_own(self, stage, kari, ola, per):
        waiting = kari.request()
        stage.owner.execute(
            "UPDATE session SET kind = 'command_line' WHERE token_digest = %s", (authentication.digest(kari.token),)
        )
        stage.clock.move(timedelta(minutes=15))
        changed = kari.edit(waiting, HOLD | {"categories": ["log_ins"]})
        stage.clock.move(timedelta(seconds=1))
        assert why(lambda: kari.request(fields=of_case(1))) == "log_in_again"
        assert why(lambda: kari.edit(changed, HOLD)) == "log_in_again"
        assert set(not_taken(stage)) == {(each, "log_in_again", "staff:kari") for each in ("request", "edit")}
        assert stage.rows("SELECT count(*) FROM approval") == [(1,)]
        assert show(kari, waiting.approval_id).version == changed.version
        ola.approve(changed)
        (signed,) = kari.sign(asked_for(ACT, HOLD | {"categories": ["log_ins"]}, waiting.approval_id))
        assert signed.statement, "what two have approved is carried out"
        assert per.request(fields=of_case(2)).state == "waiting", "in a browser nothing more is asked"
        kari.log_in()
        assert kari.request(fields=of_case(1)).state == "waiting"

    def test_who_changed_it_last_cannot_approve(self, stage, kari, ola, per):
        asked = kari.request()
        changed = ola.edit(asked, HOLD | {"categories": ["log_ins"]})
        assert (changed.version, changed.requested_by, changed.edited_by) == (2, "kari", "ola")
        assert why(lambda: self.forced(stage, ola, changed)) == "own_edit"
        assert per.approve(changed).approved_by == "per"

    def test_whom_it_concerns_cannot_approve(self, stage):
        chief = Decider.sworn(stage, "kjetil", Role.STAFF_ADMIN, purpose=Purpose.STAFF_ADMINISTRATION)
        other = Decider.sworn(stage, "siri", Role.STAFF_ADMIN, purpose=Purpose.STAFF_ADMINISTRATION)
        grant = {"code": "siri", "role": "finance", "purpose": "billing", "last_day": "2027-02-01"}
        asked = chief.request("staff.give_grant", grant)
        assert asked.subject == "siri"
        assert why(lambda: other.signature(asked)) == "own_affair"
        assert why(lambda: self.forced(stage, other, asked)) == "own_affair"

    @pytest.mark.clause("STAFF-1")
    def test_whom_a_grant_is_for_neither_asks_for_it_nor_says_what_it_is_to_be(self, stage):
        administers = {"purpose": Purpose.STAFF_ADMINISTRATION}
        admins = [
            Decider.sworn(stage, code, Role.STAFF_ADMIN, **administers) for code in ("astrid", "bo", "chief-two")
        ]
        astrid, bo, approver = admins
        grant = {"code": "bo", "role": "support", "purpose": "customer_support", "last_day": "2027-01-01"}
        more = grant | {"role": "privacy_lead"}
        asked = astrid.request("staff.give_grant", grant)
        assert why(lambda: bo.edit(asked, more)) == "own_affair"
        assert why(lambda: bo.request("staff.give_grant", more)) == "own_affair"
        assert ("edit", "own_affair", "staff:bo") in not_taken(stage)
        kept = show(astrid, asked.approval_id)
        assert (kept.version, kept.asked) == (1, grant)
        assert approver.approve(kept).state == "approved"

    @pytest.mark.parametrize("turned", [False, True], ids=["who asked let back", "who asked was let back"])
    def test_who_was_let_back_by_the_other_is_not_another_person(self, stage, kari, ola, per, turned):
        """Whoever asks for the link makes it, and with it could come as the other one."""
        chief = Decider.sworn(stage, "kjetil", Role.CASE_HANDLER)
        token = new_token()
        with acting_as("staff:kjetil"):
            ask(stage.service, IssueRecoveryLink(code="ola", token_digest=link_digest(token)))
        come_back(ola, token)
        asked, approver = (ola.request(), chief) if turned else (chief.request(), ola)
        assert why(lambda: self.forced(stage, approver, asked)) == "let_in_by_other"
        with acting_as("staff:ola"):
            link = IssueRecoveryLink(code="per", token_digest=link_digest("another"))
            assert why(lambda: ask(stage.service, link)) == "let_back_lately"
        assert kari.approve(asked).approved_by == "kari"
        stage.clock.move(60 * DAY)
        for person in (chief, ola):
            person.log_in()
        asked = ola.request() if turned else chief.request()
        assert why(lambda: self.forced(stage, approver, asked)) == "let_in_by_other", "no time vouches for anybody"
        for by, refused in (("kjetil", "let_in_by_other"), ("ola", "not_vouched_for")):
            assert why(lambda by=by: vouch(stage, "ola", by=by)) == refused
        vouch(stage, "ola", by="kari")
        assert approver.approve(asked).approved_by == approver.code
        assert why(lambda: vouch(stage, "ola", by="kari")) == "vouched_for_already"
        told = [(about, by) for kind, about, _, by in stage.events() if kind == "staff.vouched_for"]
        assert told == [("staff/ola", "staff:kari")]

    def test_what_was_approved_before_one_was_let_back_by_the_other_is_not_carried_out(self, stage, kari, ola):
        asked = kari.request()
        ola.approve(asked)
        token = new_token()
        with acting_as("staff:kari"):
            ask(stage.service, IssueRecoveryLink(code="ola", token_digest=link_digest(token)))
        come_back(ola, token)
        (signed,) = kari.sign(asked_for(ACT, HOLD, asked.approval_id))
        assert signed.refusal == "let_in_by_other"

    def test_it_is_remembered_who_let_whom_back_also_when_the_ledger_has_told_of_the_key(
        self, stage, ledger, kari, ola
    ):
        """The link is dropped then, and was all that said it; so it was with each other link that is made since."""
        token = new_token()
        with acting_as("staff:kari"):
            ask(stage.service, IssueRecoveryLink(code="ola", token_digest=link_digest(token)))
        come_back(ola, token)
        stage.owner.execute("UPDATE passkey SET enrolment_line = NULL")
        ledger.write()
        ledger.open()
        with acting_as("staff:chief"):
            ask(stage.service, IssueRecoveryLink(code="ola", token_digest=link_digest("in the drawer")))
        stage.clock.move(60 * DAY)
        run(stage.service, "lapse_invitations")
        for person in (kari, ola):
            person.log_in()
        assert why(lambda: self.forced(stage, ola, kari.request())) == "let_in_by_other"

    def test_links_that_nobody_came_by_shut_nobody_out(self, stage, kari, ola, per):
        for person in (kari, ola, per):
            with acting_as("staff:chief"):
                ask(stage.service, IssueRecoveryLink(code=person.code, token_digest=link_digest(new_token())))
        assert ola.approve(kari.request()).approved_by == "ola"

    def test_two_whom_one_person_let_back_are_not_two(self, stage, kari, ola, per):
        for person in (ola, per):
            token = new_token()
            with acting_as(f"staff:{kari.code}"):
                ask(stage.service, IssueRecoveryLink(code=person.code, token_digest=link_digest(token)))
            come_back(person, token)
        assert why(lambda: self.forced(stage, ola, per.request())) == "let_in_by_other"

    def test_a_grant_that_others_give_vouches_for_who_was_invited_and_not_for_who_was_let_back(self, stage):
        with acting_as("staff:kari"):
            ola = Decider.sworn(stage, "ola")
            with stage.database.transaction() as tx:
                person, now = stage.service.people.lock_by_code(tx, "ola"), stage.clock.now()
                stage.service.grants.give_longest(tx, person, Role.CASE_HANDLER, Purpose.DISPUTE, now)
        kari = Decider.sworn(stage, "kari", Role.CASE_HANDLER)
        asked = kari.request()
        assert why(lambda: self.forced(stage, ola, asked)) == "let_in_by_other"
        ola.granted(Role.CASE_HANDLER)
        assert ola.approve(asked).approved_by == "ola"
        token = new_token()
        with acting_as("staff:kari"):
            ask(stage.service, IssueRecoveryLink(code="ola", token_digest=link_digest(token)))
        come_back(ola, token)
        ola.granted(Role.PRIVACY_LEAD)
        assert why(lambda: self.forced(stage, ola, kari.request(fields=of_case(1)))) == "let_in_by_other"

    def test_a_first_administrator_who_makes_the_link_of_the_other_is_not_two_persons(self, stage):
        """Their grants are there before they come, and so nobody had to look at who came."""
        (kari, link), (ola, _) = self.first(stage, "kari", "ola")
        kari.come_by(link)
        token = new_token()
        with acting_as("staff:kari"):
            ask(stage.service, RenewInvitation(code="ola", token_digest=link_digest(token)))
        ola.come_by(token)
        with acting_as("staff:ola"):
            per = Decider.sworn(stage, "per")
        grant = {"code": per.code, "role": "support", "purpose": "customer_support", "last_day": "2027-01-01"}
        asked = kari.request("staff.give_grant", grant)
        assert why(lambda: self.forced(stage, ola, asked)) == "let_in_by_other"
        stage.clock.move(7 * DAY)
        for person in (kari, ola):
            person.log_in()
        asked = kari.request("staff.give_grant", grant)
        assert why(lambda: self.forced(stage, ola, asked)) == "let_in_by_other"

    def test_of_two_administrators_one_who_let_the_other_back_needs_a_third_whom_the_machine_lets_in(self, stage):
        """One alone would else become the other, and wait. The door on the machine is told of and countersigned."""
        (kari, link), (ola, other) = self.first(stage, "kari", "ola")
        kari.come_by(link), ola.come_by(other)
        token = new_token()
        with acting_as("staff:kari"):
            ask(stage.service, IssueRecoveryLink(code="ola", token_digest=link_digest(token)))
        come_back(ola, token)
        stage.clock.move(8 * DAY)
        waiting = {each.spec.code: each.waiting for each in open_alarms((stage.service,))}
        assert waiting["nobody_vouched"] == Waiting(1, stage.clock.now() - 8 * DAY)
        assert waiting["administrators_too_few"].count == 1
        with acting_as("staff:kari"):
            Decider.sworn(stage, "eva")
        for person in (kari, ola):
            person.log_in()
        grant = {"code": "eva", "role": "staff_admin", "purpose": "staff_administration", "last_day": "2027-01-01"}
        asked = kari.request("staff.give_grant", grant)
        assert why(lambda: self.forced(stage, ola, asked)) == "let_in_by_other"
        ((per, link),) = self.first(stage, "per")
        per.come_by(link)
        assert why(lambda: vouch(stage, "ola", by="eva")) == "not_vouched_for", "kari may be who came as eva"
        vouch(stage, "ola", by="per")
        assert ola.approve(asked).approved_by == "ola"
        codes = {each.spec.code for each in open_alarms((stage.service,))}
        assert codes & {"nobody_vouched", "administrators_too_few"} == set()

    def test_the_first_administrators_approve_what_the_other_asks_for_from_the_first_day(self, stage):
        (kari, _), (ola, _) = invited = self.first(stage, "kari", "ola")
        for person, link in invited:
            person.come_by(link)
        with acting_as("staff:kari"):
            Decider.sworn(stage, "per")
        grant = {"code": "per", "role": "support", "purpose": "customer_support", "last_day": "2027-01-01"}
        assert ola.approve(kari.request("staff.give_grant", grant)).approved_by == "ola"

    def test_who_may_not_do_it_cannot_ask_and_cannot_approve(self, stage, kari):
        operator = Decider.sworn(stage, "odd", Role.OPERATOR, purpose=Purpose.OPERATIONS)
        assert why(operator.request) == "role_not_granted"
        asked = kari.request()
        assert why(lambda: operator.signature(asked), NotFound) == "not_found"
        assert show(kari, asked.approval_id).state == "waiting"

    def test_a_key_of_another_person_proves_nothing(self, stage, kari, ola, per):
        asked = kari.request()
        answer = per.signature(asked)
        assert why(lambda: ola.approve(asked, answer)) == "another_person"
        (refused,) = told(stage, "staff.proof_refused")
        assert (refused[1]["staff_code"], refused[1]["reason"], refused[1]["purpose"]) == (
            "ola",
            "another_person",
            "approval",
        )
        assert show(kari, asked.approval_id).state == "waiting"

    def test_what_is_written_in_the_database_approves_nothing(self, stage, kari, ola, per):
        asked = kari.request()
        ola.approve(asked)
        assert seen(stage.service)["approved_by_themselves"] == 0
        stage.owner.execute("UPDATE approval SET approved_by = 'per'")
        assert why(lambda: self.cleared(stage, ola, asked)) == "approval_of_others"
        assert why(lambda: self.cleared(stage, per, asked)) == "revoked_key"
        stage.owner.execute(
            "UPDATE approval SET approved_by = 'per', passkey_id = k.id, public_key = translate(rtrim(encode("
            "k.public_key, 'base64'), '='), E'+/\\n', '-_') FROM passkey k JOIN person p ON p.id = k.person_id"
            " WHERE p.code = 'per'"
        )
        assert why(lambda: self.cleared(stage, per, asked)) == "key_of_another"
        stage.owner.execute(
            "UPDATE approval SET enrolment = k.enrolment_line FROM passkey k WHERE k.id = approval.passkey_id"
        )
        assert why(lambda: self.cleared(stage, per, asked)) == "wrong_signature"
        with pytest.raises(psycopg.errors.CheckViolation):
            stage.owner.execute("UPDATE approval SET approved_by = requested_by")

    def test_a_key_that_the_ledger_does_not_know_makes_nobody_a_second_person(self, stage, kari, ola):
        """Whoever writes in this database could enrol a key in another's name, and write a line beside it."""
        asked = kari.request()
        stage.owner.execute("UPDATE passkey SET enrolment_line = NULL")
        tell_ledger(stage, key=STRANGER)
        assert why(lambda: ola.approve(asked)) == "enrolment_not_signed"
        assert show(kari, asked.approval_id).state == "waiting"

    def test_a_line_that_was_written_after_the_approval_carries_nothing_out(self, stage, kari, ola):
        asked = kari.request()
        ola.approve(asked)
        stage.owner.execute("UPDATE approval SET enrolment = %s", (b'{"kind": "passkey.enrolled"}',))
        assert why(lambda: self.cleared(stage, ola, asked)) == "enrolment_malformed"

    @staticmethod
    def first(stage, *codes):
        """First administrators who are invited on the machine, each with their link."""
        door, today = first_administrators(stage.database, stage.clock, SPENT_CODES), stage.clock.now().date()
        invited = [door.invite(code, course="introduction", trained_on=today) for code in codes]
        return [(Decider(stage, each.code), each.token) for each in invited]

    @staticmethod
    def cleared(stage, person, asked):
        with stage.database.transaction() as tx:
            found = stage.service.people.person_of_code(tx, person.code)
            approvals = next(each for each in stage.service.features if type(each).__name__ == "Approvals")
            request = asked_for(ACT, HOLD, asked.approval_id)
            return approvals.cleared(tx, asked.approval_id, found, request, stage.clock.now())

    @staticmethod
    def forced(stage, person, asked):
        """As a browser would that passes the options over: the challenge is known to whoever sees the request."""
        with stage.database.transaction() as tx:
            row = tx.one("SELECT document FROM approval WHERE id = %(id)s", id=asked.approval_id)
        options = {
            "challenge": encode(challenge_of(json.loads(bytes(row["document"])))),
            "rpId": "desk.localhost",
            "allowCredentials": [],
        }
        return person.approve(asked, person.keys[0].get(options, PARTY))


class TestWhatVoidsIt:
    def test_an_edit_voids_the_approval_and_its_signature(self, stage, kari, ola):
        asked = kari.request()
        answer = ola.signature(asked)
        ola.approve(asked, answer)
        changed = kari.edit(asked, HOLD | {"categories": []})
        assert (changed.state, changed.version, changed.approved_by) == ("waiting", 2, None)
        assert why(lambda: ola.approve(asked, answer)) == "edited"
        assert why(lambda: ola.approve(changed, answer)) == "wrong_challenge"
        (signed,) = kari.sign(asked_for(ACT, HOLD, asked.approval_id))
        assert signed.refusal == "not_approved"

    def test_an_edit_back_is_another_request(self, kari, ola):
        asked = kari.request()
        answer = ola.signature(asked)
        back = kari.edit(kari.edit(asked, HOLD | {"categories": []}), HOLD)
        assert why(lambda: ola.approve(back, answer)) == "wrong_challenge"

    def test_what_was_approved_is_carried_out_and_nothing_else(self, kari, ola):
        asked = kari.request()
        ola.approve(asked)
        other = HOLD | {"categories": []}
        for act, fields in ((ACT, other), ("retention.renew_hold", HOLD)):
            (signed,) = kari.sign(asked_for(act, fields, asked.approval_id))
            assert signed.refusal == "another_request"
        (signed,) = kari.sign(
            asked_for(ACT, HOLD, asked.approval_id).of(asked_for(ACT, HOLD, asked.approval_id), account_id=uuid4())
        )
        assert signed.refusal == "another_request"

    def test_its_time(self, stage, kari, ola):
        waiting, approved = kari.request(fields=of_case(2)), kari.request()
        ola.approve(approved)
        stage.clock.move(7 * DAY)
        for person in (kari, ola):
            person.log_in()
        assert why(lambda: ola.signature(waiting)) == "expired"
        (signed,) = kari.sign(asked_for(ACT, HOLD, approved.approval_id))
        assert signed.refusal == "expired"
        run(stage.service, "end_expired_approvals")
        assert {show(kari, each.approval_id).ended_because for each in (waiting, approved)} == {"expired"}

    def test_withdrawn_and_refused_is_over(self, stage, kari, ola, per):
        def of(kind, person, asked, **more):
            call = kind(token=person.token, approval_id=asked.approval_id, version=asked.version, **more)
            return lambda: ask(stage.service, call)

        first, second = kari.request(), kari.request(fields=of_case(2))
        assert why(of(calls.WithdrawApproval, ola, first)) == "request_of_another"
        assert why(of(calls.RefuseApproval, kari, first, reason="not_needed")) == "own_request"
        assert of(calls.WithdrawApproval, kari, first)().ended_because == "withdrawn"
        ola.approve(second)
        assert of(calls.RefuseApproval, per, second, reason="wrong_scope")().ended_because == "refused"
        for asked in (first, second):
            assert why(lambda each=asked: ola.signature(each)) == "ended"
            assert why(lambda each=asked: kari.edit(each, HOLD)) == "ended"
            (signed,) = kari.sign(asked_for(ACT, asked.asked, asked.approval_id))
            assert signed.refusal == "ended"
        (because,) = [data["because"] for _, data, _ in told(stage, "approval.ended") if data["because"]]
        assert because == "wrong_scope"

    @pytest.mark.parametrize("leaver", ["kari", "ola"])
    def test_either_of_the_two_has_left(self, stage, kari, ola, leaver):
        asked = kari.request()
        ola.approve(asked)
        with acting_as("staff:chief"):
            ask(stage.service, RecordExit(code=leaver, reason="dismissed"))
        (signed,) = (ola if leaver == "kari" else kari).sign(asked_for(ACT, HOLD, asked.approval_id))
        assert signed.refusal == "person_left"

    def test_the_key_was_lost_meanwhile(self, stage, kari, ola):
        asked = kari.request()
        ola.approve(asked)
        keys = ask(stage.service, ListPasskeys(token=ola.token)).passkeys
        ola.log_in(ola.keys[1])
        ask(
            stage.service,
            RevokePasskey(token=ola.token, passkey_id=keys[0].passkey_id, reason="stolen"),
        )
        (signed,) = kari.sign(asked_for(ACT, HOLD, asked.approval_id))
        assert signed.refusal in ("passkeys_missing", "revoked_key")

    def test_one_of_others_carries_nothing_out(self, kari, ola, per):
        asked = kari.request()
        ola.approve(asked)
        (signed,) = per.sign(asked_for(ACT, HOLD, asked.approval_id))
        assert signed.refusal == "approval_of_others"
        (signed,) = kari.sign(asked_for(ACT, HOLD, uuid4()))
        assert signed.refusal == "not_found"

    def test_what_is_carried_out_is_not_a_second_time(self, stage, kari, ola):
        asked = kari.request()
        ola.approve(asked)
        carried_out(stage, asked.approval_id, act="account.block_account", source="account")
        assert show(kari, asked.approval_id).state == "approved", "another act's end is not its own"
        with pytest.raises(Permanent):
            carried_out(stage, asked.approval_id, source="notification")
        with pytest.raises(Permanent):
            carried_out(stage, asked.approval_id, done=HOLD | {"categories": ["log_ins"]})
        assert show(kari, asked.approval_id).state == "approved", "something else was done"
        carried_out(stage, asked.approval_id, done=HOLD)
        carried_out(stage, asked.approval_id)
        (signed,) = kari.sign(asked_for(ACT, HOLD, asked.approval_id))
        assert signed.refusal == "ended"
        assert len(told(stage, "approval.ended")) == 1
        carried_out(stage, uuid4())


class TestRaces:
    def test_of_two_approvers_one_approves(self, stage, kari, ola, per):
        asked = kari.request()
        answers = [(person, person.signature(asked)) for person in (ola, per)]

        def attempt(person, answer):
            try:
                return person.approve(asked, answer).approved_by
            except Conflict as refused:
                return refused.details["reason"]

        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(attempt, *zip(*answers, strict=True)))
        assert "approved_already" in outcomes
        assert len(told(stage, "approval.given")) == 1
        assert show(kari, asked.approval_id).approved_by in outcomes

    def test_an_edit_beside_an_approval_leaves_no_approval_of_what_was_not_seen(self, stage, kari, ola):
        for _ in range(5):
            asked = kari.request()
            answer = ola.signature(asked)

            def approve(seen=asked, signed=answer):
                try:
                    ola.approve(seen, signed)
                except (Conflict, Forbidden):
                    return False
                return True

            with ThreadPoolExecutor(2) as pool:
                done = pool.submit(approve)
                pool.submit(kari.edit, asked, HOLD | {"categories": []}).result()
                done.result()
            after = show(kari, asked.approval_id)
            assert (after.state, after.version) == ("waiting", 2)
            withdraw(kari, after)

    @pytest.mark.clause("STAFF-1")
    def test_what_is_being_carried_out_stays_what_was_approved(self, stage, kari, ola, per):
        """What was done would else stand as what nobody approved, and the proof that it was approved be gone."""
        asked = kari.request()
        ola.approve(asked)
        (signed,) = ola.sign(asked_for(ACT, HOLD, asked.approval_id))
        assert signed.statement
        refusing = calls.RefuseApproval(
            token=per.token, approval_id=asked.approval_id, version=1, reason="wrong_scope"
        )
        for meddle in (
            lambda: kari.edit(asked, HOLD | {"categories": []}),
            lambda: withdraw(kari, asked),
            lambda: ask(stage.service, refusing),
        ):
            assert why(meddle) == "under_way"
        carried_out(stage, asked.approval_id)
        ended = show(kari, asked.approval_id)
        assert (ended.ended_because, ended.asked) == ("carried_out", HOLD)
        verified = verify_file(document(kari, asked.approval_id), [LEDGER_KEY.public])
        assert verified.approved_by == "ola"

    @pytest.mark.parametrize("ahead", [timedelta(), 400 * DAY], ids=["by_its_clock", "by_a_wrong_clock"])
    def test_what_was_signed_to_be_done_stays_what_it_was_however_late_its_service_is_heard(
        self, stage, kari, ola, ahead
    ):
        """What else it became would stand as what was done, with a proof that is for something else."""
        asked = kari.request()
        ola.approve(asked)
        kari.sign(asked_for(ACT, HOLD, asked.approval_id))
        stage.clock.move(timedelta(seconds=64))
        assert why(lambda: kari.edit(asked, HOLD)) == "under_way"
        assert why(lambda: withdraw(kari, asked)) == "under_way"
        stage.clock.move(timedelta(seconds=1))
        stage.owner.execute("UPDATE approval SET cleared_at = cleared_at + %s", (ahead,))
        assert why(lambda: kari.edit(asked, HOLD | {"categories": []})) == "may_be_done"
        if ahead:
            withdraw(kari, asked)
        carried_out(stage, asked.approval_id)
        ended = show(kari, asked.approval_id)
        assert (ended.ended_because, ended.version, ended.asked) == ("carried_out", 1, HOLD)
        verified = verify_file(document(kari, asked.approval_id), [LEDGER_KEY.public])
        assert (verified.approved_by, verified.request.asked) == ("ola", HOLD)

    def test_what_was_signed_to_be_done_and_was_not_is_withdrawn_and_asked_for_anew(self, stage, kari, ola):
        asked = kari.request()
        ola.approve(asked)
        kari.sign(asked_for(ACT, HOLD, asked.approval_id))
        stage.clock.move(timedelta(seconds=65))
        assert withdraw(kari, asked).ended_because == "withdrawn"
        anew = kari.request()
        ola.approve(anew)
        (signed,) = kari.sign(asked_for(ACT, HOLD, anew.approval_id))
        assert signed.statement

    def test_what_a_wrong_clock_has_signed_ahead_keeps_nobody_waiting(self, stage, kari, ola):
        first, second = kari.request(), kari.request(fields=of_case(1))
        for asked in (first, second):
            ola.approve(asked)
            kari.sign(asked_for(ACT, asked.asked, asked.approval_id))
        stage.owner.execute("UPDATE approval SET cleared_at = cleared_at + interval '400 days'")
        assert withdraw(kari, first).ended_because == "withdrawn"
        stage.clock.move(7 * DAY)
        run(stage.service, "end_expired_approvals")
        kari.log_in()
        assert show(kari, second.approval_id).ended_because == "expired"

    def test_what_is_carried_out_in_its_last_minute_is_not_told_as_expired(self, stage, kari, ola):
        asked = kari.request()
        ola.approve(asked)
        stage.clock.move(7 * DAY - timedelta(seconds=1))
        kari.log_in()
        (signed,) = kari.sign(asked_for(ACT, HOLD, asked.approval_id))
        assert signed.statement
        stage.clock.move(timedelta(seconds=30))
        run(stage.service, "end_expired_approvals")
        assert show(kari, asked.approval_id).state == "approved"
        stage.clock.move(timedelta(seconds=40))
        run(stage.service, "end_expired_approvals")
        assert show(kari, asked.approval_id).ended_because == "expired"
        carried_out(stage, asked.approval_id)  # its service was heard of late
        carried_out(stage, asked.approval_id)
        assert show(kari, asked.approval_id).ended_because == "carried_out"
        reasons = [data["reason"] for _, data, _ in told(stage, "approval.ended")]
        assert reasons == ["expired", "carried_out"]


class TestWhatIsAsked:
    @pytest.mark.parametrize(
        "fields",
        [
            {"account_id": "not an id"},
            {"account_id": 5},
            {"reason": "Kari Nordmann sa det"},
            {"reason": "kari@firma.example"},
            {"note": {"a": "b"}},
            {"list": [["x"]]},
            {"Name": "x"},
            {"amount": 0.5},
            {"phone": 4791234567},
            {"text": "x" * 200},
            {"ids": ["x"] * 1001},
            {f"f{number}": 1 for number in range(41)},
        ],
    )
    def test_there_is_no_room_for_what_anybody_is_called(self, stage, kari, fields):
        with pytest.raises(Invalid) as refused:
            kari.request(fields=fields)
        assert "Kari" not in str(refused.value.details)
        assert stage.rows("SELECT id FROM approval") == []

    def test_a_thousand_halted_erasures_are_released_by_two(self, stage):
        both = [Decider.sworn(stage, code, Role.PRIVACY_LEAD) for code in ("a", "b")]
        fields = {"erasure_ids": [str(uuid4()) for _ in range(1000)]}
        asked = both[0].request("retention.release", fields)
        both[1].approve(asked)
        (signed,) = both[0].sign(asked_for("retention.release", fields, asked.approval_id))
        assert signed.statement

    @pytest.mark.parametrize("act", ["account.block_account", "account.no_such_act", "retention.holds"])
    def test_what_takes_one_person_waits_for_nobody(self, kari, act):
        assert why(lambda: kari.request(act)) == "not_for_two"

    def test_so_many_at_a_time(self, stage, kari):
        for number in range(100):
            kari.request(fields=of_case(number))
        assert why(kari.request) == "too_many"


class TestProof:
    def test_a_file_proves_it_with_the_ledgers_key_alone(self, stage, kari, ola):
        asked = kari.request()
        with pytest.raises(Conflict):
            document(kari, asked.approval_id)
        ola.approve(asked)
        proved = verify_file(document(kari, asked.approval_id), [LEDGER_KEY.public])
        assert (proved.approved_by, proved.request.requested_by, proved.request.act) == ("ola", "kari", ACT)
        assert proved.request.asked == HOLD
        assert proved.request.id == asked.approval_id
        assert proved.origin == "http://desk.localhost:8010"
        assert proved.enrolled_at == stage.clock.now()

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (lambda file: file["request"]["fields"].update(categories=[]), "wrong_challenge"),
            (lambda file: file["request"].update(requested_by="per"), "wrong_challenge"),
            (lambda file: file["request"].update(nonce="A" * 43), "wrong_challenge"),
            (lambda file: file["request"].update(requested_by="ola"), "one_person"),
            (lambda file: file["request"].update(subject="ola"), "one_person"),
            (lambda file: file.update(approved_by="per"), "key_of_another"),
            (lambda file: file.update(approved_at="2027-03-01T00:00:00+00:00"), "not_in_time"),
            (lambda file: file["site"].update(origin="https://evil.example"), "wrong_origin"),
            (lambda file: file["site"].update(id="evil.example"), "wrong_rp_id"),
            (lambda file: file["signed"].update(signature="AAAA"), "wrong_signature"),
            (lambda file: file.update(enrolment="{}"), "enrolment_malformed"),
            (
                lambda file: file.update(enrolment=file["enrolment"].replace('"ola"', '"per"')),
                "enrolment_not_signed",
            ),
            (lambda file: file.update(format="vilkar-approval/2"), "malformed"),
            (lambda file: file.update(more=1), "malformed"),
            (lambda file: file["request"].update(more=1), "malformed"),
            (lambda file: file.pop("signed"), "malformed"),
        ],
    )
    def test_whatever_is_changed_in_it_is_found(self, kari, ola, change, reason):
        asked = kari.request()
        ola.approve(asked)
        file = json.loads(document(kari, asked.approval_id))
        change(file)
        with pytest.raises(ApprovalError) as refused:
            verify_file(json.dumps(file).encode(), [LEDGER_KEY.public])
        assert refused.value.reason == reason

    def test_a_key_that_another_enrolled_is_not_the_approvers(self, kari, ola, per):
        asked = kari.request()
        ola.approve(asked)
        mine = json.loads(document(kari, asked.approval_id))
        other = kari.request(fields=of_case(1))
        per.approve(other)
        file = mine | {"enrolment": json.loads(document(kari, other.approval_id))["enrolment"]}
        with pytest.raises(ApprovalError, match="key_of_another"):
            verify_file(json.dumps(file).encode(), [LEDGER_KEY.public])

    def test_an_enrolment_that_another_key_signed_proves_nothing(self, kari, ola):
        asked = kari.request()
        ola.approve(asked)
        with pytest.raises(ApprovalError, match="enrolment_not_signed"):
            verify_file(document(kari, asked.approval_id), [STRANGER.public])

    @pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b"x" * 300_000])
    def test_what_is_no_file_is_none(self, text):
        with pytest.raises(ApprovalError):
            verify_file(text, [LEDGER_KEY.public])

    def test_a_key_of_which_the_ledger_has_not_told_approves_nothing_yet(self, stage, kari, ola):
        asked = kari.request()
        stage.owner.execute("UPDATE passkey SET enrolment_line = NULL")
        assert why(lambda: ola.approve(asked)) == "enrolment_not_recorded"
        assert show(kari, asked.approval_id).state == "waiting"

    def test_failures_are_braked(self, kari, ola, per):
        asked = kari.request()
        answer = per.signature(asked)
        reasons = [why(lambda: ola.approve(asked, answer), Forbidden, TooMany) for _ in range(12)]
        assert reasons[0] == "another_person"
        assert reasons[-1] == "too_many_failures"


class TestRestores:
    def test_what_had_ended_ends_again(self, stage, kari, ola):
        asked = kari.request()
        ola.approve(asked)
        event = ApprovalEnded(approval_id=asked.approval_id, act=Code(ACT), reason=Code("withdrawn"), because=None)
        self.replayed(stage, event)
        assert show(kari, asked.approval_id).ended_because == "withdrawn"
        (signed,) = kari.sign(asked_for(ACT, HOLD, asked.approval_id))
        assert signed.refusal == "ended"

    def test_what_was_changed_since_is_void_and_what_is_true_already_stays(self, stage, kari, ola):
        old, new = kari.request(fields=of_case(1)), kari.request()
        ola.approve(old)
        stage.clock.move(timedelta(minutes=1))
        changed = kari.edit(new, HOLD | {"categories": []})
        for asked in (old, new):
            self.replayed(stage, ApprovalEdited(approval_id=asked.approval_id, act=Code(ACT)))
        assert show(kari, old.approval_id).ended_because == "restored"
        assert show(kari, new.approval_id).state == "waiting"
        assert ola.approve(changed).state == "approved"

    @staticmethod
    def replayed(stage, event):
        fact = Fact.of_event(received(event, at=stage.clock.now()))
        entry = Entry.make(fact, after=Mark(7, "0" * 64), at=stage.clock.now(), key=LEDGER_KEY)
        with stage.database.transaction() as tx:
            ApprovalFacts().replay(tx, entry)
            assert ApprovalFacts().verify(tx, entry)


def test_what_ended_long_ago_is_recorded_no_longer(stage, kari, ola):
    asked = kari.request()
    ask(
        stage.service,
        calls.WithdrawApproval(token=kari.token, approval_id=asked.approval_id, version=asked.version),
    )
    stage.clock.move(1090 * DAY)
    run(stage.service, "forget_ended_records")
    assert len(stage.rows("SELECT id FROM approval")) == 1
    stage.clock.move(15 * DAY)  # whole months are kept
    run(stage.service, "forget_ended_records")
    assert stage.rows("SELECT id FROM approval") == []


def test_a_role_that_is_taken_away_while_the_page_is_open(stage, kari, ola):
    asked = kari.request()
    answer = ola.signature(asked)
    (grant,) = ask(stage.service, Grants(code="ola")).grants
    with acting_as("staff:chief"):
        ask(stage.service, RevokeGrant(grant_id=grant.grant_id))
    assert why(lambda: ola.approve(asked, answer), NotFound) == "not_found"
    assert show(kari, asked.approval_id).state == "waiting"
    assert ("approve", "not_found", "staff:ola") in not_taken(stage)


def test_a_session_that_others_have_ended_decides_nothing(stage, kari, ola):
    asked = kari.request()
    answer = ola.signature(asked)
    with acting_as("staff:chief"):
        ask(stage.service, EndSessionsOf(code="ola"))
    with pytest.raises(Unauthenticated):
        ola.approve(asked, answer)
    assert show(kari, asked.approval_id).state == "waiting"
