"""PySpark: masters on this machine, and Spark Connect.

The programs are spark_program.py, spark_connect_program.py and spark_sealed_program.py. They run once, and each of
their checks is a test here.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.frameworks import programs, snippets

pytest.importorskip("pyspark", reason="PySpark is not installed")
if not os.environ.get("JAVA_HOME") and shutil.which("java") is None:
    pytest.skip("PySpark needs Java 17: put java on PATH", allow_module_level=True)


@pytest.fixture(scope="module")
def of_program(tmp_path_factory: pytest.TempPathFactory) -> programs.Run:
    return programs.run("spark_program.py", tmp_path_factory.mktemp("spark"), 600)


@pytest.fixture(scope="module")
def of_connect_program(tmp_path_factory: pytest.TempPathFactory) -> programs.Run:
    return programs.run("spark_connect_program.py", tmp_path_factory.mktemp("connect"), 400)


@pytest.fixture(scope="module")
def of_sealed_program(tmp_path_factory: pytest.TempPathFactory) -> programs.Run:
    return programs.run("spark_sealed_program.py", tmp_path_factory.mktemp("sealed"), 400)


@pytest.mark.timeout(700)
@pytest.mark.parametrize("name", programs.names("spark_program.py"))
def test_masters(of_program: programs.Run, name: str) -> None:
    of_program.verdict(name)


@pytest.mark.timeout(500)
@pytest.mark.parametrize("name", programs.names("spark_connect_program.py"))
def test_connect(of_connect_program: programs.Run, name: str) -> None:
    pytest.importorskip("grpc", reason="Spark Connect needs grpcio, which is not installed")
    of_connect_program.verdict(name)


@pytest.mark.timeout(500)
@pytest.mark.parametrize("name", programs.names("spark_sealed_program.py"))
def test_sealed(of_sealed_program: programs.Run, name: str) -> None:
    of_sealed_program.verdict(name)


@pytest.mark.timeout(700)
@pytest.mark.parametrize("program", ["of_program", "of_connect_program", "of_sealed_program"])
def test_the_program_ends(program: str, request: pytest.FixtureRequest) -> None:
    run = request.getfixturevalue(program)
    assert run.ended == "ended with 0", run.output


@pytest.mark.timeout(600)
def test_the_document(tmp_path: Path) -> None:
    settings = {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    for block in snippets.of_section("PySpark"):
        programs.run_script(block, tmp_path, 500, **settings)
