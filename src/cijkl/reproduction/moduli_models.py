"""CGCNN against five regressions without a graph, on one split: figures 2 and 3 of Liu 2025.

What the texts at hand say of the paper: the 10,987 crystals of Matbench, drawn at random into
parts; CGCNN with Adam and a rate of 1e-3; mean absolute errors below 13 GPa with a coefficient of
determination close to 1 (abstract, arXiv:2511.04468). How large the parts were, the epochs, and
the settings of the regressions are not known here, so those are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.models.evaluation import metrics
from cijkl.models.peers.baselines import KINDS, Baseline, Kind
from cijkl.models.training.config import TrainingConfig
from cijkl.reproduction.moduli_data import Target, crystals_with, graphs_of, known_modulus
from cijkl.reproduction.outcome import Outcome, Request, Table, beside, read_printed
from cijkl.reproduction.parts import PARTS, SPLIT_SEED, parts, parts_table
from cijkl.reproduction.run_folders import run_folder

if TYPE_CHECKING:
    from cijkl.models.training.data import LabelledGraphs

__all__ = ["LABELS", "QUANTITIES", "Judged", "moduli_outcome", "recipe"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: names of the regressions
LABELS: Mapping[Kind, str] = {
    "random_forest": "random forest",
    "xgboost": "XGBoost",
    "svr": "SVR",
    "gradient_boosting": "gradient boosting",
    "decision_tree": "decision tree",
}
#: rows of the table, and of what is printed
QUANTITIES = tuple(f"{error} {part}" for error in ("MAE", "R2") for part in PARTS)
#: the public datasets, by modulus
_PUBLIC = {"K": "matbench_log_kvrh", "G": "matbench_log_gvrh"}
_EPOCHS = 100


@dataclass(frozen=True, eq=False)
class Judged:
    """What six models say of n crystals.

    Parameters
    ----------
    ids, systems
        Of the crystals, and their crystal systems.
    truth
        (n), GPa.
    parts
        Which crystals are for training, validation and test.
    said
        (n), GPa, of each model by its name.
    """

    ids: list[str]
    systems: list[str]
    truth: Array
    parts: Mapping[str, Mask]
    said: Mapping[str, Array]


def moduli_outcome(request: Request, name: str, title: str, target: Target) -> Outcome:
    """Train six models on one split and give their errors on its three parts.

    Parameters
    ----------
    request
        Its ``data`` are labelled crystals, by default the public ones of Matbench; its ``out``
        keeps the training of CGCNN, which is taken up there.
    name, title
        Of the outcome.
    target
        The modulus.

    Raises
    ------
    InputError
        If the data cannot be read or downloaded, or are too few.
    """
    from cijkl.reproduction.moduli_figures import figures

    config = recipe(target, request)
    examples, table = crystals_with(config.data[0], target)
    graphs, kept = graphs_of(examples, config)
    examples, table = [examples[row] for row in kept], table[kept]
    formulas = [example.formula for example in examples]
    found = parts(formulas, request.split)
    truth = np.array([known_modulus(example, target) for example in examples])
    said = {"CGCNN": _by_network(graphs, found, config, request)}
    for kind in KINDS:
        learned = found["training"]
        baseline = Baseline(kind, target).fit(table[learned], truth[learned])
        said[LABELS[kind]] = baseline.predict(table)
    judged = Judged([example.id for example in examples], _systems(table[:, 3]), truth, found, said)
    printed = None if request.printed is None else read_printed(request.printed, QUANTITIES)
    tables = (
        _errors(f"{target} (Hill): mean absolute error, GPa, and R2", judged, printed),
        _errors(f"log10 {target}: mean absolute error and R2", judged, None, logarithmic=True),
        parts_table(formulas, found),
    )
    notes = _notes(request, config, judged)
    return Outcome(name, title, tables, tuple(notes), figures(judged, target))


def recipe(target: Target, request: Request) -> TrainingConfig:
    """Give the training of CGCNN: Adam with a constant rate of 1e-3, as the paper has it."""
    data = _PUBLIC[target] if request.data is None else str(request.data)
    epochs = request.epochs or _EPOCHS
    return TrainingConfig(
        network="cgcnn",
        settings={"target": target},
        data=(data,),
        folds=10,
        fold=1,
        reserved=0,
        split_seed=SPLIT_SEED,
        epochs=epochs,
        patience=epochs,
        batch_size=128,
        learning_rate=1e-3,
        warmup=0.0,
        # a share of less than one is asked for
        final_rate=0.999,
        weight_decay=0.0,
        clip=0.0,
        average=0.0,
    )


def _by_network(
    graphs: LabelledGraphs, found: Mapping[str, Mask], config: TrainingConfig, request: Request
) -> Array:
    """What CGCNN, trained on the first part, says of all crystals, GPa."""
    import torch

    from cijkl.models.batches import MODULI
    from cijkl.models.training.data import batches
    from cijkl.reproduction.training_run import train_on

    target = str(config.settings["target"])
    with run_folder(request, f"cgcnn-{target}-{request.split}") as folder:
        learned, judged = (graphs.subset(found[part]) for part in PARTS[:2])
        network = train_on(config, learned, judged, folder, quiet=request.quiet)
    column = MODULI.index(f"{target}_VRH")
    with torch.no_grad():
        logs = [network(batch).log10_moduli[:, column] for batch, _ in batches(graphs, 256)]
    return np.asarray(10.0 ** torch.cat(logs).double().numpy())


def _systems(numbers: Array) -> list[str]:
    from cijkl.structures.groups import crystal_system

    return [crystal_system(int(number)) for number in numbers]


def _errors(
    title: str,
    judged: Judged,
    printed: Mapping[str, Mapping[str, float]] | None,
    *,
    logarithmic: bool = False,
) -> Table:
    ours = {}
    for label, said in judged.said.items():
        pairs = [(judged.truth[mine], said[mine]) for mine in judged.parts.values()]
        if logarithmic:
            pairs = [(np.log10(a), np.log10(b)) for a, b in pairs]
        every = [metrics(*pair) for pair in pairs]
        ours[label] = [_number(e[key]) for key in ("mae", "r2") for e in every]
    return beside(title, QUANTITIES, ours, printed, 4 if logarithmic else 3)


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _notes(request: Request, config: TrainingConfig, judged: Judged) -> list[str]:
    sizes = " : ".join(str(int(mine.sum())) for mine in judged.parts.values())
    notes = [
        f"{len(judged.truth)} crystals, parted {sizes}. The paper has the 10,987 of Matbench; how "
        "it shared them out is not known here."
    ]
    if request.split == "formula":
        notes.append(
            "No formula is in two parts. The paper draws crystals at random, as --split random: "
            "other forms of a tested compound are then learned from, and errors come out smaller."
        )
    else:
        notes.append(
            "Crystals are drawn at random, as in the paper: other forms of a tested compound are "
            "learned from, see the table of the parts; --split formula keeps them apart."
        )
    notes.append(
        f"CGCNN: {config.epochs} epochs, the best one by the validation part is kept; Adam, rate "
        "1e-3, loss of log10. The regressions learn from the training part alone, and their "
        "settings, which are ours, are those of cijkl.models.peers.baselines."
    )
    if request.printed is None:
        notes.append(
            "Of the printed numbers only those of the abstract (arXiv:2511.04468) are known here: "
            "an error below 13 GPa and R2 close to 1 for CGCNN, without a word on which part. "
            "--printed FILE, a CSV quantity,METHOD,..., sets the others beside ours."
        )
    return notes
