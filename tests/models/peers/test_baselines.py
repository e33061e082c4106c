from __future__ import annotations

import importlib.util
import json
import pickle

import numpy as np
import pytest

from cijkl.errors import InputError
from cijkl.models.peers import baselines
from cijkl.models.peers.baselines import KINDS, Baseline
from cijkl.models.peers.descriptors import descriptors

from ..measured import measured


@pytest.fixture(scope="module")
def table():
    crystals, moduli = measured()
    return descriptors(crystals), moduli


@pytest.fixture(scope="module", params=KINDS)
def held_out(request, table):
    """Kind, and the moduli of crystals that it has not seen, three fourths learned at a time."""
    x, moduli = table
    guess = np.empty_like(moduli)
    fold = np.random.default_rng(0).permutation(len(x)) % 4
    for k in range(4):
        learned = Baseline(request.param, "K").fit(x[fold != k], moduli[fold != k])
        guess[fold == k] = learned.predict(x[fold == k])
    return request.param, guess


def test_unseen_crystals_in_gpa(held_out, table):
    """Errors in log10 well below those of the best constant, in GPa and not in log10."""
    _, guess = held_out
    moduli = table[1]
    errors = np.abs(np.log10(guess / moduli)).mean()
    constant = np.abs(np.log10(moduli / np.median(moduli))).mean()
    assert constant > 0.35
    assert errors < 0.55 * constant
    assert np.median(guess) == pytest.approx(np.median(moduli), rel=0.4)


def test_unit_of_a_descriptor_does_not_matter(held_out, table):
    """Density in kg/m^3 is as good: trees need no scaling, and the support vectors have theirs."""
    kind, _ = held_out
    x, moduli = table
    scaled = x * [1, 1, 1, 1, 1000.0, 1]
    one = Baseline(kind, "K").fit(x, moduli).predict(x)
    other = Baseline(kind, "K").fit(scaled, moduli).predict(scaled)
    np.testing.assert_allclose(other, one, rtol=1e-3)


def test_seed(table):
    x, moduli = table
    runs = [Baseline("random_forest", "K", seed).fit(x, moduli).predict(x) for seed in (0, 0, 1)]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert np.abs(runs[0] - runs[2]).max() > 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_saved_and_loaded(kind, table, tmp_path):
    x, moduli = table
    baseline = Baseline(kind, "G", seed=3).fit(x[:60], moduli[:60])
    baseline.save(tmp_path / "saved")
    again = Baseline.load(tmp_path / "saved")
    assert (again.kind, again.target, again.seed) == (kind, "G", 3)
    np.testing.assert_array_equal(again.predict(x), baseline.predict(x))
    again.save(tmp_path / "twice")
    np.testing.assert_array_equal(Baseline.load(tmp_path / "twice").predict(x), baseline.predict(x))


def test_a_pickle_is_not_opened(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was opened",))

    path = tmp_path / "pickle"
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(InputError, match="is not a saved baseline"):
        Baseline.load(path)
    with path.open("wb") as file:
        np.savez(file, about=np.array([Trap()], dtype=object))
    with pytest.raises(InputError, match="is not a saved baseline"):
        Baseline.load(path)


def _about(**changes):
    about = {"format": 1, "kind": "svr", "target": "K", "seed": 0} | changes
    return np.array(json.dumps(about))


@pytest.mark.parametrize(
    "content",
    [
        {"about": _about()},
        {"about": np.array("[]")},
        {"about": np.array("not json")},
        {"about": _about(kind="xgboost"), "trees": np.frombuffer(b'{"a": 1}', np.uint8)},
        {"about": _about(kind="xgboost"), "trees": np.frombuffer(b"\0" * 9, np.uint8)},
        {"descriptors": np.zeros((2, 6))},
    ],
)
def test_other_files_are_refused(content, tmp_path):
    np.savez(tmp_path / "other.npz", **content)
    with pytest.raises(InputError, match="is not a saved baseline"):
        Baseline.load(tmp_path / "other.npz")


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="there is no file"):
        Baseline.load(tmp_path / "none")
    with pytest.raises(InputError, match="is not a saved baseline"):
        Baseline.load(tmp_path)
    np.savez(tmp_path / "new.npz", about=_about(format=2))
    with pytest.raises(InputError, match="format 2, not 1"):
        Baseline.load(tmp_path / "new.npz")
    np.savez(tmp_path / "kind.npz", about=_about(kind="oracle"))
    with pytest.raises(InputError, match="no baseline 'oracle'"):
        Baseline.load(tmp_path / "kind.npz")


def test_what_cannot_be_learned(table):
    x, moduli = table
    baseline = Baseline("decision_tree", "K")
    for use in (lambda: baseline.predict(x), lambda: baseline.save("nowhere")):
        with pytest.raises(InputError, match="not learned anything"):
            use()
    with pytest.raises(InputError, match="one modulus for each crystal"):
        baseline.fit(x, moduli[1:])
    with pytest.raises(InputError, match="one modulus for each crystal"):
        baseline.fit(x[:0], [])
    with pytest.raises(InputError, match=r"shape \(n, 6\)"):
        baseline.fit(x[:, :5], moduli)
    for bad in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(InputError, match="positive numbers in GPa"):
            baseline.fit(x[:2], [100.0, bad])
    with pytest.raises(InputError, match="finite"):
        baseline.fit(x[:2] * [1, 1, np.nan, 1, 1, 1], moduli[:2])
    with pytest.raises(InputError, match="no baseline 'oracle'"):
        Baseline("oracle", "K")
    with pytest.raises(InputError, match="'K' or 'G', not 'E'"):
        Baseline("svr", "E")


@pytest.mark.parametrize(("kind", "library"), [("xgboost", "xgboost"), ("svr", "sklearn")])
def test_a_missing_library_is_named_with_its_remedy(kind, library, monkeypatch):
    def find(name):
        return None if name == library else importlib.util.find_spec(name)

    monkeypatch.setattr(baselines, "find_spec", find)
    with pytest.raises(InputError, match=rf"needs {library}; .*pip install 'cijkl\[train\]'"):
        Baseline(kind, "K")
