"""Names that are to be seen and do nothing; telephone numbers that are kept whole or refused."""

from __future__ import annotations

import marshmallow as ma
import pytest

from services.account.fields.kinds import NameField, PhoneField

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "name",
    [
        *("Åse Østby", "O. Hansen", "J.R.R. Tolkien", "D\u2019Arcy O'Brien", "Zoë Müller-Lüdenscheidt", "李明"),
        *("Ngô Đình", "می\u200cخو\u0627\u0647م", "ทน้ำ", "Chr. Ås"),
    ],
)
def test_names_of_people_are_taken_as_they_are(name) -> None:
    assert NameField(of_person=True).deserialize(name) == name


@pytest.mark.parametrize("name", ["FINN.no AS", "100 % Norsk AS", "M&M AS", "+Pluss AS", "Kafé «Nord» AS", "3"])
def test_names_of_companies_are_taken_as_they_are(name) -> None:
    assert NameField().deserialize(name) == name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("\u3164", "invisible"),
        ("\u2800", "invisible"),
        ("\u200b", "invisible"),
        ("Ka\u200bri", "invisible"),
        ("\u115f\u1160", "invisible"),
        ("Kari\U000e0041", "invisible"),
        ("Kari\ue000", "invisible"),
        ("\u200dKari", "invisible"),
        ("\u0301\u0302", "letter or digit"),
        ("«…»", "letter or digit"),
        ("Kari \u202egro.live", "direction"),
        ("Z" + "\u0301" * 9, "accents"),
        ("%unsubscribe_url%", "programs act on"),
        ("Kari \uff05recipient.email\uff05", "programs act on"),
        ("{{name}}", "programs act on"),
        ("<b>Kari", "programs act on"),
        ("=1+1", "formula"),
        ("@SUM(A1)", "formula"),
        ("-2+3+cmd", "formula"),
        ("http://evil.example", "web or e-mail"),
        ("www.evil", "web or e-mail"),
    ],
)
@pytest.mark.parametrize("of_person", [False, True])
def test_what_is_not_seen_or_does_something_is_no_name_and_the_reason_is_told(name, reason, of_person) -> None:
    with pytest.raises(ma.ValidationError, match=reason):
        NameField(of_person=of_person).deserialize(name)


@pytest.mark.parametrize("name", ["evil.com", "evil。com", "evil\uff0ecom", "O.Hansen", "kari@evil.example"])
def test_the_name_of_a_person_makes_no_link(name) -> None:
    with pytest.raises(ma.ValidationError, match="web or e-mail"):
        NameField(of_person=True).deserialize(name)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        *(("04800", "+4704800"), ("02800", "+4702800"), ("116117", "+47116117"), ("1881", "+471881")),
        *(("815 00 000", "+4781500000"), ("800 80 000", "+4780080000"), ("21 49 00 01", "+4721490001")),
        *(
            ("\uff14\uff11\uff13\uff17\uff18\uff12\uff11\uff16", "+4741378216"),
            ("+44 (0)20 7946 0018", "+442079460018"),
        ),
    ],
)
def test_every_kind_of_number_is_kept(typed, kept) -> None:
    assert PhoneField().deserialize(typed) == kept
    assert PhoneField().deserialize(kept) == kept


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        *(("+4722225555 ext 12", "extension"), ("22 22 55 55 x12", "extension"), ("41378216;ext=5", "extension")),
        *(("+4741378216#3", "extension"), ("0800 FLOWERS", "letters"), ("+1 800 FLOWERS", "letters")),
        *(("22 22 55 55 / 99", "in use"), ("113", "in use"), ("12345", "in use"), ("+47 000 00 000", "in use")),
    ],
)
def test_what_would_be_changed_is_refused_with_the_reason(typed, reason) -> None:
    with pytest.raises(ma.ValidationError, match=reason):
        PhoneField().deserialize(typed)
