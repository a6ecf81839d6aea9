"""refuse_unsealed(): each test runs in a process of its own, since it can't be undone."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytest.importorskip("cloudpickle", reason="cloudpickle is not installed")

BEGINNING = """
import io, os, pickle, sys, threading
import gocloudpickle
from gocloudpickle import sealed

key = sealed.generate_key("hmac-sha256")
signer = sealed.Signer(key)
verifier = sealed.Verifier([key])
plain = pickle.dumps({"x": 1})
opener = gocloudpickle.dumps(lambda: 7)
envelope = signer.dumps(lambda: 42)

def refused(load, *arguments, kind=sealed.Unsigned, **options):
    try:
        value = load(*arguments, **options)
    except kind:
        return True
    raise AssertionError(f"{load} has loaded {value!r}")
"""


def run(program: str, **variables: str) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **variables}
    done = subprocess.run(
        [sys.executable, "-c", BEGINNING + program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


PATHS = pytest.mark.parametrize("path", ["", "portable", "python"])


@PATHS
def test_every_door(path):
    run(
        """
import cloudpickle, cloudpickle.cloudpickle
bound_before = gocloudpickle.loads
gocloudpickle.refuse_unsealed(verifier)
for load in (gocloudpickle.loads, cloudpickle.loads, cloudpickle.cloudpickle.loads):
    assert load(envelope)() == 42
    assert load(memoryview(bytearray(envelope)))() == 42
    for data in (plain, opener, b"", envelope[:4], bytearray(plain)):
        refused(load, data, kind=sealed.SealError)
    refused(load, envelope[:-1] + b"x", kind=sealed.BadSignature)
for load in (gocloudpickle.load, cloudpickle.load, cloudpickle.cloudpickle.load):
    assert load(io.BytesIO(envelope))() == 42
    refused(load, io.BytesIO(plain))
    refused(load, io.BytesIO(envelope + b"x"), kind=sealed.Malformed)
assert verifier.loads(envelope)() == 42 and verifier.load(io.BytesIO(envelope))() == 42
if gocloudpickle.engine_info()["path"] != "python":
    refused(bound_before, plain)
""",
        GOCLOUDPICKLE_PATH=path,
    )


@PATHS
def test_what_is_imported_or_switched_on_later(path):
    run(
        """
import warnings
warnings.simplefilter("ignore")
gocloudpickle.refuse_unsealed()
gocloudpickle.refuse_unsealed(verifier)  # again, with the keys
import cloudpickle
def check():
    for module in (gocloudpickle, cloudpickle, cloudpickle.cloudpickle):
        refused(module.loads, plain)
        assert module.loads(envelope)() == 42
check()
gocloudpickle.install()
check()
gocloudpickle.uninstall()
check()
import importlib
importlib.reload(cloudpickle.cloudpickle)
importlib.reload(cloudpickle)
check()
""",
        GOCLOUDPICKLE_PATH=path,
    )


def test_without_keys_nothing_is_loaded():
    run("""
gocloudpickle.refuse_unsealed()
refused(gocloudpickle.loads, envelope, kind=sealed.UnknownKey)
refused(gocloudpickle.loads, plain)
assert verifier.loads(envelope)() == 42  # who has keys of his own
""")


def test_threads_and_forked_children():
    run("""
gocloudpickle.refuse_unsealed(verifier)
failures = []
def work():
    try:
        for _ in range(200):
            refused(gocloudpickle.loads, plain)
            assert gocloudpickle.loads(envelope)() == 42
    except BaseException as error:
        failures.append(error)
threads = [threading.Thread(target=work) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert not failures, failures
pid = os.fork()
if pid == 0:
    work()
    os._exit(len(failures))
assert os.waitpid(pid, 0)[1] == 0
""")


def test_a_verified_pickle_may_load_others():
    # And only while it is loaded, in the thread that loads it.
    run("""
import cloudpickle
class Outer:
    def __reduce__(self):
        return load_inner, (pickle.dumps(5), signer.dumps(6))
def load_inner(inner, inner_sealed):
    other = []
    def work():
        other.append(refused(gocloudpickle.loads, inner))
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert other == [True]
    return gocloudpickle.loads(inner), cloudpickle.loads(inner), gocloudpickle.loads(inner_sealed)
outer = signer.dumps(Outer())
gocloudpickle.refuse_unsealed(verifier)
assert gocloudpickle.loads(outer) == (5, 5, 6)
refused(gocloudpickle.loads, plain)
""")


def test_everywhere():
    run("""
loads, Unpickler = pickle.loads, pickle.Unpickler
gocloudpickle.refuse_unsealed(verifier, everywhere=True)
gocloudpickle.refuse_unsealed(verifier, everywhere=True)
class Own(pickle._Unpickler):
    pass
for load in (loads, pickle._loads, lambda data: Unpickler(io.BytesIO(data)).load(),
             lambda data: Own(io.BytesIO(data)).load()):
    refused(load, opener)
    assert load(plain) == {"x": 1}  # data that can't do anything
assert gocloudpickle.loads(envelope)() == 42
assert verifier.load(io.BytesIO(envelope))() == 42
refused(loads, opener)
""")


def test_a_door_is_sent_as_pickles_own():
    run("""
gocloudpickle.refuse_unsealed(verifier)
for door, original in ((gocloudpickle.loads, pickle.loads), (gocloudpickle.load, pickle.load)):
    assert pickle.loads(pickle.dumps(door)) is original
""")
