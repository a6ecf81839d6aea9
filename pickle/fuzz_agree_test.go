package pickle

import "testing"

// FuzzAgree compares accepting, rejecting and meaning with CPython's
// unpicklers, as TestAgree does, on the streams the fuzzer finds.
func FuzzAgree(f *testing.F) {
	found, reason := oracles()
	if len(found) == 0 {
		f.Skip("no Python to compare with: set GOCLOUDPICKLE_TEST_PYTHONS to a path list of interpreters" + reason)
	}
	for _, data := range seeds(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<12 {
			return // what a longer stream could find a shorter one finds sooner
		}
		if _, difference := agree(t, found[0], data); difference != "" {
			t.Fatal(difference)
		}
	})
}
