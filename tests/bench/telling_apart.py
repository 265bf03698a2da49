"""Whether the time of an answer tells that an account exists.

Two kinds of requests are sent in turns, in a random order within each turn. What is compared
is the chance that one of the first kind took longer than one of the second (the statistic of
Mann and Whitney, divided by the number of pairs): a half when nothing tells them apart.
"""

import math
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Send = Callable[[int], object]
"""Sends one request; given the number of the turn, so that each can use a name of its own."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Milliseconds of both kinds at their median, and the chance described above."""

    first_ms: float
    second_ms: float
    chance: float
    turns: int

    @property
    def noise(self) -> float:
        """Three standard deviations of the chance for requests that do not differ."""
        return 3 * math.sqrt((2 * self.turns + 1) / (12 * self.turns**2))

    @property
    def tells(self) -> bool:
        """Whether the difference is more than noise."""
        return abs(self.chance - 0.5) > self.noise


def compare(
    first: Send, second: Send, *, turns: int, clock: Callable[[], float] = time.perf_counter
) -> Comparison:
    """Send both kinds so many times; `clock` may be the process's own CPU time."""
    order = random.Random(turns)
    took: tuple[list[float], list[float]] = ([], [])
    for turn in range(turns):
        for kind in order.sample((0, 1), 2):
            began = clock()
            (first, second)[kind](turn)
            took[kind].append(clock() - began)
    longer = sum((one > other) + (one == other) / 2 for one in took[0] for other in took[1])
    return Comparison(
        statistics.median(took[0]) * 1e3,
        statistics.median(took[1]) * 1e3,
        longer / turns**2,
        turns,
    )
