"""How long a server asks to be left alone."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["LONGEST", "retry_after"]

#: longest pause that is waited because a server asks for it, s
LONGEST = 300.0


def retry_after(header: str | None, now: datetime) -> float:
    """Give the seconds of a ``Retry-After`` header, a number or a date; 0 without one.

    Examples
    --------
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> retry_after("30", noon), retry_after("Thu, 01 Jan 2026 12:01:00 GMT", noon)
    (30.0, 60.0)
    """
    if header is None:
        return 0.0
    if header.strip().isdecimal():
        return float(header)
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        return 0.0
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())
