"""Minimisation over a growing space of displacements, multiplied by the crystal's symmetry.

If H is the matrix of second derivatives and P an operation of the space group, H (P p) = P (H p).
One product with H, the costly step, is therefore known on every image of p. Minimising over all
images at once treats each irreducible representation by itself, and converges in fewer products
than conjugate gradients, which it equals when the group is trivial.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cijkl.response.deformation import Group

__all__ = ["Subspace"]

Array = NDArray[np.float64]

#: what is less than this part of a direction independent of the others is left out: its product
#: would be a small difference of large ones, and carry their noise
_INDEPENDENT = 0.03


class Subspace:
    """Orthonormal displacements and what the second-derivative matrix makes of them.

    Parameters
    ----------
    group
        Operations of the crystal.
    natoms
        n.
    """

    def __init__(self, group: Group, natoms: int) -> None:
        self._group = group
        self.vectors = np.zeros((3 * natoms, 0))
        self.products = np.zeros((3 * natoms, 0))

    @property
    def dimension(self) -> int:
        """Number of directions known."""
        return self.vectors.shape[1]

    def fresh(self, directions: list[Array]) -> list[Array]:
        """What is new in some displacements (n, 3), beside the space and each other's images.

        Taking products of the new parts alone keeps the noise of a product where it is; those of
        which hardly anything is new are left out.

        Returns
        -------
        At most as many displacements (n, 3) of norm 1, without translation.
        """
        known, found = self.vectors, []
        for direction in directions:
            whole = _centred(direction).ravel()
            new = _without(known, whole[:, None])[:, 0]
            if np.linalg.norm(new) <= _INDEPENDENT * np.linalg.norm(whole):
                continue
            new = (new / np.linalg.norm(new)).reshape(-1, 3)
            found.append(new)
            images = _without(known, _columns(self._group.on_ions(new)))
            basis, sizes, _ = np.linalg.svd(images, full_matrices=False)
            known = np.hstack([known, basis[:, sizes > _INDEPENDENT]])
        return found

    def add(self, direction: Array, product: Array) -> int:
        """Take in a displacement (n, 3) and its product with H (n, 3), and all their images.

        Returns
        -------
        How many new directions there were among the images.
        """
        images = _columns(self._group.on_ions(_centred(direction)))
        mapped = _columns(self._group.on_ions(_centred(product)))
        # twice is enough: the second pass removes what rounding left of the first
        for _ in range(2):
            overlap = self.vectors.T @ images
            images = images - self.vectors @ overlap
            mapped = mapped - self.products @ overlap
        _, sizes, mixing = np.linalg.svd(images, full_matrices=False)
        kept = sizes > _INDEPENDENT * max(float(np.linalg.norm(direction)), 1e-300)
        combine = mixing[kept].T / sizes[kept]
        self.vectors = np.hstack([self.vectors, images @ combine])
        self.products = np.hstack([self.products, mapped @ combine])
        return int(kept.sum())

    def matrix(self) -> Array:
        """H within the space, symmetric (k, k)."""
        raw = self.vectors.T @ self.products
        return 0.5 * (raw + raw.T)

    def asymmetry(self) -> float:
        """Largest antisymmetric element of H within the space, relative to its largest element."""
        raw = self.vectors.T @ self.products
        scale = float(np.abs(raw).max(initial=0.0))
        return float(np.abs(raw - raw.T).max() / (2.0 * scale)) if scale else 0.0

    def lowest_mode(self) -> tuple[float, Array]:
        """Smallest curvature met, eV/A^2, and its displacement (n, 3), of norm 1."""
        if not self.dimension:
            return np.inf, np.zeros((len(self.vectors) // 3, 3))
        values, modes = np.linalg.eigh(self.matrix())
        return float(values[0]), (self.vectors @ modes[:, 0]).reshape(-1, 3)

    def residual(self, mode: Array, curvature: float) -> Array:
        """H m - curvature m (n, 3) of a mode m (n, 3) within the space."""
        within = self.products @ (self.vectors.T @ mode.ravel())
        return np.asarray(within.reshape(-1, 3) - curvature * mode, np.float64)

    def minimise(self, forces: Array) -> Array:
        """Coefficients (k, c) of the displacements that minimise x H x / 2 - f x in the space.

        Parameters
        ----------
        forces
            (3n, c): one column f for each minimisation.
        """
        if not self.dimension:
            return np.zeros((0, forces.shape[1]))
        return np.asarray(np.linalg.solve(self.matrix(), self.vectors.T @ forces), np.float64)


def _centred(displacement: Array) -> Array:
    centred: Array = displacement - displacement.mean(0)
    return centred


def _without(basis: Array, columns: Array) -> Array:
    """The part of columns outside an orthonormal basis; twice, since rounding leaves some."""
    for _ in range(2):
        columns = columns - basis @ (basis.T @ columns)
    return columns


def _columns(images: Array) -> Array:
    """(3n, g) from images (g, n, 3)."""
    return images.reshape(len(images), -1).T
