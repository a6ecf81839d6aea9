package pickle

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
	if cfg.unmarshalTyped(data, v) > 0 {
		return nil
	}
	return cfg.unmarshalGeneric(data, v)
}

// unmarshalGeneric is Unmarshal by way of a generic value.
func (cfg *config) unmarshalGeneric(data []byte, v any) error {
	value, tree, err := cfg.load(data)
	if err != nil {
		return err
	}
	return cfg.locate(cfg.assign(v, value, tree), data, 0)
}

func (cfg *config) assign(dst, value any, tree bool) error {
	if p, ok := dst.(*any); ok && p != nil && *p == nil {
		*p = value
		return nil
	}
	a := assigner{maxDepth: cfg.limits.maxDepth(), noCopy: cfg.noCopy, tree: tree}
	return a.assign(dst, value)
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
	d.src.keep = !generic
	value, err := d.Load()
	d.src.keep = false
	if err != nil {
		return err
	}
	if err = d.cfg.assign(v, value, d.tree); err == nil || generic {
		return err
	}
	from := int(d.src.first - d.src.base)
	return d.cfg.locate(err, d.src.data[from:d.src.pos], d.src.first)
}

// decodeTyped decodes the next pickle by the typed decoder, if all of it has
// arrived already, as short messages have. Otherwise nothing has happened.
func (d *Decoder) decodeTyped(v any) bool {
	if d.err != nil {
		return false
	}
	d.src.first = d.src.offset()
	limit := d.cfg.limits.maxBytes()
	if d.src.more(1, limit) != nil {
		return false // the other way says why
	}
	there := d.src.data[d.src.pos:]
	if int64(len(there)) > limit {
		there = there[:limit]
	}
	cfg := d.cfg
	cfg.noCopy = false // the buffer is used again
	n := cfg.unmarshalTyped(there, v)
	d.src.pos += n
	if n > 0 {
		d.discarded = nil
	}
	return n > 0
}
