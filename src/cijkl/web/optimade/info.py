"""What a database of OPTIMADE says of itself."""

from __future__ import annotations

from typing import Any

from cijkl.web.optimade.answers import VERSION
from cijkl.web.optimade.fields import FIELDS

__all__ = ["database", "links", "structures"]


def database(address: str) -> dict[str, Any]:
    """The resource ``/info``."""
    return {
        "type": "info",
        "id": "/",
        "attributes": {
            "api_version": VERSION,
            "available_api_versions": [{"url": f"{address}/v1/", "version": VERSION}],
            "formats": ["json"],
            "entry_types_by_format": {"json": ["structures"]},
            "available_endpoints": ["info", "links", "structures"],
            "is_index": False,
        },
    }


def structures() -> dict[str, Any]:
    """The resource ``/info/structures``."""
    properties: dict[str, dict[str, Any]] = {}
    for name, field in FIELDS.items():
        said = {"description": field.description, "type": field.type, "sortable": field.sortable}
        if field.unit is not None:
            said["unit"] = field.unit
        properties[name] = said
    return {
        "id": "structures",
        "type": "info",
        "description": "Crystals, and what was computed of their elasticity",
        "formats": ["json"],
        "properties": properties,
        "output_fields_by_format": {"json": list(FIELDS)},
    }


def links(address: str) -> list[dict[str, Any]]:
    """The resource ``/links``: this database alone."""
    return [
        {
            "id": "cijkl",
            "type": "links",
            "attributes": {
                "name": "cijkl",
                "description": "Elastic tensors of crystals",
                "base_url": address,
                "homepage": None,
                "link_type": "root",
            },
        }
    ]
