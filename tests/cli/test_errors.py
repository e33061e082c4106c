"""Bad input of every kind: the right exit code and exactly one clear line, never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
QUARTZ = EXAMPLES / "quartz.txt"
ROWS = QUARTZ.read_text().splitlines()[3:]

#: name of a file and what it holds
TENSORS = {
    "empty": ("t.txt", "", "nothing in it"),
    "words": ("t.txt", "hello world\nand more\n", "no numbers"),
    "five rows": ("t.txt", "\n".join(ROWS[:5]), "30 numbers"),
    "not symmetric": ("t.txt", "\n".join(["9 9 9 9 9 9", *ROWS[1:]]), "symmetric"),
    "not a number": ("t.txt", "\n".join(["86.8 x 11.91 0 0 0", *ROWS[1:]]), "'x' is no number"),
    "not finite": ("t.txt", "\n".join(["nan 7.04 11.91 -18 0 0", *ROWS[1:]]), "finite"),
    "all zero": ("t.txt", "\n".join(["0 0 0 0 0 0"] * 6), "zero"),
    "in pascal": (
        "t.txt",
        "\n".join(" ".join(f"{float(word) * 1e9}" for word in row.split()) for row in ROWS),
        "beyond any solid",
    ),
    "unit kbar": ("t.txt", "constants in kbar\n" + "\n".join(ROWS), "kbar"),
    "broken JSON": ("t.json", '{"C": [[1, 2', "JSON"),
    "JSON without tensor": ("t.json", '{"a": 1}', "no stiffness"),
    "JSON of wrong shape": ("t.json", "[[1, 2], [2, 1]]", "shape"),
    "binary": ("t.txt", "\x00\x01\x02\x00", "binary"),
    "cut OUTCAR": ("OUTCAR", " TOTAL ELASTIC MODULI (kBar)\n Direction XX YY\n", "cut short"),
    "damaged gzip": ("t.txt.gz", b"\x1f\x8b\x08\x00nonsense", "gzip"),
}

STRUCTURES = {
    "empty": ("a.cif", "", "empty"),
    "words": ("a.cif", "hello\n", "data_"),
    "web page": ("a.cif", "<!DOCTYPE html><html></html>", "web page"),
    "binary": ("a.cif", "\x00\x01\x02\x00", "binary"),
    "unknown format": ("a.dat", "hello\n", "no known format"),
    "broken JSON": ("a.json", '{"lattice": [[1', "JSON"),
    "JSON without crystal": ("a.json", '{"a": 1}', "without a crystal"),
    "unknown element": (
        "a.json",
        json.dumps({"lattice": [[4, 0, 0], [0, 4, 0], [0, 0, 4]], "species": ["Xx"],
                    "frac": [[0, 0, 0]]}),
        "Xx",
    ),
    "flat cell": (
        "a.json",
        json.dumps({"lattice": [[4, 0, 0], [8, 0, 0], [0, 0, 4]], "species": ["Si"],
                    "frac": [[0, 0, 0]]}),
        "",
    ),
    "overlapping atoms": (
        "a.json",
        json.dumps({"lattice": [[4, 0, 0], [0, 4, 0], [0, 0, 4]], "species": ["Si", "Si"],
                    "frac": [[0, 0, 0], [0.1, 0, 0]]}),
        "",
    ),
    "wrong count": (
        "a.json",
        json.dumps({"lattice": [[4, 0, 0], [0, 4, 0], [0, 0, 4]], "species": ["Si", "Si"],
                    "frac": [[0, 0, 0]]}),
        "",
    ),
    "no cell": ("a.xyz", "1\nwater\nO 0 0 0\n", ""),
    "damaged zip": ("a.zip", b"PK\x03\x04nonsense", ""),
    "cut POSCAR": ("POSCAR", "Si\n1.0\n5 0 0\n0 5 0\n", ""),
}  # fmt: skip

OPTIONS = {
    "no verb": ((), "no verb"),
    "unknown verb": (("analyse", QUARTZ), "No such command"),
    "no tensor": (("analyze",), "TENSOR"),
    "no structure": (("compute",), "STRUCTURE"),
    "unknown option": (("analyze", QUARTZ, "--bogus"), "--bogus"),
    "unquoted indices": (("analyze", QUARTZ, "--hkl", "1", "0", "0"), "unexpected extra"),
    "two indices": (("analyze", QUARTZ, "--hkl", "1 0"), "three or four numbers"),
    "zero indices": (("analyze", QUARTZ, "--hkl", "0 0 0"), "not all zero"),
    "indices without a cell": (("analyze", QUARTZ, "--hkl", "1 0 0"), "cell"),
    "frame": (("analyze", QUARTZ, "--frame", "crystal"), "'input', 'ieee'"),
    "density no number": (("analyze", QUARTZ, "--density", "heavy"), "'heavy'"),
    "density negative": (("analyze", QUARTZ, "--density", "-1"), "positive"),
    "density and structure": (
        ("analyze", QUARTZ, "--density", "2.6", "-s", EXAMPLES / "alpha-quartz.cif"),
        "not both",
    ),
    "symprec": (("analyze", QUARTZ, "--symprec", "0"), "positive"),
    "no such tensor": (("analyze", "nowhere.txt"), "no such file"),
    "a folder for a tensor": (("analyze", EXAMPLES), "folder"),
    "a crystal for a tensor": (("analyze", EXAMPLES / "silicon.cif"), "no numbers"),
    "no such crystal": (("analyze", QUARTZ, "-s", "nowhere.cif"), "nowhere.cif"),
    "a folder for a crystal": (("analyze", QUARTZ, "-s", EXAMPLES), "crystals"),
    "no such structure": (("compute", "nowhere.cif"), "no such file"),
    "JSON into a folder": (("analyze", QUARTZ, "--json", EXAMPLES), "directory"),
    "JSON below a file": (("analyze", QUARTZ, "--json", QUARTZ / "a.json"), "is no folder"),
    "page below a file": (("analyze", QUARTZ, "--html", QUARTZ / "a.html"), "is no folder"),
    "pages into a file": (("analyze", QUARTZ, "--html", QUARTZ), "is no folder"),
    "full disk": (("analyze", QUARTZ, "--quiet", "--json", "/dev/full"), "No space left"),
    "method": (("compute", EXAMPLES / "silicon.cif", "--method", "magic"), "'linear', 'finite'"),
    "fmax": (("compute", EXAMPLES / "silicon.cif", "--fmax", "0"), "positive"),
    "fmax not finite": (("compute", EXAMPLES / "silicon.cif", "--fmax", "nan"), "'nan'"),
    "pressure": (("compute", EXAMPLES / "silicon.cif", "--pressure", "inf"), "finite"),
    "unknown potential": (("compute", EXAMPLES / "silicon.cif", "-p", "magic"), "'magic'"),
    "misspelt potential": (("compute", EXAMPLES / "silicon.cif", "-p", "sevennet0"), "sevennet-0"),
    "unknown part of a sum": (
        ("compute", EXAMPLES / "silicon.cif", "-p", "sevennet-0+magic"),
        "'magic'",
    ),
    "option of a potential": (
        ("compute", EXAMPLES / "silicon.cif", "-p", "sevennet-mf-0:magic"),
        "magic",
    ),
    "no such model": (("compute", EXAMPLES / "silicon.cif", "-p", "mace:/nowhere.model"), ""),
    "empty potential": (("compute", EXAMPLES / "silicon.cif", "-p", ""), ""),
}


def refused(run, expected: str) -> None:
    assert run.code == 2, run
    assert run.out == "" or run.out.startswith("Usage: cijkl"), run.out
    assert len(run.complaints) == 1, run.err
    (line,) = run.complaints
    assert line.startswith("cijkl: ")
    assert expected in line
    assert len(line) < 300
    assert "Traceback" not in line
    assert "defect" not in line


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("kind", TENSORS)
def test_bad_tensor(cijkl, tmp_path, kind):
    name, content, expected = TENSORS[kind]
    refused(cijkl("analyze", write(tmp_path, name, content), "--json", "-"), expected)


@pytest.mark.parametrize("kind", STRUCTURES)
def test_bad_structure(cijkl, tmp_path, kind):
    name, content, expected = STRUCTURES[kind]
    path = write(tmp_path, name, content)
    run = cijkl("compute", path, "--json", "-")
    refused(run, expected)
    assert str(path) in run.err


@pytest.mark.parametrize("kind", STRUCTURES)
def test_bad_structure_of_a_tensor(cijkl, tmp_path, kind):
    name, content, expected = STRUCTURES[kind]
    path = write(tmp_path, name, content)
    refused(cijkl("analyze", QUARTZ, "--structure", path), expected)


@pytest.mark.parametrize("kind", OPTIONS)
def test_bad_option(cijkl, kind):
    arguments, expected = OPTIONS[kind]
    refused(cijkl(*arguments), expected)


def test_a_missing_package_is_named_with_its_command(cijkl, monkeypatch, silicon):
    from cijkl.potentials import registry

    monkeypatch.setattr(registry, "find_spec", lambda name: None)
    registry._load.cache_clear()
    refused(cijkl("compute", silicon, "-p", "sevennet-0"), "pip install")


def test_an_unforeseen_error_is_one_line(cijkl, monkeypatch):
    def fail(*_args, **_kwargs):
        raise ZeroDivisionError("a\nb")

    monkeypatch.setattr("cijkl.analysis.analyze_file", fail)
    run = cijkl("analyze", QUARTZ)
    assert run.code == 1
    assert run.complaints[0].startswith("cijkl: unexpected ZeroDivisionError: a b.")
    assert len(run.complaints) == 1


def shell(*arguments: object, **options) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "import sys; from cijkl.cli import main; sys.exit(main())"]
    return subprocess.run(
        [*command, *map(str, arguments)], capture_output=True, text=True, timeout=120, **options
    )


def test_in_a_shell_of_its_own():
    run = shell("analyze", "nowhere.txt")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "cijkl: nowhere.txt: no such file, expected an elastic tensor\n"


def test_standard_output_that_is_closed():
    command = (
        f"{sys.executable} -c 'import sys; from cijkl.cli import main; sys.exit(main())' "
        f"analyze {QUARTZ} --json - | true"
    )
    run = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120)
    assert run.stderr == ""
    table = command.replace("--json -", "")
    run = subprocess.run(table, shell=True, capture_output=True, text=True, timeout=120)
    assert run.stderr == ""
