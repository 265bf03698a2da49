"""Uploads: the only place where a form comes as `multipart/form-data`.

The body is counted while it arrives and kept in a temporary file, so that neither a long nor a
slow one takes more than its share; what it claims to be is the feature's business.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from signon.web import parameters
from signon.web.parameters import BadRequestError
from signon.words.sentences import _

FORM_TYPE = "multipart/form-data"
ROOM = 16 * 1024
"""Bytes for everything around the file: boundaries and the few fields beside it."""
MOST_FIELDS = 5
SECONDS = 120
"""How long an upload may take."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A form with at most one file; `content` is empty when none was chosen."""

    fields: dict[str, str]
    name: str = ""
    content_type: str = ""
    content: bytes = b""


async def read(request: Request, *, field: str, limit: int) -> Upload:
    """The form whose file field is `field`, with a file of at most `limit` bytes.

    Raises BadRequestError: 413 too large, 415 another content type, 408 too slow, 400.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM_TYPE:
        raise BadRequestError(f"The request's content type must be {FORM_TYPE}.", status=415)
    try:
        async with asyncio.timeout(SECONDS):
            parser = MultiPartParser(
                request.headers,
                _counted(request, limit + ROOM),
                max_files=1,
                max_fields=MOST_FIELDS,
                max_part_size=ROOM,
            )
            form = await parser.parse()
    # a charset that its parts are not in, or that is none for texts, is another error each time
    except (MultiPartException, ValueError) as error:
        raise BadRequestError(_("The upload cannot be read.")) from error
    except TimeoutError as error:
        raise BadRequestError(_("The upload took too long: try again."), status=408) from error
    try:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        parameters.require_keepable(*fields, *fields.values())
        sent = form.get(field)
        if not isinstance(sent, UploadFile):
            return Upload(fields)
        content = await sent.read(limit + 1)
        if len(content) > limit:
            raise _too_large(limit)
        parameters.require_keepable(sent.filename or "")
        return Upload(fields, sent.filename or "", sent.content_type or "", content)
    finally:
        await form.close()


async def _counted(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    seen = 0
    async for chunk in request.stream():
        seen += len(chunk)
        if seen > most:
            raise _too_large(most - ROOM)
        yield chunk


def _too_large(limit: int) -> BadRequestError:
    return BadRequestError(
        _("The file is larger than {number} MB.", number=limit // 1024 // 1024), status=413
    )
