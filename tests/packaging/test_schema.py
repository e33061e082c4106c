"""The layout of records and stores changes with its number only."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import NotRequired

import pytest
from typing_extensions import TypedDict

import cijkl
from cijkl.layout import Record
from cijkl.record import SCHEMA, Engine, failed_record
from cijkl.screening.schema import STORE_SCHEMA

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "schema"


@pytest.fixture(scope="module")
def page() -> ModuleType:
    spec = importlib.util.spec_from_file_location("schema_page", ROOT / "docs" / "schema.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_layout_is_the_one_of_its_number(page):
    for name, layout in page.layouts().items():
        kept = json.loads((FOLDER / name).read_text(encoding="utf-8"))
        assert layout == kept, (
            f"docs/schema/{name} tells of another layout than the code: give it a new number, "
            "see docs/policy.md and docs/schema.py"
        )


@pytest.mark.parametrize(("kind", "number"), [("record", SCHEMA), ("store", STORE_SCHEMA)])
def test_every_number_is_kept_and_documented(kind, number):
    policy = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    kept = sorted(path.name for path in FOLDER.glob(f"{kind}-*.json"))
    assert kept == [f"{kind}-{each}.json" for each in range(1, number + 1)]
    assert all(f"(schema/{name})" in policy for name in kept)


class Grown(Record):
    """A record with one key more."""

    colour: NotRequired[str]


class Retyped(TypedDict):
    """A key whose type has changed."""

    schema: str


def test_an_added_key_and_another_type_would_be_seen(page):
    now = page.record_schema()
    assert page.record_schema(Grown) != now
    assert page.record_schema(Retyped)["properties"]["schema"] != now["properties"]["schema"]


def test_words_are_not_part_of_it(page):
    class Reworded(Record):
        """Another sentence about the record."""

    assert page.record_schema(Reworded) == page.record_schema()


def test_records_keep_to_it():
    jsonschema = pytest.importorskip("jsonschema")
    layout = json.loads((FOLDER / f"record-{SCHEMA}.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(layout)
    _, tensor, _ = next(iter(cijkl.read_tensor(ROOT / "examples" / "quartz.txt")))
    crystal = next(iter(cijkl.read(ROOT / "examples" / "alpha-quartz.cif"))).atoms
    quartz = cijkl.analyze(tensor, crystal, hkl=[(1, 0, 1)]).record
    (predicted,) = cijkl.predict(ROOT / "examples" / "urea.cif")
    failed = failed_record("a", "b", "no atoms", Engine("analyze", "cijkl", {}))
    for record in (quartz, predicted.record, failed):
        plain = json.loads(json.dumps(record))
        assert plain["schema"] == SCHEMA
        validator.validate(plain)
        assert not validator.is_valid({**plain, "colour": "blue"})
    for key in failed:
        less = {name: value for name, value in failed.items() if name != key}
        assert not validator.is_valid(less), key
