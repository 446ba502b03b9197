"""The codes of cases in words: what is said of kinds, states, steps, reasons, clocks and instants."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared import breach_words
from shared import security_notice_words as changed
from shared.case_words import (
    AFFECTED_SCOPES,
    AUDIENCES,
    CASE_KINDS,
    CASE_REASONS,
    CASE_SIGNALS,
    CASE_SOURCES,
    CASE_STATES,
    COST_BEARERS,
    COST_REASONS,
    LATE_REASONS,
)
from shared.words import Words

CASE_STEPS: Final[Words] = MappingProxyType(
    {
        "acknowledge": ("Bekreft at du har sett den", "Acknowledge"),
        "find_harmless": ("Avslutt som ufarlig", "Close as harmless"),
        "join_alarm": ("Slå sammen med en annen alarm", "Join with another alarm"),
        "promote": ("Åpne en hendelse", "Open an incident"),
        "join_incident": ("Før inn i en hendelse", "Take into an incident"),
        "reopen": ("Åpne igjen", "Reopen"),
        "investigate": ("Begynn undersøkelsen", "Begin to investigate"),
        "examine": ("Begynn å vurdere det", "Begin to examine"),
        "mend": ("Rett det", "Mend it"),
        "find_corrected": ("Avslutt som rettet", "Close as corrected"),
        "reject": ("Avvis det", "Reject"),
        "begin_dialogue": ("Dialogen er begynt", "The dialogue has begun"),
        "settle": ("Avslutt som avklart", "Close as settled"),
        "withdraw_dispute": ("Avslutt som trukket", "Close as withdrawn"),
        "take_measures": ("Sett inn tiltak", "Take measures"),
        "decide_no_breach": ("Avgjør: ikke et brudd", "Decide: no breach"),
        "decide_breach_controller": ("Avgjør: brudd på våre egne data", "Decide: breach, of our own data"),
        "decide_breach_processor": ("Avgjør: brudd på kundenes data", "Decide: breach, of customers' data"),
        "decide_breach_both": ("Avgjør: brudd på begges data", "Decide: breach, of both"),
        "assess_unlikely": ("Risiko er lite trolig", "Risk is unlikely"),
        "assess_risk": ("Det er en risiko", "A risk exists"),
        "assess_high": ("Risikoen er høy", "Risk is high"),
        "notify_authority": ("Tilsynet har fått melding", "Authority was notified"),
        "notify_authority_high": ("Tilsynet har fått melding, høy risiko", "Authority was notified, high risk"),
        "persons_told": ("Personene har fått beskjed", "People were told"),
        "close": ("Avslutt", "Close"),
        "close_told": ("Avslutt, alle har fått beskjed", "Close, everybody was told"),
        "freeze_affected": ("Fastslå hvem det gjelder", "Settle whom it concerns"),
        "customers_told": ("Kundene har fått beskjed", "Customers were told"),
        "tell_customers": ("Send varselet til kundene", "Send the notice to customers"),
        "tell_customers_more": ("Send kundene et varsel til", "Send customers another notice"),
        "notify_authority_for": (
            "Tilsynet har fått melding for kunder med fullmakt",
            "Authority was notified for customers with a mandate",
        ),
        "leave_to_customers": ("Kundene melder selv", "Customers notify themselves"),
        "notify_authority_told": (
            "Tilsynet har fått melding, personene har fått beskjed",
            "Authority was notified, people were told",
        ),
        "tell_persons": ("Send e-post til hver enkelt", "Send an e-mail to each person"),
        "tell_persons_first": (
            "Send e-post til hver enkelt før tilsynet får melding",
            "Send an e-mail to each person before the authority is notified",
        ),
        "tell_persons_more": ("Send hver enkelt en e-post til", "Send each person another e-mail"),
        "try_other_way": ("Prøv en annen måte", "Try another way"),
        "find_reached": ("Kunden har fått beskjed", "The customer was told"),
        "find_unreachable": ("Kunden er ikke å få tak i", "The customer cannot be reached"),
        "send_security_notice": ("Send varselet til dem som har avtale", "Send the notice to those who agreed"),
        "send_security_notice_more": (
            "Send dem som har avtale, et varsel til",
            "Send those who agreed another notice",
        ),
        "send_none": ("Avslutt uten å sende", "Close without sending"),
        "forward_request": ("Send videre til kunden", "Pass it on to the customer"),
        "remind_controller": ("Minn kunden på det", "Remind the customer"),
        "find_controller_answered": ("Kunden har svart", "The customer has answered"),
        "find_controller_silent": ("Fortell personen at kunden ikke svarte", "Tell the person of the silence"),
        "begin_answer": ("Begynn på svaret", "Begin the answer"),
        "ask_identity": ("Spør hvem det er", "Ask who it is"),
        "find_identified": ("Vi vet hvem det er", "We know who it is"),
        "extend": ("Forleng fristen", "Extend the time"),
        "answer_request": ("Svar at det er gjort", "Answer that it is done"),
        "answer_in_part": ("Svar at en del er gjort", "Answer that a part is done"),
        "refuse_request": ("Avslå kravet", "Refuse the request"),
        "find_not_identifiable": ("Avslutt, vi vet ikke hvem det er", "Close, we do not know who it is"),
        "withdraw_request": ("Avslutt som trukket", "Close as withdrawn"),
        "charge_fee": ("Be om et gebyr", "Ask for a fee"),
        "answer_erasure": ("Svar at det er slettet", "Answer that it is erased"),
        "answer_enquiry": ("Det er svart skriftlig", "It was answered in writing"),
        "answer_by_word": ("Det er svart muntlig", "It was answered by word"),
        "become_request": ("Åpne et krav", "Open a request"),
        "become_complaint": ("Åpne en klage", "Open a complaint"),
        "uphold_complaint": ("Ta klagen til følge", "Uphold the complaint"),
        "reject_complaint": ("Avvis klagen", "Reject the complaint"),
        "find_at_authority": ("Klagen er hos tilsynet", "The complaint is with the authority"),
        "confirm_objection": ("Personen har fått beskjed", "The person was told"),
        "find_all_reached": ("Alle er nådd", "Everybody was reached"),
    }
)
CASE_INSTANTS: Final[Words] = MappingProxyType(
    {
        "occurred_from": ("skjedde fra", "occurred from"),
        "occurred_to": ("skjedde til", "occurred to"),
        "detected_at": ("oppdaget", "detected"),
        "aware_at": ("visst med rimelig sikkerhet", "known with reasonable certainty"),
        "notified_at": ("meldt til tilsynet", "notified to authority"),
        "customer_aware_at": ("første kunde med fullmakt fikk beskjed", "first customer with a mandate was told"),
        "received_at": ("mottatt fra personen", "received from the person"),
        "identity_asked_at": ("spurt hvem det er", "asked who it is"),
        "identified_at": ("vist hvem det er", "shown who it is"),
        "extension_sent_at": ("fortalt at svaret tar lenger tid", "told that the answer takes longer"),
    }
)
CASE_CLOCKS: Final[Words] = MappingProxyType(
    {
        "breach.triage": ("noen må se på den", "somebody has to look"),
        "breach.decision": ("avgjørelse om brudd", "decision about a breach"),
        "breach.dpa_deadline_hours": ("melding til tilsynet", "notice to authority"),
        "breach.persons": ("beskjed til personene", "notice to people"),
        "breach.controller_notice_target_hours": ("beskjed til kundene", "notice to customers"),
        "dsr.forward_to_controller": ("kravet sendes videre", "passing the request on"),
        "dsr.deadline": ("svar på kravet", "answer to the request"),
        "enquiry.answer": ("svar på spørsmålet", "answer to the enquiry"),
        "complaint.answer": ("svar på klagen", "answer to the complaint"),
        **{f"state.{state}": words for state, words in CASE_STATES.items()},
    }
)
CASE_LINKS: Final[Words] = MappingProxyType(
    {
        "promoted_to": ("førte til", "led to"),
        "merged_into": ("slått sammen med", "joined with"),
        "twin": ("gjelder det samme", "about the same"),
        "continued_in": ("fortsatte i", "went on in"),
    }
)
CASE_EFFECTS: Final[Words] = MappingProxyType(
    {
        "announce_breach": ("bruddet meldes til systemets andre deler", "the breach is announced to the system"),
        "tell_customers": ("kundene får e-post", "customers get e-mails"),
        "tell_persons": ("personene får e-post", "people get e-mails"),
        "tell_holders": ("de som har avtale, får e-post", "those who agreed get e-mails"),
        "write_requester": ("personen får brev", "the person is written to"),
        "answer_customer": ("kunden får e-post om utfallet", "the customer gets an e-mail about the outcome"),
    }
)
EFFECT_STATES: Final[Words] = MappingProxyType(
    {
        "waiting": ("avgjort, ikke gjennomført", "decided, not carried out"),
        "given_up": ("lot seg ikke gjennomføre", "could not be carried out"),
        "confirmed": ("gjennomført", "carried out"),
    }
)
REQUEST_CONCERNS: Final[Words] = MappingProxyType(
    {
        "account": ("opplysninger som vi svarer for", "data that we answer for"),
        "content": ("det kunden har registrert: sendes videre", "what the customer has typed: passed on"),
    }
)
PARTIES: Final[Words] = MappingProxyType(
    {
        "controller": ("behandlingsansvarlig", "controller"),
        "processor": ("databehandler", "processor"),
        "both": ("begge", "both"),
        "by_data": ("etter hvilke opplysninger det gjelder", "by whose data they are"),
    }
)
ALERT_CAUSES: Final[Words] = MappingProxyType(
    {
        "opened": ("ny sak", "new case"),
        "warning": ("en frist nærmer seg", "time is running out"),
        "over": ("en frist er ute", "time is over"),
        "not_carried_out": ("avgjort, ikke gjennomført", "decided, not carried out"),
        "not_told": ("noen er kanskje ikke varslet", "somebody may not have been told"),
        "more_named": ("flere kan være rammet", "somebody else got in"),
    }
)
DETECTORS: Final[Words] = MappingProxyType(
    {
        "brute_force": ("gjetting på ett navn", "guessing at one name"),
        "spraying": ("mange navn fra ett nett", "many names from one network"),
        "company_spraying": ("mange brukere i ett selskap", "many users of one company"),
        "stuffing": ("svært mange navn fra ett nett", "very many names from one network"),
        "slow_stuffing": ("svært mange navn over lang tid", "very many names over a long time"),
        "distributed_stuffing": ("navn ingen har, fra mange nett", "names that nobody has, from many networks"),
        "success_in_cluster": ("noen kom inn under angrepet", "somebody got in during the attack"),
        "unusual_origin": ("uvant nett og enhet", "unusual network and device"),
        "unusual_country": ("uvant land", "unusual country"),
        "impossible_travel": ("to steder på for kort tid", "two places within too short a time"),
        "mass_deactivation": ("én bruker gjorde mange inaktive", "one user made many inactive"),
        "mass_change": ("én bruker endret svært mye", "one user changed very much"),
        "mass_collection": ("én bruker hentet ut svært mye", "one user took out very much"),
    }
)
FORM_QUESTIONS: Final[Words] = MappingProxyType(
    {
        "main_cause": ("Hovedårsak", "Main cause"),
        "time_span": ("Tidsrom", "Time span"),
        "discovered": ("Når det ble oppdaget", "When it was discovered"),
        "number_affected": ("Hvor mange det gjelder", "How many are affected"),
        "what_happened": ("Hva som har skjedd", "What has happened"),
        "how_it_arose": ("Hvordan det oppsto", "How it arose"),
        "data_types": ("Hvilke opplysninger", "Which data"),
        "relation": ("Forholdet til dem det gjelder", "Relation to those concerned"),
        "whereabouts": ("Hvor opplysningene er nå", "Where the data are now"),
        "consequences": ("Konsekvenser", "Consequences"),
        "measures": ("Tiltak", "Measures"),
        "persons_informed": ("Er de berørte informert, og hvordan", "Whether and how people were informed"),
        "late_reason": ("Hvorfor det meldes for sent", "Why it is notified late"),
        "who_notifies": ("Hvem som melder", "Who notifies"),
    }
)
FORM_FIELDS: Final[Words] = MappingProxyType(
    {
        **FORM_QUESTIONS,
        "occurred": ("skjedde", "happened"),
        "discovered": ("oppdaget", "discovered"),
        "aware": ("visst med rimelig sikkerhet", "known with reasonable certainty"),
        "customers": ("kunder", "customers"),
        "persons": ("personer", "persons"),
        "records": ("poster", "records"),
        "notifier": ("virksomhet", "company"),
        "contact": ("kontaktpunkt", "contact point"),
        "data_protection_officer": ("personvernombud", "data protection officer"),
    }
)
FORM_ANSWERS: Final[Words] = MappingProxyType(
    {
        **breach_words.MAIN_CAUSES,
        **breach_words.NATURES,
        **breach_words.CAUSES,
        **breach_words.GROUPS,
        **breach_words.DATA,
        **breach_words.WHEREABOUTS,
        **breach_words.CONSEQUENCES,
        **breach_words.MEASURES,
        **breach_words.LATE,
        "each_told": ("hver enkelt i egen e-post", "each person by an e-mail of their own"),
        "public_notice": ("offentlig kunngjort", "by public notice"),
        "not_required": ("kreves ikke", "not required"),
    }
)
FORM_SOURCES: Final[Words] = MappingProxyType(
    {
        "instants": ("tidspunktene i saken", "the instants of the case"),
        "list": ("listen over hvem det gjelder", "the list of whom it concerns"),
        "notice": ("utkastet til varsel", "the draft of the notice"),
        "decision": ("en avgjørelse i saken", "a decision in the case"),
        "customer": ("kunden selv", "the customer"),
        "installation": ("innstillingene til systemet", "the settings of the system"),
    }
)
SEVERITY_CONTEXTS: Final[Words] = MappingProxyType(
    {
        "simple": ("1: enkle opplysninger, som navn og adresse", "1: simple data, such as a name and an address"),
        "behavioural": ("2: opplysninger om atferd, som pålogginger", "2: data on behaviour, such as logins"),
        "financial": ("3: økonomiske opplysninger", "3: financial data"),
        "sensitive": ("4: følsomme opplysninger, som helse", "4: sensitive data, such as on health"),
    }
)
SEVERITY_IDENTIFICATIONS: Final[Words] = MappingProxyType(
    {
        "negligible": ("0,25: nesten umulig å se hvem", "0.25: hardly possible to tell who"),
        "limited": ("0,5: vanskelig å se hvem", "0.5: hard to tell who"),
        "significant": ("0,75: mulig å finne ut hvem", "0.75: it can be found out who"),
        "maximum": ("1: det står hvem", "1: it says who"),
    }
)
SEVERITY_CONFIDENTIALITY: Final[Words] = MappingProxyType(
    {
        "not_lost": ("0: ingen andre har sett dem", "0: nobody else has seen them"),
        "known_recipients": ("0,25: sett av noen vi kjenner", "0.25: seen by people we know"),
        "unknown_recipients": ("0,5: sett av ukjente", "0.5: seen by people we do not know"),
    }
)
SEVERITY_INTEGRITY: Final[Words] = MappingProxyType(
    {
        "not_lost": ("0: ikke endret", "0: not altered"),
        "altered_recoverable": ("0,25: endret, kan rettes", "0.25: altered, can be put right"),
        "altered_for_good": ("0,5: endret, kan ikke rettes", "0.5: altered, cannot be put right"),
    }
)
SEVERITY_AVAILABILITY: Final[Words] = MappingProxyType(
    {
        "not_lost": ("0: tilgjengelige hele tiden", "0: available all the time"),
        "lost_for_a_time": ("0,25: borte en tid", "0.25: gone for a time"),
        "lost_for_good": ("0,5: borte for godt", "0.5: gone for good"),
    }
)
SEVERITY_INTENTS: Final[Words] = MappingProxyType(
    {
        "accidental": ("0: et uhell", "0: an accident"),
        "malicious": ("0,5: noen gjorde det med vilje", "0.5: somebody did it on purpose"),
    }
)
SEVERITY_FLAGS: Final[Words] = MappingProxyType(
    {
        "over_100_persons": ("flere enn 100 personer", "more than 100 persons"),
        "unintelligible": ("ingen kan lese opplysningene", "nobody can read the data"),
    }
)
SEVERITY_BANDS: Final[Words] = MappingProxyType(
    {
        "low": ("lavt", "low"),
        "medium": ("middels", "medium"),
        "high": ("høyt", "high"),
        "very_high": ("svært høyt", "very high"),
    }
)
EDPB_EXAMPLES: Final[Words] = MappingProxyType(
    {
        "ransomware_backup": (
            "løsepengevirus, kopi finnes, ingenting hentet ut",
            "ransomware, a backup exists, nothing taken out",
        ),
        "ransomware_no_backup": ("løsepengevirus uten brukbar kopi", "ransomware without a usable backup"),
        "ransomware_hospital": (
            "løsepengevirus på et sykehus, kopi finnes",
            "ransomware at a hospital, a backup exists",
        ),
        "ransomware_taken_out": (
            "løsepengevirus uten kopi, opplysninger hentet ut",
            "ransomware without a backup, data taken out",
        ),
        "job_applications_taken": (
            "jobbsøknader hentet ut av et nettsted",
            "job applications taken from a website",
        ),
        "hashed_passwords_taken": (
            "passord, lagret med hash og salt, hentet ut av et nettsted",
            "hashed and salted passwords taken from a website",
        ),
        "credential_stuffing_bank": (
            "gjenbrukte passord prøvd mot en nettbank, noen kom inn",
            "reused passwords tried at an online bank, some got in",
        ),
        "former_employee": (
            "en ansatt som sluttet, tok med seg kundeopplysninger",
            "an employee who left took customer data along",
        ),
        "sent_to_trusted": (
            "sendt ved et uhell til en mottaker å stole på",
            "sent by accident to a recipient who can be trusted",
        ),
        "stolen_encrypted": ("stjålet utstyr, kryptert, kopi finnes", "stolen devices, encrypted, a copy exists"),
        "stolen_unencrypted": ("stjålet utstyr, ikke kryptert", "stolen device, not encrypted"),
        "stolen_paper_sensitive": (
            "stjålne papirer med helseopplysninger",
            "stolen paper files with data on health",
        ),
        "wrong_parcel": ("to pakker ble byttet om i posten", "two parcels swapped in the mail"),
        "confidential_mailed": (
            "fødselsnumre sendt på e-post ved et uhell",
            "social security numbers e-mailed by accident",
        ),
        "participants_mailed": (
            "deltakerliste sendt på e-post ved et uhell",
            "a list of participants e-mailed by accident",
        ),
        "insurance_mailed": (
            "forsikringsbrev sendt til feil kunde",
            "an insurance letter sent to the wrong customer",
        ),
        "identity_theft": (
            "noen utga seg for kunden og fikk fakturaer tilsendt",
            "somebody posed as the customer and had invoices sent",
        ),
        "mail_forwarded": ("e-post videresendt i det skjulte", "e-mail forwarded in secret"),
    }
)
BOARD: Final[Words] = MappingProxyType(
    {
        "open": ("åpne", "open"),
        "overdue": ("over fristen", "overdue"),
        "ended": ("avsluttet", "ended"),
    }
)

KINDS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "alert_cause": ALERT_CAUSES,
        "detector": DETECTORS,
        "case_kind": CASE_KINDS,
        "case_state": CASE_STATES,
        "case_step": CASE_STEPS,
        "case_reason": CASE_REASONS,
        "case_signal": CASE_SIGNALS,
        "case_source": CASE_SOURCES,
        "case_instant": CASE_INSTANTS,
        "case_clock": CASE_CLOCKS,
        "case_link": CASE_LINKS,
        "case_effect": CASE_EFFECTS,
        "effect_state": EFFECT_STATES,
        "case_party": PARTIES,
        "request_concerns": REQUEST_CONCERNS,
        "case_board": BOARD,
        "cost_bearer": COST_BEARERS,
        "cost_reason": COST_REASONS,
        "severity_context": SEVERITY_CONTEXTS,
        "severity_identification": SEVERITY_IDENTIFICATIONS,
        "severity_confidentiality": SEVERITY_CONFIDENTIALITY,
        "severity_integrity": SEVERITY_INTEGRITY,
        "severity_availability": SEVERITY_AVAILABILITY,
        "severity_intent": SEVERITY_INTENTS,
        "severity_flag": SEVERITY_FLAGS,
        "severity_band": SEVERITY_BANDS,
        "edpb_example": EDPB_EXAMPLES,
        "affected_scope": AFFECTED_SCOPES,
        "form_field": FORM_FIELDS,
        "form_answer": FORM_ANSWERS,
        "form_question": FORM_QUESTIONS,
        "form_source": FORM_SOURCES,
        "notice_audience": AUDIENCES,
        "notice_nature": {**breach_words.NATURES, **changed.CHANGES},
        "notice_cause": {**breach_words.CAUSES, **changed.FOUND_BY},
        "notice_group": breach_words.GROUPS,
        "notice_data": breach_words.DATA,
        "notice_whereabouts": breach_words.WHEREABOUTS,
        "notice_consequence": breach_words.CONSEQUENCES,
        "notice_measure": {**breach_words.MEASURES, **changed.PLANS},
        "notice_advice": breach_words.ADVICE,
        "notice_unknown": breach_words.UNKNOWN,
        "notice_late": breach_words.LATE,
        "late_reason": LATE_REASONS,
    }
)
"""The tables by the name under which pages ask for them."""
