package seal

import (
	"container/heap"
	"sync"
	"time"

	"github.com/gocloudpickle/gocloudpickle/seal/format"
)

// A ReplayStore remembers which envelopes have been accepted.
type ReplayStore interface {
	// Record notes a nonce of a key, and returns whether it is there for the first time.
	// Asking and noting are one step: of any number of calls at once, also by other
	// processes that share the store, one returns true. Nothing is forgotten before the
	// time until, the zero Time being never. An error refuses the envelope.
	Record(keyID string, nonce [NonceSize]byte, until time.Time) (fresh bool, err error)
}

// ErrClock refuses an envelope that a store would have forgotten, had it accepted it: the
// clock has gone back since.
var ErrClock error = format.Refuse(Unavailable,
	"nobody can say whether it was accepted before: the clock has gone back, behind what has been forgotten since")

// A MemoryReplayStore is a ReplayStore of one process. The zero value is ready.
type MemoryReplayStore struct {
	// Max, where it is not 0, is how many nonces are remembered at most. With so many
	// that have not expired, new envelopes are refused: none is forgotten for another.
	Max int

	mu      sync.Mutex
	seen    map[replayKey]struct{}
	expires expiryHeap
	// forgotten is until when what has been evicted was to be remembered.
	forgotten time.Time
	now       func() time.Time // tests
}

type replayKey struct {
	keyID string
	nonce [NonceSize]byte
}

// Record is that of [ReplayStore].
func (s *MemoryReplayStore) Record(keyID string, nonce [NonceSize]byte, until time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.now != nil {
		now = s.now()
	}
	for len(s.expires) > 0 && s.expires[0].until.Before(now) {
		old := heap.Pop(&s.expires).(expiry)
		s.forgotten = old.until
		delete(s.seen, old.key)
	}
	key := replayKey{keyID, nonce}
	if _, ok := s.seen[key]; ok {
		return false, nil
	}
	if !until.IsZero() && !until.After(s.forgotten) {
		return false, ErrClock
	}
	if s.Max > 0 && len(s.seen) >= s.Max {
		return false, format.Refuse(Unavailable, "%d envelopes that have not expired are remembered, which is the limit", s.Max)
	}
	if s.seen == nil {
		s.seen = map[replayKey]struct{}{}
	}
	s.seen[key] = struct{}{}
	if !until.IsZero() {
		heap.Push(&s.expires, expiry{until, key})
	}
	return true, nil
}

// Len is the number of nonces that are remembered.
func (s *MemoryReplayStore) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}

// An expiryHeap has the nonce that expires first in front.
type expiryHeap []expiry

type expiry struct {
	until time.Time
	key   replayKey
}

func (h expiryHeap) Len() int           { return len(h) }
func (h expiryHeap) Less(i, j int) bool { return h[i].until.Before(h[j].until) }
func (h expiryHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *expiryHeap) Push(x any)        { *h = append(*h, x.(expiry)) }
func (h *expiryHeap) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
