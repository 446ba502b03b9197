"""Data that are collected, what for, and when the link to them is cut (clauses 15 to 26)."""

from __future__ import annotations

from shared.terms.clause import Clause, Structure, Text, cite

SIGN_UP_FIELDS = Clause(
    id="FIELDS-2",
    number=15,
    nb="Registreringen spør om virksomhetens navn, e-post og telefon og brukernes navn, e-post og telefon; "
    "adresse og organisasjonsnummer er valgfritt.",
    en="Sign-up asks for name, e-mail and phone of the company and of its users; "
    "address and organisation number are optional.",
    source=cite(17, 138, 140),
    unwatched=Text(
        "hva det spørres om, bestemmer programmet, og det endrer seg ikke mens det går",
        "what is asked for is decided by the program and does not change while it runs",
    ),
)
BILLING_DATA_LATER = Clause(
    id="FIELDS-3",
    number=16,
    nb="Faktura- og kontaktadresse kan vente til etter registreringen, men etterspørres når de mangler.",
    en="Billing and contact addresses may wait until after sign-up, but are asked for when missing.",
    source=cite(144, 170),
)
FOUR_PURPOSES = Clause(
    id="PURPOSE-1",
    number=17,
    nb="Opplysninger brukes til faktura, tjenesten, brukerstøtte og identifisering; hver bruk oppgir formålet.",
    en="Data serve billing, use of the service, support and identifying users, and each use says which.",
    source=cite(17),
)
LINK_ONLY_WHILE_ACTIVE = Clause(
    id="LINK-1",
    number=18,
    nb="Straks virksomhetens konto er inaktiv, brytes koblingen til brukere og data, og ingenting nytt tas imot.",
    en="Once a company's account is inactive, its link to users and data is cut and no input is accepted.",
    source=cite(17),
)
LOGIN_EVENTS = Clause(
    id="LOGIN-1",
    number=19,
    nb="Pålogginger registreres, som en egen slags opplysninger med egen lagringstid.",
    en="Logins are recorded, as a kind of data of its own with a retention of its own.",
    source=cite(19),
)
SUPPORT_NEEDS_LOGIN = Clause(
    id="SUPPORT-1",
    number=20,
    nb="Meldinger til brukerstøtte inne i løsningen kan bare sendes av den som er innlogget.",
    en="Messages to support from inside the product can be sent only by somebody logged in.",
    source=cite(19),
)
COOKIES_DO_NOT_IDENTIFY = Clause(
    id="COOKIE-1",
    number=21,
    nb="Informasjonskapsler gjør løsningen bedre å bruke, men peker aldri ut en kunde.",
    en="Cookies make the product nicer to use and never single out a customer.",
    source=cite(21),
    built=(
        Structure(
            "kundenes sider setter bare informasjonskapsler på listen: et tilfeldig tall mens noen er innlogget, "
            "et for nettleserens skjemaer, og valgt språk og farger",
            "the customers' pages set only the cookies on the list: a random number while somebody is logged in, "
            "one for the browser's forms, and the language and colours that were chosen",
            where="services/gateway/web/cookies.py",
        ),
        Structure(
            "medarbeidernes sider setter bare informasjonskapsler på listen, og ingen av dem peker ut en kunde",
            "the pages of staff set only the cookies on the list, none of which singles out a customer",
            where="services/desk/web/cookies.py",
        ),
    ),
    unwatched=Text(
        "hva en side setter, bestemmer programmet, og det endrer seg ikke mens det går",
        "what a page sets is decided by the program and does not change while it runs",
    ),
)
NO_ACCOUNT_WITHOUT_ACCEPTANCE = Clause(
    id="ACCEPT-1",
    number=22,
    nb="Den som ikke uttrykkelig godtar vilkårene, blir ikke registrert.",
    en="Whoever does not expressly accept the terms is not registered.",
    source=cite(23),
)
TERMINATION_IS_HEARD = Clause(
    id="END-1",
    number=23,
    nb="Oppsigelse tas imot på flere måter og fører til at kontoen slettes.",
    en="Notice of termination is taken in by several ways and leads to the account's erasure.",
    source=cite(23),
)
USE_WITHIN_PURPOSE = Clause(
    id="PURPOSE-2",
    number=24,
    nb="Opplysninger brukes ikke utover det de ble samlet inn for: tjenesten, fakturaen og kundekontakten.",
    en="Data are not used beyond what they were collected for: the service, the invoice, customer contact.",
    source=cite(112, 130, 132),
)
NO_SENSITIVE_INPUT = Clause(
    id="INPUT-1",
    number=25,
    nb="Sensitive opplysninger hører ikke hjemme i fritekst, og løsningen sier fra når noen skriver dem inn.",
    en="Sensitive data do not belong in free text, and the product speaks up when somebody types them.",
    source=cite(180),
    missing=(
        Text("navn på andre i en tekst legges ikke merke til", "names of other people in a text are not noticed"),
    ),
    unwatched=Text(
        "det som ikke hører hjemme der, blir ikke lagret, så det er ingenting å lete etter",
        "what does not belong there is not kept, so that there is nothing to look for",
    ),
)
ONLY_ON_INSTRUCTION = Clause(
    id="INSTRUCT-1",
    number=26,
    nb="Kundens opplysninger eies ikke av selskapet og behandles bare slik avtalen eller kunden har bestemt.",
    en="The company does not own the customer's data and handles them only as agreement or customer has said.",
    source=cite(148),
)
