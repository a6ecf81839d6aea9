package container

import (
	"bytes"

	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// torchMagic is the first of the pickles in what torch.save wrote before 1.6, and writes
// with _use_new_zipfile_serialization=False: MAGIC_NUMBER of torch/serialization.py.
var torchMagic = []byte("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.")

// torchPickles are the magic number, the protocol, what the system was like, the object and the keys of
// its storages, whose data follow.
const torchPickles = 5

func isTorchLegacy(data []byte) bool {
	return len(data) > 2 && data[0] == 0x80 && bytes.HasPrefix(data[2:], torchMagic)
}

// torchLegacy gives the pickles and then what follows, which torch.load doesn't unpickle.
func (w *walker) torchLegacy(name string, data []byte) {
	in := pickle.NewDecoder(bytes.NewReader(data), pickle.WithStringEncoding(pickle.StringLatin1))
	for range torchPickles {
		if _, err := in.Load(); err != nil {
			w.visit(&Part{Path: name, Data: data, Role: Meant})
			return
		}
	}
	end := in.InputOffset()
	w.visit(&Part{Path: name, Data: data[:end], Role: Meant})
	if end < int64(len(data)) {
		w.visit(&Part{Path: name, Data: data[end:], start: end})
	}
}
