"""Every code that the desk's pages show, in Norwegian and English, by what kind of code it is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from services.desk.wording import case_words, register_words
from shared import letter_words, words
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
CAMPAIGN_CLASSES: Final[Words] = MappingProxyType(
    {"marketing": ("markedsføring", "marketing"), "product_news": ("nyheter om produktet", "news of the product")}
)
CAMPAIGN_STATES: Final[Words] = MappingProxyType(
    {
        "draft": ("utkast", "draft"),
        "running": ("sendes", "being sent"),
        "stopped": ("stanset", "stopped"),
        "done": ("ferdig", "done"),
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
HOLD_STATES: Final[Words] = MappingProxyType(
    {
        "active": ("i kraft", "in force"),
        "overdue": ("skal vurderes på nytt nå", "its review is overdue"),
        "released": ("opphevet", "released"),
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
RESTRICTION_STATES: Final[Words] = MappingProxyType(
    {
        "set": ("i kraft", "in force"),
        "announced": ("slutten er varslet", "its end is announced"),
        "told": ("personen er underrettet", "the person was told"),
        "lifted": ("opphevet", "lifted"),
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
PART_STATES: Final[Words] = MappingProxyType(
    {
        "waiting": ("venter", "waiting"),
        "done": ("utført", "done"),
        "failed": ("feilet", "failed"),
        "overdue": ("på overtid", "overdue"),
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
PARKED_STATES: Final[Words] = MappingProxyType(
    {
        "parked": ("parkert", "parked"),
        "replayed": ("sendt på nytt", "replayed"),
        "discarded": ("forkastet", "discarded"),
    }
)
ALARMS: Final[Words] = MappingProxyType(
    {
        "nobody_vouched": (
            "ingen har bekreftet hvem som kom med en kollegas lenke",
            "nobody has vouched for who came by a colleague's link",
        ),
        "administrators_too_few": (
            "det mangler administratorer som kan handle",
            "administrators who can act are missing",
        ),
        "support_unanswered": (
            "meldinger til brukerstøtte som skulle vært besvart",
            "messages to support that should have been answered",
        ),
        "accounts_blocked": (
            "kontoer er sperret: snakk med kunden",
            "accounts are blocked: talk to the customer",
        ),
        "alarms_unknown": ("tjenesten sier ikke hva som venter der", "the service does not say what waits there"),
        "approvals_wait": (
            "handlinger venter på at en annen godkjenner",
            "acts wait for the approval of another person",
        ),
        "backup_behind": ("sikkerhetskopier mangler på lagringsstedet", "backups are missing at the target"),
        "backup_clock": (
            "gamle sikkerhetskopier slettes ikke: klokken hoppet",
            "no old backup goes: clock jumped",
        ),
        "backup_none": ("det finnes ingen sikkerhetskopi", "there is no backup"),
        "backup_stale": ("den nyeste sikkerhetskopien er for gammel", "the newest backup is too old"),
        "backup_too_old": ("en sikkerhetskopi skulle vært slettet", "a backup should be gone"),
        "backup_unproven": ("ingen har vist at kopien kan tas i bruk", "nobody has shown that a backup restores"),
        "mandates_not_looked_up": ("hvem som har gitt fullmakt, er ukjent", "who gave a mandate is not known"),
        "affected_not_computed": ("hvem et brudd gjelder, er ukjent", "whom a breach concerns is not computed"),
        "cases_not_carried_out": ("noe er avgjort, men ikke gjennomført", "decisions that are not carried out"),
        "breach_not_told": (
            "mottakere av varsel om brudd som vi ikke vet om er nådd",
            "recipients of notices of a breach perhaps not reached",
        ),
        "duty_hook_fails": (
            "varsler til vaktens varslingstjeneste kommer ikke fram",
            "calls to the hook of duty fail",
        ),
        "duty_mail_fails": ("e-post til vakten kommer ikke fram", "letters to whoever is on duty fail"),
        "duty_not_called": ("saker som ingen kunne varsles om", "cases to which nobody could be called"),
        "duty_unanswered": ("varsler som ingen har svart på", "calls that nobody has answered"),
        "leads_without_address": (
            "hendelsesledere uten adresse å varsles på",
            "incident leads who have no address",
        ),
        "cases_overdue": ("saker er over fristen", "cases whose time is over"),
        "cases_restored": ("en gjenoppretting har tatt noe av en sak", "a restore has lost something of a case"),
        "cases_without_owner": ("ingen har ansvaret for en sak", "cases that nobody answers for"),
        "clock_jumped": ("sletting står stille: klokken hoppet", "nothing is destroyed: the clock jumped"),
        "companies_bankrupt": ("konkursbo må vurderes", "bankrupt companies whose owners may not instruct"),
        "copies": ("kopier av opplysninger som noen har bedt om", "copies of data that somebody asked for"),
        "dry_runs_silent": ("prøvekjøringer uten svar fra alle", "dry runs that not all have answered"),
        "duty_rota_empty": ("ingen har vakt denne uken", "nobody is on duty this week"),
        "early_requests_stuck": ("tidlige slettinger som ikke har begynt", "early erasures that have not begun"),
        "erasures_halted": ("slettinger er stanset", "erasures were halted"),
        "erasures_late": ("slettinger tar for lang tid", "erasures past the days they may take"),
        "exports_not_ready": ("kopier av opplysninger er ikke klare", "copies of data are not ready"),
        "grants_end_soon": ("tildelinger går snart ut", "grants end soon"),
        "hold_reviews": ("tilbakehold skal vurderes på nytt", "holds whose review date has passed"),
        "ledger": ("noe er galt med hovedboken", "something is wrong with the ledger"),
        "letter_class_not_said": (
            "e-poster venter på at to sier hvilken klasse de er i",
            "letters wait until two have said of which class they are",
        ),
        "letters_held": ("e-poster er holdt tilbake", "letters are held back"),
        "letters_late": ("e-poster er forsinket", "letters have not left for a quarter of an hour"),
        "mailgun": ("problemer hos Mailgun", "troubles with Mailgun"),
        "parked_messages": ("meldinger kunne ikke behandles", "messages could not be handled"),
        "participants_overdue": (
            "en tjeneste har ikke bekreftet sletting",
            "a participant did not confirm in time",
        ),
        "machine_doors_unseen": (
            "noe er gjort på maskinen uten at to personer har kontrasignert det",
            "something was done on the machine that two persons have not countersigned",
        ),
        "register_approvals_waiting": (
            "oppføringer venter på to personer",
            "records wait for two persons",
        ),
        "register_reviews_overdue": ("oppføringer skulle vært vurdert", "records that should have been reviewed"),
        "passkeys_copied": ("noen har kopiert en nøkkel", "somebody has copied a passkey"),
        "prerequisites_end_soon": (
            "taushetserklæringer eller opplæring går snart ut",
            "undertakings or training end soon",
        ),
        "promises": ("løfter ser ut til å være brutt", "probes see a promise not to be kept"),
        "restrictions_long": ("begrensninger har vart lenge", "restrictions in force for long without a decision"),
        "restrictions_not_told": (
            "personer har ikke fått vite at begrensningen slutter",
            "persons whom the letter about the end has not reached",
        ),
        "restrictions_to_lift": ("begrensninger kan oppheves", "restrictions that can be lifted"),
        "trail_damaged": ("revisjonssporet er skadet", "the audit trail is damaged"),
        "trail_stands_still": ("revisjonssporet står stille", "the audit trail stands still"),
        "tripletex_failed": ("arbeid mot Tripletex feilet", "work towards Tripletex failed"),
        "tripletex_late": ("arbeid mot Tripletex er forsinket", "work towards Tripletex is late"),
        "undeliverable": ("pålagte e-poster som ikke kommer fram", "legal letters that no mail brings"),
        "vendor_failing": ("en leverandør svarer ikke som den skal", "a vendor does not answer as it should"),
        "waits_beyond_bound": ("rader ventet på et urimelig tidspunkt", "rows waited for an absurd instant"),
    }
)
BACKUP_SETS: Final[Words] = MappingProxyType(
    {
        "data": ("databasene", "the databases"),
        "keyring": ("nøklene", "the keys"),
        "ledger": ("hovedboken", "the ledger"),
        "proofs": ("bevisene", "the proofs"),
    }
)
BACKUP_STATES: Final[Words] = MappingProxyType(
    {
        "fresh": ("i orden", "in order"),
        "none": ("mangler", "missing"),
        "stale": ("for gammel", "too old"),
        "unproven": ("ikke prøvd", "not proven"),
        "behind": ("ikke på lagringsstedet", "not at the target"),
        "clock": ("klokken hoppet", "the clock jumped"),
        "too_old": ("skulle vært slettet", "should be gone"),
    }
)
FOLLOWS: Final[Words] = MappingProxyType(
    {
        "at the head": ("følger med", "at the head"),
        "behind": ("henger etter", "behind"),
        "never started": ("aldri startet", "never started"),
        "contradicted": ("motsies av hovedboken", "contradicted by the ledger"),
        "unknown": ("ukjent", "unknown"),
        "away": ("svarer ikke", "away"),
    }
)

OF_STAFF: Final[Words] = MappingProxyType(
    {
        "act.carried_out": ("det to bestemte, ble utført", "what two decided was carried out"),
        "admin_session.closed": ("sluttet å se i en database", "stopped looking into a database"),
        "admin_session.opened": ("begynte å se i en database", "began to look into a database"),
        "approval.edited": ("endret det det ble bedt om", "changed what is asked for"),
        "approval.ended": ("det det ble bedt om, er over", "what was asked for is over"),
        "approval.given": ("godkjente det en annen ba om", "approved what another asked for"),
        "approval.not_taken": ("ville avgjøre noe de ikke får avgjøre", "wanted to decide what they may not"),
        "approval.requested": ("ba om noe som krever to", "asked for what takes two"),
        "claim.refused": ("et program ble avvist", "a program was refused"),
        "erasure.dry_run_answered": (
            "det som ville blitt slettet, ble telt",
            "what an erasure would take was counted",
        ),
        "erasure.step_completed": ("en del av slettingen er gjort", "a part of the erasure is done"),
        "machine_door.countersigned": (
            "to bekreftet det som ble gjort på maskinen",
            "two countersigned the machine",
        ),
        "machine_door.used": ("noe ble gjort på maskinen", "something was done on the machine"),
        "parked.decided": ("avgjorde en parkert melding", "decided about a parked message"),
        "passkey.enrolled": ("registrerte en adgangsnøkkel", "enrolled a passkey"),
        "passkey.revoked": ("en adgangsnøkkel gjelder ikke lenger", "a passkey counts no more"),
        "recovery_codes.burnt": ("koder gjelder ikke lenger", "recovery codes count no more"),
        "recovery_codes.made": ("laget koder for å komme inn igjen", "made recovery codes"),
        "recovery_codes.used": ("brukte en kode for å komme inn igjen", "used a recovery code"),
        "staff.activated": ("ble medarbeider", "became one of the staff"),
        "staff.acts_refused": ("ville gjøre noe de ikke får gjøre", "wanted to do what they may not"),
        "staff.acts_signed": ("så på eller gjorde", "looked at or did"),
        "staff.contact_set": ("adressen for varsling ble ført inn", "the address for calls on duty was entered"),
        "staff.database_access_ended": ("tilgangen til en database sluttet", "access to a database ended"),
        "staff.database_access_opened": ("fikk tilgang til en database", "was let into a database"),
        "staff.database_password_set": ("laget et passord til en database", "made a password for a database"),
        "staff.device_log_in_decided": (
            "avgjorde om en kommandolinje fikk logge inn",
            "decided on a command line's log-in",
        ),
        "staff.enrolment_link_issued": ("en lenke til å komme inn ble laget", "a link to enrol by was made"),
        "staff.grant_expired": ("en tildeling løp ut", "a grant has run out"),
        "staff.grant_revoked": ("en tildeling ble trukket tilbake", "a grant was revoked"),
        "staff.invited": ("ble invitert", "was invited"),
        "staff.left": ("sluttet", "left"),
        "staff.prerequisite_expired": (
            "en erklæring eller opplæring løp ut",
            "an undertaking or a training has run out",
        ),
        "staff.prerequisite_recorded": (
            "en erklæring eller opplæring ble ført",
            "an undertaking or a training was recorded",
        ),
        "staff.prerequisite_withdrawn": (
            "en erklæring eller opplæring ble trukket tilbake",
            "an undertaking or a training was withdrawn",
        ),
        "staff.proof_refused": ("et bevis på hvem det var, holdt ikke", "a proof of who it was did not hold"),
        "staff.requests_refused": ("forespørsler ble avvist i døren", "requests were turned away at the door"),
        "staff.session_ended": ("en økt ble avsluttet", "a session was ended"),
        "staff.session_opened": ("logget inn", "logged in"),
        "staff.vouched_for": ("en tredje gikk god for personen", "a third person vouched for them"),
        "statement.refused": ("et signert kall ble avvist", "a signed call was refused"),
        "trail.reopened": ("lot revisjonssporet vokse igjen", "let the audit trail grow again"),
        "trail.verified": ("revisjonssporet ble kontrollert", "the audit trail was verified"),
    }
)
"""What happened to no customer: what staff did, and what a program did of which they are told."""

EVENTS: Final[Words] = MappingProxyType(
    {
        **OF_STAFF,
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
        "support.written": ("en melding kom til brukerstøtte", "message to support"),
        "support.answered": ("brukerstøtte svarte", "support answered"),
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

REVOCATIONS: Final[Words] = MappingProxyType(
    {"lost": ("mistet", "lost"), "stolen": ("stjålet", "stolen"), "replaced": ("byttet ut", "replaced")}
)
SESSIONS: Final[Words] = MappingProxyType(
    {"desk": ("nettleser", "browser"), "command_line": ("kommandolinje", "command line")}
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
STAFF_ROLES: Final[Words] = MappingProxyType(
    {
        "support": ("kundehjelp", "support"),
        "case_handler": ("saksbehandler", "case handler"),
        "privacy_lead": ("personvernansvarlig", "privacy lead"),
        "incident_lead": ("hendelsesleder", "incident lead"),
        "operator": ("drift", "operator"),
        "developer": ("utvikler", "developer"),
        "finance": ("økonomi", "finance"),
        "management": ("ledelse", "management"),
        "board": ("styret", "board"),
        "staff_admin": ("forvalter av medarbeidere", "administrator of staff"),
        "auditor": ("revisor", "auditor"),
    }
)
APPROVAL_STATES: Final[Words] = MappingProxyType(
    {
        "waiting": ("venter på godkjenning", "waits for approval"),
        "approved": ("godkjent", "approved"),
        "ended": ("avsluttet", "ended"),
    }
)
APPROVAL_ENDINGS: Final[Words] = MappingProxyType(
    {
        "carried_out": ("utført", "carried out"),
        "refused": ("avslått", "refused"),
        "withdrawn": ("trukket tilbake", "withdrawn"),
        "expired": ("tiden gikk ut", "its time ran out"),
        "restored": ("falt bort ved en gjenoppretting", "void after a restore"),
    }
)
REFUSAL_REASONS: Final[Words] = MappingProxyType(
    {
        "not_needed": ("det trengs ikke", "it is not needed"),
        "wrong_scope": ("det gjelder for mye eller for lite", "it takes too much or too little"),
        "wrong_person": ("det gjelder feil kunde eller person", "it is about the wrong customer or person"),
        "not_understood": ("jeg forstår ikke hvorfor", "I do not understand why"),
        "otherwise_decided": ("det er bestemt noe annet", "something else was decided"),
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
SUPPORT_STATES: Final[Words] = MappingProxyType(
    {
        "waiting": ("venter på svar", "waits for an answer"),
        "answered": ("besvart", "answered"),
        "settled": ("avsluttet uten skriftlig svar", "settled without a written answer"),
    }
)
SETTLED_REASONS: Final[Words] = MappingProxyType(
    {
        "no_answer_needed": ("trenger ikke svar", "needs no answer"),
        "answered_by_telephone": ("besvart på telefon", "answered by telephone"),
        "became_case": ("ble en sak", "became a case"),
    }
)
SUPPORT_WAYS: Final[Words] = MappingProxyType(
    {"page": ("på siden", "on the page"), "mail": ("svar på e-post", "reply by e-mail")}
)
NUMBER_REASONS: Final[Words] = MappingProxyType({"typing_error": ("en skrivefeil", "a typing error")})
LET_REASONS: Final[Words] = MappingProxyType(
    {
        "trustee_is_owner": ("bostyreren eier kontoen", "the trustee owns the account"),
        "register_was_wrong": ("registeret tok feil", "the register was wrong"),
        "bankruptcy_ended": ("konkursen er over", "the bankruptcy has ended"),
    }
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
TOLD_CHANNELS: Final[Words] = MappingProxyType(
    {
        "phone": ("på telefon", "by telephone"),
        "post": ("i posten", "by post"),
        "in_person": ("personlig", "in person"),
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
DISCARD_REASONS: Final[Words] = MappingProxyType(
    {
        "done_otherwise": ("gjort på en annen måte", "done otherwise"),
        "forged": ("forfalsket", "forged"),
        "outdated": ("foreldet", "outdated"),
        "sent_by_mistake": ("sendt ved en feil", "sent by mistake"),
        "unreadable": ("kan ikke leses", "cannot be read"),
    }
)
GROUP_OUTCOMES: Final[Words] = MappingProxyType(
    {
        "done": ("gjort", "done"),
        "conflict": ("noen hadde allerede bestemt seg", "somebody had decided already"),
        "not_found": ("finnes ikke lenger", "is there no more"),
        "unknown": ("ukjent: tjenesten svarte ikke", "not known: the service did not answer"),
    }
)
CLOCK_OUTCOMES: Final[Words] = MappingProxyType(
    {
        "goes_on": ("sletter igjen", "destroys again"),
        "never_stopped": ("hadde ikke stanset", "had not stopped"),
        "away": ("svarer ikke", "does not answer"),
        "refused": (
            "avslått: dagene stemmer ikke med det tjenesten vet",
            "refused: the days are not what it knows",
        ),
    }
)
JOBS: Final[Words] = MappingProxyType(
    {"sync": ("kopier kunden", "copy the customer"), "minimise": ("reduser kopien", "minimise the copy")}
)

DATABASES: Final[Words] = MappingProxyType(
    {
        "account": ("kontoer", "accounts"),
        "retention": ("sletting", "erasure"),
        "notification": ("e-poster", "e-mails"),
        "billing_sync": ("fakturering", "billing"),
        "audit": ("revisjonsspor", "audit trail"),
        "staff": ("medarbeidere", "staff"),
        "cases": ("saker", "cases"),
        "registers": ("registre", "registers"),
    }
)
WHERE: Final[Words] = MappingProxyType(
    {
        **{code.replace("_", "-"): pair for code, pair in DATABASES.items()},
        "backup": ("sikkerhetskopier", "backups"),
        "ledger": ("hovedboken", "the ledger"),
    }
)
"""Where an alarm comes from: a service, or the machine."""
ACCESS_REASONS: Final[Words] = MappingProxyType(
    {
        "fault": ("noe virker ikke", "something does not work"),
        "restore": ("gjenoppretting", "a restore"),
        "slow": ("noe er for tregt", "something is too slow"),
        "inspection": ("kontroll", "an inspection"),
        "incident": ("sikkerhetshendelse", "an incident"),
    }
)
ACCESS_ENDINGS: Final[Words] = MappingProxyType(
    {
        "over": ("tiden gikk ut", "its time ran out"),
        "given_back": ("gitt tilbake", "given back"),
        "taken_away": ("tatt tilbake", "taken away"),
        "not_permitted": ("ikke lenger tillatt", "not permitted any more"),
        "left": ("medarbeideren har sluttet", "the person left"),
        "not_open": ("lukket av serveren", "closed at the server"),
    }
)
PERSON_STATES: Final[Words] = MappingProxyType(
    {"invited": ("invitert", "invited"), "active": ("aktiv", "active"), "left": ("har sluttet", "left")}
)
EXIT_REASONS: Final[Words] = MappingProxyType(
    {"left": ("har sluttet", "has left"), "dismissed": ("er sagt opp", "was dismissed")}
)
PREREQUISITES: Final[Words] = MappingProxyType(
    {"undertaking": ("taushetserklæring", "undertaking"), "training": ("opplæring", "training")}
)
PREREQUISITE_ENDINGS: Final[Words] = MappingProxyType(
    {
        "expired": ("gått ut", "expired"),
        "mistaken": ("ført ved en feil", "recorded by mistake"),
        "outdated": ("erstattet av en ny", "replaced by a new one"),
    }
)
GRANT_ENDINGS: Final[Words] = MappingProxyType(
    {
        "expired": ("gått ut", "expired"),
        "revoked": ("tatt tilbake", "taken back"),
        "left": ("medarbeideren har sluttet", "the person left"),
    }
)
MACHINE_DOORS: Final[Words] = MappingProxyType(
    {
        "backup": ("sikkerhetskopi tatt for hånd", "a backup by hand"),
        "restore": ("gjenoppretting", "a restore"),
        "keys_rotate": ("bytte av hovednøkkel", "exchange of the key-encryption key"),
        "keys_forget": ("glemt gammel hovednøkkel", "an old key-encryption key forgotten"),
        "keys_renew": ("nye datanøkler", "new data keys"),
        "keys_reseal": ("ny kryptering", "encryption anew"),
        "ledger_accept": ("hovedbok godtatt med tap", "a ledger with losses accepted"),
        "staff_invite": ("første forvalter invitert", "a first administrator invited"),
    }
)
TRAIL_HALTED: Final[Words] = MappingProxyType(
    {
        "trail_cut": ("rader mangler", "rows are missing"),
        "checkpoint_changed": ("et kontrollpunkt er endret", "a checkpoint was changed"),
        "file_behind": ("filen med kontrollpunkter henger etter", "the file of checkpoints is behind"),
        "file_damaged": ("filen med kontrollpunkter er skadet", "the file of checkpoints is damaged"),
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
KINDS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "login_outcome": LOGIN_OUTCOMES,
        "trail_halted": TRAIL_HALTED,
        "login_reason": LOGIN_REASONS,
        "login_purpose": LOGIN_PURPOSES,
        "early_course": EARLY_COURSES,
        "authority": AUTHORITIES,
        "identity_check": IDENTITY_CHECKS,
        "authority_check": AUTHORITY_CHECKS,
        "staff_role": STAFF_ROLES,
        "database": DATABASES,
        "where": WHERE,
        "access_reason": ACCESS_REASONS,
        "access_ending": ACCESS_ENDINGS,
        "person": PERSON_STATES,
        "exit": EXIT_REASONS,
        "prerequisite": PREREQUISITES,
        "prerequisite_ending": PREREQUISITE_ENDINGS,
        "grant_ending": GRANT_ENDINGS,
        "machine_door": MACHINE_DOORS,
        "approval": APPROVAL_STATES,
        "approval_ending": APPROVAL_ENDINGS,
        "approval_refusal": REFUSAL_REASONS,
        "account": ACCOUNT_STATES,
        "role": ROLES,
        "campaign_class": CAMPAIGN_CLASSES,
        "campaign_state": CAMPAIGN_STATES,
        "register": REGISTER,
        "language": LANGUAGE_NAMES,
        "inactivated_by": INACTIVATED_BY,
        "purpose": PURPOSES,
        "hold": HOLD_STATES,
        "hold_reason": HOLD_REASONS,
        "release_reason": RELEASE_REASONS,
        "category": CATEGORIES,
        "restriction": RESTRICTION_STATES,
        "ground": GROUNDS,
        "erasure": ERASURE_STATES,
        "trigger": TRIGGERS,
        "part": PART_STATES,
        "participant": words.STORES,
        "count": words.COUNTS,
        "letter": letter_words.LETTERS,
        "letter_state": letter_words.STATES,
        "suppression": SUPPRESSIONS,
        "task": TASKS,
        "tripletex": TRIPLETEX,
        "parked": PARKED_STATES,
        "inactivation_reason": INACTIVATION_REASONS,
        "block_reason": BLOCK_REASONS,
        "let_reason": LET_REASONS,
        "number_reason": NUMBER_REASONS,
        "support_state": SUPPORT_STATES,
        "settled_reason": SETTLED_REASONS,
        "support_way": SUPPORT_WAYS,
        "contact_channel": CONTACT_CHANNELS,
        "contact_outcome": CONTACT_OUTCOMES,
        "told_channel": TOLD_CHANNELS,
        "task_outcome": TASK_OUTCOMES,
        "discard_reason": DISCARD_REASONS,
        "group_outcome": GROUP_OUTCOMES,
        "clock": CLOCK_OUTCOMES,
        "job": JOBS,
        "alarm": ALARMS,
        "backup_set": BACKUP_SETS,
        "backup": BACKUP_STATES,
        "event": EVENTS,
        "changed_field": CHANGED_FIELDS,
        "follows": FOLLOWS,
        "revocation": REVOCATIONS,
        "session": SESSIONS,
        "certificate": words.CERTIFICATE,
        "erasing": words.ERASURES,
        "verdict": words.VERDICTS,
        "standing": words.STANDINGS,
        "seen": words.SEEN,
        **case_words.KINDS,
        **register_words.KINDS,
    }
)
"""The tables by the name under which pages ask for them."""


def said(kind: str, code: str, language: str) -> str:
    """A code in words; what an outside service names, or a later version, is shown as it is."""
    return words.said(KINDS[kind], code, language)
