"""Fits and checks the correction of potentials towards DFT.

    python benchmarks/potentials.py --moduli mp_moduli.jsonl.gz --tensors mp_tensors.jsonl.gz
    python benchmarks/calibration.py --moduli mp_moduli.jsonl.gz --tensors mp_tensors.jsonl.gz

Reads the results that `potentials.py` left in its cache. Each row of the table is for crystals that
the fit had not seen: the 300 by ten-fold cross-validation over formulas, and the crystals with full
tensors, none of whose formulas are among the 300. `--write` renews calibration.json.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from potentials import chosen

from cijkl.elasticity import ElasticTensor
from cijkl.response.calibration import Calibration

TARGET = Path(__file__).parents[1] / "src/cijkl/response/calibration.json"
REFERENCE = "DFT-PBE moduli of the Materials Project (de Jong et al. 2015), CC BY 4.0"
LEVEL = 0.9


def formula(row):
    from cijkl.structures import reduced_formula
    from potentials import atoms_of  # isort: skip

    return reduced_formula(atoms_of(row))


def results(cache, name, kind):
    path = cache / name.replace(":", "_") / f"{kind}.jsonl"
    records = (json.loads(line) for line in path.open())
    return {record["id"]: record for record in records if record.get("moduli")}


def features(record):
    return [1.0, *(np.log(record["moduli"][key]["hill"]) for key in "KG")]


def least_absolute(matrix, target, rounds=60):
    """Coefficients of least absolute deviation, by reweighting."""
    weights = np.ones(len(target))
    for _ in range(rounds):
        scaled = np.sqrt(weights)
        found = np.linalg.lstsq(matrix * scaled[:, None], target * scaled, rcond=None)[0]
        weights = 1.0 / np.maximum(np.abs(target - matrix @ found), 0.02)
    return found


def unseen(matrix, target, groups, folds=10, seed=1):
    """Residuals of every crystal by a fit that saw none of its formula."""
    names = np.array(sorted(set(groups)))
    fold = dict(
        zip(names, np.random.default_rng(seed).integers(folds, size=len(names)), strict=True)
    )
    member = np.array([fold[name] for name in groups])
    residual = np.zeros(len(target))
    for k in range(folds):
        fit = least_absolute(matrix[member != k], target[member != k])
        residual[member == k] = target[member == k] - matrix[member == k] @ fit
    return residual


def spread(residual):
    """Half-width that holds the share LEVEL of unseen crystals (finite-sample conformal)."""
    rank = int(np.ceil((len(residual) + 1) * LEVEL))
    return float(np.sort(np.abs(residual))[min(rank, len(residual)) - 1])


def calibrate(sample, records):
    rows = [(row, records[row["id"]]) for row in sample if row["id"] in records]
    matrix = np.array([features(record) for _, record in rows])
    groups = [formula(row) for row, _ in rows]
    fits, spreads, logs = {}, {}, {}
    for key in "KG":
        target = np.log([row[f"{key}_VRH"] for row, _ in rows])
        fits[key] = least_absolute(matrix, target)
        logs[key] = unseen(matrix, target, groups)
        spreads[key] = spread(logs[key])
    found = Calibration(
        bulk=tuple(fits["K"].round(4).tolist()), shear=tuple(fits["G"].round(4).tolist()),
        bulk_spread=round(spreads["K"], 4), shear_spread=round(spreads["G"], 4),
        level=LEVEL, crystals=len(rows), reference=REFERENCE,
    )  # fmt: skip
    errors = []
    for index, key in enumerate("KG"):
        label = np.array([row[f"{key}_VRH"] for row, _ in rows])
        raw = np.exp(matrix[:, index + 1])
        errors.append(
            (np.abs(raw - label).mean(), np.abs(label * np.exp(-logs[key]) - label).mean())
        )
    return found, errors


def check(tensors, records, found, seen):
    """Errors before and after, and coverage, on crystals with full tensors."""
    gaps, moduli, inside = [], [], []
    for row in tensors:
        if row["id"] not in records or formula(row) in seen:
            continue
        ours, label = ElasticTensor(records[row["id"]]["C"]), ElasticTensor(row["C"])
        expected = found.expect(ours.voigt)
        after = ElasticTensor(expected.stiffness)
        size = np.linalg.norm(label.mandel)
        gaps.append([np.linalg.norm(t.mandel - label.mandel) / size for t in (ours, after)])
        shear = float(label.shear_modulus())
        moduli.append([abs(float(t.shear_modulus()) - shear) for t in (ours, after)])
        inside.append(
            [low <= value <= high for (low, high), value in
             ((expected.bulk_range, float(label.bulk_modulus())), (expected.shear_range, shear))]
        )  # fmt: skip
    return len(gaps), np.median(gaps, 0), np.mean(moduli, 0), np.mean(inside, 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--moduli", type=Path, required=True)
    parser.add_argument("--tensors", type=Path, required=True)
    parser.add_argument("--potential", action="append")
    parser.add_argument("--cache", type=Path, default=Path("out/potentials"))
    parser.add_argument("--max-atoms", type=int, default=16)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    names = arguments.potential or ["sevennet-l3i5", "sevennet-0", "chgnet", "sevennet-mf-0"]
    sample = chosen(arguments.moduli, 300, arguments.max_atoms)
    tensors = chosen(arguments.tensors, 100, arguments.max_atoms)
    seen = {formula(row) for row in sample}
    written = {}
    print(
        "| potential | n | K MAE before, after | G MAE before, after | n with tensor | "
        "G MAE before, after | median tensor error before, after | "
        "coverage of the 90 % range, K and G |"
    )
    print("|---" * 8 + "|")
    for name in names:
        found, errors = calibrate(sample, results(arguments.cache, name, "moduli"))
        records = results(arguments.cache, name, "tensors")
        count, gap, shear, covered = check(tensors, records, found, seen)
        cells = " | ".join(f"{before:.1f}, {after:.1f}" for before, after in errors)
        print(
            f"| {name} | {found.crystals} | {cells} | {count} | {shear[0]:.1f}, {shear[1]:.1f} | "
            f"{100 * gap[0]:.0f}, {100 * gap[1]:.0f} % | {100 * covered[0]:.0f}, "
            f"{100 * covered[1]:.0f} % |"
        )
        written[name] = {key: getattr(found, key) for key in Calibration.__dataclass_fields__}
    if arguments.write:
        TARGET.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
