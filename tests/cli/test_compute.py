"""`cijkl compute` as a user runs it, with SevenNet-0 on the two atoms of silicon."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest

from cijkl.cli.compute import compute
from cijkl.cli.inputs import crystals
from cijkl.response import RelaxSettings
from cijkl.structures import Unreadable

from .conftest import write_crystal

FAST = ("--potential", "sevennet-0", "--fmax", "0.01")


def test_the_defaults_are_those_of_the_function():
    defaults = {option.name: option.default for option in compute.params}
    assert defaults["potential"] == defaults["cell"] == "auto"
    assert defaults["fmax"] == RelaxSettings.fmax
    assert defaults["pressure"] == RelaxSettings.pressure


def test_silicon(cijkl, silicon, tmp_path):
    run = cijkl("compute", silicon, *FAST, "--json", tmp_path / "si.jsonl", "--html", tmp_path)
    assert run.code == 0
    assert run.err == f"wrote {tmp_path / 'silicon.html'}\n"
    assert "bulk K" in run.out
    record = json.loads((tmp_path / "si.jsonl").read_text())
    assert record["structure"]["spacegroup"] == 227
    assert record["engine"]["name"] == "sevennet-0"
    assert record["engine"]["settings"]["relax"]["fmax"] == 0.01
    assert record["relaxation"]["converged"] is True
    assert record["response"]["method"] == "linear"
    # PBE gives 89 GPa for the bulk modulus, experiment 98
    assert record["moduli"]["K"]["hill"] == pytest.approx(95, abs=10)
    c = record["C"]
    assert c[0][1] == pytest.approx(c[1][2])
    assert c[0][3] == pytest.approx(0.0, abs=1e-6)


def test_precision(cijkl, silicon):
    for options, dtype in [((), "float32"), (("--precision", "double"), "float64")]:
        run = cijkl("compute", silicon, *FAST, *options, "--json", "-")
        assert run.code == 0
        (record,) = run.records
        assert record["engine"]["settings"]["dtype"] == dtype


def test_a_potential_without_the_precision(cijkl, silicon, monkeypatch):
    from cijkl.potentials import AseCalculator, registry

    def single_only(name, option, device, dtype):
        from ase.calculators.emt import EMT

        return AseCalculator(EMT(), name, settings={"dtype": "float32"})

    class Entry:
        def load(self):
            return single_only

    monkeypatch.setattr(registry, "_plugins", lambda: {"coarse": Entry()})
    run = cijkl("compute", silicon, "-p", "coarse", "--precision", "double", "--json", "-")
    registry._load.cache_clear()
    assert run.code == 2
    assert run.out == ""
    assert run.err == "cijkl: 'coarse' has no double precision; leave the precision out\n"


def test_one_failure_among_good_ones(cijkl, tmp_path):
    good = write_crystal(tmp_path / "good.jsonl", "a", "b")
    bad = tmp_path / "bad.cif"
    bad.write_text("hello")
    alien = write_crystal(tmp_path / "alien.jsonl", "og", species="Og", a=7.0)
    run = cijkl("compute", bad, good, "nowhere.cif", alien, *FAST, "--json", "-")
    assert run.code == 1
    outcome = [(record["id"], record["status"]) for record in run.records]
    assert outcome == [
        ("bad", "failed"),
        ("a", "ok"),
        ("b", "ok"),
        ("nowhere.cif", "failed"),
        ("og", "failed"),
    ]
    first, second, third = run.complaints
    assert first.startswith(f"cijkl: {bad}: no data block")
    assert second == "cijkl: nowhere.cif: no such file or folder"
    assert "does not know Og" in third
    assert f"{alien}:1 (og)" in third
    errors = [record["error"] for record in run.records]
    assert [error is None for error in errors] == [False, True, True, False, False]


def test_all_read_and_all_failed(cijkl, tmp_path):
    alien = write_crystal(tmp_path / "alien.jsonl", "x", "y", species="Og", a=7.0)
    run = cijkl("compute", alien, *FAST, "--json", "-")
    assert run.code == 1
    assert [record["status"] for record in run.records] == ["failed", "failed"]
    assert len(run.complaints) == 2


def test_none_read(cijkl, tmp_path):
    bad = tmp_path / "bad.cif"
    bad.write_text("hello")
    target = tmp_path / "kept.jsonl"
    target.write_text("before\n")
    run = cijkl("compute", bad, "nowhere.cif", "--json", target)
    assert run.code == 2
    assert len(run.complaints) == 2
    assert target.read_text() == "before\n"


def test_ids_are_unique_over_paths(tmp_path):
    one = write_crystal(tmp_path / "one.jsonl", "a", "b")
    two = write_crystal(tmp_path / "two.jsonl", "a")
    found = list(crystals([str(one), str(two), str(tmp_path / "a"), str(one)]))
    assert [item.id for item in found] == ["a", "b", "a#2", "a#3", "a#4", "b#2"]
    assert isinstance(found[3], Unreadable)


def test_an_unwritable_output_is_found_before_the_work(cijkl, silicon, tmp_path):
    run = cijkl("compute", silicon, *FAST, "--json", tmp_path)
    assert run.code == 2
    assert len(run.complaints) == 1
    assert str(tmp_path) in run.err


def test_what_libraries_print_stays_off_the_json(cijkl, silicon, monkeypatch):
    from cijkl.response import choice

    original = choice.compute_crystal

    def noisy(*args, **kwargs):
        print("a library says hello")
        return original(*args, **kwargs)

    monkeypatch.setattr(choice, "compute_crystal", noisy)
    run = cijkl("compute", silicon, *FAST, "--json", "-")
    assert len(run.records) == 1
    assert run.err == "a library says hello\n"


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_interruption_keeps_what_is_finished(tmp_path):
    many = write_crystal(tmp_path / "many.jsonl", *(f"si-{n}" for n in range(500)))
    target = tmp_path / "out.jsonl"
    code = "import sys; from cijkl.cli import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "compute", many, *FAST, "--quiet", "--json", target],
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 100
    while time.monotonic() < deadline and not (target.exists() and target.stat().st_size):
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "cijkl: interrupted; what was finished is written\n"
    records = [json.loads(line) for line in target.read_text().splitlines()]
    assert 1 <= len(records) < 500
    assert all(record["status"] == "ok" for record in records)


def test_a_layer_in_its_plane_or_as_bulk(cijkl, tmp_path):
    from ase.build import graphene

    atoms = graphene(a=2.46, vacuum=6.0)
    atoms.pbc = True
    atoms.write(tmp_path / "sheet.vasp", format="vasp")
    run = cijkl("compute", tmp_path / "sheet.vasp", *FAST)
    assert run.code == 0
    assert "N/m" in run.out
    assert "bulk K" not in run.out
    assert "(layer)" in run.out
    run = cijkl("compute", tmp_path / "sheet.vasp", *FAST, "--bulk", "--json", "-")
    (record,) = run.records
    assert "planar" not in record
    assert "large_vacuum" in [warning["code"] for warning in record["warnings"]]
