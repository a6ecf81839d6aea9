package wire

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// The kinds of error, for errors.Is. What is wrong in detail is in [*Error].
var (
	// ErrSyntax is a stream that no Python would load: an unknown opcode, a
	// stack underflow, a number that is none.
	ErrSyntax = errors.New("pickle: invalid stream")
	// ErrTruncated is a stream that ends before STOP. Such an error is an
	// io.ErrUnexpectedEOF too.
	ErrTruncated = errors.New("pickle: truncated stream")
	// ErrLimit is a stream, or a value, that goes over one of the limits set.
	ErrLimit = errors.New("pickle: limit exceeded")
	// ErrStrict is a stream that CPython's C and Python unpicklers read
	// differently, refused by a strict decoder.
	ErrStrict = errors.New("pickle: ambiguous stream")
	// ErrType is a value that does not fit where it should go.
	ErrType = errors.New("pickle: wrong type")
	// ErrProgram is an error that a function of the program returned, such as
	// a constructor. The function's own error is wrapped too.
	ErrProgram = errors.New("pickle: constructor failed")
)

// Error says where reading or writing failed and why.
type Error struct {
	// Kind is one of the Err variables of this package.
	Kind error
	// Offset is the place in the input of the opcode that failed, counted
	// from the first byte the decoder read; -1 when no one place is to blame.
	Offset int64
	// Op is the opcode that failed. It has a meaning only when Offset >= 0.
	Op Opcode
	// Path is the place in the value, as in $.agents[3].score.
	Path string
	// Msg says what is wrong.
	Msg string
	// Err is the error underneath, if there is one.
	Err error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("pickle: ")
	b.WriteString(e.Msg)
	if e.Offset >= 0 {
		fmt.Fprintf(&b, " (byte %d, %s", e.Offset, e.Op)
		if e.Path != "" && e.Path != "$" {
			b.WriteString(", at ")
			b.WriteString(e.Path)
		}
		b.WriteByte(')')
	} else if e.Path != "" {
		b.WriteString(" (at ")
		b.WriteString(e.Path)
		b.WriteByte(')')
	}
	return b.String()
}

// Unwrap gives errors.Is and errors.As the kind and the error underneath.
func (e *Error) Unwrap() []error {
	errs := make([]error, 0, 3)
	if e.Kind != nil {
		errs = append(errs, e.Kind)
	}
	if e.Kind == ErrTruncated {
		errs = append(errs, io.ErrUnexpectedEOF)
	}
	if e.Err != nil {
		errs = append(errs, e.Err)
	}
	return errs
}
