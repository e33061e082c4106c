"""What follows from the tensor of a cell that holds a layer in vacuum: a record's `planar`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.planar import (
    planar_anisotropy,
    planar_eigenvalues,
    planar_error,
    planar_moduli,
    planar_sound_velocities,
    planar_stiffness,
)
from cijkl.elasticity.planar_directional import PlanarExtremum, planar_extrema
from cijkl.errors import Diagnostic
from cijkl.units import G_PER_CM3_A_TO_KG_PER_M2

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.elasticity.tensor import ElasticTensor
    from cijkl.layout import Planar, PlanarAcoustics, PlanarDirectional, PlanarModuli
    from cijkl.structures import Layer

__all__ = ["LAYER", "planar_facts"]

Array = NDArray[np.float64]

#: the doubt that every record of a layer has
LAYER = Diagnostic(
    "layer",
    "The cell is a layer in vacuum: its constants are given in N/m (key planar), which need no "
    "thickness. C in GPa is diluted by the vacuum, and bulk moduli have no meaning.",
)


def planar_facts(
    tensor: ElasticTensor,
    layer: Layer,
    atoms: Atoms,
    rotation: Array,
    error: ArrayLike | None = None,
) -> Planar:
    """The record's ``planar``; averages and what follows are None for an unstable layer.

    Parameters
    ----------
    tensor
        Of the whole cell.
    layer, atoms
        The layer in the frame of `atoms`.
    rotation
        (3, 3), from that frame to the tensor's.
    error
        (6, 6), GPa, of the tensor's constants, if known.
    """
    from cijkl.structures import density

    axes = np.array(layer.axes) @ rotation.T
    stiffness = planar_stiffness(tensor.voigt, axes, layer.period)
    eigenvalues = planar_eigenvalues(stiffness)
    areal = density(atoms) * layer.period * G_PER_CM3_A_TO_KG_PER_M2
    facts: Planar = {
        "normal": (rotation @ layer.normal).tolist(),
        "axes": axes.tolist(),
        "period": layer.period,
        "vacuum": layer.vacuum,
        "thickness": layer.thickness,
        "areal_density": areal,
        "symmetry_class": layer.symmetry_class,
        "C": stiffness.tolist(),
        "C_error": None if error is None else planar_error(error, axes, layer.period).tolist(),
        "eigenvalues": eigenvalues.tolist(),
        "moduli": None,
        "anisotropy": None,
        "directional": None,
        "acoustics": None,
    }
    if eigenvalues[0] > 0.0:
        moduli = facts["moduli"] = _moduli(stiffness)
        facts["anisotropy"] = float(planar_anisotropy(stiffness))
        facts["directional"] = _directional(stiffness, axes)
        facts["acoustics"] = _acoustics(moduli, areal)
    return facts


def _moduli(stiffness: Array) -> PlanarModuli:
    found: Any = {
        name: {average: float(value) for average, value in averages.items()}
        for name, averages in planar_moduli(stiffness).items()
    }
    moduli: PlanarModuli = found
    return moduli


def _directional(stiffness: Array, axes: Array) -> PlanarDirectional:
    def extreme(found: PlanarExtremum) -> dict[str, Any]:
        angle = float(found.angle)
        return {
            "value": float(found.value),
            "angle": float(np.degrees(angle)),
            "direction": (np.array([np.cos(angle), np.sin(angle)]) @ axes).tolist(),
        }

    def both(quantity: Literal["E", "nu"]) -> Any:
        found = planar_extrema(stiffness, quantity)
        return {"min": extreme(found.min), "max": extreme(found.max)}

    return {"E": both("E"), "nu": both("nu")}


def _acoustics(moduli: PlanarModuli, areal_density: float) -> PlanarAcoustics:
    bulk, shear = moduli["K"]["hill"], moduli["G"]["hill"]
    v_l, v_t = planar_sound_velocities(bulk, shear, areal_density)
    return {"v_l": float(v_l), "v_t": float(v_t)}
