package audit

// Iterators that take no item until somebody goes through them, and how many they give.

// lazyNames are models of what makes an iterator of iterators, and takes no item of them yet; true
// for those that end with the shortest of them.
var lazyNames = map[string]bool{
	"builtins.map": true, "builtins.filter": true, "builtins.zip": true, "builtins.enumerate": true,
	"builtins.reversed": true, "builtins.iter": true, "itertools.chain": false, "itertools.starmap": true,
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
		v := x.takingNone(func() value { return m(x, args, kwargs) })
		if it, ok := v.(*iterator); ok {
			it.size = max(it.size, size)
			x.againLate(it, m, args, kwargs)
		}
		return v
	}
}

// takingNone calls a model that takes no item of what it gets yet.
func (x *examiner) takingNone(f func() value) value {
	x.lazy++
	defer func() { x.lazy-- }()
	return f()
}

// itemsLater is items for what takes none of them yet.
func (x *examiner) itemsLater(v value) (items []value, rest value) {
	x.lazy++
	defer func() { x.lazy-- }()
	return x.items(v)
}

// againLate has what an iterator is made of looked at again when that changes: it takes its items later.
func (x *examiner) againLate(it *iterator, m model, args []value, kwargs map[string]value) {
	if it.late != nil {
		return
	}
	it.late = new(value)
	defer func() { it.by, it.since = x, x.changes }()
	late := it.late
	x.watch(args, func() {
		again, ok := x.takingNone(func() value { return m(x, args, kwargs) }).(*iterator)
		*late = joinUpTo(*late, someLost(), 64)
		if ok {
			again.loosen()
			*late = joinUpTo(*late, again.rest, 64)
		}
	})
}

// lazyModels are those of iterators that give more items than they are given.
func lazyModels() map[string]model {
	return map[string]model{
		"itertools.count": func(_ *examiner, _ []value, _ map[string]value) value {
			return &iterator{rest: some("int", lost), size: endless}
		},
		"itertools.cycle": func(x *examiner, args []value, _ map[string]value) value {
			return firstOf(args, func(v value) value {
				items, rest := x.itemsLater(v)
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
			return firstOf(args, func(v value) value {
				items, rest := x.itemsLater(v)
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
