"""Answers of web servers: asked for politely, again where that may help, and kept on disk."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from cijkl.errors import InputError, MissingPackageError
from cijkl.structures.building import one_line
from cijkl.structures.sources.keeping import Kept
from cijkl.structures.sources.pauses import LONGEST, retry_after

if TYPE_CHECKING:
    import httpx

__all__ = ["Manners", "Web", "WebError"]

logger = logging.getLogger(__name__)

#: answers that may be better the next time: timeout, too early, too many requests, server errors
PASSING = (408, 425, 429, 500, 502, 503, 504, 507)


class WebError(InputError):
    """A server did not give what it was asked for.

    Parameters
    ----------
    message
        One line.
    status
        HTTP status of the last answer, None if there was none.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Manners:
    """How patient to be.

    Parameters
    ----------
    attempts
        Number of attempts before giving up.
    wait
        Pause after the first failure, s; twice as long after each further one, at most 60 s.
    longest_wait
        Longest pause that a server may ask for (``Retry-After``), s.
    timeout
        Longest silence of the server, s.
    deadline
        Longest time for one answer, s.
    slow
        An answer that takes longer is told of, s.
    pause
        Least time from one request to the next, s.
    largest
        Largest answer, bytes.
    """

    attempts: int = 5
    wait: float = 1.0
    longest_wait: float = LONGEST
    timeout: float = 60.0
    deadline: float = 300.0
    slow: float = 20.0
    pause: float = 0.0
    largest: int = 256 * 2**20


class Web:
    """One server, and what of it is kept.

    Parameters
    ----------
    name
        How messages call it.
    kept
        Answers of earlier calls; None keeps nothing.
    manners
        See `Manners`.

    Raises
    ------
    MissingPackageError
        Without httpx.
    """

    def __init__(self, name: str, kept: Kept | None = None, manners: Manners | None = None) -> None:
        try:
            import httpx
        except ImportError:
            raise MissingPackageError(
                "reading from databases needs httpx; install it with: pip install 'cijkl[screen]'"
            ) from None
        self.name = name
        self.kept = kept
        self.manners = manners or Manners()
        self._told_slow = False
        self._last = -float("inf")
        self._client: httpx.Client = httpx.Client(
            timeout=self.manners.timeout,
            follow_redirects=True,
            headers={"User-Agent": "cijkl (crystal elasticity)", "Accept": "*/*"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, url: str, *, sha256: str | None = None, check: Any = None) -> bytes:
        """Give the body of an answer, from the disk if it is kept there.

        Parameters
        ----------
        url
            ``http`` or ``https``.
        sha256
            Checksum that it must have, hexadecimal, if known.
        check
            Called with the body; raises ValueError if it is not what was wanted, which counts as a
            failed attempt, so that an error page or half an answer is not kept.

        Raises
        ------
        WebError
            If the server does not give it.
        """
        if urlsplit(url).scheme not in ("http", "https"):
            raise WebError(f"{one_line(url)} is no address of the web (http or https)")
        known = self.kept.get(url, sha256) if self.kept is not None else None
        if known is not None:
            return known
        body = self._ask(url, sha256, check)
        if self.kept is not None:
            self.kept.put(url, body)
        return body

    def _ask(self, url: str, sha256: str | None, check: Any) -> bytes:
        manners = self.manners
        reason, status = "", None
        for attempt in range(1, manners.attempts + 1):
            time.sleep(max(0.0, self._last + manners.pause - time.monotonic()))
            self._last = time.monotonic()
            pause = min(manners.wait * 2 ** (attempt - 1), 60.0)
            try:
                body = self._attempt(url)
                _check(body, sha256, check)
            except _Refused as error:
                reason, status = str(error), error.status
                if status not in PASSING:
                    raise WebError(f"the server says {reason}", status) from None
                reason = f"the server says {reason}"
                pause = max(pause, self._asked_pause(error.retry_after))
            except (_Lost, ValueError) as error:
                reason, status = one_line(error, 160), None
            else:
                self._tell_if_slow(time.monotonic() - self._last)
                return body
            if attempt < manners.attempts:
                if pause > 5.0:
                    logger.warning("%s: %s; trying again in %.0f s", self.name, reason, pause)
                time.sleep(pause)
        raise WebError(f"no answer in {manners.attempts} attempts ({reason})", status)

    def _attempt(self, url: str) -> bytes:
        import httpx

        start = time.monotonic()
        try:
            with self._client.stream("GET", url) as answer:
                if answer.status_code != 200:
                    reason = f"{answer.reason_phrase}{_detail(answer)}"
                    raise _Refused(answer.status_code, reason, answer.headers)
                blocks, size = [], 0
                for block in answer.iter_bytes():
                    blocks.append(block)
                    size += len(block)
                    if size > self.manners.largest:
                        raise WebError(
                            f"the answer is larger than {self.manners.largest // 2**20} MiB"
                        )
                    if time.monotonic() - start > self.manners.deadline:
                        raise _Lost(
                            f"the answer was not complete after {self.manners.deadline:g} s"
                        )
        except httpx.TooManyRedirects:
            raise WebError("the server redirects in a circle") from None
        except httpx.TimeoutException:
            raise _Lost(f"no sign of the server in {self.manners.timeout:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise _Lost(str(error) or type(error).__name__) from None
        return b"".join(blocks)

    def _asked_pause(self, header: str | None) -> float:
        """Pause that a server asks for; raises if it is longer than anybody would wait."""
        asked = retry_after(header, datetime.now(UTC))
        if asked > self.manners.longest_wait:
            raise WebError(
                f"the server asks to come back in {asked:.0f} s, more than the "
                f"{self.manners.longest_wait:.0f} s that are waited; try again later"
            )
        return asked

    def _tell_if_slow(self, seconds: float) -> None:
        if seconds > self.manners.slow and not self._told_slow:
            self._told_slow = True
            logger.warning("%s: answers slowly, %.0f s for one request", self.name, seconds)


class _Lost(Exception):
    """The connection failed, or the answer ended too early."""


class _Refused(Exception):
    """The server answered, but not with what was asked for."""

    def __init__(self, status: int, reason: str, headers: Mapping[str, str]) -> None:
        super().__init__(f"{status} {reason}".strip())
        self.status = status
        self.retry_after = headers.get("Retry-After")


def _detail(answer: httpx.Response) -> str:
    """What a server says about its refusal, in JSON as OPTIMADE and many others have it."""
    try:
        found = json.loads(next(answer.iter_bytes(1 << 16)))
        errors = found.get("errors") or [found]
        detail = errors[0].get("detail")
    # whatever is no such answer has no detail
    except Exception:
        return ""
    return f": {one_line(detail, 160)}" if isinstance(detail, str) else ""


def _check(body: bytes, sha256: str | None, check: Any) -> None:
    from cijkl.structures.sources.keeping import checksum

    if sha256 is not None and checksum(body) != sha256.lower():
        raise ValueError(f"its SHA-256 is {checksum(body)}, expected {sha256}")
    if check is not None:
        check(body)
