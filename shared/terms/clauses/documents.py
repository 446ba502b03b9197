"""Documents, roles and scope: what the terms are, whom they bind, and how they change (clauses 1 to 14)."""

from __future__ import annotations

from shared.terms.clause import Clause, Structure, Text, cite

DOCUMENT_VERSIONS = Clause(
    id="DOC-1",
    number=1,
    nb="Hvert dokument finnes i nummererte og daterte versjoner som aldri endres i ettertid.",
    en="Every document exists in numbered, dated versions that are never altered afterwards.",
    source=cite(7),
)
PERSON_CATEGORIES = Clause(
    id="SCOPE-1",
    number=2,
    nb="Det er kjent om hver person er ansatt, privatkunde eller kontakt hos leverandør eller kunde.",
    en="Each person is known as employee, private customer, or a supplier's or customer's contact.",
    source=cite(9),
    missing=(
        Text(
            "bare to slags personer skilles: den som er knyttet til en virksomhet med organisasjonsnummer, og "
            "den som ikke er det; ingen er merket som kontakt hos en leverandør eller kunde",
            "only two kinds of persons are told apart, those of a company with an organisation number and "
            "those without; nobody is marked as a supplier's or customer's contact",
        ),
    ),
    unwatched=Text(
        "det settes når en person registreres, og databasen tar ikke imot noen uten",
        "it is set when a person is registered, and the database takes in nobody without",
    ),
)
ONLY_NECESSARY_DATA = Clause(
    id="FIELDS-1",
    number=3,
    nb="Bare opplysninger tjenesten trenger tas imot; alt annet avvises.",
    en="Only data the service needs are taken in; anything else is refused.",
    source=cite(9, 17),
    built=(
        Structure(
            "forespørsler med et felt som ikke står på listen, avvises",
            "requests with a field that is not listed are refused",
            where="services/account/sign_up/calls.py",
        ),
    ),
    unwatched=Text(
        "det avvises idet forespørselen kommer, og det som er avvist, lagres ikke",
        "it is refused as the request comes, and what is refused is kept nowhere",
    ),
)
POLICY_APPROVAL = Clause(
    id="GOVERN-1",
    number=4,
    nb="Beslutninger om personvern gjelder først når ledelse og styre har sagt ja og en fagkyndig har sett på dem.",
    en="A privacy decision takes effect only once management and board approved it and an expert has looked at it.",
    source=cite(11),
)
KEPT_IN_NORWAY = Clause(
    id="NORWAY-1",
    number=5,
    nb="Våre systemer driftes i Norge; e-post sendes via Mailgun (EU).",
    en="Our systems are operated in Norway; e-mail is sent through Mailgun (EU).",
    source=cite(11, 49),
)
LAYERED_POLICY = Clause(
    id="LAYER-1",
    number=6,
    nb="Regler for et bestemt produkt eller en inngått avtale går foran de alminnelige reglene.",
    en="Rules of a particular product or of a concluded agreement come before the general ones.",
    source=cite(15),
)
ONE_ROLE_PER_ACTIVITY = Clause(
    id="ROLE-1",
    number=7,
    nb="For hver behandling er det bestemt om selskapet opptrer som behandlingsansvarlig eller som databehandler.",
    en="For each processing activity it is settled whether the company acts as controller or as processor.",
    source=cite(15, 122),
)
NOTICE_OF_NEW_TERMS = Clause(
    id="CHANGE-1",
    number=8,
    nb="Nye vilkår meldes til alle aktive kunder og brukere, på e-post eller i selve løsningen.",
    en="New terms are announced to every active customer and user, by e-mail or inside the product.",
    source=cite(106),
)
PUBLIC_HISTORY_OF_TERMS = Clause(
    id="CHANGE-2",
    number=9,
    nb="Alle versjoner av vilkårene og forskjellene mellom dem kan leses av enhver, når som helst.",
    en="All versions of the terms, and what differs between them, can be read by anybody at any time.",
    source=cite(106),
)
PUBLIC_AND_GATED_DOCUMENTS = Clause(
    id="DOC-2",
    number=10,
    nb="Vilkårene ligger åpent; dokumenter som ikke er åpne kan man be om, og det loggføres hvem som får dem.",
    en="The terms are open to all; documents that are not can be asked for, and handing them out is recorded.",
    source=cite(114),
)
DPA_WITH_THE_ACCOUNT = Clause(
    id="DPA-1",
    number=11,
    nb="Databehandleravtalen inngås i samme øyeblikk som kontoen opprettes; ingen konto finnes uten den.",
    en="The data processing agreement is concluded as the account is made; no account exists without it.",
    source=cite(126),
)
CUSTOMERS_AND_USERS = Clause(
    id="TENANT-1",
    number=12,
    nb="En kunde er en virksomhet med en konto for sine brukere, og det er kunden som har ansvaret.",
    en="A customer is an organisation with an account for its users, and the customer is responsible.",
    source=cite(124),
    built=(
        Structure(
            "hver bruker hører til nøyaktig én konto",
            "every user belongs to exactly one account",
            where="services/account/migrations/0001_accounts.sql",
        ),
    ),
    unwatched=Text(
        "databasen selv avviser en bruker uten konto", "the database itself refuses a user without an account"
    ),
)
ACTIVE_LICENCES_ONLY = Clause(
    id="LICENCE-1",
    number=13,
    nb="Det kreves betaling bare for aktive lisenser.",
    en="Payment is asked only for licences that are active.",
    source=cite(124),
)
CHANGE_OF_OWNER = Clause(
    id="TRANSFER-1",
    number=14,
    nb="Overtar en ny juridisk person (nytt org.nr.), er den utenforstående til den har inngått avtalen selv.",
    en="A new legal person (new organisation number) taking over is an outsider until it concludes the agreement.",
    source=cite(200),
)
