"""The REST interface's common part: how a call comes in, and how it is answered and described.

A feature writes FastAPI path operations on its own router (`rest.router`); a route reads its typed
parameters and awaits `at(call, …).read(reading, …)` or `.do(ACT, answer, …)` (`rest.at`).
"""

from signon.rest.calls import DONE, Answer, Call, Part, Rest
from signon.rest.routing import Operations, Sheet, router
from signon.tokens.bearer import Caller

__all__ = ["DONE", "Answer", "Call", "Caller", "Operations", "Part", "Rest", "Sheet", "router"]
