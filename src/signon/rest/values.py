"""Values that stand in many answers, each said once with an example."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

NUMBER: dict[str, Any] = {
    "description": "The account’s number: seven digits.",
    "examples": ["1000001"],
}
COURT: dict[str, Any] = {
    "description": "The court’s id, as `/courts` and CM/ECF addresses have it.",
    "examples": ["casb"],
}

Number = Annotated[str, Field(**NUMBER)]
"""What people know an account by, a firm's too."""
CourtKey = Annotated[str, Field(**COURT)]
"""Which court."""
Sub = Annotated[
    str,
    Field(
        description="The account’s permanent id, the `sub` of its tokens; it is never another’s.",
        examples=["fr6flb775s4ox65xjpqan6szia"],
    ),
]
"""What programs know an account by."""
Digest = Annotated[
    str,
    Field(
        description="SHA-256 of the bytes, as 64 hexadecimal digits.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ),
]
"""What tells whether a document arrived whole."""
EcfStatus = Annotated[
    str,
    Field(
        description="How the account stands with the court, as the claim `ecf_status`: `not_live`, "
        "`not_linked`, `pending`, `active`, `suspended` or `blocked`. Only `active` may file.",
        examples=["active"],
    ),
]
"""What a court's own system is told first."""
AttorneyAdmission = Annotated[
    str | None,
    Field(
        description="How an attorney is admitted: `full`, `pro_hac_vice` or `federal_attorney`; "
        "null for anybody else.",
        examples=["full"],
    ),
]
"""What goes beside the role of an attorney."""
Mask = Annotated[
    str | None,
    Field(
        description="The mask that client codes must fit: `#` a digit, `A` a letter, `?` any "
        "character, `*` at the end the rest, a backslash before what is meant as it is; null takes "
        "every code.",
        examples=["##-####"],
    ),
]
"""A rule for client codes."""
# What it is the id or the moment of, the field says that has it.
Id = Annotated[str, Field(examples=["fr6flb775s4ox65xjpqan6szia"])]
"""A random name."""
When = Annotated[datetime, Field(examples=["2026-03-02T15:00:00Z"])]
"""A moment in UTC (RFC 3339)."""
Day = Annotated[date, Field(examples=["2026-03-02"])]
"""A day (RFC 3339)."""
Email = Annotated[str, Field(examples=["ada@example.org"])]
"""An address for mail."""
CostCenterCode = Annotated[str, Field(examples=["LIT-2"])]
"""A code that a firm has made up."""
SignInName = Annotated[str, Field(examples=["ada.attorney"])]
"""A name to sign in with."""
CaseNumbers = Annotated[list[str], Field(examples=[["3:26-cv-00017"]])]
"""Cases as the court numbers them."""
RoleNames = Annotated[list[str], Field(examples=[["attorney"]])]
"""Filing roles by their names."""
EventName = Annotated[str, Field(examples=["signin:password:accepted"])]
"""What happened, for programs."""
ProgramId = Annotated[str, Field(examples=["casb-cmecf"])]
"""A program, as it is registered."""
