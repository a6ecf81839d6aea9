package machine

// memo is what a stream has set aside by number. Numbers normally count up
// from 0, which makes it a slice; a number far beyond the others goes to a map,
// so that one PUT costs one entry and not the space below it.
type memo struct {
	values []memoEntry
	sparse map[int64]memoEntry
	// filled is how many numbers are in use; MEMOIZE takes it as its number.
	filled int
	limit  int64
	taken  int64
}

// memoEntry is a value and how deep it nests. An entry without a value has
// the depth -1; None has a value of nil and the depth 0.
type memoEntry struct {
	v     any
	depth int32
}

const emptyMemo = -1

// dense reports whether the next number is the length of values.
func (m *memo) dense() bool {
	return m.filled == len(m.values) && int64(m.filled) < m.limit && m.sparse == nil
}

// push stores under the next number. It may be called when dense.
func (m *memo) push(v any, depth int32) {
	if len(m.values) == cap(m.values) {
		// Twice as much, where append would add a quarter.
		n := max(2*cap(m.values), 64)
		m.taken += 24 * int64(n)
		grown := make([]memoEntry, len(m.values), n)
		copy(grown, m.values)
		m.values = grown
	}
	m.values = append(m.values, memoEntry{v, depth})
	m.filled++
}

// put stores under any number and reports whether the limit allows it.
func (m *memo) put(i int64, v any, depth int32) bool {
	if i >= m.limit || int64(m.filled) >= m.limit {
		return false
	}
	if i < int64(len(m.values)) {
		if m.values[i].depth == emptyMemo {
			m.filled++
		}
		m.values[i] = memoEntry{v, depth}
		return true
	}
	// A gap of the size of what is there already is cheap enough.
	if i <= 2*int64(len(m.values))+64 && m.sparse == nil {
		for int64(len(m.values)) < i {
			m.values = append(m.values, memoEntry{nil, emptyMemo})
			m.taken += 24
		}
		m.taken += 24
		m.values = append(m.values, memoEntry{v, depth})
		m.filled++
		return true
	}
	if m.sparse == nil {
		m.sparse = map[int64]memoEntry{}
	}
	if _, ok := m.sparse[i]; !ok {
		m.filled++
		m.taken += 96
	}
	m.sparse[i] = memoEntry{v, depth}
	return true
}

func (m *memo) get(i int64) (memoEntry, bool) {
	if i >= 0 && i < int64(len(m.values)) {
		e := m.values[i]
		return e, e.depth != emptyMemo
	}
	e, ok := m.sparse[i]
	return e, ok
}

func (m *memo) clear() {
	if cap(m.values) > KeepStack {
		m.values = nil
	}
	clear(m.values)
	*m = memo{values: m.values[:0]}
}

// depths knows how deep the containers on the stack nest. Values that are no
// containers have no entry, so they cost nothing.
//
// A list that grows through a second reference to it is not followed: the
// limit is on what the stream writes down, and code that walks values must
// bound its own depth, as it must for cycles.
//
// Invariant: the at of the entries grows from first to last.
type depths struct {
	entries []depthEntry
	limit   int32
}

type depthEntry struct {
	at    int
	depth int32
	// shared is set for values out of the memo.
	shared bool
}

func (d *depths) push(at int, depth int32) {
	d.entries = append(d.entries, depthEntry{at, depth, false})
}

func (d *depths) pushShared(at int, depth int32) {
	d.entries = append(d.entries, depthEntry{at, depth, true})
}

// isShared reports whether the container at height at came out of the memo.
func (d *depths) isShared(at int) bool {
	for n := len(d.entries) - 1; n >= 0 && d.entries[n].at >= at; n-- {
		if d.entries[n].at == at {
			return d.entries[n].shared
		}
	}
	return false
}

// pop forgets the values from height from on and returns the largest depth among them.
func (d *depths) pop(from int) int32 {
	n, depth := len(d.entries), int32(0)
	for n > 0 && d.entries[n-1].at >= from {
		n--
		depth = max(depth, d.entries[n].depth)
	}
	d.entries = d.entries[:n]
	return depth
}

// top is the depth of the value at height at, when that is the top of the stack.
func (d *depths) top(at int) int32 {
	if n := len(d.entries); n > 0 && d.entries[n-1].at == at {
		return d.entries[n-1].depth
	}
	return 0
}

// absorb pops the values above the container at height at, which takes them
// in, and reports whether the limit allows it.
func (d *depths) absorb(at int) bool {
	depth := d.pop(at+1) + 1
	if n := len(d.entries); n > 0 && d.entries[n-1].at == at {
		d.entries[n-1].depth = max(d.entries[n-1].depth, depth)
	} else {
		d.push(at, depth)
	}
	return depth <= d.limit
}

func (d *depths) clear() {
	if cap(d.entries) > KeepStack {
		d.entries = nil
	}
	d.entries = d.entries[:0]
}
