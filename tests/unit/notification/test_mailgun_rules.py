"""What Mailgun's events mean."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.notification.mailgun.rules import failure_reason, is_wrongly_suppressed, signal_of, suppression_from
from services.notification.mailgun.values import Signal, VendorEvent
from services.notification.suppressions.values import SuppressionKind

pytestmark = pytest.mark.unit

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


def event(name, **changes) -> VendorEvent:
    return VendorEvent(name=name, at=NOW, **changes)


@pytest.mark.parametrize(
    ("vendor", "signal"),
    [
        (event("accepted"), Signal.ACCEPTED),
        (event("delivered"), Signal.DELIVERED),
        (event("failed", severity="temporary"), Signal.DEFERRED),
        (event("failed", severity="permanent"), Signal.BOUNCED),
        (event("failed"), Signal.DEFERRED),
        (event("rejected"), Signal.REJECTED),
        (event("complained"), Signal.COMPLAINED),
        (event("unsubscribed"), Signal.UNSUBSCRIBED),
        (event("opened"), None),
        (event("clicked"), None),
        (event("stored"), None),
        (event("bounced"), None),
        (event("something_new"), None),
    ],
)
def test_events_of_mailgun_have_one_meaning_or_none(vendor, signal) -> None:
    assert signal_of(vendor) is signal


@pytest.mark.parametrize(
    ("vendor", "reason"),
    [
        (event("rejected"), "rejected"),
        (event("failed", reason="suppress-bounce"), "suppressed_bounce"),
        (event("failed", reason="suppress-complaint"), "suppressed_complaint"),
        (event("failed", reason="suppress-unsubscribe"), "suppressed_at_mailgun"),
        (event("failed", reason="generic"), "bounced"),
        (event("failed"), "bounced"),
    ],
)
def test_a_failure_has_a_code(vendor, reason) -> None:
    assert failure_reason(vendor) == reason


@pytest.mark.clause("MAIL-4")
def test_a_necessary_letter_held_back_by_mailguns_own_list_is_noticed() -> None:
    assert is_wrongly_suppressed(event("failed", reason="suppress-unsubscribe"))
    assert not is_wrongly_suppressed(event("failed", reason="suppress-bounce"))


@pytest.mark.parametrize(
    ("vendor", "kind"),
    [
        (event("complained"), SuppressionKind.COMPLAINT),
        (event("failed", severity="permanent", reason="suppress-complaint"), SuppressionKind.COMPLAINT),
        (event("failed", severity="permanent", reason="bounce", code=550), SuppressionKind.BOUNCE),
        (event("failed", severity="permanent", reason="suppress-bounce"), SuppressionKind.BOUNCE),
        (event("failed", severity="permanent", reason="generic", enhanced_code="5.1.1"), SuppressionKind.BOUNCE),
        (event("failed", severity="permanent", reason="generic", enhanced_code="5.2.2"), None),
        (event("failed", severity="permanent", reason="generic"), None),
        (event("failed", severity="temporary", reason="bounce"), None),
        (event("delivered"), None),
    ],
)
def test_only_an_address_that_is_not_there_or_complained_is_suppressed(vendor, kind) -> None:
    assert suppression_from(vendor) is kind
