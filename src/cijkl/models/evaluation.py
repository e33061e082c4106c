"""How well predicted moduli and tensors agree with known ones.

All in GPa, except what is called log10.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.averages import youngs_from_bulk_shear
from cijkl.elasticity.tensor import ElasticTensor
from cijkl.errors import InputError

if TYPE_CHECKING:
    from cijkl.datasets import Example

__all__ = [
    "SYSTEMS",
    "Comparison",
    "by_system",
    "compare",
    "coverage",
    "metrics",
    "summary",
    "tensor_metrics",
]

Array = NDArray[np.float64]

#: from most to least symmetric
SYSTEMS = (
    "cubic",
    "hexagonal",
    "trigonal",
    "tetragonal",
    "orthorhombic",
    "monoclinic",
    "triclinic",
)
_UPPER = np.triu_indices(6)
#: share of crystals that the ranges of predictions promise to hold
_LEVEL = 0.9


@dataclass(frozen=True, eq=False)
class Comparison:
    """Known and predicted properties of the same n crystals, NaN where there is none.

    Parameters
    ----------
    ids, systems
        Of the crystals, and their crystal systems.
    truth, prediction
        Hill's K and G and the E that follows from them, (n), GPa.
    stiffness, predicted_stiffness
        (n, 6, 6), Voigt, GPa, in the same frame.
    half_width
        Of the 90 % ranges of K and G, (n), GPa; empty if no prediction has them.
    missing
        Ids of known crystals without a prediction.
    """

    ids: list[str]
    systems: list[str]
    truth: dict[str, Array]
    prediction: dict[str, Array]
    stiffness: Array
    predicted_stiffness: Array
    half_width: dict[str, Array]
    missing: list[str]

    def __len__(self) -> int:
        return len(self.ids)


def metrics(truth: ArrayLike, prediction: ArrayLike) -> dict[str, float | None]:
    """Errors of predictions; pairs of which one is not finite are left out.

    Parameters
    ----------
    truth, prediction
        (n), of the same unit.

    Returns
    -------
    ``count``; ``mae``, mean absolute error, and ``rmse``, of the unit; ``r2``, coefficient of
    determination; ``mae_over_mad``, the mean absolute error over the mean absolute deviation of the
    truth from its mean, 1 for a model that always says the mean; ``median_relative_error``. None
    where it is not determined.

    Examples
    --------
    >>> metrics([100.0, 200.0], [110.0, 200.0])["mae"]
    5.0
    """
    known, said = np.asarray(truth, float), np.asarray(prediction, float)
    both = np.isfinite(known) & np.isfinite(said)
    known, said = known[both], said[both]
    result: dict[str, float | None] = dict.fromkeys(
        ("mae", "rmse", "r2", "mae_over_mad", "median_relative_error")
    )
    if len(known):
        error = np.abs(said - known)
        centred = known - known.mean()
        result["mae"] = float(error.mean())
        result["rmse"] = float(np.sqrt((error**2).mean()))
        if np.ptp(known) > 0.0:
            result["r2"] = float(1.0 - (error**2).sum() / (centred**2).sum())
            result["mae_over_mad"] = float(error.mean() / np.abs(centred).mean())
        if (known != 0.0).all():
            result["median_relative_error"] = float(np.median(error / np.abs(known)))
    return {"count": len(known), **result}


def tensor_metrics(truth: ArrayLike, prediction: ArrayLike) -> dict[str, Any]:
    """Errors of predicted stiffnesses; tensors with a NaN are left out.

    Parameters
    ----------
    truth, prediction
        (n, 6, 6), Voigt, GPa, in the same frame.

    Returns
    -------
    ``C``, `metrics` of the 21 constants of all crystals together; ``E_max``, of the largest Young's
    modulus over all directions, and ``ln_E_max``, of its natural logarithm, both where known and
    predicted tensor are stable; ``count``, the tensors, and ``unstable``, how many of those
    predicted are not positive definite.
    """
    known, said = _tensors(truth), _tensors(prediction)
    both = np.isfinite(known).all((1, 2)) & np.isfinite(said).all((1, 2))
    known, said = known[both], said[both]
    unstable = ~_stable(said)
    fair = _stable(known) & ~unstable
    largest = [_largest_youngs(c[fair]) for c in (known, said)]
    constants = metrics(known[:, *_UPPER].ravel(), said[:, *_UPPER].ravel())
    return {
        "count": len(known),
        "unstable": int(unstable.sum()),
        "C": {**constants, "median_relative_error": None},
        "E_max": metrics(*largest),
        "ln_E_max": {**metrics(*map(np.log, largest)), "median_relative_error": None},
    }


def coverage(truth: ArrayLike, prediction: ArrayLike, half_width: ArrayLike) -> float | None:
    """Share of crystals whose truth lies within the half width of the prediction."""
    known, said, width = (np.asarray(a, float) for a in (truth, prediction, half_width))
    given = np.isfinite(known) & np.isfinite(said) & np.isfinite(width)
    if not given.any():
        return None
    return float((np.abs(said - known)[given] <= width[given]).mean())


def by_system(
    truth: ArrayLike, prediction: ArrayLike, systems: Sequence[str]
) -> dict[str, dict[str, float | None]]:
    """`metrics` of all crystals, and of each crystal system that is there.

    Parameters
    ----------
    truth, prediction
        (n), or (n, ...) to count all values of a crystal.
    systems
        (n), names as in `SYSTEMS`.
    """
    known, said = np.asarray(truth, float), np.asarray(prediction, float)
    result = {"all": metrics(known.ravel(), said.ravel())}
    for name, rows in _parts(systems):
        result[name] = metrics(known[rows].ravel(), said[rows].ravel())
    return result


def compare(
    examples: Sequence[Example],
    records: Iterable[Mapping[str, Any]],
) -> Comparison:
    """Put known and predicted properties side by side.

    Parameters
    ----------
    examples
        What is known.
    records
        Results, as of `cijkl.predict` or `cijkl.compute`; they belong to the example of their id.
        A tensor in another frame than that of the atoms is not compared.

    Raises
    ------
    InputError
        If no id is in both.
    """
    from cijkl.datasets import known_moduli

    found = {str(record["id"]): record for record in records}
    known = [example for example in examples if example.id in found]
    if not known:
        raise InputError("no result has the id of a crystal of the dataset")
    moduli = [known_moduli(example) for example in known]
    answers = [found[example.id] for example in known]
    truth = {
        letter: np.array([values.get(f"{letter}_VRH", np.nan) for values in moduli])
        for letter in "KG"
    }
    prediction = {letter: np.array([_modulus(a, letter) for a in answers]) for letter in "KG"}
    for values in (truth, prediction):
        values["E"] = youngs_from_bulk_shear(values["K"], values["G"])
    widths = {letter: np.array([_half_width(a, letter) for a in answers]) for letter in "KG"}
    nothing = np.full((6, 6), np.nan)
    return Comparison(
        ids=[example.id for example in known],
        systems=[_system(e, a) for e, a in zip(known, answers, strict=True)],
        truth=truth,
        prediction=prediction,
        stiffness=np.array([nothing if e.stiffness is None else e.stiffness for e in known]),
        predicted_stiffness=np.array([_tensor(a) for a in answers]),
        half_width={k: w for k, w in widths.items() if np.isfinite(w).any()},
        missing=[example.id for example in examples if example.id not in found],
    )


def summary(comparison: Comparison) -> dict[str, Any]:
    """Give all errors, of all crystals (``all``) and by crystal system.

    Returns
    -------
    For each of them ``K``, ``G``, ``E`` (GPa), ``log10_K``, ``log10_G``, and, where tensors are
    known, those of `tensor_metrics`; and ``coverage`` of the 90 % ranges of K and G if there are
    such. ``missing`` counts crystals without a prediction, ``unstable`` those whose predicted
    tensor is not positive definite, so that they have no moduli.
    """
    whole = np.ones(len(comparison), bool)
    parts = [("all", whole), *_parts(comparison.systems)]
    answers = comparison.predicted_stiffness
    given = np.isfinite(answers).all((1, 2))
    return {
        "crystals": len(comparison),
        "missing": len(comparison.missing),
        "unstable": int((~_stable(answers[given])).sum()),
        "errors": {name: _errors(comparison, rows) for name, rows in parts},
    }


def _errors(comparison: Comparison, rows: NDArray[np.bool_]) -> dict[str, Any]:
    truth = {k: v[rows] for k, v in comparison.truth.items()}
    prediction = {k: v[rows] for k, v in comparison.prediction.items()}
    result: dict[str, Any] = {name: metrics(truth[name], prediction[name]) for name in truth}
    for letter in "KG":
        logs = metrics(np.log10(truth[letter]), np.log10(prediction[letter]))
        result[f"log10_{letter}"] = {**logs, "median_relative_error": None}
    tensors = comparison.stiffness[rows], comparison.predicted_stiffness[rows]
    if (np.isfinite(tensors[0]) & np.isfinite(tensors[1])).all((1, 2)).any():
        result["tensor"] = tensor_metrics(*tensors)
    if comparison.half_width:
        result["coverage"] = {
            "level": _LEVEL,
            **{
                letter: coverage(truth[letter], prediction[letter], width[rows])
                for letter, width in comparison.half_width.items()
            },
        }
    return result


def _parts(systems: Sequence[str]) -> list[tuple[str, NDArray[np.bool_]]]:
    names = np.asarray(systems, dtype=str)
    return [(name, names == name) for name in SYSTEMS if (names == name).any()]


def _tensors(values: ArrayLike) -> Array:
    return np.asarray(values, float).reshape(-1, 6, 6)


def _stable(stiffness: Array) -> NDArray[np.bool_]:
    if not len(stiffness):
        return np.empty(0, bool)
    return np.asarray(ElasticTensor(stiffness).is_stable(), np.bool_)


def _largest_youngs(stiffness: Array) -> Array:
    """Over all directions, of stable tensors."""
    if not len(stiffness):
        return np.empty(0)
    return ElasticTensor(stiffness).extrema("E").max.value


def _modulus(record: Mapping[str, Any], letter: str) -> float:
    moduli = record.get("moduli")
    value = None if not moduli else moduli[letter]["hill"]
    return np.nan if value is None or not value > 0.0 else float(value)


def _half_width(record: Mapping[str, Any], letter: str) -> float:
    value = (record.get("uncertainty") or {}).get(f"{letter}_90")
    return np.nan if value is None else float(value)


def _tensor(record: Mapping[str, Any]) -> Array:
    if record.get("C") is None or record.get("frame", "input") != "input":
        return np.full((6, 6), np.nan)
    return np.asarray(record["C"], float)


def _system(example: Example, record: Mapping[str, Any]) -> str:
    structure = record.get("structure")
    if structure and structure.get("crystal_system"):
        return str(structure["crystal_system"])
    from cijkl.structures.spacegroup import symmetry

    return symmetry(example.crystal.atoms).crystal_system
