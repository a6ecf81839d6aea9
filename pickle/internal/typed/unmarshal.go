package typed

// Typed decoding as a whole: straight from the stream, otherwise by way of a
// generic value.

import (
	"errors"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/gotype"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/machine"
)

// Unmarshal decodes the first pickle in data into the variable that v points to.
func Unmarshal(cfg *machine.Config, data []byte, v any) error {
	if Direct(cfg, data, v) > 0 {
		return nil
	}
	return Generic(cfg, data, v)
}

// Generic is unmarshalInto by way of a generic value.
func Generic(cfg *machine.Config, data []byte, v any) error {
	value, tree, err := cfg.Load(data)
	if err != nil {
		return err
	}
	return Locate(cfg, Assign(cfg, v, value, tree), data, 0)
}

// Assign stores a generic value in the variable that dst points to. Its errors
// are for locate, or public.
func Assign(cfg *machine.Config, dst, value any, tree bool) error {
	if p, ok := dst.(*any); ok && p != nil && *p == nil {
		*p = value
		return nil
	}
	a := assigner{maxDepth: cfg.Limits.Depth(), noCopy: cfg.NoCopy, tree: tree}
	return a.assign(dst, value)
}

// AssignDefault is assignValue with default limits, and with the error made public.
func AssignDefault(dst, value any) error {
	a := assigner{maxDepth: machine.DefaultMaxDepth}
	return gotype.Public(a.assign(dst, value))
}

// Locate makes the error of a typed decode, and adds which byte and opcode the value came from.
func Locate(cfg *machine.Config, err error, data []byte, base int64) error {
	var te *gotype.Error
	if !errors.As(err, &te) {
		return err
	}
	e := te.Public()
	if offset, op, ok := cfg.Origin(data, base, te.Steps); ok {
		e.Offset, e.Op = offset, op
	}
	return e
}
