package bytecode

import (
	"errors"
	"fmt"
)

// What can be wrong with the bytes of co_code. A [*CodeError] wraps one.
var (
	// ErrUnknownOpcode: the version has no such opcode. The code is of
	// another version, or it is not what co_code gives but the
	// specialized form in the interpreter's memory.
	ErrUnknownOpcode = errors.New("unknown opcode")
	// ErrHidden: the opcode stands in for one that only the interpreter
	// knows, or it is a cache entry where an instruction should be.
	ErrHidden = errors.New("opcode hides the real instruction")
	// ErrTruncated: the code ends inside an instruction.
	ErrTruncated = errors.New("code ends inside an instruction")
	// ErrArgTooBig: EXTENDED_ARG makes an argument that does not fit
	// CPython's signed 32 bits.
	ErrArgTooBig = errors.New("argument over 31 bits")
)

// CodeError tells where in co_code something is wrong.
type CodeError struct {
	Version Version
	Offset  int
	Op      byte
	Err     error
}

// Error implements error.
func (e *CodeError) Error() string {
	return fmt.Sprintf("bytecode: CPython %v, offset %d, opcode %d: %v", e.Version, e.Offset, e.Op, e.Err)
}

// Unwrap returns the sentinel error.
func (e *CodeError) Unwrap() error {
	return e.Err
}

// IndexError tells of an argument that points outside a field of the code
// object.
type IndexError struct {
	Field      string // such as "co_names"
	Index, Len int
}

// Error implements error.
func (e *IndexError) Error() string {
	return fmt.Sprintf("bytecode: index %d into %s, which has %d", e.Index, e.Field, e.Len)
}

// TableError tells where a line table or an exception table is broken. What
// was read before that place is returned beside it.
type TableError struct {
	Field  string // such as "co_linetable"
	Offset int    // of the entry, in bytes
	Reason string
}

// Error implements error.
func (e *TableError) Error() string {
	return fmt.Sprintf("bytecode: %s, offset %d: %s", e.Field, e.Offset, e.Reason)
}
