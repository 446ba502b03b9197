"""Dates and instants as people read them in letters and pages, in Norwegian and English."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from shared.calendar import OSLO, oslo_date

_MONTHS: Final = {
    "nb": (
        "januar", "februar", "mars", "april", "mai", "juni",
        "juli", "august", "september", "oktober", "november", "desember",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip
_WEEKDAYS: Final = {
    "nb": ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def long_date(day: date, language: str) -> str:
    """A date as it is written in a letter: fredag 5. mars 2027, Friday 5 March 2027."""
    weekday, month = _WEEKDAYS[language][day.weekday()], _MONTHS[language][day.month - 1]
    return f"{weekday} {day.day}{'.' if language == 'nb' else ''} {month} {day.year}"


def short_instant(at: datetime, language: str) -> str:
    """An instant for a table, by the clock in Oslo: 5. mars 2027 kl. 14.05 (+01:00), … at 14:05 (+01:00)."""
    time = at.astimezone(OSLO)
    day = long_date(time.date(), language).partition(" ")[2]
    offset = f"{time:%z}"
    return f"{day} {f'kl. {time:%H.%M}' if language == 'nb' else f'at {time:%H:%M}'} ({offset[:3]}:{offset[3:]})"


def long_instant(at: datetime, language: str) -> str:
    """An instant by the clock in Oslo: fredag 5. mars 2027 kl. 14.05 norsk tid, … at 14:05 Oslo time."""
    day, time = long_date(oslo_date(at), language), at.astimezone(OSLO)
    return f"{day} kl. {time:%H.%M} norsk tid" if language == "nb" else f"{day} at {time:%H:%M} Oslo time"
