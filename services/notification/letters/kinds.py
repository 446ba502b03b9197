"""Every kind of letter there is. This table is the source: whatever else is said of a letter is read from here."""

from __future__ import annotations

from functools import partial
from typing import Final

from services.notification.letters.values import Audience, Lane, LetterClass, LetterKind, Purpose

_registration = partial(
    LetterKind, letter_class=LetterClass.SERVICE, purpose=Purpose.ACCOUNT_REGISTRATION, lane=Lane.SECURITY
)
_password = partial(
    LetterKind, letter_class=LetterClass.SERVICE, purpose=Purpose.PASSWORD_CHANGE, lane=Lane.SECURITY
)
_legal_notice = partial(
    LetterKind, letter_class=LetterClass.LEGAL, purpose=Purpose.LEGAL_NOTICE, lane=Lane.LEGAL_DEADLINE
)
_support = partial(LetterKind, letter_class=LetterClass.SERVICE, purpose=Purpose.SUPPORT, lane=Lane.OTHER)

_campaign = partial(LetterKind, purpose=Purpose.MARKETING, lane=Lane.CAMPAIGN, max_age_hours=72, of_campaign=True)

PREFERENCES_PAGE: Final = "email-choices"
"""The page of what a user wants to get; its token says who, and is made here and not by account."""
RIGHTS: Final = (
    "access", "portability", "rectification", "erasure", "restriction", "objection", "automated_decision",
)  # fmt: skip

