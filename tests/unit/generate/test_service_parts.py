"""The parts of other files that name every service."""

from __future__ import annotations

import pytest

from deploy.generators import service_parts

pytestmark = pytest.mark.unit

TEXT = """\
services:
  # begin generated: services
  old: {}
  # end generated
  relay: {}
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(service_parts, "ROOT", tmp_path)
    (tmp_path / "a.yml").write_text(TEXT)
    return "a.yml"


def test_a_part_is_written_anew_where_it_stands_and_the_rest_stays(file):
    text = service_parts.filled(file, {"services": ["new:", "  a: 1", "", "newer: {}"]})
    assert text == TEXT.replace("  old: {}\n", "  new:\n    a: 1\n\n  newer: {}\n")


@pytest.mark.parametrize("parts", [{}, {"volumes": []}, {"services": [], "volumes": []}])
def test_a_part_that_has_no_place_or_no_contents_is_refused(file, parts):
    with pytest.raises(ValueError, match="must have these generated parts"):
        service_parts.filled(file, parts)
