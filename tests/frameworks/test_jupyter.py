"""A notebook's kernel: what cells define, and define again, is sent to other processes."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.frameworks.child import ROOT

nbformat = pytest.importorskip("nbformat", reason="Jupyter is not installed")
nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
pytest.importorskip("ipykernel", reason="ipykernel is not installed")
pytest.importorskip("cloudpickle", reason="there is nothing to install in")


def run(monkeypatch: pytest.MonkeyPatch, *cells: str) -> list[str]:
    """Run cells in one kernel and return what each printed."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "py")]))
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    # The python of this environment, not the kernel of that name that a user has.
    manager = make_manager()
    nbclient.NotebookClient(notebook, timeout=240, km=manager).execute()
    return ["".join(output.get("text", "") for output in cell.outputs) for cell in notebook.cells]


def make_manager() -> Any:
    import sys

    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    manager = AsyncKernelManager()
    manager._kernel_spec = KernelSpec(
        argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        display_name="this one",
        language="python",
    )
    return manager


SETUP = """
import gocloudpickle, multiprocessing
gocloudpickle.install()
import cloudpickle, pickle, subprocess, sys
def dumps():
    return sum(gocloudpickle.engine_info()["dumps"].values())
def elsewhere(function, *args):
    # Another process: it has nothing of this notebook.
    program = '''
import cloudpickle, sys
function, args = cloudpickle.load(sys.stdin.buffer)
sys.stdout.buffer.write(cloudpickle.dumps(function(*args)))
'''
    payload = cloudpickle.dumps((function, args))
    done = subprocess.run([sys.executable, "-c", program], input=payload, stdout=subprocess.PIPE, check=True)
    return cloudpickle.loads(done.stdout)
"""


def test_a_cell_is_defined_again_and_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = run(
        monkeypatch,
        SETUP,
        "unit = 2\ndef helper(x): return x * unit\ndef function(x): return helper(x) + 1",
        "before = dumps()\nprint(elsewhere(function, 5), dumps() - before)",
        "def helper(x): return -x",
        "print(elsewhere(function, 5))",
        "def function(x): return helper(x) + 100",
        "print(elsewhere(function, 5))",
        "%%time\nresult = elsewhere(lambda: function(1))",
        "print(result)",
    )
    assert printed[2] == "11 1\n"
    assert printed[4] == "-4\n"
    assert printed[6] == "95\n"
    assert printed[8] == "99\n"


def test_a_class_is_defined_again_and_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = run(
        monkeypatch,
        SETUP,
        "class Record:\n    def __init__(self, x): self.x = x\n    def value(self): return self.x",
        "old = Record(5)\nback = elsewhere(lambda r: r, old)\nprint(type(back) is Record, back.value())",
        "class Record:\n    def __init__(self, x): self.x = x\n    def value(self): return self.x * 10",
        "print(elsewhere(lambda: Record(5).value()), elsewhere(lambda: old.value()))",
        "print(type(elsewhere(lambda r: r, old)) is type(old) is not Record)",
    )
    assert printed[2] == "True 5\n"
    assert printed[4] == "50 5\n"
    assert printed[5] == "True\n"


def test_a_pool_of_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    # Forked processes have what the notebook had when they were started; what is defined
    # after that is sent.
    for method in ("fork", "spawn"):
        printed = run(
            monkeypatch,
            SETUP,
            f"pool = gocloudpickle.ProcessPoolExecutor(1, multiprocessing.get_context({method!r}))",
            "def function(x): return x + 1",
            "print(pool.submit(function, 1).result())",
            "def function(x): return x + 2",
            "print(pool.submit(function, 1).result(), list(pool.map(lambda x: function(x), [1, 2])))",
            "pool.shutdown()",
        )
        assert printed[3] == "2\n"
        assert printed[5] == "3 [3, 4]\n"


def test_with_joblib(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("joblib", reason="joblib is not installed")
    printed = run(
        monkeypatch,
        SETUP,
        "from joblib import Parallel, delayed\ndef function(x): return x + 1",
        "print(Parallel(2)(delayed(function)(i) for i in range(3)))",
        "def function(x): return x + 2",
        "before = dumps()\nprint(Parallel(2)(delayed(function)(i) for i in range(3)), dumps() > before)",
        # Its workers would wait for tasks long after the kernel was killed.
        "from joblib.externals.loky import get_reusable_executor\nget_reusable_executor().shutdown()",
    )
    assert printed[2] == "[1, 2, 3]\n"
    assert printed[4] == "[2, 3, 4] True\n"
