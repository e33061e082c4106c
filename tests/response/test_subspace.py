import numpy as np
import pytest

from cijkl.response import Group
from cijkl.response.subspace import Subspace


def invariant_matrix(group, natoms, seed=0):
    """Random positive-definite matrix that commutes with a group and ignores translation."""
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=(3 * natoms, 3 * natoms))
    raw = raw @ raw.T + np.diag(rng.uniform(0.5, 40.0, 3 * natoms))
    images = np.array([image.reshape(3 * natoms, -1) for image in _operators(group, natoms)])
    mean = np.einsum("gij,jk,glk->il", images, raw, images) / group.order
    centre = np.eye(3 * natoms) - np.kron(np.full((natoms, natoms), 1 / natoms), np.eye(3))
    return centre @ mean @ centre


def _operators(group, natoms):
    units = np.eye(3 * natoms).reshape(3 * natoms, natoms, 3)
    return group.on_ions(units).reshape(group.order, 3 * natoms, 3 * natoms).swapaxes(1, 2)


@pytest.mark.parametrize("name", ["alpha-quartz", "rutile", "corundum"])
def test_symmetry_multiplies_what_a_product_teaches(crystal, name):
    """The exact minimum is reached in far fewer products than there are coordinates."""
    atoms, group = crystal(name)
    n = len(atoms)
    matrix = invariant_matrix(group, n)
    force = np.random.default_rng(1).normal(size=(n, 3))
    force -= force.mean(0)
    exact = (np.linalg.pinv(matrix) @ force.ravel()).reshape(n, 3)
    space, products = Subspace(group, n), 0
    direction = force
    while True:
        space.add(direction, (matrix @ direction.ravel()).reshape(n, 3))
        products += 1
        solution = space.vectors @ space.minimise(force.reshape(-1, 1))
        residual = (force.ravel() - matrix @ solution[:, 0]).reshape(n, 3)
        if np.abs(residual).max() < 1e-6:
            break
        direction = residual
        assert products < 3 * n
    assert solution.reshape(n, 3) == pytest.approx(exact, abs=1e-5)
    assert products <= 3 * n / min(group.order, 6) + 2


def test_trivial_group_is_conjugate_gradients(crystal):
    """Same energies as textbook conjugate gradients, step for step."""
    n = 4
    group = Group.trivial(n)
    matrix = invariant_matrix(group, n, seed=3)
    b = np.random.default_rng(4).normal(size=(n, 3))
    b = (b - b.mean(0)).ravel()
    x, r = np.zeros(3 * n), b.copy()
    p, space = r.copy(), Subspace(group, n)
    for _ in range(5):
        space.add(p.reshape(n, 3), (matrix @ p).reshape(n, 3))
        step = r @ r / (p @ matrix @ p)
        x = x + step * p
        new = r - step * matrix @ p
        p, r = new + (new @ new) / (r @ r) * p, new
        best = (space.vectors @ space.minimise(b[:, None])).ravel()
        assert best == pytest.approx(x, abs=1e-8)


def test_images_that_add_nothing_are_not_kept(crystal):
    _, group = crystal("silicon")
    space = Subspace(group, 2)
    push = np.array([[0.0, 0, 1], [0, 0, -1]])
    assert space.add(push, 5 * push) == 3  # the optical mode is threefold
    assert space.add(push, 5 * push) == 0
    assert space.lowest_mode()[0] == pytest.approx(5.0)
    assert space.asymmetry() < 1e-12


def test_asymmetry_is_seen():
    space = Subspace(Group.trivial(2), 2)
    space.add(np.array([[0, 0, 1.0], [0, 0, -1]]), np.array([[1.0, 0, 1], [-1, 0, -1]]))
    space.add(np.array([[1.0, 0, 0], [-1, 0, 0]]), np.array([[1.0, 0, 0.2], [-1, 0, -0.2]]))
    assert space.asymmetry() == pytest.approx(0.4, abs=0.01)
