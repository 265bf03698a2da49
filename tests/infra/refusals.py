"""What a rule answers or refuses, as one value: for tests that look at both alike."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from signon.errors import RefusedError

P = ParamSpec("P")
R = TypeVar("R")


def caught(act: Callable[P, R]) -> Callable[P, R | RefusedError]:
    """The same, but a refusal is answered; whatever units the act opened have ended by it."""

    @wraps(act)
    def answering(*args: P.args, **kwargs: P.kwargs) -> R | RefusedError:
        try:
            return act(*args, **kwargs)
        except RefusedError as error:
            return error

    return answering
