package encode

// Encoding of slices of atoms: int64, float64, string and the like, without reflection and in tight loops.

import (
	"encoding/binary"
	"unicode/utf8"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/gotype"
)

// atomItems writes a slice; write does the items of one batch.
func atomItems[T any](e *encoder, s []T, kind uint32, write func(e *encoder, s []T) error) error {
	if s == nil {
		e.w.Op(wire.OpNone)
		return nil
	}
	if len(s) == 0 {
		return e.emptyList()
	}
	slot, seen := e.memo.see(sliceID(unsafe.Pointer(unsafe.SliceData(s)), len(s), kind))
	if seen {
		return e.get(slot)
	}
	e.w.EmptyList()
	if err := e.memoizeAs(slot); err != nil {
		return err
	}
	if err := e.enter(); err != nil {
		return err
	}
	for i := 0; i < len(s); {
		if e.cfg.Proto == 0 || len(s) == 1 {
			if err := write(e, s[i:i+1]); err != nil {
				return shift(i, err)
			}
			e.w.Op(wire.OpAppend)
			i++
			continue
		}
		end := min(len(s), i+wire.BatchSize)
		e.w.Op(wire.OpMark)
		if err := write(e, s[i:end]); err != nil {
			return shift(i, err)
		}
		e.w.Op(wire.OpAppends)
		i = end
	}
	e.depth--
	return nil
}

// shift corrects the index in an error of a batch that begins at item n.
func shift(n int, err error) error {
	if te, ok := err.(*gotype.Error); ok && len(te.Steps) > 0 {
		if i, ok := te.Steps[len(te.Steps)-1].(int); ok {
			te.Steps[len(te.Steps)-1] = i + n
		}
	}
	return err
}

func writeAnys(e *encoder, s []any) error {
	for i, v := range s {
		if err := e.save(v); err != nil {
			return gotype.At(i, err)
		}
	}
	return nil
}

// unobserved reports whether nobody wants to see each item.
func (e *encoder) unobserved() bool { return e.cfg.PersistentID == nil && e.cfg.Proto > 0 }

// putText appends a str of 3 to 255 bytes, or a reference to it, as e.str
// would write it where e.plain4. One that is new has a slot already. Nothing is
// done, and ok is false, for a str that isn't ASCII. It needs Reserve.
func (e *encoder) putText(b []byte, s string, isNew bool) (out []byte, ok bool) {
	at, n := len(b), len(s)
	from, to := unsafe.Slice(unsafe.StringData(s), n), b[at:at+n+3]
	text := to[2 : 2+n]
	if n < 8 {
		all := byte(0)
		for i, c := range from {
			text[i] = c
			all |= c
		}
		if all >= utf8.RuneSelf {
			return b, false
		}
	} else {
		last := binary.LittleEndian.Uint64(from[n-8:])
		binary.LittleEndian.PutUint64(text[n-8:], last)
		all := last
		for len(from) > 8 && len(text) > 8 {
			x := binary.LittleEndian.Uint64(from)
			binary.LittleEndian.PutUint64(text, x)
			all |= x
			from, text = from[8:], text[8:]
		}
		if all&0x8080808080808080 != 0 {
			return b, false
		}
	}
	to[0], to[1] = byte(wire.OpShortBinUnicode), byte(n)
	if isNew {
		to[n+2] = byte(wire.OpMemoize)
		return b[:at+n+3], true
	}
	if e.cfg.Fast {
		return b[:at+n+2], true
	}
	// The first step of see, without a call: most strs are new.
	m, id := &e.memo, strID(s)
	place := id.near()
	if len(m.slots) == m.count && 2*m.count < len(m.index) && m.later.off && m.index[place&uint64(len(m.index)-1)] == 0 {
		m.slots = append(m.slots, id)
		m.count++
		m.index[place&uint64(len(m.index)-1)] = uint32(m.count)
	} else if slot, seen := m.see(id); seen {
		return wire.PutGet(b, uint32(slot)), true
	}
	to[n+2] = byte(wire.OpMemoize)
	return b[:at+n+3], true
}

func writeFloats(e *encoder, s []float64) error {
	if !e.unobserved() {
		return writeEach(e, s)
	}
	for i := 0; i < len(s); {
		if err := e.w.Boundary(); err != nil {
			return err
		}
		b, limit := e.w.Take()
		for ; i < len(s) && len(b) < limit; i++ {
			b = wire.PutFloat(wire.Reserve(b), pythonNaN(s[i]))
		}
		e.w.Give(b)
	}
	return nil
}

func writeInts[T int | int64](e *encoder, s []T) error {
	if !e.unobserved() {
		return writeEach(e, s)
	}
	for i := 0; i < len(s); {
		if err := e.w.Boundary(); err != nil {
			return err
		}
		b, limit := e.w.Take()
		for ; i < len(s) && len(b) < limit; i++ {
			n := int64(s[i])
			if int64(int32(n)) != n {
				e.w.Give(b)
				e.int(n)
				b, limit = e.w.Take()
				continue
			}
			// As PutInt32, which is too long to be inlined.
			switch u := uint32(n); {
			case u < 1<<8:
				b = append(b, byte(wire.OpBinInt1), byte(u))
			case u < 1<<16:
				b = append(b, byte(wire.OpBinInt2), byte(u), byte(u>>8))
			default:
				b = append(b, byte(wire.OpBinInt), byte(u), byte(u>>8), byte(u>>16), byte(u>>24))
			}
		}
		e.w.Give(b)
	}
	return nil
}

func writeEach[T any](e *encoder, s []T) error {
	for i, v := range s {
		if err := e.save(v); err != nil {
			return gotype.At(i, err)
		}
	}
	return nil
}
