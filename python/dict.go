package python

/*
#cgo noescape dict_next
#cgo nocallback dict_next
#include "shims.h"
static Py_ssize_t dict_size(ref o) { return py.PyDict_Size((PyObject *)o); }
static void *dict_new(void) { return py.PyDict_New(); }
static void *dict_copy(ref d) { return py.PyDict_Copy((PyObject *)d); }
static int dict_set(ref d, ref k, ref v) { return py.PyDict_SetItem((PyObject *)d, (PyObject *)k, (PyObject *)v); }
static int dict_del(ref d, ref k) { return py.PyDict_DelItem((PyObject *)d, (PyObject *)k); }

struct pair { Py_ssize_t pos; void *key, *value; };
static int dict_next(ref d, struct pair *p) {
    return py.PyDict_Next((PyObject *)d, &p->pos, (PyObject **)&p->key, (PyObject **)&p->value);
}
*/
import "C"

import "unsafe"

// DictSize is len(d).
func DictSize(d Object) int {
	if !fast {
		return portableDictSize(d)
	}
	return *(*int)(unsafe.Add(d.p, offDictUsed))
}

// A DictIter walks a dict as PyDict_Next does: in insertion order, over the dict
// as it is at each step. It is the caller's to notice that the size changed.
type DictIter struct {
	dict Object
	pos  int
}

// IterDict starts a walk over d, which must outlive it.
func IterDict(d Object) DictIter { return DictIter{dict: d} }

// IterDictFrom starts a walk at entry number i of what StrItems views.
func IterDictFrom(d Object, i int) DictIter { return DictIter{d, i} }

// Next gives the next key and value, borrowed, or ok false at the end.
func (it *DictIter) Next() (key, value Object, ok bool) {
	if !fast {
		return it.portableNext()
	}
	base := *(*unsafe.Pointer)(unsafe.Add(it.dict.p, offDictKeys))
	if values := *(*unsafe.Pointer)(unsafe.Add(it.dict.p, offDictValues)); values != nil {
		return it.splitNext(values)
	}
	if !current.dictLog2 {
		return it.next310()
	}
	// As readDictKeys, which is too slow for a step of a walk.
	shape := *(*uint32)(unsafe.Add(base, 8))
	entry := unsafe.Add(base, 32+uintptr(1)<<(shape>>8&0xff))
	stride := uintptr(16)
	if shape>>16&0xff == 0 {
		stride = 24
		entry = unsafe.Add(entry, 8)
	}
	entry = unsafe.Add(entry, uintptr(it.pos)*stride)
	for n := *(*int)(unsafe.Add(base, 24)); it.pos < n; entry = unsafe.Add(entry, stride) {
		it.pos++
		if value := *(*unsafe.Pointer)(unsafe.Add(entry, 8)); value != nil {
			return Object{*(*unsafe.Pointer)(entry)}, Object{value}, true
		}
	}
	return Nil, Nil, false
}

func (it *DictIter) next310() (key, value Object, ok bool) {
	keys := readDictKeys(it.dict)
	for it.pos < keys.count {
		i := it.pos
		it.pos++
		if value := keys.value(i); !value.IsNil() {
			return keys.key(i), value, true
		}
	}
	return Nil, Nil, false
}

func (it *DictIter) splitNext(values unsafe.Pointer) (key, value Object, ok bool) {
	if it.pos >= at[int](it.dict, offDictUsed) {
		return Nil, Nil, false
	}
	slot := splitSlot(values, it.pos)
	it.pos++
	if !current.dictLog2 {
		keys := readDictKeys(it.dict)
		return keys.key(slot), splitValue(values, slot), true
	}
	base := *(*unsafe.Pointer)(unsafe.Add(it.dict.p, offDictKeys))
	entries := unsafe.Add(base, 32+uintptr(1)<<*(*uint8)(unsafe.Add(base, 9)))
	return Object{*(*unsafe.Pointer)(unsafe.Add(entries, uintptr(slot)*16))}, splitValue(values, slot), true
}

//go:noinline
func (it *DictIter) portableNext() (key, value Object, ok bool) {
	p := C.struct_pair{pos: C.Py_ssize_t(it.pos)}
	if C.dict_next(it.dict.ref(), &p) == 0 {
		return Nil, Nil, false
	}
	it.pos = int(p.pos)
	return Object{p.key}, Object{p.value}, true
}

// A StrItem is an entry of a dict all of whose keys are str: a key and its value,
// which is Nil for a deleted entry.
type StrItem struct{ Key, Value Object }

