"""Replay stores: of any number of tries, over several processes, one is accepted."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time

import pytest
from gocloudpickle import sealed

KEY = sealed.generate_key("hmac-sha256")

# Each process verifies the same envelopes, and prints how many it has accepted.
PROGRAM = """
import sys
from gocloudpickle import sealed
kind, place, key_file, envelopes = sys.argv[1:]
if kind == "sqlite":
    store = sealed.SQLiteReplayStore(place)
else:
    import redis
    store = sealed.RedisReplayStore(redis.Redis(port=int(place)))
verifier = sealed.Verifier([sealed.load_key(key_file)], replay=store)
accepted = 0
for line in open(envelopes):
    try:
        verifier.verify(bytes.fromhex(line))
        accepted += 1
    except sealed.Replayed:
        pass
print(accepted)
"""


@pytest.fixture(scope="module")
def redis_port(tmp_path_factory):
    pytest.importorskip("redis", reason="redis is not installed")
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("no redis-server on PATH")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    command = [
        server,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(folder),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        import redis

        client = redis.Redis(port=port)
        deadline = time.monotonic() + 20
        while True:
            try:
                client.ping()
                break
            except redis.ConnectionError:
                assert time.monotonic() < deadline, "the Redis server doesn't answer"
                time.sleep(0.05)
        client.close()
        yield port
        process.terminate()


@pytest.fixture(params=["sqlite", "redis"])
def place(request, tmp_path):
    if request.param == "sqlite":
        return request.param, str(tmp_path / "replay.db")
    return request.param, str(request.getfixturevalue("redis_port"))


def store_of(kind, place):
    if kind == "sqlite":
        return sealed.SQLiteReplayStore(place)
    import redis

    return sealed.RedisReplayStore(redis.Redis(port=int(place)))


def test_four_processes_accept_each_once(place, tmp_path):
    signer = sealed.Signer(KEY, expires_in=600)
    envelopes = [signer.sign(b"%d" % i) for i in range(10)]
    # 10,000 tries of 10 envelopes, in four processes and different orders.
    sealed.save_key(tmp_path / "key", KEY)
    commands = []
    for number in range(4):
        lines = (envelopes[number:] + envelopes[:number]) * 250
        file = tmp_path / f"envelopes{number}"
        file.write_text("".join(f"{e.hex()}\n" for e in lines))
        commands.append([sys.executable, "-c", PROGRAM, *place, tmp_path / "key", file])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    processes = [subprocess.Popen(c, stdout=subprocess.PIPE, env=environment) for c in commands]
    accepted = [int(process.communicate(timeout=120)[0]) for process in processes]
    assert sum(accepted) == 10


def test_a_new_file_is_opened_by_many_at_once(tmp_path):
    program = "import sys; from gocloudpickle import sealed; sys.stdin.readline()\n"
    program += "for path in sys.argv[1:]: sealed.SQLiteReplayStore(path)"
    files = [str(tmp_path / f"{i}.db") for i in range(20)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, *files],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        for _ in range(6)
    ]
    for process in processes:
        process.stdin.write(b"\n")
        process.stdin.flush()
    assert [process.communicate(timeout=120)[1] for process in processes] == [b""] * 6


def test_threads(place):
    from concurrent.futures import ThreadPoolExecutor

    for store in (sealed.MemoryReplayStore(), store_of(*place)):
        verifier = sealed.Verifier([KEY], replay=store)
        envelope = sealed.Signer(KEY).sign(b"x")

        def attempt(_, verifier=verifier, envelope=envelope):
            try:
                verifier.verify(envelope)
            except sealed.Replayed:
                return 0
            return 1

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(attempt, range(200))) == 1


def test_what_is_remembered(place):
    now = time.time_ns() // 1_000_000
    for store in (sealed.MemoryReplayStore(), store_of(*place)):
        assert store.record("k", b"1" * 16, now + 60_000)
        assert not store.record("k", b"1" * 16, now + 60_000)
        assert store.record("k", b"2" * 16, None)
        assert store.record("other", b"2" * 16, None)
        assert not store.record("k", b"2" * 16, None)


def test_nothing_is_forgotten_for_want_of_room():
    store = sealed.MemoryReplayStore(maximum=2)
    verifier = sealed.Verifier([KEY], replay=store)
    signer = sealed.Signer(KEY, expires_in=60)
    first = signer.sign(b"1")
    verifier.verify(first)
    verifier.verify(signer.sign(b"2"))
    with pytest.raises(sealed.StoreUnavailable, match="limit"):
        verifier.verify(signer.sign(b"3"))
    with pytest.raises(sealed.Replayed):
        verifier.verify(first)


def test_refused_envelopes_are_not_recorded():
    store = sealed.MemoryReplayStore()
    envelope = sealed.Signer(KEY, audience="a").sign(b"x")
    with pytest.raises(sealed.WrongAudience):
        sealed.Verifier([KEY], audience="b", replay=store).verify(envelope)
    changed = envelope[:-1] + b"y"
    with pytest.raises(sealed.BadSignature):
        sealed.Verifier([KEY], audience="a", replay=store).verify(changed)
    assert len(store) == 0
    sealed.Verifier([KEY], audience="a", replay=store).verify(envelope)
    assert len(store) == 1


def test_a_store_that_is_down_refuses(tmp_path):
    envelope = sealed.Signer(KEY).sign(b"x")
    stores = [sealed.SQLiteReplayStore(tmp_path / "db", timeout=0.05)]
    import sqlite3

    lock = sqlite3.connect(tmp_path / "db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    redis = pytest.importorskip("redis", reason="redis is not installed")
    with socket.socket() as closed:  # a port that nobody listens on
        closed.bind(("127.0.0.1", 0))
        stores.append(sealed.RedisReplayStore(redis.Redis(port=closed.getsockname()[1])))
        for store in stores:
            with pytest.raises(sealed.StoreUnavailable):
                sealed.Verifier([KEY], replay=store).verify(envelope)
    lock.close()


FORKS = """
import os, sys, time
from gocloudpickle import sealed

