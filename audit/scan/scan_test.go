package scan_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/audit/container"
	"github.com/gocloudpickle/gocloudpickle/audit/policy"
	"github.com/gocloudpickle/gocloudpickle/audit/scan"
)

const evil = "cos\nsystem\n(S'true'\ntR."

func write(t *testing.T, name, data string) container.File {
	t.Helper()
	if !filepath.IsAbs(name) {
		name = filepath.Join(t.TempDir(), name)
	}
	if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	return container.File{Path: name, Meant: true}
}

func options(t *testing.T, preset string) *scan.Options {
	t.Helper()
	p, ok := policy.Preset(preset)
	if !ok {
		t.Fatal(preset)
	}
	return &scan.Options{Policy: p}
}

func gzipped(data string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(data))
	z.Close()
	return b.String()
}

func TestFile(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		want policy.Verdict
		in   string
	}{
		"data":    {"(lp0\nI1\na.", policy.Allowed, ""},
		"several": {"N.N.N.", policy.Allowed, ""},
		"evil":    {evil, policy.Denied, ""},
		"broken":  {"cos\nsystem\n(", policy.Denied, ""},
		"cut":     {"(lp0\n", policy.Inconclusive, ""},
		"behind":  {"N.hello", policy.Inconclusive, ""},
		"text":    {"hello", policy.Inconclusive, ""},
		"empty":   {"", policy.Inconclusive, ""},
		"gzip":    {gzipped(evil), policy.Denied, "gzip"},
		"cut zip": {"PK\x03\x04", policy.Inconclusive, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := scan.File(write(t, "x.pkl", c.data), nil, options(t, "functions"))
			if r.Verdict != c.want || r.Error != "" {
				t.Errorf("%s, want %s: %+v", r.Verdict, c.want, r)
			}
			if len(r.Findings) > 0 && r.Findings[0].In != c.in {
				t.Errorf("in %q", r.Findings[0].In)
			}
		})
	}
	if r := scan.File(container.File{Path: filepath.Join(t.TempDir(), "none")}, nil, options(t, "data")); r.Error == "" || r.Verdict != policy.Inconclusive {
		t.Errorf("%+v", r)
	}
	if r := scan.File(container.File{Path: "-", Meant: true}, strings.NewReader(evil), options(t, "data")); r.Verdict != policy.Denied {
		t.Errorf("%+v", r)
	}
}

// TestOthers: what is no pickle is left out where nobody said it is one, and what does
// something as one is not.
func TestOthers(t *testing.T) {
	for data, want := range map[string]int{"# a title\n\ntext\n": 0, "N.": 1, evil: 1, "cos\nsystem\nx": 1, "": 0, "\x00\x01": 0} {
		f := write(t, "x", data)
		f.Meant = false
		if r := scan.File(f, nil, options(t, "functions")); r.Pickles != want || (want == 0) != (r.Verdict == policy.Allowed && want == 0) {
			t.Errorf("%q: %d pickles, %s", data, r.Pickles, r.Verdict)
		}
	}
}

func TestFilesKeepTheirOrder(t *testing.T) {
	folder := t.TempDir()
	var files []container.File
	for i := range 50 {
		files = append(files, write(t, filepath.Join(folder, fmt.Sprintf("%02d.pkl", i)), strings.Repeat("N.", 1+(50-i)*20)))
	}
	var done atomic.Int64
	var got []string
	scan.Files(files, nil, options(t, "data"), &done, func(r *scan.Result) { got = append(got, r.Path) })
	if len(got) != 50 || done.Load() != 50 {
		t.Fatalf("%d results, %d done", len(got), done.Load())
	}
	for i, path := range got {
		if path != files[i].Path {
			t.Fatalf("%d is %s", i, path)
		}
	}
}