// StrItems views the entries of a dict, deleted ones among them, in order. The
// view is dead after any call that can run Python code. ok is false where the
// dict has other keys, keeps its values apart, or is older than 3.11, and on the
// portable path.
func StrItems(d Object) (items []StrItem, ok bool) {
	if !fast || !current.dictLog2 || *(*unsafe.Pointer)(unsafe.Add(d.p, offDictValues)) != nil {
		return nil, false
	}
	base := *(*unsafe.Pointer)(unsafe.Add(d.p, offDictKeys))
	if *(*uint8)(unsafe.Add(base, 10)) == 0 { // DICT_KEYS_GENERAL
		return nil, false
	}
	n := *(*int)(unsafe.Add(base, 24))
	if n == 0 {
		return nil, true // what all empty dicts share can hold no entries
	}
	entries := unsafe.Add(base, 32+uintptr(1)<<*(*uint8)(unsafe.Add(base, 9)))
	return unsafe.Slice((*StrItem)(entries), n), true
}

// dictKeys is a view of a PyDictKeysObject.
//
//	3.10:  refcnt, size, lookup, usable, nentries        (5 words), indices, entries
//	3.11+: refcnt, log2 size|log2 index bytes|kind|version, usable, nentries, indices, entries
//
// An entry is {hash, key, value}, or {key, value} where all keys are str (3.11+).
type dictKeys struct {
	mask    uintptr        // number of slots - 1
	indices unsafe.Pointer // one slot each, of width bytes
	width   uint8          // log2 of the bytes of an index
	entries unsafe.Pointer
	stride  uintptr
	hashed  uintptr // 8 when an entry starts with its hash
	count   int     // entries, deleted ones among them
}

func readDictKeys(d Object) dictKeys {
	base := *(*unsafe.Pointer)(unsafe.Add(d.p, offDictKeys))
	if !current.dictLog2 {
		size := *(*uintptr)(unsafe.Add(base, 8))
		k := dictKeys{
			mask: size - 1, indices: unsafe.Add(base, 40), stride: 24, hashed: 8,
			count: *(*int)(unsafe.Add(base, 32)),
		}
		switch {
		case size <= 0xff:
		case size <= 0xffff:
			k.width = 1
		case size <= 0xffffffff:
			k.width = 2
		default:
			k.width = 3
		}
		k.entries = unsafe.Add(k.indices, size<<k.width)
		return k
	}
	log2 := *(*[3]uint8)(unsafe.Add(base, 8)) // size, bytes of all indices, kind
	k := dictKeys{
		mask: 1<<log2[0] - 1, indices: unsafe.Add(base, 32), width: log2[1] - log2[0],
		count: *(*int)(unsafe.Add(base, 24)), stride: 16,
	}
	k.entries = unsafe.Add(k.indices, uintptr(1)<<log2[1])
	if log2[2] == 0 { // DICT_KEYS_GENERAL
		k.stride, k.hashed = 24, 8
	}
	return k
}

func (k *dictKeys) key(i int) Object {
	return Object{*(*unsafe.Pointer)(unsafe.Add(k.entries, uintptr(i)*k.stride+k.hashed))}
}

func (k *dictKeys) value(i int) Object {
	return Object{*(*unsafe.Pointer)(unsafe.Add(k.entries, uintptr(i)*k.stride+k.hashed+8))}
}

// index is the entry number in slot i, or a negative number: -1 empty, -2 deleted.
func (k *dictKeys) index(i uintptr) int {
	switch k.width {
	case 0:
		return int(*(*int8)(unsafe.Add(k.indices, i)))
	case 1:
		return int(*(*int16)(unsafe.Add(k.indices, i*2)))
	case 2:
		return int(*(*int32)(unsafe.Add(k.indices, i*4)))
	}
	return int(*(*int64)(unsafe.Add(k.indices, i*8)))
}

// splitSlot is the entry that was inserted as number i into a dict whose values
// lie apart from its keys: an instance's __dict__.
//
//	3.10:       values are dense, in order
//	3.11, 3.12: a byte each, growing down from 2 bytes before the values
//	3.13+:      a byte each, after the values
func splitSlot(values unsafe.Pointer, i int) int {
	switch {
	case current.dictInline:
		capacity := uintptr(*(*uint8)(values))
		return int(*(*uint8)(unsafe.Add(values, 8+capacity*8+uintptr(i))))
	case current.dictLog2:
		return int(*(*uint8)(unsafe.Add(values, -3-i)))
	}
	return i
}

func splitValue(values unsafe.Pointer, slot int) Object {
	if current.dictInline {
		values = unsafe.Add(values, 8)
	}
	return Object{*(*unsafe.Pointer)(unsafe.Add(values, uintptr(slot)*8))}
}

