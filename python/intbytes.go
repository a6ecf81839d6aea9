package python

// AppendIntBytes appends an int's little-endian two's complement in
// bit_length()//8 + 1 bytes, trimmed of a last byte that only repeats the sign:
// the portable twin of reading its digits.
func AppendIntBytes(dst []byte, o Object) ([]byte, error) {
	length := callNamed(o, "bit_length")
	if length.IsNil() {
		return dst, ErrPython
	}
	n := AsLong(length)/8 + 1
	length.DecRef()
	toBytes := GetAttr(o, names.toBytes)
	if toBytes.IsNil() {
		return dst, ErrPython
	}
	defer toBytes.DecRef()
	size, little, kwargs := NewLong(n), NewStr("little"), NewDict()
	defer size.XDecRef()
	defer little.XDecRef()
	defer kwargs.XDecRef()
	if size.IsNil() || little.IsNil() || kwargs.IsNil() {
		return dst, ErrPython
	}
	args := NewTuple(size, little)
	if args.IsNil() {
		return dst, ErrPython
	}
	defer args.DecRef()
	if err := DictSet(kwargs, names.signed, True); err != nil {
		return dst, err
	}
	b := Call(toBytes, args, kwargs)
	if b.IsNil() {
		return dst, ErrPython
	}
	defer b.DecRef()
	data := Bytes(b)
	if n > 1 && data[n-1] == 0xff && data[n-2]&0x80 != 0 {
		data = data[:n-1]
	}
	return append(dst, data...), nil
}

func callNamed(o Object, name string) Object {
	key := Intern(name)
	if key.IsNil() {
		return Nil
	}
	defer key.DecRef()
	return CallMethod0(o, key)
}
