"""Write the layout of records and stores as JSON, by the numbers that they bear now.

`python docs/schema.py` refuses to change a file that is there. Until a number has been released,
take the file away first; after that, raise `cijkl.record.SCHEMA` or
`cijkl.screening.schema.STORE_SCHEMA`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from cijkl.layout import Record
from cijkl.record import SCHEMA
from cijkl.screening.schema import STORE_SCHEMA, TABLES

FOLDER = Path(__file__).parent / "schema"


def layouts() -> dict[str, Any]:
    """What each file must hold, by its name."""
    return {f"record-{SCHEMA}.json": record_schema(), f"store-{STORE_SCHEMA}.json": TABLES}


def record_schema(layout: Any = Record) -> dict[str, Any]:
    """JSON schema of a record: its keys and their types, and no others."""
    schema: dict[str, Any] = _plain(TypeAdapter(layout).json_schema())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _plain(part: Any) -> Any:
    """The same without words, which may change, and closed, since keys may not."""
    if isinstance(part, list):
        return [_plain(item) for item in part]
    if not isinstance(part, dict):
        return part
    kept = {key: _plain(value) for key, value in part.items() if not _is_word(key, value)}
    if isinstance(kept.get("properties"), dict) and kept.get("type") == "object":
        kept["additionalProperties"] = False
    return kept


def _is_word(key: str, value: Any) -> bool:
    # pydantic says of open objects that they are open since 2.11 only
    return (key in ("title", "description") and isinstance(value, str)) or (
        key == "additionalProperties" and value is True
    )


def main() -> None:
    """Write the files that are missing."""
    FOLDER.mkdir(exist_ok=True)
    for name, layout in layouts().items():
        text = json.dumps(layout, indent=1, sort_keys=True) + "\n"
        path = FOLDER / name
        if not path.exists():
            path.write_text(text, encoding="utf-8")
        elif path.read_text(encoding="utf-8") != text:
            sys.exit(f"{path}: the layout has changed but not its number; see {__file__}")


if __name__ == "__main__":
    main()