KINDS: Final = (
    # ── signing up, passwords, addresses
    _registration(
        code="email_confirmation", max_age_hours=24, asked_for=True, to_unconfirmed=True,
        link="confirm", with_token=True, renewable=True,
    ),
    _registration(
        code="invitation", max_age_hours=72, lane=Lane.OTHER, to_unconfirmed=True,
        link="password", with_token=True, renewable=True,
    ),
    _registration(code="sign_up_repeated", max_age_hours=24, asked_for=True, to_unconfirmed=True, link="password"),
    _registration(code="address_changed", max_age_hours=24, when_inactive=True),
    _registration(
        code="accuracy_asked", max_age_hours=168, lane=Lane.FAN_OUT, causes=("address_missing", "time_passed")
    ),
    _password(code="password_changed", max_age_hours=72, link="password"),
    _password(
        code="suspicious_attempt", max_age_hours=72, link="password",
        causes=("guessing", "new_origin", "far_away", "taken_over"),
    ),
    _password(
        code="password_reset", max_age_hours=1, asked_for=True, to_unconfirmed=True,
        link="password", with_token=True, renewable=True,
    ),
    # ── the way back, for who cannot log in
    _registration(
        code="return_by_link", max_age_hours=24, asked_for=True, when_inactive=True, tells_erasure=True,
        link="reactivate", with_token=True, renewable=True,
    ),
    _registration(
        code="return_by_company", max_age_hours=24, asked_for=True, when_inactive=True, tells_erasure=True
    ),
    _registration(
        code="return_by_staff", max_age_hours=24, asked_for=True, when_inactive=True, tells_erasure=True,
        to_unconfirmed=True,
    ),
    # ── the end of the agreement, and coming back
    _legal_notice(
        code="account_deactivated", max_age_hours=168, when_inactive=True, tells_held=True,
        causes=("account_inactivated", "contract_terminated"),
    ),
    _legal_notice(
        code="company_closed", max_age_hours=168, when_inactive=True, tells_held=True, audience=Audience.MEMBERS
    ),
    _legal_notice(code="user_deactivated", max_age_hours=168, when_inactive=True, tells_held=True),
    _legal_notice(code="termination_noticed", max_age_hours=168, when_inactive=True),
    _legal_notice(code="termination_withdrawn", max_age_hours=72, lane=Lane.OTHER),
    _legal_notice(code="account_reactivated", max_age_hours=72, lane=Lane.OTHER),
    _legal_notice(
        code="company_reopened", max_age_hours=72, lane=Lane.OTHER, link="password", audience=Audience.MEMBERS
    ),
    _legal_notice(code="user_reactivated", max_age_hours=72, lane=Lane.OTHER, link="password"),
    # ── erasure, holds and restrictions
    _legal_notice(code="account_reminder", max_age_hours=120, when_inactive=True, tells_held=True),
    _legal_notice(code="user_reminder", max_age_hours=120, when_inactive=True, tells_held=True),
    _legal_notice(
        code="erasure_postponed", max_age_hours=168, when_inactive=True, audience=Audience.EVERYBODY,
        tells_erasure=True, breaks_a_date=True,
        causes=("dispute", "legal_claim", "authority_order", "statutory_duty"),
    ),
    _legal_notice(
        code="restriction_will_be_lifted", max_age_hours=168, when_inactive=True, without_company=True,
        causes=("a", "b", "c", "d", None),
    ),
    # ── breaches of personal data
    _legal_notice(
        code="breach_notice", max_age_hours=720, lane=Lane.FAN_OUT, when_inactive=True, tells_breach=True
    ),
    _legal_notice(
        code="breach_person", max_age_hours=720, lane=Lane.FAN_OUT, when_inactive=True, tells_breach=True,
        to_each=True,
    ),
    # ── changed security measures, to those whom an agreement names: no law has it, so to nobody inactive
    _legal_notice(
        code="security_notice", max_age_hours=720, lane=Lane.FAN_OUT, tells_breach=True, to_each=True
    ),
    # ── what somebody asks support
    _support(code="support_answered", max_age_hours=168, link="support", takes_replies=True),
    _support(
        code="support_mail_declined", max_age_hours=72, link="support",
        causes=(
            "attachments", "sender_not_proved", "other_sender", "too_long", "empty", "identity_number", "too_often",
            "thread_full",
        ),
    ),
    # ── what a customer reports
    _legal_notice(code="nonconformity_received", max_age_hours=168, lane=Lane.OTHER, when_inactive=True),
    _legal_notice(
        code="nonconformity_answered", max_age_hours=168, when_inactive=True,
        causes=(
            "fault_mended", "data_put_right", "access_withdrawn", "routine_changed", "as_agreed", "not_found",
            "not_ours", "personal_data_concerned", "needs_investigation",
        ),
    ),
    _legal_notice(code="dispute_received", max_age_hours=168, lane=Lane.OTHER, when_inactive=True),
    _legal_notice(
        code="dispute_ended", max_age_hours=168, when_inactive=True,
        causes=(
            "agreed", "misunderstanding", "we_gave_in", "decided_elsewhere", "customer_withdrew", "we_withdrew",
        ),
    ),
    _legal_notice(
        code="charge_decided", max_age_hours=168, when_inactive=True,
        causes=(
            "reckless_use", "reckless_storage_of_sensitive_data", "own_fault", "cause_not_proved", "not_charged",
        ),
    ),
    # ── what a person asks for about data of theirs
    _legal_notice(
        code="rights_received", max_age_hours=168, lane=Lane.OTHER, when_inactive=True, causes=RIGHTS
    ),
    _legal_notice(
        code="rights_identity", max_age_hours=168, when_inactive=True, causes=("sender_not_known", "asked_by_agent")
    ),
    _legal_notice(
        code="rights_extended", max_age_hours=168, when_inactive=True, causes=("complex_request", "many_requests")
    ),
    _legal_notice(
        code="rights_answered", max_age_hours=168, when_inactive=True, causes=("done", "nothing_held")
    ),
    _legal_notice(
        code="rights_answered_in_part", max_age_hours=168, when_inactive=True,
        causes=("kept_by_law", "legal_claims", "rights_of_others", "internal_preparation"),
    ),
    _legal_notice(
        code="rights_refused", max_age_hours=168, when_inactive=True,
        causes=(
            "no_ground_for_it", "compelling_grounds", "kept_by_law", "legal_claims", "rights_of_others",
            "internal_preparation", "manifestly_unfounded", "excessive", "no_proof_came", "not_the_person",
            "cannot_be_tied", "fee_not_paid",
        ),
    ),
    _legal_notice(
        code="rights_fee", max_age_hours=168, when_inactive=True,
        causes=("manifestly_unfounded", "excessive", "further_copies"),
    ),
    # ── what a person asks, or complains of
    _legal_notice(
        code="enquiry_received", max_age_hours=168, lane=Lane.OTHER, when_inactive=True, takes_replies=True
    ),
    _legal_notice(
        code="enquiry_answered", max_age_hours=168, when_inactive=True, takes_replies=True,
        causes=("in_thread", "by_email", "by_post")
    ),
    _legal_notice(
        code="complaint_received", max_age_hours=168, lane=Lane.OTHER, when_inactive=True, takes_replies=True
    ),
    _legal_notice(
        code="complaint_upheld", max_age_hours=168, when_inactive=True, takes_replies=True,
        causes=("data_put_right", "use_stopped", "request_met", "routine_changed", "authority_decided_so"),
    ),
    _legal_notice(
        code="complaint_rejected", max_age_hours=168, when_inactive=True, takes_replies=True,
        causes=("as_promised", "law_allows_it", "not_found", "not_ours", "authority_decided_so"),
    ),
    _legal_notice(
        code="data_corrected", max_age_hours=168, lane=Lane.OTHER, when_inactive=True,
        causes=("asked_by_person", "asked_by_company", "found_wrong"),
    ),
    _legal_notice(
        code="company_corrected", max_age_hours=168, lane=Lane.OTHER, causes=("asked_by_company", "found_wrong")
    ),
    # ── what a person asks of a customer: passed on
    _legal_notice(code="request_forwarded", max_age_hours=168, when_inactive=True, causes=RIGHTS),
    _legal_notice(code="request_passed_on", max_age_hours=168, when_inactive=True),
    _legal_notice(code="request_reminded", max_age_hours=168, when_inactive=True, causes=RIGHTS),
    _legal_notice(code="request_unanswered", max_age_hours=168, when_inactive=True),
    # ── what a person declines
    _legal_notice(
        code="objection_confirmed", max_age_hours=168, lane=Lane.OTHER, when_inactive=True,
        link=PREFERENCES_PAGE, with_token=True,
    ),
    # ── what one may decline: the words are those of a campaign
    _campaign(
        code="campaign_marketing", letter_class=LetterClass.MARKETING, link=PREFERENCES_PAGE, with_token=True
    ),
    _campaign(code="campaign_news", letter_class=LetterClass.PRODUCT_NEWS, link=PREFERENCES_PAGE, with_token=True),
    # ── last letters
    _legal_notice(
        code="account_erased", max_age_hours=24, when_inactive=True, without_company=True,
        link="certificates", farewell=True,
        causes=("account_inactivated", "contract_terminated", "early_request"),
    ),
    _legal_notice(
        code="user_erased", max_age_hours=24, when_inactive=True, without_company=True,
        link="certificates", farewell=True, causes=("user_inactivated", "early_request"),
    ),
)  # fmt: skip
LETTERS: Final = {kind.code: kind for kind in KINDS}
"""Every letter there is. Its class is fixed here, so nobody can choose another one while sending."""
