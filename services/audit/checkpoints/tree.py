"""The tree over the trail as it is stored."""

from __future__ import annotations

from typing import Final

from services.audit.checkpoints import chain
from shared.database import Transaction, load_queries

Q: Final = load_queries(__file__)


class StoredTree:
    """Complete nodes of the tree: those of stored levels from their table, the others from leaf hashes."""

    def __init__(self, tx: Transaction) -> None:
        """Reads within `tx` and remembers what it read."""
        self._tx = tx
        self._leaves: dict[int, list[bytes]] = {}

    def __call__(self, level: int, index: int) -> bytes:
        """The hash of a node. Raises `LookupError` where it should be there and is not."""
        if level >= chain.STORED_LEVEL:
            row = self._tx.one(Q.tree_nodes, levels=[level], indexes=[index])
            if row is None:
                raise LookupError(f"the node {level}/{index} of the tree is missing")
            return bytes(row["hash"])
        start = index << level
        block, offset = divmod(start, chain.BLOCK)
        leaves = self._leaves.get(block)
        if leaves is None:
            first = block * chain.BLOCK + 1
            rows = self._tx.all(Q.leaves, first=first, last=first + chain.BLOCK - 1)
            leaves = self._leaves[block] = [bytes(row["leaf_hash"]) for row in rows]
        wanted = leaves[offset : offset + (1 << level)]
        if len(wanted) != 1 << level:
            raise LookupError(f"rows under the node {level}/{index} of the tree are missing")
        return chain.node_of(wanted)
