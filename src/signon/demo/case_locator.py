"""A stand-in for the PACER Case Locator: one search, over the invented cases of the demo courts.

It is a demonstration and says so. Headers, statuses and members are those of the PCL API's guide
(domain facts 4.3), so that programs of today find what they look for; what it searches is small.
"""

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from signon.clock import Clock
from signon.demo.cases import CASES, Case
from signon.demo.programs import HEADER, Programs, SeenProgram
from signon.web import parameters

PATH = "/pcl-public-api/rest/cases/find"
PAGE_ROWS = 54
BODY_BYTES = 16 * 1024
SAYS_SO = "Search of invented cases: this is a demonstration"
PCL_IDS = {"casb": "casbk", "cacd": "cacdc"}
Criteria = Mapping[str, Any]


class CaseLocator:
    """The one address."""

    def __init__(self, programs: Programs, *, clock: Clock) -> None:
        self._programs = programs
        self._clock = clock

    def routes(self) -> list[Route]:
        """Where a search is posted to."""
        return [Route(PATH, self.find, methods=["POST"])]

    async def find(self, request: Request) -> Response:
        """A page of what was found, with the receipt; 401 without a token that may search."""
        seen = await self._programs.look(request.headers.get(HEADER))
        if seen is None or seen.claims.get("pacer_search_status") != "active":
            return _refused(401, "The token is missing, invalid or expired, or may not search.")
        try:
            criteria = json.loads(await parameters.read_body(request, limit=BODY_BYTES))
        except ValueError:
            return _refused(400, "The request is not valid JSON.")
        if not isinstance(criteria, dict):
            return _refused(406, "The search must be one object.")
        found = [
            _row(court, case)
            for court, cases in CASES.items()
            for case in cases
            if _fits(criteria, court, case)
        ]
        page = parameters.number(parameters.query(request).text("page")) or 0
        response = JSONResponse(self._answer(request, seen, criteria, found, page))
        response.headers["cache-control"] = "no-store"
        if seen.renewed:
            response.headers[HEADER] = seen.renewed
        return response

    def _answer(
        self, request: Request, seen: SeenProgram, criteria: Criteria, found: list[Any], page: int
    ) -> dict[str, Any]:
        pages = max(1, -(-len(found) // PAGE_ROWS))
        rows = found[page * PAGE_ROWS : (page + 1) * PAGE_ROWS]
        number = str(seen.claims.get("pacer_account_number", ""))
        billed = str(seen.claims.get("pacer_billing_account", ""))
        code = request.headers.get("x-client-code") or seen.claims.get("pacer_client_code")
        return {
            "receipt": {
                "transactionDate": self._clock().strftime("%Y-%m-%dT%H:%M:%S.000%z"),
                "billablePages": 1,
                "loginId": number,
                "clientCode": code or "",
                "firmId": billed if billed != number else "",
                "search": json.dumps(criteria),
                "description": SAYS_SO,
                "csoId": parameters.number(number) or 0,
                "reportId": None,
                "searchFee": ".00",
            },
            "pageInfo": {
                "number": page,
                "size": PAGE_ROWS,
                "totalPages": pages,
                "totalElements": len(found),
                "numberOfElements": len(rows),
                "first": page == 0,
                "last": page + 1 >= pages,
            },
            "content": rows,
        }


def _fits(criteria: Criteria, court: str, case: Case) -> bool:
    courts, title = criteria.get("courtId"), criteria.get("caseTitle")
    number = criteria.get("caseNumberFull")
    if courts and PCL_IDS[court] not in courts:
        return False
    if title and str(title).lower() not in case.title.lower():
        return False
    return not number or str(number) == case.number


def _row(court: str, case: Case) -> dict[str, Any]:
    return {
        "courtId": PCL_IDS[court],
        "caseId": case.id,
        "caseNumberFull": case.number,
        "caseTitle": case.title,
        "caseType": case.letters,
        "dateFiled": case.filed,
    }


def _refused(status: int, sentence: str) -> Response:
    return JSONResponse({"status": status, "message": sentence}, status)
