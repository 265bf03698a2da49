"""What charts draw: whole numbers at the rules, bars within the picture, the same in the table."""

import pytest

from signon.web.charts import BOTTOM, LEFT, TOP, WIDTH, Chart, Series


def _chart(*series: list[int], is_stacked: bool = False) -> Chart:
    made = [Series(f"S{place}", f"c{place + 1}", one) for place, one in enumerate(series)]
    steps = [str(place) for place in range(len(series[0]))]
    return Chart("Step", steps, made, named=2, is_stacked=is_stacked)


@pytest.mark.parametrize(
    ("numbers", "rules"),
    [([0, 0], [0, 1, 2, 3]), ([4, 1], [0, 2, 4, 6]), ([31204], [0, 20000, 40000, 60000])],
)
def test_rules_stand_for_whole_numbers(numbers: list[int], rules: list[int]):
    """From nothing to at least the tallest, the highest rule at the top."""
    drawn = _chart(numbers).rules
    assert [number for _, number in drawn] == rules
    assert (drawn[0][0], drawn[-1][0]) == (BOTTOM, TOP)


@pytest.mark.parametrize("is_stacked", [True, False])
def test_bars(is_stacked: bool):
    """None for nothing; stacked ones stand on one another, others beside; none leaves the picture."""
    bars = list(_chart([3, 0, 1], [3, 2, 0], is_stacked=is_stacked).bars)
    assert [bar.color for bar in bars] == ["c1", "c2", "c2", "c1"]
    assert all(bar.x >= LEFT and bar.x + bar.width <= WIDTH for bar in bars)
    assert all(bar.y >= TOP and bar.y + bar.height <= BOTTOM + 0.1 for bar in bars)
    assert (bars[0].x == bars[1].x) is is_stacked
    assert (bars[1].y + bars[1].height == bars[0].y) is is_stacked


def test_the_table_and_the_names():
    """The same numbers in the same order; the newest step is named."""
    drawn = _chart([1, 2, 3], [4, 5, 6])
    assert drawn.rows == [("0", [1, 4]), ("1", [2, 5]), ("2", [3, 6])]
    assert [name for _, name in drawn.names] == ["0", "2"]
