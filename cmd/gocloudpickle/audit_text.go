package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/audit"
	"github.com/gocloudpickle/gocloudpickle/audit/policy"
	"github.com/gocloudpickle/gocloudpickle/audit/scan"
)

// auditText shows results to people: a line that says why, and one block for each finding.
type auditText struct {
	out     io.Writer
	painted bool
	policy  string // what the policy is called
	several bool   // files

	counts  map[policy.Verdict]int
	without int // files without a pickle
}

const (
	maxFindings = 20 // of a file are shown
	textWidth   = 80
)

// The colors of verdicts.
var verdictStyles = map[policy.Verdict]string{
	policy.Allowed:      "\x1b[32m", // green
	policy.Inconclusive: "\x1b[33m", // yellow
	policy.Denied:       "\x1b[31m", // red
}

func (t *auditText) result(r *scan.Result) {
	if t.counts == nil {
		t.counts = map[policy.Verdict]int{}
	}
	if r.Error != "" {
		return // standard error has it
	}
	t.counts[r.Verdict]++
	fmt.Fprintf(t.out, "%s: %s", paint(t.painted, styleTitle, label(r.Path)), paint(t.painted, verdictStyles[r.Verdict], string(r.Verdict)))
	worst := worstOf(r)
	switch {
	case worst != nil:
		fmt.Fprintf(t.out, ": %s\n", headline(worst))
	case r.Pickles == 0:
		fmt.Fprintln(t.out, ": there is no pickle in it")
	default:
		fmt.Fprintf(t.out, " by %s\n", t.policy)
	}
	if r.Accepted > 0 {
		fmt.Fprintf(t.out, "  %d accepted by the baseline\n", r.Accepted)
	}
	for i, shown := 0, 0; i < len(r.Findings); shown++ {
		if shown == maxFindings {
			fmt.Fprintf(t.out, "  and %d more: --json has them all\n", len(r.Findings)-i)
			break
		}
		n := alike(r.Findings[i:])
		t.finding(r.Findings[i : i+n])
		i += n
	}
}

// alike is how many findings are about the first one's name and place: a name can have
// several capabilities.
func alike(findings []policy.Finding) int {
	f := &findings[0]
	n := 1
	for n < len(findings) && f.Subject != "" && findings[n].Subject == f.Subject && findings[n].Offset == f.Offset && findings[n].In == f.In &&
		findings[n].When == f.When && findings[n].Function == f.Function && findings[n].Why == f.Why {
		n++
	}
	return n
}

// worstOf is the finding that the verdict comes from: the first of the worst, and what
// runs on load before what would run later.
func worstOf(r *scan.Result) (worst *policy.Finding) {
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Verdict != r.Verdict {
			continue
		}
		if worst == nil || worst.When == audit.OnCall && f.When == audit.OnLoad {
			worst = f
		}
	}
	return worst
}

// headline says in a few words why.
func headline(f *policy.Finding) string {
	if f.Subject == "" {
		return harmless(f.Why)
	}
	return fmt.Sprintf("%s when %s", harmless(f.Subject), moment(f.When))
}

func moment(when audit.When) string {
	if when == audit.OnCall {
		return "called"
	}
	return "loaded"
}

// finding shows findings that are alike.
func (t *auditText) finding(same []policy.Finding) {
	f := &same[0]
	what := string(f.Capability)
	for _, g := range same[1:] {
		what += ", " + string(g.Capability)
	}
	if f.Subject == "" && f.Rule == "" {
		what = "not read"
	}
	what += " when " + moment(f.When)
	if f.Subject != "" {
		what += ": " + harmless(f.Subject)
	}
	t.wrapped("  ", paint(t.painted, verdictStyles[f.Verdict], what), len(what))
	where := fmt.Sprintf("byte %d", f.Offset)
	if f.In != "" {
		where += " of " + harmless(f.In)
	}
	if f.Function != "" {
		where += ", in " + harmless(f.Function)
		if f.Line > 0 {
			where += fmt.Sprintf(", line %d", f.Line)
		}
	}
	t.wrapped("    ", where+": "+harmless(f.Why), 0)
	if len(f.Via) > 1 {
		t.wrapped("    ", "by way of "+harmless(strings.Join(f.Via, " > ")), 0)
	}
	if f.Rule != "" {
		t.wrapped("    ", "to allow it: "+harmless(f.Rule), 0)
	}
}

// wrapped prints text in lines of at most textWidth. A width of more than 0 is that of
// the text without its colors.
func (t *auditText) wrapped(indent, text string, width int) {
	if width == 0 {
		width = len([]rune(text))
	}
	if len(indent)+width <= textWidth {
		fmt.Fprintln(t.out, indent+text)
		return
	}
	line := indent
	for i, word := range strings.Fields(text) {
		if i > 0 && len([]rune(line))+1+len([]rune(word)) > textWidth {
			fmt.Fprintln(t.out, line)
			line = indent + "  "
		} else if i > 0 {
			line += " "
		}
		line += word
	}
	fmt.Fprintln(t.out, line)
}

// summary counts the verdicts of several files.
func (t *auditText) summary() {
	if !t.several {
		return
	}
	parts := []string{}
	for _, v := range []policy.Verdict{policy.Allowed, policy.Denied, policy.Inconclusive} {
		if n := t.counts[v]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, v))
		}
	}
	if t.without > 0 {
		parts = append(parts, fmt.Sprintf("%d without a pickle", t.without))
	}
	if len(parts) == 0 {
		parts = append(parts, "no file")
	}
	fmt.Fprintf(t.out, "\n%s, by %s\n", strings.Join(parts, ", "), t.policy)
}
