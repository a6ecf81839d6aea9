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
	if len(fn.closure) > 0 {
		f.x.share(fn, true, maxShared)
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

// exits calls the __exit__ of a context manager for an exception.
func (f *frame) exits(w *way) {
	at := 4
	switch {
	case f.program.minor >= 14:
		at = 5
	case f.program.minor < 11:
		at = 7
	}
	if len(w.stack) < at {
		return
	}
	exc := func() value { return some("exception", given) }
	args := []value{exc(), exc(), exc()}
	fn := w.top(at)
	if f.program.minor >= 14 {
		if self := w.top(at - 1); self != value(null{}) {
			args = append([]value{self}, args...)
		}
	}
	f.x.call(fn, args, nil)
}

func (f *frame) matchClass(w *way, positional int) {
	names, _ := w.pop().(*tuple)
	of := w.pop()
	subject := w.pop()
	n := positional
	t := &tuple{}
	var matched *tuple // the names of the attributes
	if c, ok := of.(*class); ok {
		found, _ := f.x.lookup(c, "__match_args__", false)
		matched, _ = found.(*tuple)
	}
	for i := range min(n, 256) {
		v := value(&unknown{from: result(subject)})
		if matched != nil && i < len(matched.items) {
			v = f.x.getattr([]value{subject, matched.items[i]}, nil)
		} else if _, builtin := of.(*name); builtin {
			v = joinUpTo(v, subject, 64) // an int is matched by itself
		} else {
			for _, s := range each(subject) {
				if _, ok := s.(*name); ok {
					v = f.x.unknownAttribute(subject, some("str", lost))
				}
			}
		}
		t.items = append(t.items, v)
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
