package audit

// The execution of a code object: ways through it, which part at branches that can't be
// decided and meet again.

import (
	"fmt"
	"slices"
	"strings"
)

// frame is a call of a code object that is being executed.
type frame struct {
	x       *examiner
	program *program
	globals *dict
	// names is the namespace of a class body, nil for functions, whose variables are fast.
	names *dict
	at    int // the instruction being executed
	now   *way
	ways  []*way
	meets map[int]*meeting
	back  map[int]int // how often a jump backward was taken
	seen  []bool
	// untaken are the ways that a known condition has not taken.
	untaken map[int]*way
	cover   bool

	result  value
	yielded *list
	forked  bool // there is more than one way
	broken  bool
}

// way is a state of the execution.
type way struct {
	at      int
	stack   []value
	locals  []value
	cells   []*cell // to 3.10
	blocks  []block // to 3.10
	keyword value   // 3.11 and 3.12: what KW_NAMES has left
	meet    bool    // it comes from a branch that could not be decided
}

// block is an entry of the block stack.
type block struct{ target, height int }

// meeting is what has come to an instruction after undecided branches.
type meeting struct {
	ways    []*way
	joined  *way
	changes int
	// seen is the number of changes of shared values when it was last gone on from, and again how often
	// that was for those alone.
	seen, again int
}

// A branch of which the condition isn't known is followed with each state apart so many times,
// then with what they have in common; and so often is a loop executed one round after another.
const (
	maxApart  = 4
	maxRounds = 1 << 11
	// maxChanges is how often what comes to an instruction may still become more.
	maxChanges = 32
)

func (w *way) clone() *way {
	c := newCopier()
	return &way{at: w.at, stack: c.all(w.stack), locals: c.all(w.locals), cells: c.cells(w.cells),
		blocks: slices.Clone(w.blocks), keyword: w.keyword}
}

func (c *copier) cells(cells []*cell) []*cell {
	if cells == nil {
		return nil
	}
	made := make([]*cell, len(cells))
	for i, k := range cells {
		made[i], _ = c.copy(k).(*cell)
	}
	return made
}

// run executes all ways. It reports what was returned, joined.
func (f *frame) run(w *way) {
	f.seen = make([]bool, len(f.program.ins))
	f.ways = append(f.ways, w)
	for {
		for len(f.ways) > 0 {
			w := f.ways[len(f.ways)-1]
			f.ways = f.ways[:len(f.ways)-1]
			if !f.follow(w) {
				f.broken = true
				return
			}
		}
		if !f.cover || !f.resume() {
			return
		}
	}
}

// resume takes up ways that were not taken, to instructions that nothing has reached.
func (f *frame) resume() bool {
	for at, w := range f.untaken {
		delete(f.untaken, at)
		if !f.seen[at] {
			f.ways = append(f.ways, w)
			return true
		}
	}
	return false
}

// follow executes a way to its end; it reports false if there are no steps left.
func (f *frame) follow(w *way) (ok bool) {
	defer func() {
		if p := recover(); p == errUnderflow {
			f.x.problem("opcode", "%s, offset %d: %s %v", f.program.name(), f.program.ins[f.at].Offset, f.program.ins[f.at].Name, p)
			ok = true
		} else if p != nil {
			panic(p)
		}
	}()
	for {
		if w.at < 0 || w.at >= len(f.program.ins) {
			return true // past the end, which the compiler never writes
		}
		if w.meet {
			w.meet = false
			if w = f.arrive(w); w == nil {
				return true
			}
		}
		if !f.x.step(1) {
			return false
		}
		f.at, f.now = w.at, w
		f.seen[w.at] = true
		f.x.frame = f
		in := &f.program.ins[w.at]
		w.at++
		next, err := f.execute(w, in)
		if err != nil {
			f.x.problem("opcode", "%s, offset %d: %s %v", f.program.name(), in.Offset, in.Name, err)
			return true
		}
		if !next {
			return true
		}
		f.mayRaise(w, in)
	}
}

// arrive is what to go on with where a way comes to after an undecided branch; nil for nothing new.
func (f *frame) arrive(w *way) *way {
	m := f.meets[w.at]
	if m == nil {
		m = &meeting{}
		f.meets[w.at] = m
	}
	f.x.charge(1 + (len(w.stack)+len(w.locals))/4)
	apart := maxApart
	if f.x.coarse() {
		apart = 1
	}
	if len(m.ways) < apart {
		for _, other := range m.ways {
			if w.same(other) {
				return f.again(m, w)
			}
		}
		m.ways = append(m.ways, w.clone())
		m.seen = f.x.changes
		return w
	}
	if m.joined == nil {
		m.joined = m.ways[0].clone()
		for _, other := range m.ways[1:] {
			if joined := m.joined.join(other, false); joined != nil {
				m.joined = joined
			}
		}
	}
	m.changes++
	f.x.charge(4 * (len(w.stack) + len(w.locals)))
	joined := m.joined.join(w, m.changes > 8)
	if m.changes > 12 && joined != nil {
		joined.giveUp(m.joined)
	}
	if joined == nil {
		f.x.problem("opcode", "%s: the stack has several heights at one instruction", f.program.name())
		return nil
	}
	if m.changes > 1 && joined.same(m.joined) {
		return f.again(m, joined)
	}
	if m.changes > maxChanges {
		return nil // all that it could change was given up
	}
	m.joined = joined
	m.seen = f.x.changes
	return joined.clone()
}

