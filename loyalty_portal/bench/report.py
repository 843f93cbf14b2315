"""What was measured: figures with their spread, as text and as a table for the documentation."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from pathlib import Path

BEGIN, END = "<!-- bench -->", "<!-- /bench -->"


@dataclass(frozen=True, slots=True)
class Row:
    """A figure: its values over the repetitions, and what it should be."""

    name: str
    values: tuple[float, ...]
    unit: str = ""
    goal: str = ""

    @property
    def middle(self) -> float:
        return statistics.median(self.values)

    def shown(self) -> tuple[str, str, str, str]:
        """Name, median, spread, goal."""
        spread = "" if len(self.values) < 2 else f"{_short(min(self.values))} to {_short(max(self.values))}"
        return self.name, f"{_short(self.middle)}{self.unit}", spread, self.goal


@dataclass(slots=True)
class Report:
    """Rows under headings."""

    sections: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, section: str, row: Row) -> None:
        self.sections.setdefault(section, []).append(row)

    def text(self) -> str:
        """For the terminal."""
        lines = []
        for section, rows in self.sections.items():
            lines += ["", section]
            for row in rows:
                name, middle, spread, goal = row.shown()
                lines.append(f"  {name:<58} {middle:>12}   {spread:<20} {goal}")
        return "\n".join(lines)

    def table(self) -> str:
        """For the documentation."""
        lines = []
        for section, rows in self.sections.items():
            lines += [f"### {section}", "", "| figure | median | spread | goal |", "|---|---|---|---|"]
            lines += [f"| {' | '.join(row.shown())} |" for row in rows]
            lines.append("")
        return "\n".join(lines)

    def write(self, path: Path) -> None:
        """Puts the table between the two marks of the page."""
        before, _, rest = path.read_text().partition(BEGIN)
        _, _, after = rest.partition(END)
        path.write_text(f"{before}{BEGIN}\n\n{self.table()}\n{END}{after}")


def ratios(ones: list[float], others: list[float]) -> tuple[float, ...]:
    """Repetition by repetition, so that a machine that slows down slows both."""
    return tuple(one / other for one, other in zip(ones, others, strict=True))


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