// find walks the probe sequence of Objects/dictobject.c for a hash, and gives
// the first entry that same accepts, or -1.
func (k *dictKeys) find(hash int64, same func(entry int) bool) int {
	perturb := uintptr(hash)
	i := perturb & k.mask
	for {
		ix := k.index(i)
		if ix == -1 {
			return -1
		}
		if ix >= 0 && same(ix) {
			return ix
		}
		perturb >>= 5
		i = (i*5 + perturb + 1) & k.mask
	}
}

func dictEntry(d Object, k *dictKeys, i int) Object {
	if i < 0 {
		return Nil
	}
	if values := at[unsafe.Pointer](d, offDictValues); values != nil {
		return splitValue(values, i)
	}
	return k.value(i)
}

// offStrHash is where a str caches its hash, -1 until it is known.
const offStrHash = 24

// DictGetStr is d.get(key) for a key that is exactly a str: borrowed, or Nil.
// No Python code runs unless the dict has keys that are not str.
func DictGetStr(d, key Object) (Object, error) {
	if !fast {
		return DictGet(d, key)
	}
	hash := at[int64](key, offStrHash)
	base := *(*unsafe.Pointer)(unsafe.Add(d.p, offDictKeys))
	if hash == -1 || !current.dictLog2 || *(*uint8)(unsafe.Add(base, 10)) == 0 {
		return dictGetStrGeneral(d, key, hash)
	}
	// All keys are str: the probe sequence of Objects/dictobject.c.
	k := dictKeys{
		mask: 1<<*(*uint8)(unsafe.Add(base, 8)) - 1, indices: unsafe.Add(base, 32),
		width: *(*uint8)(unsafe.Add(base, 9)) - *(*uint8)(unsafe.Add(base, 8)),
	}
	items := unsafe.Add(k.indices, uintptr(1)<<*(*uint8)(unsafe.Add(base, 9)))
	perturb := uintptr(hash)
	for i := perturb & k.mask; ; i = (i*5 + perturb + 1) & k.mask {
		if ix := k.index(i); ix >= 0 {
			item := (*StrItem)(unsafe.Add(items, uintptr(ix)*16))
			if item.Key == key || at[int64](item.Key, offStrHash) == hash && sameText(item.Key, key) {
				if values := *(*unsafe.Pointer)(unsafe.Add(d.p, offDictValues)); values != nil {
					return splitValue(values, ix), nil
				}
				return item.Value, nil
			}
		} else if ix == -1 {
			return Nil, nil
		}
		perturb >>= 5
	}
}

func dictGetStrGeneral(d, key Object, hash int64) (Object, error) {
	if hash == -1 {
		return DictGet(d, key)
	}
	k := readDictKeys(d)
	foreign := false
	i := k.find(hash, func(entry int) bool {
		other := k.key(entry)
		if other == key {
			return true
		}
		if k.hashed != 0 && *(*int64)(unsafe.Add(k.entries, uintptr(entry)*k.stride)) != hash {
			return false
		}
		if other.Type() != StrType {
			foreign = true
			return true
		}
		return at[int64](other, offStrHash) == hash && sameText(key, other)
	})
	if foreign {
		return DictGet(d, key)
	}
	return dictEntry(d, &k, i), nil
}

// sameText reports whether two strings have the same code points. Strings of
// different kinds never do, since the kind is always the smallest that fits.
func sameText(a, b Object) bool {
	if at[int](a, offStrLength) != at[int](b, offStrLength) {
		return false
	}
	kindA, asciiA, dataA, okA := strData(a)
	kindB, asciiB, dataB, okB := strData(b)
	if !okA || !okB {
		return String(a) == String(b)
	}
	if kindA != kindB || asciiA != asciiB {
		return false
	}
	n := at[int](a, offStrLength) * kindA
	return unsafe.String((*byte)(dataA), n) == unsafe.String((*byte)(dataB), n)
}

// DictGetType is d.get(t) for a key that is a type: borrowed, or Nil.
func DictGetType(d, t Object) (Object, error) {
	if !fast || !hashesByIdentity(t.Type()) {
		return DictGet(d, t)
	}
	if at[int](d, offDictUsed) == 0 {
		return Nil, nil
	}
	if !current.dictLog2 {
		return dictGetType310(d, t)
	}
	base := *(*unsafe.Pointer)(unsafe.Add(d.p, offDictKeys))
	if *(*uint8)(unsafe.Add(base, 10)) != 0 { // only str keys: none
		return Nil, nil
	}
	hash := hashOfPointer(t)
	k := dictKeys{
		mask: 1<<*(*uint8)(unsafe.Add(base, 8)) - 1, indices: unsafe.Add(base, 32),
		width: *(*uint8)(unsafe.Add(base, 9)) - *(*uint8)(unsafe.Add(base, 8)),
	}
	items := unsafe.Add(k.indices, uintptr(1)<<*(*uint8)(unsafe.Add(base, 9)))
	perturb := uintptr(hash)
	for i := perturb & k.mask; ; i = (i*5 + perturb + 1) & k.mask {
		if ix := k.index(i); ix >= 0 {
			item := (*hashedItem)(unsafe.Add(items, uintptr(ix)*unsafe.Sizeof(hashedItem{})))
			if item.key == t {
				return item.value, nil
			}
			if item.hash == hash && !hashesByIdentity(item.key.Type()) {
				return DictGet(d, t) // a key that says itself what it equals is asked
			}
		} else if ix == -1 {
			return Nil, nil
		}
		perturb >>= 5
	}
}

