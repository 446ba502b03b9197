"""Registers as other programs read them."""

from __future__ import annotations

import csv
import io

import pytest

from services.desk.csv_tables import cell, write_csv
from services.registers.board.calls import RecordShown
from tests.examples import example

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("text", ["=1+1", "+47 913", "-1", "@sum", "\tx", "\rx"])
def test_no_cell_is_computed_by_a_program_for_tables(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", [";", "; ", "\t", "\n", "\r\n", ";;"])
@pytest.mark.parametrize("sign", "=+-@\uff1d\uff0b\uff0d\uff20")
def test_none_is_computed_by_one_that_separates_cells_by_something_else(
    sign: str, end: str, separator: str
) -> None:
    """Excel in Norwegian takes a semicolon; then what stands within quotation marks may be cut apart."""
    file = io.StringIO()
    write_csv(("notes",), [{"notes": f"kept{end}{sign}cmd|'/c calc'!A1"}], file)
    raw = file.getvalue().replace('"', "")
    cells = [each for line in raw.splitlines() for each in line.split(separator)]
    assert not [each for each in cells if each.lstrip().startswith(sign)]
    assert sign in raw


def test_a_date_and_several_values_stay_as_they_are() -> None:
    assert cell("2026-11-23") == "2026-11-23"
    assert cell(["a", "b"]) == "a | b"
    assert cell(["a", "=b"]) == "a | =b", "no program separates cells by this"


def test_a_table_has_a_row_for_each_record_and_all_its_fields() -> None:
    row = example(RecordShown, kind="mandate", fields={"scope": "first", "signer": "x"}, valid_to=None)
    file = io.StringIO()
    write_csv(tuple(RecordShown.__dataclass_fields__), [row, row], file)
    file.seek(0)
    first, second = csv.DictReader(file)
    assert first == second
    assert (first["kind"], first["fields"], first["valid_to"]) == ("mandate", "scope=first signer=x", "")
    assert set(first) == set(RecordShown.__dataclass_fields__)
