// Package redisreplay is a seal.ReplayStore in a Redis server, for the processes of
// several machines. Its keys are those of gocloudpickle.sealed's RedisReplayStore:
// programs in Go and in Python can share a server.
//
// It is a package of its own for its dependency, go-redis, which package seal does without.
package redisreplay

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/gocloudpickle/gocloudpickle/seal"
)

// DefaultPrefix begins the keys in the server.
const DefaultPrefix = "gocloudpickle:replay:"

// DefaultTimeout is how long a Store waits for the server.
const DefaultTimeout = 10 * time.Second

// A Store is a [seal.ReplayStore]. The server must not evict keys for want of memory: run it with maxmemory-policy
// noeviction. A server that fails is an error, which refuses the envelope.
type Store struct {
	Client redis.UniversalClient

	Prefix  string        // DefaultPrefix where it is ""
	Timeout time.Duration // DefaultTimeout where it is 0
}

var _ seal.ReplayStore = (*Store)(nil)

// Record is that of [seal.ReplayStore].
func (s *Store) Record(keyID string, nonce [seal.NonceSize]byte, until time.Time) (bool, error) {
	prefix, timeout := s.Prefix, s.Timeout
	if prefix == "" {
		prefix = DefaultPrefix
	}
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	// One command, so that asking and noting are one step (NX), with its end (PX, from now on:
	// a server whose clock is ahead would forget what has PXAT too early).
	command := []any{"SET", prefix + keyID + ":" + hex.EncodeToString(nonce[:]), "", "NX"}
	if !until.IsZero() {
		left := time.Until(until).Milliseconds()
		if left <= 0 {
			return false, seal.ErrClock
		}
		command = append(command, "PX", left)
	}
	err := s.Client.Do(ctx, command...).Err()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	return err == nil, err
}
