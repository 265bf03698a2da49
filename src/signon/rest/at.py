"""Where a call's rules run: at a court's desk, for a firm, for an account.

A place is a subclass that says who may be there; a route runs a reading or an act at it::

    return await at(call, court).do(SUSPEND, shown, account_number, sent)
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar

from starlette.responses import Response

from signon.db import Unit
from signon.errors import RefusedError
from signon.rest.calls import DONE, Answer, Call, sent_back
from signon.tokens.bearer import Caller
from signon.web import preconditions
from signon.web.acts import Act
from signon.web.idempotency import Rendered

Who = TypeVar("Who")
P = ParamSpec("P")
Done = TypeVar("Done")
Reading = Callable[Concatenate[Unit, Who, P], Answer]
SomeAct = Act[Who, ..., Any]


class At(ABC, Generic[Who]):
    """One call at a place. Whoever calls is proved in every unit that reads or acts."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self._require_match: Callable[[Unit, Who], None] | None = None

    @abstractmethod
    def enter(self, unit: Unit, caller: Caller, act: SomeAct[Who] | None) -> Who:
        """Who the caller is here; an `act` of None: they only look. Raises NotFoundError."""

    def permit(self, who: Who, act: SomeAct[Who] | None) -> None:
        """Raises RefusedError unless they may."""

    async def instead(self, error: Exception, who: Who | None) -> Response:
        """What is answered in place of a refusal; `who` is None when nobody came in."""
        raise error

    def when(
        self,
        if_match: str | None,
        version: Callable[Concatenate[Unit, Who, P], str],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Self:
        """Only while the thing has the version that the caller saw, if one was named (412)."""
        if if_match is not None:
            self._require_match = lambda unit, who: preconditions.require_match(
                if_match, version(unit, who, *args, **kwargs)
            )
        return self

    def prove(self, unit: Unit, act: SomeAct[Who] | None = None) -> Who:
        """Who calls, in this very unit, and that they may. Raises as `enter` and `permit` do."""
        who = self.enter(unit, self.call.caller(unit), act)
        self.permit(who, act)
        return who

    async def read(self, rule: "Reading[Who, P]", /, *args: P.args, **kwargs: P.kwargs) -> Response:
        """Run a rule that changes nothing."""

        def inside(unit: Unit) -> Answer:
            return rule(unit, self.prove(unit), *args, **kwargs)

        return self.call.response(await self.call.rest.database.read(inside))

    async def do(
        self,
        act: Act[Who, P, Done],
        answer: Callable[[Done], Answer],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Response:
        """Do it and commit; with an `Idempotency-Key` at most once."""
        call, came = self.call, list[Who]()

        def inside(unit: Unit) -> Rendered:
            caller = call.caller(unit)
            if before := call.answered(unit):
                return before
            who = self.enter(unit, caller, act)
            came[:] = [who]
            self.permit(who, act)
            if self._require_match is not None:
                self._require_match(unit, who)
            try:
                done = act.rule(unit, who, *args, **kwargs)
            except RefusedError as error:
                call.give_back(unit, error)
                raise
            return call.keep(unit, answer(done))

        try:
            return sent_back(await call.rest.database.write_asked(len(call.raw), inside))
        except Exception as error:  # noqa: BLE001  # it is raised again, unless the place knows better
            return await self.instead(error, came[0] if came else None)


def nothing_more(_done: object) -> Answer:
    """The answer of an act of which there is nothing to say but that it is done: 204."""
    return DONE
