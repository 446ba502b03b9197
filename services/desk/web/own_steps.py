"""What somebody of the staff still needs before they can work here, each with where it is got or who sees to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.desk.web.act_forms import Said
from services.desk.web.visit import Visit
from services.staff.grants.calls import GrantsShown
from services.staff.prerequisites.calls import PrerequisiteShown

COVERED: Final = frozenset(
    ("undertaking_missing", "undertaking_over", "training_missing", "training_over", "passkeys_missing")
)
"""Reasons of refusals of which the steps say more."""
SIGNED_AT: Final = "/me/undertaking"
KEY: Final[Said] = (
    "Du har én nøkkel, og trenger én til før du kan gjøre noe annet her.",
    "You have one key, and need one more before you can do anything else here.",
)
LACKING: Final[Mapping[str, Said]] = {
    "undertaking": (
        "Les og signer taushetserklæringen.",
        "Read and sign the undertaking of confidentiality.",
    ),
    "training": (
        "Opplæringen din er ikke registrert. Den som forvalter medarbeidere, registrerer den etter kurset.",
        "Your training is not recorded. An administrator of staff records it once you have completed the course.",
    ),
}
ENDING: Final[Mapping[str, Said]] = {
    "undertaking": (
        "Taushetserklæringen din går ut {at}. Signer den på nytt.",
        "Your undertaking of confidentiality ends {at}. Sign it again.",
    ),
    "training": (
        "Opplæringen din går ut {at}. Ta kurset på nytt, så registrerer den som forvalter medarbeidere det.",
        "Your training ends {at}. Take the course again, and an administrator of staff records it.",
    ),
}
NO_GRANT: Final[Said] = (
    "Du har ingen tildeling. Den som forvalter medarbeidere, ber om en for deg, og en annen godkjenner den.",
    "You have no grant. An administrator of staff asks for one for you, and another person approves it.",
)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What is to be done, and where, of what one does oneself."""

    says: str
    address: str | None = None


def steps(visit: Visit, counting: Mapping[str, PrerequisiteShown | None], grants: GrantsShown) -> list[Step]:
    """What whoever is here lacks or soon will; empty for who has it all."""
    found = []
    if visit.session is not None and not visit.session.is_complete:
        found.append(Step(says=visit.say(*KEY), address="/me/passkeys/new"))
    for kind, each in counting.items():
        address = SIGNED_AT if kind == "undertaking" else None
        if each is None:
            found.append(Step(says=visit.say(*LACKING[kind]), address=address))
        elif each.ends_soon:
            found.append(Step(says=visit.say(*ENDING[kind], at=visit.instant(each.expires_at)), address=address))
    if not any(each.live for each in grants.grants):
        found.append(Step(says=visit.say(*NO_GRANT)))
    return found
