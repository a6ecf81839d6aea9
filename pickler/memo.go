package pickler

import (
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/python"
)

// memo maps objects to the slots they took in the unpickler's memo.
//
// It is CPython's PyMemoTable: keyed by identity, each key kept alive by a
// reference so that no other object can take its address. Unlike there, a slot
// can be taken without a key (skip): for the temporaries that cloudpickle makes
// and memoizes, and that exist here only as opcodes.
type memo struct {
	index index
	keys  log[uintptr] // addresses of objects, owned, in the order of their slots
	slots int          // slots taken, with and without a key

	// deferred and runs are objects that have a slot but neither an entry nor a
	// reference: see deferPut. Invariant: no Python code has run since the first
	// was added.
	deferred log[deferredKey]
	runs     log[deferredRun]

	// sameKeys are keys of the dict written last, by their place in it: records
	// made by the same code have the same ones. They are in the memo.
	sameKeys []deferredKey

	memory arena // of the index and the logs
}

const maxSameKeys = 16

type deferredKey struct {
	key  uintptr
	slot uint32
}

// deferredRun is n objects side by side in a list's items at an address, with
// slots from slot on.
type deferredRun struct {
	items uintptr
	n     int
	slot  uint32
	after uint32 // of the deferred, those that came before
}

// get gives the slot of an object. In a table of few, nearly all are at the first
// place; the rest is getFar's, and getOrPutFar's.
func (m *memo) get(o python.Object) (slot int, ok bool) {
	t, key := &m.index.table, o.Addr()
	if len(t.entries) > 0 {
		e := &t.entries[hashAddress(key>>4, t.factor)&uintptr(len(t.entries)-1)]
		if e.generation != t.generation {
			return 0, false
		}
		if e.key == key {
			return int(e.slot), true
		}
	}
	return m.getFar(key)
}

//go:noinline
func (m *memo) getFar(key uintptr) (slot int, ok bool) {
	n, ok := m.index.get(key, &m.memory)
	return int(n), ok
}

// put gives an object the next slot and takes a reference to it.
//
// As in CPython's memo_put, an object that is in the memo already is moved to a
// slot number that the next object takes too.
func (m *memo) put(o python.Object) (slot int) {
	slot = m.slots
	if _, memoized := m.getOrPut(o); memoized {
		m.index.set(o.Addr(), uint32(slot), &m.memory)
	}
	return slot
}

// getOrPut gives the slot of an object, which is put if it is not there yet.
func (m *memo) getOrPut(o python.Object) (slot int, memoized bool) {
	t, key := &m.index.table, o.Addr()
	if len(t.entries) == 0 || len(m.keys.tail) == cap(m.keys.tail) {
		return m.getOrPutFar(o)
	}
	e := &t.entries[hashAddress(key>>4, t.factor)&uintptr(len(t.entries)-1)]
	if e.generation == t.generation {
		if e.key == key {
			return int(e.slot), true
		}
		return m.getOrPutFar(o)
	}
	if 2*t.used >= len(t.entries) {
		return m.getOrPutFar(o)
	}
	*e = memoEntry{key, uint32(m.slots), t.generation}
	t.used++
	o.IncRef()
	m.keys.add(key)
	m.slots++
	return 0, false
}

func (m *memo) getOrPutFar(o python.Object) (slot int, memoized bool) {
	m.keys.reserve(&m.memory)
	n, memoized := m.index.getOrAdd(o.Addr(), uint32(m.slots), &m.memory)
	if memoized {
		return int(n), true
	}
	o.IncRef()
	m.keys.add(o.Addr())
	m.slots++
	return 0, false
}

// deferPut gives the next slot to an object that can't come again before Python
// code has run: its only reference is its container's, and that is not walked
// twice. Most such objects never need an entry, nor the reference that keeps it
// valid; putDeferred adds both when they are needed.
func (m *memo) deferPut(o python.Object) {
	m.deferred.reserve(&m.memory)
	m.deferred.add(deferredKey{o.Addr(), uint32(m.slots)})
	m.slots++
}

// deferPutAll is deferPut for objects side by side in a list.
func (m *memo) deferPutAll(items []python.Object) {
	if len(items) == 1 {
		m.deferPut(items[0])
		return
	}
	m.runs.reserve(&m.memory)
	m.runs.add(deferredRun{
		items: uintptr(unsafe.Pointer(unsafe.SliceData(items))), n: len(items),
		slot: uint32(m.slots), after: uint32(m.deferred.len()),
	})
	m.slots += len(items)
}

// sameKey gives the slot of a dict's key number i if the dict written before had
// it there too.
func (m *memo) sameKey(i int, key python.Object) (slot uint32, memoized bool) {
	if i >= len(m.sameKeys) {
		return 0, false
	}
	e := &m.sameKeys[i]
	return e.slot, e.key == key.Addr()
}

