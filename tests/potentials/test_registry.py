from __future__ import annotations

import subprocess
import sys
import textwrap
from importlib.metadata import metadata, version

import pytest

import cijkl.potentials.registry as registry
from cijkl.errors import InputError, MissingPackageError
from cijkl.potentials import Potential, catalogue, load, names
from cijkl.potentials.registry import split_sum


def test_import_is_light():
    code = (
        "import sys, cijkl.potentials as p; p.catalogue(); p.names();"
        "print([m for m in ('torch', 'ase', 'pymatgen', 'sevenn', 'chgnet') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "[]", result.stderr


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("chgnet", ["chgnet"]),
        ("chgnet + d3", ["chgnet", "d3"]),
        ("sevennet-mf-0:PBE+d3:pbe", ["sevennet-mf-0:PBE", "d3:pbe"]),
        ("mace:/my+models/a+b.model", ["mace:/my+models/a+b.model"]),
        ("mace:/my+models/a.model+d3", ["mace:/my+models/a.model", "d3"]),
        ("d3+mace:/x+d3-atm:pbe", ["d3", "mace:/x", "d3-atm:pbe"]),
        ("chgnet+nonsense", ["chgnet", "nonsense"]),
    ],
)
def test_sums_are_split(name, terms):
    assert split_sum(name, names()) == terms


@pytest.mark.parametrize("name", ["sevenet-0", "chgnet+nonsense", "", "chgnet+", "d3++d3", ":pbe"])
def test_unknown_names(name):
    with pytest.raises(InputError, match="No potential is called") as caught:
        load(name)
    assert "\n" not in str(caught.value)


def test_near_matches_are_named():
    with pytest.raises(InputError, match="did you mean .*sevennet-l3i5"):
        load("sevennet-l3i6")
    with pytest.raises(InputError, match="known are sevennet-l3i5, "):
        load("zzzzzz")


def test_missing_package_says_how_to_install(monkeypatch):
    real = registry.find_spec
    monkeypatch.setattr(registry, "find_spec", lambda m: None if m == "chgnet" else real(m))
    registry._load.cache_clear()
    with pytest.raises(MissingPackageError, match=r"pip install 'cijkl\[chgnet\]'"):
        load("chgnet")


def test_same_arguments_give_the_same_object():
    pytest.importorskip("dftd3")
    assert load("d3") is load(" d3 ")
    assert load("d3") is not load("d3:r2scan")
    assert isinstance(load("d3"), Potential)


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """A distribution with an entry point, as pip would have installed it."""
    (tmp_path / "springs.py").write_text(
        textwrap.dedent(
            """
            from ase.calculators.lj import LennardJones
            from cijkl.potentials import AseCalculator, PotentialInfo

            def make(name, option, device, dtype):
                settings = {"option": str(option), "device": device, "dtype": dtype}
                return AseCalculator(LennardJones(), name, version="springs 1.0", settings=settings)

            def described(name, option, device, dtype):
                return make(name, option, device, dtype)

            described.info = PotentialInfo(
                name="described", family="pairs", package="springs", module="springs",
                factory="springs:described", install_command="pip install springs", licence="MIT",
                training_data="none", functional="none", elements="all", recommended_use="Tests.",
                reference="none",
            )
            """
        )
    )
    record = tmp_path / "springs-1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: springs\nVersion: 1.0\n")
    (record / "entry_points.txt").write_text(
        "[cijkl.potentials]\nplain = springs:make\ndescribed = springs:described\n"
        "gone = no_such_module:make\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield
    registry._load.cache_clear()
    sys.modules.pop("springs", None)


def test_plugin_is_loaded(plugin):
    potential = load("plain:soft", device="cpu", dtype="float64")
    assert potential.name == "plain"
    assert potential.settings == {"option": "soft", "device": "cpu", "dtype": "float64"}
    assert load("plain").settings["option"] == "None"


def test_plugin_is_listed(plugin):
    assert {"plain", "described", "gone"} <= set(names())
    entries = {entry.name: entry for entry in catalogue()}
    assert entries["described"].family == "pairs"
    assert entries["described"].installed
    assert entries["described"].version == "1.0"
    assert entries["plain"].package == "springs"
    assert not entries["gone"].installed


def test_catalogue_knows_every_name():
    entries = catalogue()
    assert tuple(entry.name for entry in entries) == names()
    for entry in entries:
        for field in ("licence", "training_data", "elements", "recommended_use", "reference"):
            assert getattr(entry, field)


@pytest.mark.parametrize(
    ("package", "licence"),
    [("sevenn", "MIT"), ("chgnet", "BSD"), ("dftd3", "LGPL-3.0"), ("tblite", "LGPL-3.0")],
)
def test_licences_are_those_of_the_packages(package, licence):
    pytest.importorskip(package)
    facts = metadata(package)
    said = f"{facts.get('License', '')} {facts.get('License-Expression', '')}"
    assert licence in said
    for entry in catalogue():
        if entry.package == package:
            assert licence in entry.licence
            assert entry.version == version(package)


def test_elements_are_those_of_the_models():
    pytest.importorskip("sevenn")
    potential = load("sevennet-0", device="cpu")
    assert len(potential.elements) == 89
    assert potential.elements == set(range(1, 84)) | set(range(89, 95))
