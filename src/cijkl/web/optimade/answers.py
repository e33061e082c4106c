"""The shapes that answers of OPTIMADE have, errors among them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cijkl.report.jsonl import dumps

__all__ = ["VERSION", "answer", "base", "failure"]

#: of the specification
VERSION = "1.2.0"
_TITLES = {
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    422: "Unprocessable Entity",
    501: "Not Implemented",
    503: "Service Unavailable",
    553: "Version Not Supported",
}
_KIND = "application/vnd.api+json"


def answer(request: Request, data: Any, *, next_page: str | None = None, **meta: Any) -> Response:
    """Data with what must go with them.

    Parameters
    ----------
    next_page
        Address of the next page of entries.
    meta
        Further keys of ``meta``.
    """
    content: dict[str, Any] = {"data": data, "meta": _meta(request, **meta)}
    if "data_returned" in meta:
        content["links"] = {"next": next_page}
    return Response(dumps(content), media_type=_KIND)


def failure(request: Request, status: int, detail: str) -> Response:
    """An error of OPTIMADE."""
    title = _TITLES.get(status, "Error")
    content = {
        "errors": [{"status": str(status), "title": title, "detail": detail}],
        "meta": _meta(request, more_data_available=False),
    }
    return Response(dumps(content), status, media_type=_KIND)


def base(request: Request) -> str:
    """Address of the database, without a version."""
    return f"{request.url.scheme}://{request.url.netloc}/optimade"


def _meta(request: Request, **more: Any) -> dict[str, Any]:
    from cijkl import __version__

    query = f"?{request.url.query}" if request.url.query else ""
    path = request.url.path.removeprefix("/optimade")
    return {
        "query": {"representation": f"{path}{query}"},
        "api_version": VERSION,
        "time_stamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "more_data_available": False,
        "schema": "https://schemas.optimade.org/openapi/v1.2/optimade.json",
        "provider": {
            "name": "cijkl",
            "description": "Elastic tensors of crystals",
            "prefix": "cijkl",
        },
        "implementation": {"name": "cijkl", "version": __version__},
        **more,
    }
