"""Accuracy, ranges and speed of a learned model on a fold that none of its members learned from.

    python benchmarks/learned.py --model FOLDER_OR_FILES --data mp_moduli.jsonl.gz \
        --tensors mp_tensors.jsonl.gz --fold 11 --folds 12 [--write card.json]

Folds are those of a training with the same `--folds` and `--split-seed`. The coverage of the ranges
is that of crystals that the calibration did not see: the fold is cut by formula into five parts,
each judged with a calibration on the others, for several cuts. `--write` calibrates on the
whole fold, learns the domain from all others, and puts both with the metrics into a model's card.

`--relaxed N` compares E_max of N crystals as they are in the data and relaxed with a potential (Wen
et al. 2024, section 3: 6.55 GPa). How far networks err on chemistry that they never saw says
`unseen.py`.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from pathlib import Path

import numpy as np
import torch
from _learned import crystals_learned, ensemble, labelled
from _learned_relaxed import print_relaxed

from cijkl.datasets import folds_by_formula
from cijkl.elasticity import extrema
from cijkl.elasticity.averages import youngs_from_bulk_shear
from cijkl.models import domain, uncertainty
from cijkl.models.ensemble import Ensemble, Prediction
from cijkl.models.evaluation import SYSTEMS, metrics

CUTS, PARTS = 6, 5
NINE, TOGETHER, REPEATS = 9, 360, 5
UPPER = np.triu_indices(6)


def main():
    arguments = options()
    torch.set_num_threads(1)
    model = ensemble(arguments.model)
    everything = labelled(
        [arguments.data, *([arguments.tensors] if arguments.tensors else [])],
        model.graph,
        arguments.folds,
        arguments.split_seed,
        crystals_learned([arguments.write.parent] if arguments.write else arguments.model),
        arguments.fold,
    )
    kept = np.isin(everything.fold, arguments.fold)
    held = everything.of(kept)
    systems = held.systems()
    said = model.predict_graphs(held.graphs)
    print(f"{len(model)} networks, {len(held)} crystals of fold {arguments.fold}")
    found = accuracy(held, said, systems)
    found |= tensors(held, said, systems)
    found |= coverage(held, said, systems, arguments.level)
    found |= speed(model, everything)
    if arguments.relaxed:
        found |= print_relaxed(model, held, arguments.relaxed, arguments.potential)
    if arguments.write:
        calibration = uncertainty.fit(held.truth, said, systems, arguments.level, held.stiffness)
        usual = domain.fit(everything.of(~kept).atoms, said.spread)
        write(arguments, found, calibration, usual, len(everything) - len(held))


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", nargs="+", required=True, type=Path)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--tensors", type=Path)
    parser.add_argument("--fold", nargs="+", type=int, default=[11])
    parser.add_argument("--folds", type=int, default=12)
    parser.add_argument("--split-seed", type=int, default=7)
    parser.add_argument("--level", type=float, default=0.9)
    parser.add_argument("--relaxed", type=int, metavar="N", help="crystals to relax")
    parser.add_argument("--potential", default="sevennet-0")
    parser.add_argument("--write", type=Path, metavar="CARD")
    parser.add_argument("--name", default="cijkl-1", help="of the model, on its card")
    parser.add_argument("--version", default="1", help="of the weights, on their card")
    return parser.parse_args()


def parts(systems):
    """Name and rows of all crystals, and of each system that is there."""
    names = np.array(systems)
    yield "all", np.ones(len(names), bool)
    for name in SYSTEMS:
        if (names == name).any():
            yield name, names == name


def accuracy(held, said, systems):
    """Errors of the moduli; MAE and, behind it, MAE over mean absolute deviation."""
    known, guess = held.truth.T, said.moduli[:, [2, 5]].T
    columns = {
        "log10 K": (np.log10(known[0]), np.log10(guess[0])),
        "log10 G": (np.log10(known[1]), np.log10(guess[1])),
        "K (GPa)": (known[0], guess[0]),
        "G (GPa)": (known[1], guess[1]),
        "E (GPa)": (youngs_from_bulk_shear(*known), youngs_from_bulk_shear(*guess)),
    }
    print("\nmean absolute error (over mean absolute deviation) of Hill's moduli")
    print(f"{'':<14}{'n':>5}" + "".join(f"{name:>17}" for name in columns))
    for name, rows in parts(systems):
        line = f"{name:<14}{int(rows.sum()):>5}"
        for label, (a, b) in columns.items():
            error = metrics(a[rows], b[rows])
            digits = 4 if label.startswith("log10") else 2
            ratio = error["mae_over_mad"]
            line += f"{error['mae']:>10.{digits}f}" + (f" ({ratio:.2f})" if ratio else "  (-)  ")
        print(line)
    mae = {label: metrics(*pair)["mae"] for label, pair in columns.items()}
    return {
        "MAE log10 K_VRH": mae["log10 K"],
        "MAE log10 G_VRH": mae["log10 G"],
        "MAE K_VRH (GPa)": mae["K (GPa)"],
        "MAE G_VRH (GPa)": mae["G (GPa)"],
        "MAE E (GPa)": mae["E (GPa)"],
    }


def tensors(held, said, systems):
    """Errors of the 21 constants in the axes of the data, and of the largest Young's modulus."""
    unstable = float((np.linalg.eigvalsh(said.stiffness)[:, 0] <= 0.0).mean())
    known = np.isfinite(held.stiffness).all((1, 2))
    if not known.any():
        return {"unstable": unstable}
    constants = np.abs(held.stiffness - said.stiffness)[:, *UPPER].mean(1)
    stiffest = np.full((2, len(held)), np.nan)
    for row, tensor in zip(stiffest, (held.stiffness, said.stiffness), strict=True):
        row[known] = extrema(tensor[known], "E").max.value
    print("\ntensors: mean absolute error of the 21 constants and of E_max, GPa")
    print(f"{'':<14}{'n':>5}{'C':>9}{'E_max':>9}{'median |d ln E_max|':>22}")
    for name, rows in parts(systems):
        rows = rows & known
        if not rows.any():
            continue
        error = np.abs(stiffest[1] - stiffest[0])[rows]
        logs = np.abs(np.log(stiffest[1] / stiffest[0]))[rows]
        print(
            f"{name:<14}{int(rows.sum()):>5}{constants[rows].mean():>9.2f}{error.mean():>9.2f}"
            f"{np.median(logs):>22.3f}"
        )
    print(f"unstable predictions: {100 * unstable:.2f} %")
    return {
        "MAE C_ij (GPa)": float(constants[known].mean()),
        "MAE E_max (GPa)": float(np.abs(stiffest[1] - stiffest[0])[known].mean()),
        "median error of ln E_max": float(
            np.median(np.abs(np.log(stiffest[1] / stiffest[0])[known]))
        ),
        "unstable": unstable,
    }


