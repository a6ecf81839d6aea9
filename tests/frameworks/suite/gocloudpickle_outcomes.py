"""A plugin of pytest that writes down what each test comes to, as soon as it is known.

A report at the end would be lost with a process that crashes or is killed.
"""

import json
import os


def write(name: str, outcome: str) -> None:
    with open(os.path.join(os.environ["GOCLOUDPICKLE_SUITE"], "outcomes.jsonl"), "a") as file:
        file.write(json.dumps({"test": name, "outcome": outcome}) + "\n")


# The last line about a test is the one that holds.


def pytest_runtest_logstart(nodeid, location):
    write(nodeid, "not ended")


def pytest_runtest_logreport(report):
    if report.when == "call" or report.outcome != "passed":
        write(report.nodeid, report.outcome)


def pytest_collectreport(report):
    if report.outcome != "passed":
        write(report.nodeid, report.outcome)
