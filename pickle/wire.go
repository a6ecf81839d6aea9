package pickle

// The names of package wire that are part of this package's interface.

import (
	"io"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// Opcode is one instruction of the pickle machine. An [Object] and its updates say
// by one how they are made; package wire has the names of all of them.
type Opcode = wire.Opcode

// The opcodes of [Object] and [Update].
const (
	OpReduce   = wire.OpReduce
	OpNewObj   = wire.OpNewObj
	OpNewObjEx = wire.OpNewObjEx
	OpInst     = wire.OpInst
	OpObj      = wire.OpObj
	OpBuild    = wire.OpBuild
	OpAppends  = wire.OpAppends
	OpSetItems = wire.OpSetItems
	OpAddItems = wire.OpAddItems
)

// HighestProtocol is the newest pickle protocol.
const HighestProtocol = wire.HighestProtocol

// The kinds of error, for errors.Is. What is wrong in detail is in [*Error].
var (
	// ErrSyntax is a stream that no Python would load: an unknown opcode, a
	// stack underflow, a number that is none.
	ErrSyntax = wire.ErrSyntax
	// ErrTruncated is a stream that ends before STOP. Such an error is an
	// io.ErrUnexpectedEOF too.
	ErrTruncated = wire.ErrTruncated
	// ErrLimit is a stream that goes over one of the [Limits].
	ErrLimit = wire.ErrLimit
	// ErrStrict is a stream that CPython's C and Python unpicklers read
	// differently, refused because of [Strict].
	ErrStrict = wire.ErrStrict
	// ErrType is a value that does not fit where it should go.
	ErrType = wire.ErrType
	// ErrProgram is an error that a function of the program returned, such as
	// a constructor. The function's own error is wrapped too.
	ErrProgram = wire.ErrProgram
)

// Error says where decoding or encoding failed and why: Kind is one of the Err
// variables, Offset the byte in the input (-1 when no one place is to blame) and
// Op the opcode there, Path the place in the value, as in $.agents[3].score.
type Error = wire.Error

// Disassembler is pickletools.dis with its arguments, see [wire.Disassembler].
type Disassembler = wire.Disassembler

// NewDisassembler returns a disassembler with the layout of pickletools.dis.
func NewDisassembler() *Disassembler { return wire.NewDisassembler() }

// Disassemble writes the opcodes of the pickles in data, one a line: offset,
// code, name, argument, and how deep the marks nest. It checks the stack and
// the memo on the way, and returns an error where they do not work out, after
// writing the lines up to there.
func Disassemble(w io.Writer, data []byte) error { return wire.Disassemble(w, data) }