def coverage(held, said, systems, level):
    """Share of crystals within ranges that were calibrated on others, and the ranges' widths."""
    inside, width = np.zeros((2, len(held), 2)), np.zeros((2, len(held), 2))
    names = np.array(systems)
    within = []
    for cut in range(CUTS):
        part = folds_by_formula(held.formulas, PARTS, cut)
        for k in range(PARTS):
            fitted, judged = np.flatnonzero(part != k), np.flatnonzero(part == k)
            calibration = uncertainty.fit(
                held.truth[fitted],
                rows_of(said, fitted),
                list(names[fitted]),
                level,
                held.stiffness[fitted],
            )
            for way, known in enumerate((None, list(names[judged]))):
                low, high = calibration.ranges(said.moduli[judged], said.spread[judged], known)
                truth = held.truth[judged]
                inside[way, judged] += (low <= truth) & (truth <= high)
                width[way, judged] += 0.5 * (high - low)
            within += within_deviation(held.stiffness[judged], rows_of(said, judged), calibration)
    inside, width = inside / CUTS, width / CUTS
    print(f"\nshare within the {100 * level:g} % range, and mean half width in GPa")
    print(f"{'':<14}{'n':>5}{'K':>8}{'G':>8}{'K_90':>9}{'G_90':>9}   one quantile for all: K, G")
    for name, rows in parts(systems):
        (kc, gc), (kw, gw) = inside[1][rows].mean(0), width[1][rows].mean(0)
        plain = inside[0][rows].mean(0)
        print(
            f"{name:<14}{int(rows.sum()):>5}{kc:>8.3f}{gc:>8.3f}{kw:>9.2f}{gw:>9.2f}"
            f"{plain[0]:>13.3f}{plain[1]:>8.3f}"
        )
    for title, values in (
        ("quarters by the members' disagreement", said.spread.mean(1)),
        ("quarters by K", said.moduli[:, 2]),
        ("quarters by G_V / G_R", said.moduli[:, 3] / said.moduli[:, 4]),
    ):
        quarter = np.argsort(np.argsort(values)) * 4 // len(values)
        shares = [inside[1][quarter == k].mean(0) for k in range(4)]
        print(f"{title:<40}" + "  ".join(f"{k:.2f} {g:.2f}" for k, g in shares))
    if within:
        one, two = np.mean(within, axis=0)
        print(f"constants within one calibrated standard deviation {one:.3f}, within two {two:.3f}")
    return {
        f"coverage of K at {level:g}": float(inside[1][:, 0].mean()),
        f"coverage of G at {level:g}": float(inside[1][:, 1].mean()),
        "mean K_90 (GPa)": float(width[1][:, 0].mean()),
        "mean G_90 (GPa)": float(width[1][:, 1].mean()),
    }