func TestBaseline(t *testing.T) {
	known := write(t, "x.pkl", evil)
	o := options(t, "data")
	o.Digest = true
	save := func(results ...*scan.Result) string {
		text, err := json.Marshal(scan.Report{Version: 1, Files: results})
		if err != nil {
			t.Fatal(err)
		}
		return write(t, "baseline.json", string(text)).Path
	}
	var err error
	again := *o
	again.Digest = false
	if again.Baseline, err = scan.LoadBaseline(save(scan.File(known, nil, o))); err != nil {
		t.Fatal(err)
	}
	if r := scan.File(known, nil, &again); r.Verdict != policy.Allowed || r.Accepted == 0 {
		t.Errorf("%+v", r)
	}
	// Another name is another finding.
	write(t, known.Path, strings.Replace(evil, "system", "unlink", 1))
	if r := scan.File(known, nil, &again); r.Verdict != policy.Denied {
		t.Errorf("%+v", r)
	}
	// What can't be read is accepted only in the same bytes.
	write(t, known.Path, "(lp0\n")
	if again.Baseline, err = scan.LoadBaseline(save(scan.File(known, nil, o))); err != nil {
		t.Fatal(err)
	}
	if r := scan.File(known, nil, &again); r.Verdict != policy.Allowed {
		t.Errorf("%+v", r)
	}
	write(t, known.Path, "(lp1\n")
	if r := scan.File(known, nil, &again); r.Verdict != policy.Inconclusive {
		t.Errorf("%+v", r)
	}
	for text, want := range map[string]string{"{": "no output of audit --json", `{"version": 7}`: "version 7"} {
		if _, err := scan.LoadBaseline(write(t, "b.json", text).Path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v", err)
		}
	}
}

// TestSARIF checks what the schema of SARIF 2.1.0 demands of the objects that are used.
func TestSARIF(t *testing.T) {
	results := []*scan.Result{
		scan.File(write(t, "a b.pkl", "N."+evil), nil, options(t, "data")),
		scan.File(write(t, "c.pkl.gz", gzipped(evil)), nil, options(t, "data")),
		scan.File(write(t, "cut.pkl", "("), nil, options(t, "data")),
		scan.File(container.File{Path: "none/x:y.pkl"}, nil, options(t, "data")),
	}
	var b bytes.Buffer
	if err := scan.SARIF(&b, "1.0", results); err != nil {
		t.Fatal(err)
	}
	var log struct {
		Schema  string `json:"$schema"`
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name  string
					Rules []struct{ ID string }
				}
			}
			Artifacts []struct{ Location struct{ URI string } }
			Results   []struct {
				RuleID    string
				RuleIndex int
				Level     string
				Message   struct{ Text string }
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           *struct{ ByteOffset, ByteLength int }
					}
				}
			}
			Invocations []struct {
				ExecutionSuccessful        bool
				ToolExecutionNotifications []any
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || !strings.Contains(log.Schema, "sarif-2.1.0") || len(log.Runs) != 1 {
		t.Fatalf("%s", b.String())
	}
	run := log.Runs[0]
	if run.Tool.Driver.Name != "gocloudpickle" || len(run.Artifacts) != 4 || run.Invocations[0].ExecutionSuccessful || len(run.Invocations[0].ToolExecutionNotifications) != 1 {
		t.Errorf("%s", b.String())
	}
	if got := run.Artifacts[0].Location.URI; !strings.HasPrefix(got, "file:///") || !strings.HasSuffix(got, "/a%20b.pkl") {
		t.Error(got)
	}
	for _, r := range run.Results {
		if r.RuleIndex >= len(run.Tool.Driver.Rules) || run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("%+v", r)
		}
		if !map[string]bool{"error": true, "warning": true}[r.Level] || r.Message.Text == "" || len(r.Locations) != 1 {
			t.Errorf("%+v", r)
		}
	}
	first := run.Results[0].Locations[0].PhysicalLocation
	if first.Region == nil || first.Region.ByteOffset != 2 || first.Region.ByteLength != 1 || first.ArtifactLocation.URI != run.Artifacts[0].Location.URI {
		t.Errorf("%+v", first)
	}
	if !strings.Contains(b.String(), `"ruleId":"process-on-load"`) || !strings.Contains(b.String(), `"ruleId":"unread"`) {
		t.Errorf("%s", b.String())
	}
}
