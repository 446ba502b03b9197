"""Holds and restrictions as the rules see them, and the requests and replies about them.

No field takes free text: persons of staff are codes, a case is a number in a register that lies elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from marshmallow import fields, validate

from services.retention.kinds import Reply, Request, staff
from shared.held import CATEGORIES, Held

USERS_LIMIT: Final = 32
"""As many persons as one line of the ledger takes; more than that is a hold on the whole account."""

LIST_LIMIT: Final = 500

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "dispute": "gdpr_17_3_e",
        "legal_claim": "gdpr_17_3_e",
        "authority_order": "gdpr_17_3_b",
        "statutory_duty": "gdpr_17_3_b",
    }
)
"""Why something may be held, each with its legal basis."""

RELEASE_REASONS: Final = ("settled", "time_barred", "order_withdrawn", "no_longer_needed", "placed_in_error")
"""Why a hold ends."""

GROUNDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "a": "the person contests that the data are accurate",
        "b": "the processing is unlawful and the person does not want erasure",
        "c": "the person needs the data for a legal claim",
        "d": "the person has objected and waits for the decision",
    }
)
"""The four grounds of GDPR article 18(1)."""

RESTRICTION_BASIS: Final = "gdpr_18"

CHANNELS: Final = ("phone", "post", "in_person")
"""How a person was told where no letter reaches; a letter by e-mail tells by itself."""

CASE: Final = r"(sak|tvist|krav|palegg)-20[0-9]{2}-[0-9]{1,5}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A hold from its placing to its release. Dates are Oslo dates.

    `as_of` is the instant of the last decision about it.  `overdue_told_on` is when its overdue review was told
    last, for the `overdue_told`th time.
    """

    id: UUID
    account_id: UUID
    user_ids: tuple[UUID, ...]
    categories: tuple[str, ...]
    reason: str
    case_ref: str
    owner: str
    requested_by: str
    approved_by: str
    starts_on: date
    review_on: date
    placed_at: datetime
    as_of: datetime
    overdue_told_on: date | None = None
    overdue_told: int = 0
    released_at: datetime | None = None
    released_by: str | None = None
    release_reason: str | None = None

    @property
    def held(self) -> Held:
        """What it covers."""
        return Held.over(self.user_ids, self.categories)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """A restriction of article 18, of one person or of a whole account, from setting to lifting.

    `announcement_id` is the event that asked for the letter about the lifting; `told_at` is when the person was
    told, and `told_by` how.
    """

    id: UUID
    account_id: UUID
    user_id: UUID | None
    ground: str
    requested_on: date
    set_by: str
    set_at: datetime
    announced_at: datetime | None = None
    announcement_id: UUID | None = None
    told_at: datetime | None = None
    told_by: str | None = None
    lifted_at: datetime | None = None
    lifted_by: str | None = None

    @property
    def held(self) -> Held:
        """What it covers."""
        return Held.over([self.user_id] if self.user_id else [], ())


# ── requests and replies ──────────────────────────────────────────────────────────────────────────────────


def _code(*words: str) -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(words))


class PlaceHold(Request):
    """`place_hold`: everything must be said; the caller may choose `hold_id`, so that asking twice places one.

    Without `user_ids` the hold covers the whole account, without `categories` everything.  `approved_by` is who
    decides, and another than who asks.
    """

    hold_id = fields.UUID(load_default=None, allow_none=True)
    account_id = fields.UUID(required=True)
    user_ids = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=USERS_LIMIT))
    categories = fields.List(
        fields.String(validate=validate.OneOf(list(CATEGORIES))),
        load_default=list,
        validate=validate.Length(max=len(CATEGORIES)),
    )
    reason = _code(*REASONS)
    case_ref = fields.String(
        required=True, validate=validate.Regexp(rf"{CASE}\Z", error="sak-, tvist-, krav- or palegg-, year, number")
    )
    owner = staff()
    requested_by = staff()
    approved_by = staff()
    starts_on = fields.Date(required=True)
    review_on = fields.Date(required=True)


