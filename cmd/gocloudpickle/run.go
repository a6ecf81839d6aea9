package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// The exit codes of every subcommand. A script can tell "no" from "can't tell"
// and both from "didn't run".
const (
	exitFine         = 0
	exitNo           = 1 // a negative answer, such as audit's or verify's refusal
	exitInconclusive = 2
	exitUsage        = 3
)

const exitCodesHelp = `
Exit status:
  0  fine
  1  a negative answer: audit denies, verify refuses, diff finds a difference,
     inspect --against misses something, explain has found what can't be
     pickled
  2  inconclusive: the input is damaged, no pickle, or beyond a limit
  3  wrong usage, or a file that can't be read or written
`

// streams are what a process has open. Its output is written through out, which
// has a buffer, and terminal is the stream below: what decides about colors.
type streams struct {
	in       io.Reader
	out      io.Writer
	err      io.Writer
	terminal io.Writer
	flush    func() error
}

// exitError ends the command with a code other than exitUsage.
type exitError struct {
	code int
	err  error // nil when everything was said
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.err.Error()
}

// run is the whole program: it returns the exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	out := bufio.NewWriter(stdout)
	s := streams{in: stdin, out: out, err: stderr, terminal: stdout, flush: out.Flush}
	root := newRoot(s)
	root.SetArgs(args)
	err := root.Execute()
	if flushErr := out.Flush(); flushErr != nil && err == nil {
		err = fmt.Errorf("writing the output: %w", flushErr)
	}
	if err == nil {
		return exitFine
	}
	var e *exitError
	code := exitUsage
	if errors.As(err, &e) {
		code = e.code
		if e.err == nil {
			return code
		}
	}
	fmt.Fprintf(s.err, "gocloudpickle: %s\n", harmless(err.Error()))
	return code
}

func newRoot(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "gocloudpickle",
		Short: "Show what a pickle holds, without loading it",
		Long: `Shows what a pickle holds, without loading it: nothing that it names is
imported or called. It needs no Python, except for explain.
` + exitCodesHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w; see %s --help", err, c.CommandPath())
	})
	root.AddCommand(newVersion(s), newDis(s), newInspect(s), newAudit(s), newAuditData(s), newDiff(s), newExplain(s), newKeygen(s), newSign(s), newVerify(s))
	return root
}
