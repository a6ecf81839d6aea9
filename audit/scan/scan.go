// Package scan judges files: package container finds the pickles in them, package audit
// reads those, and a policy says whether they may be loaded. [File] judges one, and [Files]
// many at once. [Report] is what the command prints as JSON, [SARIF] the same for the tools
// that show such findings in source code.
package scan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"github.com/gocloudpickle/gocloudpickle/audit"
	"github.com/gocloudpickle/gocloudpickle/audit/container"
	"github.com/gocloudpickle/gocloudpickle/audit/policy"
)

// Result is what was found in a file.
type Result struct {
	Path string `json:"path"`
	policy.Result
	// SHA256 is that of the file, in hexadecimal, where somebody wants it.
	SHA256 string `json:"sha256,omitempty"`
	// Accepted is how many findings a baseline has accepted.
	Accepted int `json:"accepted,omitempty"`
	// Error is why the file couldn't be read.
	Error string `json:"error,omitempty"`

	// Pickles is how many parts of the file are pickles.
	Pickles int `json:"-"`
	// Reports are what was found in each, where somebody wants them.
	Reports []*audit.Report `json:"-"`
}

// Options say how files are judged.
type Options struct {
	Policy *policy.Policy
	Limits container.Limits
	// Baseline has findings that are accepted.
	Baseline *Baseline
	// Digest notes the file's SHA-256, Keep the reports.
	Digest, Keep bool
}

// File judges a file; stdin is the one that is called "-". A file that can't be read has
// an Error and is inconclusive.
func File(f container.File, stdin io.Reader, o *Options) *Result {
	r := &Result{Path: f.Path, Result: policy.Result{Verdict: policy.Allowed, Findings: []policy.Finding{}}}
	in, size, done, err := open(f, stdin, o.Limits)
	if err != nil {
		r.Verdict, r.Error = policy.Inconclusive, err.Error()
		return r
	}
	defer done()
	if size == 0 && f.Meant {
		r.Add(unread("", "the file is empty: there is no pickle in it"))
		r.Pickles++
	}
	for _, p := range container.Read(in, size, f.Meant, o.Limits, func(p *container.Part) { r.part(p, o) }) {
		why := "the file " + p.Why
		if p.Path != "" {
			why = p.Path + " " + p.Why
		}
		r.Add(unread(p.Path, why))
		r.Pickles++ // what it is is unknown
	}
	if o.Digest || o.Baseline != nil && r.Verdict != policy.Allowed {
		sum := sha256.New()
		if _, err := io.Copy(sum, io.NewSectionReader(in, 0, size)); err != nil {
			r.Verdict, r.Error = policy.Inconclusive, err.Error()
			return r
		}
		r.SHA256 = hex.EncodeToString(sum.Sum(nil))
	}
	if o.Baseline != nil {
		o.Baseline.accept(r)
	}
	return r
}

func unread(in, why string) policy.Finding {
	return policy.Finding{Verdict: policy.Inconclusive, Capability: audit.Unknown, When: audit.OnLoad, In: in, Why: why}
}

// open gives a file's bytes at any place. Standard input is read whole, up to the limit.
func open(f container.File, stdin io.Reader, limits container.Limits) (in io.ReaderAt, size int64, done func(), err error) {
	if f.Path != "-" || stdin == nil {
		file, err := os.Open(f.Path)
		if err != nil {
			return nil, 0, nil, err
		}
		info, err := file.Stat()
		if err == nil && info.Mode().IsRegular() {
			return file, info.Size(), func() { file.Close() }, nil
		}
		if err == nil && info.IsDir() {
			err = fmt.Errorf("%s is a folder", f.Path)
		}
		if err != nil {
			file.Close()
			return nil, 0, nil, err
		}
		defer file.Close()
		stdin = file
	}
	most := limits.Bytes
	if most <= 0 {
		most = 1 << 30
	}
	data, err := io.ReadAll(io.LimitReader(stdin, most+1)) // one too many is the container's to refuse
	return bytes.NewReader(data), int64(len(data)), func() {}, err
}

// part judges a part of the file.
func (r *Result) part(p *container.Part, o *Options) {
	if len(p.Data) == 0 && (p.Role != container.Meant || p.Path == "") {
		return // an empty file is said to be one
	}
	report := policy.Examine(p.Data)
	does := len(report.Uses)+len(report.Findings) > 0
	switch p.Role {
	case container.Possible:
		if len(report.Unread) > 0 && !does {
			return // no pickle
		}
	case container.Another:
		report.Unread = nil
		if !does {
			return
		}
	}
	r.Pickles++
	if o.Keep {
		r.Reports = append(r.Reports, report)
	}
	for _, f := range o.Policy.Judge(report).Findings {
		f.In, f.Offset = p.Path, p.At(f.Offset)
		if !r.has(&f) {
			r.Add(f)
		}
	}
}

// has says whether the same was found by another reading of the same bytes.
func (r *Result) has(f *policy.Finding) bool {
	for i := range r.Findings {
		g := &r.Findings[i]
		if g.In == f.In && g.Offset == f.Offset && g.Subject == f.Subject && g.Capability == f.Capability && g.When == f.When && g.Why == f.Why {
			return true
		}
	}
	return false
}
