"""The codes of cases in words: what is said of kinds, states, steps, reasons, clocks and instants."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared.words import Words

CASE_KINDS: Final[Words] = MappingProxyType(
    {
        "alarm": ("alarm", "alarm"),
        "incident": ("hendelse", "incident"),
        "breach_controller": ("brudd, vi er behandlingsansvarlig", "breach, we are controller"),
        "breach_processor": ("brudd, vi er databehandler", "breach, we are processor"),
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
        "telling_persons": ("personene skal få beskjed", "people are to be told"),
        "following_up": ("følges opp", "being followed up"),
        "following_up_told": ("personene har fått beskjed, følges opp", "people were told, being followed up"),
        "registered_only": ("bare registrert", "registered only"),
        "notified": ("tilsynet har fått melding", "authority was notified"),
        "persons_told": ("tilsynet og personene har fått beskjed", "authority and people were told"),
        "telling": ("kundene skal få beskjed", "customers are to be told"),
        "supporting": ("kundene får hjelp", "customers are being helped"),
        "closed": ("avsluttet", "closed"),
    }
)
CASE_STEPS: Final[Words] = MappingProxyType(
    {
        "acknowledge": ("Bekreft at du har sett den", "Acknowledge"),
        "find_harmless": ("Avslutt som ufarlig", "Close as harmless"),
        "join_alarm": ("Slå sammen med en annen alarm", "Join with another alarm"),
        "promote": ("Åpne en hendelse", "Open an incident"),
        "join_incident": ("Før inn i en hendelse", "Take into an incident"),
        "reopen": ("Åpne igjen", "Reopen"),
        "investigate": ("Begynn undersøkelsen", "Begin to investigate"),
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
        "easily_identified": ("lette å kjenne igjen", "easily identified"),
        "passwords_exposed": ("passord på avveie", "passwords exposed"),
        "vulnerable_persons": ("sårbare personer", "vulnerable people"),
        "fraud_possible": ("kan misbrukes til svindel", "can be used for fraud"),
        "data_unreadable": ("uleselig for andre", "unreadable for others"),
        "risk_removed": ("risikoen er fjernet", "risk was removed"),
        "trusted_recipient": ("mottakeren er til å stole på", "recipient can be trusted"),
        "copy_exists": ("en kopi finnes", "a copy exists"),
        "complete": ("fullstendig", "complete"),
        "partial": ("foreløpig, mer kommer", "partial, more follows"),
        "each_told": ("hver enkelt", "each of them"),
        "public_notice": ("offentlig kunngjort", "by public notice"),
        "not_required": ("kreves ikke", "not required"),
        "followed_up": ("fulgt opp", "followed up"),
        "affected_known": ("vi vet hvem", "known"),
        "affected_presumed": ("vi må anta hvem", "presumed"),
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
    }
)
CASE_INSTANTS: Final[Words] = MappingProxyType(
    {
        "occurred_from": ("skjedde fra", "occurred from"),
        "occurred_to": ("skjedde til", "occurred to"),
        "detected_at": ("oppdaget", "detected"),
        "aware_at": ("visst med rimelig sikkerhet", "known with reasonable certainty"),
        "notified_at": ("meldt til tilsynet", "notified to authority"),
    }
)
CASE_CLOCKS: Final[Words] = MappingProxyType(
    {
        "breach.triage": ("noen må se på den", "somebody has to look"),
        "breach.decision": ("avgjørelse om brudd", "decision about a breach"),
        "breach.dpa_deadline_hours": ("melding til tilsynet", "notice to authority"),
        "breach.persons": ("beskjed til personene", "notice to people"),
        "breach.controller_notice_target_hours": ("beskjed til kundene", "notice to customers"),
        **{f"state.{state}": words for state, words in CASE_STATES.items()},
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
CASE_LINKS: Final[Words] = MappingProxyType(
    {
        "promoted_to": ("førte til", "led to"),
        "merged_into": ("slått sammen med", "joined with"),
        "twin": ("gjelder det samme", "about the same"),
    }
)
CASE_EFFECTS: Final[Words] = MappingProxyType(
    {"announce_breach": ("bruddet meldes til systemets andre deler", "the breach is announced to the system")}
)
EFFECT_STATES: Final[Words] = MappingProxyType(
    {
        "waiting": ("avgjort, ikke gjennomført", "decided, not carried out"),
        "given_up": ("lot seg ikke gjennomføre", "could not be carried out"),
        "confirmed": ("gjennomført", "carried out"),
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
BOARD: Final[Words] = MappingProxyType({"open": ("åpne", "open"), "ended": ("avsluttet", "ended")})

KINDS: Final[Mapping[str, Words]] = MappingProxyType(
    {
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
        "case_board": BOARD,
        "late_reason": LATE_REASONS,
    }
)
"""The tables by the name under which pages ask for them."""
