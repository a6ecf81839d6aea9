package machine

// Where values come from. A decode does not note it; after a typed decode has
// failed, the stream is run once more with a tracer that does.

import (
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

// tracer notes the offset of the opcode that pushed each value.
//
// Invariant: after each opcode len(origins) is the height of the stack.
type tracer struct {
	origins []int64
	// parts are the origins of what went into a container, in order.
	parts map[any][]int64
}

// partKey is the identity of a container: its pointer, or that of a tuple's first item.
func partKey(v any) any {
	if t, ok := v.(value.Tuple); ok {
		if len(t) == 0 {
			return nil // all empty ones are one
		}
		return unsafe.SliceData(t)
	}
	if value.HasIdentity(v) {
		return v
	}
	if s, ok := v.(*value.FrozenSet); ok {
		return s
	}
	return nil
}

// after notes what an opcode at an offset has done to the stack.
func (t *tracer) after(op wire.Opcode, offset int64, stack []any) {
	n := len(stack)
	switch op {
	case wire.OpAppend, wire.OpAppends, wire.OpSetItem, wire.OpSetItems, wire.OpAddItems, wire.OpBuild:
		t.put(stack[n-1], t.origins[n:])
		t.origins = t.origins[:n]
	case wire.OpTuple, wire.OpTuple1, wire.OpTuple2, wire.OpTuple3, wire.OpList, wire.OpDict, wire.OpFrozenSet:
		t.put(stack[n-1], t.origins[n-1:])
		t.origins = append(t.origins[:n-1], offset)
	case wire.OpReduce, wire.OpNewObj, wire.OpNewObjEx, wire.OpInst, wire.OpObj, wire.OpStackGlobal, wire.OpBinPersID, wire.OpReadonlyBuffer:
		t.origins = append(t.origins[:n-1], offset)
	default:
		if n > len(t.origins) {
			t.origins = append(t.origins, offset)
		}
		t.origins = t.origins[:n]
	}
}

func (t *tracer) put(container any, origins []int64) {
	if k := partKey(container); k != nil {
		t.parts[k] = append(t.parts[k], origins...)
	}
}

// step follows one step of a path.
func (t *tracer) step(v any, step any) (part any, origin int64, ok bool) {
	i, isIndex := step.(int)
	parts := t.parts[partKey(v)]
	switch c := v.(type) {
	case *value.List:
		if isIndex && i < len(c.Items) && len(parts) == len(c.Items) {
			return c.Items[i], parts[i], true
		}
	case value.Tuple:
		if isIndex && i < len(c) && len(parts) == len(c) {
			return c[i], parts[i], true
		}
	case *value.Dict:
		entries := value.EntriesIn(c)
		for n := range entries {
			if len(parts) != 2*len(entries) {
				break
			}
			if value.EqualForeign(entries[n].Key, step) {
				return entries[n].Value, parts[2*n+1], true
			}
		}
	case *value.Object:
		if isIndex {
			return t.step(c.Args, step)
		}
		for n := len(c.Updates) - 1; n >= 0; n-- {
			states := []any{c.Updates[n].Value}
			if pair, ok := c.Updates[n].Value.(value.Tuple); ok && c.Updates[n].Op == wire.OpBuild {
				states = pair
			}
			for _, s := range states {
				if d, ok := s.(*value.Dict); ok {
					if part, origin, ok := t.step(d, step); ok {
						return part, origin, true
					}
				}
			}
		}
	}
	return nil, 0, false
}

// Origin is the offset of the opcode that a place in the value of a pickle came
// from, and the opcode; the steps to the place are innermost first. The
// program's own functions are not called a second time: a value that they made is
// a place of its own anyway.
func (cfg *Config) Origin(data []byte, base int64, steps []any) (offset int64, op wire.Opcode, ok bool) {
	again := Config{Limits: cfg.Limits, Strings: cfg.Strings, Buffers: cfg.Buffers, AbsentBuffers: cfg.AbsentBuffers, Symbolic: cfg.Symbolic,
		KeepNames: cfg.KeepNames, Extensions: cfg.Extensions, NoCopy: true}
	m := newMachine(&again)
	defer m.release()
	m.trace = &tracer{parts: map[any][]int64{}}
	m.data, m.base = data, base
	root, err := m.run()
	if err != nil || len(m.trace.origins) == 0 {
		return 0, 0, false
	}
	offset = m.trace.origins[len(m.stack)-1]
	for i := len(steps) - 1; i >= 0; i-- {
		v, from, ok := m.trace.step(root, steps[i])
		if !ok {
			break
		}
		root, offset = v, from
	}
	return offset, wire.Opcode(data[offset-base]), true
}
