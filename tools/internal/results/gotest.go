package results

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// event is one line of go test -json.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of a package that did not build
	Test        string
	Output      string
	FailedBuild string
}

// where a test said something: "    file_test.go:12: text".
var saidAt = regexp.MustCompile(`^\s*\S+_test\.go:\d+: (.*)`)

// ReadGoTest adds the tests that the output of go test -json names to the
// run, and copies what they printed to log.
func (r *Run) ReadGoTest(events io.Reader, log io.Writer) error {
	said := map[string]string{}   // test to the last thing it said
	failedIn := map[string]bool{} // packages with a failed test
	lines := bufio.NewScanner(events)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			// The go command's own complaints are not JSON.
			fmt.Fprintln(log, lines.Text())
			continue
		}
		io.WriteString(log, e.Output)
		test := e.Package + " " + e.Test
		if m := saidAt.FindStringSubmatch(e.Output); m != nil {
			said[test] = strings.TrimSpace(m[1])
		}
		if e.Test == "" {
			if e.Action == "fail" && !failedIn[e.Package] {
				r.fail(e.Package + ": " + packageFailure(e))
			}
			continue
		}
		switch e.Action {
		case "pass":
			r.pass()
		case "skip":
			r.skip(said[test])
		case "fail":
			failedIn[e.Package] = true
			r.fail(test + ": " + said[test])
		}
	}
	return lines.Err()
}

func packageFailure(e event) string {
	if e.FailedBuild != "" {
		return "does not build"
	}
	return "ended without naming a failed test"
}
