package encode

// Lists of many strs.

import (
	"cmp"
	"math"
	"slices"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/gotype"
)

// writeStrings writes items of a list.
func writeStrings(e *encoder, s []string) error {
	if !e.plain4 {
		return writeEach(e, s)
	}
	first, isNew := e.memo.count, e.memo.deferPut(s)
	if !isNew {
		e.memo.reserve(e.memo.count + len(s))
	}
	b, limit := e.w.Take()
	for i, t := range s {
		if len(b) >= limit {
			e.w.Give(b)
			if err := e.w.Boundary(); err != nil {
				return gotype.At(i, err)
			}
			b, limit = e.w.Take()
		}
		if len(t) > 2 && len(t) < 256 {
			var ok bool
			if b, ok = e.putText(wire.Reserve(b), t, isNew); ok {
				continue
			}
		}
		e.w.Give(b)
		var err error
		if isNew {
			err = e.newStr(t, first+i)
		} else {
			err = e.str(t)
		}
		if err != nil {
			return gotype.At(i, err)
		}
		b, limit = e.w.Take()
	}
	e.w.Give(b)
	return nil
}

// strRun is strs that have slots, from slot on, but are not in the index of the
// memo.
type strRun struct {
	strs []string
	slot int
}

// deferredStrs are the strs that deferPut has given slots.
type deferredStrs struct {
	runs []strRun
	// stretches of memory that they begin in, in order. No two overlap.
	stretches []stretch
	// off is set when a str is in the index.
	off bool
}

// stretch is the addresses from from to last.
type stretch struct{ from, last uintptr }

const (
	// manyStrs is the number of strs from which on it pays to look at all first.
	manyStrs = 16
	// maxGap is how far from one another strs of a stretch begin at most.
	maxGap = 4 << 10
	// keepStretches is the number of stretches up to which their memory is kept for the next encode.
	keepStretches = 1 << 16
)

// deferPut gives strs the next slots if no two of them, and none written before,
// are the same memory. Then they need not be looked for one by one, and go into the
// index only when a str comes that may be among them.
func (m *encodeMemo) deferPut(s []string) bool {
	if m.off || m.later.off || len(s) < manyStrs || m.count > math.MaxUint32-len(s) || !m.later.add(s) {
		return false
	}
	m.later.runs = append(m.later.runs, strRun{s, m.count})
	m.count += len(s)
	return true
}

// putDeferred puts the strs of deferPut into the index, and lets no more come.
func (m *encodeMemo) putDeferred() {
	runs := m.later.runs
	m.later.clear()
	m.later.off = true
	if len(runs) == 0 || !m.level() {
		return
	}
	for _, run := range runs {
		for i, s := range run.strs {
			id := strID(s)
			_, place := m.find(id)
			m.index[place] = uint32(run.slot + i + 1)
			m.slots[run.slot+i] = id
		}
	}
}

// add reports whether strs have more than two bytes and each begins at an
// address of its own. Strs made one after another (read, split, decoded) lie in
// stretches of memory, in each of which one is above the other; then this takes a
// small part of the time that looking for each takes. Otherwise it gives up early.
func (l *deferredStrs) add(strs []string) bool {
	var here stretch
	left := 8 * manyStrs
	for i, s := range strs {
		if len(s) <= 2 {
			return false // see encoder.shortStr
		}
		at := uintptr(unsafe.Pointer(unsafe.StringData(s)))
		if at-here.last-1 < maxGap {
			here.last = at
			left++
			continue
		}
		if left -= manyStrs; left < 0 || i > 0 && !l.insert(here) {
			return false
		}
		here = stretch{at, at}
	}
	return l.insert(here)
}

// insert adds a stretch unless it overlaps another.
func (l *deferredStrs) insert(s stretch) bool {
	i, _ := slices.BinarySearchFunc(l.stretches, s, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	if i > 0 && l.stretches[i-1].last >= s.from || i < len(l.stretches) && l.stretches[i].from <= s.last {
		return false
	}
	l.stretches = slices.Insert(l.stretches, i, s)
	return true
}

func (l *deferredStrs) clear() {
	if cap(l.stretches) > keepStretches {
		l.stretches = nil
	}
	*l = deferredStrs{stretches: l.stretches[:0]}
}
