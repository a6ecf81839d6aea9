package machine

// Limits bound what a stream may cost. A zero field means the default; a
// negative one means no limit. The fields are those of pickle.Limits.
type Limits struct {
	MaxBytes  int64
	MaxDepth  int
	MaxMemo   int
	MaxMemory int64
}

const (
	defaultMaxBytes    = 1 << 30
	DefaultMaxDepth    = 10_000
	defaultMaxMemo     = 1 << 26
	DefaultMemoryBase  = 64 << 20
	defaultMemoryTimes = 64
	unlimited          = 1<<63 - 1
)

func (l Limits) Bytes() int64 {
	switch {
	case l.MaxBytes < 0:
		return unlimited
	case l.MaxBytes == 0:
		return defaultMaxBytes
	}
	return l.MaxBytes
}

func (l Limits) Depth() int32 {
	switch {
	case l.MaxDepth < 0 || l.MaxDepth > 1<<30:
		return 1 << 30
	case l.MaxDepth == 0:
		return DefaultMaxDepth
	}
	return int32(l.MaxDepth)
}

func (l Limits) Memo() int64 {
	switch {
	case l.MaxMemo < 0:
		return unlimited
	case l.MaxMemo == 0:
		return defaultMaxMemo
	}
	return int64(l.MaxMemo)
}

// Memory is the limit after n bytes of input.
func (l Limits) Memory(n int64) int64 {
	switch {
	case l.MaxMemory < 0:
		return unlimited
	case l.MaxMemory == 0:
		return DefaultMemoryBase + defaultMemoryTimes*n
	}
	return l.MaxMemory
}
