package typed

// The way around for items that are not of the shape their Go type has in
// streams: the machine runs them, and the rest of their batch.

import (
	"reflect"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/machine"
)

// rest decodes values up to the opcode that takes them together with what is
// before them.
func (t *typed) rest() ([]any, bool) {
	if t.dead {
		return nil, false
	}
	if t.part == nil {
		t.part = machine.NewPart(t.cfg, t.data, t)
	}
	values, end, ok := t.part.Run(t.pos, t.limit-t.depth, len(t.memo))
	if !ok {
		t.dead = true
		return nil, false
	}
	t.pos = end
	for n := t.part.Filled(); len(t.memo) < n; {
		t.memo = append(t.memo, inMachine)
	}
	return values, true
}

// Str is a str that this decoder has read, for the machine.
func (t *typed) Str(number int64) (string, bool) {
	if number < 0 || number >= int64(len(t.memo)) || t.memo[number] == inMachine {
		return "", false
	}
	return t.remembered(int(number))
}

// assignTo stores a generic value.
func (t *typed) assignTo(p *decPlan, dst unsafe.Pointer, v any) bool {
	return p.assign(&t.a, v, reflect.NewAt(p.typ, dst).Elem()) == nil
}
