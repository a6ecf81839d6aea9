package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/audit"
)

// Verdict is whether a pickle may be loaded.
type Verdict string

// The verdicts, from good to bad.
const (
	// Allowed: all of it was read, and the policy allows what was found.
	Allowed Verdict = "allowed"
	// Inconclusive: nothing was found that the policy doesn't allow, but not all could be
	// read, or what is called can't be known.
	Inconclusive Verdict = "inconclusive"
	// Denied: something was found that the policy doesn't allow.
	Denied Verdict = "denied"
)

// Result is a verdict and its reasons.
type Result struct {
	Verdict Verdict `json:"verdict"`
	// Findings are what keeps the verdict from being Allowed, in the order of the data.
	Findings []Finding `json:"findings"`
}

// Finding is something that a policy doesn't allow, or that couldn't be read.
type Finding struct {
	// Rule is what a policy would have to have in it to allow this, such as
	// "names: os.getcwd"; "" where none could.
	Rule string `json:"rule"`
	// Verdict is what this alone comes to.
	Verdict Verdict `json:"verdict"`
	// Capability is what it can do; [audit.Unknown] for what could not be read.
	Capability audit.Capability `json:"capability"`
	When       audit.When       `json:"when"`
	// Subject is the dotted name; "" for what could not be read.
	Subject string `json:"subject"`
	// Via, Offset, Function, Line: see [audit.Finding].
	Via      []string `json:"via"`
	Offset   int64    `json:"offset"`
	Function string   `json:"function,omitempty"`
	Line     int      `json:"line,omitempty"`
	// In is the way to the pickle inside the file, such as a member of an archive. Offset is
	// a place in it.
	In string `json:"in,omitempty"`
	// Why is a sentence for people.
	Why string `json:"why"`
}

// key tells findings about the same name apart from others.
type key struct {
	when    audit.When
	subject string
}

// Judge says whether what a report has is allowed.
func (p *Policy) Judge(r *audit.Report) *Result {
	result := &Result{Verdict: Allowed, Findings: []Finding{}}
	names := map[key]string{} // of uses, as policies spell them
	for _, u := range r.Uses {
		names[key{u.When, spelled(u.Module, u.Name)}] = canonical(u.Module, u.Name)
	}
	known := map[key]bool{}
	unknown := map[key]*audit.Finding{}
	for i := range r.Findings {
		f := &r.Findings[i]
		at := key{f.When, f.Subject}
		subject, isName := names[at]
		if !isName {
			subject = f.Subject
		}
		if f.Capability == audit.Unknown && isName {
			unknown[at] = f // for the uses below
			continue
		}
		known[at] = true
		if p.allows(f.Capability, f.When, subject) {
			continue
		}
		verdict, rule := Denied, ruleFor(f.Capability, f.When, subject)
		if f.Capability == audit.Unknown {
			// Not a name that nobody allowed: something that has none.
			verdict, rule = Inconclusive, fmt.Sprintf("capabilities.%s: %s", f.When, f.Capability)
		}
		result.Add(Finding{Rule: rule, Verdict: verdict, Capability: f.Capability, When: f.When, Subject: subject, Via: f.Via,
			Offset: f.Offset, Function: f.Function, Line: f.Line, Why: f.Why})
	}
	for i := range r.Uses {
		u := &r.Uses[i]
		at := key{u.When, spelled(u.Module, u.Name)}
		if known[at] {
			continue
		}
		subject := names[at]
		for _, c := range capabilities(u) {
			if p.allows(c, u.When, subject) {
				continue
			}
			f := Finding{Rule: ruleFor(c, u.When, subject), Verdict: Denied, Capability: c, When: u.When, Subject: subject,
				Via: u.Via, Offset: u.Offset, Why: whyUse(c, u.When, subject)}
			if told := unknown[at]; told != nil && c == audit.Unknown {
				f.Via, f.Offset, f.Function, f.Line, f.Why = told.Via, told.Offset, told.Function, told.Line, told.Why
			}
			result.Add(f)
		}
	}
	for _, u := range r.Unread {
		result.Add(Finding{Verdict: Inconclusive, Capability: audit.Unknown, When: u.When, Via: u.Via, Offset: u.Offset, Why: u.Why})
	}
	slices.SortStableFunc(result.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(momentOf(a.When), momentOf(b.When)))
	})
	return result
}

