package sqlitereplay_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/gocloudpickle/gocloudpickle/seal"
	"github.com/gocloudpickle/gocloudpickle/seal/internal/replaytest"
	"github.com/gocloudpickle/gocloudpickle/seal/sqlitereplay"
)

func TestMain(m *testing.M) {
	replaytest.Main(m, func(path string) (seal.ReplayStore, error) { return sqlitereplay.Open(path, 0) })
}

func open(t *testing.T, path string, timeout time.Duration) *sqlitereplay.Store {
	t.Helper()
	s, err := sqlitereplay.Open(path, timeout)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestFourProcessesAcceptEachOnce(t *testing.T) {
	replaytest.Processes(t, filepath.Join(t.TempDir(), "replay?#%20.db"))
}

func TestStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "replay.db")
	s := open(t, path, 0)
	replaytest.Store(t, s)
	replaytest.Remembers(t, s, open(t, path, 0))
}

func TestAStoreThatIsDownRefuses(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "replay.db"), 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	replaytest.Down(t, s)
	if _, err := sqlitereplay.Open(filepath.Join(t.TempDir(), "no folder", "replay.db"), 50*time.Millisecond); err == nil {
		t.Error("a file in a folder that isn't there was opened")
	}
}

func TestAClockThatGoesBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "replay.db")
	soon := time.Now().Add(20 * time.Millisecond)
	if fresh, err := open(t, path, 0).Record("k", [seal.NonceSize]byte{1}, soon); !fresh || err != nil {
		t.Fatal(fresh, err)
	}
	time.Sleep(time.Until(soon) + 20*time.Millisecond)
	s := open(t, path, 0) // whose first record forgets what has expired
	if fresh, err := s.Record("k", [seal.NonceSize]byte{2}, time.Now().Add(time.Hour)); !fresh || err != nil {
		t.Fatal(fresh, err)
	}
	if fresh, err := s.Record("k", [seal.NonceSize]byte{1}, soon); fresh || !errors.Is(err, seal.ErrUnavailable) {
		t.Errorf("what was forgotten: %v, %v", fresh, err)
	}
}
