"""The mathematics of the trail: leaf hashes, the chain, and the Merkle tree with its proofs. No I/O.

The tree is that of RFC 6962 section 2.1, with SHA-256: a leaf is hashed behind the byte 0x00, an inner node
behind 0x01. The chain is ours and has the prefix 0x02. Rows are numbered from 1, leaves from 0.

A node is named by its level (0 for leaves) and its index in that level; it covers the 2**level leaves from
index * 2**level on. Only complete nodes have a name; the ragged right edge is put together from them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from services.audit.trail.values import TrailRow

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
GENESIS: Final = bytes(HASH_BYTES)
"""What the first row's link stands on."""

STORED_LEVEL: Final = 8
"""Nodes from this level up are stored, so a proof reads at most 256 leaves and one node a level."""
BLOCK: Final = 1 << STORED_LEVEL

NodeReader = Callable[[int, int], bytes]
"""Returns the hash of the complete node at (level, index)."""

_sha256 = hashlib.sha256


_quote = json.encoder.encode_basestring_ascii


def instant(moment: datetime) -> str:
    """An instant as it is hashed: UTC to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def canonical(row: TrailRow) -> bytes:
    """The bytes that are hashed for a row: every column except the two hashes, as canonical JSON.

    Written out member by member for speed. `queries.sql` renders the same inside PostgreSQL for verification;
    tests hold this, that and `shared.canonical_json` together.
    """
    return (
        f'{{"account_ref":{_id(row.account_ref)}'
        f',"actor":{_quote(row.actor)}'
        f',"causation_id":{_id(row.causation_id)}'
        f',"correlation_id":{_id(row.correlation_id)}'
        f',"event_id":{_id(row.event_id)}'
        f',"facts":{row.facts}'
        f',"field_names":[{",".join(map(_quote, row.field_names))}]'
        f',"occurred_at":"{instant(row.occurred_at)}"'
        f',"recorded_at":"{instant(row.recorded_at)}"'
        f',"seq":{row.seq}'
        f',"source":{_quote(row.source)}'
        f',"subject":{_quote(row.subject)}'
        f',"type":{_quote(row.type)}'
        f',"user_ref":{_id(row.user_ref)}'
        f',"version":{row.version}}}'
    ).encode("ascii")


def _id(value: UUID | None) -> str:
    return "null" if value is None else f'"{value}"'


def leaf_hash(content: bytes) -> bytes:
    """The hash of a row's canonical bytes as a leaf of the tree."""
    return _sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return _sha256(b"\x01" + left + right).digest()


def link(previous: bytes, leaf: bytes) -> bytes:
    """The chain's hash after a row: it depends on every row before, in their order."""
    return _sha256(b"\x02" + previous + leaf).digest()


@dataclass(slots=True)
class Frontier:
    """A tree that only grows, kept as the roots of its complete subtrees, the largest first."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def push(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf; return the nodes of stored levels that it completed, as (level, index, hash)."""
        at, level, made = self.size, 0, leaf
        peaks = self.peaks
        completed = []
        while at & 1:
            made = _sha256(b"\x01" + peaks.pop() + made).digest()
            at >>= 1
            level += 1
            if level >= STORED_LEVEL:
                completed.append((level, at, made))
        peaks.append(made)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """The root of the tree as it is now."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def peak_positions(size: int) -> list[tuple[int, int]]:
    """The (level, index) of the complete subtrees that make up a tree of this size, the largest first."""
    positions = []
    start = 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            positions.append((level, start >> level))
            start += 1 << level
    return positions


def frontier_at(size: int, node: NodeReader) -> Frontier:
    """The frontier of the first `size` leaves, from nodes that are known."""
    return Frontier(size, [node(level, index) for level, index in peak_positions(size)])


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.push(leaf)
    return frontier.root()


def node_of(leaves: Sequence[bytes]) -> bytes:
    """The hash of the complete node over these leaf hashes, whose number is a power of two."""
    row = list(leaves)
    if not row or len(row) & (len(row) - 1):
        raise ValueError("a complete node covers a power of two of leaves")
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def _range_root(start: int, end: int, node: NodeReader) -> bytes:
    """The root over leaves [start, end); `start` is a multiple of the largest power of two in the range."""
    count = end - start
    if not count & (count - 1):
        level = count.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(count)
    return node_hash(_range_root(start, middle, node), _range_root(middle, end, node))


def inclusion_proof(index: int, size: int, node: NodeReader) -> list[bytes]:
    """The path that proves leaf `index` to be in the tree of `size` leaves (RFC 6962 section 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError("there is no such leaf in a tree of that size")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_root(middle, end, node))
            end = middle
        else:
            path.append(_range_root(start, middle, node))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, node: NodeReader) -> list[bytes]:
    """The nodes that prove the tree of `old` leaves to be the beginning of that of `new` (section 2.1.2)."""
    if not 0 < old <= new:
        raise ValueError("an older tree is not empty and not larger than a newer one")
    path: list[bytes] = []
    start, end, whole = 0, new, True
    while end > old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range_root(middle, end, node))
            end = middle
        else:
            path.append(_range_root(start, middle, node))
            start, whole = middle, False
    if not whole:
        path.append(_range_root(start, end, node))
    return path[::-1]


def inclusion_holds(*, leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` proves that `leaf` stands at `index` in the tree with this size and root."""
    if not 0 <= index < size:
        return False
    at, last, made = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            made = node_hash(sibling, made)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            made = node_hash(made, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and made == root


def consistency_holds(*, old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` proves that the tree with `old_root` is the beginning of that with `new_root`."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    nodes = list(path) if old & (old - 1) else [old_root, *path]
    if not nodes:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old_made = new_made = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old_made, new_made = node_hash(node, old_made), node_hash(node, new_made)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new_made = node_hash(new_made, node)
        at, last = at >> 1, last >> 1
    return last == 0 and old_made == old_root and new_made == new_root
