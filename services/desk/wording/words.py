"""Every code that the desk's pages show, in Norwegian and English, by what kind of code it is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from services.desk.wording import case_words
from shared import held_words, letter_words, register_words, words
from shared.held_words import (
    ACCOUNT_STATES,
    AUTHORITIES,
    AUTHORITY_CHECKS,
    BLOCK_REASONS,
    CATEGORIES,
    CHANGED_FIELDS,
    CONTACT_CHANNELS,
    CONTACT_OUTCOMES,
    EARLY_COURSES,
    ERASURE_STATES,
    GROUNDS,
    HOLD_REASONS,
    IDENTITY_CHECKS,
    INACTIVATED_BY,
    INACTIVATION_REASONS,
    LANGUAGE_NAMES,
    LOGIN_OUTCOMES,
    LOGIN_PURPOSES,
    LOGIN_REASONS,
    PURPOSES,
    REGISTER,
    RELEASE_REASONS,
    ROLES,
    SUPPORT_KINDS,
    SUPPORT_STATES,
    SUPPORT_WAYS,
    SUPPRESSIONS,
    TASK_OUTCOMES,
    TASKS,
    TRIGGERS,
    TRIPLETEX,
)
from shared.words import Words

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
HOLD_STATES: Final[Words] = MappingProxyType(
    {
        "active": ("i kraft", "in force"),
        "overdue": ("skal vurderes på nytt nå", "its review is overdue"),
        "released": ("opphevet", "released"),
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
PART_STATES: Final[Words] = MappingProxyType(
    {
        "waiting": ("venter", "waiting"),
        "done": ("utført", "done"),
        "failed": ("feilet", "failed"),
        "overdue": ("på overtid", "overdue"),
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
EVENTS: Final[Words] = MappingProxyType({**OF_STAFF, **held_words.EVENTS})
"""What happened. Others that a trail may hold are shown by their type."""

REVOCATIONS: Final[Words] = MappingProxyType(
    {"lost": ("mistet", "lost"), "stolen": ("stjålet", "stolen"), "replaced": ("byttet ut", "replaced")}
)
SESSIONS: Final[Words] = MappingProxyType(
    {"desk": ("nettleser", "browser"), "command_line": ("kommandolinje", "command line")}
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

SETTLED_REASONS: Final[Words] = MappingProxyType(
    {
        "no_answer_needed": ("trenger ikke svar", "needs no answer"),
        "answered_by_telephone": ("besvart på telefon", "answered by telephone"),
        "became_case": ("ble en sak", "became a case"),
    }
)
NUMBER_REASONS: Final[Words] = MappingProxyType({"typing_error": ("en skrivefeil", "a typing error")})
CORRECTION_REASONS: Final[Words] = MappingProxyType(
    {
        "asked_by_person": ("personen ba om det", "the person asked for it"),
        "asked_by_company": ("virksomheten ba om det", "the company asked for it"),
        "found_wrong": ("vi så at det var feil", "we saw that it was wrong"),
    }
)
LET_REASONS: Final[Words] = MappingProxyType(
    {
        "trustee_is_owner": ("bostyreren eier kontoen", "the trustee owns the account"),
        "register_was_wrong": ("registeret tok feil", "the register was wrong"),
        "bankruptcy_ended": ("konkursen er over", "the bankruptcy has ended"),
    }
)
TOLD_CHANNELS: Final[Words] = MappingProxyType(
    {
        "phone": ("på telefon", "by telephone"),
        "post": ("i posten", "by post"),
        "in_person": ("personlig", "in person"),
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
FOLLOWERS: Final[Words] = MappingProxyType({**DATABASES, "keyring": ("nøkkelringen", "the key ring")})
"""What follows the ledger: each database, and the key ring."""
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
SUBJECTS: Final[Words] = MappingProxyType(
    {
        "acceptance": ("hovedboken", "the ledger"),
        "account": ("en kunde", "a customer"),
        "admin_session": ("en database", "a database"),
        "alarm": ("en alarm", "an alarm"),
        "alert": ("et varsel", "a call"),
        "anomaly": ("noe uvanlig", "something unusual"),
        "approval": ("en godkjenning", "an approval"),
        "attempt": ("et forsøk", "an attempt"),
        "campaign": ("en kampanje", "a campaign"),
        "case": ("en sak", "a case"),
        "claim": ("noe som ikke ble trodd", "something that was not believed"),
        "desk_door": ("inngangen", "the door"),
        "door": ("maskinen", "the machine"),
        "dry_run": ("en prøve", "a trial"),
        "erasure": ("en sletting", "an erasure"),
        "letter": ("en e-post", "a letter"),
        "login": ("en innlogging", "a log-in"),
        "parked": ("en parkert melding", "a parked message"),
        "record": ("en oppføring", "a record"),
        "run": ("en kjøring", "a run"),
        "search": ("et søk", "a search"),
        "staff": ("en medarbeider", "one of the staff"),
        "statement": ("noe som ikke ble trodd", "something that was not believed"),
        "trail": ("revisjonssporet", "the audit trail"),
        "user": ("en person", "a person"),
    }
)
"""What something happened to, by the first word of the subject of a row of the trail."""

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
        "follower": FOLLOWERS,
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
        "correction_reason": CORRECTION_REASONS,
        "support_state": SUPPORT_STATES,
        "support_kind": SUPPORT_KINDS,
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
        "subject": SUBJECTS,
        "seen": words.SEEN,
        **case_words.KINDS,
        **register_words.KINDS,
    }
)
"""The tables by the name under which pages ask for them."""


def said(kind: str, code: str, language: str) -> str:
    """A code in words; what an outside service names, or a later version, is shown as it is."""
    return words.said(KINDS[kind], code, language)
