package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
	"github.com/gocloudpickle/gocloudpickle/payload"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// textLister prints what pickletools.dis and dis.dis print.
type textLister struct {
	out io.Writer
	d   *wire.Disassembler
	o   *disOptions
}

func (l *textLister) opcodes(data []byte, offset int) (int, error) {
	if l.o.only == "code" {
		return l.d.Pickle(io.Discard, data, offset)
	}
	if l.o.painted {
		return l.d.Pickle(&painter{out: l.out}, data, offset)
	}
	return l.d.Pickle(l.out, data, offset)
}

func (l *textLister) code(found *payload.Code) error {
	for _, problem := range found.Problems {
		if _, err := fmt.Fprintf(l.out, "\n!! %v\n", problem); err != nil {
			return err
		}
	}
	for i, c := range found.Outermost {
		title := fmt.Sprintf("Code object %d of %d: %v", i+1, len(found.Outermost), c)
		_, err := fmt.Fprintf(l.out, "\n%s\n%s\n\n", paint(l.o.painted, styleTitle, title), madeBy(found, c))
		if err == nil {
			err = bytecode.Disassemble(l.out, c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// madeBy says which version a code object is read as, and why.
func madeBy(found *payload.Code, c *bytecode.Code) string {
	for _, g := range found.Guesses {
		if g.Version == c.Version {
			return "CPython " + g.String()
		}
	}
	return "CPython " + c.Version.String() + ", as told"
}

func (l *textLister) end(input, error) error { return nil }

// painter colors the opcodes that import or call something when the pickle is
// loaded. It gets one line a write.
type painter struct{ out io.Writer }

var calling = map[string]bool{}

func init() {
	for _, op := range []wire.Opcode{
		wire.OpGlobal, wire.OpStackGlobal, wire.OpInst, wire.OpObj, wire.OpReduce,
		wire.OpNewObj, wire.OpNewObjEx, wire.OpBuild, wire.OpExt1, wire.OpExt2, wire.OpExt4,
	} {
		calling[op.String()] = true
	}
}

func (p *painter) Write(line []byte) (int, error) {
	text := string(line)
	// The name is the third word, as in "   10: c    GLOBAL     'os system'".
	if fields := strings.Fields(text); len(fields) > 2 && calling[fields[2]] {
		text = strings.Replace(text, " "+fields[2], " "+paint(true, styleCall, fields[2]), 1)
	}
	if _, err := io.WriteString(p.out, text); err != nil {
		return 0, err
	}
	return len(line), nil
}
