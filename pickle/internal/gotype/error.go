package gotype

// Errors that grow the place in the value where they happened.

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

// Public makes the error of this package of a typeError.
func Public(err error) error {
	var te *Error
	if !errors.As(err, &te) {
		return err
	}
	return te.Public()
}

// Error is an error on its way out; each level adds its step.
type Error struct {
	Kind  error
	Msg   string
	Err   error
	Steps []any // int for an index, otherwise a key; innermost first
}

func (e *Error) Error() string { return e.Msg }

func (e *Error) Public() *wire.Error {
	var p value.PathBuilder
	p.Root()
	for i := len(e.Steps) - 1; i >= 0; i-- {
		if p.Len() >= value.MaxPathSteps {
			break
		}
		if n, ok := e.Steps[i].(int); ok {
			p.Index(n)
		} else {
			p.Key(e.Steps[i])
		}
	}
	return &wire.Error{Kind: e.Kind, Offset: -1, Path: p.String(), Msg: e.Msg, Err: e.Err}
}

// At adds a step to an error.
func At(step any, err error) error {
	te, ok := err.(*Error)
	if !ok {
		te = &Error{Kind: wire.ErrProgram, Msg: err.Error(), Err: err}
	}
	te.Steps = append(te.Steps, step)
	return te
}

func Mismatch(v any, t reflect.Type) error {
	return &Error{Kind: wire.ErrType, Msg: fmt.Sprintf("%s does not fit into Go type %s", value.TypeName(v), t)}
}

func Mismatchf(format string, args ...any) error {
	return &Error{Kind: wire.ErrType, Msg: fmt.Sprintf(format, args...)}
}
