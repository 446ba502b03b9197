"""Codes of what is held on somebody, in the words of who reads them: in a copy and on the desk's pages."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from shared import words
from shared.words import Words

ACCOUNT_STATES: Final[Words] = MappingProxyType(
    {
        "active": ("aktiv", "active"),
        "inactive": ("inaktiv", "inactive"),
        "fenced": ("slettes nå", "being erased"),
        "erased": ("slettet", "erased"),
        "pending": ("venter på bekreftelse", "waits for confirmation"),
    }
)
ROLES: Final[Words] = MappingProxyType({"owner": ("eier", "owner"), "user": ("bruker", "user")})
REGISTER: Final[Words] = MappingProxyType(
    {
        "matched": ("stemmer", "matches"),
        "sole_proprietorship": ("enkeltpersonforetak", "sole proprietorship"),
        "name_mismatch": ("navnet er et annet", "another name"),
        "not_found": ("finnes ikke", "not found"),
        "sub_entity": ("underenhet", "sub-entity"),
        "deleted": ("slettet i registeret", "deleted in the register"),
        "removed": ("fjernet av registeret", "removed by the register"),
        "bankrupt": ("konkurs", "bankrupt"),
        "winding_up": ("under avvikling", "being wound up"),
        "provisional": ("registeret har ikke svart", "the register has not answered"),
        "no_number": ("uten organisasjonsnummer", "no organisation number"),
    }
)
LANGUAGE_NAMES: Final[Words] = MappingProxyType({"nb": ("norsk", "Norwegian"), "en": ("engelsk", "English")})
INACTIVATED_BY: Final[Words] = MappingProxyType(
    {
        "customer": ("kunden", "the customer"),
        "staff": ("en medarbeider", "staff"),
        "sign_up_abandoned": ("registreringen ble ikke fullført", "the sign-up was not completed"),
        "contract_terminated": ("oppsigelsestiden var over", "the notice period ended"),
        "early_request": ("det ble bedt om sletting uten å vente", "erasure without waiting was asked for"),
    }
)
PURPOSES: Final[Words] = MappingProxyType(
    {
        "customer_support": ("hjelp til kunden", "customer support"),
        "rights_request": ("en henvendelse om rettigheter", "a rights request"),
        "dispute": ("en tvist", "a dispute"),
        "security": ("sikkerhet", "security"),
        "billing": ("fakturering", "billing"),
        "operations": ("drift", "operations"),
        "staff_administration": ("forvaltning av medarbeidere", "administration of staff"),
        "audit": ("revisjon", "audit"),
    }
)
HOLD_REASONS: Final[Words] = MappingProxyType(
    {
        "dispute": ("tvist", "dispute"),
        "legal_claim": ("rettskrav", "legal claim"),
        "authority_order": ("pålegg fra en myndighet", "order of an authority"),
        "statutory_duty": ("plikt etter lov", "statutory duty"),
    }
)
RELEASE_REASONS: Final[Words] = MappingProxyType(
    {
        "settled": ("avgjort", "settled"),
        "time_barred": ("foreldet", "time-barred"),
        "order_withdrawn": ("pålegget er trukket tilbake", "the order was withdrawn"),
        "no_longer_needed": ("trengs ikke lenger", "no longer needed"),
        "placed_in_error": ("satt ved en feil", "placed in error"),
    }
)
CATEGORIES: Final[Words] = MappingProxyType(
    {
        code: words.CERTIFICATE[code]
        for code in (
            "company",
            "profile",
            "login_events",
            "agreements",
            "support",
            "letters",
            "objections",
            "cases",
            "registers",
            "audit_trail",
            "billing_copy",
        )
    }
)
GROUNDS: Final[Words] = MappingProxyType(
    {
        "a": ("a: opplysningene bestrides", "a: the accuracy is contested"),
        "b": ("b: behandlingen er ulovlig", "b: the processing is unlawful"),
        "c": ("c: trengs for et rettskrav", "c: needed for a legal claim"),
        "d": ("d: det er protestert mot behandlingen", "d: the processing was objected to"),
    }
)
ERASURE_STATES: Final[Words] = MappingProxyType(
    {
        "scheduled": ("planlagt", "scheduled"),
        "halted": ("stanset", "halted"),
        "announced": ("varslet", "announced"),
        "fenced": ("stengt av", "fenced"),
        "ordered": ("bestilt", "ordered"),
        "destroyed": ("slettet, bevis skrives", "erased, certificate being written"),
        "certified": ("slettet, med bevis", "erased, with certificate"),
        "cancelled": ("avlyst", "called off"),
    }
)
TRIGGERS: Final[Words] = MappingProxyType(
    {
        code: words.CERTIFICATE[code]
        for code in ("account_inactivated", "user_inactivated", "contract_terminated", "early_request")
    }
)
SUPPRESSIONS: Final[Words] = MappingProxyType(
    {"bounce": ("e-post kom i retur", "letters bounced"), "complaint": ("meldt som søppel", "reported as spam")}
)
TASKS: Final[Words] = MappingProxyType(
    {
        "undeliverable": ("gi beskjeden på en annen måte", "tell it in another way"),
        "copy": ("lag en kopi av opplysningene", "make a copy of the data"),
    }
)
TRIPLETEX: Final[Words] = MappingProxyType(
    {
        "unknown": ("finnes ikke der", "there is none"),
        "linked": ("finnes der", "is there"),
        "minimised": ("redusert til det regnskapet må ha", "reduced to what accounting must keep"),
        "erased": ("slettet", "erased"),
    }
)
EVENTS: Final[Words] = MappingProxyType(
    {
        "account.accuracy_asked": ("kunden ble spurt om opplysningene stemmer", "asked whether the data are right"),
        "account.accuracy_attested": (
            "kunden sa at opplysningene stemmer",
            "the customer said that the data are right",
        ),
        "account.blocked": ("kontoen ble sperret", "account blocked"),
        "account.deactivated": ("kontoen ble gjort inaktiv", "account made inactive"),
        "account.erased": ("kontoen ble slettet", "account erased"),
        "account.instructions_allowed": ("eierne kan bestemme igjen", "owners may instruct again"),
        "account.reactivated": ("kontoen ble aktiv igjen", "account active again"),
        "account.register_checked": ("registeret ble spurt", "register asked"),
        "account.registered": ("virksomheten registrerte seg", "company signed up"),
        "account.searched": ("en medarbeider søkte", "staff searched"),
        "account.termination_noticed": ("avtalen ble sagt opp", "notice given"),
        "account.termination_withdrawn": ("oppsigelsen ble trukket tilbake", "notice withdrawn"),
        "account.unblocked": ("kontoen ble åpnet", "account unblocked"),
        "account.updated": ("opplysninger om virksomheten ble endret", "company data changed"),
        "alarm_mail.received": ("en alarm kom på e-post", "alarm came by mail"),
        "anomaly.detected": ("noe uvanlig ble oppdaget", "something unusual was detected"),
        "agreement.accepted": ("avtalen ble inngått", "agreement concluded"),
        "billing.customer_synced": ("kunden ble kopiert til Tripletex", "customer copied to Tripletex"),
        "billing.job_retried": ("noe hos Tripletex prøves på nytt", "work at Tripletex tried again"),
        "billing.minimised": ("kopien hos Tripletex ble redusert", "copy at Tripletex minimised"),
        "billing.sync_failed": ("kopieringen til Tripletex feilet", "copying to Tripletex failed"),
        "breach.list_frozen": ("en liste over berørte ble låst", "list of those affected frozen"),
        "breach.notice_decided": ("et varsel ble besluttet", "notice decided"),
        "breach.recipients_followed": ("et varsel ble fulgt opp", "notice followed up"),
        "breach.notices_ordered": ("varsler ble bestilt", "notices ordered"),
        "breach.detected": ("et brudd ble slått fast", "breach detected"),
        "case.duty_alerted": ("vakten ble varslet om en sak", "somebody on duty was called to a case"),
        "duty_alert.delivered": ("et varsel til vakten kom fram", "call to whoever is on duty arrived"),
        "duty_alert.failed": ("et varsel til vakten kom ikke fram", "call to whoever is on duty failed"),
        "case.assigned": ("en sak fikk en annen ansvarlig", "case given to somebody else"),
        "case.clock_passed": ("en frist i en sak nærmer seg eller er ute", "clock of a case passed"),
        "case.charge_decided": ("kunden fikk vite hvem som betaler", "customer told who pays"),
        "case.cost_decided": ("det ble avgjort hvem som betaler", "decided who pays"),
        "case.effect_confirmed": ("noe som var avgjort, ble gjennomført", "decision carried out"),
        "case.instant_entered": ("et tidspunkt ble ført inn i en sak", "instant entered in a case"),
        "case.opened": ("en sak ble åpnet", "case opened"),
        "case.severity_assessed": ("alvoret i en sak ble vurdert", "severity of a case assessed"),
        "case.step_taken": ("noe ble gjort i en sak", "step of a case taken"),
        "erasure.announced": ("slettingen ble varslet", "erasure announced"),
        "erasure.cancelled": ("slettingen ble avlyst", "erasure called off"),
        "erasure.dry_run_ordered": ("tjenestene ble spurt hva de har", "services asked what they hold"),
        "erasure.early_dropped": ("tidlig sletting ble oppgitt", "early erasure dropped"),
        "erasure.early_requested": ("det ble bedt om tidlig sletting", "early erasure requested"),
        "erasure.halted": ("slettingen ble stanset", "erasure halted"),
        "erasure.ordered": ("slettingen ble bestilt", "erasure ordered"),
        "erasure.reminder_due": ("det er tid for en påminnelse", "reminder due"),
        "erasure.released": ("en stanset sletting fikk gå videre", "halted erasure let go on"),
        "erasure.scheduled": ("slettingen ble planlagt", "erasure scheduled"),
        "hold.placed": ("et tilbakehold ble satt", "hold placed"),
        "hold.released": ("et tilbakehold ble opphevet", "hold released"),
        "hold.renewed": ("tilbakeholdet ble forlenget", "hold renewed"),
        "hold.review_overdue": ("tilbakeholdet skulle vært vurdert", "review of the hold overdue"),
        "incident.opened": ("en hendelse ble åpnet", "incident opened"),
        "ledger.accepted": ("tapet av fakta ble godtatt", "loss of facts accepted"),
        "login.disclosed": ("pålogginger ble utlevert", "logins disclosed"),
        "login.disclosure_refused": ("utlevering av pålogginger ble avslått", "disclosure of logins refused"),
        "login.failed": ("et forsøk på å logge inn", "attempt to log in"),
        "login.succeeded": ("en bruker logget inn", "user logged in"),
        "notification.delivered": ("en e-post ble levert", "letter delivered"),
        "notification.unreachable": ("en kunde er ikke nådd", "customer not reached"),
        "notification.failed": ("en e-post kom ikke fram", "letter failed"),
        "rights_request.letter_ordered": ("e-post om et krav ble bestilt", "e-mail about a request ordered"),
        "nonconformity.answered": ("et meldt avvik ble besvart", "reported deviation answered"),
        "transfer.made": ("en kopi sendes til en annen", "copy handed over"),
        "transfer.fetched": ("en kopi ble hentet av mottakeren", "copy fetched by its receiver"),
        "transfer.received": ("en kopi kom fram til mottakeren", "copy arrived at its receiver"),
        "transfer.ended": ("koden til en kopi ble trukket tilbake", "code of a copy taken back"),
        "export.company_opened": ("en kopi for virksomheten ble hentet", "copy of the company fetched"),
        "export.opened": ("en kopi ble hentet", "copy fetched"),
        "export.ordered": ("en kopi ble bedt om", "copy asked for"),
        "export.overdue": ("en kopi ble ikke klar i tide", "copy not ready in time"),
        "export.ready": ("en kopi ble klar", "copy ready"),
        "export.withdrawn": ("en kopi for virksomheten ble trukket tilbake", "copy of the company withdrawn"),
        "nonconformity.reported": ("et avvik ble meldt", "deviation reported"),
        "correspondence.begun": ("en klage eller et spørsmål kom inn", "complaint or enquiry came in"),
        "support.written": ("en melding kom til brukerstøtte", "message to support"),
        "support.answered": ("brukerstøtte svarte", "support answered"),
        "support.mail_declined": ("et svar på e-post ble ikke tatt imot", "reply by e-mail not taken"),
        "support.settled": ("en melding trengte ikke svar", "message needed no answer"),
        "notification.sent": ("en e-post ble sendt", "letter sent"),
        "marketing.objected": ("protest mot markedsføring", "objection to marketing"),
        "campaign.changed": ("kampanje endret", "campaign changed"),
        "consent.given": ("samtykke til e-post gitt", "consent to e-mail given"),
        "preferences.changed": ("ønsker om e-post ble endret", "preferences changed"),
        "register.changed": ("en oppføring i et register ble endret", "record in a register changed"),
        "register.ended": ("en oppføring i et register ble avsluttet", "record in a register ended"),
        "restriction.lift_announced": ("slutten på begrensningen ble varslet", "end of the restriction announced"),
        "restriction.lifted": ("begrensningen ble opphevet", "restriction lifted"),
        "restriction.set": ("behandlingen ble begrenset", "processing restricted"),
        "sign_up.repeated": ("virksomheten registrerte seg på nytt", "sign-up repeated"),
        "staff.grant_given": ("en medarbeider fikk en rolle for kunden", "staff granted a role for the customer"),
        "staff.personal_data_read": ("en medarbeider så på kunden", "staff looked at the customer"),
        "suppression.lifted": ("en adresse får e-post igjen", "address gets letters again"),
        "task.settled": ("en oppgave ble gjort for hånd", "task done by hand"),
        "user.added": ("en bruker ble lagt til", "user added"),
        "user.address_changed": ("en brukers adresse ble endret", "address of a user changed"),
        "user.confirmation_requested": ("en bekreftelse ble bedt om", "confirmation requested"),
        "user.deactivated": ("en bruker ble gjort inaktiv", "user made inactive"),
        "user.email_confirmed": ("en adresse ble bekreftet", "address confirmed"),
        "user.erased": ("en bruker ble slettet", "user erased"),
        "user.login_suspected": ("en pålogging var mistenkelig", "suspicious login"),
        "user.invited": ("en bruker ble invitert", "user invited"),
        "user.password_changed": ("et passord ble endret", "password changed"),
        "user.password_reset_requested": ("et nytt passord ble bedt om", "password reset requested"),
        "user.reactivated": ("en bruker ble aktiv igjen", "user active again"),
        "user.reset_required": ("et passord må settes på nytt", "password must be set anew"),
        "user.return_requested": ("en lenke tilbake ble bedt om", "link back requested"),
        "user.updated": ("opplysninger om en bruker ble endret", "user data changed"),
    }
)
"""What happened to an account. Others that a trail may hold are shown by their type."""
CHANGED_FIELDS: Final[Words] = MappingProxyType(
    {
        "email": ("e-postadressen", "the e-mail address"),
        "language": ("språket", "the language"),
        "name": ("navnet", "the name"),
        "org_number": ("organisasjonsnummeret", "the organisation number"),
        "phone": ("telefonnummeret", "the telephone number"),
        "role": ("rollen", "the role"),
    }
)
AUTHORITIES: Final[Words] = MappingProxyType(
    {code: (norwegian, english) for code, norwegian, english in words.AUTHORITIES}
    | {
        "estate_trustee": ("bostyrer", "trustee of the estate"),
        "data_subject": ("personen selv", "the person themselves"),
    }
)
IDENTITY_CHECKS: Final[Words] = MappingProxyType(
    {
        "account_login": ("logget inn på kontoen", "logged in to the account"),
        "confirmation_link": ("lenke i e-post", "link in an e-mail"),
        "call_back": ("ringt opp på kjent nummer", "called back at a known number"),
        "electronic_signature": ("elektronisk signatur", "electronic signature"),
    }
)
AUTHORITY_CHECKS: Final[Words] = MappingProxyType(
    {
        "account_owner": ("eier av kontoen", "owner of the account"),
        "business_register": ("Foretaksregisteret", "the business register"),
        "written_mandate": ("skriftlig fullmakt", "written mandate"),
        "court_appointment": ("oppnevnt av retten", "appointed by the court"),
        "self": ("ber for seg selv", "asks for themselves"),
    }
)
INACTIVATION_REASONS: Final[Words] = MappingProxyType(
    {
        "customer_request": ("kunden ba om det", "the customer asked for it"),
        "estate_request": ("konkursboet ba om det", "the estate asked for it"),
        "duplicate_account": ("kunden har en annen konto", "the customer has another account"),
        "register_mismatch": ("stemmer ikke med registeret", "does not match the register"),
        "unintended_use": ("brukes til noe annet enn den er ment for", "is used for what it is not meant for"),
        "security": ("sikkerhet", "security"),
    }
)
BLOCK_REASONS: Final[Words] = MappingProxyType(
    {code: INACTIVATION_REASONS[code] for code in ("security", "unintended_use")}
)
SUPPORT_KINDS: Final[Words] = MappingProxyType(
    {
        "question": ("spørsmål", "question"),
        "complaint": ("klage", "complaint"),
        "enquiry": ("spørsmål om rettigheter", "enquiry"),
    }
)
SUPPORT_STATES: Final[Words] = MappingProxyType(
    {
        "waiting": ("venter på svar", "waits for an answer"),
        "answered": ("besvart", "answered"),
        "settled": ("avsluttet uten skriftlig svar", "settled without a written answer"),
    }
)
SUPPORT_WAYS: Final[Words] = MappingProxyType(
    {"page": ("på siden", "on the page"), "mail": ("svar på e-post", "reply by e-mail")}
)
CONTACT_CHANNELS: Final[Words] = MappingProxyType(
    {
        "email": ("e-post", "e-mail"),
        "phone": ("telefon", "telephone"),
        "letter": ("brev", "letter"),
        "in_person": ("personlig", "in person"),
    }
)
CONTACT_OUTCOMES: Final[Words] = MappingProxyType(
    {
        "no_answer": ("ikke noe svar", "no answer"),
        "not_reached": ("ikke nådd", "not reached"),
        "answered": ("svarte", "answered"),
        "disputed": ("er uenig", "disputed it"),
    }
)
TASK_OUTCOMES: Final[Words] = MappingProxyType(
    {
        "told_by_phone": ("sagt på telefon", "told by telephone"),
        "told_by_post": ("sagt i posten", "told by post"),
        "told_otherwise": ("sagt på en annen måte", "told in another way"),
        "copy_handed_over": ("kopien er gitt", "the copy was handed over"),
        "not_reachable": ("kunne ikke nås", "could not be reached"),
        "needless": ("trengtes ikke", "was not needed"),
    }
)
LOGIN_OUTCOMES: Final[Words] = MappingProxyType(
    {"succeeded": ("kom inn", "got in"), "failed": ("kom ikke inn", "did not get in")}
)
LOGIN_REASONS: Final[Words] = MappingProxyType(
    {
        "unknown_address": ("ukjent adresse", "unknown address"),
        "no_password": ("har ikke valgt passord", "has chosen no password"),
        "wrong_password": ("feil passord", "wrong password"),
        "reset_required": ("må velge nytt passord", "has to choose a new password"),
        "account_inactive": ("kontoen er inaktiv", "the account is inactive"),
        "account_blocked": ("kontoen er sperret", "the account is blocked"),
        "user_inactive": ("brukeren er inaktiv", "the user is inactive"),
        "unconfirmed": ("adressen er ikke bekreftet", "the address is not confirmed"),
        "held_by_staff": ("vi gjorde kontoen inaktiv", "we made the account inactive"),
        "delayed": ("for mange forsøk før", "too many attempts before"),
        "account_active": ("kontoen er aktiv", "the account is active"),
        "bankrupt": ("virksomheten er konkurs", "the company is bankrupt"),
    }
)
LOGIN_PURPOSES: Final[Words] = MappingProxyType(
    {
        "own_access": ("innsyn for personen selv", "the person's own access"),
        "security_breach": ("å oppklare et brudd på sikkerheten", "clearing up a breach of security"),
        "account_takeover": ("å oppklare en overtatt konto", "clearing up an account that was taken over"),
        "system_administration": ("å drifte systemet", "administering the system"),
    }
)
EARLY_COURSES: Final[Words] = MappingProxyType(
    {"accepted": ("godkjent", "accepted"), "begun": ("begynt", "begun"), "dropped": ("oppgitt", "dropped")}
)
LINK_KINDS: Final[Words] = MappingProxyType(
    {
        "confirmation": ("bekrefte adressen", "to confirm the address"),
        "address_change": ("bekrefte en ny adresse", "to confirm a new address"),
        "invitation": ("ta imot en invitasjon", "to take up an invitation"),
        "password_reset": ("velge nytt passord", "to choose a new password"),
        "notice": ("svare på et varsel", "to answer a notice"),
        "reactivation": ("gjøre kontoen aktiv igjen", "to make the account active again"),
    }
)
LOGIN_RESULTS: Final[Words] = MappingProxyType({**LOGIN_OUTCOMES, **LOGIN_REASONS})
"""What came of an attempt to log in: that somebody got in, or why not."""
USER_CATEGORIES: Final[Words] = MappingProxyType(
    {
        "employee": ("ansatt i en virksomhet", "employee of a company"),
        "private_customer": ("kunde uten organisasjonsnummer", "customer without an organisation number"),
    }
)
DOCUMENTS: Final[Words] = MappingProxyType(
    {"data_processing_agreement": ("databehandleravtalen", "the data processing agreement")}
)
ATTESTED: Final[Words] = MappingProxyType(
    {
        "authority": ("retten til å inngå avtalen", "the right to conclude the agreement"),
        "necessary_data": ("at nødvendige opplysninger er gitt", "that the necessary information was given"),
        "accurate_data": ("at opplysningene er riktige", "that the information is correct"),
        "users_informed": ("at brukerne er informert", "that the users were informed"),
    }
)
CONTROLS: Final[Words] = MappingProxyType(
    {
        "sign_up.accept": ("knappen der man registrerer seg", "the button where one signs up"),
        "confirmation.accept": ("knappen der adressen bekreftes", "the button where the address is confirmed"),
        "reactivation.accept": ("knappen der kontoen blir aktiv igjen", "the button where the account comes back"),
    }
)
NOTICE_CHANNELS: Final[Words] = MappingProxyType(
    {**CONTACT_CHANNELS, "self_service": ("på sidene for kunder", "on the customers' pages")}
)
REVIEW_REASONS: Final[Words] = MappingProxyType(
    {
        **REGISTER,
        "number_is_shared": ("en annen konto har samme nummer", "another account has the same number"),
    }
)
ORGANISATION_FORMS: Final[Words] = MappingProxyType(
    {
        "AS": ("aksjeselskap", "limited company"),
        "ASA": ("allmennaksjeselskap", "public limited company"),
        "ENK": ("enkeltpersonforetak", "sole proprietorship"),
        "NUF": ("norskregistrert utenlandsk foretak", "foreign company registered in Norway"),
        "ANS": ("ansvarlig selskap", "general partnership"),
        "DA": ("ansvarlig selskap med delt ansvar", "partnership with shared liability"),
        "SA": ("samvirkeforetak", "cooperative"),
        "STI": ("stiftelse", "foundation"),
        "FLI": ("forening, lag eller innretning", "association"),
        "KOMM": ("kommune", "municipality"),
        "FYLK": ("fylkeskommune", "county"),
        "BRL": ("borettslag", "housing cooperative"),
        "ESEK": ("eierseksjonssameie", "condominium"),
        "KBO": ("konkursbo", "bankruptcy estate"),
    }
)
"""Forms of organisation, by the codes of the business register; the rarer ones are shown as it writes them."""
SERVICES: Final[Words] = MappingProxyType(
    {
        **words.STORES,
        "billing_sync": words.STORES["billing-sync"],
        "retention": ("Slettefrister", "Retention"),
        "gateway": ("Sidene for kunder", "The customers' pages"),
        "desk": ("Sidene for ansatte", "The pages of staff"),
        "staff": ("Ansattes tilganger", "Rights of staff"),
    }
)
"""Which part of the system tells something."""
DONE_BY: Final[Words] = MappingProxyType(
    {
        "you": ("deg", "you"),
        "another_user": ("en annen bruker", "another user"),
        "user": ("en bruker", "a user"),
        "vendor": ("leverandøren", "the vendor"),
        "program": ("programmet", "the program"),
        "company": ("virksomheten", "the company"),
    }
)
"""Who did something, and to whom; nobody else is named."""
SHOWN_TO: Final[Words] = MappingProxyType(
    {
        "you": ("deg", "you"),
        "owner": ("en eier av kontoen", "an owner of the account"),
        "staff": ("ansatte hos leverandøren", "the vendor's staff"),
    }
)
LOOKED_FOR: Final[Words] = MappingProxyType(
    {**PURPOSES, **LOGIN_PURPOSES, "other": ("noe annet", "something else")}
)
FIELDS: Final[Words] = MappingProxyType(
    {
        **CHANGED_FIELDS,
        "contact_address": ("postadressen", "the postal address"),
        "billing_address": ("fakturaadressen", "the billing address"),
    }
)
CANCELLATIONS: Final[Words] = MappingProxyType(
    {
        "reactivated": ("kontoen ble aktiv igjen", "the account came back"),
        "started_anew": ("en ny frist begynte", "a new period began"),
        "early_request": ("det ble bedt om sletting uten å vente", "erasure without waiting was asked for"),
        "superseded": ("virksomhetens sletting tar den med", "the erasure of the company takes it along"),
    }
)
LETTER_CLASSES: Final[Words] = MappingProxyType(
    {"marketing": ("markedsføring", "marketing"), "product_news": ("nyheter om produktet", "news of the product")}
)
OBJECTED_BY: Final[Words] = MappingProxyType(
    {
        "by_email": ("i e-post", "by e-mail"),
        "by_phone": ("på telefon", "by telephone"),
        "by_post": ("med posten", "by post"),
        "in_person": ("personlig", "in person"),
        "by_oneself": ("på sidene", "on the pages"),
    }
)
MAILING_STATES: Final[Words] = MappingProxyType(
    {
        "pending": ("venter", "waiting"),
        "expanded": ("sendt til hver enkelt", "sent to each person"),
        "closed": ("avsluttet", "closed"),
        "withdrawn": ("trukket tilbake", "withdrawn"),
    }
)
_ANSWERS: Final = (400, 401, 402, 403, 404, 405, 413, 415, 422, 500, 502, 503, 504)
LETTER_REASONS: Final[Words] = MappingProxyType(
    {
        "withdrawn": ("e-posten ble trukket tilbake", "the e-mail was withdrawn"),
        "no_date_told": ("ingen dato å fortelle om", "no date to tell"),
        "recipient_gone": ("mottakeren finnes ikke lenger", "the recipient is there no more"),
        "recipient_inactive": ("mottakeren er inaktiv", "the recipient is inactive"),
        "address_unconfirmed": ("adressen er ikke bekreftet", "the address is not confirmed"),
        "ticket_spent": ("lenken er brukt", "the link is used up"),
        "address_refused": ("adressen ble ikke godtatt", "the address was refused"),
        "letter_refused": ("e-posten ble ikke godtatt", "the e-mail was refused"),
        "purpose_refused": ("formålet er ikke tillatt", "the purpose is not allowed"),
        "class_not_approved": ("to har ikke sagt hva slags e-post det er", "two have not said what kind it is"),
        "opted_out": ("mottakeren ønsker ikke slik e-post", "the recipient declined such e-mail"),
        "restricted": ("behandlingen er begrenset", "the processing is restricted"),
        "not_agreed_to": ("mottakeren har ikke samtykket", "the recipient has not agreed"),
        "suppressed_complaint": ("meldt som søppel før", "reported as spam before"),
        "suppressed_bounce": ("kom i retur før", "bounced before"),
        "suppressed_at_mailgun": ("sperret hos Mailgun", "suppressed at Mailgun"),
        "outcome_unknown": ("uvisst om den ble sendt", "not known whether it was sent"),
        "no_recipient": ("ingen å sende til", "nobody to send it to"),
        "given_up": ("oppgitt", "given up"),
        "renewed": ("erstattet av en nyere", "replaced by a newer one"),
        "fault": ("en feil hos oss", "a fault of ours"),
        "throttled": ("Mailgun ba oss vente", "Mailgun asked us to wait"),
        "lease_lost": ("ble avbrutt", "was interrupted"),
        "not_found": ("Mailgun kjenner den ikke", "Mailgun does not know it"),
        "asked_for": ("vi har spurt Mailgun", "Mailgun was asked"),
        "not_connected": ("fikk ikke kontakt med Mailgun", "Mailgun could not be reached"),
        "timed_out": ("Mailgun svarte ikke i tide", "Mailgun did not answer in time"),
        "connection_lost": ("kontakten med Mailgun ble brutt", "the connection to Mailgun was lost"),
        "answer_without_id": ("Mailgun svarte uten nummer", "Mailgun answered without a number"),
        "not_to_be_told": ("skal ikke fortelles", "is not to be told"),
        "rejected": ("avvist av Mailgun", "rejected by Mailgun"),
        "bounced": ("kom i retur", "bounced"),
        **{
            f"{answered}_{status}": (f"Mailgun svarte {status}", f"Mailgun answered {status}")
            for answered in ("mailgun", "answer")
            for status in _ANSWERS
        },
    }
)
"""Why a letter waits, or did not arrive."""
RECIPIENTS: Final[Words] = MappingProxyType({"tripletex": ("Tripletex", "Tripletex")})
TOLD: Final[Words] = MappingProxyType({"done": ("mottakeren har rettelsen", "the recipient has the correction")})
