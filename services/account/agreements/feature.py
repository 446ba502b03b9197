"""What customers accept, to be read: the versions of the terms, their exact texts, and the sentences confirmed."""

from __future__ import annotations

from services.account.agreements.calls import (
    Sentence,
    TermsText,
    TermsTextShown,
    TermsVersions,
    TermsVersionShown,
    TermsVersionsShown,
    TextDigest,
)
from services.account.entry import Entry
from shared.bus import answers
from shared.calendar import oslo_date
from shared.errors import NotFound
from shared.terms import texts


class TermsReading(Entry):
    """Anybody may read what customers accept; what somebody accepted before is held as well."""

    @answers(TermsVersions)
    def terms_versions(self, _call: TermsVersions) -> TermsVersionsShown:
        """All versions that are held, and the sentences that a sign-up confirms."""
        now_in_force = self.terms.in_force(oslo_date(self.clock.now())).version
        return TermsVersionsShown(
            versions=tuple(
                TermsVersionShown(
                    version=each.version,
                    valid_from=each.valid_from,
                    in_force=each.version == now_in_force,
                    is_demo=each.is_demo,
                    texts=tuple(
                        TextDigest(language=language, sha256=each.sha256(language)) for language in texts.LANGUAGES
                    ),
                )
                for each in self.terms.versions
            ),
            sentences=tuple(
                Sentence(id=name, language=language, text=words[language], sha256=texts.digest(words[language]))
                for name, words in texts.SENTENCES.items()
                for language in texts.LANGUAGES
            ),
        )

    @answers(TermsText)
    def terms_text(self, call: TermsText) -> TermsTextShown:
        """The exact text of a version. Raises `NotFound` for one that is not held."""
        held = self.terms.find(call.version)
        if held is None:
            raise NotFound("there is no such version of the terms")
        return TermsTextShown(
            version=held.version,
            language=call.language,
            valid_from=held.valid_from,
            is_demo=held.is_demo,
            sha256=held.sha256(call.language),
            text=held.texts[call.language],
        )
