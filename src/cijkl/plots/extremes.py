"""Every direction at which a smooth function on the sphere takes its extreme value."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cijkl.plots.fields import sphere_grid

__all__ = ["equivalent_extremes"]

Array = NDArray[np.float64]


def equivalent_extremes(
    function: Callable[[Array], Array], largest: bool = True, limit: int = 26
) -> tuple[float, Array]:
    """The extreme value and all directions that share it.

    A crystal's symmetry repeats an extremum; a map should mark each copy. Local extrema of a grid
    of 3 degrees are refined by a pattern search to 0.001 degrees, then those as good as the best
    are kept.

    Parameters
    ----------
    function
        From unit directions (*d, 3) to values (*d).
    largest
        Maximum, or minimum.
    limit
        Most directions given. An extremum that fills a line (as the equator of a hexagonal
        crystal) yields this many at most, spread along it.

    Returns
    -------
    value, and directions (k, 3), unit vectors.
    """
    sign = 1.0 if largest else -1.0
    grid = sphere_grid(61, 121)
    values = sign * function(grid)
    directions = _refine(function, sign, grid[_local_maxima(values)])
    best = sign * function(directions)
    close = best >= best.max() - 1e-4 * max(float(np.ptp(values)), 1e-12 * abs(best.max()))
    kept = _distinct(directions[close], limit)
    return float(sign * best.max()), kept


def _local_maxima(values: Array) -> NDArray[np.bool_]:
    """Grid points no lower than their neighbours; the seam is periodic, a pole is one point."""
    padded = np.pad(values, ((1, 1), (0, 0)), constant_values=-np.inf)
    peak = np.ones(values.shape, bool)
    for shift in (-1, 1):
        # The first and the last column are the same meridian.
        open_ring = np.roll(values[:, :-1], shift, axis=1)
        closed = np.concatenate([open_ring, open_ring[:, :1]], axis=1)
        peak &= values >= closed - 1e-12 * np.abs(values)
        row = padded[1 + shift : 1 + shift + len(values)]
        peak &= values >= row - 1e-12 * np.abs(values)
    peak[:, -1] = False
    peak[[0, -1], 1:] = False
    return peak


def _refine(function: Callable[[Array], Array], sign: float, starts: Array) -> Array:
    """Pattern search on the sphere, all starts at once."""
    directions = starts
    step = np.radians(3.0)
    angles = np.arange(8) * np.pi / 4.0
    while step > np.radians(1e-3):
        helper = np.eye(3)[np.argmin(np.abs(directions), axis=-1)]
        first = np.cross(directions, helper)
        first /= np.linalg.norm(first, axis=-1, keepdims=True)
        second = np.cross(directions, first)
        ring = np.cos(angles)[:, None, None] * first + np.sin(angles)[:, None, None] * second
        trial = np.concatenate([directions[None], directions + np.tan(step) * ring])
        trial /= np.linalg.norm(trial, axis=-1, keepdims=True)
        winner = np.argmax(sign * function(trial), axis=0)
        directions = trial[winner, np.arange(len(directions))]
        step *= 0.6
    return directions


def _distinct(directions: Array, limit: int) -> Array:
    """Directions more than 4 degrees apart, at most `limit`."""
    kept: list[Array] = []
    for n in directions:
        if all(n @ other < np.cos(np.radians(4.0)) for other in kept):
            kept.append(n)
    if len(kept) > limit:
        chosen = np.linspace(0, len(kept) - 1, limit).round().astype(int)
        kept = [kept[i] for i in chosen]
    return np.array(kept)
