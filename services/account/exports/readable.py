"""A copy for who reads it: one page in their language, with words for codes and the clock of Oslo. Pure.

The page runs nothing and fetches nothing. It is written from beginning to end, as the file around it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from html import escape
from types import MappingProxyType
from typing import Any, Final

from services.account.exports.values import ContributedPage
from shared.dates_in_words import long_date, short_instant
from shared.held_words import SERVICES
from shared.terms import enforces
from shared.terms.clauses.rights import RIGHT_OF_ACCESS
from shared.words import said

WIDEST: Final = 6
"""A table with more columns is read row by row, each as a list."""
INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d:\d\d")
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
STYLE: Final = (
    "body{font:16px/1.5 Arial,Helvetica,sans-serif;color:#1a1a1a;max-width:70em;margin:2em auto;padding:0 1em}"
    "pre{white-space:pre-wrap;font:inherit}table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #d0d0d0;padding:.3em .5em;text-align:left;vertical-align:top;overflow-wrap:anywhere}"
    "dl{display:grid;grid-template-columns:minmax(8em,16em) 1fr;gap:.1em 1em;padding:.5em 0}"
    "dl{border-top:1px solid #d0d0d0}"
    "dt{color:#595959}dd{margin:0;overflow-wrap:anywhere}"
)
_SAID: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "nb": {"title": "Kopi av opplysninger", "none": "Ingenting.", "true": "ja", "false": "nei"},
        "en": {"title": "Copy of data", "none": "Nothing.", "true": "yes", "false": "no"},
    }
)
_HEAD: Final = (
    '<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
    "<style>{style}</style></head><body><h1>{title}</h1>\n<pre>{told}</pre>\n"
)

Codes = Mapping[str, str]
"""The words of the codes of one column, in one language."""


@enforces(RIGHT_OF_ACCESS)
def write(
    write_text: Callable[[str], Any], language: str, told: str, pages: Iterable[ContributedPage]
) -> dict[tuple[str, str], int]:
    """Write the page: `told` is what the law wants told, then each table; how many rows each has."""
    words = _SAID[language]
    write_text(_HEAD.format(language=language, title=words["title"], style=STYLE, told=escape(told)))
    counts: dict[tuple[str, str], int] = {}
    table: _Table | None = None
    for page in pages:
        place = (page.contributor, page.table["name"] if page.table else "")
        if place not in counts:
            counts[place] = 0
            write_text(table.end() if table else "")
            table = _Table(page.contributor, page.table, language) if page.table else None
            write_text(table.beginning() if table else "")
        if table is not None:
            counts[place] += len(page.rows)
            write_text("".join(map(table.row, page.rows)))
    write_text(table.end() if table else "")
    write_text("</body></html>\n")
    return counts


class _Table:
    """One table as it is read: a row below the other, or where it is wide each row as a list of its own."""

    def __init__(self, contributor: str, table: Mapping[str, Any], language: str) -> None:
        self._heading = f"{said(SERVICES, contributor, language)}: {table[language]}"
        self._language = language
        self._columns = [(each["name"], escape(each[language])) for each in table["columns"]]
        # What was collected before codes had words, or by a service of others, has none.
        self._codes = {
            each["name"]: {code["code"]: code[language] for code in each.get("codes", ())}
            for each in table["columns"]
        }
        self._is_wide = len(self._columns) > WIDEST
        self._is_empty = True

    def beginning(self) -> str:
        """Its heading."""
        return f"<h2>{escape(self._heading)}</h2>\n"

    def row(self, row: Mapping[str, Any]) -> str:
        """A row of it."""
        cells = [
            (label, escape(_text(row[name], self._codes[name], self._language))) for name, label in self._columns
        ]
        if self._is_wide:
            self._is_empty = False
            return f"<dl>{''.join(f'<dt>{label}</dt><dd>{cell}</dd>' for label, cell in cells if cell)}</dl>\n"
        head = (
            "<table><tr>" + "".join(f"<th>{label}</th>" for label, _ in cells) + "</tr>\n" if self._is_empty else ""
        )
        self._is_empty = False
        return head + "<tr>" + "".join(f"<td>{cell}</td>" for _, cell in cells) + "</tr>\n"

    def end(self) -> str:
        """What comes after the last row, or in place of rows."""
        if self._is_empty:
            return f"<p>{_SAID[self._language]['none']}</p>\n"
        return "" if self._is_wide else "</table>\n"


def _text(value: Any, codes: Codes, language: str) -> str:
    """A value in words; what is neither a code nor an instant is as it stands."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(_text(each, codes, language) for each in value)
    if isinstance(value, bool):
        return _SAID[language]["true" if value else "false"]
    text = str(value)
    return codes[text] if text in codes else _time(text, language) or text


def _time(text: str, language: str) -> str | None:
    """An instant or a day in words. None for any other text: somebody may have typed what looks like one."""
    try:
        if INSTANT.fullmatch(text):
            return short_instant(datetime.fromisoformat(text), language)
        return long_date(date.fromisoformat(text), language) if DAY.fullmatch(text) else None
    except (ValueError, OverflowError):
        return None
