package bytecode

import (
	"fmt"
	"math/big"
	"strconv"
)

// Constants that have no Go type of their own. Tuples are []any.
type (
	// FrozenSet is a frozenset, in the order it is to be printed.
	FrozenSet []any
	// Slice is a slice, a constant from 3.14 on.
	Slice struct{ Start, Stop, Step any }
	// Ellipsis is the constant "...".
	Ellipsis struct{}
)

// The longest text for one argument, and how much a [Resolver], or a listing,
// spends on longer ones before it holds to that. A constant can be as large as
// the whole input and named by every instruction, so without a bound a listing
// could grow with the square of the input.
var (
	maxRepr  = 1000
	longText = 16 << 20
)

// Repr returns what Python's repr gives for a constant: nil (None), bool, any
// of Go's integers, *big.Int, float64, complex128, string (surrogates as
// three-byte sequences), []byte, []any (a tuple), [FrozenSet], [Slice],
// [Ellipsis] and *[Code]. For other types it is the String method's result, or
// failing that the name of the type, in angle brackets. Long results are cut.
func Repr(v any) string { return reprUpTo(v, maxRepr) }

func reprUpTo(v any, limit int) string {
	p := reprPrinter{limit: limit}
	p.value(v)
	if len(p.buf) > p.limit {
		return string(trimPartialRune(p.buf[:p.limit])) + "..."
	}
	return string(p.buf)
}

// reprPrinter stops soon after limit bytes, which also ends constants that
// contain themselves: each level writes a byte.
type reprPrinter struct {
	buf   []byte
	limit int
}

func (p *reprPrinter) value(v any) {
	switch v := v.(type) {
	case nil:
		p.text("None")
	case bool:
		if v {
			p.text("True")
		} else {
			p.text("False")
		}
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		p.text(fmt.Sprint(v))
	case *big.Int:
		p.bigInt(v)
	case float64:
		p.buf = appendFloat(p.buf, v, ".0")
	case complex128:
		p.buf = appendComplex(p.buf, v)
	case string:
		p.buf = appendString(p.buf, v, p.limit)
	case []byte:
		p.buf = appendBytes(p.buf, v, p.limit)
	case []any:
		p.tuple(v)
	case FrozenSet:
		p.frozenSet(v)
	case Slice:
		p.text("slice(")
		p.list([]any{v.Start, v.Stop, v.Step})
		p.text(")")
	case Ellipsis:
		p.text("Ellipsis")
	case *Code:
		p.text(v.String())
	case fmt.Stringer:
		p.text("<" + printable(v.String()) + ">")
	default:
		p.text(fmt.Sprintf("<%T>", v))
	}
}

func (p *reprPrinter) text(s string) {
	p.buf = append(p.buf, s...)
}

func (p *reprPrinter) tuple(items []any) {
	p.text("(")
	p.list(items)
	if len(items) == 1 {
		p.text(",")
	}
	p.text(")")
}

func (p *reprPrinter) frozenSet(items []any) {
	if len(items) == 0 {
		p.text("frozenset()")
		return
	}
	p.text("frozenset({")
	p.list(items)
	p.text("})")
}

func (p *reprPrinter) list(items []any) {
	for i, item := range items {
		if len(p.buf) > p.limit {
			return
		}
		if i > 0 {
			p.text(", ")
		}
		p.value(item)
	}
}

// Decimal digits take more than linear time to find. CPython's str(int) refuses
// more than 4,300 of them (PEP 691), which these bits take.
const maxDecimalBits = 14_284

func (p *reprPrinter) bigInt(n *big.Int) {
	if n.BitLen() > maxDecimalBits {
		p.text("<int of " + strconv.Itoa(n.BitLen()) + " bits>")
		return
	}
	p.text(n.String())
}
