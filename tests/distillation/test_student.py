"""What a student says, and the gradient of the loss by its weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cijkl.distillation import task
from cijkl.distillation.loss import PARTS, count_labels, part_sums, weighted
from cijkl.distillation.student import Student
from cijkl.distillation.task import loss_and_gradient
from cijkl.errors import InputError

from .salts import lesson, random_labels, salt

RATIOS = {name: 0.3 + 0.2 * i for i, name in enumerate(PARTS)}


@pytest.fixture(scope="module")
def chgnet() -> Student:
    pytest.importorskip("chgnet")
    return Student("chgnet", ("mlp",), device="cpu", dtype="float64")


@pytest.fixture(scope="module")
def sevennet() -> Student:
    pytest.importorskip("sevenn")
    names = ("reduce_*", "2_convolution.weights.*", "1_self_interaction_2.*")
    return Student("sevennet-0", names, device="cpu", dtype="float64")


@pytest.fixture(params=["chgnet", "sevennet"])
def student(request) -> Student:
    return request.getfixturevalue(request.param)


@pytest.fixture
def lessons(student):
    """With labels of both, of one, of none of the stress; far from the student's by chance."""
    found = []
    for seed, name in enumerate(["NaCl", "MgO", "LiF"]):
        atoms = salt(name, seed)
        (own,) = student.potential.evaluate([atoms])
        hard = random_labels(atoms, seed, own.energy)
        soft = random_labels(atoms, seed + 50, own.energy)
        found.append(lesson(name, seed, hard=hard, soft=None if seed == 1 else soft))
    return found


def test_it_says_what_the_potential_says(student, lessons):
    structures = [each.atoms for each in lessons]
    answer = student(student.edges(structures))
    forces = answer.forces.detach().split([len(atoms) for atoms in structures])
    for i, known in enumerate(student.potential.evaluate(structures)):
        assert answer.energies[i].item() == pytest.approx(known.energy, abs=1e-9)
        np.testing.assert_allclose(forces[i], known.forces, atol=1e-9)
        np.testing.assert_allclose(answer.stresses[i].detach(), known.stress, atol=1e-10)


@pytest.mark.parametrize("huber", [0.0, 0.2])
def test_the_gradient_of_the_loss_is_its_finite_difference(student, lessons, huber):
    loss, gradients = loss_and_gradient(student, lessons, RATIOS, huber)
    weights = list(student.weights().values())
    generator = torch.Generator().manual_seed(3)
    direction = [torch.randn(w.shape, generator=generator, dtype=w.dtype) for w in weights]

    def at(step: float) -> float:
        with torch.no_grad():
            for weight, along in zip(weights, direction, strict=True):
                weight += step * along
        value = float(loss_and_gradient(student, lessons, RATIOS, huber)[0])
        with torch.no_grad():
            for weight, along in zip(weights, direction, strict=True):
                weight -= step * along
        return value

    step = 1e-6
    numerical = (at(step) - at(-step)) / (2 * step)
    analytic = sum(float((g * d).sum()) for g, d in zip(gradients, direction, strict=True))
    assert abs(analytic) > 1e-2
    assert analytic == pytest.approx(numerical, rel=1e-5)
    assert float(loss) == pytest.approx(at(0.0), rel=1e-12)


