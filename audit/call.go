package audit

// Calls.

import (
	"maps"
	"slices"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
)

// Flags of code objects (Include/cpython/code.h).
const (
	flagVarargs   = 0x04
	flagKeywords  = 0x08
	flagGenerator = 0x20
	flagCoroutine = 0x80
	flagAsyncGen  = 0x200
)

// call is the result of a call.
func (x *examiner) call(fn value, args []value, kwargs map[string]value) value {
	if x.depth > maxDepth || !x.step(1) {
		x.tooDeep(fn, args, kwargs)
		return someLost()
	}
	x.depth++
	defer func() { x.depth-- }()
	switch fn := fn.(type) {
	case *few:
		var all value
		for _, v := range fn.values {
			all = join(all, x.call(v, args, kwargs))
		}
		return all
	case *function:
		return x.invoke(fn, args, kwargs)
	case *bound:
		merged := kwargs
		for n := 0; ; n++ {
			if len(fn.kwargs) > 0 {
				with := maps.Clone(fn.kwargs)
				maps.Copy(with, merged)
				merged = with
			}
			args = append(append([]value(nil), fn.args...), args...)
			inner, again := fn.fn.(*bound)
			if !again || n > maxBases {
				break
			}
			fn = inner
		}
		return x.call(fn.fn, args, merged)
	case *method:
		return x.callMethod(fn, args, kwargs)
	case *class:
		return x.instantiate(fn, args, kwargs)
	case *name:
		return x.callName(fn, args, kwargs)
	case *instance:
		if c, ok := fn.class.(*class); ok {
			if m, ok := x.lookup(c, "__call__", false); ok {
				return x.call(x.bind(m, fn, c), args, kwargs)
			}
		}
		x.passes(fn, args, kwargs)
		return &unknown{from: named}
	case *descriptor:
		if len(fn.fn) > 0 {
			return x.call(fn.fn[0], args, kwargs)
		}
	case *goFunction:
		return orGiven(fn.call(x, args, kwargs))
	case *unknown:
		x.passes(fn, args, kwargs)
		o := max(fn.from, given)
		switch fn.from {
		case insides:
			x.find(Unknown, "call", "something that was found inside the interpreter is called")
			if fn.hint != "" {
				x.judgeAttribute(fn.hint, true)
			}
		}
		return &unknown{from: o, of: fn.of}
	}
	x.passes(nil, args, kwargs)
	return &unknown{from: result(append(args, fn)...)}
}

// tooDeep notes a call that isn't followed, since it lies in too many others. Functions that are shipped are
// followed by themselves as well.
func (x *examiner) tooDeep(fn value, args []value, kwargs map[string]value) {
	for _, v := range each(fn) {
		switch v := v.(type) {
		case *name:
			if !strings.HasSuffix(v.attr, ".__call__") {
				continue
			}
		case *method:
			if v.name != "__call__" {
				continue
			}
		case *goFunction:
			if len(v.has) == 0 {
				continue
			}
		case *bound:
			of := v.fn
			for n := 0; n < maxBases; n++ {
				inner, ok := of.(*bound)
				if !ok {
					break
				}
				of = inner.fn
			}
			if _, ok := of.(*function); ok {
				continue
			}
		case *instance:
		default:
			continue
		}
		x.problem("limit", "a call lies in more than %d others", maxDepth)
	}
	x.mayChangeAll(args, kwargs)
}

// mayChangeOuter gives up what is known of the outer variables of a function whose call isn't followed.
func (x *examiner) mayChangeOuter(f *function) {
	p := x.program(f.code)
	from := len(p.fast) - len(f.code.FreeVars)
	if p.minor < 11 {
		from = len(f.code.CellVars)
	}
	for i, c := range f.closure {
		if c == nil || c.v == nil {
			continue
		}
		sets := slices.ContainsFunc(p.ins, func(in instruction) bool { return in.Name == "STORE_DEREF" && int(in.Arg) == from+i })
		switch c.v.(type) {
		case *function, *class, *name:
			if !sets {
				continue // that of an import or a definition
			}
		}
		x.mayChange(c.v, 2)
		c.set(joinUpTo(c.v, someLost(), 64))
	}
}

// mayChangeAll gives up what is known of arguments that a call may change which isn't followed.
func (x *examiner) mayChangeAll(args []value, kwargs map[string]value) {
	for _, v := range args {
		x.mayChange(v, 3)
	}
	for _, v := range kwargs {
		x.mayChange(v, 3)
	}
}

