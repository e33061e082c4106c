"""`/assets`: scripts and styles that come from other rooms and from plotly."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_SCRIPT, _STYLE = "text/javascript", "text/css"
_KINDS = {
    "plotly.js": _SCRIPT,
    "page.js": _SCRIPT,
    "page.css": _STYLE,
    "theme.css": _STYLE,
    # plotly.js puts its rules into this one, which a policy against styles in pages allows
    "plotly.css": _STYLE,
}


@router.get("/assets/{name}")
def assets(request: Request, name: str) -> Response:
    """One of them, to be kept by the browser until it changes."""
    if name not in _KINDS:
        raise HTTPException(404, "no such file")
    packed, tag = _packed(name)
    headers = {"ETag": tag, "Cache-Control": "public, max-age=300", "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, 200, {**headers, "Content-Encoding": "gzip"}, _KINDS[name])
    return Response(gzip.decompress(packed), 200, headers, _KINDS[name])


@cache
def _packed(name: str) -> tuple[bytes, str]:
    """Compressed once, and a name for this content."""
    data = _text(name).encode()
    tag = hashlib.blake2b(data, digest_size=12).hexdigest()
    return gzip.compress(data, 6), f'"{tag}"'


def _text(name: str) -> str:
    from cijkl.report import assets as report

    if name == "plotly.js":
        return report.plotly_js()
    if name == "theme.css":
        return report.theme()
    return "" if name == "plotly.css" else report.asset(name)
