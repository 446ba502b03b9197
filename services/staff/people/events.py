"""What staff publishes about the vendor's people. They are named by their code, as in `staff:<code>`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class StaffEvent(Event):
    """Base of all events about somebody of the staff; the trail puts a reference in the code's place."""

    source: ClassVar[str | None] = "staff"

    staff_code: Code

    @property
    def subject(self) -> str:
        """The person."""
        return f"staff/{self.staff_code}"


@dataclass(frozen=True, kw_only=True)
class StaffInvited(StaffEvent):
    """Somebody was asked to become one of the staff. They may do nothing before they have enrolled."""

    type: ClassVar[str] = "staff.invited"


@dataclass(frozen=True, kw_only=True)
class StaffActivated(StaffEvent):
    """Somebody invited has enrolled two passkeys. What they may do is said by grants."""

    type: ClassVar[str] = "staff.activated"


@dataclass(frozen=True, kw_only=True)
class StaffLeft(StaffEvent):
    """Somebody left, or never took up the invitation: from now on they may do nothing, whatever backup comes back.

    `reason` is `left`, `dismissed` or `never_came`.
    """

    type: ClassVar[str] = "staff.left"
    replayed_by: ClassVar[tuple[str, ...]] = ("staff",)

    reason: Code


@dataclass(frozen=True, kw_only=True)
class EnrolmentLinkIssued(StaffEvent):
    """A link was made by which passkeys are enrolled; `purpose` is `invitation` or `recovery`."""

    type: ClassVar[str] = "staff.enrolment_link_issued"

    purpose: Code


@dataclass(frozen=True, kw_only=True)
class StaffVouchedFor(StaffEvent):
    """A third person says that it was this one who came by a link to enrol; from now on they are another person."""

    type: ClassVar[str] = "staff.vouched_for"
