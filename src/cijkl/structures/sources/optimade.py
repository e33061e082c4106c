"""Crystals of OPTIMADE databases, page by page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from cijkl.errors import InputError, MissingPackageError
from cijkl.structures.building import one_line
from cijkl.structures.columns import columns
from cijkl.structures.crystal import Crystal, Unreadable
from cijkl.structures.geometry import MAX_ATOMS, accept
from cijkl.structures.sources.keeping import Kept
from cijkl.structures.sources.merging import merged
from cijkl.structures.sources.optimade_structures import FIELDS, USUAL_FIELDS, crystal_of
from cijkl.structures.sources.providers import Database, find_databases
from cijkl.structures.sources.web import Manners, Web, WebError

__all__ = ["check_filter", "optimade"]

#: structures asked for at a time
PAGE = 100


def optimade(
    databases: Sequence[str],
    filter: str = "",
    *,
    limit: int | None = None,
    fields: Sequence[str] = (),
    kept: Kept | None = None,
    manners: Manners | None = None,
    max_atoms: int = MAX_ATOMS,
) -> Iterator[Crystal | Unreadable]:
    """Give the structures that OPTIMADE databases have for a filter.

    Pages are asked for as crystals are taken, and kept, so that a second call goes on where the
    first one ended. Several databases are asked side by side; one that fails is one `Unreadable`
    that says why, and the others go on.

    Parameters
    ----------
    databases
        Names or addresses, see `cijkl.structures.sources.providers.find_databases`.
    filter
        In OPTIMADE's language, such as ``elements HAS "C" AND nelements <= 3``.
    limit
        Largest number of structures of each database.
    fields
        Further properties of the provider, such as ``_oqmd_spacegroup``, to have as columns.
    kept
        Pages of earlier calls.
    manners
        How patient to be.
    max_atoms
        Largest number of atoms of a crystal.

    Raises
    ------
    InputError
        At once, for a filter that is none.
    """
    check_filter(filter)
    settings = _Query(filter, limit, tuple(fields), kept, manners, max_atoms)
    streams = [partial(_of_name, name, settings, len(databases) > 1) for name in databases]
    return streams[0]() if len(streams) == 1 else merged(streams)


def check_filter(filter: str) -> None:
    """Raise `InputError` if a text is no filter in OPTIMADE's language."""
    if not filter:
        return
    try:
        from optimade.exceptions import BadRequest
        from optimade.filterparser import LarkParser
    except ImportError:
        raise MissingPackageError(
            "OPTIMADE needs its package; install it with: pip install 'cijkl[screen]'"
        ) from None
    try:
        LarkParser().parse(filter)
    except BadRequest as error:
        lines = str(error.detail).partition("traceback:")[2].strip().splitlines()
        reason = one_line(lines[0] if lines else "not understood", 120)
        raise InputError(
            f"the OPTIMADE filter {one_line(filter, 100)!r}: {reason}; texts are in double quotes, "
            'as in elements HAS "C"'
        ) from None


class _Query:
    """What is asked of each database."""

    def __init__(
        self,
        filter: str,
        limit: int | None,
        fields: tuple[str, ...],
        kept: Kept | None,
        manners: Manners | None,
        max_atoms: int,
    ) -> None:
        self.filter, self.limit, self.fields = filter, limit, fields
        self.kept, self.manners, self.max_atoms = kept, manners, max_atoms

    def first_page(self, database: Database, size: int | None) -> str:
        provider = database.name.partition(".")[0].partition("-")[0]
        wanted = (*FIELDS, *USUAL_FIELDS.get(provider, ()), *self.fields)
        values = {"response_format": "json", "response_fields": ",".join(dict.fromkeys(wanted))}
        if self.filter:
            values["filter"] = self.filter
        if size is not None:
            values["page_limit"] = str(size)
        version = "" if urlsplit(database.url).path.rstrip("/").endswith(_VERSIONS) else "/v1"
        return f"{database.url}{version}/structures?{urlencode(values)}"


_VERSIONS = tuple(f"/v{number}" for number in ("1", "1.0", "1.1", "1.2"))


