package scan

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gocloudpickle/gocloudpickle/audit/policy"
)

// Report is what the command prints as JSON.
type Report struct {
	Version int       `json:"version"`
	Files   []*Result `json:"files"`
}

// ReportVersion is that of the format of a [Report].
const ReportVersion = 1

// Baseline has the findings that somebody has looked at and accepted: an earlier [Report].
// A finding is accepted in the same file if it is about the same name and capability. What
// could not be read is accepted only if the file hasn't changed, since nobody knows what
// that is.
type Baseline struct{ files map[string]*Result }

// LoadBaseline reads a baseline.
func LoadBaseline(path string) (*Baseline, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var r Report
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("%s is no output of audit --json: %w", path, err)
	}
	if r.Version != ReportVersion {
		return nil, fmt.Errorf("%s is of version %d: this program knows %d", path, r.Version, ReportVersion)
	}
	b := &Baseline{files: map[string]*Result{}}
	for _, f := range r.Files {
		if f != nil {
			b.files[filepath.Clean(f.Path)] = f
		}
	}
	return b, nil
}

// accept takes the findings that are accepted out of a result.
func (b *Baseline) accept(r *Result) {
	known, ok := b.files[filepath.Clean(r.Path)]
	if !ok || r.Error != "" {
		return
	}
	same := known.SHA256 != "" && known.SHA256 == r.SHA256
	left := policy.Result{Verdict: policy.Allowed, Findings: []policy.Finding{}}
	for _, f := range r.Findings {
		accepted := false
		for _, k := range known.Findings {
			if k.In == f.In && k.Capability == f.Capability && k.When == f.When && k.Subject == f.Subject && k.Function == f.Function &&
				(f.Verdict == policy.Denied || same) {
				accepted = true
				break
			}
		}
		if accepted {
			r.Accepted++
		} else {
			left.Add(f)
		}
	}
	r.Result = left
}
