"""Who the vendor is stands in one place: the settings `shared.vendor_imprint` reads, and its values for a demo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.vendor_imprint import CONTACT, DEMO, NAME, PHONE, PRODUCT

pytestmark = pytest.mark.unit
ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("services", "shared", "sandbox", "deploy", "examples")
FILES = ("docker-compose.yml", "vilkar", "Makefile", "pyproject.toml")
MAY_NAME_THE_VENDOR = {"shared/vendor_imprint.py"}
"""Who stands there is what demo and tests show."""
SAMPLE_TERMS = "shared/terms/demo_texts/"
"""Sample terms are those of the demo's product, and production takes none of them."""

FIRM = DEMO[NAME].split()[0]
DOMAIN = DEMO[CONTACT].partition("@")[2]
DIGITS = "".join(DEMO[PHONE].split())
PRODUCT_NAME = re.compile(DEMO[PRODUCT], re.IGNORECASE)
VENDOR = re.compile(rf"{FIRM}|{re.escape(DOMAIN)}|{r'[ .]?'.join(DIGITS)}", re.IGNORECASE)


def texts() -> Iterator[tuple[str, str]]:
    """Every file of the product that is text, by its path."""
    listed = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*")) if path.is_file()]
    for path in [*listed, *(ROOT / name for name in FILES)]:
        raw = path.read_bytes()
        if "__pycache__" not in path.parts and b"\0" not in raw:
            yield str(path.relative_to(ROOT)), raw.decode("utf-8")


def test_nothing_but_the_imprint_says_who_the_vendor_is() -> None:
    naming = {
        f"{path}:{number}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if VENDOR.search(line) and path not in MAY_NAME_THE_VENDOR
    }
    assert naming == set()


def test_nothing_but_the_imprint_and_its_sample_terms_says_what_the_product_is_called() -> None:
    naming = {path for path, text in texts() if PRODUCT_NAME.search(text)}
    assert naming >= MAY_NAME_THE_VENDOR
    assert {each for each in naming - MAY_NAME_THE_VENDOR if not each.startswith(SAMPLE_TERMS)} == set()


def test_the_search_finds_the_vendor_where_it_is_named() -> None:
    found = {path for path, text in texts() if VENDOR.search(text)}
    assert found >= MAY_NAME_THE_VENDOR
    for written in (DEMO[NAME].upper(), f"mailto:{DEMO[CONTACT]}", DEMO[PHONE], DIGITS):
        assert VENDOR.search(written)
