package machine

// Opcodes that push numbers, strings and bytes.

import (
	"bytes"
	"math/big"
	"unicode/utf8"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/atom"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/mem"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// number runs the number opcodes that are not in the main loop.
func (m *machine) number(op wire.Opcode) error {
	if op == wire.OpLong1 || op == wire.OpLong4 {
		return m.countedLong(op)
	}
	text, end, err := m.line(1)
	if err != nil {
		return err
	}
	if len(text) == 0 {
		return m.fail(wire.ErrSyntax, "the number is missing")
	}
	var v any
	if op == wire.OpFloat {
		f, err := atom.ParseFloat(text)
		if err != nil {
			return m.failf(wire.ErrSyntax, "%v: %s", err, atom.Quote(text))
		}
		if m.cfg.Strict && bytes.IndexByte(text, 0) >= 0 {
			return m.failf(wire.ErrStrict, "only CPython's C unpickler reads the float %s", atom.Quote(text))
		}
		v = m.BoxFloat(f)
	} else if v, err = m.textInt(op, text); err != nil {
		return err
	}
	m.pos += end
	return m.push(v)
}

// textInt reads the argument of INT and LONG as CPython does up to 3.13: the C
// unpickler tries strtol before Python's own rules (_pickle.c, load_int), and
// takes a 0 or 1 of two characters for a bool; the Python unpickler compares
// with 00 and 01. CPython 3.14 reads decimal digits only, and 010 as 10.
func (m *machine) textInt(op wire.Opcode, text []byte) (any, error) {
	line := text
	if op == wire.OpLong && text[len(text)-1] == 'L' {
		text = text[:len(text)-1]
	}
	v, err := m.textIntC(op, text)
	if err != nil {
		return nil, m.failf(wire.ErrSyntax, "%v: %s", err, atom.Quote(line))
	}
	if m.cfg.Strict {
		p, err := m.textIntPython(op, text)
		_, cBool := v.(bool)
		_, pBool := p.(bool)
		if d, derr := atom.ParseInt(text, 10); err != nil || cBool != pBool || !value.EqualNumbers(v, p) ||
			derr != nil || !value.EqualNumbers(v, NormalBig(d)) {
			return nil, m.failf(wire.ErrStrict, "CPython's unpicklers read the int %s differently", atom.Quote(line))
		}
	}
	return v, nil
}

func (m *machine) textIntC(op wire.Opcode, text []byte) (any, error) {
	if op == wire.OpInt {
		if i, ok := atom.ParseStrtol(text); ok {
			if len(text) == 2 && (i == 0 || i == 1) {
				return i == 1, nil
			}
			return m.BoxInt(i), nil
		}
	}
	i, err := atom.ParseInt(atom.CutNUL(text), 0)
	if err != nil {
		return nil, err
	}
	return m.boxBig(i), nil
}

func (m *machine) textIntPython(op wire.Opcode, text []byte) (any, error) {
	if op == wire.OpInt && len(text) == 2 && text[0] == '0' && (text[1] == '0' || text[1] == '1') {
		return text[1] == '1', nil
	}
	i, err := atom.ParseInt(text, 0)
	if err != nil {
		return nil, err
	}
	return m.boxBig(i), nil
}

// memoNumber is the argument of GET and PUT.
func (m *machine) memoNumber(text []byte) (int64, error) {
	i, err := atom.ParseInt(atom.CutNUL(text), 10)
	if err != nil || !i.IsInt64() {
		return 0, m.failf(wire.ErrSyntax, "memo number %s is no number", atom.Quote(text))
	}
	if m.cfg.Strict && bytes.IndexByte(text, 0) >= 0 {
		return 0, m.failf(wire.ErrStrict, "only CPython's C unpickler reads the memo number %s", atom.Quote(text))
	}
	return i.Int64(), nil
}

// NormalBig is an int of any size, as an int64 where it fits.
func NormalBig(i *big.Int) any {
	if i.IsInt64() {
		return i.Int64()
	}
	return i
}

// boxBig boxes an int of any size, as an int64 where it fits.
func (m *machine) boxBig(i *big.Int) any {
	if i.IsInt64() {
		return m.BoxInt(i.Int64())
	}
	m.Taken += int64(i.BitLen()/8) + 48
	return i
}

func (m *machine) countedLong(op wire.Opcode) error {
	if op == wire.OpLong4 {
		head, err := m.arg(4)
		if err != nil {
			return err
		}
		if atom.Int32(head) < 0 {
			return m.failf(wire.ErrSyntax, "the int has a negative length")
		}
	}
	b, err := m.countedArg()
	if err != nil {
		return err
	}
	if len(b) <= 8 {
		return m.push(m.BoxInt(atom.Int64(b)))
	}
	return m.push(m.boxBig(atom.BigInt(b)))
}

// unicode runs the opcodes that push a str.
func (m *machine) unicode(op wire.Opcode) error {
	if op == wire.OpUnicode {
		text, end, err := m.line(1)
		if err != nil {
			return err
		}
		decoded, err := atom.RawUnicode(text)
		if err != nil {
			return m.failf(wire.ErrSyntax, "%v: %s", err, atom.Quote(text))
		}
		m.pos += end
		return m.push(m.boxString(mem.ViewString(decoded)))
	}
	b, err := m.countedArg()
	if err != nil {
		return err
	}
	if !atom.IsText(b) {
		m.pos = m.start
		return m.failf(wire.ErrSyntax, "the str is not UTF-8: %s", atom.Quote(b))
	}
	return m.push(m.boxString(m.Text(b)))
}

func (m *machine) boxString(s string) any { return mem.StringAny(m.Header(s)) }

// string2 runs the opcodes that push a str of Python 2.
func (m *machine) string2(op wire.Opcode) error {
	if op == wire.OpString {
		text, end, err := m.line(1)
		if err != nil {
			return err
		}
		n := len(text)
		if n < 2 || text[0] != text[n-1] || text[0] != '\'' && text[0] != '"' {
			return m.failf(wire.ErrSyntax, "the string is not quoted: %s", atom.Quote(text))
		}
		raw, err := atom.Unescape(text[1 : n-1])
		if err != nil {
			return m.failf(wire.ErrSyntax, "%v: %s", err, atom.Quote(text))
		}
		v, err := m.decodeString(raw)
		if err != nil {
			return err
		}
		m.pos += end
		return m.push(v)
	}
	if op == wire.OpBinString && m.cfg.Strict {
		if b, err := m.arg(4); err == nil && atom.Int32(b) < 0 {
			return m.failf(wire.ErrStrict, "the length is negative to CPython's Python unpickler, and %d to the C unpickler", atom.Uint32(b))
		}
	}
	b, err := m.countedArg()
	if err != nil {
		return err
	}
	v, err := m.decodeString(b)
	if err != nil {
		return err
	}
	return m.push(v)
}

// decodeString makes a value of the bytes of a Python 2 str.
func (m *machine) decodeString(b []byte) (any, error) {
	switch m.cfg.Strings {
	case StringBytes:
		return mem.BytesAny(m.Header(m.CopyString(b))), nil
	case StringLatin1:
		if !atom.IsASCII(b) {
			return m.boxString(string(atom.Latin1(b))), nil
		}
	case StringUTF8:
		if !utf8.Valid(b) {
			return nil, m.failf(wire.ErrSyntax, "the Python 2 string is not UTF-8: %s; see WithStringEncoding", atom.Quote(b))
		}
	default:
		if !atom.IsASCII(b) {
			return nil, m.failf(wire.ErrSyntax, "the Python 2 string is not ASCII: %s; see WithStringEncoding", atom.Quote(b))
		}
	}
	return m.boxString(m.CopyString(b)), nil
}

// bytesOp runs the opcodes that push bytes and bytearray.
func (m *machine) bytesOp(op wire.Opcode) error {
	b, err := m.countedArg()
	if err != nil {
		return err
	}
	if op == wire.OpByteArray8 {
		m.Taken += int64(len(b)) + 24
		return m.pushDeep(&value.ByteArray{Data: bytes.Clone(b)}, 1)
	}
	return m.push(mem.BytesAny(m.Header(m.Text(b))))
}

// absentBufferSize is what a buffer that isn't there takes of the limit for memory.
const absentBufferSize = 64

// buffer runs the opcodes for out-of-band buffers.
func (m *machine) buffer(op wire.Opcode) error {
	if op == wire.OpNextBuffer {
		if m.cfg.AbsentBuffers && m.nextBuf >= len(m.cfg.Buffers) {
			m.pos++
			i := m.nextBuf
			m.nextBuf++
			m.Taken += absentBufferSize
			return m.push(&value.Buffer{Index: i})
		}
		if m.cfg.Buffers == nil {
			return m.fail(wire.ErrSyntax, "the stream needs buffers from outside it; see WithBuffers")
		}
		if m.nextBuf >= len(m.cfg.Buffers) {
			return m.failf(wire.ErrSyntax, "the stream needs more than the %d buffers given", len(m.cfg.Buffers))
		}
		m.pos++
		i := m.nextBuf
		m.nextBuf++
		return m.push(&value.Buffer{Data: m.cfg.Buffers[i], Index: i})
	}
	v, err := m.pop()
	if err != nil {
		return err
	}
	switch b := v.(type) {
	case value.Bytes:
	case *value.Buffer:
		if !b.ReadOnly {
			v = &value.Buffer{Data: b.Data, Index: b.Index, ReadOnly: true}
		}
	case *value.ByteArray:
		v = &value.Buffer{Data: b.Data, Index: -1, ReadOnly: true}
	default:
		m.stack = append(m.stack, v)
		return m.failf(wire.ErrSyntax, "%s is not a buffer", value.TypeName(v))
	}
	m.pos++
	return m.push(v)
}