path = sys.argv[1]
if os.fork() == 0:
    store = sealed.SQLiteReplayStore(path)
    assert store.record("k", b"1" * 16, None)
    end, parent_ends = os.pipe()
    if os.fork() == 0:
        assert store.record("k", b"2" * 16, None)
        os.read(end, 1)
        time.sleep(0.2)  # the parent has closed the file
        assert store.record("k", b"3" * 16, None)
        open(path + ".done", "w").close()
        time.sleep(1)
        os._exit(0)
    time.sleep(0.3)
    store.close()
    os.write(parent_ends, b"x")
    os._exit(0)
while not os.path.exists(path + ".done"):
    time.sleep(0.02)
store = sealed.SQLiteReplayStore(path)
print([store.record("k", b"%d" % n * 16, None) for n in (1, 2, 3)])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_outlives_its_parent(tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", FORKS, str(tmp_path / "db")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[False, False, False]", done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_signal_that_forks_in_the_middle(tmp_path):
    store = sealed.SQLiteReplayStore(tmp_path / "db")
    with store._lock:
        pid = os.fork()
        if pid == 0:
            os._exit(0 if store.record("k", b"1" * 16, None) else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert not store.record("k", b"1" * 16, None)


def test_a_clock_that_goes_back(tmp_path, monkeypatch):
    now = time.time_ns()
    until = now // 1_000_000 + 1000
    for store in (sealed.MemoryReplayStore(), sealed.SQLiteReplayStore(tmp_path / "db")):
        assert store.record("k", b"1" * 16, until)
        with monkeypatch.context() as later:
            later.setattr(time, "time_ns", lambda: now + 60 * 10**9)
            if isinstance(store, sealed.SQLiteReplayStore):
                store = sealed.SQLiteReplayStore(tmp_path / "db")  # whose first record sweeps
            assert store.record("k", b"2" * 16, until + 90_000)
        with pytest.raises(sealed.StoreUnavailable, match="gone back"):
            store.record("k", b"1" * 16, until)
        assert store.record("k", b"3" * 16, until + 1)
        assert not store.record("k", b"2" * 16, until + 90_000)


class FakeRedis:
    def __init__(self, answer):
        self.answer, self.asked = answer, []

    def set(self, name, value, **options):
        self.asked.append(options)
        return self.answer


def test_what_redis_is_told():
    now = time.time_ns() // 1_000_000
    for answer, fresh in ((True, True), (b"OK", True), (None, False)):
        client = FakeRedis(answer)
        store = sealed.RedisReplayStore(client)
        assert store.record("k", b"1" * 16, now + 60_000) is fresh
        assert client.asked[0]["nx"] and 50_000 < client.asked[0]["px"] <= 60_000
        assert store.record("k", b"1" * 16, None) is fresh and client.asked[1]["px"] is None
        with pytest.raises(sealed.StoreUnavailable, match="gone back"):
            store.record("k", b"1" * 16, now)  # the server would forget it at once


def test_a_client_that_does_not_wait_for_the_answer():
    """A pipeline, or asyncio's client, gives something that is true."""

    async def answer():
        return None

    for given in (FakeRedis(True), answer()):
        verifier = sealed.Verifier([KEY], replay=sealed.RedisReplayStore(FakeRedis(given)))
        with pytest.raises(sealed.StoreUnavailable, match="redis"):
            verifier.verify(sealed.Signer(KEY).sign(b"x"))

    class Store:
        def record(self, key_id, nonce, until):
            return FakeRedis(True)

    with pytest.raises(sealed.StoreUnavailable, match="FakeRedis"):
        sealed.Verifier([KEY], replay=Store()).verify(sealed.Signer(KEY).sign(b"x"))


def test_it_is_remembered_while_any_clock_within_the_skew_accepts_it():
    store = sealed.MemoryReplayStore()
    signer = sealed.Signer(KEY, expires_in=60)
    sealed.Verifier([KEY], replay=store, skew=30).verify(signer.sign(b"x"))
    until = store._expires[0][0]
    assert until > time.time_ns() // 1_000_000 + 115_000


@pytest.mark.parametrize("damage", ["corrupt", "a folder", "no table"])
def test_a_damaged_file_refuses(tmp_path, damage):
    path = tmp_path / "db"
    store = sealed.SQLiteReplayStore(path)
    store.close()
    if damage == "corrupt":
        path.write_bytes(b"no database" * 1000)
    elif damage == "a folder":
        path.unlink()
        path.mkdir()
    else:
        store.record("k", b"1" * 16, None)
        store._connection.execute("DROP TABLE accepted")
    with pytest.raises(sealed.StoreUnavailable):
        sealed.Verifier([KEY], replay=store).verify(sealed.Signer(KEY).sign(b"x"))


def test_a_full_file_refuses(tmp_path):
    store = sealed.SQLiteReplayStore(tmp_path / "db")
    store._connection.execute("PRAGMA max_page_count = 8")
    verifier, signer = sealed.Verifier([KEY], replay=store), sealed.Signer(KEY)
    accepted = []
    with pytest.raises(sealed.StoreUnavailable, match="full"):
        for _ in range(10_000):
            envelope = signer.sign(b"x")
            verifier.verify(envelope)
            accepted.append(envelope)
    for envelope in accepted[:10]:
        with pytest.raises(sealed.Replayed):
            verifier.verify(envelope)
