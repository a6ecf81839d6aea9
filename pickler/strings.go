package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// largeText is the length from which a str can be written outside of frames, so that
// writing it calls the file's write method. UTF-8 has at most 4 bytes a code point.
const largeText = (wire.MaxTextInFrame + 1) / 4

// saveStr writes a str that is not in the memo.
func (p *Pickler) saveStr(o python.Object) error {
	if python.StrLength(o) >= largeText {
		p.beforePython()
		o.IncRef()
		defer o.DecRef()
	}
	if err := p.writeText(o); err != nil {
		return err
	}
	return p.memoize(o)
}

// saveTextInFrame is saveStr for a str of medium length, where Pickler.fastPath is set.
func (p *Pickler) saveTextInFrame(o python.Object) (done bool, err error) {
	if python.StrLength(o) >= largeText {
		return false, nil
	}
	text, ok := python.UTF8View(o)
	if !ok {
		return false, nil
	}
	if slot, memoized := p.putOnce(o); memoized {
		p.w.ShortGet(slot)
		return true, nil
	}
	_, err = p.w.Text(text, python.Nil)
	p.w.Op(wire.OpMemoize)
	return true, err
}

// saveBytesInFrame writes bytes or a bytearray that go into the open frame, where
// Pickler.fastPath is set.
func (p *Pickler) saveBytesInFrame(o python.Object) (done bool, err error) {
	var content []byte
	isBytes := o.Type() == python.BytesType
	if isBytes {
		content = python.Bytes(o)
	} else {
		content = python.ByteArray(o)
	}
	if !wire.InFrame(len(content)) || !isBytes && p.proto < 5 {
		return false, nil
	}
	if slot, memoized := p.putOnce(o); memoized {
		p.w.ShortGet(slot)
		return true, nil
	}
	if isBytes {
		_, err = p.w.Bytes(content, python.Nil)
	} else {
		err = p.w.ByteArray(content, python.Nil)
	}
	p.w.Op(wire.OpMemoize)
	return true, err
}

// putOnce gives o the next slot in the memo, or the slot that it has.
func (p *Pickler) putOnce(o python.Object) (slot uint32, memoized bool) {
	if p.deferMemo && o.Unshared() {
		p.memo.deferPut(o)
		return 0, false
	}
	n, memoized := p.memo.getOrPut(o)
	return uint32(n), memoized
}

// saveFreshStr writes what "".join(s) makes: another str with the same text.
//
// cloudpickle does that to names, so that a name that the interpreter has
// interned is pickled like one that it has not. For a single character join returns
// that character itself, which up to 255 is always the same object.
func (p *Pickler) saveFreshStr(s python.Object) error {
	if text, ok := python.ASCII(s); ok && p.fastPath && len(text) > 1 && len(text) < 256 && !p.w.Full() {
		p.w.ShortText(text)
		p.memo.slots++
		return nil
	}
	switch python.StrLength(s) {
	case 0:
		return p.save(stdlib.emptyStr)
	case 1:
		points, err := python.Runes(s)
		if err != nil {
			return err
		}
		if c := points[0]; c < rune(len(stdlib.chars)) {
			return p.save(stdlib.chars[c])
		}
	}
	if err := p.w.Boundary(); err != nil {
		return err
	}
	if err := p.writeText(s); err != nil {
		return err
	}
	return p.memoizeTemporary()
}

func (p *Pickler) writeText(o python.Object) error {
	if p.proto == 0 {
		points, err := python.Runes(o)
		if err != nil {
			return err
		}
		p.w.RawUnicode(points)
		return nil
	}
	written, err := p.writeUTF8(o)
	if err == nil && !written {
		err = python.Raise(python.OverflowError, "serializing a string larger than 4 GiB requires pickle protocol 4 or higher")
	}
	return err
}

func (p *Pickler) writeUTF8(o python.Object) (written bool, err error) {
	if text, ok := python.UTF8View(o); ok {
		return p.w.Text(text, python.Nil)
	}
	if c, ok := python.CharactersOf(o); ok {
		return p.w.SizedText(c.UTF8Size(), func(dst []byte) { c.PutUTF8(dst) })
	}
	text, owner, err := python.UTF8(o)
	if err != nil {
		return false, err
	}
	written, err = p.w.Text(text, python.Nil)
	owner.XDecRef()
	return written, err
}

// saveBytes writes a bytes object that is not in the memo.
func (p *Pickler) saveBytes(o python.Object) error {
	o.IncRef()
	defer o.DecRef()
	if p.proto < 3 {
		return p.saveOldBytes(o)
	}
	return p.writeBytes(python.Bytes(o), o)
}

func (p *Pickler) writeBytes(b []byte, owner python.Object) error {
	written, err := p.w.Bytes(b, owner)
	if err != nil {
		return err
	}
	if !written {
		return python.Raise(python.OverflowError,
			"serializing a bytes object larger than 4 GiB requires pickle protocol 4 or higher")
	}
	return p.memoize(owner)
}

// saveOldBytes writes bytes for Python 2 and protocols that have no opcode for
// them: as the call codecs.encode(text, 'latin1'), or bytes().
func (p *Pickler) saveOldBytes(o python.Object) error {
	b := python.Bytes(o)
	if len(b) == 0 {
		return p.saveReduction(o, python.BytesType)
	}
	text := python.DecodeLatin1(b)
	if text.IsNil() {
		return python.ErrPython
	}
	defer text.DecRef()
	return p.saveReduction(o, stdlib.codecsEncode, text, interned.latin1)
}

func (p *Pickler) saveByteArray(o python.Object) error {
	if p.proto < 5 {
		b := python.ByteArray(o)
		if len(b) == 0 {
			return p.saveReduction(o, python.ByteArrayType)
		}
		content := python.NewBytes(b)
		if content.IsNil() {
			return python.ErrPython
		}
		defer content.DecRef()
		deferMemo := p.deferMemo
		p.deferMemo = false // content has one reference, but no container
		err := p.saveReduction(o, python.ByteArrayType, content)
		p.deferMemo = deferMemo && p.fastPath
		return err
	}
	if err := p.w.ByteArray(python.ByteArray(o), o); err != nil {
		return err
	}
	return p.memoize(o)
}

// savePickleBuffer writes the memory behind a PickleBuffer, or leaves it to the
// buffer callback (PEP 574).
func (p *Pickler) savePickleBuffer(o python.Object) error {
	if p.proto < 5 {
		return p.picklingError(said(13, "PickleBuffer can only be pickled with protocol >= 5",
			"PickleBuffer can only pickled with protocol >= 5"))
	}
	view, err := python.PickleBuffer(o)
	if err != nil {
		return err
	}
	if !view.Contiguous {
		return p.picklingError("PickleBuffer can not be pickled when pointing to a non-contiguous buffer")
	}
	if !p.bufferCallback.IsNil() {
		result := python.Call1(p.bufferCallback, o)
		if result.IsNil() {
			return python.ErrPython
		}
		inBand, err := python.IsTrue(result)
		result.DecRef()
		if err != nil {
			return err
		}
		if !inBand {
			p.w.Op(wire.OpNextBuffer)
			if view.Readonly {
				p.w.Op(wire.OpReadonlyBuffer)
			}
			return nil
		}
		// The callback may have released the buffer.
		if view, err = python.PickleBuffer(o); err != nil {
			return err
		}
	}
	if view.Readonly {
		return p.writeBytes(view.Data, o)
	}
	if err := p.w.ByteArray(view.Data, o); err != nil {
		return err
	}
	return p.memoize(o)
}
