"""How far networks err on chemistry that they never saw: folds, element groups, clusters.

    python benchmarks/unseen.py --data mp_moduli.jsonl.gz --tensors mp_tensors.jsonl.gz --out runs

For each part of the data a network of the default kind is trained from nothing on all other
crystals, of the data's own labels only, for so many epochs as are given, and judged on the part.
Nothing is chosen by that part: the weights are those of the last epoch. Parts are five folds by
formula, the crystals with an element of a group, and clusters of similar composition and density;
beside it stands XGBoost on six descriptors, that learned from the same crystals.

What is done is kept under `--out` and not done again; `--share 0/2` and `--share 1/2` are the two
halves of the work, for two processes. A part with fewer than `--least` crystals is left out.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import lightning
import numpy as np
import torch
from _learned import Labelled, with_folds

from cijkl.datasets import drop_layers, leave_cluster_out, leave_element_group_out, load_dataset
from cijkl.models.ensemble import Ensemble
from cijkl.models.networks import build
from cijkl.models.peers.baselines import Baseline
from cijkl.models.peers.descriptors import descriptors
from cijkl.models.targets import stack, targets_of
from cijkl.models.training.config import TrainingConfig
from cijkl.models.training.data import LabelledGraphs, merged
from cijkl.models.training.epochs import kept_state
from cijkl.models.training.loop import fit

#: crystals of the part whose error the log shows
SHOWN = 64


def main():
    arguments = options()
    torch.set_num_threads(1)
    network = build("log_stiffness", {"dropout": 0.1})
    files = [arguments.data, arguments.tensors]
    examples = merged([drop_layers(load_dataset(path))[0] for path in files])
    everything = with_folds(examples, network.graph, arguments.folds, arguments.split_seed)
    todo = [part for part in parts(everything, arguments) if part[1].sum() >= arguments.least]
    mine, of = map(int, arguments.share.split("/"))
    for name, judged in todo[mine::of]:
        folder = arguments.out / name.replace(" ", "_")
        if not (folder / "errors.json").is_file():
            found = errors(everything, judged, folder, arguments.epochs)
            (folder / "errors.json").write_text(json.dumps(found) + "\n", encoding="utf-8")
    table(todo, arguments.out)


def options():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tensors", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--clusters", type=int, default=5)
    parser.add_argument("--split-seed", type=int, default=7)
    parser.add_argument("--least", type=int, default=20)
    parser.add_argument("--share", default="0/1")
    return parser.parse_args()


def parts(everything: Labelled, arguments):
    """Name of each part, and (n) True where a crystal is in it."""
    for fold in range(arguments.folds):
        yield f"fold {fold}", everything.fold == fold
    yield from leave_cluster_out(everything.atoms, arguments.clusters)
    yield from leave_element_group_out([atoms.numbers for atoms in everything.atoms])


def errors(everything: Labelled, judged, folder: Path, epochs: int):
    """Mean absolute errors on a part, of a network and of XGBoost that learned from all others."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = np.flatnonzero(judged)
    shown = np.zeros(len(judged), bool)
    shown[np.random.default_rng(0).permutation(rows)[:SHOWN]] = True
    lightning.seed_everything(1, verbose=False)
    network = build("log_stiffness", {"dropout": 0.1})
    learned = taught(everything.of(~judged))
    network.fit_scale(learned.targets)
    config = TrainingConfig(epochs=epochs, patience=epochs, batch_size=96, final_rate=0.05)
    fit(network, config, folder, learned, taught(everything.of(shown)), None)
    network.cpu().load_state_dict(dict(kept_state(folder, "last")))

    part, others = everything.of(judged), everything.of(~judged)
    said = Ensemble([network.eval()]).predict_graphs(part.graphs).moduli[:, [2, 5]]
    result = {"crystals": len(part), "learned": len(others)}
    for column, target in enumerate("KG"):
        known, labels = part.truth[:, column], others.truth[:, column]
        usable = labels > 0.0
        regression = Baseline("xgboost", target)
        regression.fit(descriptors(others.atoms)[usable], labels[usable])
        trees = regression.predict(descriptors(part.atoms))
        result[target] = float(np.nanmean(np.abs(np.log10(said[:, column] / known))))
        result[f"{target} by XGBoost"] = float(np.nanmean(np.abs(np.log10(trees / known))))
        result[f"{target} in GPa"] = float(np.nanmean(np.abs(said[:, column] - known)))
        result[f"bias of {target}"] = float(np.nanmean(np.log10(said[:, column] / known)))
    return result


def taught(some: Labelled) -> LabelledGraphs:
    """Crystals as the training takes them."""
    targets = stack([targets_of(example) for example in some.examples])
    return LabelledGraphs([e.id for e in some.examples], some.formulas, some.graphs, targets)


def table(todo, out: Path):
    """Errors of all parts that are done, and means over the folds and the clusters."""
    print("mean absolute error of log10 K and log10 G; bias is the mean of predicted over known")
    print(
        f"{'left out':<18}{'crystals':>9}{'K':>8}{'G':>8}{'bias K':>8}{'bias G':>8}"
        f"{'K, GPa':>8}{'G, GPa':>8}{'   XGBoost K':>12}{'G':>8}"
    )
    found = {}
    for name, _ in todo:
        path = out / name.replace(" ", "_") / "errors.json"
        if path.is_file():
            found[name] = json.loads(path.read_text(encoding="utf-8"))
            line(name, found[name])
    for kind in ("fold", "cluster"):
        some = [each for name, each in found.items() if name.startswith(f"{kind} ")]
        if some:
            weights = [each["crystals"] for each in some]
            mean = {k: np.average([each[k] for each in some], weights=weights) for k in some[0]}
            line(f"all {kind}s", {**mean, "crystals": sum(weights)})


def line(name, found):
    print(
        f"{name:<18}{found['crystals']:>9}{found['K']:>8.4f}{found['G']:>8.4f}"
        f"{found['bias of K']:>8.3f}{found['bias of G']:>8.3f}"
        f"{found['K in GPa']:>8.2f}{found['G in GPa']:>8.2f}"
        f"{found['K by XGBoost']:>12.4f}{found['G by XGBoost']:>8.4f}"
    )


if __name__ == "__main__":
    main()