// again goes on with a way that has come to an instruction before if shared values have changed since, some
// times: then nothing is known of those.
func (f *frame) again(m *meeting, w *way) *way {
	const often = 1
	if m.seen == f.x.changes || m.again > often {
		return nil
	}
	if m.again++; m.again > often {
		for _, vs := range [][]value{w.stack, w.locals} {
			f.x.mayChangeAll(vs, nil)
		}
	}
	m.seen = f.x.changes
	return w.clone()
}

func (w *way) same(o *way) bool {
	if len(w.stack) != len(o.stack) || len(w.blocks) != len(o.blocks) {
		return false
	}
	for i := range w.stack {
		if !same(w.stack[i], o.stack[i], 3) {
			return false
		}
	}
	for i := range w.locals {
		if !same(w.locals[i], o.locals[i], 3) {
			return false
		}
	}
	for i := range w.cells {
		if !same(w.cells[i], o.cells[i], 3) {
			return false
		}
	}
	return true
}

// join is what two ways have in common; with widen, values that differ are given up.
func (w *way) join(o *way, widen bool) *way {
	if len(w.stack) != len(o.stack) || len(w.blocks) != len(o.blocks) {
		return nil
	}
	made := w.clone()
	both := func(a, b value) value {
		ca, oka := a.(*cell)
		cb, okb := b.(*cell)
		if oka && okb {
			if !same(ca.v, cb.v, 3) {
				ca.v = join(ca.v, cb.v)
			}
			return ca
		}
		if widen && a != nil && b != nil && grows(a) && grows(b) && !same(a, b, 3) {
			return joinLost(a, b)
		}
		switch a.(type) {
		case null, *iterator:
			if i, ok := b.(*iterator); ok && !same(a, b, 3) {
				return joinIterators(a.(*iterator), i)
			}
			return a
		}
		return join(a, b)
	}
	for i := range made.stack {
		made.stack[i] = both(made.stack[i], o.stack[i])
	}
	for i := range made.locals {
		made.locals[i] = both(made.locals[i], o.locals[i])
	}
	for i := range made.cells {
		if made.cells[i] != nil && o.cells[i] != nil {
			made.cells[i].v = join(made.cells[i].v, o.cells[i].v)
		}
	}
	return made
}

// giveUp gives up what differs from another way: it has changed too often.
func (w *way) giveUp(o *way) {
	for _, vs := range [][2][]value{{w.stack, o.stack}, {w.locals, o.locals}} {
		for i, v := range vs[0] {
			switch v.(type) {
			case null, nil:
				continue
			case *iterator:
				if other, ok := vs[1][i].(*iterator); ok && !same(v, other, 3) {
					vs[0][i] = &iterator{rest: joinLost(orGiven(v.(*iterator).rest), other.rest), size: v.(*iterator).size}
				}
				continue
			case *cell:
				if other, ok := vs[1][i].(*cell); ok && other != v && !same(v, other, 3) {
					v.(*cell).v = joinLost(orGiven(v.(*cell).v), other.v)
				}
				continue
			}
			if other := vs[1][i]; other != nil && !same(v, other, 3) {
				vs[0][i] = joinLost(v, other)
			}
		}
	}
}

// grows reports whether a loop can make ever more values like this one: those are given up early.
func grows(v value) bool {
	switch v := v.(type) {
	case string:
		return len(v) > 64
	case *few:
		for _, w := range v.values {
			if !grows(w) {
				return false
			}
		}
		return true
	case *name, *function, *class, none, bool:
		return false
	}
	return true
}

func joinIterators(a, b *iterator) value {
	var rest value
	for _, i := range []*iterator{a, b} {
		i.look()
		rest = join(rest, i.rest)
		if len(i.items) > 0 {
			rest = joinUpTo(rest, anyOf(i.items), 64)
		}
		if i.of != nil {
			rest = joinUpTo(rest, someLost(), 64)
		}
	}
	return &iterator{rest: rest, size: max(a.size, b.size)}
}

// part lets another way go to an instruction: a branch that can't be decided.
func (f *frame) part(w *way, target int) {
	f.forked = true
	other := f.copyOf(w)
	other.at = target
	other.meet = true
	f.ways = append(f.ways, other)
	w.meet = true
}

