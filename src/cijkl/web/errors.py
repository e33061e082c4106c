"""Every failure as one line with the status that fits: JSON, or a page for who reads pages."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from cijkl.errors import CijklError, MissingPackageError
from cijkl.structures.building import one_line
from cijkl.web.processes import BusyError
from cijkl.web.templating import render

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

__all__ = ["Problem", "install", "problems"]

_WORDS = {
    400: "The request cannot be understood.",
    401: "The token is missing or wrong.",
    403: "A page of another site sent this.",
    404: "There is no such thing here.",
    405: "This address knows no such method.",
    409: "It has gone too far for that.",
    413: "More than the server takes at a time.",
    422: "What was sent cannot be used.",
    429: "Too many jobs, of this address or of all.",
    501: "The server lacks a package for this.",
    503: "The server is busy.",
}


class Problem(BaseModel):
    """Why a request was refused."""

    error: str


def problems(*codes: int) -> dict[int | str, dict[str, Any]]:
    """What a route's documentation says of its refusals; 400, 401, 403 and 413 any can give."""
    return {
        code: {"model": Problem, "description": _WORDS[code]}
        for code in (400, 401, 403, 413, *codes)
    }


def install(app: FastAPI) -> None:
    """Answer exceptions in this way."""
    app.add_exception_handler(CijklError, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)


async def _refused(request: Request, error: Exception) -> Response:
    if isinstance(error, BusyError):
        return _answer(request, 503, str(error), {"Retry-After": "5"})
    return _answer(request, 501 if isinstance(error, MissingPackageError) else 422, str(error))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _answer(request, error.status_code, str(error.detail), dict(error.headers or {}))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"][1:]) or "request"
    return _answer(request, 422, f"{place}: {first['msg']}")


async def _unexpected(request: Request, error: Exception) -> Response:
    logging.getLogger("cijkl.web").error("a defect", exc_info=error)
    return _answer(request, 500, "unexpected; the server's log says more")


def _answer(
    request: Request, status: int, text: str, headers: dict[str, str] | None = None
) -> Response:
    # texts of a request may hold what is no text
    shown = one_line(text, 1000).encode("utf-8", "replace").decode()
    wants_page = "text/html" in request.headers.get("accept", "")
    if wants_page and not request.url.path.startswith(("/api/", "/optimade")):
        return HTMLResponse(render("error.html.j2", here="", text=shown), status, headers)
    return JSONResponse({"error": shown}, status, headers)
