package results

import (
	"errors"
	"io"
	"strings"
	"testing"
)

const junit = `<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests"><testsuite name="pytest" tests="5">
<testcase classname="tests.test_a" name="test_good" time="0.1" />
<testcase classname="tests.test_a" name="test_bad"><failure message="assert 1 == 2&#10;more">long text</failure></testcase>
<testcase classname="tests.test_a" name="test_no_setup"><error message="fixture broke">long text</error></testcase>
<testcase classname="tests.test_a" name="test_other"><skipped type="pytest.skip" message="needs 3.12">x</skipped></testcase>
<testcase classname="" name="tests.test_b"><skipped message="collection skipped">('b.py', 20, 'Skipped: a copy')</skipped></testcase>
<testcase classname="tests.test_a" name="test_known"><skipped type="pytest.xfail" message="issue 7" /></testcase>
</testsuite></testsuites>`

func TestReadJUnit(t *testing.T) {
	r := Run{Name: "pytest"}
	if err := r.ReadJUnit(strings.NewReader(junit)); err != nil {
		t.Fatal(err)
	}
	if r.Passed != 1 || r.Failed != 2 || r.Skipped != 3 {
		t.Errorf("counts: %s", r.Summary())
	}
	if r.Skips["needs 3.12"] != 1 || r.Skips["a copy"] != 1 || r.Skips["expected to fail: issue 7"] != 1 {
		t.Errorf("reasons: %v", r.Skips)
	}
	if want := "tests.test_a::test_bad: assert 1 == 2"; r.Failures[0] != want {
		t.Errorf("failure is %q, want %q", r.Failures[0], want)
	}
}

func TestReadJUnitCut(t *testing.T) {
	var r Run
	if err := r.ReadJUnit(strings.NewReader(junit[:300])); err == nil {
		t.Error("a cut report was read without an error")
	}
}

const goEvents = `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:7: no libpython\n"}
{"Action":"skip","Package":"p","Test":"TestB"}
{"Action":"output","Package":"p","Test":"TestC","Output":"    c_test.go:9: got 1, want 2\n"}
{"Action":"fail","Package":"p","Test":"TestC"}
{"Action":"fail","Package":"p"}
{"Action":"fail","Package":"q","FailedBuild":"q"}
`

func TestReadGoTest(t *testing.T) {
	r := Run{Name: "go test"}
	var log strings.Builder
	if err := r.ReadGoTest(strings.NewReader("go: a complaint\n"+goEvents), &log); err != nil {
		t.Fatal(err)
	}
	if r.Passed != 1 || r.Failed != 2 || r.Skipped != 1 {
		t.Errorf("counts: %s", r.Summary())
	}
	if r.Skips["no libpython"] != 1 {
		t.Errorf("reasons: %v", r.Skips)
	}
	if got := strings.Join(r.Failures, "; "); got != "p TestC: got 1, want 2; q: does not build" {
		t.Errorf("failures: %s", got)
	}
	if !strings.Contains(log.String(), "go: a complaint") || !strings.Contains(log.String(), "no libpython") {
		t.Errorf("log: %q", log.String())
	}
}

func TestEnded(t *testing.T) {
	for _, c := range []struct {
		name   string
		run    Run
		err    error
		failed int
	}{
		{"good", Run{Passed: 1}, nil, 0},
		{"crashed before any failure", Run{Passed: 1}, errors.New("signal: segmentation fault"), 1},
		{"failed tests are not counted twice", Run{Failed: 2}, errors.New("exit status 1"), 2},
		{"ran nothing", Run{}, nil, 1},
	} {
		c.run.Ended(c.err)
		if c.run.Failed != c.failed {
			t.Errorf("%s: %d failed, want %d", c.name, c.run.Failed, c.failed)
		}
	}
}

func TestPrintEndsWithTotals(t *testing.T) {
	var out strings.Builder
	Print(&out, []Run{
		{Name: "a", Passed: 2, Skipped: 1, Skips: map[string]int{"why": 1}},
		{Name: "b", Passed: 3, Failed: 1, Failures: []string{"x: broke"}, Log: "log"},
		{Name: "c", NotRun: "Python 3.12 not found"},
	})
	text := out.String()
	if !strings.HasSuffix(text, "\n5 passed, 1 failed, 1 skipped\n") {
		t.Errorf("last line:\n%s", text)
	}
	for _, want := range []string{"not run: Python 3.12 not found", "why  [a]", "b: x: broke"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	Print(io.Discard, nil)
}