// callVariadic is a call with a number of arguments that isn't known.
func (x *examiner) callVariadic(fn value, args []value, kwargs map[string]value) value {
	if f, ok := fn.(*function); ok {
		n := f.code.ArgCount
		if f.code.Flags&flagVarargs == 0 && len(args) > n && n >= 0 {
			args = args[:n]
		}
	}
	return x.call(fn, args, kwargs)
}

// callEach calls a function with each of some values, those behind the first ones together.
func (x *examiner) callEach(fn value, items []value, rest value) {
	const apart = 16
	for _, v := range items[:min(len(items), apart)] {
		x.call(fn, []value{v}, nil)
	}
	if len(items) > apart {
		rest = joinUpTo(anyOf(items[apart:]), rest, 64)
	}
	if rest != nil {
		x.call(fn, []value{rest}, nil)
	}
}

// passes notes what goes to a callee that is not followed: it may call functions, and use modules.
func (x *examiner) passes(to value, args []value, kwargs map[string]value) {
	how := "is passed to a function that isn't followed"
	if n, ok := to.(*name); ok {
		how = "is passed to " + n.String()
	}
	for _, v := range args {
		x.escapes(v, how)
		x.callback(v)
		x.mayChange(v, 3)
	}
	for _, v := range kwargs {
		x.escapes(v, how)
		x.callback(v)
		x.mayChange(v, 3)
	}
}

// callback has a function called that goes to somebody who may call it.
func (x *examiner) callback(v value) {
	for _, v := range each(v) {
		switch v := v.(type) {
		case *function:
			x.in("callback "+v.name, x.when, func() { x.invokeUnknown(v, nil) })
		case *bound:
			if f, ok := v.fn.(*function); ok {
				x.in("callback "+f.name, x.when, func() { x.invokeUnknown(f, v.args) })
			} else if n, ok := v.fn.(*name); ok {
				// A partial of a name that the stream may call.
				x.call(n, v.args, v.kwargs)
			}
		case *name:
			// Code that has a name was judged when it obtained it; a stream that has one
			// may only have it kept.
			if x.when == OnLoad && v.attr != "" {
				x.judgeCall(*v)
			}
		case *class:
			x.instantiate(v, nil, nil)
		case *list:
			x.callbacks(v.items)
		case *tuple:
			x.callbacks(v.items)
		}
	}
}

// callbacks has the functions among some values called.
func (x *examiner) callbacks(items []value) {
	x.charge(len(items) / 64)
	for _, item := range items {
		switch item.(type) {
		case *function, *bound:
			x.callback(item)
		}
	}
}

// summary is a call with arguments of which nothing is known.
type summary struct {
	code    *bytecode.Code
	globals *dict
	when    When
	self    value
}

// invokeUnknown calls a function with any arguments, once for each moment.
func (x *examiner) invokeUnknown(f *function, first []value) value {
	key := summary{f.code, f.globals, x.when, nil}
	if len(first) > 0 {
		if o, ok := first[0].(*instance); ok {
			key.self = o.class
		}
	}
	if len(f.closure) > 0 {
		// Closures are told apart by what is in their cells, up to a number of them.
		had := x.closures[f.code]
		i := slices.IndexFunc(had, func(g *function) bool { return f == g || same(f, g, 3) })
		if i < 0 {
			if i = 0; len(had) < maxVariants && !x.coarse() || len(had) == 0 {
				i = len(had)
				x.closures[f.code] = append(had, f)
			}
		}
		key.self = x.closures[f.code][i]
	}
	had, ok := x.summaries[key]
	if ok && had.epoch == x.epoch {
		return had.result
	}
	if had.times > 4 {
		return joinUpTo(had.result, someLost(), 64)
	}
	x.summaries[key] = summarized{someGiven(), x.epoch, had.times + 1}
	v := x.execute(f, x.anyArguments(f, first), false)
	x.summaries[key] = summarized{v, x.epoch, had.times + 1}
	return v
}

// summarized is what such a call gave, when, and how often it was followed.
type summarized struct {
	result       value
	epoch, times int
}

// anyArguments are the variables of a function that is called with arguments of which nothing
// is known, after the first ones.
func (x *examiner) anyArguments(f *function, first []value) []value {
	c := f.code
	locals := make([]value, x.variables(f))
	n := min(c.ArgCount+c.KwOnlyArgCount, len(locals), len(c.VarNames))
	for i := range n {
		locals[i] = someGiven()
		if i < len(first) {
			locals[i] = first[i]
			continue
		}
		if i < c.ArgCount {
			if d := i - c.ArgCount + len(f.defaults); d >= 0 && d < len(f.defaults) {
				locals[i] = join(f.defaults[d], locals[i])
			}
		} else if f.kwdefaults != nil {
			if d, ok := f.kwdefaults.get(c.VarNames[i]); ok {
				locals[i] = join(d, locals[i])
			}
		}
	}
	if c.Flags&flagVarargs != 0 && n < len(locals) {
		locals[n] = some("tuple", given)
		n++
	}
	if c.Flags&flagKeywords != 0 && n < len(locals) {
		locals[n] = some("dict", given)
	}
	return locals
}

