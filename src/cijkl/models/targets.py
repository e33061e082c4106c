"""What networks learn: labels of crystals as tensors, NaN where unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cijkl.elasticity.notation import voigt_to_mandel
from cijkl.models.batches import MODULI

if TYPE_CHECKING:
    from cijkl.datasets import Example

__all__ = ["DFT", "Targets", "stack", "targets_of"]

#: name of the first source of tensors: the data set itself
DFT = "dft"
#: GPa, eigenvalue below which a tensor's logarithm says more about noise than about the crystal
_SOFTEST = 0.5
#: labels that err more in cross-validation weigh less: Hill's moduli alone, and bounds far apart
_DOUBTFUL = 0.5
_FAR_APART = 2.0


@dataclass(frozen=True, eq=False)
class Targets:
    """Labels of the crystals of a batch.

    Parameters
    ----------
    log10_moduli
        (b, 6): log10 of the moduli in GPa, in the order of `batches.MODULI`.
    stiffness
        (b, s, 6, 6): GPa, Mandel form, of each source of tensors.
    log_stiffness
        (b, s, 6, 6): their matrix logarithms, where they are positive definite.
    weight
        (b,): how much a crystal's moduli count.
    """

    log10_moduli: Tensor
    stiffness: Tensor
    log_stiffness: Tensor
    weight: Tensor

    def __len__(self) -> int:
        return len(self.log10_moduli)

    def __getitem__(self, rows: slice | Tensor | NDArray[np.int64] | list[int]) -> Targets:
        """The targets of some crystals."""
        return Targets(*(getattr(self, field.name)[rows] for field in fields(self)))

    def first_source(self) -> Targets:
        """Without tensors of other sources than the data set."""
        return replace(
            self, stiffness=self.stiffness[:, :1], log_stiffness=self.log_stiffness[:, :1]
        )

    def to(self, device: torch.device | str) -> Targets:
        """The same on another device."""
        return Targets(*(getattr(self, field.name).to(device) for field in fields(self)))


def targets_of(
    example: Example,
    sources: Sequence[str] = (DFT,),
    tensors: Mapping[str, NDArray[np.float64]] | None = None,
) -> Targets:
    """Targets of one crystal.

    Parameters
    ----------
    example
        Its labels.
    sources
        Of tensors, in the order of the targets; the first is the data set itself.
    tensors
        Stiffness (6, 6), Voigt, GPa, of further sources.
    """
    from cijkl.datasets import known_moduli

    moduli = known_moduli(example)
    known = {**(tensors or {})}
    if example.stiffness is not None:
        known[sources[0]] = example.stiffness
    stiffness = np.full((len(sources), 6, 6), np.nan)
    logarithm = stiffness.copy()
    for number, source in enumerate(sources):
        if source in known:
            stiffness[number] = voigt_to_mandel(known[source])
            values, vectors = np.linalg.eigh(stiffness[number])
            if values[0] > _SOFTEST:
                logarithm[number] = (vectors * np.log(values)) @ vectors.T
    values = np.array([moduli.get(name, np.nan) for name in MODULI])
    doubtful = np.isnan(values[:2]).any() or values[3] > _FAR_APART * values[4]
    return Targets(
        log10_moduli=torch.from_numpy(np.log10(values))[None],
        stiffness=torch.from_numpy(stiffness)[None],
        log_stiffness=torch.from_numpy(logarithm)[None],
        weight=torch.tensor([_DOUBTFUL if doubtful else 1.0], dtype=torch.float64),
    )


def stack(targets: Sequence[Targets]) -> Targets:
    """Targets of several crystals, in order."""
    return Targets(
        *(torch.cat([getattr(t, field.name) for t in targets]) for field in fields(Targets))
    )
