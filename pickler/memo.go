package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/python"
)

// memo maps objects to the slots they took in the unpickler's memo.
//
// It is CPython's PyMemoTable: keyed by identity, each key kept alive by a
// reference so that no other object can take its address. Unlike there, a slot
// can be taken without a key (skip): for the temporaries that cloudpickle makes
// and memoizes, and that exist here only as opcodes.
//
// An entry is valid when its generation is the memo's, so that clear costs
// nothing for the table's size.
//
// Invariants: len(table) is a power of two, and used*3 <= len(table)*2.
type memo struct {
	table      []memoEntry
	generation uint32
	keys       []uintptr // addresses of objects, owned, in the order of their slots
	slots      int       // slots taken, with and without a key

	// deferred and runs are objects that have a slot but neither an entry nor a
	// reference: see putLater. Invariant: no Python code has run since the first
	// was added.
	deferred []deferredKey
	runs     []deferredRun

	// sameKeys are keys of the dict written last, by their place in it: records
	// made by the same code have the same ones. They are in the memo.
	sameKeys []deferredKey
}

const maxSameKeys = 16

type memoEntry struct {
	key        uintptr
	slot       uint32
	generation uint32
}

type deferredKey struct {
	key  uintptr
	slot uint32
}

// deferredRun is objects side by side in a list, with slots from slot on.
type deferredRun struct {
	items []python.Object
	slot  uint32
	after int // of the deferred, those that came before
}

const minMemo = 256

// entry finds the key's entry, or the free one where it belongs.
func (m *memo) entry(key uintptr) *memoEntry {
	// Objects made one after the other lie side by side, and so do their entries:
	// within a region of memory the hash is the address, without the bits that
	// alignment leaves empty. Regions are spread by a multiplication.
	table := m.table
	mask := uintptr(len(table) - 1)
	for i := key>>4 + key>>22*0x9e3779b97f4a7c15>>40; ; i++ {
		e := &table[i&mask]
		if e.generation != m.generation || e.key == key {
			return e
		}
	}
}

// get gives the slot of an object.
func (m *memo) get(o python.Object) (slot int, ok bool) {
	if len(m.keys) == 0 {
		return 0, false
	}
	e := m.entry(o.Addr())
	return int(e.slot), e.generation == m.generation
}

// put gives an object the next slot and takes a reference to it.
//
// As in CPython's memo_put, an object that is in the memo already is moved to a
// slot number that the next object takes too.
func (m *memo) put(o python.Object) (slot int) {
	slot = m.slots
	if m.table == nil {
		m.init(minMemo)
	}
	e := m.entry(o.Addr())
	if e.generation == m.generation {
		e.slot = uint32(slot)
		return slot
	}
	m.add(e, o)
	return slot
}

// getOrPut gives the slot of an object, which is put if it is not there yet.
func (m *memo) getOrPut(o python.Object) (slot int, known bool) {
	if m.table == nil {
		m.init(minMemo)
	}
	e := m.entry(o.Addr())
	if e.generation == m.generation {
		return int(e.slot), true
	}
	m.add(e, o)
	return 0, false
}

// add puts an object that has no slot into the entry that is free for it.
func (m *memo) add(e *memoEntry, o python.Object) {
	*e = memoEntry{o.Addr(), uint32(m.slots), m.generation}
	o.IncRef()
	m.keys = append(m.keys, o.Addr())
	m.slots++
	if len(m.keys)*3 > len(m.table)*2 {
		m.grow()
	}
}

// putLater gives the next slot to an object that can't come again before Python
// code has run: its only reference is its container's, and that is not walked
// twice. Most such objects never need an entry, nor the reference that keeps it
// valid. settle makes up for it.
func (m *memo) putLater(o python.Object) {
	m.deferred = append(m.deferred, deferredKey{o.Addr(), uint32(m.slots)})
	m.slots++
}

// putAllLater is putLater for objects side by side in a list.
func (m *memo) putAllLater(items []python.Object) {
	if len(items) == 1 {
		m.putLater(items[0])
		return
	}
	m.runs = append(m.runs, deferredRun{items, uint32(m.slots), len(m.deferred)})
	m.slots += len(items)
}

