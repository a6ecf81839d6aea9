package machine

// Runs: atoms after a MARK, many in one go. A list of them is most often
// written as EMPTY_LIST, MARK, the values and APPENDS, and then they need not go over
// the stack.

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/atom"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/mem"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// startsRun reports whether an opcode may be the first of a run.
func startsRun(op byte) bool {
	switch wire.Opcode(op) {
	case wire.OpBinInt, wire.OpBinInt1, wire.OpBinInt2, wire.OpBinFloat, wire.OpShortBinUnicode, wire.OpBinGet, wire.OpNone, wire.OpNewTrue, wire.OpNewFalse:
		return true
	}
	return false
}

// listRun decodes atoms from data[from:], behind a MARK, into a list. It
// returns the place after the APPENDS that ends them. Where something else
// comes, it returns its place and the values, which are not in the list then
// and are good until the next call.
func (m *machine) listRun(l *value.List, data []byte, from int) (end int, rest []any) {
	n, pos := m.atomRun(m.firstAtoms[:], data, from)
	items := m.firstAtoms[:n]
	if n == len(m.firstAtoms) {
		items = m.longRun(l.Items, data, from, &pos)
		if pos < len(data) && wire.Opcode(data[pos]) == wire.OpAppends {
			clear(m.firstAtoms[:])
			l.Items = items
			return pos + 1, nil
		}
		return pos, items[len(l.Items):]
	}
	if pos >= len(data) || wire.Opcode(data[pos]) != wire.OpAppends {
		return pos, items
	}
	if l.Items == nil {
		l.Items = m.NewItems(items)
	} else {
		l.Items = append(l.Items, items...)
		m.Taken += 32 * int64(n)
	}
	clear(items)
	return pos + 1, nil
}

// longRun goes on behind the values in m.firstAtoms. It adds all of them to items.
func (m *machine) longRun(items []any, data []byte, from int, pos *int) []any {
	before := len(items)
	first := m.firstAtoms[:]
	for {
		if cap(items)-len(items) < max(1, len(first)) {
			n := len(items) + len(first)
			// The values so far say how many bytes one takes, and so how many
			// there can be; that costs at most 4 times the input if it is wrong.
			each := max(1, (*pos-from)/(n-before))
			left := len(data) - *pos
			capacity := max(2*n, min(n+min(left/each, left/4)+1, 64*n))
			m.Taken += 16 * int64(capacity)
			if m.checkMemory() != nil {
				return append(items[:len(items):len(items)], first...) // the stack will say so
			}
			grown := make([]any, len(items), capacity)
			copy(grown, items)
			items = grown
		}
		items = append(items, first...)
		first = nil
		var n int
		n, *pos = m.atomRun(items[len(items):cap(items)], data, *pos)
		items = items[:len(items)+n]
		if len(items) < cap(items) {
			return items
		}
	}
}

// atomRun decodes values into items, until these are full or something else
// comes, and returns their number and its place.
func (m *machine) atomRun(items []any, data []byte, pos int) (n, end int) {
	for n < len(items) {
		rest := data[pos:]
		if len(rest) < 9 {
			return n, pos
		}
		switch wire.Opcode(rest[0]) {
		case wire.OpBinInt1:
			items[n] = mem.SmallInts[mem.MinSmallInt+int(rest[1])]
			pos += 2
		case wire.OpBinInt2:
			items[n] = m.BoxInt(int64(atom.Uint16(rest[1:])))
			pos += 3
		case wire.OpBinInt:
			i := int64(atom.Int32(rest[1:]))
			if free := m.Ints.Free; len(free) > 0 && uint64(i)+mem.MinSmallInt >= uint64(len(mem.SmallInts)) {
				free[0] = i
				m.Ints.Free = free[1:]
				items[n] = mem.IntAny(&free[0])
			} else {
				items[n] = m.BoxInt(i)
			}
			pos += 5
		case wire.OpBinFloat:
			f := atom.Float64(rest[1:])
			if free := m.Floats.Free; len(free) > 0 {
				free[0] = f
				m.Floats.Free = free[1:]
				items[n] = mem.FloatAny(&free[0])
			} else {
				items[n] = m.BoxFloat(f)
			}
			pos += 9
		case wire.OpShortBinUnicode:
			size := int(rest[1])
			if len(rest) < size+3 || wire.Opcode(rest[2+size]) != wire.OpMemoize || !m.memo.dense() {
				return n, pos
			}
			text, ok := m.ShortText(rest[2:], size)
			if !ok {
				return n, pos
			}
			items[n] = mem.StringAny(m.Header(text))
			m.memo.push(items[n], 0)
			pos += 3 + size
		case wire.OpBinGet:
			i := int(rest[1])
			if i >= len(m.memo.values) || m.memo.values[i].v == nil || m.memo.values[i].depth != 0 {
				return n, pos
			}
			items[n] = m.memo.values[i].v
			pos += 2
		case wire.OpNone:
			items[n] = nil
			pos++
		case wire.OpNewTrue:
			items[n] = true
			pos++
		case wire.OpNewFalse:
			items[n] = false
			pos++
		default:
			return n, pos
		}
		n++
	}
	return n, pos
}
