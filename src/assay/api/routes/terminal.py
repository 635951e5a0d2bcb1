"""The terminal: its files, and its one page at every address that is no other's."""

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from assay.api.guards import open_to_all
from assay.api.terminal_files import File, file_of, page

router = APIRouter(dependencies=[Depends(open_to_all)], include_in_schema=False)

FOREVER = "public, max-age=31536000, immutable"
"""The names of such files change with what is in them."""


@router.get("/{path:path}")
def terminal(path: str, request: Request) -> Response:
    """Return a file of the terminal, or its page, which then finds its own way."""
    found = file_of(path)
    if found is None and (path.startswith(("api/", "assets/")) or "." in path):
        raise HTTPException(404)
    return _answer(found or page(), request)


def _answer(file: File, request: Request) -> Response:
    headers = {
        "cache-control": FOREVER if file.is_named_by_content else "no-cache",
        "vary": "accept-encoding",
    }
    if file.packed and "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return Response(file.packed, media_type=file.media_type, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)