// sameKey gives the slot of a dict's key number i if the dict written before had
// it there too.
func (m *memo) sameKey(i int, key python.Object) (slot uint32, known bool) {
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

// settle puts what putLater and putAllLater have left, in the order of the slots.
// It must be called before Python code can run, while the objects are still alive.
func (m *memo) settle() {
	if len(m.deferred)+len(m.runs) == 0 {
		return
	}
	if m.table == nil {
		m.init(minMemo)
	}
	done := 0
	for _, run := range m.runs {
		m.settleKeys(m.deferred[done:run.after])
		done = run.after
		for i, o := range run.items {
			m.settleKey(deferredKey{o.Addr(), run.slot + uint32(i)})
		}
	}
	m.settleKeys(m.deferred[done:])
	m.forgetDeferred()
}

func (m *memo) settleKeys(keys []deferredKey) {
	for _, d := range keys {
		m.settleKey(d)
	}
}

func (m *memo) settleKey(d deferredKey) {
	*m.entry(d.key) = memoEntry{d.key, d.slot, m.generation}
	python.FromAddr(d.key).IncRef()
	m.keys = append(m.keys, d.key)
	if len(m.keys)*3 > len(m.table)*2 {
		m.grow()
	}
}

func (m *memo) forgetDeferred() {
	m.deferred = m.deferred[:0]
	clear(m.runs)
	m.runs = m.runs[:0]
}

// skip takes the next slot for an object that nothing can refer to again.
func (m *memo) skip() (slot int) {
	slot = m.slots
	m.slots++
	return slot
}

func (m *memo) init(size int) {
	m.table = make([]memoEntry, size)
	m.generation = 1
}

func (m *memo) grow() {
	old, generation := m.table, m.generation
	m.init(len(old) * 4)
	for _, e := range old {
		if e.generation == generation {
			e.generation = m.generation
			*m.entry(e.key) = e
		}
	}
}

// maxKept bounds what a memo keeps for its next use.
const maxKept = 1 << 18

// clear forgets everything and gives the references back. That can run Python
// code, which may use this memo again.
func (m *memo) clear() {
	keys := m.keys
	m.keys, m.slots = nil, 0
	m.forgetDeferred()
	m.sameKeys = m.sameKeys[:0]
	if cap(m.deferred) > maxKept {
		m.deferred = nil
	}
	if m.generation++; len(m.table) > maxKept || m.generation == 0 {
		m.table = nil
	}
	for _, key := range keys {
		python.FromAddr(key).DecRef()
	}
	if m.keys == nil && cap(keys) <= maxKept {
		m.keys = keys[:0]
	}
}

// each visits the objects with the slots they have.
func (m *memo) each(visit func(o python.Object, slot int) error) error {
	for _, key := range m.keys {
		o := python.FromAddr(key)
		slot, _ := m.get(o)
		if err := visit(o, slot); err != nil {
			return err
		}
	}
	return nil
}

// memoMark is a state of a memo to which it can be rolled back.
type memoMark struct{ keys, slots int }

func (m *memo) mark() memoMark { return memoMark{len(m.keys), m.slots} }

// rollBack forgets what was put since mark.
func (m *memo) rollBack(mark memoMark) {
	m.forgetDeferred()
	m.sameKeys = m.sameKeys[:0]
	if mark.keys > len(m.keys) {
		return // cleared in between
	}
	slots := make([]uint32, mark.keys)
	for i, key := range m.keys[:mark.keys] {
		slots[i] = m.entry(key).slot
	}
	gone := append([]uintptr(nil), m.keys[mark.keys:]...)
	m.keys, m.slots = m.keys[:mark.keys], mark.slots
	if m.table != nil {
		m.init(len(m.table))
		for i, key := range m.keys {
			*m.entry(key) = memoEntry{key, slots[i], m.generation}
		}
	}
	for _, key := range gone {
		python.FromAddr(key).DecRef()
	}
}

// set gives an object a slot of the caller's choice: Pickler.memo = ....
func (m *memo) set(o python.Object, slot int) {
	m.put(o)
	m.entry(o.Addr()).slot = uint32(slot)
}
