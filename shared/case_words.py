"""Codes of cases that are shown to others than staff too: in copies, and on pages."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from shared.words import Words

CASE_KINDS: Final[Words] = MappingProxyType(
    {
        "alarm": ("alarm", "alarm"),
        "incident": ("hendelse", "incident"),
        "breach_controller": ("brudd, vi er behandlingsansvarlig", "breach, we are controller"),
        "breach_processor": ("brudd, vi er databehandler", "breach, we are processor"),
        "contact_failure": ("noen som ikke er nådd", "somebody who was not reached"),
        "nonconformity": ("avvik", "deviation"),
        "dispute": ("uenighet med en kunde", "disagreement with a customer"),
        "security_notice": ("varsel om endret sikkerhet", "notice of changed security"),
        "rights_request": ("krav fra en person", "request of a person"),
        "forwarded_request": ("krav som kunden svarer på", "request that the customer answers"),
        "marketing_objection": ("protest mot markedsføring", "objection to marketing"),
    }
)
CASE_STATES: Final[Words] = MappingProxyType(
    {
        "new": ("ny", "new"),
        "acknowledged": ("mottatt", "acknowledged"),
        "harmless": ("ufarlig", "harmless"),
        "duplicate": ("samme som en annen", "same as another one"),
        "promoted": ("ført videre", "taken further"),
        "triage": ("ikke vurdert ennå", "not looked at yet"),
        "investigating": ("undersøkes", "being investigated"),
        "measures": ("tiltak settes inn", "measures are taken"),
        "no_breach": ("ikke et brudd", "no breach"),
        "breach": ("brudd", "breach"),
        "assessing": ("risikoen vurderes", "risk is being assessed"),
        "notifying": ("tilsynet skal få melding", "authority is to be notified"),
        "notifying_high": ("høy risiko: tilsynet skal få melding", "high risk: authority is to be notified"),
        "notifying_told": (
            "personene har fått beskjed, tilsynet skal få melding",
            "people were told, authority is to be notified",
        ),
        "telling_persons": ("personene skal få beskjed", "people are to be told"),
        "following_up": ("følges opp", "being followed up"),
        "following_up_told": ("personene har fått beskjed, følges opp", "people were told, being followed up"),
        "registered_only": ("bare registrert", "registered only"),
        "notified": ("tilsynet har fått melding", "authority was notified"),
        "persons_told": ("tilsynet og personene har fått beskjed", "authority and people were told"),
        "telling": ("kundene skal få beskjed", "customers are to be told"),
        "supporting": ("kundene får hjelp", "customers are being helped"),
        "closed": ("avsluttet", "closed"),
        "open": ("ikke begynt", "not begun"),
        "other_way": ("prøves på en annen måte", "another way is tried"),
        "reached": ("nådd", "reached"),
        "unreachable": ("ikke å få tak i", "cannot be reached"),
        "received": ("mottatt, ikke vurdert ennå", "received, not looked at yet"),
        "examined": ("vurderes", "being examined"),
        "mending": ("rettes", "being mended"),
        "corrected": ("rettet", "corrected"),
        "rejected": ("avvist", "rejected"),
        "opened": ("åpnet, ingen er kontaktet ennå", "opened, nobody was talked to yet"),
        "dialogue": ("det snakkes om", "being talked about"),
        "settled": ("avklart", "settled"),
        "draft": ("utkast", "draft"),
        "sending": ("sendes", "being sent"),
        "identity": ("venter på hvem det er", "waiting for who it is"),
        "with_controller": ("hos kunden", "with the customer"),
        "reminded": ("kunden er minnet på det", "customer reminded"),
        "controller_silent": ("kunden svarte ikke", "customer did not answer"),
        "working": ("svaret lages", "answer is being made"),
        "answered": ("besvart", "answered"),
        "refused": ("avslått", "refused"),
        "withdrawn": ("trukket", "withdrawn"),
        "not_identifiable": ("ikke mulig å identifisere", "not to be identified"),
        "not_sent": ("ikke sendt", "not sent"),
        "effective": ("i kraft, ikke bekreftet", "in force, not confirmed"),
    }
)
CASE_REASONS: Final[Words] = MappingProxyType(
    {
        "looked_at": ("noen ser på det", "somebody looks at it"),
        "false_alarm": ("falsk alarm", "false alarm"),
        "planned_work": ("planlagt arbeid", "planned work"),
        "failed_attempts_only": ("bare mislykkede forsøk", "failed attempts only"),
        "no_personal_data": ("ingen personopplysninger berørt", "no personal data concerned"),
        "same_cause": ("samme årsak", "same cause"),
        "needs_investigation": ("må undersøkes", "has to be investigated"),
        "personal_data_concerned": ("personopplysninger kan være berørt", "personal data may be concerned"),
        "new_facts": ("nye opplysninger", "new facts"),
        "judged_wrongly": ("vurdert feil", "judged wrongly"),
        "unauthorised_access": ("uberettiget tilgang", "unauthorised access"),
        "exfiltration": ("opplysninger er hentet ut", "data were taken out"),
        "wrong_recipient": ("feil mottaker", "wrong recipient"),
        "data_lost": ("opplysninger er tapt", "data were lost"),
        "data_altered": ("opplysninger er endret", "data were altered"),
        "long_outage": ("lang nedetid", "long outage"),
        "cause_known": ("årsaken er kjent", "cause is known"),
        "to_contain_it": ("for å begrense skaden", "to contain it"),
        "no_effect_on_data": ("uten virkning på opplysninger", "no effect on data"),
        "many_persons": ("mange personer", "many people"),
        "sensitive_data": ("følsomme opplysninger", "sensitive data"),
        "easily_identified": ("lette å identifisere", "easily identified"),
        "passwords_exposed": ("passord på avveie", "passwords exposed"),
        "vulnerable_persons": ("sårbare personer", "vulnerable people"),
        "fraud_possible": ("kan misbrukes til svindel", "can be used for fraud"),
        "data_unreadable": ("uleselig for andre", "unreadable for others"),
        "risk_removed": ("risikoen er fjernet", "risk was removed"),
        "trusted_recipient": ("mottakeren er til å stole på", "recipient can be trusted"),
        "copy_exists": ("en kopi finnes", "a copy exists"),
        "complete": ("fullstendig", "complete"),
        "partial": ("foreløpig, mer kommer", "partial, more follows"),
        "first": ("bare den første meldingen", "the first notice only"),
        "full": ("hele meldingen", "the full notice"),
        "each_told": ("hver enkelt", "each of them"),
        "public_notice": ("offentlig kunngjort", "by public notice"),
        "not_required": ("kreves ikke", "not required"),
        "followed_up": ("fulgt opp", "followed up"),
        "told_as_far_as_possible": ("varslet så langt det går", "told as far as possible"),
        "mandates_ended": ("fullmaktene gjelder ikke lenger", "mandates are over"),
        "customers_notify": ("kundene vil melde selv", "customers want to notify themselves"),
        "affected_known": ("vi vet hvem", "known"),
        "affected_presumed": ("vi må anta hvem", "presumed"),
        "by_phone": ("på telefon", "by telephone"),
        "by_post": ("med posten", "by post"),
        "in_person": ("personlig", "in person"),
        "by_email": ("i e-post", "by e-mail"),
        "agreed": ("vi er blitt enige", "both agree now"),
        "misunderstanding": ("en misforståelse er ryddet opp i", "a misunderstanding was cleared up"),
        "we_gave_in": ("kunden fikk medhold", "the customer was right"),
        "decided_elsewhere": ("avgjort av en domstol eller nemnd", "decided by a court or a board"),
        "customer_withdrew": ("kunden trakk det", "the customer withdrew it"),
        "we_withdrew": ("vi trakk det", "we withdrew it"),
        "tried_in_vain": ("forsøkt uten hell", "tried in vain"),
        "no_contact_left": ("ingen å kontakte", "nobody left to contact"),
        "fault_mended": ("feilen er rettet", "the fault is mended"),
        "data_put_right": ("opplysningene er rettet", "the data are put right"),
        "access_withdrawn": ("tilgangen er stengt", "the access is closed"),
        "routine_changed": ("rutinen er endret", "the routine is changed"),
        "as_agreed": ("det er som avtalt", "it is as agreed"),
        "not_found": ("vi finner det ikke", "it is not to be found"),
        "not_ours": ("det ligger ikke hos oss", "it does not lie with us"),
        "risk_changed": ("risikoen er endret", "the risk has changed"),
        "measures_changed": ("tiltak er endret", "measures have changed"),
        "no_agreement": ("ingen har en slik avtale", "nobody has such an agreement"),
        "nothing_changed": ("ingenting er endret", "nothing has changed"),
        "customer_is_controller": ("kunden er behandlingsansvarlig", "the customer is the controller"),
        "no_answer_yet": ("ikke noe svar ennå", "no answer yet"),
        "controller_says_so": ("kunden sier det", "the customer says so"),
        "person_says_so": ("personen sier det", "the person says so"),
        "no_answer_came": ("det kom ikke noe svar", "no answer came"),
        "identity_known": ("vi vet hvem det er", "we know who it is"),
        "sender_not_known": ("avsenderen er ikke kjent", "the sender is not known"),
        "asked_by_agent": ("en annen spør på personens vegne", "somebody else asks for the person"),
        "by_login": ("ved pålogging", "by log-in"),
        "by_registered_address": ("fra den registrerte adressen", "from the registered address"),
        "by_call_back": ("ved å ringe opp", "by calling back"),
        "by_written_authority": ("med skriftlig fullmakt", "by written authority"),
        "complex_request": ("kravet er sammensatt", "the request is complex"),
        "many_requests": ("mange krav samtidig", "many requests at once"),
        "done": ("det er gjort", "it is done"),
        "nothing_held": ("vi har ingen slike opplysninger", "we hold no such data"),
        "no_ground_for_it": ("lovens vilkår er ikke oppfylt", "what the law asks for is not the case"),
        "compelling_grounds": ("tvingende grunner går foran", "compelling grounds override it"),
        "kept_by_law": ("loven krever at det tas vare på", "the law makes us keep it"),
        "legal_claims": ("trengs for et rettskrav", "needed for a legal claim"),
        "rights_of_others": ("det går ut over andre", "it goes against the rights of others"),
        "internal_preparation": ("bare i egen saksforberedelse", "only in our own preparation of a case"),
        "manifestly_unfounded": ("åpenbart grunnløst", "manifestly unfounded"),
        "excessive": ("overdrevent", "excessive"),
        "no_proof_came": ("vi fikk ikke svar på hvem det er", "no proof came of who it is"),
        "not_the_person": ("det er ikke personen selv", "it is not the person"),
        "cannot_be_tied": ("opplysninger kan ikke knyttes til personen", "data cannot be tied to the person"),
        "letter_left": ("e-posten er sendt", "the e-mail has left"),
        "person_withdrew": ("personen trakk det", "the person withdrew it"),
        "settled_by_person": ("en medarbeider har tatt seg av resten", "a person has settled the rest"),
    }
)
CASE_SIGNALS: Final[Words] = MappingProxyType(
    {
        "login_attack": ("angrep mot påloggingen", "attack on log-ins"),
        "login_success": ("noen kan ha kommet inn", "somebody may have got in"),
        "unusual_use": ("uvanlig bruk", "unusual use"),
        "traffic": ("uønsket trafikk", "unwanted traffic"),
        "malware": ("skadelig programvare", "malware"),
        "outage": ("nedetid", "outage"),
        "data_exposed": ("opplysninger er synlige", "data exposed"),
        "wrong_recipient": ("sendt til feil mottaker", "sent to a wrong recipient"),
        "data_lost": ("opplysninger er tapt", "data lost"),
        "device_lost": ("utstyr er mistet", "device lost"),
        "vendor_notice": ("melding fra en leverandør", "notice of a vendor"),
        "agreement_not_kept": ("noe er ikke som avtalt", "something is not as agreed"),
        "disagreement": ("vi er uenige", "we disagree"),
        "access": ("innsyn", "access"),
        "portability": ("dataportabilitet", "portability"),
        "rectification": ("retting", "rectification"),
        "erasure": ("sletting", "erasure"),
        "restriction": ("begrensning", "restriction"),
        "objection": ("protest", "objection"),
        "automated_decision": ("automatisk avgjørelse", "automated decision"),
        "by_email": ("i e-post", "by e-mail"),
        "by_phone": ("på telefon", "by telephone"),
        "by_post": ("med posten", "by post"),
        "in_person": ("personlig", "in person"),
        "by_oneself": ("i løsningen", "in the product"),
        "other": ("noe annet", "something else"),
    }
)
CASE_SOURCES: Final[Words] = MappingProxyType(
    {
        "staff": ("en medarbeider", "staff"),
        "customer": ("en kunde", "a customer"),
        "host": ("driftsleverandøren", "hosting company"),
        "vendor": ("en annen leverandør", "another vendor"),
        "detector": ("overvåkingen", "monitoring"),
        "alarm": ("en alarm", "an alarm"),
        "incident": ("en hendelse", "an incident"),
        "nonconformity": ("et avvik", "a deviation"),
        "letter": ("en e-post som ikke kom fram", "an e-mail that did not arrive"),
    }
)
LATE_REASONS: Final[Words] = MappingProxyType(
    {
        "facts_not_known": ("vi visste ikke nok", "facts were not known"),
        "found_out_late": ("oppdaget sent", "found out late"),
        "nobody_on_duty": ("ingen hadde vakt", "nobody was on duty"),
        "system_away": ("systemet var nede", "system was away"),
        "judged_anew": ("vurdert på nytt", "judged anew"),
    }
)
AFFECTED_SCOPES: Final[Words] = MappingProxyType(
    {
        "all": ("alle kunder", "all customers"),
        "case": ("de som saken nevner", "those whom the case names"),
        "logins": ("de som logget på i et tidsrom", "those who logged in during a period"),
        "agreements": ("de som har avtale om varsel", "those who agreed to be told"),
    }
)
AUDIENCES: Final[Words] = MappingProxyType(
    {
        "customers": ("kunder", "customers"),
        "persons": ("personer", "persons"),
        "holders": ("de som har avtale om varsel", "those who agreed to be told"),
    }
)
COST_BEARERS: Final[Words] = MappingProxyType(
    {"vendor": ("vi betaler", "we pay"), "customer": ("kunden betaler", "the customer pays")}
)
COST_REASONS: Final[Words] = MappingProxyType(
    {
        "own_fault": ("feilen er vår", "the fault is ours"),
        "cause_not_proved": ("årsaken er ikke bevist", "the cause is not proved"),
        "not_charged": ("vi tar ikke betalt", "we do not charge it"),
        "reckless_use": ("kundens uforsvarlige bruk", "reckless use by the customer"),
        "reckless_storage_of_sensitive_data": (
            "kundens uforsvarlige lagring av sensitive opplysninger",
            "reckless storage of sensitive data by the customer",
        ),
    }
)
REQUEST_STEPS: Final[Words] = MappingProxyType(
    {
        "begin_answer": ("svaret ble begynt på", "the answer was begun"),
        "ask_identity": ("vi spurte hvem det er", "we asked who it is"),
        "find_identified": ("vi fikk vite hvem det er", "we were shown who it is"),
        "extend": ("fristen ble forlenget", "the time was extended"),
        "answer_request": ("svart at det er gjort", "answered that it is done"),
        "answer_in_part": ("svart at en del er gjort", "answered that a part is done"),
        "refuse_request": ("avslått", "refused"),
        "find_not_identifiable": (
            "avsluttet uten at vi visste hvem det er",
            "closed without our knowing who it is",
        ),
        "withdraw_request": ("trukket", "withdrawn"),
        "reopen": ("åpnet igjen", "reopened"),
    }
)
"""What was done about what a person asked for, in the words of who asked."""
MANDATES: Final[Words] = MappingProxyType(
    {
        "first": ("bare den første meldingen", "the first notice only"),
        "full": ("hele meldingen", "the full notice"),
    }
)
