"""A trail in memory, for tests: built as the sequencer builds it, read as the verifier reads it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from services.audit.checkpoints import chain
from services.audit.checkpoints.file import FileContents
from services.audit.checkpoints.signing import Checkpoint
from services.audit.trail.values import TrailRow
from services.audit.verification.verifier import Verifier
from shared.canonical_json import canonical
from shared.signing import SigningKey

NAMESPACE = UUID("3d0ee9b5-5d5c-4f0c-9d3c-0c8f4f5a5f10")
START = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
SIGNER = SigningKey(bytes(range(32)))
STRANGER = SigningKey(bytes(range(1, 33)))


def sample_row(seq: int, **changes) -> TrailRow:
    account = uuid5(NAMESPACE, f"account {seq % 5}")
    row = TrailRow(
        seq=seq,
        event_id=uuid5(NAMESPACE, f"event {seq}"),
        type="account.updated",
        version=1,
        source="account",
        occurred_at=START + timedelta(seconds=seq),
        recorded_at=START + timedelta(seconds=seq, microseconds=seq),
        subject=f"account/{account}",
        actor="system",
        account_ref=account,
        user_ref=None,
        correlation_id=uuid5(NAMESPACE, f"story {seq // 3}"),
        causation_id=None,
        field_names=["email", "name"],
        facts=canonical({"count": seq}).decode(),
    )
    return replace(row, **changes)


@dataclass
class Memory:
    """What PostgreSQL holds: rows with their hashes, nodes, checkpoints; and the file outside."""

    contents: list[tuple[int, bytes | None, bytes, bytes]] = field(default_factory=list)
    stored: list[tuple[int, int, bytes]] = field(default_factory=list)
    sealed: list[Checkpoint] = field(default_factory=list)
    outside: FileContents = field(default_factory=FileContents)
    grown: chain.Frontier = field(default_factory=chain.Frontier)

    @classmethod
    def of(cls, rows: int, *, seal_at=()):
        made = cls()
        for seq in range(1, rows + 1):
            made.append(chain.canonical(sample_row(seq)))
            if seq in seal_at:
                made.seal()
        return made

    def copy(self):
        outside = replace(self.outside, checkpoints=list(self.outside.checkpoints), damaged_lines=[])
        grown = chain.Frontier(self.grown.size, list(self.grown.peaks))
        return Memory(list(self.contents), list(self.stored), list(self.sealed), outside, grown)

    def append(self, content: bytes) -> None:
        leaf = chain.leaf_hash(content)
        head = self.contents[-1][3] if self.contents else chain.GENESIS
        self.stored += self.grown.push(leaf)
        self.contents.append((self.grown.size, content, leaf, chain.link(head, leaf)))

    def seal(self, signer: SigningKey = SIGNER) -> None:
        last = self.sealed[-1] if self.sealed else None
        made = Checkpoint(
            number=len(self.sealed) + 1,
            tree_size=self.grown.size,
            root=self.grown.root(),
            head=self.contents[-1][3],
            time=START + timedelta(minutes=len(self.sealed)),
            key_id="",
            previous=last.digest() if last else chain.GENESIS,
        )
        self.sealed.append(made.signed_by(signer))
        self.outside.checkpoints.append(self.sealed[-1])

    # ── as the verifier reads it ──

    def size(self) -> int:
        return self.contents[-1][0] if self.contents else 0

    def checkpoints(self, from_number):
        return [each for each in self.sealed if each.number >= from_number]

    def stretches(self, after):
        nodes = [node for node in self.stored if (node[1] + 1) << node[0] > after]
        yield nodes, (row for row in self.contents if row[0] > after)

    def node(self, level, index):
        if level >= chain.STORED_LEVEL:
            return {(at, i): made for at, i, made in self.stored}[level, index]
        start = index << level
        return chain.node_of([row[2] for row in self.contents[start : start + (1 << level)]])

    def frontier(self, checkpoint):
        return chain.frontier_at(checkpoint.tree_size, self.node)

    def verify(self, **options):
        return Verifier(self, [SIGNER.public], self.outside).run(**options)

    def codes(self, **options) -> set[str]:
        return {finding.code for finding in self.verify(**options).findings}

    def rehash(self, start: int) -> None:
        """What somebody does who owns the database: make every hash from row index `start` on fit again."""
        contents, self.contents = self.contents, self.contents[:start]
        head = self.contents[-1][3] if self.contents else chain.GENESIS
        for at, (_, content, _, _) in enumerate(contents[start:], start=start + 1):
            leaf = chain.leaf_hash(content or b"")
            head = chain.link(head, leaf)
            self.contents.append((at, content, leaf, head))
        self.stored, self.grown = [], chain.Frontier()
        for row in self.contents:
            self.stored += self.grown.push(row[2])
