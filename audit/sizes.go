package audit

// How much is made while loading. A few bytes of a stream can ask for all the memory that there
// is, or for work without end: bytes(10**11), 'x' * 10**10, list(range(10**9)). What a function
// makes when somebody calls it is the caller's to bound.

import (
	"math"
	"math/big"
	"math/bits"
	"regexp"
)

const (
	// maxMade is how many bytes one call may make while loading.
	maxMade = 1 << 26
	// perItem is what an item of a container takes: a reference, and an object as small as an int.
	perItem = 8 + 28
	// maxWait is how many seconds one call may wait while loading.
	maxWait = 60

	endless = math.MaxInt64
)

// makes notes that so many bytes are made.
func (x *examiner) makes(what string, n int64) {
	if x.when == OnLoad && x.lazy == 0 && n > maxMade {
		x.problem("size", "%s may make more than %d MiB", what, maxMade>>20)
	}
}

// goesThrough notes that all items of a container or iterator are taken, one after the other.
func (x *examiner) goesThrough(v value) {
	switch v := v.(type) {
	case *list:
		if v.kind == "range" { // the items of others are there
			x.makes("going through a range", times(v.size, perItem))
		}
	case *iterator:
		x.makes("going through an iterator", times(v.size, perItem))
	}
}

// times and plus are a product and a sum of sizes.
func times(a, b int64) int64 {
	if a <= 0 || b <= 0 {
		return 0
	}
	high, low := bits.Mul64(uint64(a), uint64(b))
	if high != 0 || low > endless {
		return endless
	}
	return int64(low)
}

func plus(a, b int64) int64 {
	if a > endless-b {
		return endless
	}
	return a + b
}

// amount is an int as a size, 0 where it isn't known.
func amount(v value) int64 {
	var most int64
	for _, v := range each(v) {
		switch n := number(v).(type) {
		case int64:
			most = max(most, n)
		case float64:
			if n > 0 {
				most = max(most, int64(min(n, 1<<62)))
			}
		case *big.Int:
			if n.Sign() > 0 {
				most = endless
			}
		}
	}
	return most
}

// shape is the number of items of an array of this shape, an int or a tuple of ints.
func shape(v value) int64 {
	var dimensions []value
	switch v := v.(type) {
	case *tuple:
		dimensions = v.items
	case *list:
		dimensions = v.items
	default:
		return amount(v)
	}
	n := int64(1)
	for _, d := range dimensions {
		n = times(n, amount(d))
	}
	return n
}

// sizeOf is how many bytes a text has, or takes that many for the items of a container, 0 where that isn't known.
func sizeOf(v value) int64 {
	switch v := v.(type) {
	case string:
		return int64(len(v))
	case octets:
		return int64(len(v))
	case *tuple:
		return int64(len(v.items)) * perItem
	case *list:
		return times(itemsOf(v), perItem)
	case *dict:
		return int64(len(v.keys)) * 2 * perItem
	case *iterator:
		return times(v.size, perItem)
	case *unknown:
		return v.size
	case *few:
		var most int64
		for _, v := range v.values {
			most = max(most, sizeOf(v))
		}
		return most
	}
	return 0
}

// bitsOf is how many bits an int has, 0 for what isn't known to be one of more than one bit.
func bitsOf(v value) int64 {
	switch n := number(v).(type) {
	case int64:
		if n > 1 || n < -1 {
			return int64(bits.Len64(uint64(max(n, -n))))
		}
	case *big.Int:
		return int64(n.BitLen())
	case *unknown:
		if n.kind == "int" {
			return times(n.size, 8)
		}
	}
	return 0
}

// sizeOfOperator is how many bytes the result of an operator has, 0 for few.
func sizeOfOperator(op string, a, b value) int64 {
	switch op {
	case "+":
		if sizeOf(a) > 0 && sizeOf(b) > 0 {
			return plus(sizeOf(a), sizeOf(b))
		}
	case "*":
		if n := amount(b); n > 0 && bitsOf(a) == 0 {
			return times(sizeOf(a), n)
		}
		if n := amount(a); n > 0 && bitsOf(b) == 0 {
			return times(sizeOf(b), n)
		}
		return plus(bitsOf(a), bitsOf(b)) / 8
	case "**":
		return times(bitsOf(a), amount(b)) / 8
	case "<<":
		if typeOf(number(a)) == "int" && number(a) != value(int64(0)) {
			return plus(bitsOf(a), amount(b)) / 8
		}
	case "%":
		if format, ok := a.(string); ok {
			return sizeOfPercent(format, b)
		}
	}
	return 0
}

// percentWidth is the width or the precision of a conversion of the operator %, braceWidth
// what str.format is told about one.
var (
	percentWidth = regexp.MustCompile(`%(?:\([^)]*\))?[-#0 +]*(\d+|\*)?(?:\.(\d+|\*))?`)
	braceWidth   = regexp.MustCompile(`:[^{}]*`)
)

// sizeOfPercent is the widest conversion; a * takes its width from the arguments.
func sizeOfPercent(format string, args value) (most int64) {
	for _, widths := range percentWidth.FindAllStringSubmatch(format, -1) {
		for _, w := range widths[1:] {
			if most = max(most, widest(w)); w != "*" {
				continue
			}
			if t, ok := args.(*tuple); ok {
				for _, v := range t.items {
					most = max(most, amount(v))
				}
			}
		}
	}
	return most
}

// widestIn is the widest of what str.format is told to make.
func widestIn(self value) (most int64) {
	if s, ok := self.(string); ok {
		for _, spec := range braceWidth.FindAllString(s, -1) {
			most = max(most, widest(spec))
		}
	}
	return most
}

// widest is the largest number in a format.
func widest(format string) (most int64) {
	n := int64(0)
	for _, c := range []byte(format) {
		if c < '0' || c > '9' {
			n = 0
			continue
		}
		n = plus(times(n, 10), int64(c-'0'))
		most = max(most, n)
	}
	return most
}

// sized is what a call gave, with the size that its arguments say it has.
func sized(v value, size int64) value {
	switch u := v.(type) {
	case *unknown:
		if size > u.size {
			w := *u
			w.size = size
			return &w
		}
	case *list:
		u.size = max(u.size, size/perItem)
	}
	return v
}

// distance is how many items a range has.
func distance(from, to, step int64) int64 {
	n := new(big.Int).Sub(big.NewInt(to), big.NewInt(from))
	if n.Quo(n, big.NewInt(step)); n.IsInt64() {
		return plus(n.Int64(), 1)
	}
	return endless
}

// itemsOf is how many items a container or iterator gives, 0 where that is few or isn't known.
func itemsOf(v value) int64 {
	switch v := v.(type) {
	case *tuple:
		return int64(len(v.items))
	case *list:
		return max(v.size, int64(len(v.items)))
	case *iterator:
		return max(v.size, int64(len(v.items)-v.at))
	}
	return 0
}
