"""Certificates of erasures: issued one after the other, shown to whoever has the id, and checked as a chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.retention.certificates import calls, rules, store
from services.retention.certificates.archive import CertificateArchive
from services.retention.certificates.calls import CertificateShown, ChainShown, LinkShown
from services.retention.certificates.signing import document_hash, sign, verdict_on
from services.retention.erasure.values import Erasure
from shared.bus import Feature, answers
from shared.bus.probes import HOURLY, probe
from shared.database import Database, Transaction
from shared.errors import NotFound
from shared.failpoints import Failpoints
from shared.identifiers import new_id
from shared.signing import SigningKey
from shared.terms.clauses.erasure import LOST_FOR_EVER
from shared.version import VERSION

CHECKED: Final = 100
"""So many certificates are verified again every hour."""


@dataclass(kw_only=True, eq=False)
class Certificates(Feature):
    """Issues certificates and shows them."""

    database: Database
    signing_key: SigningKey
    archive: CertificateArchive
    failpoints: Failpoints

    def issue(self, tx: Transaction, erasure: Erasure, now: datetime) -> None:
        """Issue the certificate of an erasure, unless that was done before a crash."""
        sequence, previous = self.archive.agree(tx)
        if erasure.certificate_id is not None and store.find(tx, erasure.certificate_id) is not None:
            return
        certificate = rules.certificate_of(
            erasure, reference=new_id(), sequence=sequence + 1, previous=previous, software_version=VERSION
        )
        document = sign(certificate, self.signing_key)
        self.archive.append(document)
        self.failpoints.hit("erasure.certify.issued")
        store.add(
            tx,
            sequence=certificate.sequence,
            certificate_id=certificate.certificate_id,
            document=document,
            digest=document_hash(document),
            now=now,
        )

    def recover(self, tx: Transaction, certificate_id: UUID) -> bool:
        """Whether the certificate was issued; it is taken from the archive where the table lacks it."""
        self.archive.agree(tx)
        return store.find(tx, certificate_id) is not None

    @probe(
        LOST_FOR_EVER,
        nb="slettinger uten bevis, eller med et bevis som ikke stemmer",
        en="erasures without their certificate, or with one that does not verify",
        seconds=HOURLY,
    )
    def certificates_missing_or_wrong(self, tx: Transaction, _now: datetime) -> int:
        """All erasures that are over, and the newest certificates of the chain."""
        wrong = store.uncertified(tx)
        for link in store.newest(tx, CHECKED):
            verdict = verdict_on(link["document"], [self.signing_key.public], previous=link["previous"])
            wrong += verdict != "valid"
        return wrong

    @answers(calls.Certificate)
    def certificate(self, call: calls.Certificate) -> CertificateShown:
        """A certificate by its id; before it is issued, how far its erasure is."""
        with self.database.transaction() as tx:
            row = store.find(tx, call.certificate_id)
            state = store.state_of_erasure(tx, call.certificate_id)
            previous = store.hash_before(tx, row["sequence"]) if row else None
        key = self.signing_key.public
        pem = key.pem()
        if row is not None:
            verdict = verdict_on(row["document"], [key], previous=previous)
            return CertificateShown(**row, public_key=pem, state="issued", verdict=verdict, key=key.id)
        if state is None:
            raise NotFound("There is no certificate with this id.")
        return CertificateShown(certificate_id=call.certificate_id, state=state, public_key=pem)

    @answers(calls.Certificates)
    def certificates(self, call: calls.Certificates) -> ChainShown:
        """A stretch of the chain of certificates, for checking it."""
        with self.database.transaction() as tx:
            links = store.chain(tx, call.after, call.limit)
        key = self.signing_key.public
        return ChainShown(
            certificates=tuple(LinkShown(**link) for link in links),
            public_keys={key.id: key.text()},
            public_key=key.pem(),
        )
