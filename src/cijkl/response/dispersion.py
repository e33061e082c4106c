"""Whether a potential lacks the force that holds a molecular crystal together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cijkl.errors import Diagnostic
from cijkl.structures import is_molecular

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["lacking_dispersion"]

#: potentials that were trained on PBE, which has no dispersion
_OF_PBE = ("sevennet-0", "sevennet-l3i5", "sevennet-mf-0", "sevennet-mf-0:PBE", "chgnet")


def lacking_dispersion(atoms: Atoms, potential: str) -> tuple[Diagnostic, ...]:
    """A doubt about a molecular crystal with a potential that knows no dispersion.

    Parameters
    ----------
    potential
        Name of the potential; a sum counts as having dispersion.
    """
    if potential not in _OF_PBE or not is_molecular(atoms):
        return ()
    return (
        Diagnostic(
            "no_dispersion",
            f"The crystal consists of molecules, which dispersion holds together, and {potential} "
            f"was trained on PBE, which has none: the cell comes out much too large and too soft. "
            f"Use {potential}+d3.",
        ),
    )
