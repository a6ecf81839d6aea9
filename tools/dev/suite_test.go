package main

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadSuite(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := readSuite(folder); err == nil {
		t.Error("a folder without outcomes was read")
	}
	write("outcomes.jsonl", `{"test": "a", "outcome": "not ended"}
{"test": "a", "outcome": "passed"}
{"test": "b", "outcome": "not ended"}
{"test": "c", "outcome": "failed"}
`)
	write("1.used", `{"dumps": 3, "loads": 1}`)
	write("2.used", `{"dumps": 4, "loads": 2}`)
	write("3.used", `{"dumps": 0, "loads": 0}`)
	run, err := readSuite(folder)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"a": "passed", "b": "not ended", "c": "failed"}
	if !maps.Equal(run.outcomes, want) {
		t.Errorf("outcomes %v, want %v", run.outcomes, want)
	}
	if run.dumps != 7 || run.loads != 3 || run.processes != 2 {
		t.Errorf("%d dumps and %d loads in %d processes, want 7, 3 and 2", run.dumps, run.loads, run.processes)
	}
	if got, want := run.summary(), "1 passed, 1 failed, 0 skipped, 1 not ended"; got != want {
		t.Errorf("summary %q, want %q", got, want)
	}
	write("4.used", "{")
	if _, err := readSuite(folder); err == nil || !strings.Contains(err.Error(), "4.used") {
		t.Errorf("a broken file gave %v", err)
	}
}

func TestPassesWithStockOnly(t *testing.T) {
	stock := map[string]string{"a": "passed", "b": "passed", "c": "failed", "d": "passed"}
	ours := map[string]string{"a": "passed", "b": "failed", "c": "passed"}
	if got := passedOnlyIn(stock, ours); got != 2 {
		t.Errorf("%d tests pass in stock only, want b and d", got)
	}
}
