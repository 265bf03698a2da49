"""Bars of numbers over time, drawn as SVG and always shown beside their table (`ui.chart`)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 760, 220
LEFT, TOP, BOTTOM = 56.0, 12.0, 192.0
"""Where the bars may stand: left of it the numbers of the rules, below it the steps' names."""
RULES = 3
GAP = 0.25
"""Of a step's width, between its bars and the next one's."""


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers of one kind, one a step; `color` is a class of the style sheet, `c1` to `c4`."""

    name: str
    color: str
    numbers: Sequence[int]


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of the picture."""

    color: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Series over the same steps. `step` is what a step is called (“Month”); every `named`th has
    its name below it; stacked bars stand on one another, others side by side.
    """

    step: str
    steps: Sequence[str]
    series: Sequence[Series]
    named: int = 1
    is_stacked: bool = False

    size = (WIDTH, HEIGHT)

    @property
    def rows(self) -> list[tuple[str, list[int]]]:
        """The same numbers for the table, the oldest step first."""
        numbers = zip(*(one.numbers for one in self.series), strict=True)
        return [(step, list(row)) for step, row in zip(self.steps, numbers, strict=True)]

    @property
    def rules(self) -> list[tuple[float, int]]:
        """The lines behind the bars: how far down, and the number that each stands for."""
        top = self._top
        return [(_y(place * top // RULES, top), place * top // RULES) for place in range(RULES + 1)]

    @property
    def names(self) -> list[tuple[float, str]]:
        """The steps that are named below the bars, and where; the newest one is."""
        last = len(self.steps) - 1
        return [
            (round(LEFT + (place + 0.5) * self._width, 1), step)
            for place, step in enumerate(self.steps)
            if (last - place) % self.named == 0
        ]

    @property
    def bars(self) -> Iterator[Bar]:
        """Every number as a rectangle; none for nothing."""
        for place, (_, numbers) in enumerate(self.rows):
            left = LEFT + (place + GAP / 2) * self._width
            yield from self._step(left, numbers)

    def _step(self, left: float, numbers: Sequence[int]) -> Iterator[Bar]:
        wide = self._width * (1 - GAP)
        each = wide if self.is_stacked else wide / len(self.series)
        below = 0
        for place, (one, number) in enumerate(zip(self.series, numbers, strict=True)):
            x = left if self.is_stacked else left + place * each
            y, foot = _y(below + number, self._top), _y(below, self._top)
            if number:
                yield Bar(one.color, round(x, 1), y, round(each, 1), round(foot - y, 1))
            below += number if self.is_stacked else 0

    @property
    def _width(self) -> float:
        return (WIDTH - LEFT) / max(1, len(self.steps))

    @property
    def _top(self) -> int:
        """What the uppermost rule stands for: whole numbers fit between the rules."""
        tallest = max((self._height(numbers) for _, numbers in self.rows), default=0)
        nice = RULES
        for step in _steps():
            nice = step * RULES
            if nice >= tallest:
                break
        return nice

    def _height(self, numbers: Sequence[int]) -> int:
        return sum(numbers) if self.is_stacked else max(numbers)


def _steps() -> Iterator[int]:
    """1, 2, 5, 10, 20, 50, …"""
    ten = 1
    while True:
        yield from (ten, 2 * ten, 5 * ten)
        ten *= 10


def _y(number: int, top: int) -> float:
    return round(BOTTOM - number / top * (BOTTOM - TOP), 1)
