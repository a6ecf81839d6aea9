"""Copies of cloudpickle inside packages, as frameworks have them."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

# What install() knows beside PyPI's: the frameworks' packages, and theirs of cloudpickle.
VENDORED = (
    "joblib.externals.cloudpickle.cloudpickle",
    "pyspark.cloudpickle.cloudpickle",
    "ray.cloudpickle.cloudpickle",
)


def make_copy(folder: Path, module: str, *changes: tuple[str, str]) -> None:
    """Put the installed cloudpickle into a folder as one of VENDORED, with a changed text."""
    spec = importlib.util.find_spec("cloudpickle")
    assert spec is not None and spec.origin is not None
    package, _, _ = module.rpartition(".")
    target = folder.joinpath(*package.split("."))
    shutil.copytree(Path(spec.origin).parent, target, ignore=shutil.ignore_patterns("__pycache__"))
    for parent in target.parents:
        if parent == folder:
            break
        (parent / "__init__.py").touch()
    source = target / "cloudpickle.py"
    text = source.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    source.write_text(text)


# An edit that makes of 3.1 what 3.0 was in one point: the name is shared with the code.
AS_IN_3_0 = ('"".join(func.__name__)', "func.__name__")
