"""Columns of one's own beside those of a table: tensors of any potential or model.

A tensor is given as it is, or by a record of ``cijkl compute --json`` or ``cijkl predict --json``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.datasets.molecular_tensors import TensorRow, compound
from cijkl.elasticity.stability import is_stable
from cijkl.elasticity.validation import validate
from cijkl.errors import InputError
from cijkl.reproduction.benchmark import Point, defined, measured, polycrystal
from cijkl.reproduction.compounds import Match, candidates
from cijkl.reproduction.settings import Agreement, compare_constants
from cijkl.structures.building import one_line

__all__ = [
    "Axes",
    "OwnTensor",
    "constant_errors",
    "own_points",
    "published_constant_errors",
    "read_results",
    "tensors_of_records",
]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Axes:
    """What turns a tensor into the axes of a measurement.

    Parameters
    ----------
    conventional
        (3, 3) rows of the conventional cell, A, in the frame of the tensor.
    operations
        (n, 3, 3) Cartesian point group in the same frame.
    system
        Crystal system.
    """

    conventional: Array
    operations: Array
    system: str


@dataclass(frozen=True, eq=False)
class OwnTensor:
    """A computed tensor of one compound.

    Parameters
    ----------
    stiffness
        (6, 6), GPa, Voigt.
    axes
        Of its crystal; None if the frame of the tensor is not known: moduli are compared then, but
        no constants.
    """

    stiffness: Array
    axes: Axes | None = None


def own_points(
    rows: Iterable[TensorRow],
    tensors: Mapping[str, OwnTensor | ArrayLike],
    report: Callable[[str], None] = lambda message: None,
) -> list[Point]:
    """Compare one's own tensors with the measured ones, as the corrected table does.

    Parameters
    ----------
    rows
        Of the benchmark.
    tensors
        Stiffness (6, 6), GPa, of each compound, by its repaired name.
    report
        Told of each tensor that has no place in the table: no measurement, or not positive
        definite. (All tensors of the benchmark whose A is undefined are not positive definite.)
    """
    known = measured(rows)
    found = []
    for name, given in tensors.items():
        stiffness = validate(given.stiffness if isinstance(given, OwnTensor) else given)
        values = polycrystal(stiffness)
        if name not in known:
            report(f"{name}: there is no measured tensor to compare with")
        elif not is_stable(stiffness):
            report(f"{name}: the tensor is unstable, its moduli have no meaning; left out")
        else:
            found.append(Point(name, "", known[name], values))
    return found


def constant_errors(
    rows: Iterable[TensorRow],
    tensors: Mapping[str, OwnTensor],
    report: Callable[[str], None] = lambda message: None,
) -> dict[str, list[Agreement]]:
    """Compare constants with each measurement of each compound, in the measurement's axes.

    Tensors without axes are passed over. `report` is told of each measurement that lacks the
    symmetry of the crystal.
    """
    every = tuple(defined(rows))
    found = {}
    for name, tensor in tensors.items():
        if tensor.axes is not None:
            found[name] = _agreements(every, name, tensor.stiffness, tensor.axes, True, report)
    return {name: agreements for name, agreements in found.items() if agreements}


def published_constant_errors(
    rows: Iterable[TensorRow], method: str, axes: Mapping[str, Axes]
) -> dict[str, list[Agreement]]:
    """Compare the constants of a method of the benchmark, whose axes nobody states.

    Each pair of settings of the two tensors is tried, so that chance helps more than it helps a
    tensor whose axes are known.
    """
    every = tuple(defined(rows))
    found: dict[str, list[Agreement]] = {}
    for row in every:
        name = compound(row.compound)
        if row.method == method and name in axes:
            agreements = _agreements(every, name, row.stiffness, axes[name], False, lambda _: None)
            found.setdefault(name, []).extend(agreements)
    return {name: agreements for name, agreements in found.items() if agreements}


def _agreements(
    rows: Sequence[TensorRow],
    name: str,
    stiffness: Array,
    axes: Axes,
    known_frame: bool,
    report: Callable[[str], None],
) -> list[Agreement]:
    found = []
    for row in rows:
        if row.method != "Exp" or compound(row.compound) != name:
            continue
        try:
            found.append(
                compare_constants(
                    stiffness,
                    row.stiffness,
                    axes.conventional,
                    axes.operations,
                    axes.system,
                    known_frame=known_frame,
                )
            )
        except InputError as error:
            report(f"{name}, {row.note}: constants are not compared: {error}")
    return found


def read_results(path: Path) -> list[dict[str, Any]]:
    """Read records from JSON Lines.

    Raises
    ------
    InputError
        If a line is no record, or there is none.
    """
    found = []
    try:
        with path.expanduser().open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    found.append(_record(line, f"{one_line(path)}:{number}"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{one_line(path)}: cannot be read: {one_line(error, 100)}") from None
    if not found:
        raise InputError(f"{one_line(path)}: the file holds no record")
    return found


def _record(line: str, where: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
        known = isinstance(record["id"], str) and record["status"] in ("ok", "failed")
    except (ValueError, TypeError, KeyError):
        known = False
    if not known:
        raise InputError(f"{where}: no record of cijkl")
    return dict(record)


def tensors_of_records(
    records: Iterable[Mapping[str, Any]],
    rows: Sequence[TensorRow],
    matches: Sequence[Match] = (),
    mapping: Mapping[str, str] | None = None,
    report: Callable[[str], None] = lambda message: None,
) -> dict[str, OwnTensor]:
    """Give the tensors of the benchmark's compounds among records.

    Parameters
    ----------
    records
        As of ``cijkl compute --json``.
    rows
        Of the benchmark.
    matches
        Structures that were recognised; their ids come first.
    mapping
        Id of each compound; then only these.
    report
        Told of each record that failed.
    """
    wanted: dict[str, Sequence[str]] = dict(candidates(rows))
    wanted.update({match.compound: (match.crystal.id,) for match in matches})
    if mapping is not None:
        wanted = {name: (identity,) for name, identity in mapping.items()}
    by_id: dict[str, Mapping[str, Any]] = {}
    for record in records:
        if record["status"] == "ok" and record.get("C") is not None:
            by_id.setdefault(record["id"], record)
        elif record["status"] != "ok":
            report(f"{record['id']}: failed: {one_line(record.get('error') or '', 100)}")
    found = {}
    for name, ids in wanted.items():
        record_of = next((by_id[identity] for identity in ids if identity in by_id), None)
        if record_of is not None:
            found[name] = OwnTensor(validate(record_of["C"]), _axes(record_of))
    return found


def _axes(record: Mapping[str, Any]) -> Axes | None:
    """Axes of the relaxed crystal that a record carries, where its tensor is in their frame."""
    structure = record.get("structure")
    if record.get("frame") != "input" or not structure:
        return None
    from cijkl.structures import symmetry
    from cijkl.structures.records import from_record

    try:
        atoms, _ = from_record(structure)
        # relaxed positions keep their symmetry, up to the digits of the record
        found = symmetry(atoms, 0.05)
    except (InputError, KeyError):
        return None
    return Axes(found.conventional, found.point_operations, found.crystal_system)
