"""Examples that should not be learned from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cijkl.datasets.example import Example

__all__ = ["drop_layers", "drop_misfits", "symmetry_misfit"]


def drop_layers(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Give the bulk crystals, and the layers in vacuum that were among them.

    A modulus of a layer in vacuum depends on the vacuum that somebody put there, which says nothing
    of the material. What a layer is, see `cijkl.structures.layer`.
    """
    from cijkl.structures.layers import layer

    return _parted(examples, [layer(e.crystal.atoms) is not None for e in examples])


def drop_misfits(
    examples: Sequence[Example], limit: float = 0.05
) -> tuple[list[Example], list[Example]]:
    """Give the examples whose stiffness has the symmetry of its crystal, and the others.

    A stiffness without it mostly refers to other axes than the atoms: databases give the IEEE
    frame, and a CIF states no axes at all. Examples without a stiffness are kept. It takes a search
    for the space group of each example with one.

    Parameters
    ----------
    examples
        Of any dataset.
    limit
        Largest `symmetry_misfit` that is kept.
    """
    misfits = [0.0 if e.stiffness is None else symmetry_misfit(e) for e in examples]
    return _parted(examples, [misfit > limit for misfit in misfits])


def symmetry_misfit(example: Example) -> float:
    """Give the share of the stiffness that the point group of the crystal does not allow.

    Frobenius norms of the Mandel form: 0 for a stiffness with the symmetry of its crystal. NaN if
    the example has none.
    """
    from cijkl.elasticity.notation import voigt_to_mandel
    from cijkl.elasticity.symmetry import project
    from cijkl.structures.spacegroup import symmetry

    if example.stiffness is None:
        return float("nan")
    operations = symmetry(example.crystal.atoms).point_operations
    rest = voigt_to_mandel(example.stiffness - project(example.stiffness, operations))
    return float(np.linalg.norm(rest) / np.linalg.norm(voigt_to_mandel(example.stiffness)))


def _parted(
    examples: Sequence[Example], drop: Sequence[bool]
) -> tuple[list[Example], list[Example]]:
    kept = [e for e, out in zip(examples, drop, strict=True) if not out]
    return kept, [e for e, out in zip(examples, drop, strict=True) if out]
