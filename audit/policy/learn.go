package policy

import (
	"slices"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/audit"
)

// Learner writes the policy that allows what is in pickles known to be good.
type Learner struct {
	base   *Policy
	file   File
	names  map[string]bool
	module map[string]bool
}

// NewLearner begins with what presets allow.
func NewLearner(extends ...string) (*Learner, error) {
	l := &Learner{file: File{Version: Version, Extends: extends}, names: map[string]bool{}, module: map[string]bool{}}
	base, err := New(l.file)
	l.base = base
	return l, err
}

// Learn adds what a report has. What could not be read can't be allowed, and is returned.
func (l *Learner) Learn(r *audit.Report) (left []Finding) {
	for _, f := range l.base.Judge(r).Findings {
		switch {
		case f.Subject == "" || f.Rule == "" || f.Verdict == Inconclusive:
			left = append(left, f)
		case f.Capability == audit.Pure && f.When == audit.OnCall, strings.HasPrefix(f.Rule, "capabilities."):
			l.allow(f.When, f.Capability)
		case f.Rule == "modules: "+f.Subject:
			l.module[f.Subject] = true
		default:
			l.names[f.Subject] = true
		}
	}
	return left
}

func (l *Learner) allow(when audit.When, c audit.Capability) {
	list := &l.file.Allow.Capabilities.Load
	if when == audit.OnCall {
		list = &l.file.Allow.Capabilities.Call
	}
	if !slices.Contains(*list, c) {
		*list = append(*list, c)
	}
}

// File is the policy, with its lists in order.
func (l *Learner) File() File {
	f := l.file
	f.Allow.Names, f.Allow.Modules = sorted(l.names), sorted(l.module)
	return f
}

func sorted(set map[string]bool) (all []string) {
	for s := range set {
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}
