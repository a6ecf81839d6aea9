package audit

// Jumps and loops, for the instructions of ops.go.

// branch goes to the target of a jump, or on, or both.
func (f *frame) branch(w *way, in *instruction, taken, known bool) error {
	if in.target < 0 {
		return errTarget
	}
	switch {
	case !known:
		f.part(w, in.target)
	case taken:
		f.remember(w, w.at)
		return f.jump(w, in, in.target)
	default:
		f.remember(w, in.target)
	}
	return nil
}

func (f *frame) jumpOrPop(w *way, in *instruction, when bool) error {
	if in.target < 0 {
		return errTarget
	}
	t, known := truth(w.top(1))
	if !known {
		f.part(w, in.target)
		w.pop()
		return nil
	}
	if t == when {
		return f.jump(w, in, in.target)
	}
	w.pop()
	return nil
}

// forIter takes the next item, or leaves the loop, or both.
func (f *frame) forIter(w *way, in *instruction) error {
	if in.target < 0 {
		return errTarget
	}
	// Where the interpreter goes on is in the files named bytecodes.c of 3.12 to 3.14: behind
	// the END_FOR, and the POP_TOP of 3.13.
	exit := in.target
	switch f.program.minor {
	case 12, 14:
		exit++
	case 13:
		exit += 2
	}
	leave := func(w *way) {
		if f.program.minor != 14 {
			w.pop()
		}
	}
	it, ok := w.top(1).(*iterator)
	if !ok {
		it = f.x.iterate(w.top(1))
		w.stack[len(w.stack)-1] = it
	}
	it.look()
	if it.at < len(it.items) {
		v := it.items[it.at]
		it.at++
		w.push(v)
		if f.back[f.at]++; f.back[f.at] > f.rounds() {
			it.loosen()
		}
		return nil
	}
	out := w
	if it.rest != nil {
		f.forked = true
		out = w.clone()
		f.ways = append(f.ways, out)
		w.meet, out.meet = true, true
		w.push(it.rest)
	} else {
		had := f.untaken[w.at]
		f.remember(w, w.at)
		if other := f.untaken[w.at]; other != nil && had == nil {
			other.push(&unknown{from: given})
		}
	}
	leave(out)
	out.at = exit
	return nil
}

// send gives control to a generator or a coroutine until it is done.
func (f *frame) send(w *way, in *instruction) error {
	if in.target < 0 {
		return errTarget
	}
	w.pop()
	receiver := w.top(1)
	items, rest := f.x.items(receiver)
	if f.yielded != nil {
		for _, v := range items {
			f.yielded.add(v)
		}
		f.yielded.rest = join(f.yielded.rest, rest)
	}
	var v value = &unknown{from: result(receiver)}
	if u, ok := receiver.(*unknown); ok {
		v = &unknown{from: u.from, of: u.of}
	}
	if c, ok := receiver.(*coroutine); ok {
		v = c.result
	}
	if f.program.minor < 12 {
		w.pop()
	}
	w.push(v)
	return f.jump(w, in, in.target)
}
