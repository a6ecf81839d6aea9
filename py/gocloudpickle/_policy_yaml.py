"""Policies in YAML, read by PyYAML where it is installed."""

from __future__ import annotations

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any


def parse(name: str, text: str) -> Any:
    """Return what a text in YAML says. Raises ValueError, with the line, for what is none.

    What is there twice is an error, as in the command, where PyYAML would take the last.
    """
    try:
        import yaml  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        raise ImportError(
            "a policy in YAML needs PyYAML: pip install pyyaml; or give it in JSON, or as a dict"
        ) from None
    try:
        _check(name, yaml.compose(text, Loader=yaml.SafeLoader))
        found = yaml.safe_load(text)
    except yaml.YAMLError as e:
        raise ValueError(f"{name}: {e}") from None
    if not isinstance(found, dict):
        raise ValueError(f"{name}: there is no policy in it: begin with `version: 1`")
    return found


def _check(name: str, node: Any) -> None:
    if node is None or isinstance(node.value, str):
        return
    seen = set()
    for child in node.value:
        if isinstance(child, tuple):
            key, child = child
            if key.value in seen:
                line = key.start_mark.line + 1
                raise ValueError(f"{name}, line {line}: {key.value!r} is there twice")
            seen.add(key.value)
        _check(name, child)
