package container

import (
	"bytes"
	"io"
	"regexp"
)

// numpyPlain is the dtype of an array whose items are in the file as they are in memory;
// others may be, or have, objects, and those NumPy unpickles (numpy.lib.format.read_array).
var numpyPlain = regexp.MustCompile(`^\{'descr': '[<>|=]?[?biufcmMSU][0-9]*(\[[0-9A-Za-z]*\])?', `)

// numpyObject is in the header of an array that has objects.
var numpyObject = regexp.MustCompile(`'[<>|=]?O[0-9]*'|object`)

// numpy reads a .npy file (NEP 1): magic, version, the length of a header, the header.
func (w *walker) numpy(name string, r io.Reader) {
	const fixed = len("\x93NUMPY") + 2
	start := make([]byte, fixed+4)
	if _, err := io.ReadFull(r, start[:fixed+2]); err != nil {
		w.problem(name, "is a damaged .npy file: %v", err)
		return
	}
	size, from := int64(le16(start[fixed:])), int64(fixed+2)
	switch version := start[fixed-2]; version {
	case 1:
	case 2, 3:
		if _, err := io.ReadFull(r, start[fixed+2:]); err != nil {
			w.problem(name, "is a damaged .npy file: %v", err)
			return
		}
		size, from = int64(le32(start[fixed:])), int64(fixed+4)
	default:
		w.problem(name, "is a .npy file of version %d, which isn't known", version)
		return
	}
	header, err := io.ReadAll(io.LimitReader(r, size))
	if err != nil || int64(len(header)) < size {
		w.problem(name, "is a .npy file with a damaged header")
		return
	}
	if numpyPlain.Match(header) && bytes.Count(header, []byte("'descr'")) == 1 {
		return
	}
	data, _ := w.all(name, r)
	role := Possible
	if numpyObject.Match(header) {
		role = Meant
	}
	w.visit(&Part{Path: name, Data: data, Role: role, start: from + size})
}