// variables is how many variables a function has, and 0 <= it.
func (x *examiner) variables(f *function) int {
	return len(x.program(f.code).fast)
}

// invocation is a call that was followed, and what it gave.
type invocation struct {
	when   When
	locals []value
	result value
	epoch  int
}

// A function is followed for so many different arguments, and so many times with arguments that
// are known entirely; then for any arguments.
const (
	maxVariants  = 6
	maxConstants = 400
)

// invoke calls a shipped function.
func (x *examiner) invoke(f *function, args []value, kwargs map[string]value) value {
	if x.active[f.code] >= 3 {
		x.mayChangeAll(args, kwargs)
		x.mayChangeOuter(f)
		return someGiven()
	}
	var self []value
	if len(args) > 0 {
		if _, ok := args[0].(*instance); ok {
			self = args[:1]
		}
	}
	locals := x.bindArguments(f, args, kwargs)
	for _, v := range locals {
		x.share(v, false, maxShared)
	}
	constants, plain := true, len(f.closure) == 0
	for _, v := range locals {
		switch v.(type) {
		case nil, none, bool, int64, float64, string, octets:
		case *unknown, *name, *function, *class, *few:
			constants = false
		default:
			constants, plain = false, false // it may change them
		}
	}
	had := x.invocations[f.code]
	if plain {
		for _, i := range had {
			if i.when == x.when && i.epoch == x.epoch && sameItems(i.locals, locals, 3) {
				return i.result
			}
		}
	}
	x.variants[f.code]++
	if n := x.variants[f.code]; x.coarse() || n > maxConstants || !constants && len(had) >= maxVariants {
		x.mayChangeAll(args, kwargs)
		x.mayChangeOuter(f)
		return x.invokeUnknown(f, self)
	}
	var kept []value
	if !constants {
		kept = append(kept, locals...)
	}
	v := x.execute(f, locals, false)
	if !constants {
		x.invocations[f.code] = append(x.invocations[f.code], invocation{x.when, kept, v, x.epoch})
	}
	return v
}

// bindArguments are the variables of a function that is called.
func (x *examiner) bindArguments(f *function, args []value, kwargs map[string]value) []value {
	c := f.code
	locals := make([]value, x.variables(f))
	positional := max(min(c.ArgCount, len(locals), len(c.VarNames)), 0)
	n := max(min(c.ArgCount+c.KwOnlyArgCount, len(locals), len(c.VarNames)), positional)
	used := map[string]bool{}
	kwargs = maps.Clone(kwargs)
	for i := range n {
		key := c.VarNames[i]
		switch {
		case i < positional && i < len(args):
			locals[i] = args[i]
			continue
		case kwargs[key] != nil && i >= c.PosOnlyArgCount:
			locals[i] = kwargs[key]
			used[key] = true
			continue
		}
		if i < positional {
			if d := i - c.ArgCount + len(f.defaults); d >= 0 && d < len(f.defaults) {
				locals[i] = f.defaults[d]
				continue
			}
		} else if f.kwdefaults != nil {
			if d, ok := f.kwdefaults.get(key); ok {
				locals[i] = d
				continue
			}
		}
		locals[i] = someGiven()
	}
	if c.Flags&flagVarargs != 0 && n < len(locals) {
		t := &tuple{}
		if len(args) > positional {
			t.items = append(t.items, args[positional:]...)
		}
		locals[n] = t
		n++
	}
	if c.Flags&flagKeywords != 0 && n < len(locals) {
		d := newDict()
		for k := range used {
			delete(kwargs, k)
		}
		x.addKeywords(d, kwargs)
		locals[n] = d
	}
	return locals
}

// execute runs the code of a function.
func (x *examiner) execute(f *function, locals []value, cover bool) value {
	p := x.program(f.code)
	if p.bad != nil {
		return someLost()
	}
	x.share(f, true, maxShared)
	fr := &frame{x: x, program: p, globals: f.globals, cover: cover}
	v := x.runFrame(fr, locals, f.closure)
	switch flags := f.code.Flags; {
	case flags&(flagGenerator|flagAsyncGen) != 0:
		if fr.forked {
			// In which order isn't known.
			fr.yielded.loosen()
		}
		return &iterator{items: fr.yielded.items, rest: fr.yielded.rest, by: x, since: x.changes}
	case flags&flagCoroutine != 0:
		return &coroutine{v}
	}
	return v
}

