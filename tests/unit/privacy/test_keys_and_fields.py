"""Keys, sealed fields and blind indexes, without any database."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable
from uuid import UUID, uuid4

import pytest

from shared.config import SettingError
from shared.email_addresses import compared_email
from shared.errors import Invalid
from shared.privacy import BlindIndex, Kek, KeyGoneError, Sealed, Subject, Vault
from shared.privacy.keys import KeySet, TamperedError, fingerprint

pytestmark = pytest.mark.unit


class KeysInMemory:
    """The reading half of a keyring, for sealing and opening."""

    def __init__(self) -> None:
        self.made: dict[Subject, bytes] = {}

    def key_sets(self, subjects: Iterable[Subject]) -> dict[Subject, KeySet]:
        return {subject: KeySet({1: self.made[subject]}, 1) for subject in subjects if subject in self.made}

    def key_set(self, subject: Subject) -> KeySet:
        if subject not in self.made:
            raise KeyGoneError
        return KeySet({1: self.made[subject]}, 1)


@pytest.fixture
def keys() -> KeysInMemory:
    return KeysInMemory()


@pytest.fixture
def vault(keys: KeysInMemory) -> Vault:
    return Vault(keys)  # type: ignore[arg-type]


@pytest.fixture
def person(keys: KeysInMemory) -> Subject:
    subject = Subject.person(uuid4(), uuid4())
    keys.made[subject] = os.urandom(32)
    return subject


def place(row: UUID, column: str = "name", table: str = "app_user") -> dict[str, object]:
    return {"table": table, "column": column, "row": row}


def test_a_sealed_field_opens_where_it_was_sealed_and_is_not_the_text(vault: Vault, person: Subject) -> None:
    row = uuid4()
    sealed = vault.seal(person, text="Åse Bjørnstad", **place(row))
    assert "Åse".encode() not in sealed
    assert vault.open(person, sealed=sealed, **place(row)) == "Åse Bjørnstad"


def test_the_same_text_never_seals_to_the_same_bytes(vault: Vault, person: Subject) -> None:
    row = uuid4()
    assert vault.seal(person, text="x", **place(row)) != vault.seal(person, text="x", **place(row))


@pytest.mark.parametrize("moved", ["row", "column", "table"])
def test_a_sealed_field_moved_elsewhere_does_not_open(vault: Vault, person: Subject, moved: str) -> None:
    row = uuid4()
    sealed = vault.seal(person, text="x", **place(row))
    elsewhere = place(row) | {moved: uuid4() if moved == "row" else "other"}
    with pytest.raises(TamperedError):
        vault.open(person, sealed=sealed, **elsewhere)


@pytest.mark.parametrize("position", [0, 1, 13, -1])
def test_a_changed_byte_anywhere_does_not_open(vault: Vault, person: Subject, position: int) -> None:
    row = uuid4()
    sealed = bytearray(vault.seal(person, text="some text", **place(row)))
    sealed[position] ^= 1
    with pytest.raises(TamperedError):
        vault.open(person, sealed=bytes(sealed), **place(row))


def test_many_fields_open_at_once_and_those_without_key_are_none(
    vault: Vault, person: Subject, keys: KeysInMemory
) -> None:
    row = uuid4()
    gone = Subject.person(uuid4(), person.account_id)
    keys.made[gone] = os.urandom(32)
    both = [
        Sealed(who, "t", "c", row, vault.seal(who, table="t", column="c", row=row, text=text))
        for who, text in ((person, "stays"), (gone, "goes"))
    ]
    del keys.made[gone]
    assert vault.unseal_many(both) == ["stays", None]
    (sealed, nothing) = vault.seal_where_kept([(who, "t", "c", row, "more") for who in (person, gone)])
    assert sealed is not None
    assert (vault.open(person, table="t", column="c", row=row, sealed=sealed), nothing) == ("more", None)


def test_a_wrapped_key_opens_for_its_subject_only() -> None:
    kek = Kek([os.urandom(32)])
    owner, other = Subject.company(uuid4()), Subject.company(uuid4())
    key = os.urandom(32)
    wrapped = kek.wrap(owner, key)
    assert kek.unwrap(owner, wrapped, kek.id) == key
    with pytest.raises(TamperedError):
        kek.unwrap(other, wrapped, kek.id)


def test_an_older_key_encryption_key_still_unwraps_and_a_missing_one_is_named() -> None:
    old, new = os.urandom(32), os.urandom(32)
    subject, key = Subject.company(uuid4()), os.urandom(32)
    before = Kek([old])
    wrapped = before.wrap(subject, key)
    lines = b"\n".join(base64.b64encode(k) for k in (new, old)).decode()
    assert Kek.parse(lines).unwrap(subject, wrapped, before.id) == key
    with pytest.raises(SettingError, match=before.id):
        Kek([new]).unwrap(subject, wrapped, before.id)


@pytest.mark.parametrize("text", ["", "short", base64.b64encode(b"x" * 31).decode(), "not base64!!"])
def test_a_bad_key_file_is_refused(text: str) -> None:
    with pytest.raises(SettingError):
        Kek.parse(text)


def test_a_fingerprint_tells_keys_apart_and_is_not_the_key() -> None:
    key = os.urandom(32)
    assert fingerprint(key) != fingerprint(os.urandom(32))
    assert key.hex() not in fingerprint(key)


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("Kari@Firma.NO", "kari@firma.no"),
        (" post@nøgd.no ", "post@xn--ngd-0na.no"),
        ("post@XN--NGD-0NA.no", "post@xn--ngd-0na.no"),
        ("åse@bakeri.no.", "åse@bakeri.no"),
        ("Å@x.no", "å@x.no"),
    ],
)
def test_an_address_is_compared_in_one_spelling(typed: str, compared: str) -> None:
    assert compared_email(typed) == compared


@pytest.mark.parametrize(
    "typed",
    [
        *("", "kari", "@firma.no", "kari@", "kari@firma", "a b@firma.no", "a@b@firma.no", ".a@firma.no"),
        *("a..b@firma.no", "a\n@firma.no", "<a@firma.no>", "x" * 65 + "@firma.no", "a@" + "x" * 64 + ".no"),
        "a@-firma.no",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        compared_email(typed)
    assert not typed or typed not in str(refused.value)


def test_a_blind_index_needs_the_key_and_separates_kinds() -> None:
    first, second = BlindIndex(os.urandom(32)), BlindIndex(os.urandom(32))
    assert first.of_email("Kari@firma.no") == first.of_email("kari@FIRMA.no")
    assert first.of_email("kari@firma.no") != second.of_email("kari@firma.no")
    assert first.of("email", "x") != first.of("org_number", "x")
