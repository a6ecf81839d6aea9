package pickle

// Where values come from. A decode does not note it; after a typed decode has
// failed, the stream is run once more with a tracer that does.

import (
	"errors"
	"unsafe"
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
	if t, ok := v.(Tuple); ok {
		return unsafe.SliceData(t)
	}
	if hasIdentity(v) {
		return v
	}
	if s, ok := v.(*FrozenSet); ok {
		return s
	}
	return nil
}

// after notes what an opcode at an offset has done to the stack.
func (t *tracer) after(op Opcode, offset int64, stack []any) {
	n := len(stack)
	switch op {
	case OpAppend, OpAppends, OpSetItem, OpSetItems, OpAddItems, OpBuild:
		t.put(stack[n-1], t.origins[n:])
		t.origins = t.origins[:n]
	case OpTuple, OpTuple1, OpTuple2, OpTuple3, OpList, OpDict, OpFrozenSet:
		t.put(stack[n-1], t.origins[n-1:])
		t.origins = append(t.origins[:n-1], offset)
	case OpReduce, OpNewObj, OpNewObjEx, OpInst, OpObj, OpStackGlobal, OpBinPersID, OpReadonlyBuffer:
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

// locate adds to the error of a typed decode which byte and opcode the value came from.
func (cfg *config) locate(err error, data []byte, base int64) error {
	var e *Error
	if err == nil || !errors.As(err, &e) || e.Offset >= 0 || e.Path == "" {
		return err
	}
	// The program's own functions are not called a second time: a value that
	// they made is a place of its own anyway.
	again := config{limits: cfg.limits, strings: cfg.strings, buffers: cfg.buffers, symbolic: cfg.symbolic,
		keepNames: cfg.keepNames, extensions: cfg.extensions, noCopy: true}
	m := newMachine(&again)
	defer m.release()
	m.trace = &tracer{parts: map[any][]int64{}}
	m.data, m.base = data, base
	root, rerr := m.run()
	if rerr != nil || len(m.trace.origins) == 0 {
		return err
	}
	offset := m.trace.origins[len(m.stack)-1]
	for i := len(e.steps) - 1; i >= 0; i-- {
		v, from, ok := m.trace.step(root, e.steps[i])
		if !ok {
			break
		}
		root, offset = v, from
	}
	e.Offset, e.Op = offset, Opcode(data[offset-base])
	return err
}

// step follows one step of a path.
func (t *tracer) step(v any, step any) (part any, origin int64, ok bool) {
	i, isIndex := step.(int)
	parts := t.parts[partKey(v)]
	switch c := v.(type) {
	case *List:
		if isIndex && i < len(c.Items) && len(parts) == len(c.Items) {
			return c.Items[i], parts[i], true
		}
	case Tuple:
		if isIndex && i < len(c) && len(parts) == len(c) {
			return c[i], parts[i], true
		}
	case *Dict:
		for n := range c.entries {
			if len(parts) != 2*len(c.entries) {
				break
			}
			if equalForeign(c.entries[n].Key, step) {
				return c.entries[n].Value, parts[2*n+1], true
			}
		}
	case *Object:
		if isIndex {
			return t.step(c.Args, step)
		}
		for n := len(c.Updates) - 1; n >= 0; n-- {
			states := []any{c.Updates[n].Value}
			if pair, ok := c.Updates[n].Value.(Tuple); ok && c.Updates[n].Op == OpBuild {
				states = pair
			}
			for _, s := range states {
				if d, ok := s.(*Dict); ok {
					if part, origin, ok := t.step(d, step); ok {
						return part, origin, true
					}
				}
			}
		}
	}
	return nil, 0, false
}
