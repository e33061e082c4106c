"""What DFT would say, given what a potential says: corrected moduli with their range.

Potentials trained on relaxations know the energy near its minima and are too soft in shear, all in
the same direction. Three numbers for each modulus, fitted to crystals whose moduli are known from
DFT, remove most of it:

    ln K' = a + b ln K + c ln G,    ln G' = a' + b' ln K + c' ln G.

The tensor follows as C' = exp(ln C + k P_0 + g P_1), in Mandel form, with k and g the changes of
ln K and ln G, and P_0, P_1 the projectors on volume and shape: symmetry and positive eigenvalues
stay. The range holds the stated share of crystals that the fit had not seen (split conformal
prediction, Lei et al. 2018, J. Am. Stat. Assoc. 113, 1094). `benchmarks/calibration.py` makes
``calibration.json`` and checks both on further crystals.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.averages import average_bulk, average_shear
from cijkl.elasticity.notation import mandel_to_voigt, voigt_to_mandel

__all__ = ["Calibration", "Expectation", "calibration_of"]

Array = NDArray[np.float64]

_VOLUME = np.zeros((6, 6))
_VOLUME[:3, :3] = 1.0 / 3.0
_SHAPE = np.eye(6) - _VOLUME


@dataclass(frozen=True, eq=False)
class Expectation:
    """What DFT is expected to give for one crystal.

    Parameters
    ----------
    bulk, shear
        Hill moduli, GPa.
    bulk_range, shear_range
        (low, high), GPa, that hold DFT's value for the share `level` of crystals.
    level
        Between 0 and 1.
    stiffness
        (6, 6), Voigt, GPa.
    """

    bulk: float
    shear: float
    bulk_range: tuple[float, float]
    shear_range: tuple[float, float]
    level: float
    stiffness: Array


@dataclass(frozen=True)
class Calibration:
    """The correction of one potential.

    Parameters
    ----------
    bulk, shear
        Coefficients of 1, ln K, ln G (K and G in GPa).
    bulk_spread, shear_spread
        Half the range, as a logarithm.
    level
        Share of unseen crystals within the range.
    crystals
        How many it was fitted to.
    reference
        Where their moduli are from.
    """

    bulk: tuple[float, float, float]
    shear: tuple[float, float, float]
    bulk_spread: float
    shear_spread: float
    level: float
    crystals: int
    reference: str

    def expect(self, stiffness: ArrayLike) -> Expectation:
        """What DFT is expected to give, from a potential's stable tensor (6, 6), Voigt, GPa."""
        known = float(average_bulk(stiffness)), float(average_shear(stiffness))
        row = np.array([1.0, *np.log(known)])
        logs = float(row @ self.bulk), float(row @ self.shear)
        values, vectors = np.linalg.eigh(voigt_to_mandel(stiffness))
        logarithm = (vectors * np.log(values)) @ vectors.T
        logarithm = logarithm + (logs[0] - row[1]) * _VOLUME + (logs[1] - row[2]) * _SHAPE
        values, vectors = np.linalg.eigh(logarithm)
        return Expectation(
            bulk=float(np.exp(logs[0])),
            shear=float(np.exp(logs[1])),
            bulk_range=_range(logs[0], self.bulk_spread),
            shear_range=_range(logs[1], self.shear_spread),
            level=self.level,
            stiffness=mandel_to_voigt((vectors * np.exp(values)) @ vectors.T),
        )


def calibration_of(potential: str) -> Calibration | None:
    """The correction of a potential by its name; None if it was never calibrated."""
    return _calibrations().get(potential)


@cache
def _calibrations() -> dict[str, Calibration]:
    text = files("cijkl.response").joinpath("calibration.json").read_text(encoding="utf-8")
    return {
        name: Calibration(
            bulk=tuple(entry["bulk"]),
            shear=tuple(entry["shear"]),
            bulk_spread=entry["bulk_spread"],
            shear_spread=entry["shear_spread"],
            level=entry["level"],
            crystals=entry["crystals"],
            reference=entry["reference"],
        )
        for name, entry in json.loads(text).items()
    }


def _range(logarithm: float, spread: float) -> tuple[float, float]:
    return float(np.exp(logarithm - spread)), float(np.exp(logarithm + spread))
