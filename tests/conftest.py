"""Settings of all tests."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

# on a server the same examples every time, so that a failure is the change's; here, new ones
settings.register_profile("server", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("server")
# a shell lets its background jobs ignore Ctrl-C, and so would the processes that tests interrupt
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a model: two small networks with random weights, and a card with a calibration."""
    import numpy as np
    import torch
    from ase.build import bulk

    from cijkl.models.ensemble import Ensemble
    from cijkl.models.networks import build
    from cijkl.models.uncertainty import fit
    from cijkl.models.weights import load_network, save_network

    folder = tmp_path_factory.mktemp("models") / "small"
    folder.mkdir()
    files = [folder / f"{seed}.safetensors" for seed in range(2)]
    for seed, file in enumerate(files):
        torch.manual_seed(seed)
        network = build("log_stiffness", {"width": 16, "layers": 2, "channels": 4, "radial": 8})
        with torch.no_grad():
            # for a clear anisotropy
            network.head.anisotropic[-1].weight.mul_(150.0)
        save_network(network, "log_stiffness", file)
    # a truth that errs by some 10 %
    crystals = [bulk("Cu", "fcc", a=3.5 + 0.02 * number) for number in range(30)]
    said = Ensemble([load_network(file) for file in files]).predict(crystals)
    error = np.exp(np.random.default_rng(0).normal(0.0, 0.1, 30))
    calibration = fit(
        said.moduli[:, [2, 5]] * error[:, None],
        said,
        ["cubic"] * 30,
        stiffness=said.stiffness * error[:, None, None],
    )
    card = {
        "name": "small",
        "version": "0.1",
        "calibration_data": "nothing at all",
        "calibration": calibration.as_dict(),
    }
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    return folder
