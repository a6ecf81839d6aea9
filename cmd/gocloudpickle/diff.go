package main

import (
	"encoding/json"
	"fmt"

	"github.com/gocloudpickle/gocloudpickle/payload"
	"github.com/gocloudpickle/gocloudpickle/pickle"
	"github.com/spf13/cobra"
)

// diffJSON is the object of diff --json. docs/command.md describes it.
type diffJSON struct {
	Before  string           `json:"before"`
	After   string           `json:"after"`
	Changes []payload.Change `json:"changes"`
	Cut     bool             `json:"cut,omitempty"`
}

func newDiff(s streams) *cobra.Command {
	var asJSON bool
	maxBytes := int64(defaultMaxBytes)
	c := &cobra.Command{
		Use:   "diff before after",
		Short: "Tell what is different in another pickle",
		Long: `Compares two pickles in terms of functions, constants, captured values and
imports, and not of bytes: the memo, the order of sets and the ids of classes
make no difference. Nothing is imported or called. Of files with several
pickles the first are compared.
` + exitCodesHelp,
		Example: `  gocloudpickle diff yesterday.pkl today.pkl
  gocloudpickle diff --json a.pkl b.pkl`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			var both [2]*payload.Payload
			for i, name := range args {
				in, err := readInput(name, s.in, maxBytes)
				if err != nil {
					return err
				}
				both[i] = payload.Read(in.data, pickle.WithStringEncoding(pickle.StringLatin1),
					pickle.WithLimits(pickle.Limits{MaxBytes: -1}))[0]
				if both[i].Err != nil {
					return damaged(in, both[i])
				}
			}
			found := diffJSON{Before: args[0], After: args[1], Changes: []payload.Change{}}
			changes, cut := payload.Diff(both[0], both[1])
			found.Changes, found.Cut = append(found.Changes, changes...), cut
			if err := printDiff(s, found, asJSON); err != nil {
				return err
			}
			if len(changes) > 0 {
				return &exitError{code: exitNo}
			}
			return nil
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.BoolVar(&asJSON, "json", false, "print a JSON object")
	f.Int64Var(&maxBytes, "max-bytes", defaultMaxBytes, "refuse files longer than this")
	return c
}

func printDiff(s streams, found diffJSON, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(s.out)
		e.SetEscapeHTML(false)
		return e.Encode(found)
	}
	for _, c := range found.Changes {
		path := c.Path
		if path == "" {
			path = "the value"
		}
		line := fmt.Sprintf("%s %s: ", c.What, path)
		switch {
		case c.What == "added":
			line += c.New
		case c.What == "removed":
			line += c.Old
		case c.Old == c.New:
			line += c.New
		default:
			line += c.Old + " became " + c.New
		}
		fmt.Fprintln(s.out, line)
		for _, detail := range c.Details {
			fmt.Fprintf(s.out, "    %s\n", detail)
		}
	}
	if found.Cut {
		fmt.Fprintln(s.out, "there are more changes than are told")
	}
	return nil
}
