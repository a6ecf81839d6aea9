"""The reducers under the C pickler over the whole corpus: the bytes of stock cloudpickle."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from tests.corpus import Case, usable_cases
from tests.rebuild import slow_twin

cloudpickle = pytest.importorskip("cloudpickle", "3.1.2", reason="is what we compare with")


def result(dumps: Any) -> Any:
    try:
        return dumps()
    except BaseException as error:  # some cases exit, or interrupt
        # Not the error: its traceback would keep `made` in a cycle, and CPython 3.12.1
        # crashes when it collects a cycle with a PickleBuffer of a memoryview in it.
        return type(error), str(error)


@pytest.mark.parametrize("case", usable_cases(), ids=lambda case: case.name)
@pytest.mark.filterwarnings("ignore")
def test_bytes(case: Case) -> None:
    for protocol in case.protocols:
        with case.setup(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = case.make()
            # The first dump can change a class: copyreg keeps the names of slots in it.
            result(lambda made=made: cloudpickle.dumps(made, protocol))
            stock = result(lambda made=made: cloudpickle.dumps(made, protocol))
            twin = result(
                lambda made=made: slow_twin.dumps(cloudpickle.cloudpickle, made, protocol)
            )
        if isinstance(stock, tuple):
            assert twin[0] is stock[0], (protocol, twin)
            # A message may say more, such as which file it was.
            assert twin[1].startswith(stock[1]), protocol
        else:
            assert twin == stock, protocol
