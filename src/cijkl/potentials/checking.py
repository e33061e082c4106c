"""What every potential checks before and after it answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cijkl.errors import InputError
from cijkl.potentials.base import Evaluation, EvaluationError

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["check_result", "check_structure", "evaluate_each"]

#: A^3; below it a 6 A sphere holds over 1800 atoms, and no crystal is that dense.
SMALLEST_VOLUME_PER_ATOM = 0.5


def evaluate_each(
    name: str,
    structures: Sequence[Atoms],
    evaluate_one: Callable[[Atoms], Evaluation],
    elements: Collection[int] | None = None,
) -> list[Evaluation]:
    """Evaluate one by one with the checks that every potential owes its caller.

    Parameters
    ----------
    name
        The potential's name, for messages.
    structures
        Crystals.
    evaluate_one
        Gives the evaluation of one crystal; whatever it raises becomes an EvaluationError.
    elements
        Atomic numbers that the potential knows; None skips the check.
    """
    results = []
    for index, atoms in enumerate(structures):
        check_structure(name, atoms, index, elements)
        try:
            result = evaluate_one(atoms)
        except InputError as error:
            raise EvaluationError(str(error), index) from error
        except Exception as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise EvaluationError(
                f"'{name}' failed for {atoms.get_chemical_formula()}: {reason}", index
            ) from error
        results.append(check_result(name, atoms, index, result))
    return results


def check_structure(
    name: str, atoms: Atoms, index: int, elements: Collection[int] | None = None
) -> None:
    """Refuse what no potential could evaluate, before it fails in an obscure way.

    Raises
    ------
    EvaluationError
        No atoms, no three-dimensional cell, coordinates that are not finite, more than two
        atoms in 1 A^3, or an element that is not in `elements`.
    """
    count = len(atoms)
    if count == 0:
        raise EvaluationError(f"'{name}' was given a structure without atoms.", index)
    formula = atoms.get_chemical_formula()
    cell = np.asarray(atoms.cell)
    if not (np.isfinite(cell).all() and np.isfinite(atoms.positions).all()):
        raise EvaluationError(
            f"'{name}' was given {formula} with a cell or coordinates that are not finite.", index
        )
    volume = abs(float(np.linalg.det(cell)))
    if not atoms.pbc.all() or volume == 0.0:
        raise EvaluationError(
            f"'{name}' was given {formula} without a cell that is periodic in three directions; "
            "elastic constants need a crystal.",
            index,
        )
    if volume < SMALLEST_VOLUME_PER_ATOM * count:
        raise EvaluationError(
            f"'{name}' was given {formula} with {volume / count:.3g} A^3 for each atom; "
            f"no crystal has less than {SMALLEST_VOLUME_PER_ATOM} A^3.",
            index,
        )
    if elements is not None:
        unknown = sorted({int(number) for number in atoms.numbers} - set(elements))
        if unknown:
            from ase.data import chemical_symbols

            symbols = ", ".join(chemical_symbols[number] for number in unknown)
            raise EvaluationError(
                f"'{name}' does not know {symbols} (in {formula}); choose another potential "
                "with `cijkl potentials`.",
                index,
            )


def check_result(name: str, atoms: Atoms, index: int, result: Evaluation) -> Evaluation:
    """The result itself, if every number in it is finite.

    Raises
    ------
    EvaluationError
        Some number is not finite.
    """
    if not (
        np.isfinite(result.energy)
        and np.isfinite(result.forces).all()
        and np.isfinite(result.stress).all()
    ):
        raise EvaluationError(
            f"'{name}' gave a result that is not finite for {atoms.get_chemical_formula()}; "
            "atoms that overlap are the usual reason.",
            index,
        )
    return result
