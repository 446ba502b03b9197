"""Why staff's service did not let somebody do something with their keys, codes and devices, in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from services.desk.wording import words
from shared.errors import Refused
from shared.terms.texts import LANGUAGES

OTHER_PURPOSE: Final = "other_purpose"
NAMED: Final = ("hold_id", "approval_id")
"""What else is the reason: the detail of a refusal, and where it stands in the words."""
OTHER: Final = (
    "Dette gikk ikke. Prøv på nytt, eller be en kollega om hjelp.",
    "This did not work. Try again, or ask a colleague for help.",
)
GONE: Final = (
    "Det dette gjelder, finnes ikke. Se etter om nummeret er riktig.",
    "What this is about is not there. See whether the id is right.",
)
WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "address_in_use": (
            "Adressen er bekreftet, eller personen er inaktiv: den endres av personen selv eller av en eier.",
            "The address was confirmed, or the person is inactive: the person changes it, or an owner.",
        ),
        "challenge_over": (
            "Det gikk for lang tid, eller svaret var brukt. Prøv på nytt.",
            "It took too long, or the answer had been used. Try again.",
        ),
        "unknown_key": (
            "Denne nøkkelen er ikke kjent her, eller den er trukket tilbake. Bruk en annen.",
            "This key is not known here, or it was revoked. Use another one.",
        ),
        "revoked_key": (
            "Denne nøkkelen er trukket tilbake. Bruk en annen.",
            "This key was revoked. Use another one.",
        ),
        "not_verified": (
            "Nøkkelen må låses opp med PIN, fingeravtrykk eller ansikt.",
            "The key must be unlocked with a PIN, a finger or a face.",
        ),
        "software_key": (
            "Nøkler av programvare gjelder bare i demoen.",
            "Keys of software are valid in the demo only.",
        ),
        "counter_fell": (
            "Nøkkelen kan være kopiert, og gjelder ikke. Si fra til en hendelsesleder nå.",
            "The key may have been copied and is not taken. Tell an incident lead now.",
        ),
        "wrong_origin": ("Nøkkelen gjelder en annen adresse.", "The key is for another address."),
        "known_key": ("Denne nøkkelen er allerede registrert.", "This key is enrolled already."),
        "too_many_keys": (
            "Du har så mange nøkler som en kan ha. Trekk en tilbake først.",
            "You have as many keys as one may have. Revoke one first.",
        ),
        "last_key": (
            "Dette er den siste nøkkelen din. Registrer en annen først.",
            "This is your last key. Enrol another one first.",
        ),
        "invented_key": (
            "Oppdiktede personer beholder nøklene sine: demoen kan ikke lage nye.",
            "Invented people keep their keys: the demo cannot make new ones.",
        ),
        "link_unknown": ("Lenken gjelder ikke. Be om en ny.", "The link is not valid. Ask for a new one."),
        "link_used": ("Lenken er brukt. Be om en ny.", "The link was used. Ask for a new one."),
        "link_ended": (
            "Lenken gjaldt i én time og er utløpt. Be om en ny.",
            "The link was valid for an hour, which is over. Ask for a new one.",
        ),
        "nobody_of_staff": (
            "Ingen som arbeider her nå, har denne koden.",
            "Nobody who works here now has this code.",
        ),
        "no_account": ("Det er ingen konto med dette nummeret.", "There is no account with this id."),
        "no_person": (
            "En av personene finnes ikke i denne kontoen.",
            "One of these people is not in this account.",
        ),
        "hold_exists": (
            "Det samme er allerede holdt tilbake for denne saken, av tilbakehold {hold_id}.",
            "The same is held for this case already, by hold {hold_id}.",
        ),
        "hold_limit": (
            "Kontoen har allerede ti tilbakehold. Opphev et av dem først.",
            "The account has ten holds already. Release one of them first.",
        ),
        "not_halted": (
            "Ingen av disse slettingene er stanset nå.",
            "None of these erasures is halted now.",
        ),
        "hold_released": ("Tilbakeholdet er allerede opphevet.", "The hold is released already."),
        "erasure_begun": (
            "Slettingen har begynt, og kan ikke stanses lenger.",
            "The erasure has begun, and cannot be stopped any more.",
        ),
        "early_known": (
            "Det er allerede bedt om å slette dette nå.",
            "It was asked for already to erase this now.",
        ),
        "last_owner": (
            "Den siste eieren kan ikke slettes alene. Gjør en annen til eier først, eller slett hele kontoen.",
            "The last owner cannot be erased alone. Make another user an owner first, or erase the whole account.",
        ),
        "other_request": (
            "En annens henvendelse har dette nummeret.",
            "Somebody else's request has this number.",
        ),
        "erased": ("Den som er nevnt, er slettet.", "Whoever is named was erased."),
        "approved_by_writer": (
            "Den som har skrevet dette, eller er nevnt i det, kan ikke godkjenne det.",
            "Whoever wrote this, or is named in it, does not approve it.",
        ),
        "ends_by_two": (
            "To personer har satt oppføringen i kraft, og to avslutter den.",
            "Two persons have put the record in force, and two end it.",
        ),
        "ends_by_one": (
            "Oppføringen avsluttes av én person.",
            "One person ends this record.",
        ),
        "person_invited": ("Den dette gjelder, har ikke kommet ennå.", "Whoever this is about has not come yet."),
        "own_grant": ("Ingen gir seg selv en tildeling.", "Nobody grants themselves anything."),
        "wrong_end": (
            "Tildelingen slutter for tidlig eller for sent.",
            "The grant would end too early or too late.",
        ),
        "too_many_grants": (
            "Personen har så mange tildelinger som en kan ha.",
            "The person has as many grants as one may have.",
        ),
        "too_many_customers": (
            "En persons tildelinger for ett formål gjelder høyst femti kunder til sammen, eller alle.",
            "What a person is granted for one purpose is for fifty customers at most, or for all.",
        ),
        "role_without_customers": (
            "Denne rollen gjør ingenting som gjelder én kunde. Den kan bare gis for alle.",
            "This role does nothing that is about one customer. It can only be granted for all.",
        ),
        "taken": (
            "Noen andre ser i denne databasen nå.",
            "Somebody looks into this database already.",
        ),
        "countersigned": (
            "To andre har allerede kontrasignert det.",
            "Two others have countersigned it already.",
        ),
        "person_left": ("Den dette gjelder, har sluttet.", "Whoever this is about has left."),
        "another_person": ("Dette er en annens nøkkel.", "This is the key of somebody else."),
        "log_in_again": (
            "Logg inn på nytt først: dette krever at du nettopp har gjort det.",
            "Log in again first: this wants that you have just done so.",
        ),
        "last_administrators": (
            "Det ville bli færre enn to administratorer. Gi en annen rollen først. Haster det, trekk nøklene.",
            "Fewer than two administrators would be left. Give another the role first. If urgent, revoke the keys.",
        ),
        "only_in_browser": (
            "Dette gjøres i nettleseren. En kommandolinje kan ikke endre nøkler.",
            "This is done in the browser. A command line cannot change keys.",
        ),
        "own_request": (
            "Du har bedt om dette selv. En annen må godkjenne det.",
            "You have asked for this yourself. Another person has to approve it.",
        ),
        "own_edit": (
            "Du endret dette sist. En annen må godkjenne det.",
            "You changed this last. Another person has to approve it.",
        ),
        "own_affair": (
            "Dette gjelder deg selv. En annen må godkjenne det.",
            "This is about yourself. Another person has to approve it.",
        ),
        "let_in_by_other": (
            "En av dere kom med den andres lenke, eller begge med en tredjes, og ingen har bekreftet hvem som kom.",
            "One of you came by the other's link, or both by that of a third, and nobody has vouched for who came.",
        ),
        "let_back_lately": (
            "Du er sluppet inn igjen selv. Før en tredje har bekreftet at det var deg, slipper du ingen andre inn.",
            "You were let back yourself. Before a third person has vouched for you, you let nobody else back.",
        ),
        "not_vouched_for": (
            "Ingen har bekreftet at det var du som kom. Før det kan du ikke bekrefte det for andre.",
            "Nobody has vouched that it was you who came. Before that you cannot vouch for others.",
        ),
        "vouched_for_already": (
            "Det er ingenting å bekrefte: personen kom ikke med lenken til en kollega, eller det er bekreftet.",
            "There is nothing to vouch for: they came by no link of a colleague, or somebody has done so.",
        ),
        "approved_by_who_asked": (
            "Den som ber om noe, kan ikke godkjenne det.",
            "Whoever asks for something does not approve it.",
        ),
        "request_of_another": (
            "Bare den som ba om det, kan trekke det tilbake.",
            "Only whoever asked for it takes it back.",
        ),
        "access_of_another": (
            "Denne tilgangen er en annens.",
            "This is the access of somebody else.",
        ),
        "approved_already": ("Dette er allerede godkjent.", "This is approved already."),
        "ended": ("Dette er avsluttet.", "This is over."),
        "expired": ("Fristen for dette er over.", "The time for this is over."),
        "under_way": (
            "Det blir utført akkurat nå. Se etter om et minutt.",
            "It is being carried out at this moment. Look again in a minute.",
        ),
        "may_be_done": (
            "Dette kan være utført allerede. Trekk det tilbake, og be om det på nytt.",
            "This may have been carried out already. Take it back, and ask for it anew.",
        ),
        "edited": (
            "Det er endret siden du så det. Les det på nytt.",
            "It was changed since you saw it. Read it again.",
        ),
        "known_id": (
            "Dette skjemaet er allerede sendt, med noe annet i. Åpne det på nytt.",
            "This form was sent already, with something else in it. Open it again.",
        ),
        "asked_already": (
            "Det samme er det allerede bedt om. Se /approvals/{approval_id}.",
            "The same is asked for already. See /approvals/{approval_id}.",
        ),
        "too_many": (
            "Du har bedt om for mye som ikke er avgjort ennå.",
            "You have too many requests that nobody has decided on yet.",
        ),
        "another_request": (
            "Dette er ikke det som ble godkjent.",
            "This is not what was approved.",
        ),
        "approval_of_others": (
            "En av de to som ba om det og godkjente det, må utføre det.",
            "One of the two who asked for it and approved it carries it out.",
        ),
        "enrolment_not_recorded": (
            "Nøkkelen er så ny at hovedboken ikke har den ennå. Prøv igjen om et minutt.",
            "The key is so new that the ledger does not have it yet. Try again in a minute.",
        ),
        "unknown_code": ("Koden er feil, brukt eller utløpt.", "The code is wrong, used or over."),
        "too_many_failures": ("For mange forsøk. Vent litt.", "Too many attempts. Wait a little."),
        "too_many_devices": ("For mange enheter venter. Vent litt.", "Too many devices wait. Wait a little."),
        "undertaking_missing": (
            "Du har ikke signert taushetserklæringen. Signer den på din egen side.",
            "You have not signed the undertaking of confidentiality. Sign it on your own page.",
        ),
        "undertaking_over": (
            "Taushetserklæringen din gjelder ikke lenger. Signer den på nytt på din egen side.",
            "Your undertaking of confidentiality is over. Sign it again on your own page.",
        ),
        "training_missing": (
            "Ingen har ført at du har fått opplæring i personvern. Be den som forvalter det, om å gjøre det.",
            "It is not recorded that you were trained. Ask whoever manages it to record your training.",
        ),
        "training_over": (
            "Opplæringen din er for gammel. Ta den på nytt, og be om at den føres.",
            "Your training is too old. Take it again, and have it recorded.",
        ),
        "passkeys_missing": (
            "Du har bare én nøkkel. Registrer en til på din egen side.",
            "You have only one key. Enrol another one on your own page.",
        ),
        "role_not_granted": (
            "Ingen av rollene dine gjør dette. Spør den som forvalter rollene, om det er ditt arbeid.",
            "None of your roles does this. Ask whoever manages roles whether it is your work.",
        ),
        "grant_not_live": (
            "Tildelingen du hadde til dette, er over. Be om en ny hvis arbeidet fortsatt er ditt.",
            "The grant that you had for this has ended. Ask for a new one if the work is still yours.",
        ),
        OTHER_PURPOSE: (
            "Tildelingen din gjelder et annet formål enn det du valgte.",
            "Your grant is for another purpose than the one you chose.",
        ),
        "other_account": (
            "Tildelingen din gjelder andre kunder enn denne.",
            "Your grant is for other customers than this one.",
        ),
        "some_customers": (
            "Tildelingen din gjelder bare noen kunder, og dette er ikke om én av dem alene. De står på siden din.",
            "Your grant is for some customers only, and this is not about one of them alone. See your own page.",
        ),
        "approval_missing": (
            "Dette krever to personer. Be om det, så kan en annen godkjenne.",
            "This takes two persons. Ask for it, and another one can approve.",
        ),
        "not_approved": ("Ingen har godkjent dette ennå.", "Nobody has approved this yet."),
        "statement_spent": (
            "Dette er allerede gjort. Det gjøres bare én gang.",
            "This was done already. It is done only once.",
        ),
        "clock_ahead": (
            "Klokkene på to maskiner går ulikt, så ingenting ble gjort. Si fra til driften.",
            "The clocks of two machines differ, so nothing was done. Tell operations.",
        ),
        "no_case_viewers": (
            "Ingen av de to kan se saker. Minst én må ha en rolle for alle kunder som gjør det.",
            "Neither of the two may look at cases. At least one needs a role for all customers that does.",
        ),
        "list_lacking": (
            "Hvem det gjelder, er ikke beregnet. Gjør det først.",
            "Whom it concerns is not computed. Do that first.",
        ),
        "list_of_another_day": (
            "Hvem som har avtale, må beregnes i dag. Gjør det først.",
            "Who has an agreement has to be computed today. Do that first.",
        ),
        "agreement_lacking": (
            "Ingen har en avtale som gjelder i dag. Avslutt saken uten å sende.",
            "No agreement counts today. Close the case without sending.",
        ),
        "not_all_reached": (
            "Noen er ikke nådd ennå. Avslutt sakene om dem først.",
            "Somebody was not reached yet. Close the cases about them first.",
        ),
        "not_all_told": (
            "Noen har ikke fått beskjed ennå. Fortell dem det, eller avslutt med at det ikke går.",
            "Somebody was not told yet. Tell them, or close with the reason that it cannot be done.",
        ),
        "first_notice_lacking": (
            "For noen kunder gir vi bare den første meldingen. Den kommer først.",
            "Some have given a mandate for the first notice alone. That one comes first.",
        ),
        "draft_lacking": (
            "Det finnes ikke noe utkast til varsel. Skriv det først.",
            "There is no draft of a notice. Write it first.",
        ),
        "draft_partial": (
            "Utkastet sier at noe ikke er kjent ennå. Send det som foreløpig, eller skriv et nytt.",
            "The draft says that something is not known yet. Send it as partial, or write a new one.",
        ),
        "draft_complete": (
            "Utkastet sier ikke at noe er ukjent. Send det som fullstendig, eller skriv et nytt.",
            "The draft names nothing as unknown. Send it as complete, or write a new one.",
        ),
        "follow_up_lacking": (
            "Det siste varselet var foreløpig, og resten er ikke sendt ennå.",
            "The last notice was partial, and the rest was not sent yet.",
        ),
        "breach_not_decided": (
            "Dette kan være et brudd. Avgjør at det ikke var det, eller åpne en hendelse.",
            "This may be a breach. Decide that it was none, or open an incident.",
        ),
        "too_late_to_extend": (
            "Den første måneden er ute, så en forlengelse har ingen virkning. Svar nå.",
            "The first month is over, so an extension has no effect. Answer now.",
        ),
        "extended_before": (
            "Fristen er forlenget før. Svar i tide.",
            "The time was extended before. Answer in time.",
        ),
        "no_letter": ("Ingen brev venter på å bli sendt.", "No letter waits to be posted."),
        "approved": ("Enheten er allerede sluppet inn.", "The device was let in already."),
        "refused": ("Enheten er allerede avvist.", "The device was refused already."),
    }
)
"""By the reason in the details of a refusal."""
ON_OWN_PAGE: Final = frozenset(
    ("undertaking_missing", "undertaking_over", "passkeys_missing", "role_not_granted", "some_customers")
)
"""Reasons of which one's own page says more, or where what is lacking is seen to."""


def lacks(refused: Refused) -> tuple[str, str] | None:
    """What a person is told of what they may not do; None where nothing more is known."""
    known = WORDS.get(str(refused.details.get("reason", "")))
    named: dict[str, Any] = {name: refused.details[name] for name in NAMED if name in refused.details}
    if known is not None and named:
        known = known[0].format_map(named), known[1].format_map(named)
    allowed = refused.details.get("purposes")
    if known is None or not isinstance(allowed, list):
        return known
    nb, en = (_listed(allowed, language) for language in LANGUAGES)
    return f"{known[0]} Den gjelder: {nb}.", f"{known[1]} It is for: {en}."


def _listed(purposes: list[Any], language: str) -> str:
    return ", ".join(words.said("purpose", str(each), language) for each in purposes)


def wants_log_in(refused: Refused | None) -> bool:
    """Whether it would be done for somebody who had just proved with a passkey who they are."""
    return refused is not None and refused.details.get("reason") == "log_in_again"


def why(refused: Refused) -> tuple[str, str]:
    """What a person is told, in Norwegian and English."""
    return lacks(refused) or OTHER
