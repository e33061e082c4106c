"""How far an ensemble may be wrong: ranges that hold the truth for a stated share of crystals.

The members of an ensemble disagree by less than they err, since they share data and architecture.
Crystals that none of them has seen say what is missing (split conformal prediction: Lei et al.
2018, J. Am. Stat. Assoc. 113, 1094; Angelopoulos and Bates 2021, arXiv:2107.07511). The score of a
crystal with the modulus M is

    |ln M_true - ln M| / s,    s = sqrt(1 + (spread / e)^2) (M / 100 GPa)^-p,

in which s says how difficult the crystal is: where members disagree, and where it is soft. The two
numbers e and p are the likeliest if errors follow Laplace's distribution with a width in proportion
to s. The range is M exp(-q s) to M exp(q s), with q the quantile of the scores that a finite number
of crystals demands. Each crystal system has a q of its own, drawn towards that of all crystals the
more, the fewer of it there are; `benchmarks/learned.py` shows what each of these is worth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.errors import InputError
from cijkl.models.batches import MODULI

if TYPE_CHECKING:
    from cijkl.models.ensemble import Prediction

__all__ = ["Calibration", "Width", "fit"]

Array = NDArray[np.float64]
Systems = Sequence[str | None]

_BULK, _SHEAR = MODULI.index("K_VRH"), MODULI.index("G_VRH")
#: GPa, of the modulus for which the factor of softness is 1
_USUAL = 100.0
#: ln e and p before a crystal is seen: what is expected, and how firmly
_EXPECTED, _FIRMNESS = np.array([np.log(0.05), 0.0]), np.array([1.0, 0.3])
#: crystals of all systems that count beside those of one
_SHRINKAGE = 10.0
#: systems that share their quantile, since few crystals have them
_TOGETHER = frozenset(("monoclinic", "triclinic"))
#: share of a normal distribution within one standard deviation
_ONE_SIGMA = 0.6827
#: of the largest deviation of a tensor, below which a constant is taken for one that symmetry fixes
_FIXED = 1e-6


@dataclass(frozen=True)
class Width:
    """The range of one modulus.

    Parameters
    ----------
    disagreement
        e: the members' standard deviation of ln M that adds as much as is there without it.
    softness
        The exponent p.
    quantile
        q of a crystal of unknown system.
    by_system
        q of each crystal system.
    """

    disagreement: float
    softness: float
    quantile: float
    by_system: Mapping[str, float]

    def difficulty(self, modulus: Array, spread: Array) -> Array:
        """s of crystals (b,): modulus in GPa, and the members' deviation of its logarithm."""
        return _difficulty(np.array([np.log(self.disagreement), self.softness]), modulus, spread)

    def quantiles(self, systems: Systems | None, count: int) -> Array:
        """q of crystals (b,) by their systems."""
        if systems is None:
            return np.full(count, self.quantile)
        return np.array([self.by_system.get(name or "", self.quantile) for name in systems])


