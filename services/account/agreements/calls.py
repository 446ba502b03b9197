"""The acceptance of the terms, and the texts that are accepted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Final

from marshmallow.validate import OneOf

from services.account.fields.kinds import Language, MachineCode, Sha256, line
from shared.calls import Call
from shared.errors import NotFound
from shared.records import About, Record

AUTHORITIES: Final = ("managing_director", "chair", "signatory", "procuration", "proprietor", "mandate")
"""By what right the creator says to act: signatory right, procuration, as sole trader, or under a mandate."""


class Attestations(Record):
    """What the customer confirms when concluding the agreement (L168-174); each must be true."""

    authority: bool
    necessary_data: bool
    accurate_data: bool
    users_informed: bool


class Agreement(Record):
    """The express acceptance of one version of the terms, by whom and by what right.

    `version` is the code of the version shown, and `text_sha256` the digest of the text that was shown in the
    language of the sign-up: where it is given it must be that of the text in force. `domain` is the host name of
    the page in punycode and `element` the control used (`sign_up.accept`); both are added by the gateway.
    """

    version: Annotated[MachineCode, "The version shown, for example v1.", About(example="v1")]
    accepted: bool
    authority: Annotated[
        str, OneOf(AUTHORITIES), "By what right the creator acts.", About(example="managing_director")
    ]
    attestations: Attestations
    text_sha256: Annotated[
        Sha256 | None, "The digest of the text that was shown, from /v1/terms/versions; checked if given."
    ] = None
    domain: Annotated[str, line(253)]
    element: MachineCode


class TextDigest(Record):
    """The text of a version in one language, by its digest."""

    language: str
    sha256: str


class TermsVersionShown(Record):
    """A version of the terms: since when it is offered, and whether a sign-up accepts it now."""

    version: str
    valid_from: date
    in_force: bool
    is_demo: bool
    texts: tuple[TextDigest, ...]


class Sentence(Record):
    """A sentence that the customer confirms at sign-up, in one language."""

    id: str
    language: str
    text: str
    sha256: str


class TermsVersionsShown(Record):
    """All versions that are held, the oldest first, and the sentences that are confirmed."""

    versions: tuple[TermsVersionShown, ...]
    sentences: tuple[Sentence, ...]


class TermsVersions(Call[TermsVersionsShown], service="account"):
    """All versions of the terms that are held, and the sentences that a sign-up confirms."""


class TermsTextShown(Record):
    """The exact text, and its digest."""

    version: str
    language: str
    valid_from: date
    is_demo: bool
    sha256: str
    text: str


class TermsText(Call[TermsTextShown], service="account", refusals=(NotFound,)):
    """The exact text of one version in one language; `NotFound` for one that is not held."""

    version: MachineCode
    language: Language


class AgreementShown(Record):
    """Which version of the terms the customer accepted, and when."""

    document: str
    version: str
    text_sha256: str
    language: str
    sentences: tuple[Mapping[str, str], ...]
    accepted_at: datetime
