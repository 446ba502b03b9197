"""Verification of the trail: every row, the chain, the tree, the checkpoints, and the file outside.

What is found bears a code: `row_changed`, `row_missing`, `row_unexpected`, `link_broken` (by row number);
`root_differs`, `head_differs`, `signature_wrong`, `checkpoint_order`, `checkpoint_changed`, `checkpoint_missing`,
`trail_cut` (by checkpoint number); `node_differs`, `node_missing`, `node_unexpected` (by row number);
`file_missing`, `file_damaged`, `file_order`, `file_behind` (by line or checkpoint number).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from typing import Final, Protocol

from services.audit.checkpoints.chain import GENESIS, Frontier
from services.audit.checkpoints.file import FileContents
from services.audit.checkpoints.signing import Checkpoint
from services.audit.verification.reader import Leaf, Node
from services.audit.verification.values import Finding, Report
from shared.signing import PublicKey

FINDINGS_LIMIT: Final = 100
"""After so many findings verification ends: what is damaged is known well enough."""

NEVER: Final = 2**63
BATCH_ROWS: Final = 2000
"""How many rows are hashed between two reports of progress."""

Progress = Callable[[int, int], None]


class Readable(Protocol):
    """Where a trail is read from: PostgreSQL, or a list in a test."""

    def size(self) -> int:
        """The number of the last row."""

    def checkpoints(self, from_number: int) -> Iterable[Checkpoint]:
        """Checkpoints from a number on, oldest first."""

    def stretches(self, after: int) -> Iterable[tuple[Iterable[Node], Generator[Leaf]]]:
        """The stored nodes and the rows after a number, a stretch at a time."""

    def frontier(self, checkpoint: Checkpoint) -> Frontier:
        """The tree at a checkpoint. Raises `LookupError`."""


class _TooManyError(Exception):
    """There are more findings than anybody reads."""


class Verifier:
    """One verification: reads once from the first row (or a checkpoint) to the last, and reports."""

    def __init__(self, reader: Readable, keys: Iterable[PublicKey], outside: FileContents | None) -> None:
        """`outside` is the file's contents, read before the reader's transaction began; None where there is none.

        A file that ends earlier than the table is no finding by itself: it may be an older copy.
        """
        self._reader = reader
        self._keys: Mapping[str, PublicKey] = {key.id: key for key in keys}
        self._outside = outside
        self._report = Report()
        self._stated: dict[int, list[Checkpoint]] = {}
        self._known: dict[int, Checkpoint] = {}
        self._frontier = Frontier()
        self._head = GENESIS

    def run(self, *, from_checkpoint: int = 0, progress: Progress | None = None) -> Report:
        """Verify; `from_checkpoint` names one that was verified before, and rows up to it are passed over."""
        try:
            self._begin(from_checkpoint)
            self._read_outside(from_checkpoint)
            self._read_rows(progress)
            self._end()
        except _TooManyError:
            pass  # the report says enough, and is not ok
        return self._report

    def _find(self, code: str, at: int) -> None:
        self._report.findings.append(Finding(code, at))
        if len(self._report.findings) >= FINDINGS_LIMIT:
            raise _TooManyError

    # ── what was stated ──

    def _begin(self, from_checkpoint: int) -> None:
        """Check the table's checkpoints among themselves, and set out from the one that was named."""
        before: Checkpoint | None = None
        for each in self._reader.checkpoints(from_checkpoint):
            self._check_statement(each, before, first=max(1, from_checkpoint))
            if each.number == from_checkpoint:
                self._set_out(each)
            self._stated.setdefault(each.tree_size, []).append(each)
            self._known[each.number] = each
            self._report.checkpoints += 1
            before = each
        if from_checkpoint and self._report.resumed_from != from_checkpoint:
            self._find("checkpoint_missing", from_checkpoint)

    def _check_statement(self, each: Checkpoint, before: Checkpoint | None, *, first: int) -> None:
        key = self._keys.get(each.key_id)
        if key is None or not each.is_signed_by(key):
            self._find("signature_wrong", each.number)
        if before is None:
            in_order = each.number == first and (first > 1 or each.previous == GENESIS)
        else:
            follows = each.number == before.number + 1 and each.tree_size > before.tree_size
            in_order = follows and each.previous == before.digest()
        if not in_order:
            self._find("checkpoint_order", each.number)

    def _set_out(self, base: Checkpoint) -> None:
        """Stand at a checkpoint; the nodes read for it must have the root that was signed."""
        self._report.resumed_from = base.number
        self._head = base.head
        try:
            self._frontier = self._reader.frontier(base)
        except LookupError:
            self._find("node_missing", base.tree_size)
            return
        if self._frontier.root() != base.root:
            self._find("root_differs", base.number)

    def _read_outside(self, from_checkpoint: int) -> None:
        """Hold the file against the table: whatever the file states must be true of the trail today."""
        contents = self._outside
        if contents is None:
            return
        if not contents.present and self._known:
            self._find("file_missing", 0)
        for line in contents.damaged_lines:
            self._find("file_damaged", line)
        last = 0
        for each in contents.checkpoints:
            if each.number <= last:
                self._find("file_order", each.number)
            last = max(last, each.number)
            if each.number >= from_checkpoint:
                self._check_outside(each)

    def _check_outside(self, each: Checkpoint) -> None:
        known = self._known.get(each.number)
        if known == each:
            return
        key = self._keys.get(each.key_id)
        if key is None or not each.is_signed_by(key):
            self._find("file_damaged", each.number)
            return
        self._find("checkpoint_missing" if known is None else "checkpoint_changed", each.number)
        if each.tree_size >= self._frontier.size:
            self._stated.setdefault(each.tree_size, []).append(each)

    # ── what is there ──

    def _read_rows(self, progress: Progress | None) -> None:
        total = self._reader.size()
        sizes = sorted(size for size in self._stated if size > self._frontier.size)
        self._report.tree_size = self._frontier.size
        for stored, streamed in self._reader.stretches(self._frontier.size):
            nodes = iter(stored)
            with closing(streamed) as rows:
                while batch := list(islice(rows, BATCH_ROWS)):
                    sizes = self._read_batch(batch, sizes, nodes)
                    if progress is not None:
                        progress(self._report.rows, total)
            for _ in nodes:
                self._find("node_unexpected", self._report.tree_size)
        for size in sizes:
            for each in self._stated[size]:
                self._find("trail_cut", each.number)

    def _read_batch(self, batch: Sequence[Leaf], sizes: list[int], nodes: Iterator[Node]) -> list[int]:
        """Read rows; returns the sizes that checkpoints still speak of. Written for speed: it runs once a row."""
        sha256, push = hashlib.sha256, self._frontier.push
        head, at = self._head, self._report.tree_size
        stop = sizes[0] if sizes else NEVER
        for seq, content, leaf, chained in batch:
            at += 1
            if seq != at:
                at = self._out_of_order(seq, at)
            computed = sha256(b"\x00" + content).digest() if content is not None else b""
            if computed != leaf:
                self._find("row_changed", seq)
            head = sha256(b"\x02" + head + leaf).digest()
            if head != chained:
                self._find("link_broken", seq)
                head = bytes(chained)
            completed = push(computed)
            if completed:
                self._check_nodes(completed, nodes)
            while seq >= stop:
                sizes = self._check_roots(sizes, head)
                stop = sizes[0] if sizes else NEVER
        self._head = head
        self._report.rows += len(batch)
        self._report.tree_size = at
        return sizes

    def _out_of_order(self, seq: int, expected: int) -> int:
        self._find("row_missing" if seq > expected else "row_unexpected", min(seq, expected))
        return seq

    def _check_nodes(self, completed: Sequence[Node], nodes: Iterator[Node]) -> None:
        for made in completed:
            stored = next(nodes, None)
            if stored is None:
                self._find("node_missing", self._frontier.size)
            elif stored != made:
                self._find("node_differs", self._frontier.size)

    def _check_roots(self, sizes: list[int], head: bytes) -> list[int]:
        """Hold every statement about the present size against root and chain; return the sizes that remain."""
        root = self._frontier.root()
        for each in self._stated[sizes[0]]:
            if each.root != root:
                self._find("root_differs", each.number)
            if each.head != head:
                self._find("head_differs", each.number)
        return sizes[1:]

    def _end(self) -> None:
        sealed = max(self._stated, default=0)
        self._report.root = self._frontier.root()
        self._report.unsealed_rows = max(0, self._report.tree_size - sealed)
