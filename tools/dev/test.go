package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gocloudpickle/gocloudpickle/tools/internal/interp"
	"github.com/gocloudpickle/gocloudpickle/tools/internal/results"
)

// A job is test runs that follow one another; jobs run side by side.
type job func(ctx context.Context) []results.Run

// runTests runs the Go tests of every module, and the Python tests on each
// Python and each of the three paths; those that take long on one Python;
// once more with every check for memory errors on; and those of the frameworks.
func runTests(ctx context.Context, o *options) error {
	if err := buildEngine(ctx, o); err != nil {
		return err
	}
	jobs, missing, err := o.testJobs(ctx)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.build("logs"), 0o755); err != nil {
		return err
	}
	runs := runJobs(ctx, jobs, o.jobs)
	for _, version := range missing {
		runs = append(runs, results.Run{
			Name:   "pytest " + version,
			NotRun: fmt.Sprintf("Python %s not found: not tested", version),
		})
	}
	slices.SortStableFunc(runs, func(a, b results.Run) int { return strings.Compare(a.Name, b.Name) })
	results.Print(os.Stdout, runs)
	if results.Failed(runs) || ctx.Err() != nil {
		return saidAlready{1}
	}
	return nil
}

// testJobs lists what there is to do, and the Python versions that are missing.
func (o *options) testJobs(ctx context.Context) (jobs []job, missing []string, err error) {
	if o.quick {
		in, err := o.pickPython()
		if err != nil {
			return nil, nil, err
		}
		step("quick tests on %v", in)
		layout, _, _, _ := o.ways()
		return []job{o.goJob(".", []interp.Interpreter{in}), o.pythonJob(in, layout)}, nil, nil
	}
	pythons, missing, err := o.chosenPythons()
	if err != nil {
		return nil, nil, err
	}
	if _, err := o.embedded(); err != nil { // the Go tests that host Python need it
		return nil, nil, err
	}
	modules, err := goModules(o.root)
	if err != nil {
		return nil, nil, err
	}
	for _, module := range modules {
		jobs = append(jobs, o.goJob(module, pythons))
	}
	for _, in := range pythons {
		jobs = append(jobs, o.pythonJob(in, o.waysOf(in, pythons)...))
	}
	_, _, _, slow := o.ways()
	debug, err := o.debugWay(ctx)
	if err != nil {
		return nil, nil, err
	}
	in, err := o.pickPython()
	if err != nil {
		return nil, nil, err
	}
	jobs = append(jobs, o.pythonJob(in, slow), o.pythonJob(in, debug), o.frameworksJob(in))
	return jobs, missing, nil
}

// runJobs runs jobs, at most limit at once, and returns all their runs.
func runJobs(ctx context.Context, jobs []job, limit int) []results.Run {
	var (
		mu   sync.Mutex
		all  []results.Run
		wg   sync.WaitGroup
		free = make(chan struct{}, max(1, limit))
	)
	for _, j := range jobs {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			runs := j(ctx)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, runs...)
		})
	}
	wg.Wait()
	return all
}

// finish says how a run ended and, when it failed, shows the end of its log.
func (o *options) finish(r *results.Run, err error) {
	r.Ended(err)
	report := fmt.Sprintf("-- %s: %s\n", r.Name, r.Summary())
	if r.Failed > 0 {
		report += fmt.Sprintf("   the end of %s:\n%s\n", r.Log, tail(r.Log, 80))
	}
	os.Stderr.WriteString(report) // in one piece: other jobs print too
}

// tail returns the last lines of a file.
func tail(path string, lines int) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return "   | " + strings.Join(all[max(0, len(all)-lines):], "\n   | ")
}

// ownGroup puts cmd in a process group of its own, so that ending it ends
// the processes that its tests started too.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 10 * time.Second // a stray process may hold the output pipe
}
