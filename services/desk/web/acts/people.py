"""What administrators do about the people of the staff: training, what ends, and leaving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.desk.client import Answer, Together
from services.desk.web.act_forms import FILLED_IN, ActField, ActForm, Looked, Values
from services.desk.web.visit import Visit
from services.staff.grants.calls import Grants, RevokeGrant
from services.staff.passkeys.calls import RevokePasskeyOf
from services.staff.people.calls import RecordExit
from services.staff.prerequisites.calls import Prerequisites, RecordTraining, WithdrawPrerequisite
from services.staff.recovery.calls import VouchForPerson
from services.staff.sessions.calls import EndSessionsOf


def _grants(_visit: Visit, values: Values, together: Together) -> Mapping[str, Answer[Any]]:
    return {"grants": together.ask(Grants(code=values["code"]))}


def _which_grant(visit: Visit, looked: Looked) -> Sequence[str]:
    grant_id = looked[FILLED_IN]["grant_id"]
    said = (
        "{code} har ikke lenger rollen {role} for {purpose}.",
        "{code} has no longer the role {role} for {purpose}.",
    )
    return [
        visit.say(
            *said,
            code=each.code,
            role=visit.code("staff_role", each.role),
            purpose=visit.code("purpose", each.purpose),
        )
        for each in looked["grants"].grants
        if str(each.grant_id) == grant_id
    ]


def _prerequisites(_visit: Visit, values: Values, together: Together) -> Mapping[str, Answer[Any]]:
    return {"prerequisites": together.ask(Prerequisites(code=values["code"]))}


def _which_prerequisite(visit: Visit, looked: Looked) -> Sequence[str]:
    prerequisite_id = looked[FILLED_IN]["prerequisite_id"]
    said = ("{code}: {kind} fra {instant} teller ikke lenger.", "{code}: {kind} from {instant} counts no more.")
    return [
        visit.say(
            *said,
            code=looked[FILLED_IN]["code"],
            kind=visit.code("prerequisite", each.kind),
            instant=visit.instant(each.began_at),
        )
        for each in looked["prerequisites"].prerequisites
        if str(each.prerequisite_id) == prerequisite_id
    ]


OF_PERSON: Final[dict[str, Any]] = {
    "about": ("code",),
    "then": "/people/{code}",
    "labels": {"code": ("Medarbeider", "Person")},
}

RECORD_TRAINING: Final = ActForm(
    name="record-training",
    call=RecordTraining,
    title=("Registrer opplæring", "Record training"),
    says=(
        "Medarbeideren har tatt kurset. Det teller i to år. Ingen fører sin egen opplæring.",
        "The person has completed the course. It counts for two years. Nobody records their own training.",
    ),
    question=("Har medarbeideren tatt kurset?", "Has the person completed the course?"),
    button=("Registrer opplæringen", "Record it"),
    fields=(
        ActField(
            name="course",
            label=("Kurs", "Course"),
            hint=(
                "Koden til kurset: små bokstaver, tall og bindestrek, for eksempel personvern-2027.",
                "The course's code: small letters, digits and hyphens, such as privacy-2027.",
            ),
        ),
        ActField(
            name="completed_on",
            label=("Dato for kurset", "Completed on"),
            hint=("I dag eller tidligere, og ikke lenger siden enn den teller.",
                  "Today or earlier, and no longer ago than it counts."),
        ),
    ),
    conflict=(
        "Det går ikke: dagen er ikke kommet, eller så lenge siden at opplæringen ikke teller lenger.",
        "This cannot be done: the day has not come, or is so long ago that the training counts no more.",
    ),
    **OF_PERSON,
)  # fmt: skip
WITHDRAW_PREREQUISITE: Final = ActForm(
    name="withdraw-prerequisite",
    call=WithdrawPrerequisite,
    title=("Trekk tilbake en erklæring eller opplæring", "Say that an undertaking or training counts no more"),
    says=(
        "Alt som hviler på den, slutter å virke med en gang. Ny erklæring eller opplæring trengs.",
        "All that rests on it stops working at once. A new undertaking or training is needed.",
    ),
    question=("Skal den ikke telle lenger?", "Shall it count no more?"),
    button=("Trekk den tilbake", "Let it count no more"),
    about=("prerequisite_id",),
    fields=(ActField(name="reason", label=("Grunn", "Why"), words="prerequisite_ending"),),
    then="/people/{code}",
    beside=("code",),
    looks=_prerequisites,
    foresee=_which_prerequisite,
    is_destructive=True,
    conflict=("Den er allerede trukket tilbake eller gått ut.", "It counts no more already."),
    labels={"prerequisite_id": ("Erklæring eller opplæring", "Undertaking or training")},
)
REVOKE_GRANT: Final = ActForm(
    name="revoke-grant",
    call=RevokeGrant,
    title=("Ta tilbake en tildeling", "Take a grant back"),
    says=(
        "Rollen gir ingenting fra nå av, heller ikke på en side som står åpen. En ny må godkjennes av to.",
        "The role gives nothing from now on, on a page that is open neither. A new one takes two persons.",
    ),
    question=("Skal tildelingen tas tilbake?", "Shall the grant be taken back?"),
    button=("Ta den tilbake", "Take it back"),
    about=("grant_id",),
    fields=(),
    then="/people/{code}",
    beside=("code",),
    looks=_grants,
    foresee=_which_grant,
    is_destructive=True,
    labels={"grant_id": ("Tildeling", "Grant")},
)
REVOKE_PASSKEY: Final = ActForm(
    name="revoke-passkey",
    call=RevokePasskeyOf,
    title=("Trekk tilbake en nøkkel", "Revoke a passkey"),
    says=(
        "Nøkkelen kan ikke brukes lenger, og øktene den åpnet, slutter. Én nøkkel er for lite til å arbeide.",
        "The key proves nothing any more, and the sessions that it opened end. One key is too few to work with.",
    ),
    question=("Skal nøkkelen trekkes tilbake?", "Shall the key be revoked?"),
    button=("Trekk den tilbake", "Revoke it"),
    about=("code", "passkey_id"),
    fields=(ActField(name="reason", label=("Grunn", "Why"), words="revocation"),),
    then="/people/{code}",
    is_destructive=True,
    labels={**OF_PERSON["labels"], "passkey_id": ("Nøkkel", "Passkey")},
)
END_SESSIONS: Final = ActForm(
    name="end-sessions",
    call=EndSessionsOf,
    title=("Logg ut en medarbeider overalt", "Log a person out everywhere"),
    says=(
        "Alle øktene slutter, i nettlesere og på kommandolinjer. Nøklene virker fortsatt.",
        "All sessions end, in browsers and on command lines. The passkeys still work.",
    ),
    question=("Skal alle øktene avsluttes?", "Shall all sessions end?"),
    button=("Avslutt alle", "End all"),
    fields=(),
    **OF_PERSON,
)
RECORD_EXIT: Final = ActForm(
    name="record-exit",
    call=RecordExit,
    title=("Registrer at en medarbeider slutter", "Record that a person leaves"),
    says=(
        (
            "Nøkler, økter, tildelinger og tilgang til databaser slutter med en gang, og ingen gjenoppretting"
            " bringer dem tilbake. Noen andre må overta tilbakehold og saker som personen svarer for."
        ),
        (
            "Passkeys, sessions, grants and access to databases end at once, and no restore brings them back."
            " Somebody else has to take over holds and cases that the person answers for."
        ),
    ),
    question=("Slutter medarbeideren i dag?", "Does the person leave today?"),
    button=("Registrer at personen slutter", "Record that they leave"),
    fields=(ActField(name="reason", label=("Grunn", "Why"), words="exit"),),
    is_destructive=True,
    **OF_PERSON,
)
VOUCH_FOR_PERSON: Final = ActForm(
    name="vouch-for-person",
    call=VouchForPerson,
    title=("Bekreft hvem som kom", "Vouch for who came"),
    says=(
        (
            "Den som laget lenken, kunne ha brukt den selv. Når du bekrefter, godkjenner de to for hverandre igjen."
            " Det står i revisjonssporet at du har gjort det."
        ),
        (
            "Whoever made the link could have used it. Once you vouch, the two approve for each other again. The"
            " audit trail says that you have done so."
        ),
    ),
    question=(
        "Har du møtt personen, eller sett og hørt dem, og var det de som kom med lenken?",
        "Have you met the person, or seen and heard them, and was it they who came by the link?",
    ),
    button=("Bekreft at det var denne personen", "Vouch that it was this person"),
    fields=(),
    **OF_PERSON,
)
FORMS: Final = (
    VOUCH_FOR_PERSON,
    RECORD_TRAINING,
    WITHDRAW_PREREQUISITE,
    REVOKE_GRANT,
    REVOKE_PASSKEY,
    END_SESSIONS,
    RECORD_EXIT,
)
