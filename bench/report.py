"""The table in the terminal."""

from __future__ import annotations

from typing import Any


def met(row: dict[str, Any]) -> bool | None:
    """Tell whether a row reaches its target: a ratio from below, the rest from above.

    None where there is no target.
    """
    if row["target"] is None:
        return None
    if "ratio" in row:
        return bool(row["ratio"] >= row["target"] * (1 - row["tolerance"]))
    return bool(row["value"] <= row["target"])


def show(result: dict[str, Any]) -> None:
    """Print all rows, at most 80 columns wide."""
    engine = result["engine"]
    print(
        f"gocloudpickle {engine['version']} ({result['commit']}), {engine['path']} path, "
        f"cloudpickle {result['cloudpickle']}\nCPython {result['python']}, {result['machine']}\n"
    )
    speed = [row for row in result["rows"] if "ratio" in row]
    if speed:
        print(f"{'times faster than':<39}{'target':>7}{'ratio':>8}  met {'µs':>11}{'portable':>10}")
    against = None
    for row in speed:
        if row["against"] != against:
            against = row["against"]
            print({"cloudpickle": "cloudpickle", "pickle": "the C pickler"}[against])
        print(
            f"  {row['name']:<37}{number(row['target']):>7}{row['ratio']:>8.2f}  {yes(row)}"
            f" {row['us']:>11,.1f}{number(row['portable']):>10}"
        )
    memory = [row for row in result["rows"] if "value" in row]
    if memory:
        print(f"\n{'at most':<39}{'target':>7}{'value':>8}  met")
    for row in memory:
        print(
            f"  {row['name']:<37}{number(row['target']):>7}{row['value']:>8.2f}  {yes(row)} "
            f"{row['unit']} ({row['ours']:.2f}, stock {row['theirs']:.2f})"
        )
    answers = [row["met"] for row in result["rows"] if row["met"] is not None]
    print(f"\n{sum(answers)} of {len(answers)} targets met")


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def yes(row: dict[str, Any]) -> str:
    return {True: "yes", False: "NO ", None: " - "}[row["met"]]
