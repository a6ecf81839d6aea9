package pickle

// Opcodes that push numbers, strings and bytes.

import (
	"bytes"
	"encoding/binary"
	"math/big"
	"unicode/utf8"
)

// number runs the number opcodes that are not in the main loop.
func (m *machine) number(op Opcode) error {
	if op == OpLong1 || op == OpLong4 {
		return m.countedLong(op)
	}
	text, end, err := m.line(1)
	if err != nil {
		return err
	}
	if len(text) == 0 {
		return m.fail(ErrSyntax, "the number is missing")
	}
	var v any
	if op == OpFloat {
		f, err := parseFloat(text)
		if err != nil {
			return m.failf(ErrSyntax, "%v: %s", err, quote(text))
		}
		if m.cfg.strict && bytes.IndexByte(text, 0) >= 0 {
			return m.failf(ErrStrict, "only CPython's C unpickler reads the float %s", quote(text))
		}
		v = m.boxFloat(f)
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
func (m *machine) textInt(op Opcode, text []byte) (any, error) {
	line := text
	if op == OpLong && text[len(text)-1] == 'L' {
		text = text[:len(text)-1]
	}
	v, err := m.textIntC(op, text)
	if err != nil {
		return nil, m.failf(ErrSyntax, "%v: %s", err, quote(line))
	}
	if m.cfg.strict {
		p, err := m.textIntPython(op, text)
		_, cBool := v.(bool)
		_, pBool := p.(bool)
		if d, derr := parseInt(text, 10); err != nil || cBool != pBool || !equalNumbers(v, p) ||
			derr != nil || !equalNumbers(v, normalBig(d)) {
			return nil, m.failf(ErrStrict, "CPython's unpicklers read the int %s differently", quote(line))
		}
	}
	return v, nil
}

func (m *machine) textIntC(op Opcode, text []byte) (any, error) {
	if op == OpInt {
		if i, ok := parseStrtol(text); ok {
			if len(text) == 2 && (i == 0 || i == 1) {
				return i == 1, nil
			}
			return m.boxInt(i), nil
		}
	}
	i, err := parseInt(cutNUL(text), 0)
	if err != nil {
		return nil, err
	}
	return m.boxBig(i), nil
}

func (m *machine) textIntPython(op Opcode, text []byte) (any, error) {
	if op == OpInt && len(text) == 2 && text[0] == '0' && (text[1] == '0' || text[1] == '1') {
		return text[1] == '1', nil
	}
	i, err := parseInt(text, 0)
	if err != nil {
		return nil, err
	}
	return m.boxBig(i), nil
}

// memoNumber is the argument of GET and PUT.
func (m *machine) memoNumber(text []byte) (int64, error) {
	i, err := parseInt(cutNUL(text), 10)
	if err != nil || !i.IsInt64() {
		return 0, m.failf(ErrSyntax, "memo number %s is no number", quote(text))
	}
	if m.cfg.strict && bytes.IndexByte(text, 0) >= 0 {
		return 0, m.failf(ErrStrict, "only CPython's C unpickler reads the memo number %s", quote(text))
	}
	return i.Int64(), nil
}

// normalBig is an int of any size, as an int64 where it fits.
func normalBig(i *big.Int) any {
	if i.IsInt64() {
		return i.Int64()
	}
	return i
}

// boxBig boxes an int of any size, as an int64 where it fits.
func (m *machine) boxBig(i *big.Int) any {
	if i.IsInt64() {
		return m.boxInt(i.Int64())
	}
	m.taken += int64(i.BitLen()/8) + 48
	return i
}

func (m *machine) countedLong(op Opcode) error {
	if op == OpLong4 {
		head, err := m.arg(4)
		if err != nil {
			return err
		}
		if int32(le32(head)) < 0 {
			return m.failf(ErrSyntax, "the int has a negative length")
		}
	}
	b, err := m.countedArg(op)
	if err != nil {
		return err
	}
	if len(b) <= 8 {
		return m.push(m.boxInt(littleEndianInt(b)))
	}
	return m.push(m.boxBig(littleEndianBig(b)))
}

// littleEndianInt is two's complement of up to 8 bytes.
func littleEndianInt(b []byte) int64 {
	if len(b) == 0 {
		return 0
	}
	var full [8]byte
	if b[len(b)-1] >= 0x80 {
		full = [8]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	}
	copy(full[:], b)
	return int64(binary.LittleEndian.Uint64(full[:]))
}

// littleEndianBig is two's complement of any length.
func littleEndianBig(b []byte) *big.Int {
	negative := b[len(b)-1] >= 0x80
	be := make([]byte, len(b))
	for i, c := range b {
		if negative {
			c = ^c
		}
		be[len(b)-1-i] = c
	}
	i := new(big.Int).SetBytes(be)
	if negative {
		i.Not(i)
	}
	return i
}

// unicode runs the opcodes that push a str.
func (m *machine) unicode(op Opcode) error {
	if op == OpUnicode {
		text, end, err := m.line(1)
		if err != nil {
			return err
		}
		decoded, err := rawUnicode(text)
		if err != nil {
			return m.failf(ErrSyntax, "%v: %s", err, quote(text))
		}
		m.pos += end
		return m.push(m.boxString(viewString(decoded)))
	}
	b, err := m.countedArg(op)
	if err != nil {
		return err
	}
	if !utf8.Valid(b) && !validSurrogates(b) {
		m.pos = m.start
		return m.failf(ErrSyntax, "the str is not UTF-8: %s", quote(b))
	}
	return m.push(m.boxString(m.text(b)))
}

func (m *machine) boxString(s string) any { return stringAny(m.header(s)) }

// string2 runs the opcodes that push a str of Python 2.
func (m *machine) string2(op Opcode) error {
	if op == OpString {
		text, end, err := m.line(1)
		if err != nil {
			return err
		}
		n := len(text)
		if n < 2 || text[0] != text[n-1] || text[0] != '\'' && text[0] != '"' {
			return m.failf(ErrSyntax, "the string is not quoted: %s", quote(text))
		}
		raw, err := unescape(text[1 : n-1])
		if err != nil {
			return m.failf(ErrSyntax, "%v: %s", err, quote(text))
		}
		v, err := m.decodeString(raw)
		if err != nil {
			return err
		}
		m.pos += end
		return m.push(v)
	}
	if op == OpBinString && m.cfg.strict {
		if b, err := m.arg(4); err == nil && int32(le32(b)) < 0 {
			return m.failf(ErrStrict, "the length is negative to CPython's Python unpickler, and %d to the C unpickler", le32(b))
		}
	}
	b, err := m.countedArg(op)
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
	switch m.cfg.strings {
	case StringBytes:
		return bytesAny(m.header(m.copyString(b))), nil
	case StringLatin1:
		if !isASCII(b) {
			return m.boxString(string(latin1(b))), nil
		}
	case StringUTF8:
		if !utf8.Valid(b) {
			return nil, m.failf(ErrSyntax, "the Python 2 string is not UTF-8: %s; see WithStringEncoding", quote(b))
		}
	default:
		if !isASCII(b) {
			return nil, m.failf(ErrSyntax, "the Python 2 string is not ASCII: %s; see WithStringEncoding", quote(b))
		}
	}
	return m.boxString(m.copyString(b)), nil
}

// bytesOp runs the opcodes that push bytes and bytearray.
func (m *machine) bytesOp(op Opcode) error {
	b, err := m.countedArg(op)
	if err != nil {
		return err
	}
	if op == OpByteArray8 {
		m.taken += int64(len(b)) + 24
		return m.pushDeep(&ByteArray{Data: bytes.Clone(b)}, 1)
	}
	return m.push(bytesAny(m.header(m.text(b))))
}

// buffer runs the opcodes for out-of-band buffers.
func (m *machine) buffer(op Opcode) error {
	if op == OpNextBuffer {
		if m.cfg.buffers == nil {
			return m.fail(ErrSyntax, "the stream needs buffers from outside it; see WithBuffers")
		}
		if m.nextBuf >= len(m.cfg.buffers) {
			return m.failf(ErrSyntax, "the stream needs more than the %d buffers given", len(m.cfg.buffers))
		}
		m.pos++
		i := m.nextBuf
		m.nextBuf++
		return m.push(&Buffer{Data: m.cfg.buffers[i], Index: i})
	}
	v, err := m.pop()
	if err != nil {
		return err
	}
	switch b := v.(type) {
	case Bytes:
	case *Buffer:
		if !b.ReadOnly {
			v = &Buffer{Data: b.Data, Index: b.Index, ReadOnly: true}
		}
	case *ByteArray:
		v = &Buffer{Data: b.Data, Index: -1, ReadOnly: true}
	default:
		m.stack = append(m.stack, v)
		return m.failf(ErrSyntax, "%s is not a buffer", typeName(v))
	}
	m.pos++
	return m.push(v)
}
