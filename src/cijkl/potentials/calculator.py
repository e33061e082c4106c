"""Any ASE calculator as a potential."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cijkl.errors import InputError
from cijkl.potentials.base import Evaluation
from cijkl.potentials.checking import evaluate_each

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["AseCalculator"]


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
