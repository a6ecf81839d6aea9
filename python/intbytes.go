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
	size, little := NewLong(n), NewStr("little")
	args, kwargs := NewTuple(size, little), NewDict()
	size.DecRef()
	little.DecRef()
	defer args.DecRef()
	defer kwargs.DecRef()
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
	defer key.DecRef()
	return CallMethod0(o, key)
}
