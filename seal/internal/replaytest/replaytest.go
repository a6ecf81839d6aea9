// Package replaytest is what every seal.ReplayStore is tested with.
package replaytest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/gocloudpickle/gocloudpickle/seal"
)

// What a process of Processes has in its environment: the place of the store, and its number.
const (
	placeVariable  = "GOCLOUDPICKLE_REPLAYTEST_PLACE"
	numberVariable = "GOCLOUDPICKLE_REPLAYTEST_NUMBER"
)

const (
	processes = 4
	envelopes = 10
	tries     = 10_000 // over all processes
)

// Main is a TestMain: the test's program is also that of the processes of Processes,
// which open the store at a place.
func Main(m *testing.M, open func(place string) (seal.ReplayStore, error)) {
	place, ok := os.LookupEnv(placeVariable)
	if !ok {
		os.Exit(m.Run())
	}
	accepted, err := replay(place, open)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Print(accepted)
}

func replay(place string, open func(string) (seal.ReplayStore, error)) (accepted int, err error) {
	number, err := strconv.Atoi(os.Getenv(numberVariable))
	if err != nil {
		return 0, err
	}
	store, err := open(place)
	if err != nil {
		return 0, err
	}
	for i := range tries / processes {
		// Each process in another order.
		fresh, err := store.Record("key", [seal.NonceSize]byte{byte((i + 3*number) % envelopes)}, time.Now().Add(time.Hour))
		if err != nil {
			return accepted, err
		}
		if fresh {
			accepted++
		}
	}
	return accepted, nil
}

// Processes lets four processes record the same ten nonces 10,000 times at once: each is
// there for the first time once.
func Processes(t *testing.T, place string) {
	t.Helper()
	outputs := make([]bytes.Buffer, processes)
	commands := make([]*exec.Cmd, processes)
	for i := range commands {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), placeVariable+"="+place, numberVariable+"="+strconv.Itoa(i))
		cmd.Stdout, cmd.Stderr = &outputs[i], os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		commands[i] = cmd
	}
	total := 0
	for i, cmd := range commands {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
		n, err := strconv.Atoi(outputs[i].String())
		if err != nil {
			t.Error(err)
		}
		total += n
	}
	if total != envelopes {
		t.Errorf("%d envelopes were accepted, want %d", total, envelopes)
	}
}

// Store tests one store that has nothing in it.
func Store(t *testing.T, s seal.ReplayStore) {
	t.Helper()
	hour := time.Now().Add(time.Hour)
	for _, c := range []struct {
		key   string
		nonce byte
		until time.Time
		want  bool
	}{
		{"k", 1, hour, true}, {"k", 1, hour, false}, {"k", 2, hour, true}, {"other", 1, hour, true},
		{"never", 1, time.Time{}, true}, {"never", 1, time.Time{}, false},
	} {
		fresh, err := s.Record(c.key, [seal.NonceSize]byte{c.nonce}, c.until)
		if err != nil || fresh != c.want {
			t.Errorf("%v: %v, %v", c, fresh, err)
		}
	}
	// A store that can't note what is over refuses it.
	over := time.Now().Add(-time.Hour)
	if fresh, err := s.Record("over", [seal.NonceSize]byte{1}, over); (!fresh || err != nil) && !errors.Is(err, seal.ErrClock) {
		t.Errorf("over: %v, %v", fresh, err)
	}
	key, err := seal.GenerateKey(seal.HMACSHA256)
	if err != nil {
		t.Fatal(err)
	}
	signer, verifier := seal.Signer{Key: key, ExpiresIn: time.Hour}, seal.Verifier{Keys: []*seal.Key{key}, Replay: s}
	envelope, err := signer.Sign([]byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verifier.Verify(envelope); err != nil {
		t.Error(err)
	}
	if _, err := verifier.Verify(envelope); !errors.Is(err, seal.ErrReplayed) {
		t.Errorf("%v, want a replay", err)
	}
}

// Remembers tests that what one store has recorded another one of the same place knows.
func Remembers(t *testing.T, one, other seal.ReplayStore) {
	t.Helper()
	nonce := [seal.NonceSize]byte{200}
	for i, s := range []seal.ReplayStore{one, other, one} {
		if fresh, err := s.Record("shared", nonce, time.Now().Add(time.Hour)); err != nil || fresh != (i == 0) {
			t.Errorf("store %d: %v, %v", i, fresh, err)
		}
	}
}

// Down tests that a store that can't be asked refuses.
func Down(t *testing.T, s seal.ReplayStore) {
	t.Helper()
	key, err := seal.GenerateKey(seal.HMACSHA256)
	if err != nil {
		t.Fatal(err)
	}
	signer := seal.Signer{Key: key}
	envelope, err := signer.Sign([]byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	verifier := seal.Verifier{Keys: []*seal.Key{key}, Replay: s}
	if _, err := verifier.Verify(envelope); !errors.Is(err, seal.ErrUnavailable) {
		t.Errorf("%v, want that the store is unavailable", err)
	}
}
