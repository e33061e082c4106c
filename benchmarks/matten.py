"""MatTen against the default model: errors of tensors, unstable predictions, speed, in one run.

    cijkl train --config matten.yaml --out run_matten
    python benchmarks/matten.py --matten run_matten --model cijkl-1 \
        --data mp_moduli.jsonl.gz --tensors mp_tensors.jsonl.gz --fold 11 --folds 12

with `matten.yaml`: `network: matten`, `data: mp_tensors.jsonl.gz`, `fold: 11`, `folds: 12`, the
rest as it comes. MatTen learns from tensors only, so its folds are those of the tensors alone; each
model is judged on its own fold, and both on the crystals that neither learned from. Speed is
structure to tensor, for cells of nine atoms, in processor time.
"""

import argparse
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch
from _learned import fold_options, labelled, members

from cijkl.datasets import drop_layers, folds_by_formula, load_dataset
from cijkl.elasticity import ElasticTensor
from cijkl.elasticity.notation import mandel_to_voigt
from cijkl.models import load_model
from cijkl.models.batches import collate
from cijkl.models.ensemble import Ensemble
from cijkl.models.graphs import crystal_graph

NINE, COUNT, REPEATS, TOGETHER = 9, 128, 3, 32
UPPER = np.triu_indices(6)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--matten", type=Path, required=True)
    options.add_argument(
        "--layers",
        action="store_true",
        help="MatTen was trained when `cijkl train` counted layers in vacuum in its split",
    )
    fold_options(options)
    chosen = options.parse_args()
    torch.set_num_threads(1)
    (network,) = members([chosen.matten])
    loaded = load_model(chosen.model)
    default, facts = loaded.ensemble, loaded.card.get("trained_on", {})
    matten = partial(answers, network)
    tensors, moduli = load_dataset(chosen.tensors), load_dataset(chosen.data)
    of_matten = held(tensors if chosen.layers else drop_layers(tensors)[0], chosen)
    split = chosen.folds, chosen.split_seed, facts.get("crystals"), [chosen.fold]
    everything = labelled([chosen.data, chosen.tensors], default.graph, *split)
    of_default = set(everything.of(everything.fold == chosen.fold).formulas)
    own = [example for example in tensors if example.formula in of_matten]
    ours = [example for example in tensors if example.formula in of_default]
    both = [example for example in ours if example.formula in of_matten]
    print(f"{'':30} crystals  21 constants  median     K      G  E_max, GPa  unstable")
    for label, model, examples in (
        ("MatTen, its fold", matten, own),
        (f"{chosen.model}, its fold", partial(stiffness, default), ours),
        ("MatTen, seen by neither", matten, both),
        (f"{chosen.model}, seen by neither", partial(stiffness, default), both),
    ):
        if examples:
            print_errors(label, model, examples)
    nine = [e.crystal.atoms for e in moduli if len(e.crystal.atoms) == NINE][:COUNT]
    for label, model in (
        ("MatTen", matten),
        (f"one network of {chosen.model}", partial(stiffness, Ensemble(default.members[:1]))),
        (f"all {len(default.members)} networks", partial(stiffness, default)),
    ):
        print(f"{label:30} {speed(model, nine):6.0f} crystals of nine atoms a second")


def held(examples, chosen):
    """Formulas of the fold that was kept."""
    formulas = [example.formula for example in examples]
    fold = folds_by_formula(formulas, chosen.folds, chosen.split_seed)
    return {formula for formula, k in zip(formulas, fold, strict=True) if k == chosen.fold}


def stiffness(model, structures):
    """Tensors (n, 6, 6) of an ensemble, Voigt, GPa."""
    return model.predict(structures).stiffness


def answers(network, structures):
    """Tensors (n, 6, 6) of one network of any kind, Voigt, GPa."""
    found = []
    with torch.inference_mode():
        for start in range(0, len(structures), TOGETHER):
            graphs = [crystal_graph(a, network.graph) for a in structures[start : start + TOGETHER]]
            found.append(network(collate(graphs)).stiffness.numpy())
    return mandel_to_voigt(np.concatenate(found))


def print_errors(label, model, examples):
    said = model([example.crystal.atoms for example in examples])
    truth = np.array([example.stiffness for example in examples])
    each = np.abs(said - truth)[:, UPPER[0], UPPER[1]].mean(axis=1)
    stable = np.linalg.eigvalsh(said)[:, 0] > 0.0
    apart = np.abs([of(a) - of(b) for a, b in zip(said[stable], truth[stable], strict=True)])
    bulk, shear, stiffest = apart.mean(axis=0)
    print(
        f"{label:30} {len(examples):8} {each.mean():13.2f} {np.median(each):7.2f}"
        f" {bulk:6.2f} {shear:6.2f} {stiffest:10.2f} {(~stable).sum():9}"
    )


def of(stiffness):
    """K, G and the largest Young's modulus of one tensor, GPa."""
    tensor = ElasticTensor(stiffness)
    stiffest = tensor.extrema("E").max.value
    return np.array([tensor.bulk_modulus(), tensor.shear_modulus(), stiffest])


def speed(model, atoms):
    """The best of some repetitions, crystals for each second of processor time."""
    model(atoms)
    rates = []
    for _ in range(REPEATS):
        begun = time.process_time()
        model(atoms)
        rates.append(len(atoms) / (time.process_time() - begun))
    return max(rates)


if __name__ == "__main__":
    main()
