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


def test_a_table_has_a_row_for_each_record_and_all_its_fields() -> None:
    row = example(RecordShown, kind="mandate", fields={"scope": "first", "signer": "x"}, valid_to=None)
    file = io.StringIO()
    write_csv(tuple(RecordShown.__dataclass_fields__), [row, row], file)
    file.seek(0)
    first, second = csv.DictReader(file)
    assert first == second
    assert (first["kind"], first["fields"], first["valid_to"]) == ("mandate", "scope=first signer=x", "")
    assert set(first) == set(RecordShown.__dataclass_fields__)
