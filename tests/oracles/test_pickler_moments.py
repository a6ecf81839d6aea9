"""Attributes of a Pickler count from and until when they do with cloudpickle's.

Each attribute with each value at each moment: see pickler_moments.
"""

from __future__ import annotations

from typing import Any

import cloudpickle
import gocloudpickle
import pytest

from tests.corpus import under_test
from tests.oracles.pickler_moments import MOMENTS, VALUES, Steps
from tests.oracles.picklers import Special

PROTOCOLS = (0, 5)


def outcome(module: Any, moment: str, name: str, value: str, protocol: int) -> list[Any]:
    """What came of each step."""
    steps = Steps(module, protocol)
    steps.step(MOMENTS[moment], steps, name, VALUES[name][value](module))
    return steps.records


@pytest.fixture(autouse=True, scope="module")
def slotnames() -> None:
    """The first dump of a class leaves __slotnames__ in it."""
    cloudpickle.dumps(Special())


# The memo is the engine's own: it can't be had where there is none yet, nor changed in the
# middle of a dump, and the C structure has another. What bin is
# set to counts from the next dump on.
OTHERWISE = {
    ("memo", "before_the_base_init"),
    ("memo", "in_the_middle_of_a_dump"),
    ("memo", "through_the_descriptor"),
    ("memo", "through_the_descriptor_before_init"),
    ("memo", "through_the_descriptor_in_a_dump"),
    ("bin", "in_the_middle_of_a_dump"),
    ("bin", "through_the_descriptor_in_a_dump"),
}

CASES = [
    pytest.param(moment, name, value, id=f"{name}-{value}-{moment}")
    for name, values in VALUES.items()
    for value in values
    for moment in MOMENTS
    if (name, moment) not in OTHERWISE
]


@pytest.mark.parametrize(("moment", "name", "value"), CASES)
def test_as_with_cloudpickle(moment: str, name: str, value: str) -> None:
    for protocol in PROTOCOLS:
        expected = outcome(cloudpickle, moment, name, value, protocol)
        assert outcome(under_test(), moment, name, value, protocol) == expected, protocol
        with gocloudpickle.installed():
            installed = outcome(cloudpickle, moment, name, value, protocol)
        assert installed == expected, f"installed, protocol {protocol}"
