"""Cells of crystals relaxed by potentials, or in records of them, against the measured cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cijkl.errors import InputError
from cijkl.reproduction.asking import labels_of, told_of
from cijkl.reproduction.columns import read_results
from cijkl.reproduction.compounds import facts_by_source, read_mapping
from cijkl.reproduction.outcome import Request
from cijkl.structures import Crystal, read
from cijkl.structures.building import one_line

if TYPE_CHECKING:
    from cijkl.potentials import Potential

__all__ = ["CellRow", "cell_columns", "measured_crystals", "row_of"]

Array = NDArray[np.float64]

#: molecules of the cluster by which packings are compared
_CLUSTER = 15
#: degrees from 60, 90 or 120 within which symmetry is taken to fix an angle
_FIXED = 1e-3


@dataclass(frozen=True, eq=False)
class CellRow:
    """How a relaxed cell differs from the measured one.

    Parameters
    ----------
    id
        Of the crystal.
    before, after
        (6): a, b, c (A), alpha, beta, gamma (degrees).
    volumes
        Measured and relaxed, A^3.
    volume, density
        Changes, %.
    lengths
        (3), changes of a, b, c, %.
    angles
        Changes of those angles that symmetry leaves free, degrees.
    rmsd15
        A; None where not all 15 molecules of the cluster match.
    """

    id: str
    before: Array
    after: Array
    volumes: tuple[float, float]
    volume: float
    density: float
    lengths: Array
    angles: Array
    rmsd15: float | None


@dataclass(frozen=True)
class _Relaxed:
    """What became of one crystal; `ok` is what progress asks for."""

    id: str
    facts: Mapping[str, Any] | None
    error: str = ""

    @property
    def ok(self) -> bool:
        return self.facts is not None


def measured_crystals(request: Request) -> list[Crystal]:
    """Give the crystals of the request whose cells were measured.

    A file that states the provenance of its crystals has the calculated ones left out; with
    `Request.mapping` only those crystals are taken that it names.

    Raises
    ------
    InputError
        If there are no structures, or none of them is to be compared.
    """
    if request.structures is None:
        raise InputError("cells are relaxed from measured ones: give --structures")
    found = []
    for item in read(request.structures):
        if isinstance(item, Crystal):
            found.append(item)
        else:
            request.report(f"{item.id}: {item.error}")
    if request.mapping is not None:
        wanted = set(read_mapping(request.mapping).values())
        found = [crystal for crystal in found if crystal.id in wanted]
    sources = facts_by_source(request.structures)
    stated = {source: provenance for source, (_, provenance) in sources.items() if provenance}
    found = [c for c in found if stated.get(c.source, "experiment").startswith("experiment")]
    if not found:
        raise InputError(f"{one_line(request.structures)}: no crystal with a measured cell")
    return found


def cell_columns(request: Request) -> dict[str, dict[str, CellRow]]:
    """Give the rows of each column by the crystals' ids: of results read, of potentials relaxed.

    Raises
    ------
    InputError
        If nothing is to be compared, or a model is asked, which relaxes nothing.
    """
    if request.models:
        raise InputError("a learned model relaxes no cell: give --potential or --results")
    if not request.potentials and not request.results:
        raise InputError("cells need --potential, or --results of `cijkl compute --json`")
    labels_of(request)
    wanted: set[str] | None = None
    crystals: list[Crystal] = []
    if request.potentials or request.structures is not None:
        crystals = measured_crystals(request)
        wanted = {crystal.id for crystal in crystals}
    found: dict[str, dict[str, CellRow]] = {}
    for label, path in request.results.items():
        found[label] = _rows(_of_records(read_results(path), wanted), label, request)
    for name in request.potentials:
        from cijkl.potentials import load

        results = request.follow(_relaxed(crystals, load(name)))
        found[name] = _rows(results, name, request)
    return found


def row_of(identity: str, facts: Mapping[str, Any]) -> CellRow:
    """Give the row of a record's ``relaxation``, which has ``cell_change``."""
    change = facts["cell_change"]
    before, after = np.array(change["before"], float), np.array(change["after"], float)
    free = np.abs(before[3:, None] - [60.0, 90.0, 120.0]).min(1) > _FIXED
    first, last = _volume(before), _volume(after)
    return CellRow(
        identity,
        before,
        after,
        (first, last),
        100.0 * (last / first - 1.0),
        float(change["density_percent"]),
        np.array(change["lengths_percent"], float),
        np.array(change["angles_degrees"], float)[free],
        facts["rmsd15"] if facts["matched15"] == _CLUSTER else None,
    )


def _rows(results: Iterable[_Relaxed], label: str, request: Request) -> dict[str, CellRow]:
    told, found = told_of(request, label), {}
    for result in results:
        if result.facts is None:
            told(f"{result.id}: left out: {result.error}")
        else:
            found[result.id] = row_of(result.id, result.facts)
    if not found:
        raise InputError(f"{label}: no relaxed cell of a crystal that was measured")
    return found


def _of_records(
    records: Iterable[Mapping[str, Any]], wanted: set[str] | None
) -> Iterator[_Relaxed]:
    """Relaxations that records tell of, also of crystals that failed afterwards."""
    for record in records:
        identity = record["id"]
        if wanted is not None and identity not in wanted:
            continue
        facts = record.get("relaxation")
        if not facts:
            yield _Relaxed(identity, None, one_line(record.get("error") or "no relaxation", 100))
        elif not facts["converged"]:
            yield _Relaxed(identity, None, "the relaxation did not converge")
        elif facts.get("cell") == "given":
            yield _Relaxed(identity, None, "its cell was kept as given")
        elif "cell_change" not in facts:
            yield _Relaxed(identity, None, "it is no molecular crystal")
        else:
            yield _Relaxed(identity, facts)


def _relaxed(crystals: Sequence[Crystal], potential: Potential) -> Iterator[_Relaxed]:
    """Relax crystals to the criteria of `compute`, without computing their tensors."""
    for crystal in crystals:
        try:
            yield _Relaxed(crystal.id, _facts(crystal, potential))
        except InputError as error:
            yield _Relaxed(crystal.id, None, str(error))


def _facts(crystal: Crystal, potential: Potential) -> dict[str, Any]:
    from cijkl.molecular import relaxation_facts
    from cijkl.response import Group, relax, run
    from cijkl.response.processors import threads_for
    from cijkl.structures import primitive, symmetrise, symmetry
    from cijkl.structures.hydrogens import complete

    given = complete(crystal).atoms
    cell = primitive(symmetrise(given, symmetry(given)))
    found = symmetry(cell)
    start = symmetrise(cell, found)
    with threads_for(start):
        result = run(relax(start, Group(found.rotations, found.permutations)), potential)
    if not result.converged:
        raise InputError(" ".join(note.message for note in result.diagnostics))
    return relaxation_facts(given.cell.array, start, result.atoms)


def _volume(cell: Array) -> float:
    from ase.geometry import cellpar_to_cell

    return float(abs(np.linalg.det(cellpar_to_cell(cell))))
