"""What is read of the code is read once: by one worker, for as long as its tests run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import source

READING = {"test_executing", "test_imports", "test_names", "test_words"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever reads all of the code meets in one worker."""
    for item in items:
        if item.path.parent == Path(__file__).parent and item.path.stem in READING:
            item.add_marker(pytest.mark.xdist_group("house"))


@pytest.fixture(scope="package", autouse=True)
def read_code() -> Iterator[None]:
    """Forget it afterwards: the collector would walk through it as long as the worker runs."""
    yield
    source.modules.cache_clear()
