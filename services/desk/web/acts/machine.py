"""What staff decide about what was done on the machine itself."""

from __future__ import annotations

from typing import Final

from services.desk.web.act_forms import ActForm
from services.staff.machine_doors.calls import CountersignDoor

COUNTERSIGN: Final = ActForm(
    name="countersign-door",
    call=CountersignDoor,
    title=("Kontrasigner et inngrep på maskinen", "Countersign what was done on the machine"),
    says=(
        "To personer har sett hva som ble gjort og hvorfor, og står inne for det.",
        "Two persons have seen what was done and why, and stand for it.",
    ),
    question=("Skal dette kontrasigneres?", "Shall this be countersigned?"),
    button=("Kontrasigner", "Countersign"),
    about=("use_id",),
    fields=(),
    then="/machine",
    conflict=("To andre har allerede kontrasignert det.", "Two others have countersigned it already."),
    labels={"use_id": ("Inngrep", "Act on the machine")},
)
FORMS: Final = (COUNTERSIGN,)
