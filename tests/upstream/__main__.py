"""cloudpickle's own test suite, with stock cloudpickle and with our pickler in it.

    python -m tests.upstream --checkout PATH [pytest arguments]

PATH is a checkout of cloudpickle.  Its tests run twice against the cloudpickle
that is installed here, once as it is and once with gocloudpickle.install().
The outcome of each test has to be the same; exit status 1 says that one is not.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


@dataclass
class Run:
    """One run of the suite."""

    status: int
    outcomes: dict[str, list[str]] = field(default_factory=dict)
    started: list[str] = field(default_factory=list)
    dumps: int = 0
    output: str = ""

    @property
    def crashed(self) -> bool:
        # pytest's own: 0 all passed, 1 some failed.
        return self.status not in (0, 1)


def prepare(checkout: Path, folder: Path, ours: bool) -> Path:
    """A copy of the tests without the checkout's own cloudpickle beside them."""
    if not (checkout / "tests" / "cloudpickle_test.py").is_file():
        raise SystemExit(
            f"{checkout} is no checkout of cloudpickle: it has no tests/cloudpickle_test.py"
        )
    copy = folder / ("ours" if ours else "stock")
    shutil.copytree(
        checkout / "tests", copy / "tests", ignore=shutil.ignore_patterns("__pycache__")
    )
    # The suite's own helper package is meant to be installed; on the path it is as good.
    helper = copy / "tests" / "cloudpickle_testpkg" / "_cloudpickle_testpkg"
    if helper.is_dir():
        shutil.copytree(helper, copy / "_cloudpickle_testpkg")
    # Keeps the settings of the surrounding project away.
    (copy / "pytest.ini").write_text("[pytest]\n")
    (copy / "upstream_outcomes.py").write_text(
        (HERE / "plugin.py").read_text(encoding="utf-8"), encoding="utf-8"
    )
    if ours:
        spec = importlib.util.find_spec("gocloudpickle")
        if spec is None or spec.origin is None:
            raise SystemExit(
                "gocloudpickle is not importable here: build it, and run from its checkout or install it"
            )
        # The tests set a PYTHONPATH of their own for their processes, which is this folder.
        (copy / "gocloudpickle").symlink_to(Path(spec.origin).parent)
        (copy / "sitecustomize.py").write_text(
            (HERE / "switch.py").read_text(encoding="utf-8"), encoding="utf-8"
        )
    return copy


def run(
    checkout: Path, folder: Path, ours: bool, arguments: list[str], tests: list[str] | None = None
) -> Run:
    copy = prepare(checkout, folder, ours)
    outcomes, proof = copy / "outcomes.json", copy / "proof"
    proof.mkdir()
    environment = {
        **os.environ,
        "UPSTREAM_OUTCOMES": str(outcomes),
        "PYTHONPATH": os.pathsep.join([str(copy), str(copy / "tests")]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment.pop("UPSTREAM_PROOF", None)
    if ours:
        environment["UPSTREAM_PROOF"] = str(proof)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "upstream_outcomes",
        "-p",
        "no:cacheprovider",
        "-q",
        "--rootdir",
        str(copy),
    ]
    command += [*(tests or ["tests"]), *arguments]
    done = subprocess.run(
        command,
        cwd=copy,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    result = Run(done.returncode, output=done.stdout)
    if outcomes.is_file():
        written = json.loads(outcomes.read_text(encoding="utf-8"))
        result.outcomes, result.started = written["outcomes"], written["started"]
    result.dumps = sum(int(path.name.rsplit("-", 1)[1]) for path in proof.iterdir())
    return result


def counts(result: Run) -> str:
    kinds = [outcome for outcome, _ in result.outcomes.values()]
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds)))


def compare(stock: Run, ours: Run) -> list[str]:
    """What makes the two runs different, in words."""
    problems = []
    for name, result in (("stock cloudpickle", stock), ("our pickler", ours)):
        if result.crashed:
            last = result.started[-1] if result.started else "the first test"
            problems.append(
                f"pytest ended with status {result.status} with {name}, in {last}:\n{result.output[-3000:]}"
            )
    for test in sorted({*stock.outcomes, *ours.outcomes}):
        expected, got = (
            stock.outcomes.get(test, ["did not run", ""]),
            ours.outcomes.get(test, ["did not run", ""]),
        )
        if expected[0] != got[0]:
            problems.append(
                f"{test}: {expected[0]} with stock cloudpickle, {got[0]} with ours\n    {(got[1] or expected[1]).replace(chr(10), chr(10) + '    ')}"
            )
    if not stock.outcomes:
        problems.append(f"no test ran:\n{stock.output[-3000:]}")
    if not ours.dumps:
        problems.append("our pickler was switched on and never used")
    return problems


def differing(stock: Run, ours: Run) -> list[str]:
    return [
        test
        for test in sorted({*stock.outcomes, *ours.outcomes})
        if stock.outcomes.get(test, [""])[0] != ours.outcomes.get(test, [""])[0]
    ]


def again(checkout: Path, folder: Path, stock: Run, ours: Run, arguments: list[str]) -> list[str]:
    """Run the tests that differ once more, alone: some have timeouts that a busy machine misses."""
    tests = [
        test for test in differing(stock, ours) if test in stock.outcomes and test in ours.outcomes
    ]
    if not tests or len(tests) > 20:
        return []
    for number, result in enumerate((stock, ours)):
        repeated = run(checkout, folder / f"again{number}", result is ours, arguments, tests)
        result.outcomes.update(
            {test: outcome for test, outcome in repeated.outcomes.items() if test in tests}
        )
    return tests


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.upstream",
        description="cloudpickle's test suite, stock and with our pickler",
    )
    parser.add_argument("--checkout", type=Path, required=True, help="a checkout of cloudpickle")
    parser.add_argument("--keep", action="store_true", help="leave the folder of the runs behind")
    arguments, pytest_arguments = parser.parse_known_args()
    for folder in (ROOT / "py", ROOT):
        sys.path.insert(0, str(folder))
    folder = Path(tempfile.mkdtemp(prefix="gocloudpickle-upstream-"))
    try:
        stock = run(arguments.checkout.resolve(), folder, False, pytest_arguments)
        print(f"stock cloudpickle: {counts(stock)}", flush=True)
        ours = run(arguments.checkout.resolve(), folder, True, pytest_arguments)
        print(f"with our pickler:  {counts(ours)}; {ours.dumps} dumps by the engine", flush=True)
        for test in again(arguments.checkout.resolve(), folder, stock, ours, pytest_arguments):
            print(
                f"ran again: {test}: {stock.outcomes[test][0]} with stock cloudpickle, {ours.outcomes[test][0]} with ours"
            )
    finally:
        if not arguments.keep:
            shutil.rmtree(folder, ignore_errors=True)
    problems = compare(stock, ours)
    for problem in problems:
        print(problem)
    same = sum(
        1 for test in stock.outcomes if stock.outcomes[test][0] == ours.outcomes.get(test, [""])[0]
    )
    print(f"{same} of {len(stock.outcomes)} tests have the same outcome")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