// copyOf is a copy of a way, which takes steps by its size.
func (f *frame) copyOf(w *way) *way {
	f.x.charge((len(w.stack) + len(w.locals)) / 2)
	return w.clone()
}

// remember keeps a way that is not taken, in case nothing else gets there.
func (f *frame) remember(w *way, target int) {
	if f.cover && target >= 0 && target < len(f.seen) && !f.seen[target] && f.untaken[target] == nil {
		other := w.clone()
		other.at = target
		f.untaken[target] = other
	}
}

// jump goes to an instruction. A loop that goes round too often is followed as one whose
// condition isn't known.
func (f *frame) jump(w *way, from *instruction, target int) error {
	if target < 0 {
		return errTarget
	}
	if target <= f.at {
		f.back[f.at]++
		if f.back[f.at] > f.rounds() {
			w.meet = true
		}
	}
	w.at = target
	return nil
}

// rounds is how many rounds of a loop are followed one after another.
func (f *frame) rounds() int {
	if f.x.coarse() {
		return 8
	}
	return maxRounds
}

// mayRaise lets a way go to the handler of an exception that the instruction could have raised.
func (f *frame) mayRaise(w *way, in *instruction) {
	at, depth, lasti := -1, 0, false
	if f.program.minor >= 11 {
		if len(f.program.handlers) == 0 {
			return
		}
		h := f.program.handlerOf(f.at)
		if h == nil {
			return
		}
		at, depth, lasti = h.target, h.depth, h.lasti
		if f.at != h.start && !changes(in) {
			return
		}
	} else {
		if len(w.blocks) == 0 || !changes(in) && in.Name != "SETUP_FINALLY" && in.Name != "SETUP_WITH" {
			return
		}
		b := w.blocks[len(w.blocks)-1]
		if b.target < 0 {
			return
		}
		at, depth = b.target, b.height
	}
	if depth > len(w.stack) {
		return
	}
	// Most often the handler has been seen with the same variables: look before copying.
	other := &way{at: at, stack: slices.Clone(w.stack[:depth]), locals: w.locals, cells: w.cells, blocks: w.blocks, meet: true}
	exc := &unknown{from: given, kind: "exception"}
	if f.program.minor >= 11 {
		if lasti {
			other.stack = append(other.stack, int64(0))
		}
		other.stack = append(other.stack, exc)
	} else {
		other.blocks = append(slices.Clone(w.blocks[:len(w.blocks)-1]), block{-1, depth})
		for range 2 {
			other.stack = append(other.stack, exc, exc, exc)
		}
	}
	if m := f.meets[at]; m != nil {
		if m.joined != nil && m.changes > maxChanges {
			return
		}
		for _, had := range m.ways {
			if had.same(other) && (m.seen == f.x.changes || m.again > 1) {
				return
			}
		}
	}
	f.forked = true
	f.x.charge((len(other.stack) + len(other.locals)) / 4)
	other = other.clone()
	other.meet = true
	f.ways = append(f.ways, other)
}

// changes reports whether an instruction that may raise comes with variables that are others than
// before: a look at those is enough.
func changes(in *instruction) bool {
	op := in.Name
	switch op {
	case "BINARY_OP":
		return in.Arg > inPlace
	case "STORE_FAST", "STORE_DEREF", "STORE_NAME", "STORE_FAST_LOAD_FAST", "STORE_FAST_STORE_FAST", "CALL",
		"STORE_SUBSCR", "STORE_SLICE", "STORE_ATTR", "DELETE_SUBSCR", "DELETE_ATTR", "DELETE_FAST", "DELETE_DEREF", "DELETE_NAME",
		"CALL_FUNCTION", "CALL_METHOD", "CALL_KW", "CALL_FUNCTION_KW", "CALL_FUNCTION_EX", "RAISE_VARARGS":
		return true
	}
	// Those that change a list, set or dict of a variable, to 3.10 by name.
	return strings.HasPrefix(op, "INPLACE_") || strings.HasPrefix(op, "LIST_") || strings.HasPrefix(op, "SET_") ||
		strings.HasPrefix(op, "DICT_") || op == "MAP_ADD"
}

// The stack.

var errUnderflow = fmt.Errorf("needs more values than there are")

func (w *way) push(v value) { w.stack = append(w.stack, v) }

// pop takes the topmost value. Code that asks for more than there is was made by hand: that ends
// the way, see follow.
func (w *way) pop() value { return w.popN(1)[0] }

func (w *way) popN(n int) []value {
	at := len(w.stack) - n
	if n < 0 || at < 0 {
		panic(errUnderflow)
	}
	vs := slices.Clone(w.stack[at:])
	w.stack = w.stack[:at]
	return vs
}

// top is the value that n-1 others lie on.
func (w *way) top(n int) value {
	if n < 1 || n > len(w.stack) {
		panic(errUnderflow)
	}
	return w.stack[len(w.stack)-n]
}
