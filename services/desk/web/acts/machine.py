"""What staff decide about what was done on the machine itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.desk.client import Answer, Together
from services.desk.web.act_forms import FILLED_IN, ActForm, Looked, Values
from services.desk.web.visit import Visit
from services.staff.machine_doors.calls import CountersignDoor, ListMachineDoors

DOORS_MOST: Final = 200
"""Those that wait come first; so many wait only where nobody has looked for months."""


def _doors(_visit: Visit, _values: Values, together: Together) -> Mapping[str, Answer[Any]]:
    return {"doors": together.ask(ListMachineDoors(limit=DOORS_MOST))}


def _what_was_done(visit: Visit, looked: Looked) -> Sequence[str]:
    use_id = looked[FILLED_IN]["use_id"]
    used = next((each for each in looked["doors"].uses if str(each.use_id) == use_id), None)
    if used is None:
        return [visit.say("Det står ikke blant det som ble gjort.", "It is not among what was done.")]
    said = ("Dere står inne for: {door}, {instant}.", "You two stand for this: {door}, {instant}.")
    return [visit.say(*said, door=visit.code("machine_door", used.door), instant=visit.instant(used.used_at))]


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
    looks=_doors,
    foresee=_what_was_done,
    tells_approver=True,
    labels={"use_id": ("Inngrep", "Act on the machine")},
)
FORMS: Final = (COUNTERSIGN,)
