package wire

// The disassembler: what pickletools.dis prints, line for line where the
// stream is well formed.

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/atom"
)

// Instruction is one opcode of a stream with its argument.
type Instruction struct {
	// Offset is where the opcode is in the data.
	Offset int
	Op     Opcode
	// Arg is the argument as its bytes are in the data: without its length,
	// and without the newline of a line; two lines keep the newline between them.
	Arg []byte
	// Size is how many bytes opcode and argument take.
	Size int
}

// ReadInstruction reads the instruction at an offset. It looks at syntax only.
func ReadInstruction(data []byte, offset int) (Instruction, error) {
	in := Instruction{Offset: offset}
	if offset < 0 || offset >= len(data) {
		return in, &Error{Kind: ErrTruncated, Offset: -1, Msg: "the input ends before STOP"}
	}
	b := data[offset:]
	in.Op = Opcode(b[0])
	fail := func(kind error, msg string) (Instruction, error) {
		return in, &Error{Kind: kind, Offset: int64(offset), Op: in.Op, Msg: msg}
	}
	info, ok := in.Op.Info()
	if !ok {
		return fail(ErrSyntax, "there is no such opcode")
	}
	if n := info.Arg.Lines(); n > 0 {
		for i := 1; i < len(b); i++ {
			if b[i] != '\n' {
				continue
			}
			if n--; n == 0 {
				in.Arg, in.Size = b[1:i], i+1
				return in, nil
			}
		}
		return fail(ErrTruncated, "the input ends inside a line")
	}
	if !isCounted[in.Op] {
		in.Size = Size(b)
		if len(b) < in.Size {
			return fail(ErrTruncated, "the input ends inside an argument")
		}
		in.Arg = b[1:in.Size]
		return in, nil
	}
	if in.Arg, in.Size, ok = Counted(b); !ok {
		in.Size = 0
		return fail(ErrTruncated, "the input ends inside an argument")
	}
	return in, nil
}

// Disassemble writes the opcodes of the pickles in data, one a line: offset,
// code, name, argument, and how deep the marks nest. It checks the stack and
// the memo on the way, and returns an error where they do not work out, after
// writing the lines up to there. [Disassembler] has more to choose.
func Disassemble(w io.Writer, data []byte) error {
	out := bufio.NewWriter(w)
	d := NewDisassembler()
	var err error
	for offset := 0; err == nil && offset < len(data); {
		offset, err = d.Pickle(out, data, offset)
	}
	if ferr := out.Flush(); err == nil {
		err = ferr
	}
	return err
}

// Disassembler is pickletools.dis with its arguments. It reads one pickle at a
// time.
type Disassembler struct {
	// Indent is the number of blanks for each open mark. pickletools has 4.
	Indent int
	// Annotate is the column at which a line's description of its opcode
	// begins, or 0 for none. The command of pickletools has 30. The
	// descriptions are [OpcodeInfo.Doc].
	Annotate int
	// KeepMemo keeps the memo of a pickle for the next, as one Unpickler does
	// that loads both.
	KeepMemo bool

	data   []byte
	marks  []mark
	height int // values on the stack, marks not counted
	memo   map[int64]bool
}

// NewDisassembler returns a disassembler with the layout of pickletools.dis.
func NewDisassembler() *Disassembler { return &Disassembler{Indent: 4} }

// mark is a mark on the stack: where it was written, and the height below it.
type mark struct {
	offset, height int
}

// Line is an instruction with what the disassembler says about it.
type Line struct {
	Instruction
	Info OpcodeInfo
	// Text is the argument as Python's repr would show it, "" without one.
	Text string
	// Note says which mark the opcode closes, as in "(MARK at 12)", or which
	// memo slot it fills without naming it, as in "(as 3)".
	Note string
	// Depth is how many marks are open before the opcode.
	Depth int
}

// Lines walks the pickle that begins at an offset of data, up to its STOP. An
// error comes with the line that it is about, if there is one, and ends the
// walk. Nothing that the pickle names is imported or called.
func (d *Disassembler) Lines(data []byte, offset int) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		d.data, d.marks, d.height = data, d.marks[:0], 0
		if d.memo == nil || !d.KeepMemo {
			d.memo = map[int64]bool{}
		}
		for {
			in, err := ReadInstruction(d.data, offset)
			if err != nil {
				yield(Line{Instruction: in}, err)
				return
			}
			l, err := d.line(in)
			if !yield(l, err) || err != nil || in.Op == OpStop {
				return
			}
			offset += in.Size
		}
	}
}

