package results

import (
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// testCase is one test of a JUnit report, the XML that pytest --junitxml writes.
type testCase struct {
	Class   string   `xml:"classname,attr"`
	Name    string   `xml:"name,attr"`
	Failure *outcome `xml:"failure"`
	Error   *outcome `xml:"error"`
	Skipped *outcome `xml:"skipped"`
}

type outcome struct {
	Type    string `xml:"type,attr"` // pytest.skip or pytest.xfail
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// ReadJUnit adds the tests of a JUnit report to the run.
func (r *Run) ReadJUnit(report io.Reader) error {
	cases, err := readCases(report)
	if err != nil {
		return err
	}
	for _, c := range cases {
		switch {
		case c.Failure != nil:
			r.fail(c.id() + ": " + firstLine(c.Failure.Message))
		case c.Error != nil:
			r.fail(c.id() + ": " + firstLine(c.Error.Message))
		case c.Skipped != nil && c.Skipped.Type == "pytest.xfail":
			r.skip("expected to fail: " + firstLine(c.Skipped.Message))
		case c.Skipped != nil:
			r.skip(c.Skipped.reason())
		default:
			r.pass()
		}
	}
	return nil
}

// Outcomes returns what a JUnit report says of each test: passed, failed or
// skipped.
func Outcomes(report io.Reader) (map[string]string, error) {
	cases, err := readCases(report)
	if err != nil {
		return nil, err
	}
	outcomes := map[string]string{}
	for _, c := range cases {
		switch {
		case c.Failure != nil || c.Error != nil:
			outcomes[c.id()] = "failed"
		case c.Skipped != nil:
			outcomes[c.id()] = "skipped"
		default:
			outcomes[c.id()] = "passed"
		}
	}
	return outcomes, nil
}

func readCases(report io.Reader) ([]testCase, error) {
	var suites struct {
		Cases []testCase `xml:"testsuite>testcase"`
	}
	if err := xml.NewDecoder(report).Decode(&suites); err != nil {
		return nil, fmt.Errorf("reading the JUnit report: %w", err)
	}
	return suites.Cases, nil
}

// what pytest says of a file whose tests were all skipped: ('file', 20, 'Skipped: why')
var skippedFile = regexp.MustCompile(`'Skipped: (.*)'\)`)

// reason says why a test, or all tests of a file, were skipped.
func (o outcome) reason() string {
	if m := skippedFile.FindStringSubmatch(o.Text); m != nil && o.Message == "collection skipped" {
		return m[1]
	}
	return firstLine(o.Message)
}

func (c testCase) id() string { return c.Class + "::" + c.Name }

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}
