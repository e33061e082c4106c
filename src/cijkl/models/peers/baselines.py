"""Classical regressions of K or G on the six descriptors: what a graph network has to beat.

The five kinds are those of Liu et al., Acta Phys. Sin. 74, 120702 (2025); `HYPERPARAMETERS` are
ours.
"""

from __future__ import annotations

import json
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Self, get_args
from zipfile import BadZipFile

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.errors import InputError
from cijkl.models.peers.descriptors import DESCRIPTORS

__all__ = ["HYPERPARAMETERS", "KINDS", "Baseline", "Kind"]

Array = NDArray[np.float64]
Kind = Literal["random_forest", "xgboost", "svr", "gradient_boosting", "decision_tree"]

KINDS: tuple[Kind, ...] = get_args(Kind)

#: the rest are defaults of scikit-learn 1.9 and xgboost 3.2; `epsilon` is in log10 GPa
HYPERPARAMETERS: dict[Kind, dict[str, Any]] = {
    "random_forest": {"n_estimators": 200, "max_features": 1 / 3},
    "xgboost": {
        "n_estimators": 500,
        "max_depth": 6,
        "learning_rate": 0.05,
        "subsample": 0.8,
        "tree_method": "hist",
        "n_jobs": 1,
    },
    "svr": {"kernel": "rbf", "C": 10.0, "gamma": 0.5, "epsilon": 0.02},
    "gradient_boosting": {
        "n_estimators": 500,
        "max_depth": 6,
        "learning_rate": 0.05,
        "subsample": 0.8,
        "min_samples_leaf": 5,
    },
    "decision_tree": {"min_samples_leaf": 5},
}

_CLASSES: dict[Kind, tuple[str, str]] = {
    "random_forest": ("sklearn.ensemble", "RandomForestRegressor"),
    "xgboost": ("xgboost", "XGBRegressor"),
    "svr": ("sklearn.svm", "SVR"),
    "gradient_boosting": ("sklearn.ensemble", "GradientBoostingRegressor"),
    "decision_tree": ("sklearn.tree", "DecisionTreeRegressor"),
}
#: of the files that `Baseline.save` writes
_FORMAT = 1


class Baseline:
    """One regression of one modulus, learned in log10, given and answered in GPa.

    Parameters
    ----------
    kind
        One of `KINDS`.
    target
        ``K`` or ``G``: the modulus, for the record and against mistakes.
    seed
        Of what is random: trees, and samples of trees.

    Raises
    ------
    InputError
        If kind or target is none of these, or the library is not installed.
    """

    def __init__(self, kind: Kind, target: Literal["K", "G"], seed: int = 0) -> None:
        if kind not in KINDS:
            raise InputError(f"there is no baseline '{kind}'; there are {', '.join(KINDS)}")
        if target not in ("K", "G"):
            raise InputError(f"a baseline learns 'K' or 'G', not '{target}'")
        self.kind = kind
        self.target = target
        self.seed = seed
        self._regression = _regression(kind, seed)
        self._content: dict[str, NDArray[Any]] = {}

    def fit(self, descriptors: ArrayLike, moduli: ArrayLike) -> Self:
        """Learn from crystals.

        Parameters
        ----------
        descriptors
            (n, 6), of `descriptors.descriptors`.
        moduli
            GPa, (n,).

        Raises
        ------
        InputError
            If the shapes do not match, a number is not finite or a modulus not positive.
        """
        table = _checked(descriptors)
        values = np.asarray(moduli, dtype=np.float64)
        if not len(table) or values.shape != (len(table),):
            raise InputError(
                f"one modulus for each crystal is needed: {len(table)} crystals, "
                f"moduli of shape {values.shape}"
            )
        if not (np.isfinite(values).all() and (values > 0.0).all()):
            raise InputError("moduli must be positive numbers in GPa: their logarithm is learned")
        self._regression.fit(table, np.log10(values))
        if self.kind == "xgboost":
            trees = self._regression.get_booster().save_raw("json")
            self._content = {"trees": np.frombuffer(trees, np.uint8)}
        else:
            self._content = {"descriptors": table, "moduli": values}
        return self

    def predict(self, descriptors: ArrayLike) -> Array:
        """The modulus of crystals with descriptors (n, 6), GPa, (n,).

        Raises
        ------
        InputError
            If nothing was learned yet, or the table is no table of descriptors.
        """
        self._check_fitted()
        answer = self._regression.predict(_checked(descriptors))
        return np.asarray(10.0 ** np.asarray(answer, dtype=np.float64))

    def save(self, path: str | Path) -> None:
        """Write what is needed to have the same regression again, as an ``.npz`` without pickles.

        That is the trees in xgboost's own JSON, or the table it learned from: scikit-learn has no
        format of its own that is safe to open, so `load` learns again, which takes seconds.
        """
        self._check_fitted()
        about = {"format": _FORMAT, "kind": self.kind, "target": self.target, "seed": self.seed}
        with Path(path).open("wb") as file:
            note = np.array(json.dumps(about))
            np.savez_compressed(file, allow_pickle=False, about=note, **self._content)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """A baseline that `save` wrote.

        Where it learns again, other versions of scikit-learn may grow slightly different trees.

        Raises
        ------
        InputError
            If the file is not there or not of this kind.
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                content = {name: stored[name] for name in stored.files}
            about = json.loads(str(content.pop("about")))
            if about["format"] != _FORMAT:
                raise InputError(f"'{path}' has the format {about['format']}, not {_FORMAT}")
            baseline = cls(about["kind"], about["target"], int(about["seed"]))
            if baseline.kind != "xgboost":
                return baseline.fit(content["descriptors"], content["moduli"])
            baseline._regression.load_model(bytearray(content["trees"].tobytes()))
        except FileNotFoundError as error:
            raise InputError(f"there is no file '{path}'") from error
        except (AttributeError, KeyError, OSError, TypeError, ValueError, BadZipFile) as error:
            raise InputError(f"'{path}' is not a saved baseline") from error
        baseline._content = content
        return baseline

    def _check_fitted(self) -> None:
        if not self._content:
            raise InputError("this baseline has not learned anything yet: call fit first")


def _regression(kind: Kind, seed: int) -> Any:
    """The untrained regression."""
    module, name = _CLASSES[kind]
    # xgboost's regressor is one of scikit-learn's
    for library in ("sklearn", module.partition(".")[0]):
        if find_spec(library) is None:
            raise InputError(
                f"the baseline '{kind}' needs {library}; "
                "install it with: pip install 'cijkl[train]'"
            )
    regressor = getattr(import_module(module), name)
    settings = HYPERPARAMETERS[kind]
    if kind == "svr":
        # distances in the kernel mean nothing across units
        scaler = import_module("sklearn.preprocessing").StandardScaler()
        return import_module("sklearn.pipeline").make_pipeline(scaler, regressor(**settings))
    return regressor(**settings, random_state=seed)


def _checked(descriptors: ArrayLike) -> Array:
    table = np.asarray(descriptors, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != len(DESCRIPTORS):
        raise InputError(f"descriptors have the shape (n, {len(DESCRIPTORS)}), not {table.shape}")
    if not np.isfinite(table).all():
        raise InputError("a descriptor is not a finite number")
    return table
