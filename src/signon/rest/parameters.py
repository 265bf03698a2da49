"""Parameters that operations of several features take."""

from typing import Annotated

from fastapi import Header, Path
from pydantic import BaseModel, ConfigDict, Field

from signon.rest.values import COURT, NUMBER
from signon.web import paging
from signon.web.paging import MOST, USUAL, Page

CourtId = Annotated[str, Path(**COURT)]
FirmNumber = Annotated[
    str, Path(description="The account number of the firm: seven digits.", examples=["1000007"])
]
AccountNumber = Annotated[str, Path(**NUMBER)]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The `ETag` that was read: nothing is changed if there is another one by now.",
        examples=['"5d41402abc4b2a76b9719d91"'],
    ),
]


class Asked(BaseModel):
    """What a query asks for; parameters that are not named here are refused."""

    model_config = ConfigDict(
        frozen=True,
        str_strip_whitespace=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )


class Paged(Asked):
    """A part of a list."""

    limit: int = Field(USUAL, ge=1, le=MOST, examples=[20])
    """How many entries an answer has at most."""
    cursor: str | None = Field(None, examples=["MTAwMDAwMQ"])
    """Where to go on: the cursor of the `Link` header of the answer before."""

    @property
    def page(self) -> Page:
        """The part. Raises ApiError (422): no cursor of ours."""
        return Page(self.limit, None if self.cursor is None else paging.decode(self.cursor))
