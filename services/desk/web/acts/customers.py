"""What staff decide about one customer's account: contact, notice, inactive and active, blocked and open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.account.companies.calls import CorrectCompany, CorrectOrgNumber
from services.account.corrections.calls import CorrectUser
from services.account.deactivation.calls import DeactivateAccount
from services.account.reactivation.calls import ReactivateAccount
from services.account.suspicion.calls import BlockAccount, LetInstruct, RecordContact, UnblockAccount
from services.account.termination.calls import AgreeNoticePeriod, TerminateContract, WithdrawNotice
from services.desk.queries.erasures import under_way
from services.desk.web.act_forms import CUSTOMER_PAGE, ActField, ActForm, Looked
from services.desk.web.acts.account_and_people import erasures, people, users
from services.desk.web.visit import Visit
from shared.calendar import ERASURE_MONTHS, add_months, oslo_date

AT_VERSION: Final = ("account_id", "version")
NO_COUNTRY_CODE: Final = ("Uten landkode er nummeret norsk.", "Without a country code the number is Norwegian.")
CHANGED: Final = (
    "Det gikk ikke: kontoen er endret siden du så den, eller den er i en tilstand der dette ikke kan gjøres.",
    "This could not be done: the account was changed since you saw it, or its state does not allow it.",
)


def _shut_out(visit: Visit, looked: Looked) -> Sequence[str]:
    """How many people get no further."""
    active = sum(each.state == "active" for each in looked["users"].users)
    return [
        visit.count(
            active,
            ("Én person kommer ikke lenger inn.", "{n} personer kommer ikke lenger inn."),
            ("One person gets in no longer.", "{n} persons get in no longer."),
        )
    ]


def _deactivated(visit: Visit, looked: Looked) -> Sequence[str]:
    due_on = add_months(oslo_date(visit.desk.clock.now()), ERASURE_MONTHS)
    deadline = visit.say(
        "Alt om kunden slettes fra {day}, om ikke noe holdes tilbake.",
        "All about the customer is erased from {day} on, but for what is held.",
        day=visit.day(due_on),
    )
    return [*_shut_out(visit, looked), deadline]


def _called_off(visit: Visit, looked: Looked) -> Sequence[str]:
    """How many planned erasures are called off with the account's own."""
    planned = [each for each in under_way(looked["erasures"].erasures) if each.user_id is None]
    return [
        visit.count(
            len(planned),
            ("Én planlagt sletting av kontoen avlyses.", "{n} planlagte slettinger av kontoen avlyses."),
            (
                "One planned erasure of the account is called off.",
                "{n} planned erasures of the account are called off.",
            ),
        )
    ]


