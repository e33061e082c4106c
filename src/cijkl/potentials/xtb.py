"""GFN1-xTB and GFN2-xTB: tight binding, for molecular crystals above all.

Grimme, Bannwarth, Shushkov, J. Chem. Theory Comput. 13, 1989 (2017); Bannwarth, Ehlert,
Grimme, J. Chem. Theory Comput. 15, 1652 (2019). The numbers come from tblite, which looks
at the gamma point only. In the cell of urea that puts the forces wrong by half; a cell has
to be wide. So a potential can be told to work on repetitions of the cell that it is given
(``gfn1-xtb:2x2x2``) and to fold the answer back, and it refuses cells that are too narrow.
The number of repetitions is the user's and stays the same however the cell is strained: one
that depended on the cell would put a step into the energy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version as package_version
from typing import TYPE_CHECKING

import numpy as np

from cijkl.errors import InputError
from cijkl.potentials.base import Array, Evaluation
from cijkl.potentials.checking import evaluate_each

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["TightBinding", "make"]

METHODS = {"gfn1-xtb": "GFN1-xTB", "gfn2-xtb": "GFN2-xTB"}

#: Both methods end at radon.
ELEMENTS = frozenset(range(1, 87))

#: A between opposite faces: converged, as measured on urea and NaCl, and the least accepted.
#: The gap between the two leaves room for a cell to shrink while it relaxes.
WIDE, NARROW = 9.0, 7.0


class TightBinding:
    """GFN1-xTB or GFN2-xTB at the gamma point of a repeated cell.

    Parameters
    ----------
    method
        ``gfn1-xtb`` or ``gfn2-xtb``.
    repetitions
        How often the cell is repeated along each of its vectors.
    accuracy
        tblite's scale of the self-consistency thresholds; smaller is tighter. The default
        keeps constants from strains of 0.1 % steady to 0.01 GPa.

    Raises
    ------
    InputError
        Unknown method, or repetitions that are not positive.
    """

    def __init__(
        self,
        method: str = "gfn1-xtb",
        *,
        repetitions: tuple[int, int, int] = (1, 1, 1),
        accuracy: float = 0.1,
    ) -> None:
        if method not in METHODS:
            raise InputError(f"Unknown method '{method}'; known are {', '.join(METHODS)}.")
        if min(repetitions) < 1:
            raise InputError(f"Repetitions must be positive, not {_times(repetitions)}.")
        self._method = method
        self._repetitions = repetitions
        self._accuracy = accuracy
        self.name = method if repetitions == (1, 1, 1) else f"{method}:{_times(repetitions)}"
        self.version = f"tblite {package_version('tblite')}"
        self.settings: Mapping[str, str] = {
            "method": METHODS[method],
            "repetitions": _times(repetitions),
            "accuracy": f"{accuracy:g}",
            "k_points": "gamma",
        }

    def evaluate(self, structures: Sequence[Atoms]) -> list[Evaluation]:
        """Energy, forces and stress of each structure; see `Potential.evaluate`."""
        return evaluate_each(self.name, structures, self._one, ELEMENTS)

    def _one(self, atoms: Atoms) -> Evaluation:
        from ase.units import Bohr, Hartree
        from tblite.interface import Calculator

        self._refuse_narrow(atoms)
        large = atoms.repeat(self._repetitions)
        copies = len(large) // len(atoms)
        calculator = Calculator(
            METHODS[self._method],
            large.numbers,
            large.positions / Bohr,
            lattice=np.asarray(large.cell) / Bohr,
            periodic=large.pbc,
        )
        calculator.set("verbosity", 0)
        calculator.set("accuracy", self._accuracy)
        result = calculator.singlepoint()
        gradient: Array = np.asarray(result.get("gradient"))
        virial = result.get("virial") * (Hartree / large.get_volume())
        return Evaluation(
            energy=float(result.get("energy")) * Hartree / copies,
            forces=gradient.reshape(copies, len(atoms), 3).mean(axis=0) * (-Hartree / Bohr),
            stress=0.5 * (virial + virial.T),
        )

    def _refuse_narrow(self, atoms: Atoms) -> None:
        widths = 1.0 / np.linalg.norm(np.linalg.inv(np.asarray(atoms.cell)), axis=0)
        if np.any(widths * self._repetitions < NARROW):
            enough = tuple(int(n) for n in np.ceil(WIDE / widths))
            raise InputError(
                f"'{self.name}' samples the gamma point only, and the cell of "
                f"{atoms.get_chemical_formula()} is {min(widths * self._repetitions):.1f} A wide "
                f"at its narrowest, less than {NARROW:g}; take '{self._method}:{_times(enough)}'."
            )


def make(name: str, option: str | None, device: str, dtype: str) -> TightBinding:
    """Factory for the registry; the option is the repetitions, such as ``2x2x2``."""
    if option is None:
        return TightBinding(name)
    match = re.fullmatch(r"(\d+)x(\d+)x(\d+)", option)
    if match is None:
        raise InputError(f"'{name}' takes repetitions such as 2x2x2, not '{option}'.")
    a, b, c = (int(digits) for digits in match.groups())
    return TightBinding(name, repetitions=(a, b, c))


def _times(repetitions: tuple[int, ...]) -> str:
    return "x".join(str(n) for n in repetitions)
