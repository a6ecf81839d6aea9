"""The command in Python, which stands in for the one in Go."""

import io
import json
import os
import pickle
import pickletools
import subprocess
import sys

import pytest
from gocloudpickle import __version__, _command

DATA = pickle.dumps([1, {"a": (2.5, "b")}]) + pickle.dumps(None, 0)


def expected(data, **options):
    out, stream = io.StringIO(), io.BytesIO(data)
    while stream.tell() < len(data):
        pickletools.dis(stream, out, **options)
    return out.getvalue()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "data.pkl"
    path.write_bytes(DATA)
    return str(path)


def run(*arguments, **options):
    """The command as a process: it has no terminal."""
    command = [sys.executable, "-m", "gocloudpickle._command", *arguments]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(command, capture_output=True, env=environ, timeout=60, **options)


def test_dis_is_that_of_pickletools(file, capsys):
    for arguments, options in [
        ([], {}),
        (["-a"], {"annotate": 30}),
        (["-l", "2"], {"indentlevel": 2}),
        (["--only", "opcodes"], {}),
    ]:
        assert _command.main(["dis", *arguments, file]) == 0
        assert capsys.readouterr().out == expected(DATA, **options), arguments


def test_the_memo_is_kept_for_the_next_pickle():
    data = b"Np5\n.g5\n."
    assert run("dis", "-m", input=data).returncode == 0
    assert run("dis", input=data).returncode == 2


def test_several_files_and_standard_input(file):
    done = run("dis", file, "-", input=b"N.")
    first, second = expected(DATA), expected(b"N.")
    want = f"==> {file} <==\n{first}\n==> standard input <==\n{second}"
    assert (done.returncode, done.stdout.decode()) == (0, want.replace("\n", os.linesep))


@pytest.mark.parametrize(
    "arguments, data, code, said",
    [
        (["dis"], b"", 2, "standard input: there is no pickle in it"),
        (["dis"], DATA[:-1], 2, "it is damaged, or no pickle"),
        (["dis"], b"\xff", 2, "it is damaged, or no pickle"),
        (["dis", "missing.pkl"], b"", 3, "missing.pkl"),
        (["dis", "--nope"], b"", 3, "see gocloudpickle --help"),
        (["nonsense"], b"", 3, "nonsense"),
        ([], b"", 3, "command"),
        (["dis", "--help"], b"", 0, ""),
    ],
)
def test_exit_codes(arguments, data, code, said):
    done = run(*arguments, input=data)
    assert (done.returncode, said in done.stderr.decode()) == (code, True), done
    assert b"Traceback" not in done.stderr


def test_version(capsys):
    assert _command.main(["version"]) == 0
    assert capsys.readouterr().out.startswith(f"gocloudpickle {__version__} (")
    assert _command.main(["version", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["version"] == __version__


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
def test_a_reader_that_has_enough(file):
    done = run("dis", *[file] * 500, stdin=subprocess.DEVNULL)
    assert len(done.stdout) > 1 << 17, "more than a pipe holds"
    command = f'"{sys.executable}" -m gocloudpickle._command dis {"$0 " * 500} | head -n 1'
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        ["sh", "-c", command, file], env=environ, capture_output=True, text=True, timeout=60
    )
    assert done.stderr == "" and done.stdout.count("\n") == 1
