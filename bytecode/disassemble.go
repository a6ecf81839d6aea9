package bytecode

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Disassemble writes a listing of a code object and of those among its
// constants, each once, as dis.dis of the code's version does. To 3.12 a line is
//
//	line >> offset opname arg (what arg stands for)
//
// with >> where something jumps to, and from 3.13 on, where jumps name labels,
//
//	line label: opname arg (what arg stands for)
//
// Of code objects dis shows the address too. Constants of over a kilobyte are
// cut here once they have taken 16 MiB.
//
// What is wrong with the code is written where it is, after "!!". The error is
// that of w, or of a version without a table.
func Disassemble(w io.Writer, code *Code) error {
	out := bufio.NewWriter(w)
	seen := map[*Code]bool{code: true}
	pending := []*Code{code}
	long := longText
	for len(pending) > 0 {
		c := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		if c != code {
			fmt.Fprintf(out, "\nDisassembly of %v:\n", c)
		}
		if err := disassembleOne(out, c, &long); err != nil {
			return errors.Join(err, out.Flush())
		}
		// The last one in goes first: parents before children, in order.
		for i := len(c.Consts) - 1; i >= 0; i-- {
			if inner, ok := c.Consts[i].(*Code); ok && inner != nil && !seen[inner] {
				seen[inner] = true
				pending = append(pending, inner)
			}
		}
	}
	return out.Flush()
}

func disassembleOne(out *bufio.Writer, c *Code, long *int) error {
	r, err := NewResolver(c)
	if err != nil {
		return err
	}
	r.long = long
	handlers, handlersErr := c.Handlers()
	starts, linesErr := lineStarts(c)
	l := lister{
		out:       out,
		resolver:  r,
		starts:    starts,
		labels:    r.labels(handlers),
		lineWidth: lineWidth(c.Version, starts),
		numbered:  c.Version.AtLeast(3, 13),
	}
	if l.numbered {
		l.labelWidth = 4 + len(strconv.Itoa(len(l.labels)))
	} else {
		l.offsetWidth = max(4, len(strconv.Itoa(max(0, len(c.Code)-2))))
	}
	for in, err := range r.table.Instructions(c.Code) {
		l.instruction(in, err)
	}
	l.handlers(handlers)
	for _, err := range []error{linesErr, handlersErr} {
		if err != nil {
			fmt.Fprintf(out, "!! %v\n", err)
		}
	}
	return nil
}

// labels numbers the offsets that have a label, from 1 in their order: what
// something jumps to, and from 3.13 on all that the exception table names.
func (r *Resolver) labels(handlers []Handler) map[int]int {
	labels := make(map[int]int)
	for in := range r.table.Instructions(r.code.Code) {
		if in.Target != NoTarget {
			labels[in.Target] = 0
		}
	}
	for _, h := range handlers {
		if r.table.version.AtLeast(3, 13) {
			labels[h.Start], labels[h.End], labels[h.Target] = 0, 0, 0
		} else if h.Start < h.End {
			labels[h.Target] = 0
		}
	}
	for i, offset := range slices.Sorted(maps.Keys(labels)) {
		labels[offset] = i + 1
	}
	return labels
}

// lineStarts maps offsets to the line that begins there. To 3.12, dis does not
// show where instructions without a line begin.
func lineStarts(c *Code) (map[int]int, error) {
	lines, err := c.Lines()
	showNone := c.Version.AtLeast(3, 13)
	starts := make(map[int]int)
	last, first := NoLine, true
	for _, r := range lines {
		if r.Line == NoLine && !showNone {
			continue
		}
		if first || r.Line != last {
			starts[r.Start] = r.Line
			last, first = r.Line, false
		}
	}
	return starts, err
}

// lineWidth is that of the line column, 0 without any line.
func lineWidth(v Version, starts map[int]int) int {
	if !v.AtLeast(3, 13) {
		if len(starts) == 0 {
			return 0
		}
		width := 3
		for _, line := range starts {
			if line >= 1000 {
				width = max(width, len(strconv.Itoa(line)))
			}
		}
		return width
	}
	last, none := 0, false
	for _, line := range starts {
		last = max(last, line)
		none = none || line == NoLine
	}
	if last == 0 {
		return 0
	}
	width := max(3, len(strconv.Itoa(last)))
	if none {
		width = max(width, len(noLineText))
	}
	return width
}

// lister writes instructions in columns.
type lister struct {
	out       *bufio.Writer
	resolver  *Resolver
	starts    map[int]int
	labels    map[int]int
	numbered  bool // labels have numbers, as from 3.13 on
	lineWidth int
	// The column of labels, or of offsets.
	labelWidth, offsetWidth int
}

// nameWidth and argWidth are those of dis.
const (
	nameWidth = 20
	argWidth  = 5
)

func (l *lister) instruction(in Instruction, err error) {
	var b strings.Builder
	line, startsLine := l.starts[in.Offset]
	if startsLine && in.Offset > 0 && (l.lineWidth > 0 || !l.numbered) {
		l.out.WriteByte('\n')
	}
	if l.lineWidth > 0 {
		text := ""
		if startsLine {
			text = l.lineText(line)
		}
		fmt.Fprintf(&b, "%*s ", l.lineWidth, text)
	}
	// The blank column is where dis marks the current instruction.
	label, labelled := l.labels[in.Offset]
	switch {
	case l.numbered && labelled:
		fmt.Fprintf(&b, "%*s     ", l.labelWidth, "L"+strconv.Itoa(label)+":")
	case l.numbered:
		fmt.Fprintf(&b, "%*s     ", l.labelWidth, "")
	case labelled:
		fmt.Fprintf(&b, "    >> %*d ", l.offsetWidth, in.Offset)
	default:
		fmt.Fprintf(&b, "       %*d ", l.offsetWidth, in.Offset)
	}
	fmt.Fprintf(&b, "%-*s", nameWidth, in.Name)
	if in.HasArg {
		width := argWidth
		if l.numbered {
			// A long name takes its excess from the argument's column.
			width -= max(0, len(in.Name)-nameWidth)
		}
		fmt.Fprintf(&b, " %*d", max(0, width), in.Arg)
		if text := l.text(in); text != "" {
			b.WriteString(" (" + text + ")")
		}
	}
	var ce *CodeError
	if errors.As(err, &ce) {
		b.WriteString(" !! " + ce.Err.Error())
	}
	l.out.WriteString(strings.TrimRight(b.String(), " "))
	l.out.WriteByte('\n')
}

// text is what is in parentheses.
func (l *lister) text(in Instruction) string {
	if l.numbered && in.Target != NoTarget {
		return jumpWord(in) + " L" + strconv.Itoa(l.labels[in.Target])
	}
	return l.resolver.Text(in)
}

const noLineText = "  --"

func (l *lister) lineText(line int) string {
	if line == NoLine {
		return noLineText
	}
	return strconv.Itoa(line)
}

// handlers prints the exception table. To 3.12, dis names the last instruction
// that is covered, not the end.
func (l *lister) handlers(handlers []Handler) {
	if len(handlers) == 0 {
		return
	}
	fmt.Fprintln(l.out, "ExceptionTable:")
	for _, h := range handlers {
		lasti := ""
		if h.Lasti {
			lasti = " lasti"
		}
		if l.numbered {
			fmt.Fprintf(l.out, "  L%d to L%d -> L%d [%d]%s\n", l.labels[h.Start], l.labels[h.End], l.labels[h.Target], h.Depth, lasti)
		} else {
			fmt.Fprintf(l.out, "  %d to %d -> %d [%d]%s\n", h.Start, h.End-2, h.Target, h.Depth, lasti)
		}
	}
}
