"""`/optimade`: the store for programs that know OPTIMADE."""

from __future__ import annotations

import asyncio
import threading
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import PlainTextResponse, Response

from cijkl.errors import InputError, MissingPackageError
from cijkl.structures.building import one_line
from cijkl.web.explorer_opening import ExplorerOf
from cijkl.web.optimade import info
from cijkl.web.optimade.answers import answer, base, failure
from cijkl.web.optimade.entries import Entries, Found
from cijkl.web.optimade.fields import ABSENT, FIELDS
from cijkl.web.optimade.filters import order_by
from cijkl.web.processes import BusyError
from cijkl.web.services import Services, ServicesOf

__all__ = ["router"]

# the specification, not the schema of this server, describes these
router = APIRouter(prefix="/optimade", include_in_schema=False)

_VERSIONS = ("", "/v1", "/v1.2", "/v1.2.0")
#: entries of a page, and the most that may be asked for
_PAGE, _LARGEST = 20, 500
#: arguments that are understood; other words without a prefix are refused
_ARGUMENTS = frozenset(
    ("filter", "response_format", "email_address", "response_fields", "sort", "page_limit",
     "page_offset", "page_number", "include", "api_hint")
)  # fmt: skip


_MAKING = threading.Lock()


def _entries(request: Request, services: ServicesOf, explorer: ExplorerOf) -> Entries:
    """The entries of the store that is open."""
    state = request.app.state
    with _MAKING:
        if getattr(state, "entries", None) is None:
            assert services.settings.store is not None
            state.entries = Entries(explorer, services.settings.store)
    entries: Entries = state.entries
    return entries


EntriesOf = Annotated[Entries, Depends(_entries)]


@router.get("/versions")
def versions() -> Response:
    """Major versions, as CSV."""
    return PlainTextResponse("version\n1\n", media_type="text/csv; header=present")


async def database(request: Request) -> Response:
    """What there is."""
    return _checked(request) or answer(request, info.database(base(request)))


async def entry_info(request: Request, kind: str) -> Response:
    """What an entry has."""
    if kind != "structures":
        return failure(request, 404, "there are structures only")
    return _checked(request) or answer(request, info.structures())


async def links(request: Request) -> Response:
    """Other databases: none."""
    found = info.links(base(request))
    return _checked(request) or answer(
        request, found, data_returned=len(found), data_available=len(found)
    )


async def structures(request: Request, services: ServicesOf, entries: EntriesOf) -> Response:
    """Entries that meet a filter, a page at a time."""
    refused = _checked(request)
    if refused is not None:
        return refused
    given = request.query_params
    try:
        limit = _whole(given.get("page_limit", str(_PAGE)), "page_limit")
        number = _whole(given.get("page_number", "1"), "page_number")
        offset = _whole(given.get("page_offset", str((max(number, 1) - 1) * limit)), "page_offset")
        if limit > _LARGEST:
            return failure(request, 403, f"a page has at most {_LARGEST} entries")
        fields = _fields(given.get("response_fields"))
        order = order_by(given.get("sort", ""))
        where, values = await _where(services, given.get("filter", ""))
        found: Found = await asyncio.to_thread(
            entries.find,
            where,
            values,
            order=order,
            limit=limit,
            offset=offset,
            fields=fields,
        )
    except (BusyError, InputError, MissingPackageError) as error:
        return failure(request, _status(error), str(error))
    more = offset + len(found.entries) < found.returned and bool(found.entries)
    following = request.url.include_query_params(page_offset=offset + limit)
    address = f"{base(request)}{following.path.removeprefix('/optimade')}?{following.query}"
    return answer(
        request,
        found.entries,
        next_page=address if more else None,
        data_returned=found.returned,
        data_available=found.available,
        more_data_available=more,
    )


async def structure(request: Request, entries: EntriesOf, id: str) -> Response:
    """One entry, or null."""
    refused = _checked(request)
    if refused is not None:
        return refused
    try:
        fields = _fields(request.query_params.get("response_fields"))
        found = await asyncio.to_thread(entries.find, "id = ?", [id], limit=1, fields=fields)
    except (BusyError, InputError) as error:
        return failure(request, _status(error), str(error))
    return answer(
        request,
        found.entries[0] if found.entries else None,
        data_returned=len(found.entries),
        data_available=found.available,
    )


for version in _VERSIONS:
    router.add_api_route(f"{version}/info", database)
    router.add_api_route(f"{version}/info/{{kind}}", entry_info)
    router.add_api_route(f"{version}/links", links)
    router.add_api_route(f"{version}/structures", structures)
    router.add_api_route(f"{version}/structures/{{id}}", structure)


@router.get("/{rest:path}")
async def nothing(request: Request, rest: str) -> Response:
    """All other addresses."""
    first = rest.partition("/")[0]
    if first[:1] == "v" and first[1:].replace(".", "").isdecimal() and f"/{first}" not in _VERSIONS:
        return failure(request, 553, "version 1 of OPTIMADE is served")
    return failure(request, 404, "there are info, links and structures")


async def _where(services: Services, text: str) -> tuple[str, list[Any]]:
    """A filter as SQL; its parser is slow for long ones, so that it runs where it can be ended."""
    done, *rest = await services.readers.ask(("optimade", {"text": text}))
    if not done:
        raise _UnsupportedError(rest[0])
    return rest[0], rest[1]


class _UnsupportedError(InputError):
    """The specification leaves this to choice."""


def _checked(request: Request) -> Response | None:
    """The refusal of a request whose arguments are not those of the specification."""
    for name in request.query_params:
        if name not in _ARGUMENTS and not name.startswith("_"):
            return failure(request, 400, f"there is no argument {one_line(name, 40)!r}")
    if request.query_params.get("response_format", "json") != "json":
        return failure(request, 400, "the format is json")
    hint = request.query_params.get("api_hint", "v1")
    if hint not in ("v1", "v1.2", "v1.0", "v1.1"):
        return failure(request, 553, "version 1 of OPTIMADE is served")
    return None


def _fields(text: str | None) -> list[str]:
    """Properties that were asked for; those of other providers are passed over.

    Raises
    ------
    InputError
        There is no such property.
    """
    if text is None:
        return list(FIELDS)
    names = [name for name in text.split(",") if name]
    for name in names:
        if name not in FIELDS and name not in ABSENT and not name.startswith("_"):
            raise InputError(f"there is no property {one_line(name, 60)!r}")
    return names


def _whole(text: str, name: str) -> int:
    if not text.isdecimal() or len(text) > 12:
        raise InputError(f"{name} is a whole number, not {one_line(text, 20)!r}")
    return int(text)


def _status(error: Exception) -> int:
    if isinstance(error, BusyError):
        return 503
    return 501 if isinstance(error, _UnsupportedError | MissingPackageError) else 400
