"""Parameters that operations of several features take."""

from typing import Annotated

from fastapi import Header, Path
from pydantic import BaseModel, ConfigDict, Field

from signon.web import paging
from signon.web.paging import MOST, USUAL, Page

CourtId = Annotated[
    str,
    Path(
        description="The court’s id, as `/courts` and CM/ECF addresses have it.", examples=["casb"]
    ),
]
FirmNumber = Annotated[
    str, Path(description="The account number of the firm: seven digits.", examples=["1000007"])
]
AccountNumber = Annotated[
    str, Path(description="The account number of a person: seven digits.", examples=["1000001"])
]
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

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True, hide_input_in_errors=True)


class Paged(Asked):
    """A part of a list."""

    limit: int = Field(
        USUAL, ge=1, le=MOST, description="How many entries an answer has at most.", examples=[20]
    )
    cursor: str | None = Field(
        None,
        description="Where to go on: the cursor of the `Link` header of the answer before.",
        examples=["MTAwMDAwMQ"],
    )

    @property
    def page(self) -> Page:
        """The part. Raises ApiError (422): no cursor of ours."""
        return Page(self.limit, None if self.cursor is None else paging.decode(self.cursor))
