"""What the benchmarks of learned models share: crystals, the fold kept for them, and networks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cijkl.datasets import Example, drop_layers, folds_by_formula, known_moduli, load_dataset
from cijkl.errors import InputError
from cijkl.models.ensemble import Ensemble
from cijkl.models.graphs import Graph, crystal_graph
from cijkl.models.training.data import merged
from cijkl.models.weights import load_network
from cijkl.structures import symmetry


@dataclass(frozen=True, eq=False)
class Labelled:
    """Crystals with graphs and labels, NaN where unknown.

    `truth` is (n, 2): K_VRH and G_VRH, GPa; `stiffness` (n, 6, 6), Voigt, GPa.
    """

    examples: list[Example]
    graphs: list[Graph]
    truth: np.ndarray
    stiffness: np.ndarray
    fold: np.ndarray

    def __len__(self):
        return len(self.examples)

    def of(self, rows):
        rows = np.flatnonzero(rows) if np.asarray(rows).dtype == bool else rows
        return Labelled(
            [self.examples[i] for i in rows],
            [self.graphs[i] for i in rows],
            self.truth[rows],
            self.stiffness[rows],
            self.fold[rows],
        )

    @property
    def atoms(self):
        return [example.crystal.atoms for example in self.examples]

    @property
    def formulas(self):
        return [example.formula for example in self.examples]

    def systems(self):
        return [symmetry(atoms).crystal_system for atoms in self.atoms]


def fold_options(parser):
    """The model, its data, and the fold of them that it has not seen."""
    parser.add_argument("--model", default="cijkl-1")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tensors", type=Path, required=True)
    parser.add_argument("--fold", type=int, default=11)
    parser.add_argument("--folds", type=int, default=12)
    parser.add_argument("--split-seed", type=int, default=7)


def labelled(paths, settings, folds, split_seed, learned=None, kept=()):
    """Crystals of some files, and their folds as the training of a model made them.

    `cijkl train` leaves layers in vacuum out before it splits, that of `cijkl-1` did not, and one
    crystal more moves all folds. Which split it was is known by the number of crystals `learned`
    from, outside the `kept` folds, that a card states; without it, it is that of `cijkl train`.
    """
    parts = [load_dataset(path) for path in paths]
    for some in ([drop_layers(part)[0] for part in parts], parts):
        found = with_folds(merged(some), settings, folds, split_seed)
        if learned is None or int((~np.isin(found.fold, kept)).sum()) == learned:
            return found
    raise SystemExit(
        f"no split into {folds} folds with seed {split_seed} leaves {learned} crystals to learn "
        "from, as the model's card says: these are other data, or another split"
    )


def with_folds(examples, settings, folds, split_seed):
    """Examples that have a graph, and their folds."""
    kept, graphs = [], []
    for example in examples:
        try:
            graphs.append(crystal_graph(example.crystal.atoms, settings))
        except InputError:
            continue
        kept.append(example)
    moduli = [known_moduli(example) for example in kept]
    unknown = np.full((6, 6), np.nan)
    return Labelled(
        kept,
        graphs,
        np.array([[m.get(name, np.nan) for name in ("K_VRH", "G_VRH")] for m in moduli]),
        np.array([unknown if e.stiffness is None else e.stiffness for e in kept]),
        folds_by_formula([example.formula for example in kept], folds, split_seed),
    )


def crystals_learned(paths):
    """The number that a card beside the weights states, or None."""
    cards = [path / "card.json" for path in map(Path, paths) if (path / "card.json").is_file()]
    stated = [json.loads(card.read_text("utf-8")).get("trained_on", {}) for card in cards]
    return stated[0].get("crystals") if stated else None


def members(paths):
    """Networks of files of weights, or of all such files in folders and their subfolders."""
    files = []
    for path in map(Path, paths):
        files += sorted(path.rglob("*.safetensors")) if path.is_dir() else [path]
    if not files:
        raise SystemExit(f"no weights in {', '.join(map(str, paths))}")
    return [load_network(file) for file in files]


def ensemble(paths):
    return Ensemble(members(paths))
