"""DFT-D3: London dispersion for what a semilocal functional leaves out.

Grimme et al., J. Chem. Phys. 132, 154104 (2010), with the rational damping of Becke and
Johnson: Grimme, Ehrlich, Goerigk, J. Comput. Chem. 32, 1456 (2011). The numbers come from
s-dftd3 (package ``dftd3``); what is chosen here is where the sums over the lattice end.

The pair sum is cut at 60 Bohr by convention. An elastic constant is a difference of
stresses, and with a sharp cut each shell of atoms that crosses it adds a step: corundum's
C11 changes by 0.03 GPa with the size of the strain. So the pair terms go to zero smoothly
here, over the last 15 of 105 Bohr. Against the complete sum that leaves 0.001 GPa of the
stress of corundum, where the sharp cut at 60 Bohr leaves 0.008 GPa.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version as package_version
from typing import TYPE_CHECKING, Any

import numpy as np

from cijkl.errors import InputError
from cijkl.potentials.base import Evaluation
from cijkl.potentials.checking import evaluate_each

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["D3", "make"]

#: D3 has reference coefficients for hydrogen to plutonium.
ELEMENTS = frozenset(range(1, 95))

#: Bohr: pair terms, and the width over which they vanish.
PAIR_CUTOFF, PAIR_WIDTH = 105.0, 15.0
#: Bohr: three-body terms, which fall off with the ninth power.
TRIPLE_CUTOFF, TRIPLE_WIDTH = 25.0, 5.0
#: Bohr; part of the method's definition, since the counting function has no limit at infinity.
COORDINATION_CUTOFF = 40.0


class D3:
    """DFT-D3(BJ) dispersion with the parameters of a density functional.

    Parameters
    ----------
    functional
        As s-dftd3 names it, for example ``pbe``, ``r2scan``, ``pbesol``.
    three_body
        Add the Axilrod-Teller-Muto term. Off by default, as in the D3(BJ) of plane-wave codes.
    scale
        Factor on energies, forces and stresses: below 1 for a potential that has some attraction
        between molecules of its own.
    name
        For the record; derived from the other two if not given.

    Raises
    ------
    InputError
        s-dftd3 has no parameters for that functional.
    """

    def __init__(
        self,
        functional: str = "pbe",
        *,
        three_body: bool = False,
        scale: float = 1.0,
        name: str | None = None,
    ) -> None:
        if not 0.0 < scale < 10.0:
            raise InputError(f"D3 takes a factor above 0 and below 10, not {scale!r}")
        self._functional = functional
        self._scale = scale
        self._three_body = three_body
        try:
            self._damping()
        except RuntimeError as error:
            raise InputError(
                f"D3(BJ) has no parameters for the functional '{functional}'; "
                "give one that s-dftd3 knows, such as pbe, r2scan, pbesol, scan or b3lyp."
            ) from error
        head = "d3-atm" if three_body else "d3"
        factor = "" if scale == 1.0 else f"*{scale:g}"
        self.name = name or f"{head}:{functional}{factor}"
        self.version = f"dftd3 {package_version('dftd3')}"
        self.settings: Mapping[str, str] = {
            "functional": functional,
            "damping": "Becke-Johnson",
            "scale": f"{scale:g}",
            "three_body": str(three_body).lower(),
            "pair_cutoff_bohr": f"{PAIR_CUTOFF:g}, smooth over {PAIR_WIDTH:g}",
            "coordination_cutoff_bohr": f"{COORDINATION_CUTOFF:g}",
        }
        if three_body:
            cutoff = f"{TRIPLE_CUTOFF:g}, smooth over {TRIPLE_WIDTH:g}"
            self.settings = {**self.settings, "triple_cutoff_bohr": cutoff}

    def evaluate(self, structures: Sequence[Atoms]) -> list[Evaluation]:
        """Energy, forces and stress of each structure; see `Potential.evaluate`."""
        return evaluate_each(self.name, structures, self._one, ELEMENTS)

    def _damping(self) -> Any:
        # Not kept: a handle of the library that outlives it complains when Python ends.
        from dftd3.interface import RationalDampingParam

        return RationalDampingParam(method=self._functional, atm=self._three_body)

    def _one(self, atoms: Atoms) -> Evaluation:
        from ase.units import Bohr, Hartree
        from dftd3.interface import DispersionModel

        model = DispersionModel(
            atoms.numbers, atoms.positions / Bohr, np.asarray(atoms.cell) / Bohr, atoms.pbc
        )
        model.set_realspace_cutoff(
            disp2=PAIR_CUTOFF,
            disp3=TRIPLE_CUTOFF,
            cn=COORDINATION_CUTOFF,
            width2=PAIR_WIDTH,
            width3=TRIPLE_WIDTH,
        )
        result: dict[str, Any] = model.get_dispersion(self._damping(), grad=True)
        unit = self._scale * Hartree
        virial = result["virial"] * (unit / atoms.get_volume())
        return Evaluation(
            energy=float(result["energy"]) * unit,
            forces=result["gradient"] * (-unit / Bohr),
            stress=0.5 * (virial + virial.T),
        )


def make(name: str, option: str | None, device: str, dtype: str) -> D3:
    """Factory for the registry.

    The option is the functional, PBE if there is none, and a factor after an asterisk:
    ``pbe*0.8``.
    """
    full_name = name if option is None else f"{name}:{option}"
    functional, _, factor = (option or "pbe").lower().partition("*")
    try:
        scale = float(factor) if factor else 1.0
    except ValueError:
        raise InputError(
            f"'{full_name}': '{factor}' is no factor; give one as d3:pbe*0.8"
        ) from None
    functional = functional.strip() or "pbe"
    return D3(functional, three_body=name == "d3-atm", scale=scale, name=full_name)
