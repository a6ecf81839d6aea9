package bytecode

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Disassemble writes a listing of a code object and of those among its
// constants, each once, in the layout that dis.dis has in CPython 3.8 to 3.12,
// with offsets rather than labels for jumps:
//
//	line >> offset opname arg (what arg stands for)
//
// What is wrong with the code is written where it is, after "!!". The error is
// that of w, or of a version without a table.
func Disassemble(w io.Writer, code *Code) error {
	out := bufio.NewWriter(w)
	seen := map[*Code]bool{code: true}
	pending := []*Code{code}
	for len(pending) > 0 {
		c := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		if c != code {
			fmt.Fprintf(out, "\nDisassembly of %v:\n", c)
		}
		if err := disassembleOne(out, c); err != nil {
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

func disassembleOne(out *bufio.Writer, c *Code) error {
	r, err := NewResolver(c)
	if err != nil {
		return err
	}
	handlers, handlersErr := c.Handlers()
	starts, linesErr := lineStarts(c)
	l := lister{
		out:         out,
		resolver:    r,
		starts:      starts,
		labels:      r.labels(handlers),
		lineWidth:   lineWidth(starts),
		offsetWidth: max(4, len(strconv.Itoa(max(0, len(c.Code)-2)))),
	}
	for in, err := range r.table.Instructions(c.Code) {
		l.instruction(in, err)
	}
	writeHandlers(out, handlers)
	for _, err := range []error{linesErr, handlersErr} {
		if err != nil {
			fmt.Fprintf(out, "!! %v\n", err)
		}
	}
	return nil
}

// labels collects the offsets that something jumps to.
func (r *Resolver) labels(handlers []Handler) map[int]bool {
	labels := make(map[int]bool)
	for in := range r.table.Instructions(r.code.Code) {
		if in.Target != NoTarget {
			labels[in.Target] = true
		}
	}
	for _, h := range handlers {
		if h.Start < h.End {
			labels[h.Target] = true
		}
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
func lineWidth(starts map[int]int) int {
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

// lister writes instructions in columns.
type lister struct {
	out                    *bufio.Writer
	resolver               *Resolver
	starts                 map[int]int
	labels                 map[int]bool
	lineWidth, offsetWidth int
}

func (l *lister) instruction(in Instruction, err error) {
	var b strings.Builder
	line, startsLine := l.starts[in.Offset]
	if startsLine && in.Offset > 0 {
		l.out.WriteByte('\n')
	}
	if l.lineWidth > 0 {
		text := ""
		if startsLine {
			text = lineText(line)
		}
		fmt.Fprintf(&b, "%*s ", l.lineWidth, text)
	}
	mark := "  "
	if l.labels[in.Offset] {
		mark = ">>"
	}
	// The blank column is where dis marks the current instruction.
	fmt.Fprintf(&b, "    %s %*d %-20s", mark, l.offsetWidth, in.Offset, in.Name)
	if in.HasArg {
		fmt.Fprintf(&b, " %5d", in.Arg)
		if text := l.resolver.Text(in); text != "" {
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

func lineText(line int) string {
	if line == NoLine {
		return "--"
	}
	return strconv.Itoa(line)
}

// writeHandlers prints the last instruction covered, as dis does, not the end.
func writeHandlers(out *bufio.Writer, handlers []Handler) {
	if len(handlers) == 0 {
		return
	}
	fmt.Fprintln(out, "ExceptionTable:")
	for _, h := range handlers {
		lasti := ""
		if h.Lasti {
			lasti = " lasti"
		}
		fmt.Fprintf(out, "  %d to %d -> %d [%d]%s\n", h.Start, h.End-2, h.Target, h.Depth, lasti)
	}
}
