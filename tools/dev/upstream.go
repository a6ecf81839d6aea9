package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/tools/internal/interp"
	"github.com/gocloudpickle/gocloudpickle/tools/internal/results"
)

// runUpstream runs the test suite of a cloudpickle checkout with stock
// cloudpickle and with our pickler on each path, and compares what each test
// came to. Our pickler fits when nothing differs.
func runUpstream(ctx context.Context, o *options) error {
	if len(o.args) != 1 {
		return fmt.Errorf("name one checkout of cloudpickle: make test-upstream UPSTREAM=path")
	}
	checkout, err := filepath.Abs(o.args[0])
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(checkout, "tests", "cloudpickle_test.py")); err != nil {
		return fmt.Errorf("no checkout of cloudpickle: %w", err)
	}
	if err := buildEngine(ctx, o); err != nil {
		return err
	}
	pythons, missing, err := o.chosenPythons()
	if err != nil {
		return err
	}
	same := true
	for _, in := range pythons {
		fits, err := o.upstreamOn(ctx, in, checkout)
		if err != nil {
			return err
		}
		same = same && fits
	}
	for _, version := range missing {
		fmt.Printf("%s Python %s not found: not tested\n", version, version)
	}
	if !same {
		return saidAlready{1}
	}
	return nil
}

// upstreamOn compares the suite's results on one Python.
func (o *options) upstreamOn(ctx context.Context, in interp.Interpreter, checkout string) (same bool, err error) {
	python, err := o.upstreamEnv(in, checkout)
	if err != nil {
		return false, err
	}
	stock, err := o.upstreamSuite(ctx, in, python, checkout, "stock")
	if err != nil {
		return false, err
	}
	same = true
	for _, path := range []string{"layout", "portable", "python"} {
		ours, err := o.upstreamSuite(ctx, in, python, checkout, path)
		if err != nil {
			return false, err
		}
		differences := compareOutcomes(stock, ours)
		fmt.Printf("%s %-9s %d tests, %d differ from stock cloudpickle\n", in.Version, path+":", len(stock), len(differences))
		for _, d := range differences {
			fmt.Printf("   %s\n", d)
		}
		same = same && len(differences) == 0
	}
	return same, nil
}

// upstreamEnv makes an environment in which cloudpickle is the checkout's,
// in every process that its python starts.
func (o *options) upstreamEnv(in interp.Interpreter, checkout string) (python string, err error) {
	scripts := filepath.Join(o.root, "scripts", "upstream")
	dir := o.build("venv-upstream-" + in.Version)
	python, err = in.Venv(dir, filepath.Join(scripts, "requirements.txt"), step)
	if err != nil {
		return "", err
	}
	pth := strings.Join([]string{
		checkout,
		filepath.Join(checkout, "tests", "cloudpickle_testpkg"),
		filepath.Join(o.root, "py"),
		scripts,
		"import gocloudpickle_upstream_switch\n",
	}, "\n")
	site := filepath.Join(dir, "lib", "python"+in.Version, "site-packages")
	return python, os.WriteFile(filepath.Join(site, "gocloudpickle_upstream.pth"), []byte(pth), 0o644)
}

// upstreamSuite runs the suite in one of four ways, stock, layout,
// portable or python, and returns what each test came to.
func (o *options) upstreamSuite(ctx context.Context, in interp.Interpreter, python, checkout, way string) (map[string]string, error) {
	step("cloudpickle's tests on Python %s, %s", in.Version, way)
	report := o.build("logs", fmt.Sprintf("upstream-%s-%s.xml", in.Version, way))
	if err := os.MkdirAll(filepath.Dir(report), 0o755); err != nil {
		return nil, err
	}
	used := strings.TrimSuffix(report, ".xml") + ".used"
	if err := errors.Join(os.RemoveAll(report), os.RemoveAll(used)); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, pytestLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml", report, "tests")
	ownGroup(cmd)
	cmd.Dir = checkout
	// The checkout is the user's: leave no __pycache__ in it.
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "GOCLOUDPICKLE_PATH=")
	if way != "stock" {
		cmd.Env = append(cmd.Env, "GOCLOUDPICKLE_UPSTREAM="+used)
	}
	if way == "portable" || way == "python" {
		cmd.Env = append(cmd.Env, "GOCLOUDPICKLE_PATH="+way)
	}
	out, runErr := cmd.CombinedOutput() // failing tests are data here
	if err := os.WriteFile(strings.TrimSuffix(report, ".xml")+".log", out, 0o644); err != nil {
		return nil, err
	}
	xml, err := os.Open(report)
	if err != nil {
		return nil, fmt.Errorf("cloudpickle's tests ended without a report (%v):\n%s", runErr, out)
	}
	defer xml.Close()
	if paths, _ := os.ReadFile(used); way != "stock" && !strings.Contains(string(paths), way) {
		return nil, fmt.Errorf("our pickler made no dump on the %s path in cloudpickle's tests: install() did not switch it on", way)
	}
	return results.Outcomes(xml)
}

// compareOutcomes lists the tests that came to something else.
func compareOutcomes(stock, ours map[string]string) (differences []string) {
	names := maps.Clone(stock)
	maps.Copy(names, ours)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		before, after := cmp.Or(stock[name], "not run"), cmp.Or(ours[name], "not run")
		if before != after {
			differences = append(differences, fmt.Sprintf("%s: %s with stock cloudpickle, %s with ours", name, before, after))
		}
	}
	return differences
}
