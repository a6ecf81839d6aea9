"""What is said when Go or a C compiler is missing: one line that names it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Some of what scripts/dev.sh and make run beside Go and the compiler.
BASICS = ["sh", "dirname", "env", "make"]


def program(folder, name, text):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def bin_folder(tmp_path):
    """A folder to be the whole PATH, without Go and gcc."""
    for name in BASICS:
        path = shutil.which(name)
        if path is None:
            pytest.skip(f"{name} is not on this machine")
        (tmp_path / name).symlink_to(path)
    return tmp_path


def run(bin_folder, *command, **more):
    environ = {"PATH": str(bin_folder), "HOME": str(bin_folder), **more}
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)


@pytest.mark.parametrize("target", ["demo", "test", "test-quick"])
def test_make_without_go(bin_folder, target):
    done = run(bin_folder, "make", target)
    assert done.returncode != 0
    assert done.stdout == ""
    first, *rest = done.stderr.splitlines()
    assert first == ("gocloudpickle: Go is missing: install Go 1.25 or later and put it on PATH")
    assert all(line.startswith("make: ") for line in rest), rest


def test_make_with_an_old_go(bin_folder):
    # Inside a module that asks for a newer Go, an old one only fails.
    program(bin_folder, "go", 'case "$PWD" in */tools) exit 1;; *) echo go1.24.11;; esac')
    done = run(bin_folder, "make", "test")
    assert done.returncode != 0
    assert "Go is too old: this is go1.24.11, and Go 1.25 or later" in done.stderr


def test_make_without_a_compiler(bin_folder):
    program(bin_folder, "go", "echo go1.25.1")
    done = run(bin_folder, "make", "test")
    assert done.returncode != 0
    assert "the C compiler gcc is missing: install gcc" in done.stderr


def test_make_with_another_compiler_that_is_missing(bin_folder):
    program(bin_folder, "go", "echo go1.25.1")
    done = run(bin_folder, "make", "test", CC="clang-99 -O2")
    assert done.returncode != 0
    assert "the C compiler clang-99 is missing" in done.stderr


@pytest.fixture
def hook():
    """The build hook of pip install, as a module."""
    pytest.importorskip("hatchling")
    import importlib.util

    spec = importlib.util.spec_from_file_location("engine_hook", ROOT / "build_hooks" / "engine.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_hook_without_go(hook, bin_folder, monkeypatch):
    monkeypatch.setenv("PATH", str(bin_folder))
    with pytest.raises(hook.BuildError, match="Go is missing; install Go 1.25 or later"):
        hook.check_go()


def test_hook_with_an_old_go(hook, bin_folder, monkeypatch):
    monkeypatch.setenv("PATH", str(bin_folder) + os.pathsep + os.environ["PATH"])
    program(bin_folder, "go", "echo go1.24.11")
    with pytest.raises(hook.BuildError, match="Go is too old .go1.24.11."):
        hook.check_go()
    program(bin_folder, "go", "echo go1.25.1")
    hook.check_go()


def test_hook_without_a_compiler(hook, bin_folder, monkeypatch):
    monkeypatch.setenv("PATH", str(bin_folder))
    for arch, compiler in [("amd64", "gcc"), ("arm64", "aarch64-linux-gnu-gcc")]:
        with pytest.raises(hook.BuildError, match=f"the C compiler {compiler} is missing"):
            hook.c_compiler(arch, "x86_64", {})
    with pytest.raises(hook.BuildError, match="the C compiler tcc is missing"):
        hook.c_compiler("amd64", "x86_64", {"CC": "tcc"})


def test_hook_on_other_machines(hook):
    assert hook.target_architecture("x86_64", {}) == "amd64"
    assert hook.target_architecture("x86_64", {"GOARCH": "arm64"}) == "arm64"
    assert hook.target_architecture("aarch64", {"GOARCH": ""}) == "arm64"
    with pytest.raises(hook.BuildError, match="not linux on riscv64"):
        hook.target_architecture("riscv64", {})
