"""Sizes of MatTen and MatSca."""

from __future__ import annotations

from dataclasses import dataclass

from cijkl.errors import InputError

__all__ = ["PUBLISHED", "REDUCED", "MatTenSettings"]


@dataclass(frozen=True)
class MatTenSettings:
    """Sizes, by default those of the released model.

    Parameters
    ----------
    elements
        Atomic numbers 1 to this one are known.
    cutoff
        A, beyond which there is no neighbour.
    layers
        Gated convolutions; one without gate follows.
    irreps
        Features of an atom between the convolutions, in the notation of e3nn.
    embedding
        Features of an element.
    radial_basis
        Number of Bessel functions of the length.
    radial_hidden
        Widths of the hidden layers of the network of the length.
    scalars
        Scalars after the pooling.
    neighbours
        Of an atom, on the average; 32 in the crystals of the Materials Project within 5 A.
    """

    elements: int = 103
    cutoff: float = 5.0
    layers: int = 3
    irreps: str = "32x0o+32x0e+16x1o+16x1e+4x2o+4x2e+2x3o+2x3e+2x4e"
    embedding: int = 16
    radial_basis: int = 8
    radial_hidden: tuple[int, ...] = (32, 32)
    scalars: int = 16
    neighbours: float = 32.0

    def __post_init__(self) -> None:
        sizes = (self.elements, self.layers, self.embedding, self.radial_basis, self.scalars)
        widths = self.radial_hidden
        if min(sizes) < 1 or not widths or min(widths) < 1:
            raise InputError(f"MatTen needs sizes of at least 1; these are {self}")
        if not (self.cutoff > 0.0 and self.neighbours > 0.0):
            raise InputError(
                f"MatTen needs a positive cut-off and number of neighbours; these are {self}"
            )


#: the released model
PUBLISHED = MatTenSettings()
#: one convolution less, which takes half the time
REDUCED = MatTenSettings(layers=2)