def test_passes_do_not_matter(chgnet, monkeypatch):
    lessons = [
        lesson(name, 1, hard=random_labels(salt(name, 1), 1)) for name in ("NaCl", "MgO", "KBr")
    ]
    whole, gradient = loss_and_gradient(chgnet, lessons, RATIOS)
    monkeypatch.setattr(task, "EDGES_PER_PASS", {"cpu": 1})
    parts, of_parts = loss_and_gradient(chgnet, lessons, RATIOS)
    assert len(list(task.passes(chgnet, lessons))) == 3
    torch.testing.assert_close(parts, whole)
    for ours, theirs in zip(of_parts, gradient, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_the_loss_is_the_sum_over_six_parts(chgnet):
    """Against NumPy, from the answers of the potential."""
    both = [lesson("NaCl", 0), lesson("MgO", 1)]
    pairs = []
    for number, each in enumerate(both):
        (own,) = chgnet.potential.evaluate([each.atoms])
        hard = random_labels(each.atoms, number, own.energy)
        soft = random_labels(each.atoms, number + 9, own.energy)
        pairs.append((own, hard, soft))
    taught = [
        lesson("NaCl", 0, hard=pairs[0][1], soft=pairs[0][2]),
        lesson("MgO", 1, hard=pairs[1][1], soft=pairs[1][2]),
    ]
    expected = 0.0
    for which, source in ((1, "hard"), (2, "soft")):
        energy = np.mean([abs(p[0].energy - p[which].energy) / 2 for p in pairs])
        forces = np.mean([np.abs(p[0].forces - p[which].forces).mean() for p in pairs])
        stress = 160.21766208 * np.mean([np.abs(p[0].stress - p[which].stress) for p in pairs])
        expected += RATIOS[f"{source}_energy"] * energy
        expected += RATIOS[f"{source}_forces"] * forces + RATIOS[f"{source}_stress"] * stress
    loss, _ = loss_and_gradient(chgnet, taught, RATIOS)
    assert float(loss) == pytest.approx(expected, rel=1e-6)


def test_without_soft_labels_only_the_hard_parts_count(chgnet):
    hard = random_labels(salt("NaCl"), 1)
    alone = [lesson("NaCl", 0, hard=hard)]
    both = [lesson("NaCl", 0, hard=hard, soft=random_labels(salt("NaCl"), 2))]
    only_hard = {name: value for name, value in RATIOS.items() if name.startswith("hard")}
    one, by_one = loss_and_gradient(chgnet, alone, RATIOS)
    two, by_two = loss_and_gradient(chgnet, both, only_hard)
    assert float(one) == float(two)
    for ours, theirs in zip(by_one, by_two, strict=True):
        assert torch.equal(ours, theirs)


def test_huber_is_a_parabola_below_its_bound(chgnet):
    known = lesson("NaCl", 0, hard=random_labels(salt("NaCl"), 1))
    with torch.no_grad():
        answer = chgnet(chgnet.edges([known.atoms]))
    # 160 GPa and more are far above it, and count as they are, less half of the bound
    counts = count_labels([known])
    plain = weighted(part_sums(answer, [known]).loss, counts, RATIOS)
    bound = 1e-4
    near = weighted(part_sums(answer, [known], bound).loss, counts, RATIOS)
    hard = sum(RATIOS[f"hard_{name}"] for name in ("energy", "forces", "stress"))
    assert float(plain - near) == pytest.approx(0.5 * bound * hard, rel=1e-3)
    wide = part_sums(answer, [known], 1e6)
    forces = wide.loss["hard_forces"] * 2e6
    difference = answer.forces.numpy() - known.hard.forces
    assert float(forces) == pytest.approx(float((difference**2).sum()), rel=1e-9)


def test_which_weights_are_learned():
    pytest.importorskip("chgnet")
    last = Student("chgnet", ("mlp",), device="cpu")
    assert sum(w.numel() for w in last.weights().values()) == 12_545
    most = Student("chgnet", ("all",), device="cpu").learn
    assert not any(name.startswith(("composition_model", "site_wise")) for name in most)
    assert len(most) > 100
    one = Student("chgnet", ("atom_embedding.*", "mlp"), device="cpu")
    assert len(one.learn) == len(last.learn) + 1
    learning = {k for k, w in one.network.named_parameters() if w.requires_grad}
    assert learning == one.learn
    with pytest.raises(InputError, match="no weights 'head'; there are .*mlp"):
        Student("chgnet", ("head",), device="cpu")
    with pytest.raises(InputError, match="cannot be trained; known are chgnet"):
        Student("mace")
