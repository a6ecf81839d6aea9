package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// dumpsSingle is Dumps of one atom, or one empty container, from protocol 4 on and on the
// layout path: no memo and no Writer is made ready for it. done is false for any other object.
func dumpsSingle(o python.Object, proto int) (result python.Object, done bool, err error) {
	t := o.Type()
	if t == python.StrType || t == python.BytesType {
		return dumpsContent(o, proto)
	}
	var body [wire.MaxShort]byte
	b := body[:0]
	switch t {
	case python.NoneType:
		b = wire.PutOp(b, wire.OpNone)
	case python.BoolType:
		b = wire.PutBool(b, o == python.True)
	case python.IntType:
		n, ok := python.Int32(o)
		if !ok {
			return python.Nil, false, nil
		}
		b = wire.PutInt32(b, int32(n))
	case python.FloatType:
		b = wire.PutFloat(b, python.Float(o))
	case python.TupleType:
		if python.TupleSize(o) != 0 {
			return python.Nil, false, nil
		}
		b = wire.PutOp(b, wire.OpEmptyTuple)
	case python.ListType:
		if python.ListSize(o) != 0 {
			return python.Nil, false, nil
		}
		b = wire.PutOp(wire.PutOp(b, wire.OpEmptyList), wire.OpMemoize)
	case python.DictType:
		if python.DictSize(o) != 0 {
			return python.Nil, false, nil
		}
		b = wire.PutOp(wire.PutOp(b, wire.OpEmptyDict), wire.OpMemoize)
	default:
		return python.Nil, false, nil
	}
	b = wire.PutOp(b, wire.OpStop)
	var stream [wire.MaxSmallStream]byte
	if result = python.NewBytes(wire.AppendSmallStream(stream[:0], proto, b)); result.IsNil() {
		return result, true, python.ErrPython
	}
	return result, true, nil
}

// dumpsContent is dumpsSingle of a str or bytes object: its content is copied, or encoded, once,
// to where it is returned.
func dumpsContent(o python.Object, proto int) (result python.Object, done bool, err error) {
	var content []byte
	var characters python.Characters
	var n int
	isText := o.Type() == python.StrType
	if isText {
		python.NextTurn()
		var ok bool
		if characters, ok = python.CharactersOf(o); !ok {
			return python.Nil, false, nil
		}
		if content, ok = python.UTF8View(o); ok {
			n = len(content)
		} else {
			n = characters.UTF8Size()
		}
	} else {
		content = python.Bytes(o)
		n = len(content)
	}
	var space [wire.MaxSingleHeader]byte
	header := wire.AppendSingleHeader(space[:0], proto, isText, n)
	if result = python.AllocBytes(len(header) + n + len(wire.SingleTrailer)); result.IsNil() {
		return result, true, python.ErrPython
	}
	out := python.Bytes(result)
	to := out[copy(out, header):]
	if content != nil {
		python.Copy(to, content)
	} else {
		characters.PutUTF8(to[:n])
	}
	copy(to[n:], wire.SingleTrailer[:])
	return result, true, nil
}
