"""Start-up: what an import pulls in, and how long the first answer takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import cijkl

ROOT = Path(__file__).parents[1]
HEAVY = {"ase", "matplotlib", "pandas", "plotly", "pydantic", "pymatgen", "spglib", "torch"}

ANALYZE = (
    "import sys; from cijkl.cli import main; "
    "code = main(['analyze', 'examples/quartz.txt', '--json', '{null}']); assert code == 0"
)


def modules_after(code: str) -> set[str]:
    code += "\nimport json, sys; sys.stderr.write(json.dumps(sorted(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in json.loads(run.stderr)}


def test_import_is_light():
    assert not modules_after("import cijkl") & (HEAVY | {"numpy", "scipy", "rich", "click"})


def test_tensors_need_numpy_only():
    code = "from cijkl import ElasticTensor, analyze, read_tensor"
    assert not modules_after(code) & (HEAVY | {"scipy", "rich", "click"})


def test_analyze_is_light():
    assert not modules_after(ANALYZE.format(null=os.devnull)) & HEAVY


@pytest.mark.parametrize(
    "verb",
    [
        "analyze", "compute", "distill", "evaluate", "models", "potentials", "predict", "query",
        "reproduce", "screen", "serve", "train",
    ],
)  # fmt: skip
def test_help_is_light(verb):
    assert not modules_after(f"from cijkl.cli import main; main(['{verb}', '--help'])") & (
        HEAVY | {"numpy"}
    )


@pytest.mark.skipif(sys.platform == "win32", reason="resource usage of POSIX")
@pytest.mark.parametrize(
    ("code", "limit"), [("import cijkl", 0.3), (ANALYZE.format(null=os.devnull), 1.0)]
)
def test_start_costs_little_processor_time(code, limit):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    best = float("inf")
    for _ in range(3):
        before = os.times()
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        after = os.times()
        spent = after.children_user - before.children_user
        best = min(best, spent + after.children_system - before.children_system)
    assert best < limit


def test_the_public_names_exist():
    for name in cijkl.__all__:
        assert getattr(cijkl, name).__doc__
    assert set(cijkl.__all__) <= set(dir(cijkl))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'tensor_of_everything'"):
        _ = cijkl.tensor_of_everything