@dataclass(frozen=True)
class Calibration:
    """What an ensemble's disagreement means.

    Parameters
    ----------
    level
        Share of crystals like those of the calibration whose modulus is within its range.
    bulk, shear
        The ranges of K_VRH and G_VRH.
    deviation_factor
        Times the members' standard deviation of a constant of the tensor is one that holds 68 % of
        the errors; 1 where no tensor was known.
    crystals, tensors
        How many it was fitted to.
    """

    level: float
    bulk: Width
    shear: Width
    deviation_factor: float
    crystals: int
    tensors: int

    def ranges(
        self, moduli: ArrayLike, spread: ArrayLike, systems: Systems | None = None
    ) -> tuple[Array, Array]:
        """Lower and upper ends of the ranges of K_VRH and G_VRH, GPa, each (b, 2).

        Parameters
        ----------
        moduli, spread
            Of a `Prediction`: (b, 6), GPa, in the order of `batches.MODULI`, and (b, 2).
        systems
            Crystal system of each, such as ``cubic``; None where it is not known.
        """
        moduli, spread = np.asarray(moduli, float), np.asarray(spread, float)
        reach = np.stack(
            [
                width.quantiles(systems, len(moduli))
                * width.difficulty(moduli[:, column], spread[:, number])
                for number, (width, column) in enumerate(((self.bulk, _BULK), (self.shear, _SHEAR)))
            ],
            1,
        )
        centre = moduli[:, [_BULK, _SHEAR]]
        return centre * np.exp(-reach), centre * np.exp(reach)

    def half_widths(
        self, moduli: ArrayLike, spread: ArrayLike, systems: Systems | None = None
    ) -> Array:
        """Half widths of the ranges of K_VRH and G_VRH, GPa, (b, 2).

        The ranges are symmetric about the logarithm; half of upper end minus lower end is given.
        Arguments are those of `ranges`.
        """
        low, high = self.ranges(moduli, spread, systems)
        return 0.5 * (high - low)

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers and names, for JSON."""
        return asdict(self)

    @classmethod
    def load(cls, content: Mapping[str, Any]) -> Calibration:
        """The calibration of `as_dict`.

        Raises
        ------
        InputError
            If the content is another.
        """
        try:
            values = {**content, **{k: Width(**content[k]) for k in ("bulk", "shear")}}
            return cls(**values)
        except (KeyError, TypeError) as error:
            raise InputError(f"no calibration of a model: {error}") from None


def fit(
    truth: ArrayLike,
    prediction: Prediction,
    systems: Systems | None = None,
    level: float = 0.9,
    stiffness: ArrayLike | None = None,
) -> Calibration:
    """Calibrate an ensemble on crystals that none of its members was trained on.

    Parameters
    ----------
    truth
        (n, 2): K_VRH and G_VRH, GPa; NaN where unknown.
    prediction
        What the ensemble says of the same crystals.
    systems
        Crystal system of each.
    level
        Share of crystals that the ranges shall hold.
    stiffness
        (n, 6, 6), Voigt, GPa, in the axes of the prediction; NaN where unknown.

    Raises
    ------
    InputError
        If there are too few crystals for the level.
    """
    truth = np.asarray(truth, float)
    names: list[str | None] = [None] * len(truth) if systems is None else list(systems)
    bulk, shear = (
        _width(
            truth[:, number],
            prediction.moduli[:, column],
            prediction.spread[:, number],
            names,
            level,
        )
        for number, column in enumerate((_BULK, _SHEAR))
    )
    factor, tensors = 1.0, 0
    if stiffness is not None:
        factor, tensors = _deviation_factor(np.asarray(stiffness, float), prediction)
    crystals = int(np.isfinite(truth).any(1).sum())
    return Calibration(level, bulk, shear, factor, crystals, tensors)


def _width(
    truth: Array, modulus: Array, spread: Array, names: list[str | None], level: float
) -> Width:
    known = np.flatnonzero(np.isfinite(truth))
    least = int(np.ceil(level / (1.0 - level) - 1e-9))
    if len(known) < least:
        raise InputError(
            f"{len(known)} crystals cannot calibrate ranges for {100 * level:g} %; at least "
            f"{least} are needed"
        )
    truth, modulus, spread = (values[known] for values in (truth, modulus, spread))
    errors = np.abs(np.log(truth / modulus))
    shape = _likeliest(errors, modulus, spread)
    scores = errors / _difficulty(shape, modulus, spread)
    kept = np.array([names[i] or "" for i in known])
    by_system = {
        name: _shrunk_quantile(scores, np.isin(kept, family), level)
        for family in _families(kept)
        for name in family
    }
    return Width(
        disagreement=float(np.exp(shape[0])),
        softness=float(shape[1]),
        quantile=_quantile(scores, np.ones(len(scores)), level),
        by_system=by_system,
    )


def _families(names: NDArray[np.str_]) -> list[list[str]]:
    """Systems among the names, those together that share a quantile."""
    present = {str(name) for name in names} - {""}
    families = [[name] for name in sorted(present - _TOGETHER)]
    return [*families, sorted(_TOGETHER)] if present & _TOGETHER else families


def _difficulty(shape: Array, modulus: Array, spread: Array) -> Array:
    """s for ln e and p."""
    disagreement = np.sqrt(1.0 + (spread / np.exp(shape[0])) ** 2)
    return np.asarray(disagreement * (modulus / _USUAL) ** -shape[1])


def _likeliest(errors: Array, modulus: Array, spread: Array) -> Array:
    """ln e and p of greatest posterior probability, with the width of the errors fitted too."""
    from scipy.optimize import minimize

    def surprise(shape: Array) -> float:
        scale = _difficulty(shape, modulus, spread)
        likelihood = len(errors) * np.log((errors / scale).mean()) + np.log(scale).sum()
        return float(likelihood + 0.5 * (((shape - _EXPECTED) / _FIRMNESS) ** 2).sum())

    # the default steps are in proportion to the start, and from p = 0 none is made
    corners = _EXPECTED + np.vstack([np.zeros(2), np.diag(_FIRMNESS)])
    found = minimize(
        surprise,
        _EXPECTED,
        method="Nelder-Mead",
        options={"initial_simplex": corners, "xatol": 1e-4, "fatol": 1e-4},
    )
    return np.asarray(found.x)


def _shrunk_quantile(scores: Array, own: NDArray[np.bool_], level: float) -> float:
    """Quantile of some scores, to which all others are added with little weight."""
    return _quantile(scores, own.astype(float) + _SHRINKAGE / len(scores), level)


def _quantile(scores: Array, weights: Array, level: float) -> float:
    """Smallest score with at least `level` of the weight, were the next score infinite."""
    order = np.argsort(scores)
    reached = np.cumsum(weights[order]) / (weights.sum() + 1.0)
    place = min(int(np.searchsorted(reached, level - 1e-12)), len(scores) - 1)
    return float(scores[order[place]])


def _deviation_factor(stiffness: Array, prediction: Prediction) -> tuple[float, int]:
    """How many times the members' deviations hold 68 % of the errors, and of how many tensors.

    Every tensor counts the same, whatever the number of constants that its symmetry leaves free.
    """
    rows, columns = np.triu_indices(6)
    known = np.isfinite(stiffness).all((1, 2))
    errors = np.abs(stiffness - prediction.stiffness)[known][:, rows, columns]
    deviations = prediction.deviation[known][:, rows, columns]
    free = deviations > _FIXED * deviations.max(1, initial=0.0, keepdims=True)
    if not free.any():
        return 1.0, 0
    weights = free / np.maximum(free.sum(1, keepdims=True), 1)
    ratios = errors[free] / deviations[free]
    order = np.argsort(ratios)
    reached = np.cumsum(weights[free][order]) / weights.sum()
    return float(ratios[order][np.searchsorted(reached, _ONE_SIGMA)]), int(free.any(1).sum())
