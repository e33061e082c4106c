"""From a request to the tables of the elasticity benchmark, with columns of the user's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cijkl.datasets.molecular_tensors import COMPUTED, TensorRow, molecular_tensors
from cijkl.errors import InputError
from cijkl.reproduction.asking import own_records, told_of
from cijkl.reproduction.benchmark import AS_PRINTED, QUANTITIES, Convention, Point
from cijkl.reproduction.benchmark_tables import (
    LABELS,
    as_printed,
    by_compound,
    constants_table,
    corrected,
    figures,
    other_readings,
    published,
    reading_notes,
    same_compounds,
)
from cijkl.reproduction.columns import (
    Axes,
    OwnTensor,
    constant_errors,
    own_points,
    published_constant_errors,
    tensors_of_records,
)
from cijkl.reproduction.compounds import Match, match_structures, read_mapping
from cijkl.reproduction.outcome import Outcome, Request, Table, read_printed

__all__ = ["benchmark_outcome", "own_tensors"]

#: table of one's own, by label and compound
Own = Mapping[str, Mapping[str, OwnTensor]]
Points = Mapping[str, Sequence[Point]]


def benchmark_outcome(
    request: Request,
    name: str,
    title: str,
    notes: Sequence[str] = (),
    known: Mapping[str, Mapping[str, float]] | None = None,
    convention: Convention = AS_PRINTED,
) -> Outcome:
    """Give the table of errors as printed, corrected, and on the same compounds for all methods.

    Parameters
    ----------
    request
        Its `data` is the benchmark, or a folder that holds it; downloaded by default.
    name, title
        Of the outcome.
    notes
        Put before those that the data give rise to.
    known
        Numbers that the paper prints, by method and quantity, as far as they are known.
    convention
        Of the printed table.
    """
    rows = molecular_tensors(request.data)
    printed = {method: dict(values) for method, values in (known or {}).items()}
    if request.printed is not None:
        for method, values in read_printed(request.printed, QUANTITIES).items():
            printed.setdefault(method, {}).update(values)
    matches, own = own_tensors(request, rows)
    own_by_label = {
        label: own_points(rows, mine, told_of(request, label)) for label, mine in own.items()
    }
    theirs = published(rows)
    everything = {**theirs, **own_by_label}
    without_dft = {label: mine for label, mine in everything.items() if label != LABELS["DFT"]}
    drawn = _drawn(everything, own_by_label)
    same = [
        same_compounds(without_dft, "Same compounds for every method but DFT-D"),
        same_compounds(everything, "Same compounds for every method"),
    ]
    tables = [
        as_printed(rows, printed, convention),
        other_readings(rows),
        corrected(rows, own_by_label),
        *(table for table in same if table.rows),
    ]
    if own:
        tables += [*_constants(rows, own, request), by_compound(drawn)]
    if matches:
        tables.append(_structures(matches))
    return Outcome(
        name,
        title,
        tuple(tables),
        (*notes, *reading_notes(rows), *_own_notes(own, own_by_label)),
        figures(drawn),
    )


def own_tensors(
    request: Request, rows: Sequence[TensorRow]
) -> tuple[list[Match], dict[str, dict[str, OwnTensor]]]:
    """Give the structures that were recognised, and the tensors of each column of the user's own.

    Potentials relax the structures and compute; models predict; results are read.

    Raises
    ------
    InputError
        If potentials or models are to be asked and there are no structures.
    """
    if (request.potentials or request.models) and request.structures is None:
        raise InputError("a potential or model needs the structures of the compounds: --structures")
    mapping = None if request.mapping is None else read_mapping(request.mapping)
    matches: list[Match] = []
    if request.structures is not None:
        matches = match_structures(request.structures, rows, mapping, request.report)
    crystals = [match.crystal for match in matches]
    found: dict[str, dict[str, OwnTensor]] = {}
    for label, records in own_records(request, crystals):
        told = told_of(request, label)
        found[label] = tensors_of_records(records, rows, matches, mapping, told)
        if not found[label]:
            raise InputError(f"{label}: no result is that of a compound of the benchmark")
    return matches, found


def _constants(rows: Sequence[TensorRow], own: Own, request: Request) -> list[Table]:
    """Errors of constants, where the records carry their crystals."""
    axes: dict[str, Axes] = {}
    for mine in own.values():
        for name, tensor in mine.items():
            if tensor.axes is not None:
                axes.setdefault(name, tensor.axes)
    if not axes:
        return []
    found = {
        LABELS[method]: published_constant_errors(rows, method, axes)
        for method in COMPUTED
        if method != "DFT"
    }
    found.update(
        {label: constant_errors(rows, mine, told_of(request, label)) for label, mine in own.items()}
    )
    return [constants_table(found)]


def _structures(matches: Sequence[Match]) -> Table:
    """Which structure was taken for which compound."""
    rows = []
    for match in matches:
        atoms = match.crystal.atoms
        facts = (match.symmetry.symbol, len(atoms), float(atoms.get_volume()), match.temperature)
        # what follows in brackets is the set that a structure is from
        rows.append((match.compound, match.crystal.id, *facts, match.provenance.partition(" (")[0]))
    columns = ("compound", "id", "space group", "atoms", "volume, A^3", "T, K", "provenance")
    return Table("Structures", columns, tuple(rows), 1)


def _drawn(every: Points, own: Points) -> Points:
    """Points of the figures: all, or those of the compounds that the user's own columns have."""
    if not own:
        return every
    mine = {point.compound for points in own.values() for point in points}
    return {label: [p for p in points if p.compound in mine] for label, points in every.items()}


def _own_notes(own: Own, points: Mapping[str, Sequence[object]]) -> list[str]:
    notes = []
    for label, mine in own.items():
        lost = len(mine) - len(points[label])
        if lost:
            notes.append(f"{label}: {lost} of {len(mine)} tensors are unstable or not measured.")
    if own:
        notes.append(
            "Constants: the axes of S-HF-3c and PFP are not stated, so all pairs of settings are "
            "tried for them, which favours them; those of one's own tensors are known."
        )
    return notes
