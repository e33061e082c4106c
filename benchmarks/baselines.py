"""Errors of the classical regressions on crystals of unseen formulas.

    python benchmarks/baselines.py --data mp_moduli.jsonl.gz [--folds 5] [--fold 11 ...]

Folds are by formula, so that no formula is learned and judged. With `--folds 12 --fold 11` they are
judged on the crystals of `benchmarks/learned.py`'s table. Mean absolute errors over all judged
crystals, of the logarithm and in GPa.
"""

import argparse
from pathlib import Path

import numpy as np

from cijkl.datasets import folds_by_formula, known_moduli, load_dataset
from cijkl.errors import InputError
from cijkl.models.peers.baselines import KINDS, Baseline
from cijkl.models.peers.descriptors import descriptors
from cijkl.models.training.data import merged


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--data", type=Path, nargs="+", required=True)
    options.add_argument("--folds", type=int, default=5)
    options.add_argument("--fold", type=int, nargs="+", help="judge these only; default all")
    options.add_argument("--split-seed", type=int, default=7)
    options.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    chosen = options.parse_args()
    formulas, table, truth = crystals(chosen.data)
    fold = folds_by_formula(formulas, chosen.folds, chosen.split_seed)
    judged = chosen.fold or range(chosen.folds)
    count = int(np.isin(fold, list(judged)).sum())
    print(f"{count} of {len(fold)} crystals judged, {chosen.folds} folds by formula")
    print(f"{'':20} log10 K   K, GPa   log10 G   G, GPa")
    for kind in chosen.kinds:
        errors = [errors_of(kind, target, table, truth, fold, judged) for target in ("K", "G")]
        print(f"{kind:20} {errors[0][0]:.4f} {errors[0][1]:8.2f} ", end="  ")
        print(f"{errors[1][0]:.4f} {errors[1][1]:8.2f}", flush=True)


def crystals(paths):
    """Formulas, descriptors (n, 6) and Hill moduli (n, 2), GPa, NaN where unknown."""
    formulas, rows, truth = [], [], []
    for example in merged([load_dataset(path) for path in paths]):
        try:
            (row,) = descriptors([example.crystal.atoms])
        except InputError:
            continue
        known = known_moduli(example)
        formulas.append(example.formula)
        rows.append(row)
        truth.append([known.get(name, np.nan) for name in ("K_VRH", "G_VRH")])
    return formulas, np.array(rows), np.array(truth)


def errors_of(kind, target, table, truth, fold, judged):
    """Mean absolute error of log10 and of the modulus in GPa."""
    values = truth[:, "KG".index(target)]
    known = values > 0.0
    logarithmic, linear = [], []
    for k in judged:
        learn, judge = known & (fold != k), known & (fold == k)
        said = Baseline(kind, target).fit(table[learn], values[learn]).predict(table[judge])
        logarithmic.append(np.abs(np.log10(said / values[judge])))
        linear.append(np.abs(said - values[judge]))
    return np.concatenate(logarithmic).mean(), np.concatenate(linear).mean()


if __name__ == "__main__":
    main()
