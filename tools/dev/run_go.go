package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/gocloudpickle/gocloudpickle/tools/internal/interp"
	"github.com/gocloudpickle/gocloudpickle/tools/internal/results"
)

// goJob tests one Go module of the checkout, with the race detector on
// except in quick runs. Tests that ask a Python what it does ask those given.
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
	return func(ctx context.Context) []results.Run {
		args := []string{"test", "-json", "-race", "-timeout=40m", "./..."} // 10m, the default, is little on a busy machine
		r := results.Run{Name: "go test -race ./..."}
		if o.quick {
			args = []string{"test", "-json", "-short", "./..."}
			r.Name = "go test -short ./..."
		}
		log := "go-test"
		if module != "." {
			r.Name += " in " + module
			log += "-" + strings.ReplaceAll(module, "/", "-")
		}
		r.Log = o.relative(o.build("logs", log+".log"))
		step("%s", r.Name)
		cmd := exec.CommandContext(ctx, "go", args...)
		ownGroup(cmd)
		cmd.Dir = filepath.Join(o.root, module)
		// The tests that host CPython use the embedded one.
		cmd.Env = append(os.Environ(), "CGO_ENABLED=1",
			"GOCLOUDPICKLE_TEST_PYTHONS="+strings.Join(paths, string(filepath.ListSeparator)),
			"GOCLOUDPICKLE_TEST_OLDER_PYTHONS="+strings.Join(older, string(filepath.ListSeparator)),
			"GOCLOUDPICKLE_TEST_PYTHONHOME="+o.build("python-"+interp.EmbeddedVersion))
		start := time.Now()
		err := runGoTest(cmd, &r)
		r.Elapsed = time.Since(start)
		if err == nil && r.Total() == 0 && module != "." {
			r.NotRun = "it builds, and holds no test"
			return []results.Run{r}
		}
		o.finish(&r, err)
		return []results.Run{r}
	}
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
