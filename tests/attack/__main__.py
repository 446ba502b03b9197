"""`python -m tests.attack`: recall and false positives of each detector, on generated days with attacks in them.

Nothing is sent anywhere. It fails where an attack was missed that must not be, or ordinary people were suspected.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from tests.attack.brakes import LONGEST, of_a_victim, of_ordinary_people
from tests.attack.measuring import OF_PLACES, Figures, measure
from tests.attack.traffic import far_scene, ordinary_scene, scene
from tests.attack.use import measure_use

MAY_SUSPECT_A_DAY: Final = {"unusual_origin": 12, "brute_force": 2, "success_in_cluster": 1}
"""By detector, for 2,000 users: how many of them may be told of a log-in of their own; none of another detector."""
RECALL: Final = 0.95
WIDTH: Final = 640


def main() -> int:
    """Measure, print the table, write the plot."""
    parser = argparse.ArgumentParser(prog="make attack", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--users", type=int, default=2000)
    parser.add_argument("--plot", type=Path, default=Path(".run/attack.svg"))
    given = parser.parse_args()
    total: dict[str, Figures] = {}
    for seed in range(given.seeds):
        for detector, figures in of_all_detectors(seed, given.users).items():
            total.setdefault(detector, Figures()).__iadd__(figures)
    print(f"{'detector':22} {'attacks':>7} {'found':>6} {'recall':>7} {'suspected wrongly a day':>24}")
    for detector, figures in total.items():
        wrongly = figures.false / given.seeds
        print(f"{detector:22} {figures.expected:7} {figures.found:6} {figures.recall:7.3f} {wrongly:24.1f}")
    given.plot.parent.mkdir(parents=True, exist_ok=True)
    given.plot.write_text(plot(total, given.seeds), encoding="utf-8")
    print(f"{given.seeds} days of {given.users} users; the plot is {given.plot}")
    failing = shortcomings(total, given.seeds, given.users) + told_of_brakes(given.seeds, given.users)
    print("\n".join(failing), file=sys.stderr)
    return 1 if failing else 0


def of_all_detectors(seed: int, users: int) -> dict[str, Figures]:
    """One day of log-ins, one where networks have places, and one of what users do."""
    return measure(scene(seed, users)) | measure(far_scene(seed, users), OF_PLACES) | measure_use(seed, users)


def told_of_brakes(seeds: int, users: int) -> list[str]:
    """Print how long people are kept waiting; what of it is not as it must be, in words."""
    ordinary = [of_ordinary_people(ordinary_scene(seed, users)) for seed in range(seeds)]
    without, with_letter = of_a_victim()
    print(f"{'brakes':34} {'log-ins':>8} {'had to wait':>11} {'longest, s':>10}")
    for says, waits in (
        *(("ordinary people who mistype", each) for each in ordinary),
        ("a victim all day, without a letter", without),
        ("the same, who used the letter", with_letter),
    ):
        print(f"{says:34} {waits.log_ins:8} {waits.kept_waiting:11} {waits.longest.total_seconds():10.0f}")
    failing = [
        f"somebody waits {waits.longest}, no more than {LONGEST} is right"
        for waits in (*ordinary, without, with_letter)
        if waits.longest > LONGEST
    ]
    if with_letter.kept_waiting:
        failing.append("whoever used the reset letter is kept out by what others try")
    return failing


def shortcomings(total: dict[str, Figures], days: int, users: int) -> list[str]:
    """What is not as it must be, in words."""
    failing = [
        f"{detector}: {figures.expected - figures.found} attacks were missed"
        for detector, figures in total.items()
        if figures.recall < RECALL
    ]
    for detector, figures in total.items():
        limit = MAY_SUSPECT_A_DAY.get(detector, 0) * max(1.0, users / 2000)
        if figures.false / days > limit:
            failing.append(
                f"{detector}: {figures.false / days:.1f} a day were suspected wrongly, {limit:.0f} may be"
            )
    return failing


def plot(total: dict[str, Figures], days: int) -> str:
    """Recall as bars, and beside each how many were suspected wrongly a day."""
    lines = []
    for row, (detector, figures) in enumerate(total.items()):
        y = 34 + 26 * row
        lines.append(f'<text x="8" y="{y + 13}">{detector}</text>')
        lines.append(f'<rect x="190" y="{y}" width="{300 * figures.recall:.0f}" height="18" fill="#2b6cb0"/>')
        lines.append(f'<text x="500" y="{y + 13}">{figures.recall:.2f} · {figures.false / days:.1f} a day</text>')
    head = '<text x="8" y="20">recall · suspected wrongly a day</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{50 + 26 * len(total)}"'
        f' font-family="sans-serif" font-size="12">{head}{"".join(lines)}</svg>\n'
    )


if __name__ == "__main__":
    sys.exit(main())
