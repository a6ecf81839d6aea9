package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"
)

// defaultMaxBytes is that of pickle.Limits.
const defaultMaxBytes = 1 << 30

// input is one file, or standard input.
type input struct {
	name string // as given: "-" is standard input
	data []byte
}

// label is the name for people: escaped if it would do something to a terminal.
func (in input) label() string { return label(in.name) }

func label(name string) string {
	if name == "-" {
		return "standard input"
	}
	for _, r := range name {
		if !strconv.IsPrint(r) {
			return strconv.Quote(name)
		}
	}
	return name
}

// readInput reads all of a file. What is longer than a limit is refused before
// it is in memory.
func readInput(name string, stdin io.Reader, limit int64) (input, error) {
	in := input{name: name}
	r := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return in, err
		}
		defer f.Close()
		r = f
	}
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return in, err
	}
	if int64(len(data)) > limit {
		return in, &exitError{exitInconclusive, fmt.Errorf("%s is longer than %d bytes: raise --max-bytes", in.label(), limit)}
	}
	in.data = data
	return in, nil
}

// checkedNames checks the flags of a command, and gives the files that it is to read.
func checkedNames(c *cobra.Command, s streams, args []string, check func(streams) error) ([]string, error) {
	err := check(s)
	var names []string
	if err == nil {
		names, err = inputNames(args, s.in)
	}
	if err != nil {
		return nil, fmt.Errorf("%w; see %s --help", err, c.CommandPath())
	}
	return names, nil
}

// inputNames are the files to read: standard input where none is given, unless
// that would leave a person waiting in front of a terminal.
func inputNames(args []string, stdin io.Reader) ([]string, error) {
	if len(args) > 0 {
		return args, nil
	}
	if isTerminal(stdin) {
		return nil, errors.New("name a file, or - for standard input")
	}
	return []string{"-"}, nil
}

// eachFile works on files one after another, to the last one even if one is bad. The
// exit code is that of the worst.
func eachFile(s streams, names []string, limit int64, work func(in input, first bool) error) error {
	worst := exitFine
	for i, name := range names {
		in, err := readInput(name, s.in, limit)
		if err == nil && len(in.data) == 0 {
			err = &exitError{exitInconclusive, fmt.Errorf("%s is empty: there is no pickle in it", in.label())}
		}
		if err == nil {
			err = work(in, i == 0)
		}
		if err == nil {
			continue
		}
		code := exitUsage
		var e *exitError
		if errors.As(err, &e) {
			code = e.code
		}
		worst = max(worst, code)
		if flushErr := s.flush(); flushErr != nil {
			return fmt.Errorf("writing the output: %w", flushErr)
		}
		if e == nil || e.err != nil { // else everything was said
			fmt.Fprintf(s.err, "gocloudpickle: %s\n", harmless(err.Error()))
		}
	}
	if worst != exitFine {
		return &exitError{code: worst}
	}
	return nil
}
