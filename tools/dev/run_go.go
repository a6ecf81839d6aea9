package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gocloudpickle/gocloudpickle/tools/internal/interp"
	"github.com/gocloudpickle/gocloudpickle/tools/internal/results"
)

// A goWay is one manner of running the Go tests of a module.
type goWay struct {
	name string
	log  string
	args []string // for go test
}

// goWays returns those of a module: all tests, and those that take no more than seconds once
// more with the race detector on, which makes what runs in one goroutine ten times slower and
// finds nothing there.
func (o *options) goWays(module string) []goWay {
	short := goWay{"go test -short ./...", "go-test", []string{"-short"}}
	if o.quick {
		return []goWay{short}
	}
	all := goWay{"go test ./...", "go-test", nil}
	race := goWay{"go test -race -short ./...", "go-test-race", []string{"-race", "-short"}}
	if module == "." || module == "tests/host" {
		return []goWay{all, race}
	}
	return []goWay{all}
}

// goJob tests one Go module of the checkout. Tests that ask a Python what it does ask those given.
func (o *options) goJob(module string, pythons []interp.Interpreter) job {
	var paths []string
	for _, in := range pythons {
		paths = append(paths, in.Path)
	}
	// What the engine can't use may still be asked what its dis prints.
	var older []string
	if _, rejected := interp.Find(); module == "." {
		for _, r := range rejected {
			older = append(older, r.Path)
		}
	}
	// The tests that host CPython use the embedded one.
	env := append(os.Environ(), "CGO_ENABLED=1",
		"GOCLOUDPICKLE_TEST_PYTHONS="+strings.Join(paths, string(filepath.ListSeparator)),
		"GOCLOUDPICKLE_TEST_OLDER_PYTHONS="+strings.Join(older, string(filepath.ListSeparator)),
		"GOCLOUDPICKLE_TEST_PYTHONHOME="+o.build("python-"+interp.EmbeddedVersion))
	return func(ctx context.Context) (runs []results.Run) {
		for _, w := range o.goWays(module) {
			runs = append(runs, o.goTest(ctx, module, w, env))
		}
		return runs
	}
}

// goTest runs the tests of a module in one way.
func (o *options) goTest(ctx context.Context, module string, w goWay, env []string) results.Run {
	r := results.Run{Name: w.name}
	log := w.log
	if module != "." {
		r.Name += " in " + module
		log += "-" + strings.ReplaceAll(module, "/", "-")
	}
	r.Log = o.relative(o.build("logs", log+".log"))
	step("%s", r.Name)
	args := []string{"test", "-json", "-timeout=40m"} // 10m, the default, is little on a busy machine
	cmd := exec.CommandContext(ctx, "go", slices.Concat(args, w.args, []string{"./..."})...)
	ownGroup(cmd)
	cmd.Dir, cmd.Env = filepath.Join(o.root, module), env
	start := time.Now()
	err := runGoTest(cmd, &r)
	r.Elapsed = time.Since(start)
	if err == nil && r.Total() == 0 && module != "." {
		r.NotRun = "it builds, and holds no test"
		return r
	}
	o.finish(&r, err)
	return r
}

func runGoTest(cmd *exec.Cmd, r *results.Run) error {
	log, err := os.Create(r.Log)
	if err != nil {
		return err
	}
	defer log.Close()
	reader, writer := io.Pipe()
	cmd.Stdout, cmd.Stderr = writer, writer
	read := make(chan error, 1)
	go func() {
		err := r.ReadGoTest(reader, log)
		reader.CloseWithError(err) // cmd must not wait for a reader that gave up
		read <- err
	}()
	err = cmd.Run()
	writer.Close()
	if readErr := <-read; err == nil {
		err = readErr
	}
	return err
}
