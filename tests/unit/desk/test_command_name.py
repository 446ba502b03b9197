"""The command is called by the name that its readers type."""

from __future__ import annotations

import sys

import pytest

from services.desk.__main__ import main

pytestmark = pytest.mark.unit


def test_help_and_refusals_name_the_command_as_it_is_typed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["/somewhere/services/desk/__main__.py", "account", "find", "--help"])
    with pytest.raises(SystemExit):
        main()
    shown = capsys.readouterr().out
    assert "Usage: vilkar account find" in shown
    assert "python -m" not in shown