def within_deviation(stiffness, said, calibration):
    """For each tensor the shares of its free constants within one and two deviations."""
    known = np.flatnonzero(np.isfinite(stiffness).all((1, 2)))
    result = []
    for i in known:
        deviation = calibration.deviation_factor * said.deviation[i][UPPER]
        error = np.abs(stiffness[i] - said.stiffness[i])[UPPER]
        free = deviation > 1e-6 * deviation.max()
        if free.any():
            result.append([(error[free] <= k * deviation[free]).mean() for k in (1, 2)])
    return result


def rows_of(said, rows):
    return Prediction(
        said.stiffness[rows], said.deviation[rows], said.moduli[rows], said.spread[rows]
    )


def speed(model, everything):
    """Crystals a second of one core, from structure to tensor, in cells of nine atoms."""
    atoms = [a for a in everything.atoms if len(a) == NINE]
    atoms = (atoms * (1 + TOGETHER // max(1, len(atoms))))[:TOGETHER]
    alone = Ensemble(model.members[:1])
    best = {"one network": np.inf, "all networks": np.inf}
    for _ in range(REPEATS):
        for name, who in (("one network", alone), ("all networks", model)):
            start = time.process_time()
            who.predict(atoms)
            best[name] = min(best[name], time.process_time() - start)
    rates = {name: len(atoms) / seconds for name, seconds in best.items()}
    print("\ncells of nine atoms a second and core, structure to tensor")
    print("  ".join(f"{name}: {rate:.0f}" for name, rate in rates.items()))
    return {f"crystals/s, {name}": rate for name, rate in rates.items()}


def write(arguments, found, calibration, usual, count):
    """Renew what was measured on a card; what a person wrote there stays."""
    card = json.loads(arguments.write.read_text("utf-8")) if arguments.write.exists() else {}
    files = [path.name for path in (arguments.data, arguments.tensors) if path]
    kept = {
        "name": arguments.name,
        "version": arguments.version,
        "data": "",
        "limits": "",
        **card,
    }
    measured = {
        "metrics": {key: float(f"{value:.4g}") for key, value in found.items()},
        "trained_on": {
            "files": files,
            "crystals": count,
            "folds": arguments.folds,
            "kept_folds": arguments.fold,
            "split_seed": arguments.split_seed,
        },
        "calibration": calibration.as_dict(),
        "domain": usual.as_dict(),
    }
    text = json.dumps({**kept, **measured}, indent=1)
    # lists of numbers on one line
    text = re.sub(r"\[[^\[\]{}\"]*\]", lambda found: " ".join(found.group().split()), text)
    arguments.write.write_text(text + "\n", encoding="utf-8")
    print(f"\nwrote {arguments.write}")


if __name__ == "__main__":
    main()
