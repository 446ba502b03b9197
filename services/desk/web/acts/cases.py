"""What staff do with cases: the same forms for every kind, with the steps and reasons that its declaration has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from services.cases.affected.calls import ComputeAffected
from services.cases.board.calls import CaseBoard, ShowCase, StepShown
from services.cases.correspondence.calls import COMPLAINT, TakeCorrespondence
from services.cases.costs.calls import BearCost, ChargeCustomer
from services.cases.decisions.calls import (
    AddAffected,
    AssignCase,
    CheckRestored,
    DecideByTwo,
    DecideCase,
    EnterInstant,
    TakeStep,
)
from services.cases.effects.calls import RetryEffect
from services.cases.filings.calls import LookUpMandates
from services.cases.intake.calls import ReportAlarm
from services.cases.notices.calls import DraftNotice, DraftSecurityNotice, OpenSecurityNotice
from services.cases.rights_requests.calls import ACCOUNT_DATA, NotePosted, TakeRightsRequest
from services.cases.severity.calls import AssessSeverity
from services.desk.client import Answer, Together
from services.desk.web import paging
from services.desk.web.act_forms import ActField, ActForm, Looked, Said, Values
from services.desk.web.visit import Visit
from services.notification.preferences.calls import TakeObjection
from shared.breach_words import OR_UNKNOWN, UNKNOWN
from shared.calendar import OSLO
from shared.web.visit import ident, short


def _case(_visit: Visit, values: Values, together: Together) -> Mapping[str, Answer[Any]]:
    return {"case": together.ask(ShowCase(case_id=ident(values["case_id"])))}


def _case_and_others(visit: Visit, values: Values, together: Together) -> Mapping[str, Answer[Any]]:
    return {**_case(visit, values, together), "board": together.ask(CaseBoard(after=paging.after(visit)))}


def _step(visit: Visit, looked: Looked) -> StepShown | None:
    """The step that the address names, where the case takes it now."""
    name = visit.request.values.get("step")
    return next((each for each in looked["case"].steps if each.step == name), None)


def _reasons(visit: Visit, looked: Looked) -> Sequence[tuple[str, str]]:
    step = _step(visit, looked)
    return visit.coded("case_reason", step.reasons) if step else []


def _others(visit: Visit, looked: Looked) -> Sequence[tuple[str, str]]:
    """The open cases that the step may join this one with."""
    step, own = _step(visit, looked), looked["case"].case_id
    joins = step.joins if step else None
    return [
        (str(each.case_id), f"{each.reference}: {visit.code('case_signal', each.signal)}")
        for each in looked["board"].cases
        if each.kind == joins and each.case_id != own
    ]


def _customers(visit: Visit, looked: Looked) -> Sequence[tuple[str, str]]:
    """The first of the customers that the case is about, and the one that the address names."""
    named = visit.request.values.get("account_id")
    account_ids = dict.fromkeys([*looked["case"].account_ids, *([ident(named)] if named else [])])
    return [(str(each), short(each)) for each in account_ids]


def _other_customers(visit: Visit, looked: Looked) -> Sequence[str]:
    """Where those stand that the form has no place for."""
    case = looked["case"]
    if case.customers <= len(case.account_ids):
        return []
    says = (
        'Her er de første. <a class="ds-link" href="{address}">Velg blant alle {n} kundene</a>.',
        'Here are the first. <a class="ds-link" href="{address}">Choose among all {n} customers</a>.',
    )
    return [visit.say(*says, address=f"/cases/{case.case_id}/customers", n=case.customers)]


def _what_happens(visit: Visit, looked: Looked) -> Sequence[str]:
    step, case = _step(visit, looked), looked["case"]
    if step is None:
        return [visit.say("Saken tar ikke dette steget nå.", "The case takes no such step now.")]
    said = ("{reference}: {step}. Etterpå: {state}.", "{reference}: {step}. After that: {state}.")
    facts = {"step": visit.code("case_step", step.step), "state": visit.code("case_state", step.leads)}
    told = [visit.say(*said, reference=case.reference, **facts)]
    if step.is_late:
        told.append(visit.say("Fristen er ute: si hvorfor.", "The time is over: say why."))
    if step.joins and "board" in looked:
        told += paging.links(visit, looked["board"].next_after)
    return told


def _now(visit: Visit) -> str:
    return visit.desk.clock.now().astimezone(OSLO).strftime("%Y-%m-%dT%H:%M")


def _account(_visit: Visit) -> str:
    return ACCOUNT_DATA


def _complaint(_visit: Visit) -> str:
    return COMPLAINT


def _joins(visit: Visit, looked: Looked) -> bool:
    step = _step(visit, looked)
    return step is not None and step.joins is not None


def _is_late(visit: Visit, looked: Looked) -> bool:
    step = _step(visit, looked)
    return step is not None and step.is_late


def _opened(reply: Mapping[str, Any]) -> str | None:
    """The case that was opened by it, where one goes on."""
    opened: Sequence[str] = reply.get("opened") or ()
    return f"/cases/{opened[0]}" if len(opened) == 1 else None


def _or_unknown(name: str, label: Said, words: str) -> ActField:
    """What a notice says, unless it names it as unknown."""
    nb, en = UNKNOWN[OR_UNKNOWN[name]]
    empty = (f"tomt bare når «{nb}» ikke er kjent ennå", f"empty only where “{en}” is not known yet")
    return ActField(name=name, label=label, words=words, empty_where=empty)


REASON: Final = ActField(name="reason", label=("Grunn", "Why"), words="case_reason", offers=_reasons)
LATE: Final = ActField(
    name="late_reason",
    label=("Hvorfor det kommer for sent", "Why it comes late"),
    words="late_reason",
    has_place=_is_late,
)
LATE_DECISION: Final = replace(LATE, needed=_is_late)
INSTANT_HINT: Final = ("Etter klokken i Oslo, og ikke fram i tid.", "By the clock in Oslo, and not in the future.")
WINDOW_HINT: Final = ("Etter klokken i Oslo.", "By the clock in Oslo.")
NOT_LOGINS: Final = ("bare for pålogginger", "only for logins")
CHANGED: Final = (
    "Det gikk ikke: saken er ikke lenger slik du så den, eller noe mangler. Se på den igjen.",
    "This could not be done: the case is no longer as you saw it, or something is lacking. Look at it again.",
)
LABELS: Final = {"case_id": ("Sak", "Case"), "step": ("Steg", "Step")}
WORDS: Final = {"step": "case_step", "effect": "case_effect"}
OF_CASE: Final[dict[str, Any]] = {
    "then": "/cases/{case_id}",
    "then_of": _opened,
    "conflict": CHANGED,
    "labels": LABELS,
    "words": WORDS,
}

EARLIER: Final = ActField(
    name="confirmed",
    label=("Vi visste det tidligere enn det som står", "We knew it earlier than what stands there"),
)
NOT_CONFIRMED: Final = (
    "En åpen sak av samme slag ble oppdaget senere. Kryss av for at dere visste det tidligere, om det stemmer.",
    "An open case of the same was noticed later. Say that it was known earlier, if that is right.",
)
CUSTOMERS: Final = ActField(
    name="account_ids",
    label=("Kunder", "Customers"),
    hint=(
        "Adressene til sidene deres, eller numrene, med mellomrom mellom.",
        "The addresses of their pages, or their ids, with spaces between them.",
    ),
)

NOT_DISPUTE: Final = (
    "tomt når ingen kunde er kjent; en uenighet har én",
    "empty where none is known; a disagreement has one",
)

REPORT_ALARM: Final = ActForm(
    name="report-alarm",
    call=ReportAlarm,
    title=("Meld en alarm", "Report an alarm"),
    says=(
        "Noe er ikke som det skal. Den som har vakt, får det med én gang.",
        "All is not well. Whoever is on duty gets it at once.",
    ),
    question=("Skal dette meldes?", "Shall this be reported?"),
    button=("Meld den", "Report it"),
    about=(),
    fields=(
        ActField(name="kind", label=("Hva er det", "What it is"), words="case_kind"),
        ActField(name="source", label=("Hvem oppdaget det", "Who noticed it"), words="case_source"),
        ActField(name="signal", label=("Hva gjelder det", "What it is about"), words="case_signal"),
        ActField(name="detected_at", label=("Oppdaget", "Noticed"), hint=INSTANT_HINT, begins=_now),
        replace(CUSTOMERS, empty_where=NOT_DISPUTE),
        EARLIER,
    ),
    key="external_id",
    **(OF_CASE | {"conflict": NOT_CONFIRMED}),
)
TAKE_RIGHTS_REQUEST: Final = ActForm(
    name="take-rights-request",
    call=TakeRightsRequest,
    title=("Før inn et krav fra en person", "Enter a request of a person"),
    says=(
        (
            "Noen ber om noe som gjelder opplysninger om dem selv, på telefon, i e-post eller i brev. Fristen "
            "løper fra da kravet nådde oss. Bare den som er bruker hos en kunde, får e-post; andre får svar i brev."
        ),
        (
            "Somebody asks for something about data on them, by telephone, e-mail or post. The time runs from when "
            "the request reached us. Only a user of a customer gets e-mails; others are answered by post."
        ),
    ),
    question=("Skal kravet føres inn?", "Shall the request be entered?"),
    button=("Før det inn", "Enter it"),
    about=(),
    fields=(
        ActField(name="right", label=("Hva personen ber om", "What the person asks for"), words="case_signal"),
        ActField(
            name="concerns",
            label=("Hva det gjelder", "What it is about"),
            words="request_concerns",
            begins=_account,
        ),
        ActField(name="received_at", label=("Mottatt", "Received"), hint=INSTANT_HINT, begins=_now),
        ActField(
            name="account_id",
            label=("Kunde", "Customer"),
            hint=("Kundens nummer, når personen er bruker der.", "The customer's id, where the person is a user."),
        ),
        ActField(
            name="user_id",
            label=("Bruker", "User"),
            hint=("Brukerens nummer. Tomt for andre.", "The user's id. Empty for anybody else."),
        ),
    ),
    key="external_id",
    **OF_CASE,
)
TAKE_CORRESPONDENCE: Final = ActForm(
    name="take-correspondence",
    call=TakeCorrespondence,
    title=("Før inn en klage eller et spørsmål", "Enter a complaint or an enquiry"),
    says=(
        (
            "Noen klager på hvordan vi behandler opplysninger, eller spør om rettigheter. Fristen løper "
            "fra da det nådde oss. Bare den som er bruker hos en kunde, får e-post; andre får svar i brev. Det som "
            "er skrevet, føres ikke inn."
        ),
        (
            "Somebody complains of how we handle data, or asks about rights. The time runs from when it "
            "reached us. Only a user of a customer gets e-mails; others are answered by post. What was written is "
            "not entered."
        ),
    ),
    question=("Skal dette føres inn?", "Shall this be entered?"),
    button=("Før det inn", "Enter it"),
    about=(),
    fields=(
        ActField(name="kind", label=("Hva det er", "What it is"), words="case_kind", begins=_complaint),
        ActField(name="about", label=("Hva det gjelder", "What it is about"), words="case_signal"),
        ActField(name="received_at", label=("Mottatt", "Received"), hint=INSTANT_HINT, begins=_now),
        ActField(
            name="account_id",
            label=("Kunde", "Customer"),
            hint=("Kundens nummer, når personen er bruker der.", "The customer's id, where the person is a user."),
        ),
        ActField(
            name="user_id",
            label=("Bruker", "User"),
            hint=("Brukerens nummer. Tomt for andre.", "The user's id. Empty for anybody else."),
        ),
    ),
    key="external_id",
    **OF_CASE,
)
TAKE_OBJECTION: Final = ActForm(
    name="take-objection",
    call=TakeObjection,
    title=("Før inn en protest mot markedsføring", "Enter an objection to marketing"),
    says=(
        (
            "En bruker hos en kunde vil ikke ha markedsføring. Protesten gjelder fra da den nådde oss, også for "
            "e-post som ligger i kø, og personen får en bekreftelse. Det trengs ingen grunn, og ingenting veies."
        ),
        (
            "A user of a customer wants no marketing. The objection counts from when it reached us, also for "
            "e-mail that waits to be sent, and the person gets a confirmation. No reason is needed, and nothing is "
            "weighed."
        ),
    ),
    question=("Skal protesten føres inn?", "Shall the objection be entered?"),
    button=("Før den inn", "Enter it"),
    about=(),
    fields=(
        ActField(name="channel", label=("Hvordan den kom", "How it came"), words="case_signal"),
        ActField(name="received_at", label=("Mottatt", "Received"), hint=INSTANT_HINT, begins=_now),
        ActField(name="account_id", label=("Kunde", "Customer"), hint=("Kundens nummer.", "The customer's id.")),
        ActField(name="user_id", label=("Bruker", "User"), hint=("Brukerens nummer.", "The user's id.")),
    ),
    key="objection_id",
    then="/cases",
    conflict=CHANGED,
    labels=LABELS,
    words=WORDS,
)
NOTE_POSTED: Final = ActForm(
    name="note-posted",
    call=NotePosted,
    title=("Brevet er sendt", "The letter was posted"),
    says=(
        "Ingen e-post når personen, og du har sendt eller gitt brevet selv. Det er avgjørelsens brev som gjelder.",
        "No e-mail reaches the person, and you have posted or handed over the letter of the decision yourself.",
    ),
    question=("Er brevet sendt?", "Was the letter posted?"),
    button=("Det er sendt", "It was posted"),
    about=("case_id", "version"),
    fields=(ActField(name="posted_at", label=("Når", "When"), hint=INSTANT_HINT, begins=_now),),
    **OF_CASE,
)
TAKE_STEP: Final = ActForm(
    name="take-step",
    call=TakeStep,
    title=("Gjør noe med en sak", "Do something with a case"),
    says=("Det du gjør, står i saken med grunn og navn.", "What you do stands in the case, with reason and name."),
    question=("Skal dette gjøres?", "Shall this be done?"),
    button=("Gjør det", "Do it"),
    about=("case_id", "version", "step"),
    fields=(
        REASON,
        ActField(
            name="other_id",
            label=("Den andre saken", "The other case"),
            offers=_others,
            needed=_joins,
            has_place=_joins,
        ),
        replace(EARLIER, has_place=_joins),
        LATE,
    ),
    looks=_case_and_others,
    foresee=_what_happens,
    **OF_CASE,
)
DECIDE_CASE: Final = ActForm(
    name="decide-case",
    call=DecideCase,
    title=("Avgjør en sak", "Decide a case"),
    says=(
        "En avgjørelse står for alltid. Den kan erstattes av en ny, men ikke endres.",
        "A decision stands for ever. A new one can supersede it, and nothing changes it.",
    ),
    question=("Skal dette avgjøres?", "Shall this be decided?"),
    button=("Avgjør", "Decide"),
    about=("case_id", "version", "step"),
    fields=(REASON, LATE_DECISION),
    is_destructive=True,
    looks=_case,
    foresee=_what_happens,
    **OF_CASE,
)
DECIDE_BY_TWO: Final = ActForm(
    name="decide-by-two",
    call=DecideByTwo,
    title=("Avgjør en sak sammen med en annen", "Decide a case with another person"),
    says=(
        "En annen person må godkjenne det. Endres saken før det, må dere be om det på nytt.",
        "Another person has to approve it. If the case changes before that, it is asked for anew.",
    ),
    question=("Skal dette avgjøres?", "Shall this be decided?"),
    button=("Be om godkjenning", "Ask for approval"),
    about=("case_id", "version", "step"),
    fields=(REASON, replace(LATE_DECISION, empty_means=("det kommer i tide", "it comes in time"))),
    is_destructive=True,
    looks=_case,
    foresee=_what_happens,
    **OF_CASE,
)
OPEN_SECURITY_NOTICE: Final = ActForm(
    name="open-security-notice",
    call=OpenSecurityNotice,
    title=("Varsle om endret sikkerhet", "Give notice of changed security"),
    says=(
        "Det åpnes en sak. Kunder som har avtalt det, får varsel om hva som er annerledes med risikoen.",
        "A case is opened. Customers that agreed to it are told how the risk differs.",
    ),
    question=("Skal saken åpnes?", "Shall the case be opened?"),
    button=("Åpne den", "Open it"),
    about=(),
    fields=(),
    **OF_CASE,
)
ENTER_INSTANT: Final = ActForm(
    name="enter-instant",
    call=EnterInstant,
    title=("Før inn et tidspunkt", "Enter an instant"),
    says=(
        "Frister kan løpe fra dette tidspunktet. De kan flyttes bakover i tid, aldri framover.",
        "Clocks may count from it. It can be moved back, and never later.",
    ),
    question=("Er tidspunktet riktig?", "Is the instant right?"),
    button=("Før det inn", "Enter it"),
    about=("case_id", "version"),
    fields=(
        ActField(name="name", label=("Hva", "What"), words="case_instant"),
        ActField(name="at", label=("Når", "When"), hint=INSTANT_HINT, begins=_now),
        EARLIER,
    ),
    **OF_CASE,
)
ASSIGN_CASE: Final = ActForm(
    name="assign-case",
    call=AssignCase,
    title=("Gi saken til en annen", "Give the case to somebody else"),
    says=("En annen medarbeider svarer for saken fra nå.", "Another person answers for the case from now on."),
    question=("Hvem skal svare for saken?", "Who shall answer for the case?"),
    button=("Gi den videre", "Give it"),
    about=("case_id", "version"),
    fields=(
        ActField(
            name="owner",
            label=("Ansvarlig", "Owner"),
            hint=("Medarbeiderkoden.", "The staff code."),
        ),
    ),
    **OF_CASE,
)
ADD_AFFECTED: Final = ActForm(
    name="add-affected",
    call=AddAffected,
    title=("Si hvem saken gjelder", "Say whom the case is about"),
    says=(
        "Det legges til. Den som allerede er nevnt, blir stående: ingen tas ut av en sak.",
        "It is added. Whoever is named already stays so: nobody is taken out of a case.",
    ),
    question=("Gjelder saken disse?", "Is the case about these?"),
    button=("Legg til", "Add them"),
    about=("case_id", "version"),
    fields=(
        CUSTOMERS,
        ActField(
            name="user_ids",
            label=("Personer hos kunden", "People of the customer"),
            hint=(
                "Numrene deres, der saken gjelder én kunde og bare noen av personene.",
                "Their ids, where the case is about one customer and only some of its people.",
            ),
        ),
    ),
    **OF_CASE,
)
COMPUTE_AFFECTED: Final = ActForm(
    name="compute-affected",
    call=ComputeAffected,
    title=("Regn ut hvem bruddet gjelder", "Compute whom the breach concerns"),
    says=(
        (
            "Listen lages av det som står i systemet nå. De som kom til etter bruddet, er ikke med, og de som er "
            "slettet siden, kjenner vi ikke lenger. Den kan regnes ut på nytt til en avgjørelse bygger på den."
        ),
        (
            "The list is made of what stands in the system now. Whoever came after the breach is not on it, and "
            "whoever was erased since is not known any more. It can be computed again until a decision rests on it."
        ),
    ),
    question=("Skal listen regnes ut?", "Shall the list be computed?"),
    button=("Regn den ut", "Compute it"),
    about=("case_id", "version"),
    fields=(
        ActField(name="scope", label=("Hvem", "Whom"), words="affected_scope"),
        ActField(
            name="as_of",
            label=("Tidspunktet for bruddet", "The instant of the breach"),
            hint=INSTANT_HINT,
            begins=_now,
        ),
        ActField(
            name="window_from", label=("Pålogginger fra", "Logins from"), hint=WINDOW_HINT, empty_where=NOT_LOGINS
        ),
        ActField(
            name="window_to", label=("Pålogginger til", "Logins to"), hint=WINDOW_HINT, empty_where=NOT_LOGINS
        ),
    ),
    **OF_CASE,
)
DRAFT_NOTICE: Final = ActForm(
    name="draft-notice",
    call=DraftNotice,
    title=("Skriv utkast til varsel", "Draft a notice"),
    says=(
        (
            "Dette er det kunden eller personen får vite (personvernforordningen artikkel 33 nr. 3 og 34 nr. 2). "
            "Det sendes bare av en avgjørelse. Det som ikke er kjent ennå, gjør varselet foreløpig."
        ),
        (
            "This is what the customer or the person is told (GDPR articles 33(3) and 34(2)). A decision alone "
            "sends it. What is not known yet makes the notice partial."
        ),
    ),
    question=("Skal utkastet lagres?", "Shall the draft be kept?"),
    button=("Lagre utkastet", "Keep the draft"),
    about=("case_id", "version"),
    fields=(
        ActField(name="audience", label=("Til", "To"), words="notice_audience"),
        _or_unknown("natures", ("Hva som har skjedd", "What has happened"), "notice_nature"),
        ActField(name="causes", label=("Hvordan det kunne skje", "How it could happen"), words="notice_cause"),
        _or_unknown("groups", ("Hvem det gjelder", "Whom it concerns"), "notice_group"),
        _or_unknown("data", ("Hvilke opplysninger", "Which data"), "notice_data"),
        ActField(
            name="whereabouts",
            label=("Hvor opplysningene er nå", "Where the data are now"),
            words="notice_whereabouts",
        ),
        ActField(
            name="records",
            label=("Omtrent hvor mange poster", "About how many records"),
            hint=("Et tall. La det stå tomt når det ikke er kjent.", "A number. Leave it empty where not known."),
        ),
        _or_unknown(
            "consequences", ("Hva det trolig kan føre til", "What it is likely to lead to"), "notice_consequence"
        ),
        ActField(
            name="measures", label=("Hva vi har gjort og gjør", "What is done about it"), words="notice_measure"
        ),
        ActField(name="advice", label=("Hva de kan gjøre", "What they can do"), words="notice_advice"),
        ActField(name="unknown", label=("Ikke kjent ennå", "Not known yet"), words="notice_unknown"),
    ),
    **OF_CASE,
)
DRAFT_SECURITY_NOTICE: Final = ActForm(
    name="draft-security-notice",
    call=DraftSecurityNotice,
    title=("Skriv utkast til varsel om endret sikkerhet", "Draft a notice of changed security"),
    says=(
        "Dette får kunder vite som har avtalt det. To personer avgjør at det sendes.",
        "This is what customers are told that agreed to it. Two persons decide that it is sent.",
    ),
    question=("Skal utkastet lagres?", "Shall the draft be kept?"),
    button=("Lagre utkastet", "Keep the draft"),
    about=("case_id", "version"),
    fields=(
        ActField(name="changes", label=("Hva som er annerledes", "How the risk differs"), words="notice_nature"),
        ActField(name="found_by", label=("Hvordan det ble oppdaget", "How it was found"), words="notice_cause"),
        ActField(
            name="consequences", label=("Hva det kan føre til", "What it may lead to"), words="notice_consequence"
        ),
        ActField(name="plans", label=("Hva vi gjør med det", "What is done about it"), words="notice_measure"),
        ActField(
            name="attempts",
            label=("Loggførte forsøk i tiden det gjelder", "Logged attempts in that time"),
            hint=("Et tall, også når det er null.", "A number, also where it is nought."),
        ),
        ActField(
            name="breaches",
            label=("Loggførte brudd i tiden det gjelder", "Logged breaches in that time"),
            hint=("Et tall, også når det er null.", "A number, also where it is nought."),
        ),
    ),
    **OF_CASE,
)
ASSESS_SEVERITY: Final = ActForm(
    name="assess-severity",
    call=AssessSeverity,
    title=("Vurder hvor alvorlig det er", "Assess how severe it is"),
    says=(
        (
            "Etter ENISAs metode. Tallet er et forslag og avgjør ingenting: risikoen vurderes av den som avgjør "
            "saken."
        ),
        (
            "After the method of ENISA. The score is a proposal and decides nothing: whoever decides the case "
            "judges the risk."
        ),
    ),
    question=("Skal vurderingen stå i saken?", "Shall the assessment stand in the case?"),
    button=("Lagre vurderingen", "Keep the assessment"),
    about=("case_id", "version"),
    fields=(
        ActField(
            name="context",
            label=("Opplysningene (DPC)", "The data (DPC)"),
            hint=(
                "Velg høyere når de avslører mer her enn de pleier, lavere når de avslører mindre.",
                "Choose higher where they tell more here than they usually do, lower where they tell less.",
            ),
            words="severity_context",
        ),
        ActField(
            name="identification",
            label=("Hvor lett det er å se hvem (EI)", "How easily it is known who (EI)"),
            words="severity_identification",
        ),
        ActField(
            name="confidentiality", label=("Konfidensialitet", "Confidentiality"), words="severity_confidentiality"
        ),
        ActField(name="integrity", label=("Integritet", "Integrity"), words="severity_integrity"),
        ActField(name="availability", label=("Tilgjengelighet", "Availability"), words="severity_availability"),
        ActField(name="intent", label=("Hensikt", "Intent"), words="severity_intent"),
        ActField(name="flags", label=("I tillegg", "Beside it"), words="severity_flag"),
    ),
    **OF_CASE,
)
LOOK_UP_MANDATES: Final = ActForm(
    name="look-up-mandates",
    call=LookUpMandates,
    title=("Se etter hvem som har gitt fullmakt", "Look up who gave a mandate"),
    says=(
        (
            "Av kundene på listen finner vi dem som har gitt fullmakt til å melde i deres navn. Fullmakten må "
            "gjelde den dagen det meldes. De andre melder selv."
        ),
        (
            "Of the customers on the list we find those that gave a mandate to notify in their name. It has to "
            "count on the day of the notice. The others notify by themselves."
        ),
    ),
    question=("Skal fullmaktene slås opp?", "Shall the mandates be looked up?"),
    button=("Slå dem opp", "Look them up"),
    about=("case_id", "version"),
    fields=(),
    **OF_CASE,
)
BEAR_COST: Final = ActForm(
    name="bear-cost",
    call=BearCost,
    title=("Avgjør at vi betaler", "Decide that we pay"),
    says=(
        (
            "Feil i egne systemer rettes gratis. Dette sier det uttrykkelig, og tar tilbake et krav mot en kunde "
            "om det finnes ett."
        ),
        (
            "Faults in our own systems are mended free of charge. This says so, and takes back a claim against a "
            "customer where there is one."
        ),
    ),
    question=("Skal dette avgjøres?", "Shall this be decided?"),
    button=("Avgjør", "Decide"),
    about=("case_id", "version"),
    fields=(
        ActField(name="reason", label=("Grunn", "Why"), words="cost_reason"),
        ActField(
            name="account_id",
            label=("Bare denne kundens del", "The part of this customer alone"),
            hint=("Kundens nummer. Tomt gjelder hele avviket.", "The customer's id. Empty for all of it."),
        ),
    ),
    **OF_CASE,
)
CHARGE_CUSTOMER: Final = ActForm(
    name="charge-customer",
    call=ChargeCustomer,
    title=("Avgjør at en kunde betaler", "Decide that a customer pays"),
    says=(
        (
            "Bare når kunden selv har vært uforsvarlig, og bare for kundens egen del. En annen person må godkjenne "
            "det. Varsel om brudd koster aldri noe."
        ),
        (
            "Only where the customer itself was reckless, and only for its own part. Another person has to approve "
            "it. A notice of a breach never costs anything."
        ),
    ),
    question=("Skal kunden betale?", "Shall the customer pay?"),
    button=("Be om godkjenning", "Ask for approval"),
    about=("case_id",),
    fields=(
        ActField(name="account_id", label=("Kunde", "Customer"), offers=_customers),
        ActField(name="reason", label=("Grunn", "Why"), words="cost_reason"),
        ActField(
            name="evidence_sha256",
            label=("Dokumentet som beviser det (SHA-256)", "The document that proves it (SHA-256)"),
            hint=("64 tegn, 0-9 og a-f.", "64 characters, 0-9 and a-f."),
        ),
    ),
    looks=_case,
    foresee=_other_customers,
    **OF_CASE,
)
RETRY_EFFECT: Final = ActForm(
    name="retry-effect",
    call=RetryEffect,
    title=("Prøv å gjennomføre en avgjørelse igjen", "Try again to carry out a decision"),
    says=("Feilen er rettet.", "The fault has been put right."),
    question=("Skal det prøves på nytt nå?", "Shall it be tried again now?"),
    button=("Prøv på nytt", "Try again"),
    about=("case_id", "decision_id", "effect"),
    fields=(),
    then="/cases/{case_id}",
    conflict=(
        "Det gikk ikke: det er gjennomført, eller blir prøvd nå. Se på saken igjen.",
        "This could not be done: it is carried out, or being tried. Look at the case again.",
    ),
    labels={**LABELS, "decision_id": ("Avgjørelse", "Decision"), "effect": ("Hva", "What")},
    words=WORDS,
)
CHECK_RESTORED: Final = ActForm(
    name="check-restored",
    call=CheckRestored,
    title=("Gå gjennom en gjenopprettet sak", "Review a restored case"),
    says=(
        "Saken ble bygd opp igjen etter en gjenoppretting. Hvem den gjelder, er som i sikkerhetskopien.",
        "The case was rebuilt after a restore. Whom it is about is as in the backup.",
    ),
    question=("Er det som manglet, ført inn igjen?", "Was what is missing entered again?"),
    button=("Den er gjennomgått", "It was reviewed"),
    about=("case_id", "version"),
    fields=(),
    **OF_CASE,
)
FORMS: Final = (
    CHECK_RESTORED,
    REPORT_ALARM,
    TAKE_RIGHTS_REQUEST,
    TAKE_CORRESPONDENCE,
    TAKE_OBJECTION,
    NOTE_POSTED,
    TAKE_STEP,
    DECIDE_CASE,
    ENTER_INSTANT,
    ASSIGN_CASE,
    ADD_AFFECTED,
    RETRY_EFFECT,
    COMPUTE_AFFECTED,
    DRAFT_NOTICE,
    OPEN_SECURITY_NOTICE,
    DRAFT_SECURITY_NOTICE,
    DECIDE_BY_TWO,
    ASSESS_SEVERITY,
    LOOK_UP_MANDATES,
    BEAR_COST,
    CHARGE_CUSTOMER,
)
