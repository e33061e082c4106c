"""What a potential is: one question, asked of a list of crystals."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from cijkl.errors import InputError

if TYPE_CHECKING:
    from ase import Atoms

__all__ = [
    "AseCalculator",
    "Evaluation",
    "EvaluationError",
    "Potential",
    "Sum",
    "check_result",
    "check_structure",
    "evaluate_each",
]

Array = npt.NDArray[np.float64]

#: A^3; below it a 6 A sphere holds over 1800 atoms, and no crystal is that dense.
SMALLEST_VOLUME_PER_ATOM = 0.5


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Energy, forces and stress of one crystal.

    Parameters
    ----------
    energy
        Energy of the cell, eV.
    forces
        Shape (n, 3), eV/A.
    stress
        Shape (3, 3), symmetric, eV/A^3; positive in tension (the sign of ASE):
        the derivative of the energy by strain, divided by the volume.
    """

    energy: float
    forces: Array
    stress: Array


class EvaluationError(InputError):
    """One crystal of a list cannot be evaluated.

    Parameters
    ----------
    message
        One line that says why.
    index
        Its position in the list that was given, so that the others can go on without it.
    """

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.index = index


@runtime_checkable
class Potential(Protocol):
    """Anything that answers with the energies, forces and stresses of crystals."""

    @property
    def name(self) -> str:
        """The name that `cijkl.potentials.load` knows, for example ``chgnet+d3``."""

    @property
    def version(self) -> str:
        """Package and version that did the work, for example ``sevenn 0.13.0``."""

    @property
    def settings(self) -> Mapping[str, str]:
        """All that changes the numbers or the speed: precision, device, checkpoint, cutoffs."""

    def evaluate(self, structures: Sequence[Atoms]) -> list[Evaluation]:
        """Energy, forces and stress of each structure, in order.

        Parameters
        ----------
        structures
            Crystals, periodic in three directions. They are not changed.

        Raises
        ------
        EvaluationError
            A structure holds an element that the potential does not know, has no
            three-dimensional cell, or gives a result that is not finite.
        """


class AseCalculator:
    """Any ASE calculator as a potential, one crystal after the other.

    Parameters
    ----------
    calculator
        Must give energy, forces and stress.
    name
        Name for the record.
    version
        Package and version, for the record.
    settings
        Further facts for the record.
    elements
        Atomic numbers that the calculator knows; None if it says so itself.

    Raises
    ------
    InputError
        The calculator gives no stress.
    """

    def __init__(
        self,
        calculator: Any,
        name: str,
        *,
        version: str = "unknown",
        settings: Mapping[str, str] | None = None,
        elements: Collection[int] | None = None,
    ) -> None:
        missing = {"energy", "forces", "stress"} - set(calculator.implemented_properties)
        if missing:
            raise InputError(
                f"The calculator of '{name}' gives no {' and no '.join(sorted(missing))}; "
                "elastic constants need energy, forces and stress."
            )
        self.name = name
        self.version = version
        self.settings: Mapping[str, str] = dict(settings or {})
        self._calculator = calculator
        self._elements = elements

    def evaluate(self, structures: Sequence[Atoms]) -> list[Evaluation]:
        """Energy, forces and stress of each structure; see `Potential.evaluate`."""
        return evaluate_each(self.name, structures, self._one, self._elements)

    def _one(self, atoms: Atoms) -> Evaluation:
        from ase.calculators.calculator import all_changes
        from ase.stress import voigt_6_to_full_3x3_stress

        copy = atoms.copy()
        copy.calc = None
        self._calculator.calculate(copy, ["energy", "forces", "stress"], all_changes)
        results = self._calculator.results
        # Some calculators extrapolate a smeared energy to zero width; the forces and the
        # stress derive from the free energy, which is then kept under its own name.
        energy = results.get("free_energy", results["energy"])
        stress = np.asarray(results["stress"], dtype=float)
        if stress.shape == (6,):
            stress = voigt_6_to_full_3x3_stress(stress)
        return Evaluation(
            energy=float(energy),
            forces=np.array(results["forces"], dtype=float),
            stress=0.5 * (stress + stress.T),
        )


class Sum:
    """Potentials that act together: energies, forces and stresses add.

    Parameters
    ----------
    parts
        At least two potentials.
    """

    def __init__(self, parts: Iterable[Potential]) -> None:
        self._parts = tuple(parts)
        if len(self._parts) < 2:
            raise InputError("A sum of potentials needs at least two of them.")
        self.name = "+".join(part.name for part in self._parts)
        self.version = ", ".join(dict.fromkeys(part.version for part in self._parts))
        self.settings: Mapping[str, str] = {
            f"{part.name}.{key}": value
            for part in self._parts
            for key, value in part.settings.items()
        }

    def evaluate(self, structures: Sequence[Atoms]) -> list[Evaluation]:
        """Sums over the parts; see `Potential.evaluate`."""
        answers = [part.evaluate(structures) for part in self._parts]
        return [
            Evaluation(
                energy=sum(each.energy for each in terms),
                forces=np.sum([each.forces for each in terms], axis=0),
                stress=np.sum([each.stress for each in terms], axis=0),
            )
            for terms in zip(*answers, strict=True)
        ]


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
