"""What customers accept, to be read: the versions of the terms, their exact texts, and the sentences confirmed."""

from __future__ import annotations

from typing import Any

from services.account import schemas
from services.account.entry import Entry
from shared.bus import rpc
from shared.calendar import oslo_date
from shared.errors import NotFound
from shared.terms import texts


class TermsReading(Entry):
    """Anybody may read what customers accept; what somebody accepted before is held as well."""

    @rpc(schemas.Nothing, schemas.TermsVersions)
    def terms_versions(self, _request: dict[str, Any]) -> dict[str, Any]:
        """All versions that are held, and the sentences that a sign-up confirms."""
        now_in_force = self.terms.in_force(oslo_date(self.clock.now())).version
        return {
            "versions": [
                {
                    "version": each.version,
                    "valid_from": each.valid_from,
                    "in_force": each.version == now_in_force,
                    "is_demo": each.is_demo,
                    "texts": [
                        {"language": language, "sha256": each.sha256(language)} for language in texts.LANGUAGES
                    ],
                }
                for each in self.terms.versions
            ],
            "sentences": [
                {"id": name, "language": language, "text": words[language], "sha256": texts.digest(words[language])}
                for name, words in texts.SENTENCES.items()
                for language in texts.LANGUAGES
            ],
        }

    @rpc(schemas.OfTerms, schemas.TermsText, errors=(NotFound,))
    def terms_text(self, request: dict[str, Any]) -> dict[str, Any]:
        """The exact text of a version. Raises `NotFound` for one that is not held."""
        found = self.terms.find(request["version"])
        if found is None:
            raise NotFound("there is no such version of the terms")
        language = request["language"]
        return {
            "version": found.version,
            "language": language,
            "valid_from": found.valid_from,
            "is_demo": found.is_demo,
            "sha256": found.sha256(language),
            "text": found.texts[language],
        }
