package pickle

// Lists of many strs.

import (
	"cmp"
	"math"
	"slices"
	"unsafe"
)

// writeStrings writes items of a list.
func writeStrings(e *encoder, s []string) error {
	if !e.plain4 {
		return writeEach(e, s)
	}
	first, isNew := e.memo.count, e.memo.putLater(s)
	if !isNew {
		e.memo.reserve(e.memo.count + len(s))
	}
	b := e.w.buf
	for i, t := range s {
		if len(b) >= e.w.limit {
			e.w.buf = b
			if err := e.w.boundary(); err != nil {
				return at(i, err)
			}
			b = e.w.buf
		}
		if len(t) > 2 && len(t) < 256 {
			var ok bool
			if b, ok = e.putText(Room(b), t, isNew); ok {
				continue
			}
		}
		e.w.buf = b
		var err error
		if isNew {
			err = e.newStr(t, first+i)
		} else {
			err = e.str(t)
		}
		if err != nil {
			return at(i, err)
		}
		b = e.w.buf
	}
	e.w.buf = b
	return nil
}

// strRun is strs that have slots, from slot on, but are not in the index of the
// memo.
type strRun struct {
	strs []string
	slot int
}

// laterStrs are the strs that putLater has given slots.
type laterStrs struct {
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
)

// putLater gives strs the next slots if no two of them, and none written before,
// are the same memory. Then they need not be looked for one by one, and go into the
// index only when a str comes that may be among them.
func (m *encodeMemo) putLater(s []string) bool {
	if m.off || m.later.off || len(s) < manyStrs || m.count > math.MaxUint32-len(s) || !m.later.add(s) {
		return false
	}
	m.later.runs = append(m.later.runs, strRun{s, m.count})
	m.count += len(s)
	return true
}

// settle puts the strs of putLater into the index, and lets no more come.
func (m *encodeMemo) settle() {
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
func (l *laterStrs) add(strs []string) bool {
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
func (l *laterStrs) insert(s stretch) bool {
	i, _ := slices.BinarySearchFunc(l.stretches, s, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	if i > 0 && l.stretches[i-1].last >= s.from || i < len(l.stretches) && l.stretches[i].from <= s.last {
		return false
	}
	l.stretches = slices.Insert(l.stretches, i, s)
	return true
}

func (l *laterStrs) clear() {
	if cap(l.stretches) > keepStack {
		l.stretches = nil
	}
	*l = laterStrs{stretches: l.stretches[:0]}
}
