"""CIFs of the Crystallography Open Database, by identifier."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from cijkl.errors import InputError
from cijkl.structures.building import one_line
from cijkl.structures.crystal import Crystal, Unreadable
from cijkl.structures.files import Source
from cijkl.structures.geometry import MAX_ATOMS
from cijkl.structures.reading import read_document
from cijkl.structures.sources.keeping import Kept
from cijkl.structures.sources.web import Manners, Web, WebError

__all__ = ["COD", "cod", "identifiers"]

#: address of the database
COD = "https://www.crystallography.net/cod"
#: least time from one request to the next, s; the database is run by volunteers
PAUSE = 0.2
#: failures of the server in a row after which the others are not asked for
HOPELESS = 5

_LINE = re.compile(r"(\d{7})(?:\.cif)?(?:\s+(?:sha256[=:])?([0-9a-fA-F]{64}))?")


def cod(
    wanted: Iterable[tuple[str, str | None]],
    *,
    url: str = COD,
    kept: Kept | None = None,
    manners: Manners | None = None,
    max_atoms: int = MAX_ATOMS,
) -> Iterator[Crystal | Unreadable]:
    """Give the crystals of COD entries, in the order given.

    A CIF is kept once it is here. When the server fails for several entries in a row, the rest is
    given up with one message.

    Parameters
    ----------
    wanted
        Identifier, and the SHA-256 of its CIF if known; see `identifiers`.
    url
        Address of the database or a mirror; ``/1000041.cif`` follows.
    kept
        CIFs of earlier calls.
    manners
        How patient to be.
    max_atoms
        Largest number of atoms of a crystal.
    """
    failed = 0
    with Web("cod", kept, manners or Manners(pause=PAUSE)) as web:
        for number, sha256 in wanted:
            address = f"{url.rstrip('/')}/{number}.cif"
            try:
                text = web.get(address, sha256=sha256, check=_check)
            except WebError as error:
                yield Unreadable(number, address, one_line(error, 400))
                failed = 0 if error.status in (404, 410) else failed + 1
                if failed == HOPELESS:
                    yield Unreadable(
                        "cod",
                        url,
                        f"given up after {HOPELESS} failures in a row; run again to go on from "
                        "there",
                    )
                    return
                continue
            failed = 0
            yield from read_document(Source("cif", number, address, io.BytesIO(text)), max_atoms)


def identifiers(text: str) -> list[tuple[str, str | None]]:
    """Give the identifiers, with checksums, of a file or of a list such as ``1501550,1501795``.

    A file has one identifier of seven digits in a line, optionally followed by the SHA-256 of the
    CIF; blank lines and what follows ``#`` are left out.

    Raises
    ------
    InputError
        For a line that is no identifier, or if there is none.
    """
    path = Path(text).expanduser()
    if path.is_file():
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        where = f"{one_line(path)}, line "
    else:
        lines, where = text.split(","), "number "
        if not all(re.fullmatch(r"\s*\d+\s*", line) for line in lines):
            raise InputError(
                f"{one_line(text, 100)} is neither a file of COD identifiers nor a list of them, "
                "such as 1501550,1501795"
            )
    found = []
    for number, line in enumerate(lines, 1):
        entry = line.partition("#")[0].strip()
        match = _LINE.fullmatch(entry)
        if match is not None:
            found.append((match.group(1), match.group(2)))
        elif entry:
            raise InputError(
                f"{where}{number}: {one_line(entry, 40)!r} is no COD identifier (seven digits)"
            )
    if not found:
        raise InputError(f"{one_line(text, 100)} holds no COD identifier")
    return found


def _check(body: bytes) -> None:
    """Raise ValueError for what is no CIF, such as a page that says that there is an error."""
    if b"data_" not in body or body.lstrip()[:1] == b"<":
        raise ValueError("the answer is no CIF")
