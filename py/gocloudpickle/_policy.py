"""audit(), and loads and load with a policy."""

from __future__ import annotations

import errno
import json
import os
import pickle

from gocloudpickle import _loader

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeAlias

    Policy: TypeAlias = "str | os.PathLike[str] | dict[str, Any]"

PRESETS = ("data", "ml", "functions", "trusted-imports")


class Audit:
    """What audit() says of a payload.

    verdict: "allowed", "denied" or "inconclusive". findings: what keeps it from being allowed, a
    list of dicts with the members that `gocloudpickle audit --json` prints: rule, which would allow
    it, capability, when ("load" or "call"), subject, via, offset, why, and more. json: both
    as text. str() is for people.
    """

    def __init__(self, verdict: str, findings: list[dict[str, Any]]) -> None:
        self.verdict = verdict
        self.findings = findings

    @property
    def json(self) -> str:
        """The verdict and the findings as a JSON object."""
        return json.dumps({"version": 1, "verdict": self.verdict, "findings": self.findings})

    def __str__(self) -> str:
        return "\n".join([self.verdict, *map(_line, self.findings)])

    def __repr__(self) -> str:
        return f"<{self.verdict}, {len(self.findings)} findings>"


class PolicyError(pickle.UnpicklingError):
    """A payload that a policy doesn't allow to be loaded: loads(data, policy=...) raises it.

    It is a pickle.UnpicklingError. verdict: "denied" or "inconclusive". findings: why, as in
    what audit() returns.
    """

    __module__ = "gocloudpickle"

    def __init__(self, verdict: str, findings: list[dict[str, Any]]) -> None:
        self.verdict = verdict
        self.findings = findings
        shown = [_line(f) for f in findings[:_SHOWN]]
        if len(findings) > _SHOWN:
            shown.append(f"  and {len(findings) - _SHOWN} more")
        super().__init__("\n".join([f"the payload is not loaded: {verdict} by the policy", *shown]))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.verdict, self.findings)


_SHOWN = 10


def _line(finding: dict[str, Any]) -> str:
    moment = "loaded" if finding["when"] == "load" else "called"
    what = finding["subject"] or "not read"
    place = " in ".join(filter(None, [finding.get("in"), finding.get("path")]))
    place = f"byte {finding['offset']}" + (f" of {place}" if place else "")
    text = f"  {what} when {moment} ({finding['capability']}), {place}: {finding['why']}"
    return f"{text}; to allow it: {finding['rule']}" if finding["rule"] else text


def audit(data: Any, policy: Policy = "functions") -> Audit:
    """See gocloudpickle.audit."""
    if isinstance(data, os.PathLike):
        from gocloudpickle import _policy_command

        path = os.fsdecode(data)
        return Audit(*_policy_command.judge_files(path, _policy_text(policy)))
    judged = _judge(_bytes(data), policy, False)
    return Audit(judged["verdict"], judged["findings"])


def loads(
    data: Any,
    /,
    *,
    policy: Policy,
    fix_imports: bool = True,
    encoding: str = "ASCII",
    errors: str = "strict",
    buffers: Iterable[Any] | None = (),
) -> Any:
    """Return the object that the bytes of a pickle hold, if a policy allows all that is in it.

    policy is as for audit(). Raises PolicyError, a pickle.UnpicklingError, with the findings,
    before anything is imported or called. What the unpickler does is compared with what was
    read, too: should it do anything else, that raises PolicyError before it is done.
    """
    data = _bytes(data)
    plan = _plan(data, policy, fix_imports)
    if plan["size"] < len(data):
        rest = (
            f"{len(data) - plan['size']} bytes follow the pickle, which nothing says anything about"
        )
        raise PolicyError("inconclusive", [_finding("", plan["size"], rest)])
    return run(data, plan, encoding, errors, buffers)


