package audit

// How much is made while loading. A few bytes of a stream can ask for all the memory that there
// is, or for work without end: bytes(10**11), 'x' * 10**10, list(range(10**9)). What a function
// makes when somebody calls it is the caller's to bound.

import (
	"math"
	"math/big"
	"math/bits"
	"regexp"
	"strings"
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

// A sizing is how many bytes a call makes.
type sizing func(args []value, kwargs map[string]value) int64

// sizeOfCall is how many bytes a call of a name makes, as far as its arguments say.
func (x *examiner) sizeOfCall(n name, args []value, kwargs map[string]value) int64 {
	if x.when != OnLoad {
		return 0
	}
	s, ok := sizingOf(n)
	if !ok {
		return 0
	}
	size := s(args, kwargs)
	x.makes(n.String(), size)
	return size
}

func (n name) isSleep() bool { return n.module == "time" && n.attr == "sleep" }

// waits notes a call that waits.
func (x *examiner) waits(n name, args []value) {
	if x.when == OnLoad && n.isSleep() && len(args) == 1 && amount(args[0]) > maxWait {
		x.problem("size", "time.sleep waits longer than %d seconds", maxWait)
	}
}

// sizingOf finds the sizing of a name.
func sizingOf(n name) (sizing, bool) {
	key := canonical(n.String())
	if s, ok := sizings[key]; ok {
		return s, true
	}
	module, _, _ := strings.Cut(key, ".")
	last := n.attr[strings.LastIndexByte(n.attr, '.')+1:]
	switch module {
	case "numpy", "torch", "scipy", "pandas":
		switch {
		case arrayMakers[last]:
			return ofShape, true
		case strings.Contains(n.String(), "random.") && !strings.HasPrefix(last, "_"):
			return ofSample, true
		}
	case "builtins", "operator":
		if op, ok := operatorNames[strings.Trim(last, "_")]; ok {
			return ofOperator(op), true
		}
		if s, ok := sizedMethods[last]; ok && module == "builtins" && strings.Contains(n.attr, ".") {
			return func(args []value, _ map[string]value) int64 {
				if len(args) == 0 {
					return 0
				}
				return s(args[0], args[1:])
			}, true
		}
	}
	return nil, false
}

var sizings = map[string]sizing{
	"builtins.bytes":     ofNumber,
	"builtins.bytearray": ofNumber,
	"builtins.pow": func(args []value, kwargs map[string]value) int64 {
		if len(args) == 2 && kwargs["mod"] == nil {
			return sizeOfOperator("**", args[0], args[1])
		}
		return 0
	},
	"builtins.format": func(args []value, _ map[string]value) int64 {
		if s, ok := arg(args, nil, 1, "").(string); ok {
			return widest(s)
		}
		return 0
	},
	"math.factorial": func(args []value, _ map[string]value) int64 {
		n := amount(arg(args, nil, 0, ""))
		return times(n, int64(bits.Len64(uint64(n)))) / 8
	},
	"math.perm": ofChoices, "math.comb": ofChoices,
	"random.randbytes": ofNumber, "random.getrandbits": ofBits, "random.Random.randbytes": ofNumber,
	"random.choices": ofItems("k"), "random.sample": ofItems("k"),
	"os.urandom": ofNumber, "secrets.token_bytes": ofNumber, "secrets.token_hex": ofNumber, "secrets.token_urlsafe": ofNumber,
	"struct.pack": ofFormat, "_struct.pack": ofFormat,
	// What a compressed byte becomes at most: deflate 1032 times as much, others far more.
	"zlib.decompress": ofCompressed(1032), "gzip.decompress": ofCompressed(1032),
	"bz2.decompress": ofCompressed(1 << 16), "lzma.decompress": ofCompressed(1 << 14),
}

// arrayMakers are functions of NumPy and its kin that are told the shape.
var arrayMakers = map[string]bool{
	"zeros": true, "ones": true, "empty": true, "full": true, "arange": true, "linspace": true, "logspace": true,
	"geomspace": true, "eye": true, "identity": true, "tri": true, "indices": true, "tile": true, "repeat": true,
	"ndarray": true, "_reconstruct": true, "resize": true, "hamming": true, "hanning": true, "bartlett": true,
	"blackman": true, "kaiser": true, "diag": true, "date_range": true, "timedelta_range": true, "period_range": true,
	"interval_range": true, "rand": true, "randn": true, "random": true, "random_sample": true, "bytes": true, "permutation": true,
}

// operatorNames are the operators that make more than their operands have, by the names of their functions.
var operatorNames = map[string]string{
	"mul": "*", "imul": "*", "rmul": "*", "pow": "**", "ipow": "**", "lshift": "<<", "ilshift": "<<", "mod": "%", "imod": "%",
}

// sizedMethods are methods of texts and ints that are told how long their result is to be.
var sizedMethods = map[string]func(self value, args []value) int64{
	"ljust": toWidth, "rjust": toWidth, "center": toWidth, "zfill": toWidth, "to_bytes": toWidth,
	"expandtabs": func(self value, args []value) int64 {
		tabs := 0
		switch s := self.(type) {
		case string:
			tabs = strings.Count(s, "\t")
		case octets:
			tabs = strings.Count(string(s), "\t")
		}
		return times(int64(tabs), toWidth(self, args))
	},
	"replace": func(self value, args []value) int64 {
		if len(args) < 2 {
			return 0
		}
		found := sizeOf(self)
		if s, ok := self.(string); ok {
			if old, ok := args[0].(string); ok {
				found = int64(strings.Count(s, old))
			}
		} else if s, ok := self.(octets); ok {
			if old, ok := args[0].(octets); ok {
				found = int64(strings.Count(string(s), string(old)))
			}
		}
		return times(found, sizeOf(args[1]))
	},
	"join": func(self value, args []value) int64 {
		if len(args) != 1 {
			return 0
		}
		var items []value
		switch v := args[0].(type) {
		case *tuple:
			items = v.items
		case *list:
			items = v.items
		}
		longest := int64(0)
		for _, v := range items {
			longest = max(longest, sizeOf(v))
		}
		return times(plus(sizeOf(self), longest), itemsOf(args[0]))
	},
	"translate": func(self value, args []value) int64 {
		d, ok := arg(args, nil, 0, "").(*dict)
		if !ok {
			return 0
		}
		longest := int64(1)
		for _, v := range d.all() {
			longest = max(longest, sizeOf(v))
		}
		return times(sizeOf(self), longest)
	},
	"format":     func(self value, _ []value) int64 { return widestIn(self) },
	"format_map": func(self value, _ []value) int64 { return widestIn(self) },
}

func toWidth(_ value, args []value) int64 { return amount(arg(args, nil, 0, "")) }

func ofNumber(args []value, kwargs map[string]value) int64 {
	if len(args) == 0 {
		return amount(orNone(kwargs["n"]))
	}
	return amount(args[0])
}

func ofBits(args []value, _ map[string]value) int64 { return amount(arg(args, nil, 0, "")) / 8 }

func ofFormat(args []value, _ map[string]value) int64 {
	if s, ok := arg(args, nil, 0, "").(string); ok {
		return widest(s)
	}
	return 0
}

func ofChoices(args []value, _ map[string]value) int64 {
	n := arg(args, nil, 0, "")
	k := arg(args, nil, 1, "")
	if k == nil {
		k = n
	}
	return times(bitsOf(n), amount(k)) / 8
}

func ofItems(keyword string) sizing {
	return func(args []value, kwargs map[string]value) int64 {
		n := amount(orNone(kwargs[keyword]))
		for _, a := range args {
			n = max(n, amount(a))
		}
		return times(n, perItem)
	}
}

func ofShape(args []value, kwargs map[string]value) int64 {
	n := int64(0)
	for _, a := range args {
		n = max(n, shape(a))
	}
	for _, a := range kwargs {
		n = max(n, shape(a))
	}
	return times(n, 8)
}

// ofSample is that of a function that draws numbers: what they are like comes first, and how many
// they are last or by name.
func ofSample(args []value, kwargs map[string]value) int64 {
	n := shape(orNone(kwargs["size"]))
	if len(args) > 0 {
		switch last := args[len(args)-1].(type) {
		case *tuple, *list:
			n = max(n, shape(last))
		case int64:
			if len(args) > 2 { // low, high, size
				n = max(n, last)
			}
		}
	}
	return times(n, 8)
}

func ofCompressed(ratio int64) sizing {
	return func(args []value, _ map[string]value) int64 { return times(sizeOf(arg(args, nil, 0, "")), ratio) }
}

func ofOperator(op string) sizing {
	return func(args []value, _ map[string]value) int64 {
		if len(args) != 2 {
			return 0
		}
		return sizeOfOperator(op, args[0], args[1])
	}
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

// lazyNames are models of what makes an iterator of iterators, and takes no item of them yet; true
// for those that end with the shortest of them.
var lazyNames = map[string]bool{
	"builtins.map": true, "builtins.filter": true, "builtins.zip": true, "builtins.enumerate": true,
	"builtins.iter": true, "itertools.chain": false, "itertools.starmap": true,
}

// lazily makes a model lazy: what it gives is as long as what it gets, the shortest or all of it.
func lazily(m model, shortest bool) model {
	return func(x *examiner, args []value, kwargs map[string]value) value {
		size := int64(0)
		for _, v := range args {
			switch n := itemsOf(v); {
			case !shortest:
				size = plus(size, n)
			case n > 0 && (size == 0 || n < size):
				size = n
			}
		}
		x.lazy++
		v := m(x, args, kwargs)
		x.lazy--
		if it, ok := v.(*iterator); ok {
			it.size = max(it.size, size)
		}
		return v
	}
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

// lazyModels are those of iterators that give more items than they are given.
func lazyModels() map[string]model {
	return map[string]model{
		"itertools.count": func(_ *examiner, _ []value, _ map[string]value) value {
			return &iterator{rest: some("int", lost), size: endless}
		},
		"itertools.cycle": func(x *examiner, args []value, _ map[string]value) value {
			x.lazy++
			defer func() { x.lazy-- }()
			return firstOf(args, func(v value) value {
				items, rest := x.items(v)
				return &iterator{rest: joinUpTo(anyOf(items), rest, 64), size: endless}
			})
		},
		"itertools.repeat": func(_ *examiner, args []value, kwargs map[string]value) value {
			return firstOf(args, func(v value) value {
				it := &iterator{rest: v, size: endless}
				if n := arg(args, kwargs, 1, "times"); n != nil {
					it.size = amount(n)
				}
				return it
			})
		},
		"itertools.islice": func(x *examiner, args []value, _ map[string]value) value {
			x.lazy++
			defer func() { x.lazy-- }()
			return firstOf(args, func(v value) value {
				items, rest := x.items(v)
				it := &iterator{size: itemsOf(v), rest: rest}
				for _, v := range items {
					it.rest = joinUpTo(it.rest, v, 64)
				}
				if stop := arg(args, nil, min(len(args)-1, 2), ""); len(args) > 1 {
					if n := amount(stop); n > 0 {
						it.size = min(it.size, n)
					}
				}
				return it
			})
		},
		"itertools.product":                       combinations(powers),
		"itertools.permutations":                  combinations(arrangements),
		"itertools.combinations":                  combinations(choices),
		"itertools.combinations_with_replacement": combinations(powers),
	}
}

// combinations is a model of what gives tuples of the items that it gets; size says how many.
func combinations(size func(items []int64, r int64) int64) model {
	return func(x *examiner, args []value, kwargs map[string]value) value {
		r := amount(orNone(kwargs["repeat"]))
		var counts []int64
		var any value
		for i, v := range args {
			if n, ok := number(v).(int64); ok && i > 0 {
				r = n
				continue
			}
			items, rest := x.items(v)
			counts = append(counts, itemsOf(v))
			any = joinUpTo(any, joinUpTo(anyOf(items), rest, 64), 64)
		}
		return &iterator{rest: &list{kind: "tuple", rest: orGiven(any)}, size: size(counts, r)}
	}
}

// powers is the product of the numbers, r times.
func powers(counts []int64, r int64) int64 {
	n := int64(1)
	for range min(max(r, 1), 64) {
		for _, c := range counts {
			n = times(n, c)
		}
	}
	return n
}

func arrangements(counts []int64, r int64) int64 {
	n := int64(1)
	for _, c := range counts {
		if r <= 0 {
			r = c
		}
		for i := range min(r, c, 64) {
			n = times(n, c-i)
		}
	}
	return n
}

func choices(counts []int64, r int64) int64 {
	n := int64(1)
	for _, c := range counts {
		for i := range min(r, max(c-r, 0), 64) {
			n = times(n, c-i) / (i + 1)
		}
	}
	return n
}
