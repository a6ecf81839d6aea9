package policyfile_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/audit/policy"
	"github.com/gocloudpickle/gocloudpickle/audit/policyfile"
)

func TestParse(t *testing.T) {
	p, err := policyfile.Parse("p.yaml", []byte(`# for the models
version: 1
extends: [data]
allow:
  names:
    - os.system # really
  capabilities: {call: [pure]}
`))
	if err != nil {
		t.Fatal(err)
	}
	if result := p.Judge(policy.Examine([]byte("cos\nsystem\n."))); result.Verdict != policy.Allowed {
		t.Errorf("%+v", result)
	}
	// The presets are policies in YAML too.
	for _, name := range policy.Presets() {
		text, _ := policy.PresetSource(name)
		if _, err := policyfile.Parse(name, text); err != nil {
			t.Error(err)
		}
	}
}

// TestErrors: they say in which line.
func TestErrors(t *testing.T) {
	for text, want := range map[string]string{
		"version: 1\nallow:\n  name: [os.system]\n":                    "line 3",
		"version: 1\nallow:\n  names:\n  - os.system\n  - system\n":    "p.yaml:5: allow.names[1]",
		"version: 1\nextends: [all]\n":                                 "p.yaml:2: extends[0]",
		"version: 9\n":                                                 "p.yaml:1: version is 9",
		"version: 1\nallow:\n  capabilities:\n    load: [pure, fly]\n": "p.yaml:4: allow.capabilities.load[1]",
		"version: 1\nversion: 1\n":                                     "line 2",
		"version: 1\n---\nversion: 1\n":                                "second document",
		"":                                                             "no policy in it",
		"allow: {}\n":                                                  "version is 0",
		"version: [1\n":                                                "p.yaml",
		"cos\nsystem\n":                                                "p.yaml",
	} {
		if _, err := policyfile.Parse("p.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := policyfile.Load(filepath.Join(t.TempDir(), "none.yaml")); !os.IsNotExist(err) {
		t.Errorf("%v", err)
	}
}

func TestWrite(t *testing.T) {
	f := policy.File{Version: 1, Extends: []string{"data"}, Allow: policy.Allow{Names: []string{"a.b"}}}
	f.Allow.Capabilities.Call = append(f.Allow.Capabilities.Call, "pure")
	var b bytes.Buffer
	if err := policyfile.Write(&b, f, "said"); err != nil {
		t.Fatal(err)
	}
	want := "# said\nversion: 1\nextends:\n  - data\nallow:\n  names:\n    - a.b\n  capabilities:\n    call:\n      - pure\n"
	if b.String() != want {
		t.Errorf("%s", b.String())
	}
	if _, err := policyfile.Parse("again", b.Bytes()); err != nil {
		t.Error(err)
	}
}
