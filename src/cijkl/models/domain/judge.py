"""What a crystal looks like on the whole: real, or made up.

A crystal may be unusual in several ways at once and in none of them enough. Two dozen numbers
describe it: its strain and volume, and of its atoms' distances, coordination, lopsidedness,
contacts and unevenness the mean, the extremes and the standard deviation. Boosted trees, which have
seen real crystals and made-up ones (see `made_up`), weigh them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.errors import MissingPackageError
from cijkl.models.domain.shells import Shells
from cijkl.models.domain.usual_sizes import Room
from cijkl.models.domain.usual_surroundings import Neighbourhood

__all__ = ["Judge", "described", "learn_judge"]

Array = NDArray[np.float64]

#: of scikit-learn's gradient boosting
_BOOSTING: dict[str, Any] = {
    "n_estimators": 200,
    "max_leaf_nodes": 24,
    "max_depth": None,
    "learning_rate": 0.1,
    "subsample": 0.5,
    "min_samples_leaf": 20,
    "random_state": 0,
}


def described(shells: Shells, strain: float, room: Room, around: Neighbourhood) -> Array:
    """The 24 numbers of one crystal."""
    count, kinds = len(shells.elements), len(np.unique(shells.elements))
    found = [strain, room.volume, np.log(count), float(kinds)]
    around_atoms = (around.crowding, around.lopsidedness, around.contacts, shells.unevenness)
    for each in (room.lengths, *around_atoms):
        found += [each.mean(), each.min(), each.max(), each.std()]
    return np.array(found)


@dataclass(frozen=True, eq=False)
class Judge:
    """Boosted trees of t trees with at most n nodes each.

    Parameters
    ----------
    feature, threshold
        (t, n): at each node, which number goes left if it is not larger than what; -1 for a leaf.
    left, right
        (t, n): the nodes after it.
    value
        (t, n): what a leaf adds to ln p / (1 - p), where p is how sure the trees are.
    start
        That before the first tree.
    limit
        Above which a crystal looks made up.
    """

    feature: NDArray[np.int64]
    threshold: Array
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: Array
    start: float
    limit: float

    def score(self, numbers: ArrayLike) -> Array:
        """ln p / (1 - p) of being made up, of crystals described by (m, 24), (m,)."""
        table = np.asarray(numbers, dtype=np.float32)
        trees, crystals = np.arange(len(self.feature)), np.arange(len(table))[:, None]
        node = np.zeros((len(table), len(trees)), np.int64)
        while True:
            feature = self.feature[trees, node]
            if (feature < 0).all():
                return np.asarray(self.start + self.value[trees, node].sum(1))
            small = table[crystals, np.maximum(feature, 0)] <= self.threshold[trees, node]
            below = np.where(small, self.left[trees, node], self.right[trees, node])
            node = np.where(feature < 0, node, below)

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers, for JSON."""
        plain = {
            field.name: np.asarray(getattr(self, field.name)).tolist() for field in fields(self)
        }
        for name in ("threshold", "value"):
            plain[name] = [[float(f"{v:.6g}") for v in row] for row in plain[name]]
        return plain

    @classmethod
    def load(cls, content: Mapping[str, Any]) -> Judge:
        """The judge of `as_dict`."""
        whole = {k: np.array(content[k], np.int64) for k in ("feature", "left", "right")}
        real = {k: np.array(content[k], float) for k in ("threshold", "value")}
        found: dict[str, Any] = {**whole, **real}
        return cls(**found, start=float(content["start"]), limit=float(content["limit"]))


def learn_judge(real: Sequence[Array], foreign: Sequence[Array], share: float) -> Judge:
    """Learn to tell crystals from made-up ones.

    Parameters
    ----------
    real, foreign
        Numbers (24,) of each.
    share
        Of the real ones that may look made up, to trees that have not learned from them.

    Raises
    ------
    MissingPackageError
        scikit-learn is not installed.
    """
    table = np.concatenate([real, foreign]).astype(np.float32)
    kind = np.repeat([0, 1], [len(real), len(foreign)])
    part = np.random.default_rng(0).integers(0, 3, len(kind))
    unseen = np.empty(len(kind))
    for k in range(3):
        unseen[part == k] = _boosted(table[part != k], kind[part != k]).score(table[part == k])
    found = _boosted(table, kind)
    limit = float(np.quantile(unseen[kind == 0], 1.0 - share))
    return Judge(**{**vars(found), "limit": round(limit, 3)})


def _boosted(table: NDArray[np.float32], kind: NDArray[np.int64]) -> Judge:
    try:
        from sklearn.ensemble import GradientBoostingClassifier
    except ImportError:
        raise MissingPackageError(
            "a domain of crystals needs scikit-learn: pip install 'cijkl[train]'"
        ) from None
    fitted = GradientBoostingClassifier(**_BOOSTING).fit(table, kind)
    trees = [each.tree_ for each in fitted.estimators_[:, 0]]
    most = max(tree.node_count for tree in trees)

    def padded(rows: list[Any], fill: float) -> NDArray[Any]:
        return np.stack([np.pad(row, (0, most - len(row)), constant_values=fill) for row in rows])

    share = float(kind.mean())
    rate = _BOOSTING["learning_rate"]
    return Judge(
        feature=padded([np.where(t.children_left < 0, -1, t.feature) for t in trees], -1),
        threshold=padded([t.threshold for t in trees], 0.0),
        left=padded([t.children_left for t in trees], -1),
        right=padded([t.children_right for t in trees], -1),
        value=padded([rate * t.value[:, 0, 0] for t in trees], 0.0),
        start=float(np.log(share / (1.0 - share))),
        limit=np.inf,
    )
