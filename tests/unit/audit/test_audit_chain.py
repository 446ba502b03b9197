from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit.checkpoints import chain
from shared.canonical_json import canonical
from tests.unit.audit.audit_samples import sample_row

pytestmark = pytest.mark.unit

# The reference inputs and roots of the Certificate Transparency project, used by implementers of RFC 6962.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [chain.leaf_hash(content) for content in INPUTS]


def tree_over(leaves):
    return lambda level, index: chain.node_of(leaves[index << level : (index + 1) << level])


def defined_root(leaves):
    """The definition of RFC 6962 section 2.1, word for word, as slow as it is."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = defined_root(leaves[:split]), defined_root(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def numbered(count):
    return [chain.leaf_hash(str(number).encode()) for number in range(count)]


def test_the_root_of_nothing_is_the_hash_of_nothing():
    assert chain.root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_reference_vectors(size):
    assert chain.root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_inclusion_paths_are_those_of_the_reference_vectors():
    path = chain.inclusion_proof(0, 8, tree_over(LEAVES))
    assert [node.hex()[:8] for node in path] == ["96a296d2", "5f083f0a", "6b47aaf2"]
    path = chain.inclusion_proof(5, 8, tree_over(LEAVES))
    assert [node.hex()[:8] for node in path] == ["bc1a0643", "ca854ea1", "d37ee418"]
    assert [node.hex()[:8] for node in chain.inclusion_proof(2, 3, tree_over(LEAVES))] == ["fac54203"]


def test_consistency_paths_are_those_of_the_reference_vectors():
    path = chain.consistency_proof(1, 8, tree_over(LEAVES))
    assert [node.hex()[:8] for node in path] == ["96a296d2", "5f083f0a", "6b47aaf2"]
    path = chain.consistency_proof(6, 8, tree_over(LEAVES))
    assert [node.hex()[:8] for node in path] == ["0ebc5d34", "ca854ea1", "d37ee418"]
    assert chain.consistency_proof(4, 4, tree_over(LEAVES)) == []


@pytest.mark.parametrize("size", range(1, 40))
def test_every_inclusion_path_holds_and_no_other_leaf_or_place_does(size):
    leaves = numbered(size)
    root, tree = defined_root(leaves), tree_over(leaves)
    for index in range(size):
        path = chain.inclusion_proof(index, size, tree)
        proof = {"size": size, "path": path, "root": root}
        assert chain.inclusion_holds(leaf=leaves[index], index=index, **proof)
        assert not chain.inclusion_holds(leaf=chain.leaf_hash(b"another"), index=index, **proof)
        assert not chain.inclusion_holds(leaf=leaves[index], index=(index + 1) % size, **proof) or size == 1
        longer = {**proof, "path": [*path, root]}
        assert not chain.inclusion_holds(leaf=leaves[index], index=index, **longer)
        if path:
            shorter = {**proof, "path": path[:-1]}
            assert not chain.inclusion_holds(leaf=leaves[index], index=index, **shorter)


@pytest.mark.parametrize("new", range(1, 34))
def test_every_older_tree_is_proved_to_be_a_beginning_and_no_other_is(new):
    leaves = numbered(new)
    new_root, tree = defined_root(leaves), tree_over(leaves)
    for old in range(1, new + 1):
        old_root = defined_root(leaves[:old])
        path = chain.consistency_proof(old, new, tree)
        proof = {"old": old, "new": new, "new_root": new_root}
        assert chain.consistency_holds(old_root=old_root, path=path, **proof)
        other = defined_root([*leaves[: old - 1], chain.leaf_hash(b"another")])
        assert not chain.consistency_holds(old_root=other, path=path, **proof)
        assert not chain.consistency_holds(old_root=old_root, path=[*path, new_root], **proof)
        if path:
            assert not chain.consistency_holds(old_root=old_root, path=path[:-1], **proof)


def test_a_proof_is_not_asked_for_what_is_not_there():
    with pytest.raises(ValueError, match="no such leaf"):
        chain.inclusion_proof(3, 3, tree_over(LEAVES))
    with pytest.raises(ValueError, match="older tree"):
        chain.consistency_proof(0, 3, tree_over(LEAVES))
    assert not chain.inclusion_holds(leaf=LEAVES[0], index=1, size=1, path=[], root=LEAVES[0])
    assert not chain.consistency_holds(old=2, new=1, old_root=b"", new_root=b"", path=[])
    with pytest.raises(ValueError, match="power of two"):
        chain.node_of(LEAVES[:3])


@settings(max_examples=30, deadline=None)
@given(st.integers(min_value=0, max_value=1100))
def test_a_growing_tree_has_the_defined_root_and_completes_the_defined_nodes(size):
    leaves = numbered(size)
    frontier = chain.Frontier()
    completed = [node for leaf in leaves for node in frontier.push(leaf)]
    assert frontier.root() == defined_root(leaves)
    assert frontier.size == size
    tree = tree_over(leaves)
    expected = {(level, index, tree(level, index)) for level in range(8, 11) for index in range(size >> level)}
    assert set(completed) == expected
    assert chain.frontier_at(size, tree) == frontier


def test_a_leaf_a_node_and_a_link_never_hash_alike():
    left, right = LEAVES[:2]
    assert len({chain.leaf_hash(left + right), chain.node_hash(left, right), chain.link(left, right)}) == 3


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30)
ROWS = st.builds(
    replace,
    st.integers(min_value=1, max_value=99).map(sample_row),
    seq=st.integers(min_value=1, max_value=2**62),
    actor=TEXTS,
    subject=TEXTS,
    type=TEXTS,
    source=TEXTS,
    user_ref=st.none() | st.uuids(),
    causation_id=st.none() | st.uuids(),
    field_names=st.lists(TEXTS, max_size=4),
    facts=st.dictionaries(TEXTS, st.integers() | TEXTS | st.lists(st.integers()), max_size=4).map(
        lambda facts: canonical(facts).decode()
    ),
    occurred_at=st.datetimes(timezones=st.just(UTC)),
)


@given(ROWS)
def test_the_hashed_bytes_are_canonical_json_of_every_column(row):
    said = json.loads(chain.canonical(row))
    assert canonical(said) == chain.canonical(row)
    assert set(said) == set(row.__slots__)
    assert said["actor"] == row.actor
    assert said["facts"] == json.loads(row.facts)
    assert datetime.fromisoformat(said["occurred_at"]) == row.occurred_at
    assert said["user_ref"] == (str(row.user_ref) if row.user_ref else None)


@given(ROWS, ROWS)
def test_different_rows_have_different_bytes(one, other):
    assert (chain.canonical(one) == chain.canonical(other)) == (one == other)


def test_an_instant_is_hashed_the_same_in_every_time_zone():
    oslo = timezone(timedelta(hours=1))
    assert chain.instant(datetime(2026, 12, 1, 0, 30, tzinfo=oslo)) == "2026-11-30T23:30:00.000000+00:00"


def test_the_bytes_of_a_row_are_frozen():
    row = sample_row(7, user_ref=UUID(int=5))
    assert chain.leaf_hash(chain.canonical(row)).hex() == FROZEN


FROZEN = "b1643e145bcb6519f0450dd39503cef217dbce624917699996e057e5a1064e34"
