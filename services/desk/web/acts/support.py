"""What staff do about what somebody wrote to support: answer it, or say that it needs no written answer."""

from __future__ import annotations

from typing import Final

from services.account.support.calls import AnswerSupport, SettleSupport
from services.desk.web.act_forms import ActField, ActForm, Said

ABOUT: Final = ("account_id", "thread_id", "version")
THREAD_PAGE: Final = "/customers/{account_id}/support/{thread_id}"
CHANGED: Final = (
    (
        "Det gikk ikke: det er skrevet noe siden du leste tråden, brukeren er inaktiv, eller opplysningene er "
        "begrenset. Les den på nytt."
    ),
    (
        "This could not be done: something was written since you read the thread, the user is inactive, or the "
        "data are restricted. Read it again."
    ),
)
LABELS: Final[dict[str, Said]] = {"thread_id": ("Tråd", "Thread")}

ANSWER_SUPPORT: Final = ActForm(
    name="answer-support",
    call=AnswerSupport,
    title=("Svar på en melding til brukerstøtte", "Answer a message to support"),
    says=(
        (
            "Bare den som skrev, leser svaret, på sin egen side. En e-post sier fra at det er der. Svaret "
            "er en nødvendig melding: Skriv ikke reklame i det."
        ),
        (
            "Only whoever wrote reads the answer, on their own page. An e-mail says that it is there. An answer is "
            "a necessary message: advertise nothing in it."
        ),
    ),
    question=("Skal svaret sendes?", "Shall the answer be sent?"),
    button=("Send svaret", "Send the answer"),
    about=ABOUT,
    fields=(
        ActField(
            name="text",
            label=("Svar", "Answer"),
            hint=(
                "Høyst 4000 tegn. Ingen fødselsnumre, og ikke navnet på flere enn nødvendig.",
                "At most 4000 characters. No national identity numbers, and no more names than needed.",
            ),
        ),
    ),
    then=THREAD_PAGE,
    conflict=CHANGED,
    labels=LABELS,
)
SETTLE_SUPPORT: Final = ActForm(
    name="settle-support",
    call=SettleSupport,
    title=("Avslutt uten skriftlig svar", "Settle without a written answer"),
    says=(
        "Meldingen venter ikke lenger. Den som skrev, kan skrive videre.",
        "The message waits no longer. Whoever wrote can write on.",
    ),
    question=("Trengs det ikke noe skriftlig svar?", "Is no written answer needed?"),
    button=("Avslutt", "Settle"),
    about=ABOUT,
    fields=(ActField(name="reason", label=("Grunn", "Why"), words="settled_reason"),),
    then=THREAD_PAGE,
    conflict=CHANGED,
    labels=LABELS,
)
FORMS: Final = (ANSWER_SUPPORT, SETTLE_SUPPORT)
