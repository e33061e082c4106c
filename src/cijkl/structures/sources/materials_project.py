"""Crystals of the Materials Project, by its own client and the user's key."""

from __future__ import annotations

import inspect
import json
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cijkl.errors import InputError, MissingPackageError
from cijkl.structures.building import one_line
from cijkl.structures.columns import columns
from cijkl.structures.crystal import Crystal, Unreadable
from cijkl.structures.geometry import MAX_ATOMS, accept
from cijkl.structures.records import from_record
from cijkl.structures.sources.keeping import Kept

__all__ = ["materials_project", "query_of"]

#: materials asked for at a time
PAGE = 200
#: what is asked for beside the structure
FIELDS = (
    "band_gap",
    "energy_above_hull",
    "formation_energy_per_atom",
    "is_metal",
    "is_stable",
    "theoretical",
)
#: environment variables that may hold the key
KEYS = ("MP_API_KEY", "PMG_MAPI_KEY")


def materials_project(
    query: Mapping[str, Any] | Sequence[str],
    *,
    key: str | None = None,
    endpoint: str | None = None,
    kept: Kept | None = None,
    max_atoms: int = MAX_ATOMS,
) -> Iterator[Crystal | Unreadable]:
    """Give the materials of a query, in the server's order, or of a list of ids.

    First the ids are asked for, then `PAGE` structures at a time. Band gap, energy above the hull
    and the like are columns of the crystals.

    Parameters
    ----------
    query
        Criteria of ``MPRester.materials.summary.search``, or material ids.
    key
        By default that of the environment variable ``MP_API_KEY``.
    endpoint
        Address of the server, if not the Materials Project's.
    kept
        Structures of earlier calls, by the version of the database.
    max_atoms
        Largest number of atoms of a crystal.

    Raises
    ------
    InputError
        At once: without a key, or for a criterion that there is not.
    MissingPackageError
        At once, without mp-api.
    """
    key = key or next((os.environ[name] for name in KEYS if os.environ.get(name)), None)
    if not key:
        raise InputError(
            "the Materials Project needs your key in the environment variable MP_API_KEY "
            "(https://next-gen.materialsproject.org/api); optimade:mp needs none"
        )
    try:
        from mp_api.client import MPRester
        from mp_api.client.routes.materials.summary import SummaryRester
    except ImportError:
        raise MissingPackageError(
            "the Materials Project needs its client; install it with: "
            "pip install 'cijkl[materials-project]'"
        ) from None
    if isinstance(query, Mapping):
        known = inspect.signature(SummaryRester.search).parameters
        for name in query:
            if name not in known or name.startswith("_") or name in ("self", "fields", "kwargs"):
                raise InputError(
                    f"the Materials Project has no criterion {one_line(name, 40)!r}; there are "
                    "band_gap, elements, energy_above_hull, formula, is_stable, num_sites and more"
                )
    options = {"endpoint": endpoint} if endpoint else {}

    def client() -> Any:
        return MPRester(key, mute_progress_bars=True, use_document_model=False, **options)

    return _materials(client, query, kept, max_atoms)


def query_of(text: str) -> dict[str, Any]:
    """Give the criteria of a text such as ``band_gap=0.1..3.0&elements=Si,O&is_stable=true``.

    Examples
    --------
    >>> query_of("band_gap=0.1..3.0&elements=Si,O&is_stable=true&num_sites=..50")
    {'band_gap': (0.1, 3.0), 'elements': ['Si', 'O'], 'is_stable': True, 'num_sites': (None, 50)}
    """
    query: dict[str, Any] = {}
    for part in filter(None, text.split("&")):
        name, sign, value = part.partition("=")
        if not sign or not value:
            raise InputError(
                f"{one_line(part, 60)!r} is no criterion; they are like band_gap=0.1..3.0 or "
                "elements=Si,O"
            )
        query[name.strip()] = _value(name.strip(), value.strip())
    return query


#: criteria whose value is a list even if it is one
_LISTS = ("elements", "exclude_elements", "material_ids", "possible_species", "has_props")


def _value(name: str, text: str) -> Any:
    if ".." in text:
        low, _, high = text.partition("..")
        return _number(low), _number(high)
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if "," in text or name in _LISTS:
        return [part.strip() for part in text.split(",")]
    return int(text) if text.isdecimal() else text


def _number(text: str) -> float | int | None:
    if not text:
        return None
    try:
        return int(text) if text.isdecimal() else float(text)
    except ValueError:
        raise InputError(f"{one_line(text, 40)!r} is no number; ranges are like 0.1..3.0") from None


def _materials(
    client: Any, query: Mapping[str, Any] | Sequence[str], kept: Kept | None, max_atoms: int
) -> Iterator[Crystal | Unreadable]:
    count = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with client() as rester:
                ids = _ids(rester, query)
                for start in range(0, len(ids), PAGE):
                    some = ids[start : start + PAGE]
                    found = _documents(rester, some, kept)
                    for name in some:
                        count += 1
                        yield _crystal(name, found.get(name), max_atoms)
    # whatever the client raises: its own errors, those of requests, of pydantic
    except Exception as error:
        reason = one_line(str(error).strip() or type(error).__name__, 200)
        done = f" after {count} materials; run again to go on from there" if count else ""
        yield Unreadable("mp", "Materials Project", f"stopped{done}: {reason}")


def _ids(rester: Any, query: Mapping[str, Any] | Sequence[str]) -> list[str]:
    if not isinstance(query, Mapping):
        return list(query)
    # without any criterion the client would take the whole database from elsewhere
    criteria = {"deprecated": False, **query}
    found = rester.materials.summary.search(**criteria, fields=["material_id"], all_fields=False)
    return [str(document["material_id"]) for document in found]


def _documents(rester: Any, ids: Sequence[str], kept: Kept | None) -> dict[str, Any]:
    name = f"mp-api:{rester.endpoint}:{rester.db_version}:{','.join(ids)}"
    known = kept.get(name) if kept is not None else None
    if known is None:
        found = rester.materials.summary.search(
            material_ids=list(ids), fields=["material_id", "structure", *FIELDS], all_fields=False
        )
        known = json.dumps(found, default=_plain).encode()
        if kept is not None:
            kept.put(name, known)
    return {str(document["material_id"]): document for document in json.loads(known)}


def _plain(value: Any) -> Any:
    """What a document holds besides JSON: structures, and ids of the client's own kind."""
    return value.as_dict() if hasattr(value, "as_dict") else str(value)


def _crystal(name: str, document: Any, max_atoms: int) -> Crystal | Unreadable:
    label = f"https://materialsproject.org/materials/{name}"
    if document is None:
        return Unreadable(name, label, "the Materials Project has no such material")
    try:
        atoms, notes = from_record(document)
        atoms, more = accept(atoms, max_atoms)
    except InputError as error:
        return Unreadable(name, label, one_line(error))
    known = columns({field: document.get(field) for field in FIELDS})
    return Crystal(name, atoms, label, (*notes, *more), known)
