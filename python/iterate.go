package python

// #include "iterate.h"
import "C"

import "unsafe"

// MostAhead is the most items that NextAtoms gives.
const MostAhead = C.MOST_AHEAD

var ahead = (*[MostAhead]Object)(unsafe.Pointer(C.iterate_ahead()))

// NextTwo takes an iterator's next two items in one crossing: new references, Nil where there
// are none.
func NextTwo(it Object) (first, second Object, err error) {
	n := C.iterate(it.ref(), 2, 2)
	if n < 0 {
		return Nil, Nil, ErrPython
	}
	switch n &^ C.ITERATOR_ENDED {
	case 2:
		return ahead[0], ahead[1], nil
	case 1:
		return ahead[0], Nil, nil
	}
	return Nil, Nil, nil
}

// NextAtoms takes an iterator's next items in one crossing: at least so many, and more, up to
// most, as long as all of them are ints, floats, strs, bools or None. They are new references,
// in room. ended reports whether there are no more.
func NextAtoms(it Object, least, most int, room *[MostAhead]Object) (items []Object, ended bool, err error) {
	n := C.iterate(it.ref(), C.int(least), C.int(min(most, MostAhead)))
	if n < 0 {
		return nil, false, ErrPython
	}
	items = room[:n&^C.ITERATOR_ENDED]
	copy(items, ahead[:])
	return items, n&C.ITERATOR_ENDED != 0, nil
}
