"""One demonstration for all tests that only look at it."""

from collections.abc import Iterator

import pytest

from tests.demo.running import Running, running
from tests.demo.visitor import Visitor


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A demonstration that is served while the tests of this folder run."""
    with running(tmp_path_factory.mktemp("demo") / "data") as started:
        yield started
        status, errors = started.stop()
        assert (status, "Traceback" in errors) == (0, False), errors


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    """Somebody with a browser of their own."""
    with Visitor() as made:
        yield made
