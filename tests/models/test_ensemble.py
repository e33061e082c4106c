"""Several networks together, against the mean worked out with NumPy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
import torch
from ase import Atoms
from ase.build import bulk
from ase.io import read

from cijkl.elasticity.averages import moduli
from cijkl.elasticity.notation import mandel_to_voigt
from cijkl.errors import InputError
from cijkl.models import ensemble
from cijkl.models.batches import MODULI, collate
from cijkl.models.ensemble import Ensemble
from cijkl.models.graphs import crystal_graph
from cijkl.models.log_stiffness import LogStiffnessNetwork, LogStiffnessSettings

EXAMPLES = Path(__file__).parents[2] / "examples"
CRYSTALS = [read(EXAMPLES / "alpha-quartz.cif"), bulk("Cu"), bulk("NaCl", "rocksalt", a=5.64)]


def members(count: int, **settings: int) -> list[LogStiffnessNetwork]:
    found = []
    for seed in range(count):
        torch.manual_seed(seed)
        sizes = {"width": 12, "layers": 1, "channels": 3, "radial": 5, **settings}
        found.append(LogStiffnessNetwork(LogStiffnessSettings(**sizes)).eval())
        with torch.no_grad():
            found[-1].head.anisotropic[-1].weight.mul_(4.0)
    return found


def logarithms(networks: list[LogStiffnessNetwork]) -> np.ndarray:
    """S of each member and crystal, one crystal at a time."""
    with torch.no_grad():
        return np.array(
            [
                [
                    m(collate([crystal_graph(a, m.graph)])).log_stiffness[0].double().numpy()
                    for a in CRYSTALS
                ]
                for m in networks
            ]
        )


def test_mean_and_disagreement():
    networks = members(3)
    found = Ensemble(networks).predict(CRYSTALS)
    logs = logarithms(networks)
    each = np.array([[mandel_to_voigt(scipy.linalg.expm(s)) for s in row] for row in logs])
    mean = np.array([mandel_to_voigt(scipy.linalg.expm(s)) for s in logs.mean(0)])
    np.testing.assert_allclose(found.stiffness, mean, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(found.deviation, each.std(0, ddof=1), rtol=1e-4, atol=1e-4)
    averages = moduli(mean)
    hill = [averages["K"]["hill"], averages["G"]["hill"]]
    columns = [MODULI.index("K_VRH"), MODULI.index("G_VRH")]
    np.testing.assert_allclose(found.moduli[:, columns].T, hill, rtol=1e-5)
    of_each = moduli(each)
    spread = [np.log(of_each[letter]["hill"]).std(0, ddof=1) for letter in "KG"]
    np.testing.assert_allclose(found.spread.T, spread, rtol=1e-3)
    assert (found.spread > 0).all()


def test_one_member_has_no_doubt():
    found = Ensemble(members(1)).predict(CRYSTALS)
    assert not found.deviation.any()
    assert not found.spread.any()
    assert len(found) == 3


def test_passes_do_not_change_the_answer(monkeypatch):
    networks = members(2)
    whole = Ensemble(networks).predict(CRYSTALS)
    passes = []
    original = Ensemble._pass
    monkeypatch.setattr(
        Ensemble, "_pass", lambda self, batch: passes.append(1) or original(self, batch)
    )
    monkeypatch.setattr(ensemble, "_EDGES", 1)
    parts = Ensemble(networks).predict(CRYSTALS)
    assert len(passes) == 3
    np.testing.assert_allclose(parts.stiffness, whole.stiffness, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(parts.moduli, whole.moduli, rtol=1e-5)


def test_stiffnesses_are_symmetric_and_positive_definite():
    found = Ensemble(members(2)).predict(CRYSTALS).stiffness
    assert np.array_equal(found, found.swapaxes(1, 2))
    assert (np.linalg.eigvalsh(found) > 0).all()


def test_no_crystals_is_no_error():
    found = Ensemble(members(2)).predict([])
    assert len(found) == 0
    assert found.stiffness.shape == (0, 6, 6)
    assert found.moduli.shape == (0, 6)


def test_members_must_see_the_same():
    with pytest.raises(ValueError, match="same graphs"):
        Ensemble([*members(1), *members(1, neighbours=12)])


def test_a_crystal_without_a_graph_is_told():
    twice = Atoms("H2", cell=3 * np.eye(3), positions=np.zeros((2, 3)), pbc=True)
    with pytest.raises(InputError, match="share a place"):
        Ensemble(members(1)).predict([CRYSTALS[0], twice])