func (x *examiner) runFrame(fr *frame, locals []value, closure []*cell) value {
	p := fr.program
	fr.meets, fr.back, fr.untaken = map[int]*meeting{}, map[int]int{}, map[int]*way{}
	fr.yielded = &list{kind: "list"}
	if fr.globals == nil {
		fr.globals = newDict()
	}
	w := &way{locals: locals}
	if p.minor >= 11 {
		from := len(p.fast) - len(p.code.FreeVars)
		for i := range p.code.FreeVars {
			if from+i < 0 || from+i >= len(w.locals) {
				continue
			}
			if i < len(closure) && closure[i] != nil {
				w.locals[from+i] = closure[i]
			} else {
				w.locals[from+i] = &cell{}
			}
		}
	} else {
		for _, name := range p.code.CellVars {
			c := &cell{}
			for i, v := range p.code.VarNames {
				if v == name && i < len(locals) {
					c.v = locals[i]
				}
			}
			w.cells = append(w.cells, c)
		}
		for i := range p.code.FreeVars {
			if i < len(closure) && closure[i] != nil {
				w.cells = append(w.cells, closure[i])
			} else {
				w.cells = append(w.cells, &cell{})
			}
		}
	}
	outer, via := x.frame, x.via
	x.active[p.code]++
	x.via = append(via[:len(via):len(via)], p.name())
	x.frame = fr
	fr.run(w)
	x.active[p.code]--
	x.frame, x.via = outer, via
	if fr.result == nil {
		return someGiven() // it never returns
	}
	return fr.result
}

// meetFunction notes a function that somebody may call later.
func (x *examiner) meetFunction(f *function) {
	had := x.met[f.code]
	if len(had) >= 4 {
		return
	}
	for _, g := range had {
		if f == g || f.local && same(f, g, 3) {
			return
		}
	}
	x.met[f.code] = append(had, f)
	x.functions = append(x.functions, f)
}

// drain calls the functions that were met, and those that these make.
func (x *examiner) drain() {
	for _, f := range x.functions {
		x.share(f, true, maxShared)
	}
	const passes = 6
	for x.pass = 0; x.pass < passes; x.pass++ {
		x.stale = false
		if x.callMet(); x.left <= 0 || !x.stale {
			return
		}
	}
	x.problem("limit", "what functions have in common changes too often to be followed")
}

// callMet calls each of the functions that were met once.
func (x *examiner) callMet() {
	for i := 0; i < len(x.functions); i++ {
		f := x.functions[i]
		x.roots++
		x.offset = f.offset
		x.root()
		var first []value
		if f.owner != nil {
			first = []value{&few{[]value{&instance{class: f.owner, attrs: map[string]value{}, open: true}, f.owner}}}
			if f.code.Name != "__new__" && f.code.Name != "__init_subclass__" && f.code.Name != "__class_getitem__" {
				first = []value{&instance{class: f.owner, attrs: map[string]value{}, open: true}}
			}
		}
		x.execute(f, x.anyArguments(f, first), true)
		if x.left <= 0 {
			return
		}
	}
}

// instantiate is a call of a shipped class.
func (x *examiner) instantiate(c *class, args []value, kwargs map[string]value) value {
	if m, ok := c.meta.(*class); ok {
		if call, ok := x.lookup(m, "__call__", false); ok {
			v := x.call(call, append([]value{c}, args...), kwargs)
			if _, ok := v.(*unknown); !ok {
				return v
			}
		}
	}
	o := &instance{class: c, attrs: map[string]value{}}
	if c.foreign() != nil {
		o.open = true
	}
	if n, ok := x.lookup(c, "__new__", false); ok {
		if d, ok := n.(*descriptor); ok && len(d.fn) > 0 {
			n = d.fn[0]
		}
		v := x.call(n, append([]value{c}, args...), kwargs)
		if made, ok := v.(*instance); ok && made.class == c {
			o = made
		} else if _, ok := v.(*unknown); !ok {
			return joinUpTo(v, o, 64)
		}
	}
	if init, ok := x.lookup(c, "__init__", false); ok {
		x.call(x.bind(init, o, c), args, kwargs)
	} else if len(args) > 0 || len(kwargs) > 0 {
		// That of a base, or one that a dataclass has made: its fields are what it is given.
		x.passes(nil, args, kwargs)
		o.open = true
		for k, v := range kwargs {
			o.attrs[k] = v
		}
	}
	x.unasked(c, o, x.when, "__post_init__", "__del__")
	return o
}
