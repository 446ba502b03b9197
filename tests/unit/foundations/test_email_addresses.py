"""An address is brought into one spelling, or refused with the reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.account.field_encryption.sealing import spelling_of
from shared.email_addresses import canonical_email, compared_email
from shared.errors import Invalid

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("b@x.example.", "b@x.example"),
        ("c@x。example", "c@x.example"),
        ("c@x\uff0eexample", "c@x.example"),
        ("kari@fir\u00adma.example", "kari@firma.example"),
        ("kari@\uff26\uff29\uff32\uff2d\uff21.example", "kari@firma.example"),
        ("Kari@Firma.EXAMPLE", "Kari@firma.example"),
        ("kari@blåbær.example", "kari@xn--blbr-roah.example"),
        ("kari@bla\u030abær.example", "kari@xn--blbr-roah.example"),
        ("kari@XN--BLBR-ROAH.example", "kari@xn--blbr-roah.example"),
        ("kari@faß.example", "kari@xn--fa-hia.example"),
        ("a\u030ase@firma.example", "åse@firma.example"),
        ("o'brien+net=1@firma.example", "o'brien+net=1@firma.example"),
    ],
)
def test_one_spelling_is_kept(typed, kept) -> None:
    assert canonical_email(typed) == kept
    assert spelling_of(typed) == kept


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("=?utf-8?q?kari?=@x.example", "encoded words"),
        ("host!kari@x.example", "route"),
        ("kari%firma.example@x.example", "route"),
        ("%recipient%@x.example", "route"),
        ('"kari nord"@x.example', "not an e-mail"),
        ("kari(ute)@x.example", "not an e-mail"),
        ("@a.example,@b.example:kari@x.example", "not an e-mail"),
        ("kari@[192.0.2.1]", "domain"),
        ("kari@192.0.2.1", "domain"),
        ("kari@[IPv6:2001:db8::1]", "domain"),
        ("kari@localhost", "domain"),
        ("kari@x..example", "domain"),
        ("kari@x.example..", "domain"),
        ("kari@a_b.example", "domain"),
        ("kari@☃.example", "domain"),
        ("kari@\ud800.example", "domain"),
        ("\uff4bari@x.example", "plain letters"),
        ("\ufb01nn@x.example", "plain letters"),
        ("\u3164@x.example", "plain letters"),
        ("ka\u200bri@x.example", "not an e-mail"),
    ],
)
def test_what_one_server_reads_otherwise_than_the_next_is_refused_with_the_reason(typed, reason) -> None:
    with pytest.raises(Invalid, match=reason) as refused:
        canonical_email(typed)
    assert typed not in refused.value.message


@given(st.emails() | st.from_regex(r"\A[a-zæøå.%!=?]{1,9}@[a-zæøåß\u3002.-]{1,12}\Z"))
def test_the_kept_spelling_stays_and_is_compared_as_what_was_typed(typed) -> None:
    try:
        kept = canonical_email(typed)
    except Invalid:
        return
    assert canonical_email(kept) == kept
    assert compared_email(kept) == compared_email(typed)
    assert kept.rpartition("@")[2].isascii()


@pytest.mark.parametrize("old", ["kari%firma.example@x.example", "a!b@x.example"])
def test_whoever_is_known_by_an_address_that_is_taken_no_more_is_still_found_and_written_to(old) -> None:
    assert compared_email(old) == old
    assert spelling_of(old) == old
