"""Which event asks for which letter, of all letters there are, and under which purpose Mailgun gets it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from services.account.accuracy.events import AccuracyAsked
from services.account.companies.events import AccountUpdated
from services.account.confirmation.events import UserConfirmationRequested
from services.account.email_change.events import UserAddressChanged
from services.account.letters.events import SignUpRepeated, UserPasswordResetRequested, UserReturnRequested
from services.account.nonconformities.events import NonconformityReported
from services.account.passwords.events import UserPasswordChanged
from services.account.reactivation.events import AccountReactivated
from services.account.support.events import SupportAnswered, SupportMailDeclined
from services.account.takeover.events import UserLoginSuspected
from services.account.termination.events import TerminationNoticed, TerminationWithdrawn
from services.account.users.events import UserInvited, UserReactivated, UserUpdated
from services.cases.costs.events import CaseChargeDecided
from services.cases.nonconformities.events import NonconformityAnswered
from services.cases.notices.events import BreachNoticesOrdered
from services.cases.rights_requests.events import RightsLetterOrdered
from services.notification.letters.kinds import LETTERS
from services.notification.preferences.events import MarketingObjected
from services.retention.clocks.events import ErasureReminderDue
from services.retention.erasure.events import ErasureScheduled
from services.retention.execution.events import ErasureAnnounced
from services.retention.restrictions.events import RestrictionLiftAnnounced
from shared.events import Code
from shared.identifiers import new_id
from shared.participation.events import HoldPlaced

pytestmark = pytest.mark.integration

COMPANY, OWNER, MEMBER, TICKET = new_id(), new_id(), new_id(), new_id()
OF_COMPANY = {"account_id": COMPANY}
OF_USER = {"account_id": COMPANY, "user_id": MEMBER}
DUE, MOVED_AT = date(2027, 3, 5), datetime(2026, 12, 4, 23, 5, tzinfo=UTC)
CLOCK = {"clock_id": new_id(), "due_on": DUE}
INACTIVE = {**CLOCK, "started_on": date(2026, 12, 5)}
ANNOUNCED = {"erasure_id": new_id(), "certificate_id": new_id(), "backups_expire_on": date(2027, 4, 4)}
NOTICE = {"noticed_on": date(2026, 12, 10), "notice_ends_on": date(2027, 1, 31), "channel": "email"}
HOLD = {
    "hold_id": new_id(),
    "user_ids": [],
    "categories": [],
    "reason": "dispute",
    "starts_on": date(2027, 2, 1),
    "review_on": date(2027, 4, 30),
}
SUSPECTED = {"anomaly_id": new_id(), "suspicion": "guessing", "seen_at": MOVED_AT, "reset_required": False}
LIFT = {"restriction_id": new_id(), "requested_on": date(2026, 12, 1), "lift_from": date(2026, 12, 20)}

ORDERED = {"case_id": new_id(), "notice_id": new_id(), "account_ids": [COMPANY]}

ANSWERED = {
    "case_id": new_id(), "decision_id": new_id(), "outcome": Code("corrected"), "reason": Code("fault_mended"),
    "reported_at": MOVED_AT,
}  # fmt: skip
ASKED = {"case_id": new_id(), "received_at": MOVED_AT, "due_on": DUE}
RIGHTS_LETTERS = {
    "rights_received": "access", "rights_identity": "sender_not_known", "rights_extended": "complex_request",
    "rights_answered": "done", "rights_answered_in_part": "rights_of_others", "rights_refused": "excessive",
    "request_forwarded": "access", "request_reminded": "erasure", "request_passed_on": "customer_is_controller",
    "request_unanswered": "no_answer_came", "complaint_received": "data_use", "complaint_upheld": "use_stopped",
    "complaint_rejected": "law_allows_it", "enquiry_received": "terms", "enquiry_answered": "in_thread",
    "rights_fee": "excessive",
}  # fmt: skip
OBJECTED = {"case_id": new_id(), "channel": Code("by_phone"), "received_at": MOVED_AT}
CHARGED = {"case_id": new_id(), "cost_id": new_id(), "bearer": Code("customer"), "reason": Code("reckless_use")}

REGISTRATION, PASSWORD, SUPPORT, LEGAL = "account_registration", "password_change", "support", "legal_notice"

TRIGGERS = [
    (UserConfirmationRequested(**OF_USER, ticket_id=TICKET), REGISTRATION, ["email_confirmation"]),
    (UserInvited(**OF_USER, ticket_id=TICKET), REGISTRATION, ["invitation"]),
    (SignUpRepeated(**OF_USER), REGISTRATION, ["sign_up_repeated"]),
    (UserAddressChanged(**OF_USER, ticket_id=TICKET, changed_at=MOVED_AT), REGISTRATION, ["address_changed"]),
    (AccuracyAsked(**OF_COMPANY, because=Code("address_missing")), REGISTRATION, ["accuracy_asked"]),
    (UserUpdated(**OF_USER, fields=[Code("phone")], correction=Code("found_wrong")), LEGAL, ["data_corrected"]),
    (AccountUpdated(**OF_COMPANY, fields=[Code("name")], correction=Code("found_wrong")), LEGAL,
     ["company_corrected"]),
    (UserPasswordChanged(**OF_USER), PASSWORD, ["password_changed"]),
    (UserLoginSuspected(**OF_USER, **SUSPECTED), PASSWORD, ["suspicious_attempt"]),
    (UserPasswordResetRequested(**OF_USER, ticket_id=TICKET), PASSWORD, ["password_reset"]),
    (UserReturnRequested(**OF_USER, way="by_link", ticket_id=TICKET), REGISTRATION, ["return_by_link"]),
    (UserReturnRequested(**OF_USER, way="by_company"), REGISTRATION, ["return_by_company"]),
    (UserReturnRequested(**OF_USER, way="by_staff"), REGISTRATION, ["return_by_staff"]),
    (ErasureScheduled(**OF_COMPANY, **INACTIVE, trigger="account_inactivated"), LEGAL,
     ["account_deactivated", "company_closed"]),
    (ErasureScheduled(**OF_USER, **INACTIVE, trigger="user_inactivated"), LEGAL, ["user_deactivated"]),
    (TerminationNoticed(**OF_COMPANY, **NOTICE), LEGAL, ["termination_noticed"]),
    (TerminationWithdrawn(**OF_COMPANY), LEGAL, ["termination_withdrawn"]),
    (AccountReactivated(**OF_COMPANY), LEGAL, ["account_reactivated", "company_reopened"]),
    (UserReactivated(**OF_USER), LEGAL, ["user_reactivated"]),
    (ErasureReminderDue(**OF_COMPANY, **CLOCK, days_left=30), LEGAL, ["account_reminder"]),
    (ErasureReminderDue(**OF_USER, **CLOCK, days_left=7), LEGAL, ["user_reminder"]),
    (HoldPlaced(**OF_COMPANY, **HOLD), LEGAL, ["erasure_postponed"]),
    (RestrictionLiftAnnounced(**OF_USER, **LIFT), LEGAL, ["restriction_will_be_lifted"]),
    (BreachNoticesOrdered(**ORDERED, letter=Code("breach_notice"), user_ids=[]), LEGAL, ["breach_notice"]),
    (BreachNoticesOrdered(**ORDERED, letter=Code("breach_person"), user_ids=[MEMBER]), LEGAL, ["breach_person"]),
    (BreachNoticesOrdered(**ORDERED, letter=Code("security_notice"), user_ids=[MEMBER]), LEGAL,
     ["security_notice"]),
    (SupportMailDeclined(**OF_USER, thread_id=new_id(), reason=Code("empty")), SUPPORT, ["support_mail_declined"]),
    (SupportAnswered(**OF_USER, thread_id=new_id()), SUPPORT, ["support_answered"]),
    (NonconformityReported(**OF_USER, report_id=new_id(), about=Code("outage")), LEGAL, ["nonconformity_received"]),
    (NonconformityAnswered(**OF_USER, **ANSWERED), LEGAL, ["nonconformity_answered"]),
    (NonconformityReported(**OF_USER, report_id=new_id(), about=Code("disagreement")), LEGAL, ["dispute_received"]),
    (NonconformityAnswered(**OF_USER, **ANSWERED | {"outcome": Code("settled"), "reason": Code("agreed")}), LEGAL,
     ["dispute_ended"]),
    (MarketingObjected(**OF_USER, **OBJECTED), LEGAL, ["objection_confirmed"]),
    (CaseChargeDecided(**OF_COMPANY, **CHARGED), LEGAL, ["charge_decided"]),
    *(
        (RightsLetterOrdered(**OF_USER, **ASKED, letter=Code(letter), reason=Code(reason)), LEGAL, [letter])
        for letter, reason in RIGHTS_LETTERS.items()
    ),
    (ErasureAnnounced(**OF_COMPANY, **ANNOUNCED), LEGAL, ["account_erased"]),
    (ErasureAnnounced(**OF_USER, **ANNOUNCED), LEGAL, ["user_erased"]),
]  # fmt: skip
"""The event, the purpose that Mailgun is told, and the letters."""


@pytest.mark.clause("PARTY-5")
@pytest.mark.parametrize(("event", "purpose", "letters"), TRIGGERS, ids=lambda value: getattr(value, "type", ""))
def test_each_event_becomes_its_letters_and_each_goes_by_the_name_of_what_it_is(
    house, event, purpose, letters
) -> None:
    roles = {OWNER: "owner", MEMBER: "user"}
    house.account.people[COMPANY] = [{"user_id": str(user), "role": role} for user, role in roles.items()]
    house.account.erasures[COMPANY] = [
        {"user_id": None, "state": "scheduled", "due_on": DUE.isoformat(), "suspended": False}
    ]
    house.hear(event)
    house.deliver()
    assert {sent["tags"][0]: sent["tags"][1] for sent in house.sent()} == dict.fromkeys(letters, purpose)
    assert {row["state"] for row in house.letters()} == {"sent"}


def test_who_changed_their_data_themselves_is_not_written_to(house) -> None:
    house.hear(UserUpdated(**OF_USER, fields=[Code("phone")]))
    house.hear(AccountUpdated(**OF_COMPANY, fields=[Code("name")]))
    assert house.letters() == []


@pytest.mark.clause("HOLD-1")
@pytest.mark.parametrize(("postpones", "letters"), [(False, 0), (None, 1), (True, 1)])
def test_a_hold_that_postpones_nothing_asks_for_no_letter(house, postpones, letters) -> None:
    house.account.people[COMPANY] = [{"user_id": str(OWNER), "role": "owner"}]
    house.hear(HoldPlaced(**OF_COMPANY, **HOLD | {"postpones": postpones}))
    house.deliver()
    assert len(house.letters()) == letters


@pytest.mark.clause("RIGHTS-7")
def test_what_is_passed_on_goes_to_who_answers_for_the_company_and_to_nobody_else(house) -> None:
    roles = {OWNER: "owner", MEMBER: "user"}
    house.account.people[COMPANY] = [{"user_id": str(user), "role": role} for user, role in roles.items()]
    asked = {"account_id": COMPANY, "user_id": MEMBER} | ASKED
    house.hear(RightsLetterOrdered(**asked, letter=Code("request_forwarded"), reason=Code("access")))
    house.hear(
        RightsLetterOrdered(**asked, letter=Code("request_passed_on"), reason=Code("customer_is_controller"))
    )
    house.deliver()
    letters = {(row["letter"], row["user_id"]) for row in house.letters()}
    assert letters == {("request_forwarded", OWNER), ("request_passed_on", MEMBER)}


def test_no_letter_is_without_an_event_that_asks_for_it() -> None:
    of_campaigns = {code for code, kind in LETTERS.items() if kind.of_campaign}
    assert {code for _, _, letters in TRIGGERS for code in letters} == set(LETTERS) - of_campaigns
