"""Matbench: its file, its ids and its folds, against what its authors published."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from ase.build import bulk

from cijkl.datasets import Example, load, official_folds
from cijkl.datasets import matbench as module
from cijkl.datasets.matbench import TASKS, Task, _fold_of_each, load_task, matbench_log_kvrh
from cijkl.errors import InputError
from cijkl.structures import Crystal

pymatgen = pytest.importorskip("pymatgen.core")


@cache
def structures():
    """A cell without symmetry, which shows a transposition; CsCl; and one that cannot be."""
    skew = pymatgen.Lattice([[4.1, 0.3, -0.2], [0.7, 4.6, 0.5], [-0.4, 0.9, 5.2]])
    places = [[0.1, 0.2, 0.3], [0.6, 0.7, 0.2], [0.4, 0.1, 0.8]]
    cubic = pymatgen.Lattice.cubic
    return [
        pymatgen.Structure(skew, ["Cu", "O", "Si"], places),
        pymatgen.Structure(cubic(4.12), ["Cs", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]),
        pymatgen.Structure(cubic(0.9), ["Si"], [[0, 0, 0]]),
    ]


@pytest.fixture
def task(server) -> Task:
    """A small task in the layout of the real file, pandas' orient="split"."""
    rows = [[s.as_dict(), v] for s, v in zip(structures(), [1.7, 1.398, 2.0], strict=True)]
    table = {"index": [0, 1, 2], "columns": ["structure", "log10(K_VRH)"], "data": rows}
    server.content = gzip.compress(json.dumps(table).encode())
    sha256 = hashlib.sha256(server.content).hexdigest()
    real = TASKS["matbench_log_kvrh"]
    return replace(real, url=server.url("matbench_log_kvrh.json.gz"), sha256=sha256)


def test_the_file_becomes_examples_in_gpa(task, tmp_path):
    bad = []
    first, second = load_task(task, tmp_path, bad.append)
    assert (first.id, second.id) == ("mb-log-kvrh-00001", "mb-log-kvrh-00002")
    assert first.moduli["K_VRH"] == pytest.approx(50.1187, abs=1e-4)
    assert second.moduli["K_VRH"] == pytest.approx(25.0035, abs=1e-4)
    expected = structures()[0]
    np.testing.assert_allclose(first.crystal.atoms.cell.array, expected.lattice.matrix, atol=1e-9)
    np.testing.assert_allclose(first.crystal.atoms.positions, expected.cart_coords, atol=1e-9)
    assert list(first.crystal.atoms.symbols) == ["Cu", "O", "Si"]
    assert second.formula == "CsCl"
    # a crystal that is dropped does not move the ids, and so the folds, of the others
    assert [row.id for row in bad] == ["mb-log-kvrh-00003"]


def test_the_cache_is_that_of_the_environment(task, tmp_path, monkeypatch, server):
    monkeypatch.setenv("CIJKL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(TASKS, "matbench_log_kvrh", task)
    with pytest.warns(UserWarning, match="matbench_log_kvrh: 1 of 3 rows"):
        assert len(matbench_log_kvrh()) == 2
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["matbench_log_kvrh.json.gz"]
    with pytest.warns(UserWarning):
        assert len(load("matbench_log_kvrh")) == 2
    assert len(server.requests) == 1


def test_offline_is_one_clear_line(task, tmp_path, closed_port, monkeypatch):
    monkeypatch.setattr("cijkl.structures.sources.download.time.sleep", lambda _: None)
    away = replace(task, url=closed_port("matbench_log_kvrh.json.gz"))
    with pytest.raises(InputError, match="could not be downloaded .* put it at") as caught:
        load_task(away, tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", [None, b"", b"{", b"{}", b"[1]"])
def test_another_file_under_the_right_checksum(task, tmp_path, server, text):
    content = b"no gzip" if text is None else gzip.compress(text)
    server.content = content
    other = replace(task, sha256=hashlib.sha256(content).hexdigest())
    with pytest.raises(InputError, match="no Matbench file"):
        load_task(other, tmp_path)


def examples(task: str, numbers) -> list[Example]:
    atoms = bulk("Si")
    return [Example(Crystal(f"mb-log-{task}-{n:05d}", atoms, "")) for n in numbers]


@pytest.mark.parametrize("count", [312, 636, 4764, 10987])
def test_folds_are_those_of_scikit_learn(count):
    selection = pytest.importorskip("sklearn.model_selection")
    folds = _fold_of_each(count)
    splitter = selection.KFold(n_splits=5, shuffle=True, random_state=18012019)
    for fold, (_, test) in enumerate(splitter.split(np.zeros(count))):
        np.testing.assert_array_equal(np.flatnonzero(folds == fold), test)


def test_folds_are_those_that_matbench_published():
    """Ids of recorded results in Matbench's documentation, and positions in its own tests."""
    dielectric, steels = _fold_of_each(4764), _fold_of_each(312)
    first = [8, 10, 19, 25, 31, 36, 38, 40, 41, 51, 62]
    assert list(np.flatnonzero(dielectric == 0)[:11] + 1) == first
    assert list(np.flatnonzero(dielectric == 2)[:3] + 1) == [6, 7, 12]
    assert np.flatnonzero(dielectric == 0)[12] + 1 == 76
    assert np.flatnonzero(dielectric != 0)[1621] + 1 == 1985
    assert np.flatnonzero(steels == 0)[12] + 1 == 68
    assert np.flatnonzero(steels != 0)[75] + 1 == 95


def test_ids_tell_the_fold_in_any_order():
    numbers = [10987, 6, 11, 3, 8, 1]
    assert list(official_folds(examples("kvrh", numbers))[1:]) == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(
        official_folds(examples("gvrh", numbers)), official_folds(examples("kvrh", numbers))
    )
    sizes = np.bincount(official_folds(examples("kvrh", range(1, 10988))))
    assert list(sizes) == [2198, 2198, 2197, 2197, 2197]


@pytest.mark.parametrize(
    "name", ["mp-149", "mb-log-kvrh-00000", "mb-log-kvrh-10988", "mb-gap-00001"]
)
def test_other_crystals_have_no_official_fold(name):
    with pytest.raises(InputError, match="no official fold"):
        official_folds([Example(Crystal(name, bulk("Si"), ""))])


def test_tasks_say_what_they_are():
    for name, task in TASKS.items():
        assert task.url == f"https://ml.materialsproject.org/projects/{name}.json.gz"
        assert len(task.sha256) == 64
        assert task.column == f"log10({task.modulus})"
    assert set(TASKS) == {"matbench_log_kvrh", "matbench_log_gvrh"}
    assert module.SEED == 18012019
