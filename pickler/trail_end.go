package pickler

import "github.com/gocloudpickle/gocloudpickle/python"

// The end of a trail: the exception of a dump is given its path in Python, by
// py/gocloudpickle/_failure.py.

// How many exceptions have been given a path, and the address of the last one: how an
// exception of a dump is known that another dump has let through, inside of it.
var (
	explained     uint64
	lastExplained uintptr
)

func (t *trail) begin() {
	t.release()
	t.ofFile, t.began = false, explained
}

// release forgets the trail. It can run Python code.
func (t *trail) release() {
	places, culprit := t.places, t.culprit
	t.places, t.culprit = nil, python.Nil
	culprit.XDecRef()
	for _, at := range places {
		at.in.XDecRef()
		at.key.XDecRef()
	}
}

// fail ends a dump of o that has raised an exception.
func (p *Pickler) fail(o python.Object) error {
	err := asPicklingError()
	if err == python.ErrPython && !p.trail.ofFile && !python.IsRefused() &&
		python.Matches(python.ExceptionType) && !python.Matches(python.MemoryError) && p.canRunPython() {
		p.explain(o)
	}
	p.trail.release()
	return err
}

// canRunPython puts what is deferred, since Python code comes next: false where there is no
// memory for that, and the exception that is set stays without its path.
func (p *Pickler) canRunPython() (can bool) {
	defer func() {
		if r := recover(); r == any(outOfMemory{}) {
			p.memo.forgetDeferred() // the dump is over: nothing looks them up again
		} else if r != nil {
			panic(r)
		}
	}()
	p.memo.putDeferred()
	return true
}

// explain gives the exception that is set its path. It stays the same, and what fails
// here is dropped, unless that is an interrupt.
func (p *Pickler) explain(o python.Object) {
	raised := python.FetchError()
	error := raised.Value()
	nested := python.False
	if error.Addr() == lastExplained && explained > p.trail.began {
		nested = python.True
	}
	if p.callExplain(error, o, nested) != nil && !python.Matches(python.ExceptionType) {
		python.SetContext(raised)
		return
	}
	explained++
	lastExplained = error.Addr()
	python.ClearError()
	raised.Restore()
}

func (p *Pickler) callExplain(error, o, nested python.Object) error {
	explain, err := importFrom("gocloudpickle._failure", "explain")
	if err != nil {
		return err
	}
	defer explain.DecRef()
	places, err := p.trail.tuple()
	if err != nil {
		return err
	}
	defer places.DecRef()
	culprit, pickler := p.trail.culprit, p.self
	for _, o := range [...]*python.Object{&culprit, &pickler} {
		if o.IsNil() {
			*o = python.None
		}
	}
	args := python.NewTuple(error, o, places, culprit, pickler, nested)
	if args.IsNil() {
		return python.ErrPython
	}
	defer args.DecRef()
	done := python.Call(explain, args, python.Nil)
	if done.IsNil() {
		return python.ErrPython
	}
	done.DecRef()
	return nil
}

// tuple is the places, the outermost first, each as its place, index, in and key, one
// after another: a new reference. None is for Nil.
func (t *trail) tuple() (python.Object, error) {
	items := make([]python.Object, 0, 4*len(t.places))
	var numbers []python.Object
	defer func() {
		for _, n := range numbers {
			n.XDecRef()
		}
	}()
	for i := len(t.places) - 1; i >= 0; i-- {
		at := t.places[i]
		place, index := python.NewLong(int(at.place)), python.NewLong(at.index)
		numbers = append(numbers, place, index)
		for _, o := range [...]*python.Object{&at.in, &at.key} {
			if o.IsNil() {
				*o = python.None
			}
		}
		items = append(items, place, index, at.in, at.key)
	}
	if python.Occurred() {
		return python.Nil, python.ErrPython
	}
	tuple := python.NewTuple(items...)
	if tuple.IsNil() {
		return python.Nil, python.ErrPython
	}
	return tuple, nil
}
