package pickle

// Limits bound what a stream may cost. A zero field means the default; a
// negative one means no limit.
type Limits struct {
	// MaxBytes bounds the length of one pickle read from an io.Reader.
	// The default is 1 GiB.
	MaxBytes int64
	// MaxDepth bounds how deep containers nest in the stream, and how deep
	// typed decoding and encoding follow values. The default is 10,000.
	MaxDepth int
	// MaxMemo bounds the memo: how many values the stream may set aside for
	// repeated use, and the numbers it may give them. The default is 1<<26.
	MaxMemo int
	// MaxMemory bounds the memory a generic decode takes for the value and
	// for itself, as counted when it is taken. The default is 64 MiB plus 64
	// times the bytes read: every stream that CPython writes fits.
	MaxMemory int64
}

const (
	defaultMaxBytes    = 1 << 30
	defaultMaxDepth    = 10_000
	defaultMaxMemo     = 1 << 26
	defaultMemoryBase  = 64 << 20
	defaultMemoryTimes = 64
	unlimited          = 1<<63 - 1
)

func (l Limits) maxBytes() int64 {
	switch {
	case l.MaxBytes < 0:
		return unlimited
	case l.MaxBytes == 0:
		return defaultMaxBytes
	}
	return l.MaxBytes
}

func (l Limits) maxDepth() int32 {
	switch {
	case l.MaxDepth < 0 || l.MaxDepth > 1<<30:
		return 1 << 30
	case l.MaxDepth == 0:
		return defaultMaxDepth
	}
	return int32(l.MaxDepth)
}

func (l Limits) maxMemo() int64 {
	switch {
	case l.MaxMemo < 0:
		return unlimited
	case l.MaxMemo == 0:
		return defaultMaxMemo
	}
	return int64(l.MaxMemo)
}

// maxMemory is the limit after n bytes of input.
func (l Limits) maxMemory(n int64) int64 {
	switch {
	case l.MaxMemory < 0:
		return unlimited
	case l.MaxMemory == 0:
		return defaultMemoryBase + defaultMemoryTimes*n
	}
	return l.MaxMemory
}
