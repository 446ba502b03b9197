"""Letters one may decline and letters one cannot (clauses 27 to 30)."""

from __future__ import annotations

from shared.terms.clause import Clause, Text, cite

MARKETING_CAN_BE_DECLINED = Clause(
    id="MAIL-1",
    number=27,
    nb="Enhver kan si nei takk til markedsføring, og svaret gjelder også for e-post som allerede ligger i kø.",
    en="Anybody may decline marketing, and the answer holds for e-mail already waiting to be sent.",
    source=cite(25, 27),
)
DECLINED_BY_MAIL_OR_PHONE = Clause(
    id="MAIL-2",
    number=28,
    nb="Et nei gitt i e-post eller over telefon gjelder like fullt som et nei gitt i løsningen.",
    en="A refusal given by e-mail or telephone counts just as one given in the product.",
    source=cite(27),
)
PRODUCT_NEWS_IS_OPTIONAL = Clause(
    id="MAIL-3",
    number=29,
    nb="Nyheter om forbedringer man kan klare seg uten, er valgfrie.",
    en="News of improvements one can do without is optional.",
    source=cite(27),
)
NECESSARY_LETTERS_STILL_GO = Clause(
    id="MAIL-4",
    number=30,
    nb="Svar fra brukerstøtte og beskjeder kontoen ikke kan brukes uten, sendes også til dem som har sagt nei.",
    en="Answers from support, and notices without which the account cannot be used, go to those who declined too.",
    source=cite(29),
    missing=(
        Text(
            "en e-post loven krever, og som ikke kommer fram, blir en oppgave med frist og uten ansvarlig; bare "
            "når den gjelder brudd, endret sikkerhet eller et krav fra en person, blir den en sak",
            "an e-mail that the law asks for and that does not arrive becomes a task with a limit and no owner; "
            "only where it is about a breach, changed security or a person's request is it a case",
        ),
    ),
)
