package pickle

// The disassembler: what pickletools.dis prints, line for line where the
// stream is well formed.

import (
	"bufio"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
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
	if n := info.Arg.lines(); n > 0 {
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
	n := info.Arg.fixed()
	if len(b) < 1+n {
		return fail(ErrTruncated, "the input ends inside an argument")
	}
	size, counted := info.Arg.counted(b[1 : 1+n])
	if !counted {
		in.Arg, in.Size = b[1:1+n], 1+n
		return in, nil
	}
	if size > uint64(len(b)-1-n) {
		return fail(ErrTruncated, "the input ends inside an argument")
	}
	in.Size = 1 + n + int(size)
	in.Arg = b[1+n : in.Size]
	return in, nil
}

// Disassemble writes the opcodes of the pickles in data, one a line: offset,
// code, name, argument, and how deep the marks nest. It checks the stack and
// the memo on the way, and returns an error where they do not work out, after
// writing the lines up to there.
func Disassemble(w io.Writer, data []byte) error {
	out := bufio.NewWriter(w)
	var err error
	for offset := 0; err == nil && offset < len(data); {
		d := disassembler{w: out, data: data, offset: offset}
		err = d.pickle()
		offset = d.offset
	}
	if ferr := out.Flush(); err == nil {
		err = ferr
	}
	return err
}

// disassembler knows the stack only as far as it tells values from marks.
type disassembler struct {
	w      *bufio.Writer
	data   []byte
	offset int
	marks  []mark
	height int // values on the stack, marks not counted
	memo   map[int64]bool
	proto  int
}

// mark is a mark on the stack: where it was written, and the height below it.
type mark struct {
	offset, height int
}

func (d *disassembler) pickle() error {
	d.memo = map[int64]bool{}
	for {
		in, err := ReadInstruction(d.data, d.offset)
		if err != nil {
			return err
		}
		if err := d.line(in); err != nil {
			return err
		}
		d.offset += in.Size
		if in.Op == OpStop {
			fmt.Fprintf(d.w, "highest protocol among opcodes = %d\n", d.proto)
			if d.height != 0 || len(d.marks) != 0 {
				return d.fail(in, fmt.Sprintf("%d values and %d marks are left on the stack", d.height, len(d.marks)))
			}
			return nil
		}
	}
}

func (d *disassembler) fail(in Instruction, msg string) error {
	return &Error{Kind: ErrSyntax, Offset: int64(in.Offset), Op: in.Op, Msg: msg}
}

func (d *disassembler) line(in Instruction) error {
	info, _ := in.Op.Info()
	d.proto = max(d.proto, info.Proto)
	fmt.Fprintf(d.w, "%5d: %-4s %s", in.Offset, codeText(in.Op), strings.Repeat("    ", len(d.marks)))
	note, err := d.effect(in, info)
	arg := d.argText(in, info)
	if in.Op == OpMemoize && err == nil {
		note = fmt.Sprintf("(as %d)", len(d.memo)-1)
	}
	if arg != "" || note != "" {
		fmt.Fprintf(d.w, "%-10s", info.Name)
		if arg != "" {
			d.w.WriteString(" " + arg)
		}
		if note != "" {
			d.w.WriteString(" " + note)
		}
	} else {
		d.w.WriteString(info.Name)
	}
	d.w.WriteByte('\n')
	return err
}

func (d *disassembler) markOnTop() bool {
	n := len(d.marks)
	return n > 0 && d.marks[n-1].height == d.height
}

// effect applies the opcode to stack and memo, and says what it closes.
func (d *disassembler) effect(in Instruction, info OpcodeInfo) (note string, err error) {
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

func (d *disassembler) memory(in Instruction) error {
	switch in.Op {
	case OpMemoize:
		d.memo[int64(len(d.memo))] = true
	case OpPut, OpBinPut, OpLongBinPut:
		i, ok := number(in)
		if !ok {
			return d.fail(in, "the memo number is no number")
		}
		if d.memo[i] {
			return d.fail(in, fmt.Sprintf("memo %d is filled already", i))
		}
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
		return int64(int32(le32(in.Arg))), true
	case ArgDecimalLine:
		i, err := parseInt(in.Arg, 10)
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
func (d *disassembler) argText(in Instruction, info OpcodeInfo) string {
	switch info.Arg {
	case ArgNone:
		return ""
	case ArgUint1, ArgUint2, ArgUint4, ArgInt4:
		i, _ := number(in)
		return strconv.FormatInt(i, 10)
	case ArgUint8:
		return strconv.FormatUint(le64(in.Arg), 10)
	case ArgLong1, ArgLong4:
		if len(in.Arg) == 0 {
			return "0"
		}
		return littleEndianBig(in.Arg).String()
	case ArgFloat8:
		return pythonFloat(floatOf(in.Arg))
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
		f, err := parseFloat(in.Arg)
		if err != nil {
			return pythonBytes(in.Arg)[1:]
		}
		return pythonFloat(f)
	case ArgQuotedLine:
		n := len(in.Arg)
		if n == 1 && (in.Arg[0] == '\'' || in.Arg[0] == '"') {
			return "''" // pickletools takes it for both quotes
		}
		if n < 2 {
			return asciiString(in.Arg)
		}
		raw, err := unescape(in.Arg[1 : n-1])
		if err != nil {
			raw = in.Arg
		}
		return asciiString(raw)
	case ArgString1, ArgString4:
		return asciiString(in.Arg)
	case ArgBytes1, ArgBytes4, ArgBytes8:
		return pythonBytes(in.Arg)
	case ArgByteArray8:
		return "bytearray(" + pythonBytes(in.Arg) + ")"
	case ArgUnicodeLine:
		raw, err := rawUnicode(in.Arg)
		if err != nil {
			raw = latin1(in.Arg)
		}
		return pythonString(string(raw))
	case ArgTwoLines:
		return pythonString(strings.Replace(string(in.Arg), "\n", " ", 1))
	default:
		return pythonString(string(in.Arg))
	}
}

// asciiString is ascii(b.decode("latin-1")), as pickletools shows the str of
// Python 2 from 3.14 on; before, it was repr. It is what repr(b) has after the b.
func asciiString(b []byte) string { return pythonBytes(b)[1:] }

func intText(b []byte) string {
	i, err := parseInt(b, 10)
	if err != nil {
		return pythonString(string(b))
	}
	return (*big.Int).String(i)
}
