"""Frameworks with the engine switched on, as real clusters on this machine.

`make test-frameworks` installs them. In `make test` these tests run too, as far as what
they need happens to be installed; each says what is missing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import gocloudpickle
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def switched_off_again() -> Iterator[None]:
    """Each test begins and ends with stock cloudpickle."""
    gocloudpickle.uninstall()
    yield
    gocloudpickle.uninstall()


@pytest.fixture
def count() -> Callable[[], int]:
    """A function that tells how many dumps the engine of this process has made."""
    return lambda: sum(gocloudpickle.engine_info()["dumps"].values())


@pytest.fixture
def environment_without() -> dict[str, str]:
    """An environment for processes that have no gocloudpickle."""
    environment = dict(os.environ)
    environment.pop("PYTHONPATH", None)
    return environment
