package pickle

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/gotype"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/typed"
)

// Unmarshal decodes the first pickle in data into the variable that v points
// to. Bytes after the pickle are ignored, as pickle.loads does.
//
// A variable of type any gets what [Load] returns. Otherwise the type of the
// variable says what the value must be:
//
//   - bool, integers, floats, complex numbers, strings and big.Int take the
//     Python type of that name. An int fits into a float, nothing else changes
//     its kind, and a value that overflows is an error. They also take what
//     stands for such a value: a member of an Enum, an instance of a subclass of
//     int, a NumPy scalar.
//   - []byte and arrays of bytes take bytes, bytearrays and buffers; [16]byte
//     takes a uuid.UUID.
//   - Slices and arrays take lists, tuples, sets, NumPy arrays and instances of
//     list and set classes. An array must have the right length.
//   - Maps take dicts, their subclasses, and, with elements of bool or struct{}, sets.
//   - Structs take dicts and instances of classes by the names of keys and
//     attributes, and tuples by position. Names come from the tag
//     `pickle:"name"`, or are those of the fields; upper and lower case may
//     differ. Unknown keys are ignored.
//   - Pointers take None as nil. Objects that are shared or contain themselves
//     in Python become shared or cyclic pointers.
//   - time.Time takes a datetime or a date, time.Duration a timedelta or a
//     time. big.Rat takes a Decimal or a Fraction.
//   - A type with UnmarshalPickle reads itself. A type with UnmarshalText takes
//     strs and what Python makes of a single str, such as a Decimal.
//
// On an error the variable may be filled in part.
func Unmarshal(data []byte, v any, opts ...Option) error {
	cfg := newConfig(opts)
	return typed.Unmarshal(&cfg, data, v)
}

// Decode decodes the next pickle into the variable that v points to, by the
// rules of [Unmarshal]. It returns io.EOF when the stream ends before a pickle
// begins. A value that does not fit leaves the decoder ready for the next pickle.
func (d *Decoder) Decode(v any) error {
	if d.decodeTyped(v) {
		return nil
	}
	// The bytes are kept to say where a value came from that does not fit.
	_, generic := v.(*any)
	value, err := d.load(!generic)
	if err != nil {
		return err
	}
	if err = typed.Assign(&d.cfg, v, value, d.in.Tree); err == nil || generic {
		return gotype.Public(err)
	}
	data, base := d.in.Last()
	return typed.Locate(&d.cfg, err, data, base)
}

// decodeTyped decodes the next pickle by the typed decoder, if all of it has
// arrived already, as short messages have. Otherwise nothing has happened.
func (d *Decoder) decodeTyped(v any) bool {
	if d.err != nil {
		return false
	}
	there, ok := d.in.Next(d.cfg.Limits.Bytes())
	if !ok {
		return false // the general way says why
	}
	cfg := d.cfg
	cfg.NoCopy = false // the buffer is used again
	n := typed.Direct(&cfg, there, v)
	d.in.Skip(n)
	return n > 0
}

// Unmarshaler is implemented by types that read themselves from a generic
// value. The value must not be changed, and may be kept. [Unmarshal] may call
// the method again for the same value, on a new variable, when it finds that it
// has to read the stream in another way.
type Unmarshaler interface {
	UnmarshalPickle(v any) error
}

// Assign stores a generic value, as [Load] returns it, in the variable that
// dst points to, by the rules of [Unmarshal].
func Assign(dst any, v any) error { return typed.AssignDefault(dst, v) }
