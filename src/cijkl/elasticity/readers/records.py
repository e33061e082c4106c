"""Elastic tensors in JSON: arrays, our own records, Materials Project, pymatgen; JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np

from cijkl.elasticity.notation import cartesian_to_voigt
from cijkl.elasticity.readers.found import Found
from cijkl.errors import InputError

__all__ = ["read_json"]

#: keys under which a 6x6 may lie, first match wins
_KEYS = ("C", "stiffness", "elastic_tensor", "elastic_tensor_original", "stiffness_tensor")
#: keys that wrap the answer of a server or a series
_WRAPPERS = ("data", "response", "results", "records")


def read_json(text: str) -> list[Found]:
    """Tensors of a JSON or JSON Lines text, in its order.

    Understood are a 6x6 list (or its 36, or the 21 numbers of the upper triangle), a list of them,
    a record with the key `C` (the package's own), `stiffness` or `elastic_tensor`, a list of
    records, one record a line, the documents of the Materials Project (`elastic_tensor` with
    `ieee_format` and `raw`, or the older `elasticity.elastic_tensor`, bare or inside `data` or
    `response`) and pymatgen's `ElasticTensor.as_dict()`. Of a document with both, the IEEE form is
    taken and `extra["frame"]` says so. In a series, records that say `"status": "failed"` hold no
    tensor and are passed over.

    Raises
    ------
    InputError
        If it is no JSON, or a record holds no stiffness.
    """
    return _series(_parse(text))


def _parse(text: str) -> object:
    """The JSON value, or the list of those of the lines."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as whole:
        lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
        if len(lines) < 2:
            raise InputError(f"broken JSON: {whole.msg} at line {whole.lineno}") from None
        values: list[object] = []
        for number, line in lines:
            try:
                values.append(json.loads(line))
            except json.JSONDecodeError as error:
                where = whole if number == 1 else error
                line_number = whole.lineno if number == 1 else number
                raise InputError(f"broken JSON: {where.msg} at line {line_number}") from None
        return values
    except RecursionError:
        raise InputError("broken JSON: nested too deep") from None


def _series(value: object) -> list[Found]:
    """Tensors of a parsed JSON value."""
    if isinstance(value, Mapping):
        inner = next((value[key] for key in _WRAPPERS if isinstance(value.get(key), list)), None)
        return [_record(value)] if inner is None else _series(inner)
    if not isinstance(value, list):
        raise InputError(f"the JSON is a single {type(value).__name__}, expected a 6x6 list")
    if not value:
        raise InputError("the JSON is an empty list, expected a 6x6 list or records")
    if all(isinstance(item, Mapping) for item in value):
        usable = [item for item in value if item.get("status") != "failed"]
        if len(usable) < 2:
            return [_record(item) for item in usable or value[:1]]
        return [_record_or_reason(item) for item in usable]
    array = _array(value)
    if array.ndim == 3:
        return [Found(matrix) for matrix in array]
    return [Found(_square(array))]


def _record_or_reason(record: Mapping[str, object]) -> Found:
    """Tensor of one of many objects, or why it has none."""
    try:
        return _record(record)
    except InputError as error:
        return Found(error, _name(record))


def _record(record: Mapping[str, object]) -> Found:
    """Tensor of one JSON object."""
    name = _name(record)
    shown = f"the record {name!r}" if name else "the record"
    if record.get("status") == "failed":
        raise InputError(f"{shown} failed and holds no tensor: {record.get('error')}")
    unit = record.get("unit", record.get("units", "GPa"))
    if not isinstance(unit, str) or unit.lower() != "gpa":
        raise InputError(f"{shown} is in {unit}, expected GPa")
    source = record.get("elasticity")
    source = source if isinstance(source, Mapping) else record
    extra = _extra(record)
    value, frame = _value(source, shown)
    if frame is not None:
        extra["frame"] = frame
    return Found(value, name, extra)


def _name(record: Mapping[str, object]) -> str:
    """What a record calls itself, or nothing."""
    keys = ("id", "material_id", "task_id")
    return next((str(record[key]) for key in keys if record.get(key)), "")


def _value(record: Mapping[str, object], shown: str) -> tuple[object, str | None]:
    """The stiffness that a record holds, and its frame if known."""
    if "input_array" in record:
        return _pymatgen(record), None
    for key in _KEYS:
        value = record.get(key)
        if value is None:
            continue
        if not isinstance(value, Mapping):
            frame = {"elastic_tensor": "ieee", "elastic_tensor_original": "input"}.get(key)
            is_both = "elastic_tensor_original" in record
            return _square(_array(value)), frame if is_both else None
        if "input_array" in value:
            return _pymatgen(value), None
        for form, frame in (("ieee_format", "ieee"), ("raw", "input")):
            if value.get(form) is not None:
                return _square(_array(value[form])), frame
    keys = ", ".join(list(map(str, record))[:6]) or "none"
    raise InputError(
        f"{shown} has no stiffness (its keys: {keys}), expected 'C' or 'elastic_tensor' as a 6x6 "
        "list"
    )


def _pymatgen(record: Mapping[str, object]) -> object:
    """Stiffness of pymatgen's dictionary of an ElasticTensor."""
    name = str(record.get("@class", "ElasticTensor"))
    if name != "ElasticTensor":
        raise InputError(f"the JSON holds pymatgen's {name}, expected an ElasticTensor")
    array = _array(record["input_array"])
    return cartesian_to_voigt(array) if array.shape == (3, 3, 3, 3) else array


def _extra(record: Mapping[str, object]) -> dict[str, object]:
    """What else a record says that an analysis can use."""
    extra = {key: record[key] for key in ("frame", "structure", "source") if record.get(key)}
    formula = record.get("formula", record.get("formula_pretty", record.get("pretty_formula")))
    if formula:
        extra["formula"] = formula
    structure = record.get("structure")
    density = record.get("density")
    if density is None and isinstance(structure, Mapping):
        density = structure.get("density")
    if isinstance(density, int | float) and density > 0:
        extra["density"] = float(density)
    return extra


def _array(value: object) -> np.ndarray:
    """A list as an array of numbers."""
    try:
        array = np.array(value)
    except ValueError:
        raise InputError(
            "the JSON's list has rows of different lengths, expected 6 rows of 6 numbers"
        ) from None
    if array.dtype.kind not in "fiu":
        raise InputError("the JSON's list holds something that is no number, expected a 6x6 list")
    return array.astype(float)


def _square(array: np.ndarray) -> np.ndarray:
    """A flat list of 36 or 21 numbers as (6, 6); other shapes as they are."""
    if array.shape == (36,):
        return array.reshape(6, 6)
    if array.shape == (21,):
        square = np.zeros((6, 6))
        square[np.triu_indices(6)] = array
        return square + np.triu(square, 1).T
    return array
