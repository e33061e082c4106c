"""Screenings on a cluster inside this process: what is computed, known, linked, kept, refused."""

from __future__ import annotations

import random

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from cijkl.errors import CijklError, InputError
from cijkl.screening import Store, screen
from cijkl.screening import cluster as place
from cijkl.structures import Unreadable

pytest.importorskip("duckdb")


def supercell(atoms: Atoms, name: str) -> Atoms:
    """The same crystal otherwise."""
    result = atoms.repeat((1, 1, 2))[::-1]
    result.positions += [0.1, 0.2, 0.3]
    result.wrap()
    result.info = {"id": name}
    return result


@pytest.fixture
def run(cluster, frail, tmp_path):
    """Screens into one store with the frail engine."""

    def screening(structures, path="store.duckdb", factor=1.0, **options):
        engine = options.pop("engine", frail.Frail(factor=factor))
        return screen(structures, tmp_path / path, engine=engine, scheduler=cluster, **options)

    screening.path = tmp_path / "store.duckdb"
    return screening


def values(path, query):
    with Store(path) as store:
        return store.connection.execute(query).fetchall()


def test_every_crystal_is_computed_once(run, crystals):
    summary = run(crystals)
    assert vars(summary.counts) == {
        "inputs": 30, "computed": 30, "failed": 0, "known": 0, "duplicates": 0, "dropped": 0,
    }  # fmt: skip
    found = values(run.path, "SELECT id, K_hill, volume, natoms, band_gap FROM screened")
    assert len(found) == 30
    for _, bulk_modulus, volume, natoms, _ in found:
        # K = lambda + 2 G / 3 with lambda = G / 3
        assert bulk_modulus == pytest.approx(1000.0 * natoms / volume)
    gaps = {name: gap for name, _, _, _, gap in found}
    assert gaps["c7"] == pytest.approx(0.7)


def test_a_second_run_does_nothing(run, crystals, rows):
    run(crystals)
    before = rows(run.path)
    summary = run(crystals)
    assert (summary.counts.known, summary.counts.computed) == (30, 0)
    assert rows(run.path) == before
    assert values(
        run.path, "SELECT run, state, inputs, computed, known FROM runs ORDER BY run"
    ) == [
        (1, "done", 30, 30, 0),
        (2, "done", 30, 0, 30),
    ]


def test_a_run_does_what_is_missing(run, crystals, rows):
    run(crystals[:11])
    assert run(crystals).counts.computed == 19
    run(crystals, path="at_once.duckdb")
    assert rows(run.path) == rows(run.path.with_name("at_once.duckdb"))


def test_another_setting_is_another_result(run, crystals):
    run(crystals)
    assert run(crystals, factor=2.0).counts.computed == 30
    pairs = values(
        run.path,
        "SELECT max(K_hill) / min(K_hill), count(*) FROM results GROUP BY fingerprint",
    )
    assert len(pairs) == 30
    assert all(ratio == pytest.approx(2.0) and count == 2 for ratio, count in pairs)
    assert run(crystals).counts.known == 30


def test_the_same_crystal_in_another_cell_is_linked(run, crystals, rows):
    others = [supercell(atoms, f"other{number}") for number, atoms in enumerate(crystals)]
    summary = run([*crystals, *others])
    assert (summary.counts.computed, summary.counts.duplicates) == (30, 30)
    found = values(
        run.path,
        "SELECT l.id, c.id FROM links l JOIN crystals c USING (fingerprint) WHERE l.duplicate",
    )
    assert sorted(found) == sorted((f"other{number}", f"c{number}") for number in range(30))
    before = rows(run.path)
    assert run([*crystals, *others]).counts.known == 60
    assert rows(run.path) == before


def test_duplicates_one_after_the_other_are_computed_once(run, crystals):
    structures = [copy for atoms in crystals for copy in (atoms, supercell(atoms, "x"), atoms)]
    for number, atoms in enumerate(structures := [atoms.copy() for atoms in structures]):
        atoms.info["id"] = f"n{number}"
    summary = run(structures)
    assert (summary.counts.computed, summary.counts.duplicates) == (30, 60)
    assert values(run.path, "SELECT count(*) FROM results") == [(30,)]


def test_a_second_engine_computes_the_crystal_that_the_store_holds(run, crystals):
    run(crystals[:1])
    other = supercell(crystals[0], "other")
    run([*crystals[:1], other])
    assert run([other], factor=2.0).counts.computed == 1
    ids = values(run.path, "SELECT id, count(*) FROM screened GROUP BY id")
    assert ids == [("c0", 2)]
    assert run([other, crystals[0]], factor=2.0).counts.known == 2


def test_what_fails_is_noted_and_not_tried_again(run, crystals, rows):
    radon, argon = bulk("Rn", "fcc", a=5.5), bulk("Ar", "fcc", a=5.3)
    broken = Unreadable("bad", "bad.cif", "no cell")
    structures = [*crystals[:5], radon, broken, argon, *crystals[5:]]
    summary = run(structures)
    assert (summary.counts.computed, summary.counts.failed) == (30, 3)
    found = dict(values(run.path, "SELECT reason, tries FROM failures"))
    assert found == {
        "radon fails": 1,
        "no cell": 1,
        "unexpected RuntimeError: argon is noble": 2,
    }
    before = rows(run.path)
    assert run(structures).counts.known == 33
    assert rows(run.path) == before
    assert run(structures, retry_failed=True).counts.failed == 3
    assert rows(run.path) == before