// Pickle writes the pickle that begins at an offset of data, and returns where
// it ends. After an error it returns where the instruction begins that is wrong.
func (d *Disassembler) Pickle(w io.Writer, data []byte, offset int) (next int, err error) {
	next, proto := offset, 0
	column := d.Annotate
	for l, err := range d.Lines(data, offset) {
		if l.Size == 0 {
			return l.Offset, err
		}
		proto = max(proto, l.Info.Proto)
		if werr := d.write(w, l, &column); werr != nil {
			return next, werr
		}
		if l.Op == OpStop {
			if _, werr := fmt.Fprintf(w, "highest protocol among opcodes = %d\n", proto); werr != nil {
				return next, werr
			}
		}
		if err != nil {
			return l.Offset, err
		}
		next = l.Offset + l.Size
	}
	return next, nil
}

// maxIndented is how many open marks a line is indented for. CPython's picklers stay
// below it; without it, a stream of marks alone would take the square of its length.
const maxIndented = 1000

// write writes one line. column is where its annotation goes: as far to the
// right as the one before, unless that was far out.
func (d *Disassembler) write(w io.Writer, l Line, column *int) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%-4s %s%s", codeText(l.Op), strings.Repeat(" ", max(0, d.Indent)*min(l.Depth, maxIndented)), l.Info.Name)
	if l.Text != "" || l.Note != "" {
		b.WriteString(strings.Repeat(" ", max(0, 10-len(l.Info.Name))))
	}
	for _, text := range [...]string{l.Text, l.Note} {
		if text != "" {
			b.WriteString(" " + text)
		}
	}
	if d.Annotate > 0 {
		n := utf8.RuneCountInString(b.String())
		b.WriteString(strings.Repeat(" ", max(0, *column-n)))
		if *column = max(*column, n); *column > 50 {
			*column = d.Annotate
		}
		b.WriteString(" " + l.Info.Doc)
	}
	_, err := fmt.Fprintf(w, "%5d: %s\n", l.Offset, b.String())
	return err
}

func (d *Disassembler) fail(in Instruction, msg string) error {
	return &Error{Kind: ErrSyntax, Offset: int64(in.Offset), Op: in.Op, Msg: msg}
}

func (d *Disassembler) line(in Instruction) (Line, error) {
	info, _ := in.Op.Info()
	l := Line{Instruction: in, Info: info, Depth: len(d.marks), Text: d.argText(in, info)}
	note, err := d.effect(in, info)
	l.Note = note
	if in.Op == OpMemoize && err == nil {
		l.Note = fmt.Sprintf("(as %d)", len(d.memo)-1)
	}
	if in.Op == OpStop && err == nil && (d.height != 0 || len(d.marks) != 0) {
		err = d.fail(in, fmt.Sprintf("%d values and %d marks are left on the stack", d.height, len(d.marks)))
	}
	return l, err
}

func (d *Disassembler) markOnTop() bool {
	n := len(d.marks)
	return n > 0 && d.marks[n-1].height == d.height
}

// effect applies the opcode to stack and memo, and says what it closes.
func (d *Disassembler) effect(in Instruction, info OpcodeInfo) (note string, err error) {
	before := strings.Fields(info.Before)
	if in.Op == OpPop && d.markOnTop() {
		before = []string{"mark"}
	}
	takes := 0
	for i := len(before) - 1; i >= 0; i-- {
		switch before[i] {
		case "items...":
		case "mark":
			if len(d.marks) == 0 {
				return "", d.fail(in, "there is no mark on the stack")
			}
			m := d.marks[len(d.marks)-1]
			if d.height-m.height < takes {
				return "", d.fail(in, "the stack is empty above the mark")
			}
			d.marks = d.marks[:len(d.marks)-1]
			d.height = m.height
			takes = 0
			note = fmt.Sprintf("(MARK at %d)", m.offset)
		default:
			takes++
		}
	}
	floor := 0
	if n := len(d.marks); n > 0 {
		floor = d.marks[n-1].height
	}
	if d.height-takes < floor {
		return note, d.fail(in, "the stack is too short")
	}
	switch in.Op {
	case OpPut, OpBinPut, OpLongBinPut, OpMemoize:
		if d.height-1 < floor {
			return note, d.fail(in, "there is nothing on the stack to store")
		}
	}
	d.height -= takes
	for _, out := range strings.Fields(info.After) {
		if out == "mark" {
			d.marks = append(d.marks, mark{in.Offset, d.height})
		} else {
			d.height++
		}
	}
	return note, d.memory(in)
}

