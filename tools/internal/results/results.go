// Package results reads what test runners report and sums it up: how many
// tests passed, failed and were skipped in each run, and why.
package results

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Run is one test runner's work, or the reason why it did none.
type Run struct {
	Name     string
	Passed   int
	Failed   int
	Skipped  int
	Elapsed  time.Duration
	Skips    map[string]int // reason to number of tests
	Failures []string       // one line for each failed test
	Log      string         // file with all that the runner printed
	NotRun   string         // why it did not run at all
}

func (r *Run) pass() { r.Passed++ }

func (r *Run) fail(what string) {
	r.Failed++
	r.Failures = append(r.Failures, what)
}

func (r *Run) skip(reason string) {
	r.Skipped++
	if r.Skips == nil {
		r.Skips = map[string]int{}
	}
	r.Skips[cmp.Or(reason, "no reason given")]++
}

// Total is the number of tests that the run has heard of.
func (r Run) Total() int { return r.Passed + r.Failed + r.Skipped }

// Ended tells the run how its runner ended. A runner that failed without
// naming a failed test counts as one failure, and so does one that ran
// nothing and doesn't say why: neither may look like success.
func (r *Run) Ended(err error) {
	switch {
	case err == nil && r.NotRun != "":
	case err != nil && r.Failed == 0:
		r.fail(fmt.Sprintf("the run itself: %v", err))
	case r.Total() == 0:
		r.fail("the run itself: it ran no test")
	}
}

// Summary is the run in one line.
func (r Run) Summary() string {
	if r.NotRun != "" {
		return "not run: " + r.NotRun
	}
	return fmt.Sprintf("%d passed, %d failed, %d skipped in %v",
		r.Passed, r.Failed, r.Skipped, r.Elapsed.Round(100*time.Millisecond))
}

// Failed reports whether any run had a failed test.
func Failed(runs []Run) bool {
	return slices.ContainsFunc(runs, func(r Run) bool { return r.Failed > 0 })
}

// Print writes a table of the runs, the reasons for skips, the failures, and
// a last line with the totals.
func Print(w io.Writer, runs []Run) {
	printTable(w, runs)
	printSkips(w, runs)
	printFailures(w, runs)
	var total Run
	for _, r := range runs {
		total.Passed += r.Passed
		total.Failed += r.Failed
		total.Skipped += r.Skipped
	}
	fmt.Fprintf(w, "\n%d passed, %d failed, %d skipped\n", total.Passed, total.Failed, total.Skipped)
}

func printTable(w io.Writer, runs []Run) {
	width := len("run")
	for _, r := range runs {
		width = max(width, len(r.Name))
	}
	fmt.Fprintf(w, "\n%-*s %8s %8s %8s %9s\n", width, "run", "passed", "failed", "skipped", "time")
	for _, r := range runs {
		if r.NotRun != "" {
			fmt.Fprintf(w, "%-*s not run: %s\n", width, r.Name, r.NotRun)
			continue
		}
		fmt.Fprintf(w, "%-*s %8d %8d %8d %9v\n", width, r.Name,
			r.Passed, r.Failed, r.Skipped, r.Elapsed.Round(100*time.Millisecond))
	}
}

// printSkips lists each reason once, with the runs it was given in.
func printSkips(w io.Writer, runs []Run) {
	counts := map[string]int{}
	where := map[string][]string{}
	for _, r := range runs {
		for _, reason := range slices.Sorted(maps.Keys(r.Skips)) {
			counts[reason] += r.Skips[reason]
			where[reason] = append(where[reason], r.Name)
		}
	}
	if len(counts) == 0 {
		return
	}
	fmt.Fprintf(w, "\nskipped, and why:\n")
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		in := strings.Join(where[reason], ", ")
		if len(where[reason]) > 3 {
			in = fmt.Sprintf("%d runs", len(where[reason]))
		}
		fmt.Fprintf(w, "%5d  %s  [%s]\n", counts[reason], reason, in)
	}
}

func printFailures(w io.Writer, runs []Run) {
	if Failed(runs) {
		fmt.Fprintf(w, "\nfailed:\n")
	}
	for _, r := range runs {
		for _, f := range r.Failures {
			fmt.Fprintf(w, "  %s: %s\n", r.Name, f)
		}
		if r.Failed > 0 && r.Log != "" {
			fmt.Fprintf(w, "  %s: all it printed is in %s\n", r.Name, r.Log)
		}
	}
}
