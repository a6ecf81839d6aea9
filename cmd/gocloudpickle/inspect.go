package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gocloudpickle/gocloudpickle/payload"
	"github.com/gocloudpickle/gocloudpickle/payload/page"
	"github.com/gocloudpickle/gocloudpickle/pickle"
	"github.com/spf13/cobra"
)

// inspectOptions are the flags of inspect.
type inspectOptions struct {
	depth    int
	parts    int
	least    int
	against  string
	html     string
	asJSON   bool
	color    string
	maxBytes int64

	painted bool          // color, decided
	shown   []page.Pickle // for html
}

func newInspect(s streams) *cobra.Command {
	o := inspectOptions{}
	c := &cobra.Command{
		Use:   "inspect [file...]",
		Short: "Describe what pickles hold, and what takes their bytes",
		Long: `Describes each pickle: the functions, classes and values in it, who takes what
along and how many bytes that is, and what the process that loads it must be
able to import, at once and when its functions are called. Nothing is imported
or called, unless --against names a Python: that one is asked which of the
modules and names it has, without the pickle.

A value that several others take along is counted where it is written first.
` + exitCodesHelp,
		Example: `  gocloudpickle inspect fn.pkl
  gocloudpickle inspect --depth 12 --parts 50 big.pkl
  gocloudpickle inspect --against python3.12 fn.pkl
  gocloudpickle inspect --html fn.html fn.pkl
  gocloudpickle inspect --json fn.pkl | jq .pickles[0].requirements`,
		RunE: func(c *cobra.Command, args []string) error {
			names, err := checkedNames(c, s, args, o.check)
			if err != nil {
				return err
			}
			err = eachFile(s, names, o.maxBytes, func(in input, first bool) error {
				return o.file(s, in, len(names) > 1, first)
			})
			if o.html == "" {
				return err
			}
			return errors.Join(o.writePage(s, names), err)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.IntVar(&o.depth, "depth", payload.DefaultView.Depth, "how many levels of the tree to show")
	f.IntVar(&o.parts, "parts", payload.DefaultView.Parts, "how many parts of each value to show, the largest")
	f.IntVar(&o.least, "least", payload.DefaultView.Least, "count, and don't show, what takes less than so many percent")
	f.StringVar(&o.against, "against", "", "ask this Python for what must be importable")
	f.StringVar(&o.html, "html", "", "write a web page with a treemap to this file, - for standard output")
	f.BoolVar(&o.asJSON, "json", false, "print a JSON object a line for each file")
	f.StringVar(&o.color, "color", "auto", "auto, always or never")
	f.Int64Var(&o.maxBytes, "max-bytes", defaultMaxBytes, "refuse files longer than this")
	registerChoices(c, "color", "auto", "always", "never")
	c.MarkFlagsMutuallyExclusive("html", "json")
	return c
}

// inspectedJSON is the object of inspect --json. docs/command.md describes it.
type inspectedJSON struct {
	File    string                 `json:"file"`
	Pickles []*payload.Description `json:"pickles"`
	Missing []payload.Need         `json:"missing,omitempty"`
	Error   string                 `json:"error,omitempty"`
}

// file describes one file.
func (o *inspectOptions) file(s streams, in input, several, first bool) (err error) {
	found := inspectedJSON{File: in.name}
	for _, p := range payload.Read(in.data, pickle.WithStringEncoding(pickle.StringLatin1),
		pickle.WithLimits(pickle.Limits{MaxBytes: -1})) {
		found.Pickles = append(found.Pickles, p.Describe())
		if p.Err != nil {
			err = damaged(in, p)
		}
	}
	if err != nil {
		found.Error = err.Error()
	}
	if o.against != "" {
		missing, againstErr := missingIn(o.against, found.Pickles)
		if againstErr != nil {
			return againstErr
		}
		found.Missing = missing
		if len(missing) > 0 && err == nil {
			err = &exitError{exitNo, nil}
		}
	}
	if o.html != "" {
		o.show(in, found.Pickles)
		if len(found.Missing) > 0 {
			payload.DefaultView.PrintMissing(s.err, o.against, found.Missing)
		}
		return err
	}
	if o.asJSON {
		e := json.NewEncoder(s.out)
		e.SetEscapeHTML(false)
		return errors.Join(e.Encode(found), err)
	}
	if several && !first {
		fmt.Fprintln(s.out)
	}
	o.print(s, in, found)
	return err
}

// print shows the pickles of a file.
func (o *inspectOptions) print(s streams, in input, found inspectedJSON) {
	view := payload.DefaultView
	view.Depth, view.Parts, view.Least = o.depth, o.parts, o.least
	for i, d := range found.Pickles {
		title := titleOf(in, found.Pickles, i)
		if i > 0 {
			fmt.Fprintln(s.out)
		}
		fmt.Fprintf(s.out, "%s: ", paint(o.painted, styleTitle, title))
		view.Print(s.out, d)
	}
	view.PrintMissing(s.out, o.against, found.Missing)
}

// titleOf is what the i-th pickle of a file is called.
func titleOf(in input, pickles []*payload.Description, i int) string {
	if len(pickles) == 1 {
		return in.label()
	}
	return fmt.Sprintf("%s, pickle %d at byte %d", in.label(), i+1, pickles[i].Offset)
}

// show notes the pickles of a file for the page.
func (o *inspectOptions) show(in input, pickles []*payload.Description) {
	for i, d := range pickles {
		o.shown = append(o.shown, page.Pickle{Title: titleOf(in, pickles, i), Description: d})
	}
}

// writePage writes the page of all files.
func (o *inspectOptions) writePage(s streams, names []string) error {
	if len(o.shown) == 0 {
		return nil // what is wrong was said
	}
	title := label(names[0])
	if len(names) > 1 {
		title = fmt.Sprintf("%s and %d more", title, len(names)-1)
	}
	if o.html == "-" {
		return page.Write(s.out, title, o.shown)
	}
	out, err := createFile(o.html)
	if err != nil {
		return err
	}
	return out.finish(page.Write(out, title, o.shown))
}

// damaged says what is wrong with a file, and where.
func damaged(in input, p *payload.Payload) error {
	var e *pickle.Error
	if !errors.As(p.Err, &e) {
		return &exitError{exitInconclusive, fmt.Errorf("%s: %w", in.label(), p.Err)}
	}
	return &exitError{exitInconclusive, fmt.Errorf("%s, byte %d: %s: %s; what comes before it is described",
		in.label(), p.Offset+max(0, e.Offset), e.Op, e.Msg)}
}

// check reads the flags that are more than text.
func (o *inspectOptions) check(s streams) (err error) {
	if o.painted, err = useColor(o.color, s.terminal); err != nil {
		return err
	}
	if o.depth < 0 || o.parts < 0 || o.least < 0 || o.least > 100 || o.maxBytes < 0 || o.maxBytes == 1<<63-1 {
		return errors.New("--depth, --parts, --least or --max-bytes is out of range")
	}
	return nil
}
