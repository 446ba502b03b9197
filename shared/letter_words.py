"""Kinds of letters and what became of one, in the words of their readers: Norwegian and English."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from shared.words import Words

LETTERS: Final[Words] = MappingProxyType(
    {
        "email_confirmation": ("bekreft e-postadressen", "confirm the address"),
        "invitation": ("invitasjon", "invitation"),
        "sign_up_repeated": ("registrert på nytt", "sign-up repeated"),
        "address_changed": ("adressen er endret", "address changed"),
        "accuracy_asked": ("stemmer opplysningene?", "are the data right?"),
        "password_changed": ("passordet er endret", "password changed"),
        "password_reset": ("nytt passord", "password reset"),
        "suspicious_attempt": ("mistenkelig pålogging", "suspicious login"),
        "return_by_link": ("aktiver kontoen igjen", "reactivate the account"),
        "return_by_company": (
            "virksomheten må aktivere kontoen igjen",
            "the company has to reactivate the account",
        ),
        "return_by_staff": ("vi må åpne kontoen", "we have to open the account"),
        "account_deactivated": ("kontoen er gjort inaktiv", "account made inactive"),
        "company_closed": ("virksomheten har lukket kontoen", "the company closed its account"),
        "user_deactivated": ("brukeren er gjort inaktiv", "user made inactive"),
        "termination_noticed": ("oppsigelsen er mottatt", "notice received"),
        "termination_withdrawn": ("oppsigelsen er trukket tilbake", "notice withdrawn"),
        "account_reactivated": ("kontoen er aktiv igjen", "account active again"),
        "company_reopened": ("virksomheten har åpnet kontoen", "the company opened its account"),
        "user_reactivated": ("brukeren er aktiv igjen", "user active again"),
        "breach_notice": ("varsel om brudd", "notice of a breach"),
        "breach_person": ("beskjed om brudd til en person", "notice of a breach to a person"),
        "security_notice": ("varsel om endret sikkerhet", "notice of changed security"),
        "support_mail_declined": ("e-post til brukerstøtte ikke tatt imot", "e-mail to support not taken"),
        "support_answered": ("svar fra brukerstøtte", "an answer from support"),
        "nonconformity_received": ("avviket er mottatt", "the deviation was received"),
        "nonconformity_answered": ("svar på avviket", "answer to the deviation"),
        "dispute_received": ("uenigheten er mottatt", "the disagreement was received"),
        "dispute_ended": ("slik endte uenigheten", "how the disagreement ended"),
        "campaign_marketing": ("markedsføring", "marketing"),
        "campaign_news": ("nyheter om produktet", "news of the product"),
        "objection_confirmed": ("protesten er bekreftet", "objection confirmed"),
        "rights_received": ("kravet er mottatt", "the request was received"),
        "rights_identity": ("spørsmål om hvem som ber om det", "question who is asking"),
        "rights_extended": ("lenger tid til svaret", "more time for the answer"),
        "rights_answered": ("svar på kravet", "answer to the request"),
        "rights_answered_in_part": ("svar på en del av kravet", "answer to a part of the request"),
        "rights_refused": ("kravet er ikke tatt til følge", "the request is not met"),
        "rights_fee": ("kravet koster noe", "the request costs something"),
        "enquiry_received": ("spørsmålet er mottatt", "the enquiry was received"),
        "enquiry_answered": ("spørsmålet er besvart", "the enquiry was answered"),
        "complaint_received": ("klagen er mottatt", "the complaint was received"),
        "complaint_upheld": ("klagen er tatt til følge", "the complaint is upheld"),
        "complaint_rejected": ("klagen er ikke tatt til følge", "the complaint is not upheld"),
        "request_forwarded": ("krav sendt videre til kunden", "request passed on to the customer"),
        "request_passed_on": ("kravet er sendt videre", "the request was passed on"),
        "request_reminded": ("kunden er minnet på kravet", "customer reminded of the request"),
        "request_unanswered": ("kunden har ikke svart", "the customer has not answered"),
        "charge_decided": ("hvem som betaler for et avvik", "who pays for a deviation"),
        "account_reminder": ("kontoen slettes snart", "the account is erased soon"),
        "user_reminder": ("brukeren slettes snart", "the user is erased soon"),
        "erasure_postponed": ("slettingen er utsatt", "the erasure is postponed"),
        "restriction_will_be_lifted": ("begrensningen oppheves", "the restriction will be lifted"),
        "company_corrected": ("opplysninger om virksomheten er rettet", "company data corrected"),
        "data_corrected": ("opplysninger er rettet", "data corrected"),
        "account_erased": ("kontoen er slettet", "account erased"),
        "user_erased": ("brukeren er slettet", "user erased"),
    }
)
STATES: Final[Words] = MappingProxyType(
    {
        "pending": ("skal sendes", "to be sent"),
        "sending": ("sendes", "being sent"),
        "unknown": ("uvisst om den ble sendt", "not known whether it was sent"),
        "parked": ("holdt tilbake", "held back"),
        "superseded": ("erstattet av en nyere", "replaced by a newer one"),
        "abandoned": ("ikke sendt", "not sent"),
        "sent": ("sendt", "sent"),
        "deferred": ("forsinket", "deferred"),
        "delivered": ("levert", "delivered"),
        "bounced": ("kom i retur", "bounced"),
        "complained": ("meldt som søppel", "reported as spam"),
    }
)
