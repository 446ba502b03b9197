"""Third parties, places and statistics (clauses 78 to 84)."""

from __future__ import annotations

from shared.terms.clause import Clause, Text, Value, cite

AGREEMENT_WITH_EACH_PARTY = Clause(
    id="PARTY-1",
    number=78,
    nb="Ingen tredjepart får opplysninger uten en databehandleravtale som gjelder.",
    en="No third party gets data without a data processing agreement in force.",
    source=cite(88, 184),
)
TRIPLETEX_FOR_ACCOUNTS = Clause(
    id="PARTY-2",
    number=79,
    nb="Tripletex og regnskapsføreren får det som trengs til faktura og regnskap.",
    en="Tripletex and the accountant get what invoices and accounts need.",
    source=cite(90, 186),
    missing=(
        Text("bestillinger av lisenser føres ikke i Tripletex", "orders for licences are not written to Tripletex"),
    ),
)
TRIPLETEX_FOR_CONTACT = Clause(
    id="PARTY-3",
    number=80,
    nb="Kontaktdata for kundeoppfølging føres i Tripletex og ryddes bort der når kontoen slettes.",
    en="Contact data for customer care are kept in Tripletex and cleared there when the account is erased.",
    source=cite(92, 132, 158, 188),
)
HOST_IN_ONE_PLACE = Clause(
    id="PARTY-4",
    number=81,
    nb="Domeneshop holder e-post og web på ett sted i landet, med mindre kunden har valgt noe annet.",
    en="Domeneshop keeps mail and web in one place in the country, unless the customer chose otherwise.",
    source=cite(96, 192),
)
MAILGUN_FOR_THREE_THINGS = Clause(
    id="PARTY-5",
    number=82,
    nb="Mailgun sender bare e-post om registrering, passord og brukerstøtte, og lovpålagte meldinger.",
    en="Mailgun sends e-mail about registration, passwords and support only, and notices that the law requires.",
    source=cite(98, 194),
    value=Value(3, "kinds of e-mail besides legal notices"),
    missing=(
        Text(
            "hvilket formål en e-post har, er en merkelapp vi setter selv; ingen ser over at den stemmer med "
            "innholdet",
            "the purpose of an e-mail is a label that we set ourselves; nobody reviews whether it fits what "
            "the e-mail says",
        ),
        Text(
            "de av våre egne som har vakt, varsles også gjennom Mailgun; en slik e-post går til ingen kunde og "
            "nevner ingen",
            "those of our own people who are on duty are called through Mailgun too; such an e-mail goes to no "
            "customer and names none",
        ),
    ),
)
PLACE_PER_BRANCH = Clause(
    id="PLACE-1",
    number=83,
    nb="Et selskap som har avdelinger i flere land velger én felles server eller en i hvert land.",
    en="A company with branches in several countries chooses one common server or one in each country.",
    source=cite(63, 65, 66),
)
ONLY_ANONYMOUS_STATISTICS = Clause(
    id="STATS-1",
    number=84,
    nb="Til statistikk, forskning og salg brukes bare tall som ikke kan spores tilbake til noen.",
    en="For statistics, research and sale only figures are used that cannot be traced back to anybody.",
    source=cite(102, 156, 198),
    value=Value(10, "persons in a cell", "stats.k_persons"),
)
