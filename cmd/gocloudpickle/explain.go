package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"
)

// explainOptions are the flags of explain.
type explainOptions struct {
	asJSON bool
	lines  int
	python string
}

// newExplain is the only subcommand that runs Python code, since what it explains are
// live objects.
func newExplain(s streams) *cobra.Command {
	o := explainOptions{}
	c := &cobra.Command{
		Use:   "explain FILE:OBJECT | MODULE:OBJECT",
		Short: "Tell what in an object can't be pickled, and the bytes it takes",
		Long: `Runs FILE, or imports MODULE, and tells what in the object can't be pickled and
what its payload is made of. What FILE defines goes by value, as from a program's
__main__; its part under if __name__ == '__main__' is not run.

This runs python -m gocloudpickle explain. The Python is the one that --python
names, else the one beside this program, else python3 or python on the PATH.

Exit status:
  0  it can be pickled
  1  it can't
  2  it can't be told: there isn't the memory for it
  3  wrong usage, no Python with gocloudpickle, or FILE or MODULE can't be run
`,
		Example: `  gocloudpickle explain train.py:agent_fn
  gocloudpickle explain --json package.module:Class.method`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return o.run(s, args[0]) },
	}
	f := c.Flags()
	f.SortFlags = false
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	f.IntVar(&o.lines, "lines", 30, "lines for the largest values")
	f.StringVar(&o.python, "python", "", "the Python interpreter")
	return c
}

func (o *explainOptions) run(s streams, target string) error {
	python, err := o.findPython()
	if err != nil {
		return err
	}
	args := []string{"-m", "gocloudpickle", "explain", "--lines", strconv.Itoa(o.lines)}
	if o.asJSON {
		args = append(args, "--json")
	}
	child := exec.Command(python, append(args, "--", target)...)
	child.Stdin, child.Stdout, child.Stderr = s.in, s.out, s.err
	err = child.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	if code := exit.ExitCode(); exitNo <= code && code <= exitUsage {
		// 1 is also what Python ends with where it can't run the module at all.
		if code == exitNo && exec.Command(python, "-c", "import gocloudpickle").Run() != nil {
			return fmt.Errorf("%s has no gocloudpickle: install it there, or name another by --python", python)
		}
		return &exitError{code: code}
	}
	return fmt.Errorf("%s: %w", python, err)
}

// findPython gives the interpreter that has gocloudpickle: pip puts this program beside it.
func (o *explainOptions) findPython() (string, error) {
	if o.python != "" {
		return o.python, nil
	}
	names := []string{"python3", "python"}
	if self, err := os.Executable(); err == nil {
		for _, name := range names {
			if path, err := exec.LookPath(filepath.Join(filepath.Dir(self), name)); err == nil {
				return path, nil
			}
		}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("explain needs a Python with gocloudpickle, and there is none on the PATH: name one by --python")
}
