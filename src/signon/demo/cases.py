"""Invented cases, so that the courts have something to show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Case:
    """A case as a query lists it."""

    number: str
    title: str
    kind: str
    filed: str
    last_entry: str

    @property
    def id(self) -> str:
        """What addresses name it by."""
        return "".join(one for one in self.number if one.isdigit())

    @property
    def filed_on(self) -> str:
        """The day it was filed, as dockets write it."""
        filed = datetime.strptime(f"{self.filed} +0000", "%B %d, %Y %z")
        return f"{filed:%m/%d/%Y}"

    @property
    def letters(self) -> str:
        """What kind it is, as PACER writes it."""
        _, _, rest = self.number.partition("-")
        letters, _, number = rest.partition("-")
        return letters if number else "ap" if self.kind == "Adversary" else "bk"


CASES: Mapping[str, tuple[Case, ...]] = {
    "casb": (
        Case(
            "26-00318",
            "Redwood Kitchen Supply LLC",
            "Chapter 11",
            "January 22, 2026",
            "Monthly operating report",
        ),
        Case(
            "26-00741",
            "Jordan and Avery Pell",
            "Chapter 13",
            "February 17, 2026",
            "Meeting of creditors continued",
        ),
        Case(
            "25-04402",
            "Tidewater Bicycles Inc.",
            "Chapter 7",
            "October 6, 2025",
            "Notice of assets",
        ),
        Case(
            "26-90027",
            "Quill, Trustee v. Tidewater Holdings",
            "Adversary",
            "March 2, 2026",
            "Summons issued",
        ),
    ),
    "cacd": (
        Case(
            "2:26-cv-00417",
            "Sole v. Crescent Property Management",
            "Civil",
            "January 15, 2026",
            "Order granting leave to file electronically",
        ),
        Case(
            "2:25-cv-08812",
            "Bluefin Robotics v. Marlin Works",
            "Civil",
            "September 19, 2025",
            "Joint stipulation",
        ),
        Case(
            "8:26-cr-00031",
            "United States v. Doe 14",
            "Criminal",
            "February 3, 2026",
            "Waiver of appearance",
        ),
    ),
}
