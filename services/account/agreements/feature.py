"""The terms that customers accept: their versions and texts, and who accepted which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.account.accounts import store as accounts
from services.account.accounts.values import UserState
from services.account.agreements import calls, rules, store
from services.account.agreements.events import AgreementAccepted
from shared.bus import Feature, answers
from shared.bus.probes import HOURLY, probe
from shared.calendar import oslo_date
from shared.clock import Clock
from shared.database import Transaction
from shared.database.pool import Row
from shared.errors import NotFound
from shared.events import Code
from shared.identifiers import new_id
from shared.terms import texts
from shared.terms.clauses import collection, documents, duties
from shared.terms.texts import TermsTexts, TermsVersion

DOCUMENT: Final = Code("data_processing_agreement")


@dataclass(eq=False)
class Agreements(Feature):
    """Anybody may read what customers accept; what somebody accepted before is held as well."""

    clock: Clock
    terms: TermsTexts

    @probe(
        documents.DPA_WITH_THE_ACCOUNT,
        nb="aktive kontoer uten en databehandleravtale",
        en="active accounts without a data processing agreement",
        seconds=HOURLY,
    )
    def accounts_without_agreement(self, tx: Transaction, _now: datetime) -> Row | None:
        """Account and acceptance are written in one transaction."""
        return store.without_agreement(tx)

    @probe(
        collection.NO_ACCOUNT_WITHOUT_ACCEPTANCE,
        nb="aktive kontoer som har godtatt en tekst som ikke finnes her",
        en="active accounts that accepted a text that is not held here",
        seconds=HOURLY,
    )
    def texts_not_held(self, tx: Transaction, _now: datetime) -> Row | None:
        """The digest that was kept is that of no version in either language."""
        held = [each.sha256(language) for each in self.terms.versions for language in each.texts]
        return store.other_text(tx, held)

    @probe(
        duties.FOUR_ATTESTATIONS,
        nb="aktive kontoer der kunden ikke har bekreftet alt",
        en="active accounts for which the customer has not confirmed everything",
        seconds=HOURLY,
    )
    def accounts_not_attested(self, tx: Transaction, _now: datetime) -> Row | None:
        """All four sentences belong to an acceptance."""
        return store.unattested(tx, texts.SENTENCES)

    @answers(calls.TermsVersions)
    def terms_versions(self, _call: calls.TermsVersions) -> calls.TermsVersionsShown:
        """All versions that are held, and the sentences that a sign-up confirms."""
        now_in_force = self.in_force().version
        return calls.TermsVersionsShown(
            versions=tuple(
                calls.TermsVersionShown(
                    version=each.version,
                    valid_from=each.valid_from,
                    in_force=each.version == now_in_force,
                    is_demo=each.is_demo,
                    texts=tuple(
                        calls.TextDigest(language=language, sha256=each.sha256(language))
                        for language in texts.LANGUAGES
                    ),
                )
                for each in self.terms.versions
            ),
            sentences=tuple(
                calls.Sentence(
                    id=name, language=language, text=words[language], sha256=texts.digest(words[language])
                )
                for name, words in texts.SENTENCES.items()
                for language in texts.LANGUAGES
            ),
        )

    @answers(calls.TermsText)
    def terms_text(self, call: calls.TermsText) -> calls.TermsTextShown:
        """The exact text of a version. Raises `NotFound` for one that is not held."""
        held = self.terms.find(call.version)
        if held is None:
            raise NotFound("there is no such version of the terms")
        return calls.TermsTextShown(
            version=held.version,
            language=call.language,
            valid_from=held.valid_from,
            is_demo=held.is_demo,
            sha256=held.sha256(call.language),
            text=held.texts[call.language],
        )

    # ── for other features ────────────────────────────────────────────────────────────────────────────────

    def in_force(self) -> TermsVersion:
        """The version of the terms that is accepted today."""
        return self.terms.in_force(oslo_date(self.clock.now()))

    def check(self, agreement: calls.Agreement, language: str) -> TermsVersion:
        """The version in force, which a sign-up accepts. Raises `Conflict` for another one, `Invalid`."""
        accepted = self.in_force()
        rules.check_agreement(agreement, accepted.version, accepted.sha256(language))
        return accepted

    def sign(
        self,
        tx: Transaction,
        agreement: calls.Agreement,
        accepted: TermsVersion,
        language: str,
        *,
        sealed: Row,
        account_id: UUID,
        user_id: UUID,
        now: datetime,
    ) -> None:
        """Keep what the creator of a company accepted; `sealed` is the row's id and from where it was."""
        ids = {"account_id": account_id, "user_id": user_id}
        store.insert_agreement(tx, _columns(agreement, accepted, language) | sealed | ids, now=now)
        event = AgreementAccepted(**ids, document=DOCUMENT, terms_version=Code(accepted.version))
        tx.outbox.add(event, now=now, sequence=1)

    def conclude(
        self, tx: Transaction, by: UserState | None, agreement: calls.Agreement | None, now: datetime
    ) -> None:
        """Keep that an owner, whose address is proved, accepted the terms in force, in the language shown.

        Raises `Conflict` where nobody did. The digest of the text shown says which language that was; without one
        it is the owner's own.
        """
        accepted = self.in_force()
        shown = accepted.language_of(agreement.text_sha256 if agreement else None)
        language = shown or (accounts.user_row(tx, by.id)["language"] if by else texts.LANGUAGES[0])
        rules.check_new_agreement(agreement, accepted.version, accepted.sha256(language))
        if by is None or agreement is None:
            return
        columns = _columns(agreement, accepted, language) | by.ids | {"id": new_id(), "ip_sealed": None}
        store.insert_agreement(tx, columns, now=now)
        store.stand_by_agreement(tx, by.account_id, now=now)
        event = AgreementAccepted(**by.ids, document=DOCUMENT, terms_version=Code(accepted.version))
        tx.outbox.add(event, now=now)

    def stand_by(self, tx: Transaction, account_id: UUID, *, now: datetime) -> None:
        """Whoever proved an address of the company stands by what was accepted for it."""
        store.stand_by_agreement(tx, account_id, now=now)

    def latest(self, tx: Transaction, account_id: UUID) -> Row | None:
        """What the company agreed to last."""
        return store.latest_agreement(tx, account_id)

    def latest_shown(self, tx: Transaction, account_id: UUID) -> calls.AgreementShown | None:
        """The same as its people see it."""
        row = store.latest_agreement(tx, account_id)
        if row is None:
            return None
        names = ("document", "version", "text_sha256", "language", "accepted_at")
        return calls.AgreementShown(**{name: row[name] for name in names}, sentences=tuple(row["sentences"]))


def _columns(agreement: calls.Agreement, accepted: TermsVersion, language: str) -> dict[str, Any]:
    """What is kept of an acceptance: of which text, by what right, on which page and with which control."""
    return {
        "document": DOCUMENT,
        "version": accepted.version,
        "text_sha256": accepted.sha256(language),
        "language": language,
        "authority": agreement.authority,
        "attested": sorted(agreement.attestations.given()),
        "sentences": texts.shown_sentences(language),
        "domain": agreement.domain,
        "element": agreement.element,
    }