// noteKey notes a key that has been written, for sameKey.
func (m *memo) noteKey(i int, key python.Object) {
	if i > len(m.sameKeys) || i == maxSameKeys {
		return
	}
	slot, ok := m.get(key)
	if !ok {
		return // deferred
	}
	if i == len(m.sameKeys) {
		m.sameKeys = append(m.sameKeys, deferredKey{})
	}
	m.sameKeys[i] = deferredKey{key.Addr(), uint32(slot)}
}

// putDeferred puts what deferPut and deferPutAll have left, in the order of the slots.
// It must be called before Python code can run, while the objects are still alive.
func (m *memo) putDeferred() {
	if m.deferred.len()+m.runs.len() == 0 {
		return
	}
	done := 0
	for i := range m.runs.len() {
		run := m.runs.item(i)
		m.putDeferredKeys(done, int(run.after))
		done = int(run.after)
		for j, o := range unsafe.Slice((*python.Object)(pointer(run.items)), run.n) {
			m.putDeferredKey(deferredKey{o.Addr(), run.slot + uint32(j)})
		}
	}
	m.putDeferredKeys(done, m.deferred.len())
	m.forgetDeferred()
}

func (m *memo) putDeferredKeys(from, to int) {
	for i := from; i < to; i++ {
		m.putDeferredKey(m.deferred.item(i))
	}
}

func (m *memo) putDeferredKey(d deferredKey) {
	m.keys.reserve(&m.memory)
	m.index.set(d.key, d.slot, &m.memory)
	python.FromAddr(d.key).IncRef()
	m.keys.add(d.key)
}

func (m *memo) forgetDeferred() {
	m.deferred.truncate(0)
	m.runs.truncate(0)
}

// skip takes the next slot for an object that nothing can refer to again.
func (m *memo) skip() (slot int) {
	slot = m.slots
	m.slots++
	return slot
}

// clear forgets everything and gives the references back. That can run Python
// code, which may use this memo again.
func (m *memo) clear() {
	keys, memory := m.keys, m.memory
	m.index.clear()
	m.keys, m.slots = log[uintptr]{}, 0
	m.deferred.drop()
	m.runs.drop()
	m.sameKeys = m.sameKeys[:0]
	m.memory = arena{}
	if keys.at == 0 {
		for _, key := range keys.tail {
			python.FromAddr(key).DecRef()
		}
	} else {
		for i := range keys.len() {
			python.FromAddr(keys.item(i)).DecRef()
		}
	}
	keys.drop()
	memory.clear()
	if m.keys.blocks == nil {
		m.keys = keys
	}
}

// isSmall reports whether all that the memo has is in keys.tail.
func (m *memo) isSmall() bool { return m.keys.at == 0 && !m.index.paged && m.memory.mapped == 0 }

// forget forgets everything in a small memo, whose references somebody else has given back.
func (m *memo) forget() {
	m.index.clear()
	m.keys.drop()
	m.slots = 0
	m.deferred.drop()
	m.runs.drop()
	m.sameKeys = m.sameKeys[:0]
}

// each visits the objects with the slots they have.
func (m *memo) each(visit func(o python.Object, slot int) error) error {
	for i := range m.keys.len() {
		o := python.FromAddr(m.keys.item(i))
		slot, _ := m.get(o)
		if err := visit(o, slot); err != nil {
			return err
		}
	}
	return nil
}

// memoMark is a state of a memo to which it can be rolled back.
type memoMark struct{ keys, slots int }

func (m *memo) mark() memoMark { return memoMark{m.keys.len(), m.slots} }

// rollBack forgets what was put since mark.
func (m *memo) rollBack(mark memoMark) {
	m.forgetDeferred()
	m.sameKeys = m.sameKeys[:0]
	if mark.keys > m.keys.len() {
		return // cleared in between
	}
	gone := make([]uintptr, 0, m.keys.len()-mark.keys)
	for i := mark.keys; i < m.keys.len(); i++ {
		key := m.keys.item(i)
		gone = append(gone, key)
		m.index.remove(key)
	}
	m.keys.truncate(mark.keys)
	m.slots = mark.slots
	for _, key := range gone {
		python.FromAddr(key).DecRef()
	}
}

// set gives an object a slot of the caller's choice: Pickler.memo = ....
func (m *memo) set(o python.Object, slot int) {
	m.put(o)
	m.index.set(o.Addr(), uint32(slot), &m.memory)
}

// alias gives an object that is not in the memo a slot that has been taken without
// a key.
func (m *memo) alias(o python.Object, slot int) {
	slots := m.slots
	m.set(o, slot)
	m.slots = slots
}

func pointer(addr uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&addr)) }