RECORD_CONTACT: Final = ActForm(
    name="record-contact",
    call=RecordContact,
    title=("Noter et forsøk på kontakt", "Note an attempt to reach the customer"),
    says=(
        "Før en konto kan gjøres inaktiv på mistanke, skal kunden være forsøkt nådd, og ha fått tid til å svare.",
        "Before an account is made inactive on suspicion the customer has been approached, and had time to answer.",
    ),
    question=("Skal dette noteres?", "Shall this be noted?"),
    button=("Noter", "Note"),
    about=("account_id",),
    fields=(
        ActField(name="channel", label=("Hvordan", "How"), words="contact_channel"),
        ActField(name="outcome", label=("Hvordan det gikk", "What came of it"), words="contact_outcome"),
        ActField(
            name="attempted_on",
            label=("Dag", "Day"),
            hint=("I dag eller tidligere. Tomt: i dag.", "Today or earlier. Empty: today."),
        ),
    ),
    then=CUSTOMER_PAGE,
)
DEACTIVATE: Final = ActForm(
    name="deactivate",
    call=DeactivateAccount,
    title=("Gjør kontoen inaktiv", "Make the account inactive"),
    says=(
        "Ingen kommer inn lenger, ingenting sendes eller kopieres, og tiden fram til sletting begynner.",
        "Nobody gets in any more, nothing is sent or copied, and the time until erasure begins.",
    ),
    question=("Skal kontoen gjøres inaktiv?", "Shall the account be made inactive?"),
    button=("Gjør inaktiv", "Make inactive"),
    about=AT_VERSION,
    fields=(
        ActField(
            name="reason",
            label=("Grunn", "Why"),
            hint=(
                "De tre siste er mistanke: da er kunden forsøkt nådd på to måter, og har hatt tid til å svare.",
                "The last three are suspicion: then the customer was approached twice and had time to answer.",
            ),
            words="inactivation_reason",
        ),
    ),
    then=CUSTOMER_PAGE,
    conflict=(
        "Det gikk ikke: kontoen er endret siden du så den, eller kunden er ikke forsøkt nådd ofte nok.",
        "This could not be done: the account was changed, or the customer was not approached often enough.",
    ),
    is_destructive=True,
    looks=users,
    foresee=_deactivated,
)
REACTIVATE: Final = ActForm(
    name="reactivate",
    call=ReactivateAccount,
    title=("Gjør kontoen aktiv igjen", "Make the account active again"),
    says=(
        "De som var aktive, kommer inn igjen. Brukere som er gjort inaktive enkeltvis, slettes fortsatt.",
        "Those who were active get in again. Users that were made inactive one by one are still erased.",
    ),
    question=("Skal kontoen bli aktiv igjen?", "Shall the account be active again?"),
    button=("Gjør aktiv", "Make active"),
    about=AT_VERSION,
    fields=(),
    then=CUSTOMER_PAGE,
    conflict=CHANGED,
    looks=erasures,
    foresee=_called_off,
)
BLOCK: Final = ActForm(
    name="block",
    call=BlockAccount,
    title=("Sperr kontoen", "Block the account"),
    says=(
        "Ingen kommer inn før den åpnes. Ingenting slettes. Snakk med kunden med en gang.",
        "Nobody gets in until it is opened. Nothing is erased. Talk with the customer at once.",
    ),
    question=("Skal kontoen sperres?", "Shall the account be blocked?"),
    button=("Sperr", "Block"),
    about=AT_VERSION,
    fields=(ActField(name="reason", label=("Grunn", "Why"), words="block_reason"),),
    then=CUSTOMER_PAGE,
    conflict=CHANGED,
    is_destructive=True,
    looks=users,
    foresee=_shut_out,
)
UNBLOCK: Final = ActForm(
    name="unblock",
    call=UnblockAccount,
    title=("Åpne en sperret konto", "Open a blocked account"),
    says=("De som hører til kontoen, kommer inn igjen.", "Those who belong to the account get in again."),
    question=("Skal kontoen åpnes?", "Shall the account be opened?"),
    button=("Åpne", "Open"),
    about=AT_VERSION,
    fields=(),
    then=CUSTOMER_PAGE,
    conflict=CHANGED,
)
LET_INSTRUCT: Final = ActForm(
    name="let-instruct",
    call=LetInstruct,
    title=("La eierne bestemme igjen", "Let the owners instruct again"),
    says=(
        "Virksomheten er konkurs i registeret. Du har sett etter hvem eierne av kontoen er nå.",
        "The company is bankrupt in the register. You have looked at who the owners of the account are now.",
    ),
    question=("Skal eierne av kontoen kunne bestemme?", "Shall the owners of the account be able to instruct?"),
    button=("La dem bestemme", "Let them"),
    about=AT_VERSION,
    fields=(ActField(name="reason", label=("Grunn", "Why"), words="let_reason"),),
    then=CUSTOMER_PAGE,
    conflict=CHANGED,
)
TERMINATE: Final = ActForm(
    name="terminate",
    call=TerminateContract,
    title=("Registrer en oppsigelse", "Register a notice of termination"),
    says=(
        "Kontoen er aktiv til oppsigelsestiden er over. Tre måneder etter det slettes alt om kunden.",
        "The account is active until the notice period is over. Three months later all about it is erased.",
    ),
    question=("Har kunden sagt opp?", "Has the customer given notice?"),
    button=("Registrer oppsigelsen", "Register the notice"),
    about=AT_VERSION,
    fields=(
        ActField(name="channel", label=("Hvordan den kom", "How it reached us"), words="contact_channel"),
        ActField(
            name="received_on",
            label=("Mottatt", "Received"),
            hint=("I dag eller tidligere. Tomt: i dag.", "Today or earlier. Empty: today."),
        ),
    ),
    then=CUSTOMER_PAGE,
    conflict=CHANGED,
    is_destructive=True,
)
WITHDRAW_NOTICE: Final = ActForm(
    name="withdraw-notice",
    call=WithdrawNotice,
    title=("Trekk en oppsigelse tilbake", "Take a notice back"),
    says=(
        "Avtalen går videre som om den ikke var sagt opp.",
        "The contract goes on as if no notice had been given.",
    ),
    question=("Vil kunden trekke oppsigelsen?", "Does the customer take the notice back?"),
    button=("Trekk tilbake", "Take back"),
    about=AT_VERSION,
    fields=(),
    then=CUSTOMER_PAGE,
    conflict=CHANGED,
)
NOTICE_PERIOD: Final = ActForm(
    name="notice-period",
    call=AgreeNoticePeriod,
    title=("Endre oppsigelsestiden", "Change the notice period"),
    says=(
        "Den er avtalt med kunden. En oppsigelse som er gitt, flyttes ikke.",
        "It is agreed with the customer. A notice that was given is not moved.",
    ),
    question=("Er dette avtalt med kunden?", "Is this agreed with the customer?"),
    button=("Lagre", "Save"),
    about=AT_VERSION,
    fields=(ActField(name="months", label=("Måneder", "Months"), hint=("Fra 1 til 12.", "From 1 to 12.")),),
    then=CUSTOMER_PAGE,
    conflict=CHANGED,
)
CORRECT_NUMBER: Final = ActForm(
    name="correct-number",
    call=CorrectOrgNumber,
    title=("Rett organisasjonsnummeret", "Correct the organisation number"),
    says=(
        (
            "Bare der nummeret til den samme virksomheten er skrevet feil. En annen virksomhet registrerer seg "
            "selv. Registeret spørres om det nye nummeret. Rett det i Tripletex for hånd."
        ),
        (
            "Only where the number of the same company is mistyped. Another company signs up itself. The register "
            "is asked about the new number. Correct it at Tripletex by hand."
        ),
    ),
    question=("Er det den samme virksomheten?", "Is it the same company?"),
    button=("Rett nummeret", "Correct it"),
    about=AT_VERSION,
    fields=(
        ActField(
            name="org_number",
            label=("Organisasjonsnummer", "Organisation number"),
            hint=("Ni sifre, slik det står i registeret.", "Nine digits, as the register has it."),
        ),
        ActField(name="reason", label=("Grunn", "Why"), words="number_reason"),
    ),
    then=CUSTOMER_PAGE,
    conflict=CHANGED,
)
CORRECT_USER: Final = ActForm(
    name="correct-user",
    call=CorrectUser,
    title=("Rett opplysninger om en person", "Correct data about a person"),
    says=(
        (
            "Personen får en e-post om det, og Tripletex får rettelsen der personen er kontakt. Vær sikker på hvem "
            "som ber om det: ring opp på nummeret vi har, eller svar til adressen vi har. En adresse som er "
            "bekreftet, endrer personen selv eller en eier."
        ),
        (
            "The person gets an e-mail about it, and Tripletex gets the correction where the person is a contact. "
            "Be sure who asks for it: call back at the number we have, or answer to the address we have. An "
            "address that was confirmed is changed by the person, or by an owner."
        ),
    ),
    question=(
        "Er det riktig person, og er det sikkert hvem som ba om det?",
        "Is it the right person, and is it sure who asked?",
    ),
    button=("Rett", "Correct"),
    about=AT_VERSION,
    fields=(
        ActField(name="user_id", label=("Person", "Person"), offers=people),
        ActField(name="name", label=("Navn", "Name")),
        ActField(name="phone", label=("Telefon", "Telephone"), hint=NO_COUNTRY_CODE),
        ActField(
            name="email",
            label=("E-postadresse", "E-mail address"),
            hint=(
                "Bare der ingen har bekreftet adressen. Da sendes invitasjonen på nytt.",
                "Only where nobody has confirmed it. Then the invitation is sent anew.",
            ),
        ),
        ActField(name="reason", label=("Grunn", "Why"), words="correction_reason"),
    ),
    then=CUSTOMER_PAGE,
    looks=users,
    conflict=CHANGED,
)
CORRECT_COMPANY: Final = ActForm(
    name="correct-company",
    call=CorrectCompany,
    title=("Rett opplysninger om virksomheten", "Correct data about the company"),
    says=(
        (
            "Eierne får en e-post om det, og Tripletex får rettelsen. Et nytt navn slås opp i registeret. Vær "
            "sikker på at den som ber om det, svarer for virksomheten."
        ),
        (
            "The owners get an e-mail about it, and Tripletex gets the correction. A new name is looked up in the "
            "register. Be sure that whoever asks for it answers for the company."
        ),
    ),
    question=("Er det den samme virksomheten?", "Is it the same company?"),
    button=("Rett", "Correct"),
    about=AT_VERSION,
    fields=(
        ActField(name="name", label=("Navn", "Name")),
        ActField(name="phone", label=("Telefon", "Telephone"), hint=NO_COUNTRY_CODE),
        ActField(name="email", label=("E-postadresse", "E-mail address")),
        ActField(name="reason", label=("Grunn", "Why"), words="correction_reason"),
    ),
    then=CUSTOMER_PAGE,
    conflict=CHANGED,
)
FORMS: Final = (
    CORRECT_COMPANY,
    CORRECT_USER,
    RECORD_CONTACT,
    DEACTIVATE,
    REACTIVATE,
    BLOCK,
    UNBLOCK,
    LET_INSTRUCT,
    TERMINATE,
    WITHDRAW_NOTICE,
    NOTICE_PERIOD,
    CORRECT_NUMBER,
)
