"""Every kind of letter there is. This table is the source: whatever else is said of a letter is read from here."""

from __future__ import annotations

from typing import Final

from services.notification.letters.values import Lane, LetterClass, LetterKind, Purpose, Readers

_REGISTRATION: Final = Purpose.ACCOUNT_REGISTRATION
_PASSWORD: Final = Purpose.PASSWORD_CHANGE
_NOTICE: Final = Purpose.LEGAL_NOTICE
_SERVICE, _LEGAL = LetterClass.SERVICE, LetterClass.LEGAL

KINDS: Final = (
    LetterKind(
        code="email_confirmation", letter_class=_SERVICE, purpose=_REGISTRATION, lane=Lane.SECURITY,
        max_age_hours=24, asked_for=True, link="confirm", with_token=True, renewable=True, to_unconfirmed=True,
    ),
    LetterKind(
        code="invitation", letter_class=_SERVICE, purpose=_REGISTRATION, lane=Lane.OTHER,
        max_age_hours=72, link="password", with_token=True, renewable=True, to_unconfirmed=True,
    ),
    LetterKind(
        code="sign_up_repeated", letter_class=_SERVICE, purpose=_REGISTRATION, lane=Lane.SECURITY,
        max_age_hours=24, link="password", asked_for=True, to_unconfirmed=True,
    ),
    LetterKind(
        code="return_by_link", letter_class=_SERVICE, purpose=_REGISTRATION, lane=Lane.SECURITY,
        max_age_hours=24, asked_for=True, link="reactivate", with_token=True, renewable=True, tells_erasure=True,
    ),
    LetterKind(
        code="return_by_company", letter_class=_SERVICE, purpose=_REGISTRATION, lane=Lane.SECURITY,
        max_age_hours=24, asked_for=True, tells_erasure=True,
    ),
    LetterKind(
        code="return_by_staff", letter_class=_SERVICE, purpose=_REGISTRATION, lane=Lane.SECURITY,
        max_age_hours=24, asked_for=True, to_unconfirmed=True, tells_erasure=True,
    ),
    LetterKind(
        code="password_changed", letter_class=_SERVICE, purpose=_PASSWORD, lane=Lane.SECURITY,
        max_age_hours=72, link="password",
    ),
    LetterKind(
        code="address_changed", letter_class=_SERVICE, purpose=_REGISTRATION, lane=Lane.SECURITY,
        max_age_hours=24,
    ),
    LetterKind(
        code="password_reset", letter_class=_SERVICE, purpose=_PASSWORD, lane=Lane.SECURITY,
        max_age_hours=1, asked_for=True, link="password", with_token=True, renewable=True, to_unconfirmed=True,
    ),
    LetterKind(
        code="account_deactivated", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.LEGAL_DEADLINE,
        max_age_hours=168,
    ),
    LetterKind(
        code="company_closed", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.LEGAL_DEADLINE,
        max_age_hours=168, readers=Readers.MEMBERS,
    ),
    LetterKind(
        code="user_deactivated", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.LEGAL_DEADLINE,
        max_age_hours=168,
    ),
    LetterKind(
        code="termination_noticed", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.LEGAL_DEADLINE,
        max_age_hours=168,
    ),
    LetterKind(
        code="termination_withdrawn", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.OTHER,
        max_age_hours=72,
    ),
    LetterKind(
        code="account_reminder", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.LEGAL_DEADLINE,
        max_age_hours=120,
    ),
    LetterKind(
        code="user_reminder", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.LEGAL_DEADLINE,
        max_age_hours=120,
    ),
    LetterKind(
        code="erasure_postponed", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.LEGAL_DEADLINE,
        max_age_hours=168, tells_erasure=True, breaks_a_date=True, readers=Readers.EVERYBODY,
    ),
    LetterKind(
        code="restriction_will_be_lifted", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.LEGAL_DEADLINE,
        max_age_hours=168,
    ),
    LetterKind(
        code="account_erased", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.LEGAL_DEADLINE,
        max_age_hours=24, link="certificates", farewell=True,
    ),
    LetterKind(
        code="user_erased", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.LEGAL_DEADLINE,
        max_age_hours=24, link="certificates", farewell=True,
    ),
    LetterKind(
        code="account_reactivated", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.OTHER,
        max_age_hours=72,
    ),
    LetterKind(
        code="company_reopened", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.OTHER,
        max_age_hours=72, link="password", readers=Readers.MEMBERS,
    ),
    LetterKind(
        code="user_reactivated", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.OTHER,
        max_age_hours=72, link="password",
    ),
)  # fmt: skip
LETTERS: Final = {kind.code: kind for kind in KINDS}
"""Every letter there is. Its class is fixed here, so nobody can choose another one while sending."""
