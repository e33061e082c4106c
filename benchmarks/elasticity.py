"""Speed and reliability of the elasticity room against pymatgen, elasticipy and ELATE's search.

    python benchmarks/elasticity.py --number 10000 --compare 30

One run measures all of them on the same random stable tensors, or on those of a JSON Lines file
whose lines hold `C` (--tensors), and prints ratios. Run it on one core (OMP_NUM_THREADS=1).
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from cijkl.elasticity.acoustics import (
    debye_temperature,
    debye_temperature_exact,
    sound_velocities,
)
from cijkl.elasticity.anisotropy import (
    cubic_criterion,
    log_euclidean_anisotropy,
    percent_anisotropy,
    universal_anisotropy,
)
from cijkl.elasticity.averages import moduli
from cijkl.elasticity.engineering import (
    agne_conductivity,
    cahill_conductivity,
    cauchy_pressure,
    chen_hardness,
    jiang_hardness,
    miao_hardness,
    niu_toughness,
    pugh_ratio,
    teter_hardness,
    tian_hardness,
)
from cijkl.elasticity.extrema import QUANTITIES, extrema
from cijkl.elasticity.notation import compliance, compliance_to_cartesian, mandel_to_voigt
from cijkl.elasticity.stability import eigenvalues, is_stable

Array = NDArray[np.float64]
T = TypeVar("T")
#: for each quantity, what finds its minimum and maximum
Search = dict[str, Callable[[], tuple[float, float]]]

#: density, g/cm^3, and atoms per A^3 that every tensor is given
DENSITY, ATOMS = 5.0, 0.06
#: relative error of an extreme value above which a search has missed it
MISSED = 1e-4
SEARCHED = ("E", "G", "nu")


def main() -> None:
    options = parse()
    stiffness = (
        read(options.tensors) if options.tensors else random_tensors(options.number, options.seed)
    )
    print(f"{len(stiffness)} stable tensors from {options.tensors or f'seed {options.seed}'}\n")
    throughput(stiffness)
    few = stiffness[:: max(1, len(stiffness) // options.compare)][: options.compare]
    against_pymatgen(stiffness[: options.moduli])
    against_searches(few)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--number", type=int, default=10_000, help="random tensors (10000)")
    parser.add_argument("--seed", type=int, default=0, help="of the random tensors (0)")
    parser.add_argument("--tensors", type=Path, help="JSON Lines, plain or .gz, with C instead")
    parser.add_argument("--moduli", type=int, default=1000, help="tensors for pymatgen (1000)")
    parser.add_argument("--compare", type=int, default=30, help="tensors for the searches (30)")
    return parser.parse_args()


def random_tensors(number: int, seed: int) -> Array:
    """Positive definite tensors from nearly isotropic to strongly anisotropic and auxetic."""
    rng = np.random.default_rng(seed)
    axes = np.linalg.qr(rng.normal(size=(number, 6, 6)))[0]
    spread = rng.uniform(0.1, 1.2, size=(number, 1, 1))
    values = 80.0 * np.exp(spread * rng.normal(size=(number, 1, 6)))
    return mandel_to_voigt((axes * values) @ axes.swapaxes(-1, -2))


def read(path: Path) -> Array:
    """Stable tensors of a JSON Lines file."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        stiffness = np.array([json.loads(line)["C"] for line in lines], float)
    return np.asarray(stiffness[is_stable(stiffness)])


def timed(call: Callable[[], T]) -> tuple[T, float]:
    start = time.perf_counter()
    result = call()
    return result, time.perf_counter() - start


def scalar_properties(stiffness: Array) -> None:
    """Every property that needs no search over directions."""
    values = moduli(stiffness)
    bulk, shear = values["K"]["hill"], values["G"]["hill"]
    v_l, v_t, v_mean = sound_velocities(bulk, shear, DENSITY)
    debye_temperature(v_mean, ATOMS)
    eigenvalues(stiffness)
    is_stable(stiffness)
    for anisotropy in (
        universal_anisotropy,
        log_euclidean_anisotropy,
        percent_anisotropy,
        cubic_criterion,
        cauchy_pressure,
    ):
        anisotropy(stiffness)
    for of_moduli in (pugh_ratio, chen_hardness, tian_hardness, miao_hardness):
        of_moduli(bulk, shear)
    teter_hardness(shear)
    jiang_hardness(shear)
    niu_toughness(bulk, shear, 1.0 / ATOMS)
    cahill_conductivity(v_l, v_t, ATOMS)
    agne_conductivity(v_l, v_t, ATOMS)


def throughput(stiffness: Array) -> None:
    per_10000 = 10_000 / len(stiffness)
    extrema(stiffness[:1], "nu")  # builds the grid once
    print("time of cijkl                     s      s per 10,000")
    total = 0.0
    rows: list[tuple[str, Callable[[], object]]] = [
        ("all without extrema", lambda: scalar_properties(stiffness)),
        *((f"extrema of {q}", lambda q=q: extrema(stiffness, q)) for q in QUANTITIES),
    ]
    for name, call in rows:
        seconds = timed(call)[1]
        total += seconds
        print(f"  {name:26s} {seconds:8.3f} {seconds * per_10000:10.3f}")
    print(f"  {'all with extrema':26s} {total:8.3f} {total * per_10000:10.3f}")
    seconds = timed(lambda: debye_temperature_exact(stiffness, DENSITY, ATOMS))[1]
    print(f"  {'exact Debye temperature':26s} {seconds:8.3f} {seconds * per_10000:10.3f}\n")


