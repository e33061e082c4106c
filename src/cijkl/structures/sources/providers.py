"""Where OPTIMADE databases are: by name, by the consortium's list, or by address."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cijkl.errors import InputError
from cijkl.structures.building import one_line
from cijkl.structures.sources.web import Web, WebError

__all__ = ["PROVIDERS", "REGISTRY", "Database", "find_databases"]

#: base addresses of databases that are asked for most, without the version
PROVIDERS: dict[str, str] = {
    "alexandria": "https://alexandria.icams.rub.de/pbe",
    "alexandria-pbesol": "https://alexandria.icams.rub.de/pbesol",
    "cod": "https://www.crystallography.net/cod/optimade",
    "mp": "https://optimade.materialsproject.org",
    "nomad": "https://nomad-lab.eu/prod/rae/optimade",
    "odbx": "https://optimade.odbx.science",
    "oqmd": "https://oqmd.org/optimade",
    "tcod": "https://www.crystallography.net/tcod/optimade",
}
#: the consortium's list of providers
REGISTRY = "https://providers.optimade.org/v1/links"


@dataclass(frozen=True)
class Database:
    """One database.

    Parameters
    ----------
    name
        How messages and ids call it.
    url
        Base address, without the version.
    """

    name: str
    url: str


def find_databases(name: str, registry: str = REGISTRY) -> list[Database]:
    """Give the databases of a name or address.

    Parameters
    ----------
    name
        A key of `PROVIDERS`; another provider of the consortium, all of whose databases are given;
        ``provider.database`` for one of these; or a base address.
    registry
        List of providers in OPTIMADE's format, asked for other names.

    Raises
    ------
    InputError
        For an unknown name, or if the list cannot be had.
    """
    if name.startswith(("http://", "https://")):
        return [Database(name.split("//", 1)[1].rstrip("/"), name.rstrip("/"))]
    if name in PROVIDERS:
        return [Database(name, PROVIDERS[name])]
    provider, _, child = name.partition(".")
    with Web("providers.optimade.org") as web:
        known = _links(web, registry)
        index = next((link for link in known if link["id"] == provider), None)
        if index is None or index["url"] is None:
            names = sorted({*PROVIDERS, *(link["id"] for link in known if link["url"])})
            raise InputError(
                f"no OPTIMADE provider {one_line(name, 40)!r}; there are {', '.join(names)}, or "
                "give an address (https://...)"
            )
        if index["type"] == "child":
            return [Database(provider, index["url"])]
        children = [
            Database(f"{provider}.{link['id']}", link["url"])
            for link in _links(web, f"{_base(index['url'])}/v1/links")
            if link["type"] == "child" and link["url"] and child in ("", link["id"])
        ]
    if not children:
        raise InputError(f"provider {provider} has no database {one_line(child, 40)!r} to ask")
    return children


def _links(web: Web, url: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(web.get(url, check=json.loads))["data"]
    except (WebError, KeyError, TypeError) as error:
        raise InputError(f"the list of OPTIMADE providers at {url}: {one_line(error)}") from None
    return [
        {
            "id": str(link.get("id")),
            "type": (link.get("attributes") or {}).get("link_type"),
            "url": _address((link.get("attributes") or {}).get("base_url")),
        }
        for link in (found if isinstance(found, Sequence) else ())
        if isinstance(link, Mapping)
    ]


def _address(link: Any) -> str | None:
    """Address of a JSON:API link, a text or an object with ``href``."""
    if isinstance(link, Mapping):
        link = link.get("href")
    return link if isinstance(link, str) and link.startswith("http") else None


def _base(url: str) -> str:
    return url.rstrip("/").removesuffix("/v1")
