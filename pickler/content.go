package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// dumpsContent is Dumps of a str or bytes object that fits in a frame, from protocol 4 on and
// on the layout path: its content is copied, or encoded, once, to where it is returned.
func dumpsContent(o python.Object, proto int) (result python.Object, done bool, err error) {
	var content []byte
	var characters python.Characters
	var n int
	isText := o.Type() == python.StrType
	switch {
	case isText && python.StrLength(o) < largeText:
		var ok bool
		if characters, ok = python.CharactersOf(o); !ok {
			return python.Nil, false, nil
		}
		if content, ok = python.UTF8View(o); ok {
			n = len(content)
		} else {
			n = characters.UTF8Size()
		}
	case o.Type() == python.BytesType:
		content = python.Bytes(o)
		n = len(content)
	default:
		return python.Nil, false, nil
	}
	if !wire.InFrame(n) {
		return python.Nil, false, nil
	}
	var space [wire.MaxSingleHeader]byte
	header := wire.AppendSingleHeader(space[:0], proto, isText, n)
	if result = python.AllocBytes(len(header) + n + len(wire.SingleTrailer)); result.IsNil() {
		return result, true, python.ErrPython
	}
	out := python.Bytes(result)
	to := out[copy(out, header):]
	if content != nil {
		copy(to, content)
	} else {
		characters.PutUTF8(to[:n])
	}
	copy(to[n:], wire.SingleTrailer[:])
	return result, true, nil
}
