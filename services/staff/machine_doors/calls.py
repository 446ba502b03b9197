"""What staff answers about the doors of the machine itself."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Range

from shared.calls import Call
from shared.errors import Conflict, Forbidden, NotFound
from shared.records import Record
from shared.staff import WATCHERS, Act, Role

SIGNERS: Final = (Role.OPERATOR, Role.INCIDENT_LEAD, Role.PRIVACY_LEAD, Role.MANAGEMENT)


class DoorUseShown(Record):
    """That a door of the machine was used. `approval_id` is the approval by which two persons countersigned it."""

    use_id: UUID
    door: str
    used_at: datetime
    due_at: datetime
    countersigned_at: datetime | None
    approval_id: UUID | None


class DoorUsesShown(Record):
    """Those that wait first, the oldest of them first; then the others, the newest first.

    `complete` is false where there are more: the trail has each of them.
    """

    uses: tuple[DoorUseShown, ...]
    complete: bool


class ListMachineDoors(
    Call[DoorUsesShown], service="staff", staff=Act(roles=(*WATCHERS, Role.PRIVACY_LEAD, Role.MANAGEMENT))
):
    """What was done on the machine past the gate of staff, and who of staff has not seen it yet."""

    limit: Annotated[int, Range(min=1, max=200)] = 50


class CountersignDoor(
    Call[DoorUseShown],
    service="staff",
    command=True,
    refusals=(NotFound, Conflict, Forbidden),
    staff=Act(roles=SIGNERS, two_persons=True),
):
    """Two persons have seen that a door was used, and stand for it. `Conflict` where two others have already."""

    use_id: UUID
