"""The potential for molecular crystals whose weights come with cijkl.

SevenNet-l3i5, with weights that `cijkl distill` tuned to forces and stresses of vdW-DF2, and D3
with a factor. The docs say what it learned from, what was held out and what came of it.
"""

from __future__ import annotations

from importlib.util import find_spec

from cijkl.errors import InputError, MissingPackageError
from cijkl.potentials.base import Sum
from cijkl.potentials.distilled import fresh, load_weights, read_student_card
from cijkl.shipped import ROOMS, checksum, read_card

__all__ = ["DISPERSION", "WEIGHTS", "make"]

WEIGHTS = ROOMS["potential"] / "cijkl-mol-1" / "cijkl-mol-1.safetensors"
#: with D3 as it is cells come out too large, those of vdW-DF2 by 1.4 % on the average
DISPERSION = "d3:pbe*1.2"


def make(name: str, option: str | None, device: str, dtype: str) -> Sum:
    """Factory for the registry; there is no option."""
    if option:
        raise InputError(f"'{name}' takes no option; leave out ':{option}'.")
    if find_spec("dftd3") is None:
        raise MissingPackageError(f"'{name}' needs the package dftd3: pip install 'cijkl[d3]'")
    from cijkl.potentials.registry import load

    network = fresh(read_student_card(WEIGHTS)["student"], device=device, dtype=dtype)
    load_weights(network, WEIGHTS)
    network.name = "network"
    version = read_card(WEIGHTS.parent)["version"]
    network.settings = {
        **network.settings,
        "weights": f"{name} {version} sha256:{checksum([WEIGHTS])}",
    }
    potential = Sum([network, load(DISPERSION)])
    potential.name = name
    return potential