def test_a_failure_that_passes_is_forgotten(run, frail, tmp_path, cluster):
    class Cured(frail.Frail):
        """Argon is well."""

        def results(self, crystals):
            return [frail.Frail._result(self, _as_krypton(crystal)) for crystal in crystals]

    def _as_krypton(crystal):
        atoms = crystal.atoms.copy()
        atoms.numbers[:] = 14
        return type(crystal)(crystal.id, atoms, crystal.source)

    argon = bulk("Ar", "fcc", a=5.3)
    run([argon])
    assert run([argon], retry_failed=True, engine=Cured()).counts.computed == 1
    with Store(run.path) as store:
        assert store.counts() == {"crystals": 1, "results": 1, "failures": 0, "links": 1}
    assert run([argon]).counts.known == 1


def test_conditions_before(run, crystals):
    summary = run(crystals, where="band_gap between 0.45 and 1.05 and natoms < 50")
    assert summary.counts.inputs == 6
    gaps = values(run.path, "SELECT min(band_gap), max(band_gap) FROM crystals")
    assert gaps == [(pytest.approx(0.5), pytest.approx(1.0))]


def test_conditions_after(run, crystals, rows):
    summary = run(crystals, keep=["stable", "K_hill > 90 or band_gap > 2.75"])
    assert summary.counts.computed + summary.counts.dropped == 30
    assert 0 < summary.counts.dropped < 30
    assert values(run.path, "SELECT min(K_hill) > 90 FROM screened WHERE band_gap < 2.7") == [
        (True,)
    ]
    before = rows(run.path)
    again = run(crystals, keep=["stable", "K_hill > 90 or band_gap > 2.75"])
    assert again.counts.known == 30
    assert rows(run.path) == before
    # what was dropped for one reason is computed for another
    assert run(crystals).counts.computed == summary.counts.dropped


def test_a_limit_takes_the_first(run, crystals):
    assert run(iter(crystals), limit=7).counts.inputs == 7
    assert values(run.path, "SELECT count(*) FROM results") == [(7,)]


def test_only_so_much_is_read_ahead(run, frail, tmp_path):
    """A stream is read as it is worked off: two batches for each of two workers, and one more."""
    folder = tmp_path / "begun"
    folder.mkdir()
    ahead = []

    def stream():
        for number in range(80):
            ahead.append(number - 4 * len(list(folder.iterdir())))
            atoms = bulk("MgO", "rocksalt", a=4.0 + 0.01 * number)
            atoms.info["id"] = f"e{number}"
            yield atoms

    run(stream(), engine=frail.Frail(atoms=8, crystals=4, folder=str(folder)))
    assert len(ahead) == 80
    assert 4 <= max(ahead) <= 20


def test_results_do_not_depend_on_the_order_of_finishing(run, crystals, rows):
    shuffled = crystals.copy()
    random.Random(0).shuffle(shuffled)
    run(crystals)
    run(shuffled, path="shuffled.duckdb")
    first, second = rows(run.path), rows(run.path.with_name("shuffled.duckdb"))
    assert first == second


def test_own_columns_of_any_kind(run, crystals):
    awkward = {"K_hill": 5, "drop table": True, 'quo"te': "x", "Band_Gap2": 1}
    for number, atoms in enumerate(crystals):
        atoms.info.update(awkward, mixed=number if number % 2 else "text", ID=number)
    run(crystals)
    found = values(
        run.path,
        'SELECT "given_K_hill", "drop table", "quo""te", "Band_Gap2", mixed, "given_ID" '
        "FROM screened WHERE id = 'c3'",
    )
    assert found == [(5.0, True, "x", 1.0, "3", 3.0)]
    with Store(run.path) as store:
        crystal = next(store.crystals("id = 'c3'"))
    assert crystal.columns["mixed"] == "3"
    assert np.array_equal(crystal.atoms.positions, crystals[3].positions)


def test_one_store_has_one_writer(run, crystals):
    run(crystals[:1])
    with Store(run.path, write=True):
        for write in (True, False):
            with pytest.raises(InputError, match="this process has the store open"):
                Store(run.path, write=write)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"where": "natoms >"}, "condition"),
        ({"keep": "E_maxx > 3"}, "unknown column 'E_maxx'; did you mean E_max"),
        ({"limit": -1}, "limit"),
        ({"workers": 2}, "leave workers out"),
        ({"engine": "guess"}, "engine must be"),
        ({"engine": "predict", "potential": "chgnet"}, "no setting 'potential'"),
        ({"engine": "predict", "model": "no-such-model"}, "no-such-model"),
        ({"engine": "compute", "fmax": -1.0}, "fmax"),
        ({"engine": "compute", "potential": "sevennet-00"}, "sevennet-0"),
    ],
)
def test_what_cannot_be_used_is_refused(run, crystals, options, message):
    with pytest.raises(CijklError, match=message):
        run(crystals, **options)


def test_a_scheduler_that_is_not_there(tmp_path, crystals, monkeypatch):
    monkeypatch.setattr(place, "_ANSWER", 1)
    with pytest.raises(InputError, match="does not answer"):
        screen(crystals, tmp_path / "s.duckdb", scheduler="tcp://127.0.0.1:9")