// momentOf puts what runs when a pickle is loaded before what runs later.
func momentOf(when audit.When) int {
	if when == audit.OnLoad {
		return 0
	}
	return 1
}

// Add makes another finding part of a result, and the verdict the worse of the two.
func (r *Result) Add(f Finding) {
	if f.Via == nil {
		f.Via = []string{}
	}
	r.Findings = append(r.Findings, f)
	r.Verdict = Worse(r.Verdict, f.Verdict)
}

// Worse is the worse of two verdicts.
func Worse(a, b Verdict) Verdict {
	rank := map[Verdict]int{Allowed: 0, Inconclusive: 1, Denied: 2}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

// allows says whether a name may do something.
func (p *Policy) allows(c audit.Capability, when audit.When, subject string) bool {
	if p.capabilities[when][c] {
		return true
	}
	if c != audit.Unknown && c != audit.Pure {
		return p.names[subject] && isOwn(c, subject)
	}
	return subject != "" && (p.names[subject] || p.allowsModule(subject))
}

// isOwn says whether a capability is one that the name has by itself. Otherwise it is what is
// done to it, such as a state set on a class that exists already: who trusts a name hasn't
// allowed that.
func isOwn(c audit.Capability, subject string) bool {
	caps, _ := audit.CapabilityOf(subject, "")
	return slices.Contains(caps, c)
}

// capabilities are those of a name that package audit has found nothing about.
func capabilities(u *audit.Use) []audit.Capability {
	caps, known := audit.CapabilityOf(u.Module, u.Name)
	switch {
	case runsWhenImported(u.Module):
		return []audit.Capability{audit.DynamicCode}
	case known && u.Name == "":
		// What is taken of a module is another use.
		return []audit.Capability{audit.Pure}
	case known:
		return caps
	case u.When == audit.OnLoad:
		// An attribute of a module can be another module: numpy.f2py.os.system.
		parts := strings.Split(u.Name, ".")
		for i := range parts {
			if caps, known := audit.CapabilityOf(parts[i], strings.Join(parts[i+1:], ".")); known && !isPure(caps) {
				return caps
			}
		}
	}
	return []audit.Capability{audit.Unknown}
}

// runsWhenImported says whether importing a module of the standard library is running a program.
func runsWhenImported(module string) bool {
	top, _, _ := strings.Cut(module, ".")
	return top == "antigravity" || top == "idlelib" || strings.HasSuffix(module, ".__main__")
}

func isPure(caps []audit.Capability) bool {
	return len(caps) == 1 && caps[0] == audit.Pure
}

// ruleFor is the narrowest rule that would allow a name to do something.
func ruleFor(c audit.Capability, when audit.When, subject string) string {
	harmless := c == audit.Unknown || c == audit.Pure
	switch {
	case strings.Contains(subject, ".") && (harmless || isOwn(c, subject)):
		return "names: " + subject
	case subject != "" && harmless:
		return "modules: " + subject
	}
	return fmt.Sprintf("capabilities.%s: %s", when, c)
}

func whyUse(c audit.Capability, when audit.When, subject string) string {
	moment := "loading it"
	if when == audit.OnCall {
		moment = "calling its functions"
	}
	switch c {
	case audit.Pure:
		return fmt.Sprintf("%s uses %s, which is harmless and not in the policy", moment, subject)
	case audit.Unknown:
		return fmt.Sprintf("%s uses %s, and what that does isn't known", moment, subject)
	}
	return fmt.Sprintf("%s uses %s", moment, subject)
}
