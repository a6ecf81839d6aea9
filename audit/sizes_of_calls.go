package audit

// How much calls of the standard library and of NumPy make, as far as their arguments say.

import (
	"math/bits"
	"strings"
)

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
