package pickler

import "github.com/gocloudpickle/gocloudpickle/python"

// dumps needs a Pickler object only where its hooks could do something else than this
// package does natively: where somebody has given hooks to the target's class itself.

// hooksChanged reports whether the hooks of the target's class have been replaced.
func (d *Target) hooksChanged() (bool, error) {
	version := python.VersionTag(d.Class)
	if version != 0 && version == d.hooksVersion {
		return false, nil
	}
	d.hooksVersion = 0
	for _, hook := range [...]struct{ name, own, native python.Object }{
		{interned.reducerOverride, d.ReducerOverride, d.nativeOverride},
		{interned.persistentID, d.persistentID, d.persistentID},
	} {
		differs, err := python.AttributeDiffers(d.Class, hook.name, hook.own)
		if err == nil && differs && hook.native != hook.own {
			differs, err = python.AttributeDiffers(d.Class, hook.name, hook.native)
		}
		if err != nil || differs {
			return differs, err
		}
	}
	d.hooksVersion = python.VersionTag(d.Class)
	return false, nil
}

// dumpsByClass is Dumps with a Pickler object.
func (d *Target) dumpsByClass(o python.Object, options Options, err error) (python.Object, error) {
	if err != nil {
		return python.Nil, err
	}
	file := python.Call0(stdlib.bytesIO)
	if file.IsNil() {
		return python.Nil, python.ErrPython
	}
	defer file.DecRef()
	if err := d.dumpByClass(o, file, options, nil); err != nil {
		return python.Nil, err
	}
	data := python.CallMethod0(file, interned.getvalue)
	if data.IsNil() {
		return python.Nil, python.ErrPython
	}
	return data, nil
}

// dumpByClass is Dump with a Pickler object.
func (d *Target) dumpByClass(o, file python.Object, options Options, err error) error {
	if err != nil {
		return err
	}
	callback := options.BufferCallback
	if callback.IsNil() {
		callback = python.None
	}
	pickler := python.Call3(d.Class, file, stdlib.protocols[options.Protocol], callback)
	if pickler.IsNil() {
		return python.ErrPython
	}
	defer pickler.DecRef()
	done := python.CallMethod1(pickler, interned.dump, o)
	if done.IsNil() {
		return python.ErrPython
	}
	done.DecRef()
	return nil
}