func (d *Disassembler) memory(in Instruction) error {
	switch in.Op {
	case OpMemoize:
		d.memo[int64(len(d.memo))] = true
	case OpPut, OpBinPut, OpLongBinPut:
		i, ok := number(in)
		if !ok {
			return d.fail(in, "the memo number is no number")
		}
		// Filling one again is fine for every unpickler, and for pickletools
		// from 3.14 on.
		d.memo[i] = true
	case OpGet, OpBinGet, OpLongBinGet:
		if i, ok := number(in); !ok || !d.memo[i] {
			return d.fail(in, "the memo number was never filled")
		}
	}
	return nil
}

// number is an argument as a number.
func number(in Instruction) (int64, bool) {
	info, _ := in.Op.Info()
	switch info.Arg {
	case ArgUint1, ArgUint2, ArgUint4:
		var v int64
		for i, c := range in.Arg {
			v |= int64(c) << (8 * i)
		}
		return v, true
	case ArgInt4:
		return int64(int32(atom.Uint32(in.Arg))), true
	case ArgDecimalLine:
		i, err := atom.ParseInt(in.Arg, 10)
		if err != nil || !i.IsInt64() {
			return 0, false
		}
		return i.Int64(), true
	}
	return 0, false
}

func codeText(op Opcode) string {
	if op > ' ' && op < 0x7f {
		return string(rune(op))
	}
	return fmt.Sprintf("\\x%02x", byte(op))
}

// argText shows an argument as Python's repr would.
func (d *Disassembler) argText(in Instruction, info OpcodeInfo) string {
	switch info.Arg {
	case ArgNone:
		return ""
	case ArgUint1, ArgUint2, ArgUint4, ArgInt4:
		i, _ := number(in)
		return strconv.FormatInt(i, 10)
	case ArgUint8:
		return strconv.FormatUint(atom.Uint64(in.Arg), 10)
	case ArgLong1, ArgLong4:
		if len(in.Arg) == 0 {
			return "0"
		}
		return decimalText(atom.BigInt(in.Arg))
	case ArgFloat8:
		return atom.FloatRepr(atom.Float64(in.Arg))
	case ArgDecimalLine:
		if string(in.Arg) == "00" { // a bool of protocol 1, or a slip of pickletools
			return "False"
		}
		if string(in.Arg) == "01" {
			return "True"
		}
		return intText(in.Arg)
	case ArgLongLine:
		return intText([]byte(strings.TrimSuffix(string(in.Arg), "L")))
	case ArgFloatLine:
		f, err := atom.ParseFloat(in.Arg)
		if err != nil {
			return atom.BytesRepr(in.Arg)[1:]
		}
		return atom.FloatRepr(f)
	case ArgQuotedLine:
		n := len(in.Arg)
		if n == 1 && (in.Arg[0] == '\'' || in.Arg[0] == '"') {
			return "''" // pickletools takes it for both quotes
		}
		if n < 2 {
			return asciiString(in.Arg)
		}
		raw, err := atom.Unescape(in.Arg[1 : n-1])
		if err != nil {
			raw = in.Arg
		}
		return asciiString(raw)
	case ArgString1, ArgString4:
		return asciiString(in.Arg)
	case ArgBytes1, ArgBytes4, ArgBytes8:
		return atom.BytesRepr(in.Arg)
	case ArgByteArray8:
		return "bytearray(" + atom.BytesRepr(in.Arg) + ")"
	case ArgUnicodeLine:
		raw, err := atom.RawUnicode(in.Arg)
		if err != nil {
			raw = atom.Latin1(in.Arg)
		}
		return atom.StrRepr(string(raw))
	case ArgTwoLines:
		return atom.StrRepr(strings.Replace(string(in.Arg), "\n", " ", 1))
	default:
		return atom.StrRepr(string(in.Arg))
	}
}

// asciiString is ascii(b.decode("latin-1")), as pickletools shows the str of
// Python 2 from 3.14 on; before, it was repr. It is what repr(b) has after the b.
func asciiString(b []byte) string { return atom.BytesRepr(b)[1:] }

func intText(b []byte) string {
	i, err := atom.ParseInt(b, 10)
	if err != nil {
		return atom.StrRepr(string(b))
	}
	return decimalText(i)
}

// maxDecimalBits is what the 4,300 digits take that CPython's str(int) allows
// (PEP 691): more of them cost more than linear time.
const maxDecimalBits = 14_284

func decimalText(i *big.Int) string {
	if i.BitLen() > maxDecimalBits {
		return fmt.Sprintf("<int of %d bits>", i.BitLen())
	}
	return i.String()
}
