"""Do the learned model and a potential err on the same crystals? Errors of both, and their mean.

    python benchmarks/potential_tensors.py --data mp_moduli.jsonl.gz --max-atoms 24 \
        --potential sevennet-l3i5 --relaxed relaxed.jsonl --clamped clamped.jsonl
    python benchmarks/agreement.py --potential relaxed.jsonl --model cijkl-1 \
        --data mp_moduli.jsonl.gz --tensors mp_tensors.jsonl.gz --fold 11 --folds 12

Errors are of log10 of the Hill moduli against DFT, for crystals of a fold that no member of the
model learned from. The potential's bias, its median error, is taken out first.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from _learned import fold_options, labelled

from cijkl.datasets import load_dataset
from cijkl.elasticity.averages import average_bulk, average_shear
from cijkl.models import load_model


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--potential", type=Path, required=True, help="tensors, JSON Lines")
    fold_options(options)
    chosen = options.parse_args()
    torch.set_num_threads(1)
    loaded = load_model(chosen.model)
    model, facts = loaded.ensemble, loaded.card.get("trained_on", {})
    computed = {e.crystal.id: e.stiffness for e in load_dataset(chosen.potential)}
    paths = [chosen.data, chosen.tensors]
    split = chosen.folds, chosen.split_seed, facts.get("crystals"), [chosen.fold]
    everything = labelled(paths, model.graph, *split)
    known = np.array([e.crystal.id in computed for e in everything.examples])
    held = everything.of((everything.fold == chosen.fold) & known)
    said = model.predict_graphs(held.graphs).stiffness
    other = np.array([computed[e.crystal.id] for e in held.examples])
    print(f"{len(held)} crystals of fold {chosen.fold}; mean absolute errors of log10")
    for name, column, modulus in (("K", 0, average_bulk), ("G", 1, average_shear)):
        truth = np.log10(held.truth[:, column])
        learned, potential = (np.log10(modulus(c)) - truth for c in (said, other))
        potential = potential - np.nanmedian(potential)
        both = (learned + potential) / 2.0
        fine = np.isfinite(learned) & np.isfinite(potential)
        correlation = np.corrcoef(learned[fine], potential[fine])[0, 1]
        print(
            f"{name}: model {size(learned):.4f}, potential {size(potential):.4f}, "
            f"mean of both {size(both):.4f}, correlation of the errors {correlation:.2f}"
        )


def size(error):
    return np.nanmean(np.abs(error))


if __name__ == "__main__":
    main()
