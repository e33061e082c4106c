"""Addresses of crystals, which stand on the command line wherever a file may.

========================================  =====================================================
``optimade:NAME[,NAME...][?OPTIONS]``     databases by name or ``https://`` address; options
                                          ``filter``, ``limit``, ``fields``, ``cache``
``cod:FILE`` or ``cod:ID,ID``             CIFs of the Crystallography Open Database; options
                                          ``url``, ``cache``
``mp:CRITERIA``, ``mp:FILE``, ``mp:ID,``  the Materials Project with the key ``MP_API_KEY``
``https://HOST/FILE[#sha256=...]``        a file or archive of the web
``store:FILE[?where=SQL]``                crystals of an earlier screening
========================================  =====================================================

Options are ``name=value`` after a question mark, joined by ``&``; values are written as they are,
without escapes, as in ``optimade:cod,oqmd?filter=elements HAS "C"&limit=500``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from cijkl.errors import InputError
from cijkl.structures.building import one_line
from cijkl.structures.crystal import Crystal, Unreadable
from cijkl.structures.geometry import MAX_ATOMS
from cijkl.structures.sources.keeping import Kept

__all__ = ["open_address"]

Stream = Iterator[Crystal | Unreadable]


def open_address(address: str, *, max_atoms: int = MAX_ATOMS, kept: Kept | None = None) -> Stream:
    """Give the crystals of an address; nothing is asked of a server before the first is taken.

    Parameters
    ----------
    address
        See above.
    max_atoms
        Largest number of atoms of a crystal.
    kept
        Where answers are kept, by default in the cache folder.

    Raises
    ------
    InputError
        At once, if the address cannot be understood.
    """
    scheme, _, rest = address.partition(":")
    return _SCHEMES[scheme.lower()](rest, address, max_atoms, kept or Kept())


def _optimade(rest: str, address: str, max_atoms: int, kept: Kept) -> Stream:
    from cijkl.structures.sources.optimade import optimade

    names, options = _parts(rest, ("filter", "limit", "fields", "cache"))
    databases = [name.strip() for name in names.split(",") if name.strip()]
    if not databases:
        raise InputError(f"{one_line(address, 60)} names no database; write optimade:mp or so")
    limit = options.get("limit")
    if limit is not None and not (limit.isdecimal() and int(limit) > 0):
        raise InputError(f"limit must be a number of structures; found {one_line(limit, 40)!r}")
    return optimade(
        databases,
        options.get("filter", ""),
        limit=int(limit) if limit else None,
        fields=[field.strip() for field in options.get("fields", "").split(",") if field.strip()],
        kept=_cache(options, kept),
        max_atoms=max_atoms,
    )


def _cod(rest: str, _: str, max_atoms: int, kept: Kept) -> Stream:
    from cijkl.structures.sources.cod import COD, cod, identifiers

    wanted, options = _parts(rest, ("url", "cache"))
    return cod(
        identifiers(wanted),
        url=options.get("url", COD),
        kept=_cache(options, kept),
        max_atoms=max_atoms,
    )


def _materials_project(rest: str, _: str, max_atoms: int, kept: Kept) -> Stream:
    from cijkl.structures.sources.materials_project import materials_project, query_of

    path = Path(rest).expanduser()
    if rest and path.is_file():
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        ids = [line.partition("#")[0].strip() for line in lines]
        return materials_project(list(filter(None, ids)), kept=kept, max_atoms=max_atoms)
    if re.fullmatch(r"\s*(mp|mvc)-\d+\s*(,\s*(mp|mvc)-\d+\s*)*", rest):
        ids = [name.strip() for name in rest.split(",")]
        return materials_project(ids, kept=kept, max_atoms=max_atoms)
    return materials_project(query_of(rest.lstrip("?")), kept=kept, max_atoms=max_atoms)


def _file(_: str, address: str, max_atoms: int, kept: Kept) -> Stream:
    url, sign, checksum = address.partition("#")
    checksum = checksum.removeprefix("sha256=").lower()
    if sign and not re.fullmatch("[0-9a-f]{64}", checksum):
        raise InputError(f"{one_line(address, 100)}: what follows # must be sha256= and 64 digits")
    return _fetched(url, checksum or None, max_atoms, kept)


def _fetched(url: str, sha256: str | None, max_atoms: int, kept: Kept) -> Stream:
    from cijkl.structures.reading import read
    from cijkl.structures.sources.download import fetch
    from cijkl.structures.sources.keeping import checksum

    try:
        path = fetch(url, sha256, kept.folder / "files" / checksum(url.encode())[:16])
        yield from read(path, max_atoms=max_atoms)
    except InputError as error:
        yield Unreadable(Path(url).name, url, one_line(error, 400))


def _store(rest: str, _: str, __: int, ___: Kept) -> Stream:
    # the one import of a room above: only an address that names a store needs it
    from cijkl.screening.store import Store

    path, options = _parts(rest, ("where",))
    with Store(path):
        # opened once now, so that a file that is no store is told of at once
        pass

    def stream() -> Stream:
        with Store(path) as store:
            yield from store.crystals(options.get("where", "TRUE"))

    return stream()


_SCHEMES: dict[str, Callable[[str, str, int, Kept], Stream]] = {
    "optimade": _optimade,
    "cod": _cod,
    "mp": _materials_project,
    "store": _store,
    "http": _file,
    "https": _file,
}


def _parts(text: str, names: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """What stands before the question mark, and the options after it."""
    target, _, tail = text.partition("?")
    options: dict[str, str] = {}
    starts = [m for m in re.finditer(r"(?:^|&)(\w+)=", tail) if m.group(1) in names]
    if tail and (not starts or starts[0].start() != 0):
        raise InputError(
            f"{one_line(tail.partition('=')[0], 40)!r} is no option of this source; there are "
            f"{', '.join(names)}"
        )
    ends = [*(match.start() for match in starts[1:]), len(tail)]
    for match, end in zip(starts, ends, strict=False):
        options[match.group(1)] = tail[match.end() : end]
    return target, options


def _cache(options: dict[str, str], kept: Kept) -> Kept | None:
    """Where answers are kept; ``cache=no`` asks anew."""
    choice = options.get("cache", "yes").lower()
    if choice not in ("yes", "no"):
        raise InputError(f"cache is yes or no; found {one_line(choice, 40)!r}")
    return kept if choice == "yes" else None
