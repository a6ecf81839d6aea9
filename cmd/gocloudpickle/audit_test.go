package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

const evil = "cos\nsystem\n(S'true'\ntR."

// files writes files into a new folder, and returns it.
func files(t *testing.T, contents map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range contents {
		name = filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestAuditVerdicts(t *testing.T) {
	for _, c := range []struct {
		stdin string
		args  []string
		code  int
		out   string
	}{
		{"N.", nil, exitFine, "standard input: allowed by preset functions"},
		{evil, nil, exitNo, "standard input: denied: os.system when loaded"},
		{"(", nil, exitInconclusive, "standard input: inconclusive: "},
		{"", nil, exitInconclusive, "the file is empty"},
		{evil, []string{"--color", "always"}, exitNo, "\x1b[31mdenied"},
		{"N.", []string{greet, "-"}, exitFine, "2 allowed, by preset functions"},
		{"N.", []string{"--preset", "dta"}, exitUsage, ""},
		{"N.", []string{"--preset", "data", "--policy", "x"}, exitUsage, ""},
		{"N.", []string{"--policy", "missing.yaml"}, exitUsage, ""},
		{"N.", []string{"--baseline", "missing.json"}, exitUsage, ""},
		{"N.", []string{"--json", "--sarif"}, exitUsage, ""},
		{"N.", []string{"missing.pkl"}, exitUsage, ""},
	} {
		code, out, stderr := execute(c.stdin, append([]string{"audit"}, c.args...)...)
		if code != c.code || !strings.Contains(out, c.out) || (code == exitUsage) != (stderr != "") {
			t.Errorf("%q %v: exit code %d\n%s%s", c.stdin, c.args, code, out, stderr)
		}
	}
}

func TestAuditFolder(t *testing.T) {
	folder := files(t, map[string]string{"a.pkl": "N.", "b/evil.bin": evil, "b/readme.md": "hello\n", "c.pkl": "no pickle"})
	code, out, _ := execute("", "audit", folder)
	if code != exitInconclusive || !strings.Contains(out, "1 allowed, 1 denied, 1 inconclusive, 1 without a pickle, by preset functions") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	for line := range strings.Lines(out) {
		if utf8.RuneCountInString(line) > textWidth+1 && !strings.Contains(line, folder) {
			t.Errorf("%d columns: %s", utf8.RuneCountInString(line), line)
		}
	}
}

// TestAuditJSON: the shape that programs rely on.
func TestAuditJSON(t *testing.T) {
	folder := files(t, map[string]string{"x.pkl": "N." + evil})
	code, out, _ := execute("", "audit", "--json", filepath.Join(folder, "x.pkl"))
	var report struct {
		Version int
		Files   []struct {
			Path, Verdict string
			Findings      []map[string]any
		}
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != exitNo || report.Version != 1 || len(report.Files) != 1 {
		t.Fatalf("exit code %d, %v: %s", code, err, out)
	}
	f := report.Files[0]
	if f.Path != filepath.Join(folder, "x.pkl") || f.Verdict != "denied" || len(f.Findings) == 0 {
		t.Fatalf("%+v", f)
	}
	for _, name := range []string{"rule", "capability", "when", "subject", "via", "offset", "why"} {
		if _, ok := f.Findings[0][name]; !ok {
			t.Errorf("no %s in %v", name, f.Findings[0])
		}
	}
	if f.Findings[0]["offset"] != 2.0 || f.Findings[0]["rule"] != "names: os.system" {
		t.Errorf("%v", f.Findings[0])
	}
	if _, out, _ := execute("N.", "audit", "--json"); !strings.Contains(out, `"findings":[]`) {
		t.Error(out)
	}
}

// TestAuditLearn: what it writes allows what it was shown, and nothing else.
func TestAuditLearn(t *testing.T) {
	folder := files(t, map[string]string{"x.pkl": evil})
	code, out, stderr := execute("", "audit", "--learn", filepath.Join(folder, "x.pkl"))
	if code != exitFine || stderr != "" || !strings.Contains(out, "- os.system") {
		t.Fatalf("exit code %d\n%s%s", code, out, stderr)
	}
	learned := filepath.Join(folder, "policy.yaml")
	if err := os.WriteFile(learned, []byte(out), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := execute(evil, "audit", "--policy", learned); code != exitFine {
		t.Errorf("exit code %d\n%s", code, out)
	}
	if code, _, _ := execute(strings.Replace(evil, "system", "unlink", 1), "audit", "--policy", learned); code != exitNo {
		t.Errorf("exit code %d", code)
	}
	if code, _, stderr := execute("(", "audit", "--learn"); code != exitInconclusive || !strings.Contains(stderr, "no policy can allow this") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

func TestAuditBaseline(t *testing.T) {
	folder := files(t, map[string]string{"x.pkl": evil})
	path := filepath.Join(folder, "x.pkl")
	_, out, _ := execute("", "audit", "--json", path)
	baseline := filepath.Join(folder, "baseline.json")
	if err := os.WriteFile(baseline, []byte(out), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := execute("", "audit", "--baseline", baseline, path); code != exitFine || !strings.Contains(out, "accepted by the baseline") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

// TestAuditShowsNothingToATerminal: names in a pickle are what it wants them to be.
func TestAuditShowsNothingToATerminal(t *testing.T) {
	_, out, _ := execute("cos\nsys\x1b[2Jtem\n(S'true'\ntR.", "audit")
	if strings.Contains(out, "\x1b") || !strings.Contains(out, `sys\x1b[2Jtem`) {
		t.Errorf("%q", out)
	}
}