// hashedItem is PyDictKeyEntry.
type hashedItem struct {
	hash       int64
	key, value Object
}

// hashOfPointer is _Py_HashPointer.
func hashOfPointer(o Object) int64 {
	addr := o.Addr()
	return int64(addr>>4 | addr<<60)
}

func dictGetType310(d, t Object) (Object, error) {
	hash := hashOfPointer(t)
	k := readDictKeys(d)
	foreign := false
	i := k.find(hash, func(entry int) bool {
		if k.key(entry) == t {
			return true
		}
		foreign = *(*int64)(unsafe.Add(k.entries, uintptr(entry)*k.stride)) == hash && !hashesByIdentity(k.key(entry).Type())
		return foreign
	})
	if foreign {
		return DictGet(d, t)
	}
	return dictEntry(d, &k, i), nil
}

// DictGetWeak is what a dict whose keys are weak references to classes, the data
// of a weakref.WeakKeyDictionary, has for class t: borrowed, or Nil.
func DictGetWeak(d, t Object) (Object, error) {
	if !fast || !hashesByIdentity(t.Type()) {
		key := NewWeakref(t)
		if key.IsNil() {
			return Nil, ErrPython
		}
		defer key.DecRef()
		return DictGet(d, key)
	}
	hash := hashOfPointer(t)
	k := readDictKeys(d)
	if k.hashed == 0 { // only str keys: none
		return Nil, nil
	}
	return dictEntry(d, &k, k.find(hash, func(entry int) bool {
		return *(*int64)(unsafe.Add(k.entries, uintptr(entry)*k.stride)) == hash &&
			objectAt(k.key(entry), offWeakrefObject) == t
	})), nil
}

// DictGet is d.get(key): borrowed, or Nil. It can run Python code: __hash__ and __eq__.
func DictGet(d, key Object) (Object, error) { return optional(C.cp_dict_get(d.ref(), key.ref())) }

// DictStamp is a number that changes with every change of d and that no two
// dicts share (ma_version_tag, PEP 509), or 0 where the interpreter has none:
// from 3.14 on, and on the portable path.
func DictStamp(d Object) uint64 {
	if !fast || minorVersion >= 14 {
		return 0
	}
	const offVersionTag = 24
	stamp := at[uint64](d, offVersionTag)
	if minorVersion >= 12 {
		stamp >>= 12 // below are the bits of dict watchers
	}
	return stamp
}

// SameKeys reports whether d has exactly these keys, in this order, by identity.
func SameKeys(d Object, keys []Object) bool {
	if DictSize(d) != len(keys) {
		return false
	}
	if items, ok := StrItems(d); ok { // all of sys.modules is compared at each dump from 3.14 on
		n := 0
		for i := range items {
			if items[i].Value.IsNil() {
				continue
			}
			if n == len(keys) || items[i].Key != keys[n] {
				return false
			}
			n++
		}
		return n == len(keys)
	}
	it := IterDict(d)
	for _, want := range keys {
		if key, _, ok := it.Next(); !ok || key != want {
			return false
		}
	}
	return true
}

// NewDict makes an empty dict: a new reference, or Nil.
func NewDict() Object { return Object{C.dict_new()} }

// CopyDict is dict(d) for a dict: a new reference, or Nil.
func CopyDict(d Object) Object { return Object{C.dict_copy(d.ref())} }

// DictSet is d[key] = value; the dict takes its own references.
func DictSet(d, key, value Object) error {
	if C.dict_set(d.ref(), key.ref(), value.ref()) < 0 {
		return ErrPython
	}
	return nil
}

// DictDel is del d[key].
func DictDel(d, key Object) error {
	if C.dict_del(d.ref(), key.ref()) < 0 {
		return ErrPython
	}
	return nil
}

//go:noinline
func portableDictSize(d Object) int { return int(C.dict_size(d.ref())) }
