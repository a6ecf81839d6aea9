// Dev is the program behind the Makefile: it finds Pythons, builds the
// engine, and runs the demo, the tests, the benchmarks and the packaging.
//
// scripts/dev.sh builds and runs it. Everything it makes goes below build/
// and dist/ of the checkout, the engine itself next to the Python package.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
)

// A command is one word that dev understands.
type command struct {
	name, help string
	run        func(ctx context.Context, o *options) error
}

var commands = []command{
	{"pythons", "list the interpreters that would be used", showPythons},
	{"engine", "build the engine", buildEngine},
	{"demo", "run the demo", runDemo},
	{"test", "run every test on every Python", runTests},
	{"frameworks", "run the tests of the frameworks, with real releases", runFrameworks},
	{"suite", "run a framework's own tests with the engine switched on", runSuite},
	{"upstream", "run cloudpickle's own test suite with our pickler switched on", runUpstream},
	{"soak", "dump and load from everywhere at once, for long", runSoak},
	{"bench", "run the benchmarks", runBench},
	{"bench-scale", "measure dumps of ever more objects", runBenchScale},
	{"bench-frameworks", "measure frameworks with the engine switched on", runBenchFrameworks},
	{"bench-scanners", "measure the audit beside other scanners", runBenchScanners},
	{"wheel", "build, check and try the wheels and the sdist", buildWheel},
	{"test-arm64", "try the arm64 wheel under qemu-user", testARM64},
	{"lint", "check the style of the sources", runLint},
	{"fmt", "format the sources", runFormat},
}

// options are the flags, and what is left of the command line.
type options struct {
	root   string // the checkout
	arch   string // architecture to build for, as Go spells it
	python string // which Python: a version or a path; "" for the preferred one
	quick  bool   // one Python, one path, quick tests only
	jobs   int    // test runs at once
	args   []string
}

func main() {
	root, err := os.Getwd()
	check(err)
	o := &options{root: root}
	flags := flag.NewFlagSet("dev", flag.ExitOnError)
	flags.StringVar(&o.arch, "arch", runtime.GOARCH, "architecture to build for")
	flags.StringVar(&o.python, "python", "", "Python to use: 3.12, or a path")
	flags.BoolVar(&o.quick, "quick", false, "one Python and the quick tests only")
	flags.IntVar(&o.jobs, "jobs", min(2, runtime.NumCPU()), "test runs at once")
	flags.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: dev command [flags] [arguments]")
		for _, c := range commands {
			fmt.Fprintf(os.Stderr, "  %-16s %s\n", c.name, c.help)
		}
		flags.PrintDefaults()
	}
	if len(os.Args) < 2 {
		flags.Usage()
		os.Exit(2)
	}
	i := slices.IndexFunc(commands, func(c command) bool { return c.name == os.Args[1] })
	if i < 0 {
		flags.Usage()
		os.Exit(2)
	}
	check(flags.Parse(os.Args[2:]))
	o.args = flags.Args()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	check(commands[i].run(ctx, o))
}

// check ends the program when err isn't nil: with the exit status of the
// program that failed if that has already said why, else with one line.
func check(err error) {
	if err == nil {
		return
	}
	var said saidAlready
	if errors.As(err, &said) {
		os.Exit(said.status)
	}
	fmt.Fprintf(os.Stderr, "gocloudpickle: %v\n", err)
	os.Exit(1)
}

// saidAlready is the failure of something that printed its own reason.
type saidAlready struct{ status int }

func (e saidAlready) Error() string { return fmt.Sprintf("exit status %d", e.status) }

// step prints a line of progress.
func step(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "-- "+format+"\n", args...)
}

// build returns a path below build/.
func (o *options) build(names ...string) string {
	return filepath.Join(append([]string{o.root, "build"}, names...)...)
}

// show runs a program for the user to watch, in the root of the checkout.
func (o *options) show(ctx context.Context, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = o.root
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return saidAlready{max(1, exit.ExitCode())}
	}
	return err
}

// relative shortens a path below the checkout for messages.
func (o *options) relative(path string) string {
	return strings.TrimPrefix(path, o.root+string(filepath.Separator))
}
