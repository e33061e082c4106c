from __future__ import annotations

import pytest
import yaml

from cijkl.errors import InputError
from cijkl.models.training.config import TrainingConfig, plain, read_config, write_config


def test_what_is_written_is_read(tmp_path):
    config = TrainingConfig(
        network="cgcnn",
        settings={"target": "G", "width": 8},
        data=("one.jsonl", "two.extxyz"),
        target="K_VRH",
        log10=True,
        tensors={"potential": ("three.jsonl",)},
        predicted=("four.jsonl",),
        learning_rate=1e-5,
        start="weights.safetensors",
    )
    write_config(config, tmp_path / "config.yaml")
    assert read_config(tmp_path / "config.yaml") == config
    # and any reader of YAML finds plain values
    assert yaml.safe_load((tmp_path / "config.yaml").read_text()) == plain(config)


def test_what_is_left_out_has_its_default(tmp_path):
    path = tmp_path / "short.yaml"
    path.write_text("data: one.jsonl\nepochs: 3\n")
    assert read_config(path) == TrainingConfig(data=("one.jsonl",), epochs=3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epoch: 3", "'epoch' is no setting; known are average, "),
        ("epochs: many", "epochs is 'many', expected a whole number"),
        ("epochs: 0", "epochs is 0, expected at least 1"),
        ("epochs: true", "epochs is True"),
        ("learning_rate: 1e-3", r"learning_rate is '1e-3', .* YAML wants a point"),
        ("learning_rate: -0.1", "at least"),
        ("learning_rate: .nan", "at least"),
        ("warmup: 1.5", "less than 1"),
        ("folds: 5\nfold: 5", "fold 5 of 5; the first is 0"),
        ("precision: double", "one of 32-true"),
        ("learn: some", "one of all, level"),
        ("learn: level\nnetwork: matten", "matten has no level"),
        ("data: [1, 2]", "a file or a list of files"),
        ("tensors: a.jsonl", "the name of each source"),
        ("predicted: 3", "a file or a list of files"),
        ("settings: 4", "settings is 4"),
        ("- a\n- b", "expected names and values"),
        ("a: [", "no training configuration"),
    ],
)
def test_what_no_training_can_have(tmp_path, text, message):
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_config(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_no_file(tmp_path):
    with pytest.raises(InputError, match="no training configuration"):
        read_config(tmp_path / "nowhere.yaml")
