package pickle

// Runs: plain values behind a MARK, many in one go. A list of them is most often
// written as EMPTY_LIST, MARK, the values and APPENDS, and then they need not go over
// the stack.

import (
	"encoding/binary"
	"math"
)

// startsRun reports whether an opcode may be the first of a run.
func startsRun(op byte) bool {
	switch Opcode(op) {
	case OpBinInt, OpBinInt1, OpBinInt2, OpBinFloat, OpShortBinUnicode, OpBinGet, OpNone, OpNewTrue, OpNewFalse:
		return true
	}
	return false
}

// listRun decodes plain values from data[from:], behind a MARK, into a list. It
// returns the place after the APPENDS that ends them. Where something else
// comes, it returns its place and the values, which are not in the list then
// and are good until the next call.
func (m *machine) listRun(l *List, data []byte, from int) (end int, rest []any) {
	n, pos := m.plainValues(m.plain[:], data, from)
	items := m.plain[:n]
	if n == len(m.plain) {
		items = m.longRun(l.Items, data, from, &pos)
		if pos < len(data) && Opcode(data[pos]) == OpAppends {
			clear(m.plain[:])
			l.Items = items
			return pos + 1, nil
		}
		return pos, items[len(l.Items):]
	}
	if pos >= len(data) || Opcode(data[pos]) != OpAppends {
		return pos, items
	}
	if l.Items == nil {
		l.Items = m.newItems(items)
	} else {
		l.Items = append(l.Items, items...)
		m.taken += 32 * int64(n)
	}
	clear(items)
	return pos + 1, nil
}

// longRun goes on behind the values in m.plain. It adds all of them to items.
func (m *machine) longRun(items []any, data []byte, from int, pos *int) []any {
	before := len(items)
	first := m.plain[:]
	for {
		if cap(items)-len(items) < max(1, len(first)) {
			n := len(items) + len(first)
			// The values so far say how many bytes one takes, and so how many
			// there can be; that costs at most 4 times the input if it is wrong.
			each := max(1, (*pos-from)/(n-before))
			left := len(data) - *pos
			room := max(2*n, min(n+min(left/each, left/4)+1, 64*n))
			m.taken += 16 * int64(room)
			if m.checkMemory() != nil {
				return append(items[:len(items):len(items)], first...) // the stack will say so
			}
			grown := make([]any, len(items), room)
			copy(grown, items)
			items = grown
		}
		items = append(items, first...)
		first = nil
		var n int
		n, *pos = m.plainValues(items[len(items):cap(items)], data, *pos)
		items = items[:len(items)+n]
		if len(items) < cap(items) {
			return items
		}
	}
}

// plainValues decodes values into items, until these are full or something else
// comes, and returns their number and its place.
func (m *machine) plainValues(items []any, data []byte, pos int) (n, end int) {
	for n < len(items) {
		rest := data[pos:]
		if len(rest) < 9 {
			return n, pos
		}
		switch Opcode(rest[0]) {
		case OpBinInt1:
			items[n] = smallInts[minSmallInt+int(rest[1])]
			pos += 2
		case OpBinInt2:
			items[n] = m.boxInt(int64(binary.LittleEndian.Uint16(rest[1:])))
			pos += 3
		case OpBinInt:
			i := int64(int32(binary.LittleEndian.Uint32(rest[1:])))
			if free := m.ints.free; len(free) > 0 && uint64(i)+minSmallInt >= uint64(len(smallInts)) {
				free[0] = i
				m.ints.free = free[1:]
				items[n] = intAny(&free[0])
			} else {
				items[n] = m.boxInt(i)
			}
			pos += 5
		case OpBinFloat:
			f := math.Float64frombits(binary.BigEndian.Uint64(rest[1:]))
			if free := m.floats.free; len(free) > 0 {
				free[0] = f
				m.floats.free = free[1:]
				items[n] = floatAny(&free[0])
			} else {
				items[n] = m.boxFloat(f)
			}
			pos += 9
		case OpShortBinUnicode:
			size := int(rest[1])
			if len(rest) < size+3 || Opcode(rest[2+size]) != OpMemoize || !m.memo.dense() {
				return n, pos
			}
			text, ok := m.shortText(rest[2:], size)
			if !ok {
				return n, pos
			}
			items[n] = stringAny(m.header(text))
			m.memo.push(items[n], 0)
			pos += 3 + size
		case OpBinGet:
			i := int(rest[1])
			if i >= len(m.memo.values) || m.memo.values[i].v == nil || m.memo.values[i].depth != 0 {
				return n, pos
			}
			items[n] = m.memo.values[i].v
			pos += 2
		case OpNone:
			items[n] = nil
			pos++
		case OpNewTrue:
			items[n] = true
			pos++
		case OpNewFalse:
			items[n] = false
			pos++
		default:
			return n, pos
		}
		n++
	}
	return n, pos
}
