"""What a person and a controller may ask for (clauses 31 to 38)."""

from __future__ import annotations

from shared.terms.clause import Clause, Text, Value, cite

RIGHT_OF_ACCESS = Clause(
    id="RIGHTS-1",
    number=31,
    nb="Enhver som ber om innsyn, får se det som er lagret om vedkommende, innen en måned.",
    en="Everybody who asks for access gets to see what is stored about them, within a month.",
    source=cite(33),
    value=Value(1, "calendar months", "dsr.deadline"),
    missing=(
        Text(
            "den som ber om innsyn i e-post eller på telefon og ikke kan logge på, får kopien av en medarbeider",
            "who asks for access by e-mail or telephone and cannot log in has the copy made by a person",
        ),
    ),
)
RIGHT_OF_PORTABILITY = Clause(
    id="RIGHTS-2",
    number=32,
    nb="Egne opplysninger kan tas med til en annen leverandør i en form maskiner kan lese.",
    en="One's own data can be taken to another supplier in a form that machines can read.",
    source=cite(35),
    missing=(
        Text(
            "en annen leverandør henter kopien selv, med en kode; en ubesvart forespørsel utsetter ikke slettingen",
            "another supplier fetches the copy itself, with a code; a request that is not answered puts no erasure "
            "off",
        ),
    ),
)
RIGHT_OF_RECTIFICATION = Clause(
    id="RIGHTS-3",
    number=33,
    nb="Feil rettes på forespørsel eller av brukeren selv, og rettelsen når også mottakerne.",
    en="Errors are corrected on request or by the users themselves; recipients get the correction too.",
    source=cite(37),
    missing=(
        Text(
            "av en inaktiv konto rettes kopien i Tripletex ikke; det som ikke lar seg rette der, blir stående",
            "of an inactive account the copy at Tripletex is not corrected; what cannot be corrected stays open",
        ),
    ),
)
RIGHT_TO_OBJECT_OR_RESTRICT = Clause(
    id="RIGHTS-4",
    number=34,
    nb="Man kan protestere mot behandlingen eller få den begrenset, og det virker i alle tjenester.",
    en="One may object to the processing or have it restricted, and every service obeys.",
    source=cite(39),
    missing=(
        Text(
            "en protest mot annet enn markedsføring blir en sak med frist, og stanser ingenting selv",
            "an objection to anything but marketing is a case with its time; it stops nothing by itself",
        ),
    ),
)
RIGHT_TO_COMPLAIN = Clause(
    id="RIGHTS-5",
    number=35,
    nb="Den som får nei, får samtidig vite hvordan man klager til tilsynsmyndigheten.",
    en="Whoever is refused is told in the same breath how to complain to the supervisory authority.",
    source=cite(41),
    missing=(
        Text(
            "svar til den som ikke er bruker, skriver en medarbeider selv",
            "answers to whoever is no user are written by a member of staff",
        ),
    ),
)
QUESTIONS_ARE_ANSWERED = Clause(
    id="RIGHTS-6",
    number=36,
    nb="Spørsmål om rettighetene kan stilles i e-post eller på telefon og får svar innen frist.",
    en="Questions about these rights may come by e-mail or telephone and are answered in time.",
    source=cite(43),
    missing=(
        Text(
            "svar til den som ikke er bruker, skriver en medarbeider selv",
            "answers to whoever is no user are written by a member of staff",
        ),
    ),
)
HELP_FOR_THE_CONTROLLER = Clause(
    id="RIGHTS-7",
    number=37,
    nb="Kunden får hjelp med sine plikter, og henvendelser fra dens brukere sendes dit de hører hjemme.",
    en="The customer is helped to meet its duties, and requests from its users are passed on to it.",
    source=cite(152, 176),
    missing=(
        Text(
            "bare krav fra brukere sendes videre av programmet; hjelp til kunden har ingen sak",
            "only requests of users are passed on by the program; help for the customer has no case",
        ),
    ),
    unwatched=Text(
        "hvem en e-post går til, avgjøres idet den sendes, og adressen lagres ikke",
        "whom an e-mail goes to is decided as it is sent, and the address is not kept",
    ),
)
DOCUMENTATION_ON_REQUEST = Clause(
    id="RIGHTS-8",
    number=38,
    nb="Rutinene dokumenteres på forespørsel; tid faktureres bare etter godtatt tilbud, "
    "aldri for svar til registrerte, varsler om brudd eller retting av avvik.",
    en="Routines are documented on request; time is charged only on an accepted quote, "
    "never for answers to data subjects, breach notices or correction of deviations.",
    source=cite(152),
)
