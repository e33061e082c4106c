"""What the reading processes answer: files read, tensors analysed, pages drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cijkl.errors import InputError
from cijkl.web.inputs import Limits, crystals, inflated, on_disk

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.structures import Crystal, Unreadable

__all__ = ["start"]


def start() -> Callable[[tuple[str, dict[str, Any]]], Any]:
    """The function that answers (name, arguments) by one of `_ANSWERS`."""
    # what all of them need, so that the first visitor does not wait for it
    import cijkl.analysis
    import cijkl.structures  # noqa: F401 - for what it brings with it

    return lambda message: _ANSWERS[message[0]](**message[1])


def _read(data: bytes, name: str, limits: Limits) -> list[Crystal | Unreadable]:
    return crystals(data, name, limits)


def _analyze(
    data: bytes,
    name: str,
    structure: tuple[bytes, str] | None,
    limits: Limits,
    **options: Any,
) -> list[dict[str, Any]]:
    """Records of the tensors of a file."""
    from cijkl.analysis import analyze_file

    atoms = _one_crystal(*structure, limits) if structure is not None else None
    records: list[dict[str, Any]] = []
    with on_disk(inflated(data, limits), name) as path:
        try:
            for result in analyze_file(path, atoms, source=path.name, **options):
                records.append(dict(result.record))
                if len(records) > limits.crystals:
                    raise InputError(f"more than {limits.crystals} tensors; send fewer at a time")
        except InputError as error:
            raise InputError(str(error).replace(str(path), path.name)) from None
    return records


def _one_crystal(data: bytes, name: str, limits: Limits) -> Atoms:
    from cijkl.structures import Crystal

    found = crystals(data, name, limits)
    if len(found) != 1 or not isinstance(found[0], Crystal):
        raise InputError(f"the structure holds {len(found)} crystals; a tensor belongs to one")
    return found[0].atoms


def _direction(
    record: dict[str, Any], kind: Any, indices: str, frame: str, given: Atoms | None
) -> Any:
    from cijkl.web.records import direction_of, in_ieee_frame

    turned = in_ieee_frame(record) if frame == "ieee" else record
    return direction_of(turned, kind, indices, given)


def _page(**arguments: Any) -> str:
    from cijkl.web.drawing import page

    return page(**arguments)


def _figures(**arguments: Any) -> bytes:
    from cijkl.web.drawing import packed_figures

    return packed_figures(**arguments)


def _optimade(text: str) -> tuple[Any, ...]:
    """Whether a filter can be answered, and then its SQL with parameters, or else why not."""
    from cijkl.web.optimade.filters import NotSupportedError, as_sql

    try:
        return (True, *as_sql(text))
    except NotSupportedError as error:
        return False, str(error)


def _compare(records: list[dict[str, Any]], frame: str) -> dict[str, Any]:
    from cijkl.web.compare import comparison

    return comparison(records, frame)


_ANSWERS: dict[str, Callable[..., Any]] = {
    "analyze": _analyze,
    "compare": _compare,
    "direction": _direction,
    "figures": _figures,
    "optimade": _optimade,
    "page": _page,
    "read": _read,
}
