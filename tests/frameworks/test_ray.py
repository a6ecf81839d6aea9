"""Ray: a cluster on this machine, with the engine in the driver and in workers.

The programs are ray_program.py, ray_mixed_program.py and ray_sealed_program.py. They run once, and each of their
checks is a test here.
"""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.frameworks import programs, snippets

pytest.importorskip("ray", reason="Ray is not installed")

# Nothing goes out, and nothing is written to the home directory.
SETTINGS = {
    "RAY_AUTH_MODE": "disabled",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ADDRESS": None,
    "RAY_raylet_start_wait_time_s": "300",  # 30 seconds, which a busy machine may not make
    # The server of a Ray client is forked by a process full of gRPC's threads, whose handlers
    # of forks abort it now and then (ray-project/ray#63202). It calls exec at once: none is needed.
    "GRPC_ENABLE_FORK_SUPPORT": "0",
}


@pytest.fixture(scope="module")
def short() -> Iterator[str]:
    """A directory for Ray's sockets, whose paths must be short."""
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as directory:
        yield directory


@pytest.fixture(scope="module")
def of_program(tmp_path_factory: pytest.TempPathFactory, short: str) -> programs.Run:
    directory = tmp_path_factory.mktemp("ray")
    return programs.run("ray_program.py", directory, 400, RAY_TMPDIR=short, **SETTINGS)


@pytest.fixture(scope="module")
def of_mixed_program(tmp_path_factory: pytest.TempPathFactory, short: str) -> programs.Run:
    directory = tmp_path_factory.mktemp("ray-mixed")
    port = str(free_port())
    return programs.run(
        "ray_mixed_program.py", directory, 400, RAY_TMPDIR=short, RAY_CLIENT_PORT=port, **SETTINGS
    )


@pytest.fixture(scope="module")
def of_sealed_program(tmp_path_factory: pytest.TempPathFactory, short: str) -> programs.Run:
    directory = tmp_path_factory.mktemp("ray-sealed")
    return programs.run("ray_sealed_program.py", directory, 400, RAY_TMPDIR=short, **SETTINGS)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.mark.timeout(500)
@pytest.mark.parametrize("name", programs.names("ray_program.py"))
def test_with_the_hook(of_program: programs.Run, name: str) -> None:
    of_program.verdict(name)


@pytest.mark.timeout(500)
@pytest.mark.parametrize("name", programs.names("ray_mixed_program.py"))
def test_mixed_and_the_client(of_mixed_program: programs.Run, name: str) -> None:
    of_mixed_program.verdict(name)


@pytest.mark.timeout(500)
@pytest.mark.parametrize("name", programs.names("ray_sealed_program.py"))
def test_sealed(of_sealed_program: programs.Run, name: str) -> None:
    of_sealed_program.verdict(name)


@pytest.mark.parametrize("program", ["of_program", "of_mixed_program", "of_sealed_program"])
def test_the_program_ends(program: str, request: pytest.FixtureRequest) -> None:
    run = request.getfixturevalue(program)
    assert run.ended == "ended with 0", run.output


@pytest.mark.timeout(300)
def test_the_document(tmp_path: Path, short: str) -> None:
    # ray.init() would look for a cluster of anybody's on this machine.
    settings = {**SETTINGS, "RAY_TMPDIR": short, "RAY_ADDRESS": "local"}
    for block in snippets.of_section("Ray"):
        programs.run_script(block, tmp_path, 240, **settings)
