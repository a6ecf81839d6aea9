package audit

// Sequences, calls and functions, for the instructions of ops.go.

// pushUnpacked pushes the items of a sequence, the first topmost; with after >= 0 a list is between
// the first and the last ones.
func (w *way) pushUnpacked(x *examiner, v value, before, after int) {
	items, rest := x.items(v)
	n := before
	if after >= 0 {
		n += after
	}
	if n > maxItems {
		panic(errUnderflow)
	}
	get := func(i int) value {
		if i >= 0 && i < len(items) {
			return items[i]
		}
		if rest != nil {
			return rest
		}
		return &unknown{from: result(v)}
	}
	if after < 0 {
		for i := before - 1; i >= 0; i-- {
			w.push(get(i))
		}
		return
	}
	for i := after - 1; i >= 0; i-- {
		v := get(len(items) - after + i)
		if rest != nil && len(items) > 0 {
			v = joinUpTo(anyOf(items), rest, 64)
		}
		w.push(v)
	}
	middle := &list{kind: "list", rest: rest}
	if rest != nil && len(items) > 0 {
		middle.rest = joinUpTo(anyOf(items), rest, 64)
	} else if before < len(items)-after {
		middle.items = append(middle.items, items[before:len(items)-after]...)
	}
	w.push(middle)
	for i := before - 1; i >= 0; i-- {
		w.push(get(i))
	}
}

// call does CALL: the callable and its self, or NULL, are below the arguments.
func (f *frame) call(w *way, n int, names value) {
	args := w.popN(n)
	upper, lower := w.pop(), w.pop()
	fn := lower
	first := upper
	if f.program.minor < 13 {
		if _, ok := lower.(null); ok {
			fn, first = upper, null{}
		}
	}
	if _, ok := first.(null); !ok {
		args = append([]value{first}, args...)
	}
	args, kwargs := splitKeywords(args, names)
	w.push(f.x.call(fn, args, kwargs))
}

// splitKeywords takes the last arguments as those that have names.
func splitKeywords(args []value, names value) ([]value, map[string]value) {
	t, ok := names.(*tuple)
	if !ok || len(t.items) == 0 || len(t.items) > len(args) {
		return args, nil
	}
	kwargs := map[string]value{}
	at := len(args) - len(t.items)
	for i, n := range t.items {
		if s, ok := n.(string); ok {
			kwargs[s] = args[at+i]
		}
	}
	return args[:at], kwargs
}

// callEx does CALL_FUNCTION_EX.
func (f *frame) callEx(w *way, flags int) {
	x := f.x
	var kwargs map[string]value
	more := false
	if f.program.minor >= 14 || flags&1 != 0 {
		kwargs, more = x.keywords(w.pop())
	}
	args, rest := x.items(w.pop())
	var fn value
	switch {
	case f.program.minor >= 13:
		if v := w.pop(); v != (value)(null{}) {
			args = append([]value{v}, args...)
		}
		fn = w.pop()
	default:
		fn = w.pop()
		if f.program.minor >= 11 {
			w.pop()
		}
	}
	if rest != nil || more {
		for range 4 { // however many there are
			args = append(args, orGiven(rest))
		}
		w.push(x.callVariadic(fn, args, kwargs))
		return
	}
	w.push(x.call(fn, args, kwargs))
}

func orGiven(v value) value {
	if v == nil {
		return someGiven()
	}
	return v
}

// The flags of MAKE_FUNCTION and SET_FUNCTION_ATTRIBUTE.
const (
	withDefaults = 1 << iota
	withKwdefaults
	withAnnotations
	withClosure
	withAnnotate
)

func (f *frame) makeFunction(w *way, flags int) {
	if f.program.minor < 11 {
		w.pop() // the qualified name
	}
	v := w.pop()
	var fn *function
	if c, ok := v.(*codeRef); ok {
		fn = &function{code: c.code, name: c.code.Name, globals: f.globals, offset: f.x.offset, local: true}
	}
	if f.program.minor >= 13 {
		flags = 0
	}
	for _, flag := range []int{withClosure, withAnnotations, withKwdefaults, withDefaults} {
		if flags&flag != 0 {
			v := w.pop()
			if fn != nil {
				fn.set(flag, v)
			}
		}
	}
	if fn == nil {
		f.x.find(DynamicCode, "code", "a function is made of code that can't be known")
		w.push(&unknown{from: lost})
		return
	}
	f.x.meetFunction(fn)
	w.push(fn)
}

func (fn *function) set(flag int, v value) {
	switch flag {
	case withDefaults:
		if t, ok := v.(*tuple); ok {
			fn.defaults = t.items
		}
	case withKwdefaults:
		fn.kwdefaults, _ = v.(*dict)
	case withClosure:
		fn.closure = nil
		if t, ok := v.(*tuple); ok {
			for _, item := range t.items {
				c, ok := item.(*cell)
				if !ok {
					c = &cell{}
				}
				fn.closure = append(fn.closure, c)
			}
		}
	}
}

func (f *frame) matchClass(w *way, positional int) {
	names, _ := w.pop().(*tuple)
	w.pop()
	subject := w.pop()
	n := positional
	t := &tuple{}
	for range min(n, 256) {
		t.items = append(t.items, &unknown{from: result(subject)})
	}
	if names != nil {
		for _, item := range names.items {
			if s, ok := item.(string); ok {
				t.items = append(t.items, f.x.attribute(subject, s))
			}
		}
	}
	// None where it does not match.
	w.push(&few{[]value{t, none{}}})
	if f.program.minor < 11 {
		w.pop()
		w.push(t)
		w.push(some("bool", given))
	}
}
