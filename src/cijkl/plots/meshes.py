"""Triangle meshes of spheres and cylinders, many of them in one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Mesh", "cylinders", "icosphere", "spheres"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Mesh:
    """Points (p, 3) and triangles (t, 3) of indices into them, counter-clockwise from outside."""

    points: Array
    triangles: Index

    def __add__(self, other: Mesh) -> Mesh:
        return Mesh(
            np.concatenate([self.points, other.points]),
            np.concatenate([self.triangles, other.triangles + len(self.points)]),
        )


def icosphere(frequency: int) -> Mesh:
    """Unit sphere: an icosahedron whose edges are cut into `frequency` pieces.

    It has 10 f^2 + 2 points and 20 f^2 triangles of nearly equal size.
    """
    corners, faces = _icosahedron()
    points: list[Array] = []
    triangles: list[tuple[int, int, int]] = []
    known: dict[tuple[int, ...], int] = {}
    for face in faces:
        a, b, c = corners[face]
        local = {}
        for i in range(frequency + 1):
            for j in range(frequency + 1 - i):
                point = ((frequency - i - j) * a + i * b + j * c) / frequency
                point = point / np.linalg.norm(point)
                key = tuple(np.round(point * 1e6).astype(int))
                if key not in known:
                    known[key] = len(points)
                    points.append(point)
                local[i, j] = known[key]
        for i in range(frequency):
            for j in range(frequency - i):
                triangles.append((local[i, j], local[i + 1, j], local[i, j + 1]))
                if i + j < frequency - 1:
                    triangles.append((local[i + 1, j], local[i + 1, j + 1], local[i, j + 1]))
    return Mesh(np.array(points), np.array(triangles, dtype=np.int64))


def spheres(centres: Array, radii: Array, unit: Mesh) -> Mesh:
    """Copies of a unit sphere at `centres` (n, 3) with `radii` (n,)."""
    points = centres[:, None, :] + radii[:, None, None] * unit.points
    offset = np.arange(len(centres))[:, None, None] * len(unit.points)
    return Mesh(points.reshape(-1, 3), (unit.triangles + offset).reshape(-1, 3))


def cylinders(starts: Array, ends: Array, radius: float, sides: int = 12) -> Mesh:
    """Open cylinders from `starts` (n, 3) to `ends` (n, 3)."""
    axis = ends - starts
    axis = axis / np.linalg.norm(axis, axis=-1, keepdims=True)
    helper = np.eye(3)[np.argmin(np.abs(axis), axis=-1)]
    first = np.cross(axis, helper)
    first /= np.linalg.norm(first, axis=-1, keepdims=True)
    second = np.cross(axis, first)
    angle = np.arange(sides) * 2.0 * np.pi / sides
    ring = radius * (
        np.cos(angle)[:, None] * first[:, None] + np.sin(angle)[:, None] * second[:, None]
    )
    points = np.concatenate([starts[:, None] + ring, ends[:, None] + ring], axis=1)
    side = np.arange(sides)
    after = (side + 1) % sides
    triangles = np.concatenate(
        [
            np.stack([side, after, side + sides], axis=1),
            np.stack([after, after + sides, side + sides], axis=1),
        ]
    )
    offset = np.arange(len(starts))[:, None, None] * 2 * sides
    return Mesh(points.reshape(-1, 3), (triangles + offset).reshape(-1, 3))


def _icosahedron() -> tuple[Array, Index]:
    """Corners (12, 3) on the unit sphere and faces (20, 3), from the golden ratio."""
    golden = (1.0 + 5.0**0.5) / 2.0
    cycle = [np.roll([0.0, s, t * golden], k) for k in range(3) for s in (1, -1) for t in (1, -1)]
    corners = np.array(cycle)
    faces = []
    for i in range(12):
        for j in range(i + 1, 12):
            for k in range(j + 1, 12):
                a, b, c = corners[[i, j, k]]
                edges = [np.linalg.norm(a - b), np.linalg.norm(b - c), np.linalg.norm(c - a)]
                if np.allclose(edges, 2.0):
                    outward = np.dot(np.cross(b - a, c - a), a + b + c) > 0
                    faces.append((i, j, k) if outward else (i, k, j))
    return corners / np.linalg.norm(corners[0]), np.array(faces, dtype=np.int64)
