package main

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gocloudpickle/gocloudpickle/audit/container"
	"github.com/gocloudpickle/gocloudpickle/audit/policy"
	"github.com/gocloudpickle/gocloudpickle/audit/scan"
)

// audited takes the results of files.
type audited struct {
	s       streams
	text    auditText
	keep    bool // the results, to be printed as a whole
	named   int  // how many paths were given
	learner *policy.Learner

	results []*scan.Result
	worst   int
}

// files judges all files that paths name.
func (a *audited) files(names []string, how *scan.Options) {
	a.results = []*scan.Result{}
	var files []container.File
	for _, name := range names {
		if name == "-" {
			files = append(files, container.File{Path: name, Meant: true})
			continue
		}
		files = append(files, container.Files([]string{name}, func(path string, err error) {
			a.take(&scan.Result{Path: path, Result: policy.Result{Verdict: policy.Inconclusive, Findings: []policy.Finding{}}, Error: err.Error()})
		})...)
	}
	a.text.several = len(files) > 1 || a.named > 1
	var done atomic.Int64
	stop := showProgress(a.s.err, len(files), &done)
	defer stop()
	meant := map[string]bool{}
	for _, f := range files {
		meant[f.Path] = f.Meant
	}
	scan.Files(files, a.s.in, how, &done, func(r *scan.Result) {
		if r.Pickles == 0 && !meant[r.Path] && r.Error == "" {
			a.text.without++
			return
		}
		a.take(r)
	})
}

// take notes one result, and prints what is printed at once.
func (a *audited) take(r *scan.Result) {
	code := exitFine
	switch {
	case r.Error != "":
		code = exitUsage
		a.complain(r.Error)
	case r.Verdict == policy.Denied:
		code = exitNo
	case r.Verdict == policy.Inconclusive:
		code = exitInconclusive
	}
	switch {
	case a.learner != nil:
		code = a.learn(r, code)
	case a.keep:
		a.results = append(a.results, r)
	default:
		a.text.result(r)
	}
	a.worst = max(a.worst, code)
}

// learn adds what a file has to the policy, and says what can't be.
func (a *audited) learn(r *scan.Result, code int) int {
	if code == exitUsage {
		return code
	}
	code = exitFine
	for _, f := range r.Findings {
		if f.Rule == "" && f.Subject == "" {
			code = exitInconclusive
			a.complain(fmt.Sprintf("%s: no policy can allow this: %s", label(r.Path), f.Why))
		}
	}
	for _, report := range r.Reports {
		for _, f := range a.learner.Learn(report) {
			if f.Rule != "" || f.Subject != "" { // else it was said
				code = exitInconclusive
				a.complain(fmt.Sprintf("%s: left out: %s", label(r.Path), f.Why))
			}
		}
	}
	return code
}

func (a *audited) complain(text string) {
	fmt.Fprintf(a.s.err, "gocloudpickle: %s\n", harmless(text))
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// progressAfter is how long a person waits before there is something to see.
const progressAfter = 500 * time.Millisecond

// showProgress counts files in the last line of a terminal, until stop is called.
func showProgress(w io.Writer, total int, done *atomic.Int64) (stop func()) {
	if total < 2 || !isTerminal(w) {
		return func() {}
	}
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		shown := false
		tick := time.NewTicker(progressAfter)
		defer tick.Stop()
		for {
			select {
			case <-end:
				if shown {
					fmt.Fprint(w, "\r\x1b[K")
				}
				return
			case <-tick.C:
				fmt.Fprintf(w, "\r\x1b[K%d of %d files", done.Load(), total)
				shown = true
			}
		}
	}()
	return sync.OnceFunc(func() { close(end); <-ended })
}
