"""Many invitations or removals from a file or pasted lines: a look at what would happen, then the
act. What cannot be done can be downloaded, mended and sent again.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.firms import bulk, bulk_files, invitation_lines
from signon.firms.access import Authority
from signon.firms.bulk import Mode, Outcome
from signon.firms.pages.shell import Console
from signon.signin.shell import problem
from signon.web import parameters
from signon.web.json_bodies import LIMIT
from signon.web.problems import ApiError
from signon.web.site import FieldError
from signon.web.uploads import Upload

SHOWN = 200
"""Lines in a preview; of the rest only how many."""
IN_THE_FILE: Mapping[str | None, str | None] = {"lines": "file"}


class BulkPages:
    """`/firm/N/bulk/invitations` and `/firm/N/bulk/removals`."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """Both forms, each with its preview."""
        route = self._console.route
        return [
            route("/bulk/invitations", self.show),
            route("/bulk/invitations", self.invite, method="POST"),
            route("/bulk/invitations/template.csv", self.template),
            route("/bulk/invitations/file", self.show_invitations),
            route("/bulk/invitations/file", self.take_file, method="POST"),
            route("/bulk/invitations/refused.csv", self.show_invitations),
            route("/bulk/invitations/refused.csv", self.send_back, method="POST"),
            route("/bulk/removals", self.show),
            route("/bulk/removals", self.remove, method="POST"),
        ]

    async def show(self, request: Request) -> Response:
        """The form; with the members of the list that were chosen there."""
        chosen = parameters.query(request).every("number")
        return await self._page(
            request, text="\n".join(["account_number", *chosen] if chosen else [])
        )

    async def invite(self, request: Request) -> Response:
        """POST: look, or with `confirm` do it."""
        fields = await self._console.submitted(request, limit=LIMIT)
        text, mode = fields.get("lines") or "", _mode(fields.get("confirm"))
        acknowledged = fields.get("acknowledged") is not None
        try:
            lines = invitation_lines.of_file(text)
            seen, outcome = await self._console.do(
                request, bulk.INVITE, lines, mode, is_acknowledged=acknowledged
            )
        except (InputError, RefusedError, ApiError) as error:
            return await self._page(request, [problem(error)], text)
        if mode is Mode.CHECK:
            return await self._page(request, (), text, outcome)
        return self._console.go(
            seen, f"invitations?bulk={outcome.id}" if outcome.id else "invitations"
        )

    async def template(self, request: Request) -> Response:
        """GET: the heading, and nothing that would be invited by mistake."""
        await self._console.read(request, _nothing)
        return _csv("invitations.csv", ",".join(invitation_lines.COLUMNS) + "\r\n")

    async def show_invitations(self, request: Request) -> Response:
        """GET of what is only sent to: the form."""
        seen, _ = await self._console.read(request, _nothing)
        return self._console.go(seen, "bulk/invitations")

    async def take_file(self, request: Request) -> Response:
        """POST: look what would become of a file."""
        site = self._console.site
        sent = await site.uploaded(site.visit(request), field="file", limit=LIMIT)
        try:
            return await self._looked(request, _text(sent), "acknowledged" in sent.fields)
        except (InputError, RefusedError, ApiError) as error:
            return await self._page(request, [problem(error, IN_THE_FILE)])

    async def _looked(self, request: Request, text: str, acknowledged: bool) -> Response:
        lines = invitation_lines.of_file(text)
        _, outcome = await self._console.do(
            request, bulk.INVITE, lines, Mode.CHECK, is_acknowledged=acknowledged
        )
        return await self._page(request, (), text, outcome)

    async def send_back(self, request: Request) -> Response:
        """POST: the lines that cannot be done, each with why."""
        fields = await self._console.submitted(request, limit=LIMIT)
        text = fields.get("lines") or ""
        lines = invitation_lines.of_file(text)
        _, outcome = await self._console.do(
            request, bulk.INVITE, lines, Mode.CHECK, is_acknowledged=True
        )
        problems = {one.number: one.detail for one in outcome.lines if one.detail}
        return _csv("not-invited.csv", invitation_lines.sent_back(text, problems))

    async def remove(self, request: Request) -> Response:
        """POST: look, or with `confirm` do it."""
        fields = await self._console.submitted(request, limit=LIMIT)
        text, mode = fields.get("lines") or "", _mode(fields.get("confirm"))
        remark = fields.get("remark") or ""
        try:
            numbers = bulk_files.numbers(text)
            seen, outcome = await self._console.do(request, bulk.REMOVE, numbers, remark, mode)
        except (InputError, RefusedError, ApiError) as error:
            return await self._page(request, [problem(error)], text, remark=remark)
        if mode is Mode.CHECK:
            return await self._page(request, (), text, outcome, remark=remark)
        return self._console.go(seen, f"members?done={bulk.REMOVE.name}")

    async def _page(
        self,
        request: Request,
        errors: list[FieldError] | tuple[FieldError, ...] = (),
        text: str = "",
        outcome: Outcome | None = None,
        *,
        remark: str = "",
    ) -> Response:
        is_removal = str(request.scope["path"]).endswith("removals")
        refused = [one for one in outcome.lines if one.problem] if outcome else []
        seen, _ = await self._console.read(request, _nothing)
        return self._console.page(
            seen,
            "members" if is_removal else "invitations",
            "firm_bulk.html",
            errors=errors,
            is_removal=is_removal,
            text=text,
            remark=remark,
            outcome=outcome,
            lines=refused[:SHOWN],
            most=bulk_files.MOST_LINES,
        )


def _text(sent: Upload) -> str:
    """What was sent. Raises InputError."""
    if not sent.content:
        raise InputError("Choose a file.", field="lines")
    try:
        return sent.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        sentence = "The file is not in UTF-8: save it as “CSV UTF-8” and send it again."
        raise InputError(sentence, field="lines") from None


def _csv(name: str, text: str) -> Response:
    headers = {"cache-control": "no-store", "content-disposition": f'attachment; filename="{name}"'}
    return Response(text, headers=headers, media_type="text/csv; charset=utf-8")


def _mode(confirm: str | None) -> Mode:
    return Mode.CHECK if confirm is None else Mode.PARTIAL


def _nothing(_unit: Unit, _authority: Authority) -> None:
    return None
