package wire

import (
	"encoding/binary"
	"math"
	"slices"
)

// Text writes a str as its UTF-8 (surrogates encoded like any code point), from
// protocol 1 on. ok is false, and nothing written, from 4 GiB on before
// protocol 4. owner is what WriteContent gets for a large one.
func (w *Writer) Text(s []byte, owner any) (ok bool, err error) {
	n := len(s)
	if n < frameTarget {
		w.textHeader(n)
		w.buf = append(w.buf, s...)
		return true, nil
	}
	if n > math.MaxUint32 && w.proto < 4 {
		return false, nil
	}
	w.closeFrame()
	w.textHeader(n)
	return true, w.payload(s, owner)
}

// MaxTextInFrame is the number of bytes of the longest text that goes into a frame.
const MaxTextInFrame = frameTarget - 1

// SizedText is Text for a str that is not there as UTF-8: put writes its n bytes into
// a slice of that length, wherever they are to be.
func (w *Writer) SizedText(n int, put func(dst []byte)) (ok bool, err error) {
	if n < frameTarget {
		w.textHeader(n)
		put(w.room(n))
		return true, nil
	}
	if n > math.MaxUint32 && w.proto < 4 {
		return false, nil
	}
	w.closeFrame()
	w.textHeader(n)
	if sink, can := w.sink.(SizedSink); can && w.handsOver(n) {
		if err := w.flush(); err != nil {
			return true, err
		}
		err = sink.WriteSized(n, put)
	} else {
		put(w.room(n))
	}
	if err == nil && w.framing {
		w.openFrame()
	}
	return true, err
}

// room is n more bytes of the buffer, which are to be written.
func (w *Writer) room(n int) []byte {
	at := len(w.buf)
	w.buf = slices.Grow(w.buf, n)[:at+n]
	return w.buf[at:]
}

// InFrame reports whether a content of n bytes goes into the open frame, and not apart.
func InFrame(n int) bool { return n < frameTarget }

// handsOver reports whether a large content of n bytes is handed over apart.
func (w *Writer) handsOver(n int) bool {
	return w.eager || n >= maxCopied || len(w.buf) >= maxBuffered || w.lender() != nil
}

func (w *Writer) textHeader(n int) {
	switch {
	case n <= 0xff && w.proto >= 4:
		w.buf = append(w.buf, byte(OpShortBinUnicode), byte(n))
	case n <= math.MaxUint32:
		w.buf = append(w.buf, byte(OpBinUnicode))
		w.buf = binary.LittleEndian.AppendUint32(w.buf, uint32(n))
	default:
		w.buf = append(w.buf, byte(OpBinUnicode8))
		w.buf = binary.LittleEndian.AppendUint64(w.buf, uint64(n))
	}
}

// Bytes writes a bytes object, from protocol 3 on. ok is false, and nothing
// written, from 4 GiB on before protocol 4.
func (w *Writer) Bytes(b []byte, owner any) (ok bool, err error) {
	n := len(b)
	if n < frameTarget {
		w.bytesHeader(n)
		w.buf = append(w.buf, b...)
		return true, nil
	}
	if n > math.MaxUint32 && w.proto < 4 {
		return false, nil
	}
	w.closeFrame()
	w.bytesHeader(n)
	return true, w.payload(b, owner)
}

func (w *Writer) bytesHeader(n int) {
	switch {
	case n <= 0xff:
		w.buf = append(w.buf, byte(OpShortBinBytes), byte(n))
	case n <= math.MaxUint32:
		w.buf = append(w.buf, byte(OpBinBytes))
		w.buf = binary.LittleEndian.AppendUint32(w.buf, uint32(n))
	default:
		w.buf = append(w.buf, byte(OpBinBytes8))
		w.buf = binary.LittleEndian.AppendUint64(w.buf, uint64(n))
	}
}

// ByteArray writes a bytearray, in protocol 5.
func (w *Writer) ByteArray(b []byte, owner any) error {
	large := len(b) >= frameTarget
	if large {
		w.closeFrame()
	}
	w.buf = append(w.buf, byte(OpByteArray8))
	w.buf = binary.LittleEndian.AppendUint64(w.buf, uint64(len(b)))
	if large {
		return w.payload(b, owner)
	}
	w.buf = append(w.buf, b...)
	return nil
}

// payload hands a large content over outside of any frame, after what is
// buffered, and opens the next frame. CPython leaves it unframed so that a
// loader can read it straight into place.
func (w *Writer) payload(b []byte, owner any) error {
	if w.handsOver(len(b)) {
		if err := w.flush(); err != nil {
			return err
		}
		if err := w.sink.WriteContent(b, owner); err != nil {
			return err
		}
	} else {
		w.buf = append(w.buf, b...)
	}
	if w.framing {
		w.openFrame()
	}
	return nil
}

const hexDigits = "0123456789abcdef"

// RawUnicode writes UNICODE, the str of protocol 0: Latin-1 bytes, and
// "raw-unicode-escape" for what isn't, or what would end or garble the line.
func (w *Writer) RawUnicode(points []rune) {
	w.buf = append(w.buf, byte(OpUnicode))
	for _, c := range points {
		switch {
		case c >= 0x10000:
			w.buf = append(w.buf, '\\', 'U')
			for shift := 28; shift >= 0; shift -= 4 {
				w.buf = append(w.buf, hexDigits[c>>shift&0xf])
			}
		case c >= 256 || c == '\\' || c == 0 || c == '\n' || c == '\r' || c == 0x1a:
			w.buf = append(w.buf, '\\', 'u')
			for shift := 12; shift >= 0; shift -= 4 {
				w.buf = append(w.buf, hexDigits[c>>shift&0xf])
			}
		default:
			w.buf = append(w.buf, byte(c))
		}
	}
	w.buf = append(w.buf, '\n')
}

// ShortText writes and memoizes a str as its UTF-8 s, from protocol 4 on: the
// commonest case of Text and Memoize. 0 <= len(s) < 256.
func (w *Writer) ShortText(s []byte) { w.buf = PutShortText(Reserve(w.buf), s) }
