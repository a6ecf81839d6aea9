package typed

// Typed decoding straight from the stream. What picklers write has the shape
// of the value, so that a reader that knows the Go type can follow it downwards:
// an EMPTY_LIST where a slice is wanted, the items, and the APPENDS that ends
// them. This file and those beside it do that, and give up on anything else.
//
// Where an item is not of that shape, or of a type that needs a generic value
// (time.Time, any), the machine decodes it and the rest of its batch, and the
// values are assigned (rest.go). Where that does not work either, the
// whole pickle is decoded again in the general way, which also makes the
// errors. So this decoder never has to be right about what a stream means:
// each step must only be certain, once done, that the machine would have done
// the same. The general way is its slow twin in the tests (pickle/typed_test.go).

import (
	"math"
	"reflect"
	"sort"
	"sync"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/atom"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/machine"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/mem"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// typed is one typed decode.
//
// Invariant: the memory that is filled was zero before, but for what this
// decode has put there.
type typed struct {
	mem.Store
	cfg  *machine.Config
	data []byte
	pos  int
	// depth is how deep the containers around the next value nest.
	depth, limit int32
	// memo holds, for each number, the offset of the opcode that made the
	// value, or inMachine.
	memo      []uint32
	memoLimit int
	// texts are strings made for numbers of the memo, to share them.
	texts []string
	// made are what was made for numbers of the memo, by growing number.
	made   []madePart
	states []decState
	// again counts the bytes that were read twice, after a wrong guess; when
	// that is too many the general way is cheaper.
	again int
	// dead is set when only the general way is left.
	dead bool
	a    assigner
	part *machine.Part

	// Memory for the items of short lists.
	ints       [scratch]int64
	floats     [scratch]float64
	strs       [scratch]string
	stringSlab mem.Slab[string]
	intSlab    mem.Slab[int64]
	floatSlab  mem.Slab[float64]
}

// inMachine marks a number of the memo whose value the machine holds.
const inMachine = math.MaxUint32

// scratch is how many items a list can hold before it gets memory of its own.
const scratch = 256

// madePart is a pointer, or a slice of atoms, made for a list or a dict.
type madePart struct {
	number int
	plan   *decPlan
	to     unsafe.Pointer
	len    int
}

// find is the part made for a number by a plan.
func (t *typed) find(number int, p *decPlan) (madePart, bool) {
	i := sort.Search(len(t.made), func(i int) bool { return t.made[i].number >= number })
	for ; i < len(t.made) && t.made[i].number == number; i++ {
		if t.made[i].plan == p {
			return t.made[i], true
		}
	}
	return madePart{}, false
}

// decState is what a decode knows about one plan.
type decState struct {
	// piece is memory for left values, next is how many the next piece is for.
	piece      unsafe.Pointer
	left, next int
	// order are the fields that the keys of the last dict went to.
	order []keyTurn
}

// keyTurn is a field, and the number in the memo of the key that went to it.
// A number stays that of one str through the stream.
type keyTurn struct {
	field, number int
}

var typedPool = sync.Pool{New: func() any { return new(typed) }}

// Direct fills the variable that dst points to, and returns the size
// of the pickle. If it could not, that is 0, and the variable is as it was.
func Direct(cfg *machine.Config, data []byte, dst any) int {
	if cfg.Strict || cfg.Constructors != nil || cfg.Persistent != nil || cfg.Buffers != nil || len(data) >= inMachine {
		return 0
	}
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return 0
	}
	v = v.Elem()
	p := ProgramFor(v.Type())
	if p == nil {
		return 0
	}
	t := typedPool.Get().(*typed)
	defer t.release()
	t.begin(cfg, p, data)
	if v.IsZero() {
		if t.root(p.root, v.Addr().UnsafePointer()) {
			return t.pos + 1
		}
		v.SetZero()
		return 0
	}
	// What is in the variable counts only where the value says nothing.
	switch p.root.kind {
	case intoStruct, intoMap, intoPointer, intoArray, intoOctets:
		return 0
	}
	fresh := reflect.New(v.Type())
	if !t.root(p.root, fresh.UnsafePointer()) {
		return 0
	}
	v.Set(fresh.Elem())
	return t.pos + 1
}

func (t *typed) begin(cfg *machine.Config, p *decProgram, data []byte) {
	t.cfg, t.data = cfg, data
	t.limit = cfg.Limits.Depth()
	t.memoLimit = int(min(cfg.Limits.Memo(), inMachine))
	t.Views = cfg.NoCopy
	t.a = assigner{maxDepth: t.limit, noCopy: cfg.NoCopy}
	if cap(t.states) < p.plans {
		t.states = make([]decState, p.plans)
	}
	t.states = t.states[:p.plans]
}

