"""What is measured, what it is held against, and how both are told."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is done in one round; `rounds` is how often."""

    rounds: int = 5
    events: int = 5_000
    calls: int = 1_000
    seconds: int = 20
    relayed: int = 20_000
    appended: int = 40_000
    accounts: int = 1_000_000
    due: int = 1_000
    companies: int = 100
    told: int = 10_000
    """Customers of one breach."""
    settling: int = 300
    """Seconds that a system is left alone before it counts as being at rest."""
    resting: int = 180


QUICK = Size(
    rounds=1,
    events=1_000,
    calls=200,
    seconds=3,
    relayed=4_000,
    appended=10_000,
    accounts=50_000,
    companies=20,
    told=400,
    settling=30,
    resting=20,
)


@dataclass(frozen=True, kw_only=True)
class Target:
    """A bound on the figure itself, or with `of_bare` on its ratio to what stands beside it."""

    value: float
    at_least: bool = True
    of_bare: bool = False

    def met(self, figure: Figure) -> bool:
        found = figure.ratio if self.of_bare else figure.value
        assert found is not None, f"{figure.name} has nothing to be compared with"
        return found >= self.value if self.at_least else found <= self.value

    def __str__(self) -> str:
        bound = f"{'≥' if self.at_least else '≤'} {_short(self.value)}"
        return f"{bound} of bare" if self.of_bare else bound


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the table; a round of `rounds` and the same one of `bare` were measured one after the other.

    `processor` is what our own Python processes used of a processor, in microseconds for each event, call or row;
    on a machine that others use too it says more than the time on the wall.
    """

    name: str
    unit: str
    rounds: list[float]
    bare: list[float] = field(default_factory=list)
    target: Target | None = None
    processor: list[float] = field(default_factory=list)
    bare_processor: list[float] = field(default_factory=list)

    @property
    def value(self) -> float:
        return statistics.median(self.rounds)

    @property
    def ratio(self) -> float | None:
        """The median of the rounds' ratios: neighbours on the machine come and go, and strike both of one round."""
        if not self.bare:
            return None
        return statistics.median(ours / bare for ours, bare in zip(self.rounds, self.bare, strict=True))

    @property
    def met(self) -> bool | None:
        return None if self.target is None else self.target.met(self)

    def record(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "unit": self.unit,
            "median": round(self.value, 3),
            "bare_median": round(statistics.median(self.bare), 3) if self.bare else None,
            "ratio": round(self.ratio, 3) if self.ratio is not None else None,
            "target": str(self.target) if self.target else None,
            "met": self.met,
            "rounds": [round(value, 3) for value in self.rounds],
            "bare_rounds": [round(value, 3) for value in self.bare],
            "processor_microseconds_each": [round(value, 1) for value in self.processor],
            "bare_processor_microseconds_each": [round(value, 1) for value in self.bare_processor],
        }


def show(figures: list[Figure]) -> None:
    """Print the table."""
    table = Table(box=None, pad_edge=False)
    for heading in ("figure", "unit"):
        table.add_column(heading)
    for heading in ("measured", "from … to", "bare", "ratio", "target", "met", "CPU µs", "bare CPU µs"):
        table.add_column(heading, justify="right", no_wrap=True)
    for figure in figures:
        table.add_row(*_cells(figure))
    Console(highlight=False, width=140).print(table)


def _cells(figure: Figure) -> list[str]:
    met = {True: "[green]yes[/green]", False: "[red]no[/red]", None: ""}[figure.met]
    return [
        figure.name,
        figure.unit,
        _short(figure.value),
        f"{_short(min(figure.rounds))} … {_short(max(figure.rounds))}",
        _short(statistics.median(figure.bare)) if figure.bare else "",
        f"{figure.ratio:.2f}" if figure.ratio is not None else "",
        str(figure.target or ""),
        met,
        _short(statistics.median(figure.processor)) if figure.processor else "",
        _short(statistics.median(figure.bare_processor)) if figure.bare_processor else "",
    ]


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}" if value < 10 else f"{value:.1f}"