def against_pymatgen(stiffness: Array) -> None:
    try:
        from pymatgen.analysis.elasticity.elastic import ElasticTensor
    except ImportError:
        print("pymatgen is not installed, not compared\n")
        return

    def theirs() -> Array:
        tensors = [ElasticTensor.from_voigt(c) for c in stiffness]
        return np.array(
            [(t.k_vrh, t.g_vrh, t.universal_anisotropy, t.homogeneous_poisson) for t in tensors]
        )

    def ours() -> Array:
        values = moduli(stiffness)
        return np.stack(
            [
                values["K"]["hill"],
                values["G"]["hill"],
                universal_anisotropy(stiffness),
                values["nu"]["hill"],
            ],
            axis=-1,
        )

    (mine, fast), (reference, slow) = timed(ours), timed(theirs)
    difference = np.abs(mine - reference).max(axis=0) / np.abs(reference).max(axis=0)
    print(f"moduli of {len(stiffness)} tensors, pymatgen {slow:.3f} s, cijkl {fast:.5f} s")
    print(f"  ratio {slow / fast:.0f}; largest relative difference {difference.max():.1e}\n")


def against_searches(stiffness: Array) -> None:
    """Directional extremes by the searches of ELATE and elasticipy."""
    compare_search("ELATE's search", elate_search, stiffness)
    try:
        import elasticipy  # noqa: F401  only to see whether it is there
    except ImportError:
        print("elasticipy is not installed, not compared")
    else:
        compare_search("elasticipy", elasticipy_search, stiffness)


def compare_search(name: str, search: Callable[[Array], Search], stiffness: Array) -> None:
    print(f"extremes of {len(stiffness)} tensors, {name}:")
    for quantity in SEARCHED:
        ours, fast = timed(lambda q=quantity: extrema(stiffness, q))
        theirs, slow = timed(lambda q=quantity: np.array([search(c)[q]() for c in stiffness]))
        # how much further out each end of ours lies
        gain = np.stack([theirs[:, 0] - ours.min.value, ours.max.value - theirs[:, 1]])
        gain /= np.maximum(np.abs(theirs.T), 0.1 if quantity == "nu" else 0.0)
        print(
            f"  {quantity:3s} {slow:8.2f} s, cijkl {fast:7.3f} s, ratio {slow / fast:6.0f}; of "
            f"{gain.size} missed by it {(gain > MISSED).sum()}, by cijkl {(gain < -1e-8).sum()}"
        )
    print()


def elate_search(stiffness: Array) -> Search:
    """The search of ELATE (Gaillac et al., J. Phys. Condens. Matter 2016, 28, 275201).

    25 x 25 or 10 x 10 x 10 points, then one Nelder-Mead descent from the best. Its pure Python sums
    are replaced by NumPy contractions, which are several times faster.
    """
    s = compliance_to_cartesian(compliance(stiffness)).reshape(9, 9)

    def first(x: Array) -> Array:
        sine = np.sin(x[0])
        return np.array([sine * np.cos(x[1]), sine * np.sin(x[1]), np.cos(x[0])])

    def second(x: Array) -> Array:
        (a, b, c), (p, q, r) = np.cos(x), np.sin(x)
        return np.array([a * b * c - q * r, a * q * c + b * r, -p * c])

    def young(x: Array) -> float:
        nn = np.outer(first(x), first(x)).ravel()
        return float(1.0 / (nn @ s @ nn))

    def shear(x: Array) -> float:
        nm = np.outer(first(x), second(x)).ravel()
        return float(0.25 / (nm @ s @ nm))

    def poisson(x: Array) -> float:
        n, m = first(x), second(x)
        strain = s @ np.outer(n, n).ravel()
        return float(-(np.outer(m, m).ravel() @ strain) / (np.outer(n, n).ravel() @ strain))

    def both(value: Callable[[Array], float], dimensions: int) -> tuple[float, float]:
        points = 25 if dimensions == 2 else 10
        ranges = ((0.0, np.pi),) * dimensions
        ends = []
        for sign in (1.0, -1.0):

            def signed(x: Array, sign: float = sign) -> float:
                return sign * value(x)

            found = optimize.brute(
                signed, ranges, Ns=points, full_output=True, finish=optimize.fmin, disp=False
            )
            ends.append(sign * float(found[1]))
        return ends[0], ends[1]

    return {
        "E": lambda: both(young, 2),
        "G": lambda: both(shear, 3),
        "nu": lambda: both(poisson, 3),
    }


def elasticipy_search(stiffness: Array) -> Search:
    from elasticipy.tensors.elasticity import StiffnessTensor

    tensor = StiffnessTensor(stiffness)

    def both(name: str) -> tuple[float, float]:
        function = getattr(tensor, name)
        return float(function.min()[0]), float(function.max()[0])

    return {
        "E": lambda: both("Young_modulus"),
        "G": lambda: both("shear_modulus"),
        "nu": lambda: both("Poisson_ratio"),
    }


if __name__ == "__main__":
    sys.exit(main())