// release gives the decoder back, without what belongs to the caller now.
func (t *typed) release() {
	if t.part != nil {
		t.part.Release()
	}
	clear(t.states)
	memo := t.memo[:0]
	if cap(memo) > machine.KeepStack {
		memo = nil
	}
	clear(t.made)
	made := t.made[:0]
	if cap(made) > machine.KeepStack {
		made = nil
	}
	t.Store.Reset()
	t.cfg, t.data, t.pos, t.depth, t.part = nil, nil, 0, 0, nil
	t.memo, t.made, t.texts, t.states = memo, made, nil, t.states[:0]
	t.again, t.dead, t.a = 0, false, assigner{}
	t.stringSlab, t.intSlab, t.floatSlab = mem.Slab[string]{}, mem.Slab[int64]{}, mem.Slab[float64]{}
	typedPool.Put(t)
}

// root reads the whole pickle.
func (t *typed) root(p *decPlan, dst unsafe.Pointer) bool {
	if t.peek() == wire.OpProto {
		if len(t.data) < 2 || t.data[1] > wire.HighestProtocol {
			return false
		}
		t.pos = 2
	}
	return t.value(p, dst, alone) && t.peek() == wire.OpStop && t.memoryFits()
}

// memoryFits applies Limits.MaxMemory.
func (t *typed) memoryFits() bool {
	taken := t.Taken + 4*int64(cap(t.memo))
	return taken < machine.DefaultMemoryBase && t.cfg.Limits.MaxMemory == 0 || taken <= t.cfg.Limits.Memory(int64(len(t.data)))
}

// peek is the next opcode that is not FRAME, or 0 when the data ends.
func (t *typed) peek() wire.Opcode {
	if t.pos < len(t.data) {
		if op := wire.Opcode(t.data[t.pos]); op != wire.OpFrame {
			return op
		}
	}
	return t.peekFrame()
}

func (t *typed) peekFrame() wire.Opcode {
	for len(t.data)-t.pos >= 9 && wire.Opcode(t.data[t.pos]) == wire.OpFrame {
		if atom.Uint64(t.data[t.pos+1:]) > uint64(len(t.data)-t.pos-9) {
			return 0
		}
		t.pos += 9
	}
	if t.pos < len(t.data) && wire.Opcode(t.data[t.pos]) != wire.OpFrame {
		return wire.Opcode(t.data[t.pos])
	}
	return 0
}

// memoize reads the memo opcode behind a value, if there is one. The value
// was made by the opcode at start.
func (t *typed) memoize(start int) bool {
	rest := t.data[t.pos:]
	if len(rest) == 0 {
		return true
	}
	switch wire.Opcode(rest[0]) {
	case wire.OpMemoize:
		t.pos++
	case wire.OpBinPut:
		if len(rest) < 2 || int(rest[1]) != len(t.memo) {
			return false
		}
		t.pos += 2
	case wire.OpLongBinPut:
		if len(rest) < 5 || int64(atom.Uint32(rest[1:])) != int64(len(t.memo)) {
			return false
		}
		t.pos += 5
	default:
		return true
	}
	if len(t.memo) >= t.memoLimit {
		return false
	}
	t.memo = append(t.memo, uint32(start))
	return true
}

// number is the argument of BINGET or LONG_BINGET, with its length.
func (t *typed) number() (number, size int, ok bool) {
	rest := t.data[t.pos:]
	if wire.Opcode(rest[0]) == wire.OpBinGet {
		if len(rest) < 2 {
			return 0, 0, false
		}
		number, size = int(rest[1]), 2
	} else {
		if len(rest) < 5 {
			return 0, 0, false
		}
		number, size = int(atom.Uint32(rest[1:])), 5
	}
	return number, size, number < len(t.memo)
}

// enter and leave count the depth.
func (t *typed) enter() bool {
	t.depth++
	return t.depth <= t.limit
}

func (t *typed) leave() { t.depth-- }

// mark is a place to go back to.
type typedMark struct {
	pos, memo, made int
	depth           int32
}

func (t *typed) mark() typedMark {
	return typedMark{t.pos, len(t.memo), len(t.made), t.depth}
}

// back goes back after a wrong guess, and reports whether another may be made.
// What was filled since has to be cleared by the caller.
func (t *typed) back(to typedMark) bool {
	t.again += t.pos - to.pos + 1
	if t.dead || t.again > len(t.data)+64 {
		t.dead = true
		return false
	}
	t.pos, t.depth = to.pos, to.depth
	t.memo, t.made = t.memo[:to.memo], t.made[:to.made]
	if len(t.texts) > to.memo {
		clear(t.texts[to.memo:])
	}
	if t.part != nil {
		t.part.Forget(to.memo)
	}
	return true
}

// zero clears memory that may be filled in part.
func (p *decPlan) zero(dst unsafe.Pointer) { reflect.NewAt(p.typ, dst).Elem().SetZero() }
