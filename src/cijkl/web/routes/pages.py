"""The pages for people: home, jobs, the API, and the door."""

from __future__ import annotations

import hmac
from importlib.resources import files
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from cijkl.web.guard import COOKIE, session
from cijkl.web.routes.jobs import JobId, found
from cijkl.web.services import ServicesOf
from cijkl.web.templating import render

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

#: crystals and a tensor to begin with: file and what it is
EXAMPLES = {
    "alpha-quartz.cif": "Quartz",
    "corundum.cif": "Corundum",
    "silicon.cif": "Silicon",
    "rutile.cif": "Rutile",
    "urea.cif": "Urea",
    "quartz.txt": "Tensor of quartz",
}


@router.get("/")
def home(services: ServicesOf) -> Response:
    """Where a structure or a tensor is given."""
    page = render(
        "home.html.j2",
        here="/",
        examples=EXAMPLES,
        models=services.offers.model_facts(),
        potentials=services.offers.potentials(),
        settings=services.settings,
    )
    return HTMLResponse(page)


@router.get("/jobs")
def jobs() -> Response:
    """What waits, runs and has ended."""
    return HTMLResponse(render("jobs.html.j2", here="/jobs"))


@router.get("/jobs/{id}")
def job(services: ServicesOf, id: JobId) -> Response:
    """How one job is going."""
    return HTMLResponse(render("job.html.j2", here="/jobs", job=found(services, id)))


@router.get("/api")
def api(request: Request) -> Response:
    """The addresses for programs, from the same source as the schema."""
    return HTMLResponse(render("api.html.j2", here="/api", operations=_operations(request)))


@router.get("/examples/{name}")
def example(name: str) -> Response:
    """A file to begin with."""
    if name not in EXAMPLES:
        raise HTTPException(404, "no such example")
    text = files("cijkl.web").joinpath("examples", name).read_text(encoding="utf-8")
    return PlainTextResponse(text)


@router.get("/login")
def door() -> Response:
    """Where the token is given."""
    return HTMLResponse(render("login.html.j2", here="", wrong=False))


@router.post("/login")
def enter(services: ServicesOf, token: Annotated[str, Form(max_length=500)] = "") -> Response:
    """A cookie for who knows the token."""
    expected = services.settings.token
    if expected is None:
        return RedirectResponse("/", 303)
    if not hmac.compare_digest(token.strip().encode("utf-8", "replace"), expected.encode()):
        return HTMLResponse(render("login.html.j2", here="", wrong=True), 401)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        COOKIE, session(expected), max_age=30 * 86_400, httponly=True, samesite="strict"
    )
    return answer


def _operations(request: Request) -> list[dict[str, Any]]:
    """Method, address, text and arguments of each operation."""
    schema = request.app.openapi()
    return [
        {
            "method": method.upper(),
            "path": path,
            "text": operation.get("description", ""),
            "arguments": [*_query(operation), *_form(operation, schema)],
        }
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]


def _query(operation: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (each["name"], each["in"], each["schema"].get("description", each.get("description", "")))
        for each in operation.get("parameters", ())
    ]


def _form(operation: dict[str, Any], schema: dict[str, Any]) -> list[tuple[str, str, str]]:
    content = operation.get("requestBody", {}).get("content", {})
    found = []
    for kind in content.values():
        name = kind["schema"].get("$ref", "").rpartition("/")[2]
        properties = schema["components"]["schemas"].get(name, {}).get("properties", {})
        found += [(key, "form", each.get("description", "")) for key, each in properties.items()]
    return found
