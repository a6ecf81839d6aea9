package audit

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// pythons are the interpreters to make payloads with: those in GOCLOUDPICKLE_TEST_PYTHONS.
func pythons(t *testing.T) []string {
	t.Helper()
	all := filepath.SplitList(os.Getenv("GOCLOUDPICKLE_TEST_PYTHONS"))
	if len(all) == 0 {
		t.Skip("set GOCLOUDPICKLE_TEST_PYTHONS to a path list of interpreters")
	}
	return all
}

// made is a payload that a script below tests/audit has made.
type made struct {
	Name, Capability string
	When             When
	Data             []byte
}

// run gives the payloads that a script makes with an interpreter.
func run(t *testing.T, python, script string) (all []made) {
	t.Helper()
	// -S: not with what is installed there, which can be a cloudpickle that is too old.
	cmd := exec.Command(python, "-S", "-W", "ignore", filepath.Join("..", "tests", "audit", script))
	cmd.Env = append(os.Environ(), "PYTHONHASHSEED=0")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", python, err)
	}
	for line := range bytes.Lines(out) {
		var m made
		if err := json.Unmarshal(line, &m); err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

// Every hostile payload has a finding, or could not be read; 95 in 100 have the capability that
// they are made for, at the moment that they are made for.
func TestHostile(t *testing.T) {
	for _, python := range pythons(t) {
		t.Run(python, func(t *testing.T) {
			all := run(t, python, "hostile.py")
			if len(all) < 300 {
				t.Fatalf("only %d payloads", len(all))
			}
			right, of := 0, 0
			for _, m := range all {
				r := Examine(m.Data)
				if len(r.Findings) == 0 && len(r.Unread) == 0 {
					t.Errorf("%s: nothing is found", m.Name)
				}
				if m.Capability == "" {
					if len(r.Unread) == 0 {
						t.Errorf("%s: it is read in full: %v", m.Name, r.Findings)
					}
					continue
				}
				of++
				if slices.ContainsFunc(r.Findings, func(f Finding) bool {
					return f.Capability == Capability(m.Capability) && (f.When == m.When || m.When == OnCall)
				}) {
					right++
				} else if testing.Verbose() {
					t.Logf("%s: no %s on %s in %v %v", m.Name, m.Capability, m.When, r.Findings, r.Unread)
				}
			}
			t.Logf("%d of %d capabilities named", right, of)
			if right*100 < of*95 {
				t.Errorf("only %d of %d capabilities are named", right, of)
			}
		})
	}
}

// Benign payloads have no findings and are read in full, 95 in 100 at least.
func TestBenign(t *testing.T) {
	all := pythons(t)
	if testing.Short() {
		all = all[:1]
	}
	for _, python := range all {
		t.Run(python, func(t *testing.T) {
			all := run(t, python, "benign.py")
			if len(all) < 500 {
				t.Fatalf("only %d payloads", len(all))
			}
			good := 0
			for _, m := range all {
				r := Examine(m.Data)
				if len(r.Findings) == 0 && len(r.Unread) == 0 {
					good++
				} else if testing.Verbose() {
					t.Logf("benign %s: %v %v", m.Name, r.Findings, r.Unread)
				}
			}
			t.Logf("%d of %d benign payloads are clean", good, len(all))
			if good*100 < len(all)*95 {
				t.Errorf("only %d of %d benign payloads are clean", good, len(all))
			}
		})
	}
}
