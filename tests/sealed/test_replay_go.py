"""A replay store that programs in Go and in Python share."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest
from gocloudpickle import sealed

ROOT = Path(__file__).parents[2]
if shutil.which("go") is None or not (ROOT / "go.mod").exists():
    pytest.skip("no go command, or no checkout", allow_module_level=True)

PROGRAM = """
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/gocloudpickle/gocloudpickle/seal"
	"github.com/gocloudpickle/gocloudpickle/seal/sqlitereplay"
)

func main() {
	store, err := sqlitereplay.Open(os.Args[1], 0)
	if err != nil {
		panic(err)
	}
	for _, n := range []byte{1, 2} {
		fresh, err := store.Record("key", [seal.NonceSize]byte{n}, time.Now().Add(time.Hour))
		fmt.Println(fresh, err)
	}
}
"""


@pytest.mark.slow
def test_sqlite(tmp_path):
    # A program in the checkout, whose module it uses.
    folder = ROOT / "build" / "_replay_go"  # which ./... leaves out
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.go").write_text(PROGRAM)
    store = sealed.SQLiteReplayStore(tmp_path / "replay.db")
    until = time.time_ns() // 1_000_000 + 3_600_000
    assert store.record("key", bytes([1]) + bytes(15), until)
    command = ["go", "run", "./build/_replay_go", str(tmp_path / "replay.db")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["false <nil>", "true <nil>"]
    assert not store.record("key", bytes([2]) + bytes(15), until)