def _of_name(name: str, query: _Query, prefix: bool) -> Iterator[Crystal | Unreadable]:
    try:
        databases = find_databases(name)
    except InputError as error:
        yield Unreadable(f"optimade:{name}", f"optimade:{name}", one_line(error, 400))
        return
    prefix = prefix or len(databases) > 1
    if len(databases) == 1:
        yield from _database(databases[0], query, prefix)
    else:
        yield from merged([partial(_database, database, query, True) for database in databases])


def _database(database: Database, query: _Query, prefix: bool) -> Iterator[Crystal | Unreadable]:
    count, promised = 0, None
    try:
        with Web(f"optimade:{database.name}", query.kept, query.manners) as web:
            for page in _pages(web, database, query):
                promised = _promised(page) or promised
                for entry in page["data"]:
                    count += 1
                    yield _crystal(entry, database, query, prefix)
                    if count == query.limit:
                        return
    except WebError as error:
        of = f" of {promised}" if promised else ""
        done = f" after {count}{of} structures; run again to go on from there" if count else ""
        reason = f"stopped{done}: {error}" if count else str(error)
        yield Unreadable(f"optimade:{database.name}", database.url, one_line(reason, 400))


def _pages(web: Web, database: Database, query: _Query) -> Iterator[Mapping[str, Any]]:
    largest = PAGE if query.limit is None else min(PAGE, query.limit)
    # a server may refuse pages of this size; some even those of their own
    for size in (largest, None, 10):
        url: str | None = query.first_page(database, size)
        try:
            page = _page(web, str(url))
        except WebError as error:
            if error.status not in (400, 403, 422) or size == 10:
                raise
        else:
            break
    asked = {url}
    while True:
        yield page
        url = _next(page, str(url))
        if url is None:
            return
        if url in asked:
            raise WebError("the server's pages go round in a circle")
        asked.add(url)
        page = _page(web, url)


def _page(web: Web, url: str) -> Mapping[str, Any]:
    page: Mapping[str, Any] = json.loads(web.get(url, check=_check_page))
    return page


def _check_page(body: bytes) -> None:
    """Raise ValueError unless an answer is a page of entries."""
    try:
        page = json.loads(body)
    except RecursionError:
        raise ValueError("the answer is no JSON") from None
    except ValueError:
        start = one_line(body[:60].decode("utf-8", "replace"), 40)
        raise ValueError(f"the answer is no JSON but begins with {start!r}") from None
    if not isinstance(page, dict) or not isinstance(page.get("data"), list):
        raise ValueError("the answer is no page of OPTIMADE structures (it lacks data)")


def _next(page: Mapping[str, Any], url: str) -> str | None:
    links = page.get("links")
    link = links.get("next") if isinstance(links, Mapping) else None
    if isinstance(link, Mapping):
        link = link.get("href")
    if not isinstance(link, str) or not link:
        return None
    target = urljoin(url, link)
    here, there = urlsplit(url), urlsplit(target)
    # some servers behind a proxy do not know that they are reached by https
    if here.scheme == "https" and there.scheme == "http" and here.hostname == there.hostname:
        target = there._replace(scheme="https").geturl()
    return target


def _promised(page: Mapping[str, Any]) -> int | None:
    meta = page.get("meta")
    number = meta.get("data_returned") if isinstance(meta, Mapping) else None
    return number if isinstance(number, int) else None


def _crystal(entry: Any, database: Database, query: _Query, prefix: bool) -> Crystal | Unreadable:
    own = one_line(entry.get("id", "?") if isinstance(entry, Mapping) else "?", 200)
    name = f"{database.name}/{own}" if prefix else own
    label = f"{database.url}/structures/{own}"
    try:
        if not isinstance(entry, Mapping):
            raise InputError("the entry is no JSON object")
        atoms, notes = crystal_of(entry)
        atoms, more = accept(atoms, query.max_atoms)
    except InputError as error:
        return Unreadable(name, label, one_line(error))
    # a net under what servers may send, as in cijkl.structures.reading
    except Exception as error:
        reason = f"{type(error).__name__}: {one_line(error, 120)}"
        return Unreadable(name, label, f"cannot be understood ({reason})")
    return Crystal(name, atoms, label, (*notes, *more), columns(atoms.info))