def load(
    file: Any,
    *,
    policy: Policy,
    fix_imports: bool = True,
    encoding: str = "ASCII",
    errors: str = "strict",
    buffers: Iterable[Any] | None = (),
) -> Any:
    """Return the object that the next pickle in a file holds, if a policy allows all that is in it.

    As loads(), but that others may follow. The file is read to its end first, and then put
    behind the pickle; where it can't seek, nothing may follow.
    """
    data = _bytes(file.read())
    plan = _plan(data, policy, fix_imports)
    behind = len(data) - plan["size"]
    if behind:
        try:
            file.seek(-behind, os.SEEK_CUR)
        except (AttributeError, OSError):
            what = f"{behind} bytes follow the pickle, in a file that can't seek: read a pickle at a time"
            raise PolicyError("inconclusive", [_finding("", plan["size"], what)]) from None
    return run(data[: plan["size"]], plan, encoding, errors, buffers)


def _bytes(data: Any) -> bytes:
    # What is judged must be what is loaded: a copy of what can change.
    return data if type(data) is bytes else bytes(memoryview(data))


def _plan(data: bytes, policy: Policy, fix_imports: bool) -> dict[str, Any]:
    if not fix_imports:
        raise ValueError("a policy is about the names of Python 3: leave out fix_imports=False")
    judged = _judge(data, policy, True)
    if judged["verdict"] != "allowed":
        raise PolicyError(judged["verdict"], judged["findings"])
    return judged


def _judge(data: bytes, policy: Policy, loads: bool) -> dict[str, Any]:
    text = _policy_text(policy)
    engine = _loader.engine_or_none()
    judged: dict[str, Any]
    if engine is not None:
        if not hasattr(engine, "audit"):
            raise ImportError(
                "this interpreter runs in a Go program, which has package audit/policy, and "
                "LoadsAllowed in package gocloudpickle"
            )
        judged = json.loads(engine.audit(data, text.encode(), loads))
    else:
        from gocloudpickle import _policy_command

        judged = _policy_command.judge(data, text, loads, _loader.why_python())
    if "error" in judged:
        raise ValueError(f"this is no policy: {judged['error']}")
    return judged


def _policy_text(policy: Any) -> str:
    """Return a policy in JSON."""
    if isinstance(policy, dict):
        return json.dumps(policy)
    if not isinstance(policy, (str, os.PathLike)):
        raise TypeError(
            f"a policy is the name of a preset, a path, a text or a dict, not {policy!r}"
        )
    if policy in PRESETS:
        return json.dumps({"version": 1, "extends": [policy]})
    name, text = "the policy", str(policy)
    if isinstance(policy, os.PathLike) or ("\n" not in policy and "{" not in policy):
        name = os.fspath(policy)
        try:
            with open(name, encoding="utf-8") as file:
                text = file.read()
        except FileNotFoundError:
            what = f"there is no such policy, and the presets are {', '.join(PRESETS)}"
            raise FileNotFoundError(errno.ENOENT, what, name) from None
    try:
        json.loads(text)
    except ValueError:
        from gocloudpickle import _policy_yaml

        return json.dumps(_policy_yaml.parse(name, text))
    return text


def _finding(subject: str, offset: int, why: str) -> dict[str, Any]:
    return {
        "rule": "",
        "verdict": "inconclusive",
        "capability": "unknown",
        "when": "load",
        "subject": subject,
        "via": [],
        "offset": offset,
        "why": why,
    }


def run(
    data: bytes, plan: dict[str, Any], encoding: str, errors: str, buffers: Iterable[Any] | None
) -> Any:
    """Load a pickle by a plan, as the engine or policy.Plan in Go makes it."""
    from io import BytesIO

    from gocloudpickle import _policy_watch, _unpickler

    make: Callable[..., Any] = _policy_watch.unpickler(plan["calls"] is not None)
    unpickler = make(plan, BytesIO(data), encoding=encoding, errors=errors, buffers=buffers)
    unpickler.stream = _unpickler.Whole(data)
    return unpickler.load()
