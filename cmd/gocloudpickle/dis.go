package main

import (
	"errors"
	"fmt"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
	"github.com/gocloudpickle/gocloudpickle/payload"
	"github.com/gocloudpickle/gocloudpickle/pickle"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/spf13/cobra"
)

// disOptions are the flags of dis.
type disOptions struct {
	annotate bool
	indent   int
	keepMemo bool
	only     string // "", "opcodes" or "code"
	python   string
	color    string
	asJSON   bool
	maxBytes int64

	version *bytecode.Version // python, read
	painted bool              // color, decided
}

// annotateColumn is where `python -m pickletools -a` begins its descriptions.
const annotateColumn = 30

func newDis(s streams) *cobra.Command {
	o := disOptions{}
	c := &cobra.Command{
		Use:   "dis [file...]",
		Short: "List the opcodes of pickles, and the bytecode of the code in them",
		Long: `Lists the opcodes of each pickle as pickletools.dis does, then the bytecode of
each code object in it as dis.dis does. Nothing is imported or called. A file
may hold several pickles in a row. Without a file, or for -, it reads standard
input.

A code object doesn't say which CPython compiled it. The version is found from
the code itself, and is said above the listing; --python overrides it.
` + exitCodesHelp,
		Example: `  gocloudpickle dis fn.pkl
  gocloudpickle dis --only code --python 3.12 fn.pkl
  gocloudpickle dis --annotate - < fn.pkl`,
		RunE: func(c *cobra.Command, args []string) error {
			names, err := checkedNames(c, s, args, o.check)
			if err != nil {
				return err
			}
			return o.run(s, names)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.BoolVarP(&o.annotate, "annotate", "a", false, "describe each opcode")
	f.IntVarP(&o.indent, "indentlevel", "l", 4, "blanks by which each open mark indents")
	f.BoolVarP(&o.keepMemo, "memo", "m", false, "keep the memo for the next pickle; opcodes only")
	f.StringVar(&o.only, "only", "", "list opcodes or code, and not both")
	f.StringVar(&o.python, "python", "", "the CPython that compiled the code, as in 3.12")
	f.BoolVar(&o.asJSON, "json", false, "print a JSON object a line for each file")
	f.StringVar(&o.color, "color", "auto", "auto, always or never")
	f.Int64Var(&o.maxBytes, "max-bytes", defaultMaxBytes, "refuse files longer than this")
	registerChoices(c, "only", "opcodes", "code")
	registerChoices(c, "color", "auto", "always", "never")
	registerChoices(c, "python", versionNames()...)
	return c
}

func registerChoices(c *cobra.Command, flag string, choices ...string) {
	err := c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(choices, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic("BUG: " + err.Error())
	}
}

func versionNames() []string {
	var names []string
	for _, v := range bytecode.Versions() {
		names = append(names, v.String())
	}
	return names
}

// check reads the flags that are more than text.
func (o *disOptions) check(s streams) (err error) {
	if o.only != "" && o.only != "opcodes" && o.only != "code" {
		return fmt.Errorf("--only is %q: use opcodes or code", o.only)
	}
	if o.keepMemo {
		// The decoder has a memo for each pickle.
		if o.only == "code" {
			return errors.New("--memo is for opcodes, and --only code lists none")
		}
		o.only = "opcodes"
	}
	if o.indent < 0 || o.indent > 100 {
		return fmt.Errorf("--indentlevel is %d: use 0 to 100", o.indent)
	}
	if o.maxBytes < 0 || o.maxBytes == 1<<63-1 {
		return errors.New("--max-bytes is out of range")
	}
	if o.python != "" {
		for _, v := range bytecode.Versions() {
			if v.String() == o.python {
				o.version = &v
			}
		}
		if o.version == nil {
			return fmt.Errorf("--python is %q: use %v to %v", o.python, bytecode.Oldest, bytecode.Newest)
		}
	}
	o.painted, err = useColor(o.color, s.terminal)
	return err
}

// run lists the files.
func (o *disOptions) run(s streams, names []string) error {
	d := wire.NewDisassembler()
	d.Indent, d.KeepMemo = o.indent, o.keepMemo
	if o.annotate {
		d.Annotate = annotateColumn
	}
	return eachFile(s, names, o.maxBytes, func(in input, first bool) error {
		return o.file(s, d, in, len(names) > 1, first)
	})
}

// file lists one file.
func (o *disOptions) file(s streams, d *wire.Disassembler, in input, several, first bool) error {
	var l lister = &textLister{out: s.out, d: d, o: o}
	if o.asJSON {
		l = &jsonLister{out: s.out, d: d, o: o}
	} else if several {
		if !first {
			fmt.Fprintln(s.out)
		}
		fmt.Fprintln(s.out, paint(o.painted, styleTitle, "==> "+in.label()+" <=="))
	}
	err := o.pickles(l, in)
	return errors.Join(err, l.end(in, err))
}

// lister prints the parts of one file as they are found.
type lister interface {
	// opcodes prints the pickle that begins at an offset, and returns where it ends.
	opcodes(data []byte, offset int) (next int, err error)
	// code prints the code objects of the pickle before.
	code(found *payload.Code) error
	// end is called at the end of the file, or after the error that ended it.
	end(in input, err error) error
}

// pickles lists one after another. Damage ends it; a pickle that has opcodes and
// can't be decoded is passed over, and its error returned at the end.
func (o *disOptions) pickles(l lister, in input) (passed error) {
	for offset := 0; offset < len(in.data); {
		next, err := l.opcodes(in.data, offset)
		if err != nil {
			return errors.Join(passed, o.badInput(in, offset, next, err))
		}
		if o.only != "opcodes" {
			found, err := o.findCode(in.data[offset:next])
			if err != nil && passed == nil {
				passed = o.badInput(in, offset, -1, err)
			}
			if err == nil {
				if err := l.code(found); err != nil {
					return err
				}
			}
		}
		offset = next
	}
	return passed
}

// findCode decodes one pickle and looks for code objects in it, also in what
// it makes and throws away: that would be made all the same.
func (o *disOptions) findCode(data []byte) (*payload.Code, error) {
	d := pickle.NewBytesDecoder(data, pickle.WithStringEncoding(pickle.StringLatin1),
		pickle.WithAbsentBuffers(), pickle.WithLimits(pickle.Limits{MaxBytes: -1}))
	v, err := d.Load()
	if err != nil {
		return nil, err
	}
	return payload.FindCode(o.version, append([]any{v}, d.Discarded()...)...), nil
}

// badInput says what is wrong with a file, where, and what to do about it. The
// pickle begins at start; at is the place of the opcode, -1 for an error of the
// decoder.
func (o *disOptions) badInput(in input, start, at int, err error) error {
	var e *pickle.Error
	if !errors.As(err, &e) {
		return err // of the output
	}
	if at < 0 {
		// The decoder counts from where its pickle begins.
		return &exitError{exitInconclusive, fmt.Errorf("%s, byte %d: %s: %s; --only opcodes doesn't decode it",
			in.label(), int64(start)+max(0, e.Offset), e.Op, e.Msg)}
	}
	what := e.Msg
	if e.Offset >= 0 {
		what = e.Op.String() + ": " + e.Msg
	}
	advice := "it is damaged, or no pickle"
	switch {
	case errors.Is(err, pickle.ErrTruncated):
		advice = "get the whole file"
	case start > 0 && start == at:
		advice = fmt.Sprintf("the first %d bytes are fine; what follows is damaged, or no pickle", start)
	}
	return &exitError{exitInconclusive, fmt.Errorf("%s, byte %d: %s; %s", in.label(), at, what, advice)}
}
