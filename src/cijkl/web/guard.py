"""What every request passes before anything looks at it, and every answer on its way out."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cijkl.web.settings import Settings

__all__ = ["COOKIE", "Guard", "session"]

#: holds what follows from the token, once a visitor has given it
COOKIE = "cijkl_session"
#: what needs no token: the door, and what the door looks like
_OPEN = ("/login", "/static/", "/assets/")
#: methods that change nothing
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
#: bytes of the names and numbers around the file in a form
_FORM = 2**16

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
#: scripts and styles are files of this server; a style that plotly.js makes carries the nonce
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data: blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


class Guard:
    """Middleware: name of the host, origin, token, size; and the headers of answers."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(18)
        scope.setdefault("state", {})["nonce"] = nonce

        async def outward(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce)
                kept = "no-cache" if scope["path"].startswith("/static/") else "no-store"
                headers.setdefault("Cache-Control", kept)
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, outward)
            return
        await self.app(scope, self._counted(receive), outward)

    def _refusal(self, scope: Scope) -> Response | None:
        """The answer to a request that goes no further."""
        headers = Headers(scope=scope)
        hosts = self.settings.hosts
        if hosts and _name(headers.get("host", "")) not in hosts:
            return _error(400, "this server goes by another name; see `cijkl serve --host`")
        if scope["method"] not in _SAFE and _from_elsewhere(headers):
            return _error(403, "a page of another site cannot use this server")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self.settings.max_upload + _FORM:
            return _error(413, self._too_large(), {"Connection": "close"})
        if self.settings.token is not None and not scope["path"].startswith(_OPEN):
            return self._without_token(headers, scope)
        return None

    def _without_token(self, headers: Headers, scope: Scope) -> Response | None:
        """The answer to who does not show the token; None to who does."""
        assert self.settings.token is not None
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and _same(given.strip(), self.settings.token):
            return None
        if _same(_cookie(headers), session(self.settings.token)):
            return None
        if "text/html" in headers.get("accept", "") and scope["method"] == "GET":
            return RedirectResponse("/login", 303)
        return _error(401, "a bearer token is needed", {"WWW-Authenticate": "Bearer"})

    def _counted(self, receive: Receive) -> Receive:
        """The same messages up to the largest size, whatever the header said."""
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.settings.max_upload + _FORM:
                raise HTTPException(413, self._too_large(), {"Connection": "close"})
            return message

        return counted

    def _too_large(self) -> str:
        return f"more than {self.settings.max_upload / 2**20:g} MiB; send less at a time"


def session(token: str) -> str:
    """What the cookie of a visitor holds who knows the token; the token does not follow from it."""
    return hmac.new(token.encode(), b"cijkl session", hashlib.sha256).hexdigest()


def _from_elsewhere(headers: Headers) -> bool:
    """Whether a browser says that another site's page sent this; programs say nothing."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] != headers.get("host")


def _name(netloc: str) -> str:
    """A host without its port.

    >>> _name("localhost:8000"), _name("[::1]:8000"), _name("[::1]")
    ('localhost', '[::1]', '[::1]')
    """
    if netloc.startswith("["):
        inner, closed, _ = netloc.partition("]")
        return inner + closed
    return netloc.partition(":")[0].lower()


def _cookie(headers: Headers) -> str:
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(headers.get("cookie", ""))
    except CookieError:
        return ""
    return cookies[COOKIE].value if COOKIE in cookies else ""


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _error(status: int, text: str, headers: Mapping[str, Any] | None = None) -> Response:
    return JSONResponse({"error": text}, status, headers)
