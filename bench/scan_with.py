"""Scans files with one scanner, and prints JSON: python scan_with.py SCANNER TURNS FILE...

A process for each scanner, so that none pays for another's memory. A time is that of a call
of its Python interface, without its start; the best of the turns counts.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any


def with_gocloudpickle() -> Callable[[str], str]:
    import gocloudpickle

    def scan(path: str) -> str:
        with open(path, "rb") as file:
            data = file.read()
        return str(gocloudpickle.audit(data, policy="functions").verdict)

    return scan


def with_picklescan() -> Callable[[str], str]:
    from picklescan.scanner import scan_file_path

    def scan(path: str) -> str:
        result = scan_file_path(path)
        if result.issues_count:
            return "dangerous"
        return "suspicious" if result.suspicious_count else "clean"

    return scan


def with_fickling() -> Callable[[str], str]:
    from fickling.analysis import check_safety
    from fickling.fickle import Pickled

    def scan(path: str) -> str:
        with open(path, "rb") as file:
            return str(check_safety(Pickled.load(file)).severity.name.lower().replace("_", " "))

    return scan


def with_modelscan() -> Callable[[str], str]:
    from modelscan.modelscan import ModelScan

    def scan(path: str) -> str:
        found = ModelScan().scan(path)
        return f"{found['summary']['total_issues']} issues"

    return scan


def with_modelaudit() -> Callable[[str], str]:
    from modelaudit.core import scan_model_directory_or_file

    def scan(path: str) -> str:
        result = scan_model_directory_or_file(path)
        worst = {str(issue.severity.value) for issue in result.issues}
        found = [level for level in ("critical", "warning", "info") if level in worst]
        return found[0] if found else "clean"

    return scan


SCANNERS: dict[str, Callable[[], Callable[[str], str]]] = {
    "gocloudpickle": with_gocloudpickle,
    "picklescan": with_picklescan,
    "fickling": with_fickling,
    "modelscan": with_modelscan,
    "modelaudit": with_modelaudit,
}


def main(name: str, turns: int, paths: list[str]) -> None:
    logging.disable(logging.CRITICAL)
    os.environ["PROMPTFOO_DISABLE_TELEMETRY"] = "1"  # modelaudit's
    results: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        scan = SCANNERS[name]()
        for path in paths:
            best, says = float("inf"), ""
            for _ in range(turns):
                start = perf_counter()
                try:
                    says = scan(path)
                except Exception as error:
                    says = type(error).__name__
                best = min(best, perf_counter() - start)
            results[path] = {"seconds": best, "says": says}
    print(json.dumps(results))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