class RenewHold(Request):
    """`renew_hold`: a person has reviewed it and says why it is still needed, and until when."""

    hold_id = fields.UUID(required=True)
    reason = _code(*REASONS)
    requested_by = staff()
    approved_by = staff()
    review_on = fields.Date(required=True)


class ReleaseHold(Request):
    """`release_hold`: what it kept is erased at once where its date has passed."""

    hold_id = fields.UUID(required=True)
    reason = _code(*RELEASE_REASONS)
    actor = staff()


class ListHolds(Request):
    """`holds`: those of an account or of all, oldest review first."""

    account_id = fields.UUID(load_default=None, allow_none=True)
    state = fields.String(load_default="active", validate=validate.OneOf(("active", "overdue", "released")))
    limit = fields.Integer(load_default=100, strict=True, validate=validate.Range(min=1, max=LIST_LIMIT))


class OfHold(Request):
    """`hold`: one of them."""

    hold_id = fields.UUID(required=True)


class HoldShown(Reply):
    """A hold. `state` is `active`, `overdue` (its review date has passed without a decision) or `released`.

    `not_covered` names persons whose erasure had begun before it was placed, and `age_days` how long it has stood.
    """

    hold_id = fields.UUID(required=True)
    state = fields.String(required=True)
    account_id = fields.UUID(required=True)
    user_ids = fields.List(fields.UUID(), required=True)
    categories = fields.List(fields.String(), required=True)
    reason = fields.String(required=True)
    case_ref = fields.String(required=True)
    owner = fields.String(required=True)
    requested_by = fields.String(required=True)
    approved_by = fields.String(required=True)
    starts_on = fields.Date(required=True)
    review_on = fields.Date(required=True)
    age_days = fields.Integer(required=True)
    placed_at = fields.AwareDateTime(required=True, format="iso")
    overdue_told = fields.Integer(required=True)
    released_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    released_by = fields.String(required=True, allow_none=True)
    release_reason = fields.String(required=True, allow_none=True)
    not_covered = fields.List(fields.UUID(), dump_default=list)


class HoldsShown(Reply):
    """`holds`."""

    holds = fields.List(fields.Nested(HoldShown), required=True)


class SetRestriction(Request):
    """`set_restriction`: a person's right under article 18(1); `ground` is its letter, a to d.

    Without `user_id` the whole account, for a company that is a person.  The caller may choose `restriction_id`.
    """

    restriction_id = fields.UUID(load_default=None, allow_none=True)
    account_id = fields.UUID(required=True)
    user_id = fields.UUID(load_default=None, allow_none=True)
    ground = _code(*GROUNDS)
    requested_on = fields.Date(required=True)
    actor = staff()


class AnnounceLift(Request):
    """`announce_lift`: have the person told by letter, or say by which other `channel` that was done (18(3))."""

    restriction_id = fields.UUID(required=True)
    channel = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(CHANNELS))
    actor = staff()


class LiftRestriction(Request):
    """`lift_restriction`: refused before the person was told, and for some days after."""

    restriction_id = fields.UUID(required=True)
    actor = staff()


class ListRestrictions(Request):
    """`restrictions`: those of an account or of all, oldest first."""

    account_id = fields.UUID(load_default=None, allow_none=True)
    state = fields.String(load_default="set", validate=validate.OneOf(("set", "lifted")))
    limit = fields.Integer(load_default=100, strict=True, validate=validate.Range(min=1, max=LIST_LIMIT))


class RestrictionShown(Reply):
    """A restriction. `state` is `set`, `announced`, `told` or `lifted`; `lift_from` the first day to lift it."""

    restriction_id = fields.UUID(required=True)
    state = fields.String(required=True)
    account_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True, allow_none=True)
    ground = fields.String(required=True)
    requested_on = fields.Date(required=True)
    set_by = fields.String(required=True)
    set_at = fields.AwareDateTime(required=True, format="iso")
    announced_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    told_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    told_by = fields.String(required=True, allow_none=True)
    lift_from = fields.Date(required=True, allow_none=True)
    lifted_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    lifted_by = fields.String(required=True, allow_none=True)


class RestrictionsShown(Reply):
    """`restrictions`."""

    restrictions = fields.List(fields.Nested(RestrictionShown), required=True)
