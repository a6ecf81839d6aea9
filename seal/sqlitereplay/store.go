// Package sqlitereplay is a seal.ReplayStore in an SQLite file, for the processes of one
// machine. It is the file of gocloudpickle.sealed's SQLiteReplayStore: programs in Go and
// in Python can share one.
//
// It is a package of its own for its dependency, an SQLite in Go, which package seal
// does without.
package sqlitereplay

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/gocloudpickle/gocloudpickle/seal"
)

// DefaultTimeout is how long a Store waits for others that write, unless it says otherwise.
const DefaultTimeout = 10 * time.Second

// A Store is a [seal.ReplayStore]. It may be used by several goroutines, and the file by
// several processes, at once.
type Store struct {
	db      *sql.DB
	timeout time.Duration
	records atomic.Uint64
}

var _ seal.ReplayStore = (*Store)(nil)

// Open opens a file, and makes it where there is none. timeout is how long to wait for
// others that write, 0 being DefaultTimeout; then it is an error, which refuses the envelope.
func Open(path string, timeout time.Duration) (*Store, error) {
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	// A path is no URL: characters that mean something in one are escaped.
	name := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	name.RawQuery = url.Values{"_pragma": {fmt.Sprintf("busy_timeout(%d)", timeout.Milliseconds())}}.Encode()
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, fmt.Errorf("sqlitereplay: %w", err)
	}
	s := &Store{db: db, timeout: timeout}
	if err := s.create(); err != nil {
		return nil, fmt.Errorf("sqlitereplay: %s: %w", path, errors.Join(err, db.Close()))
	}
	return s, nil
}

// create makes the tables, as _replay.py does. swept has one row: until when the latest of
// what has been deleted was to be remembered.
func (s *Store) create() error {
	for end := time.Now().Add(s.timeout); ; time.Sleep(10 * time.Millisecond) {
		_, err := s.db.Exec(`
			PRAGMA journal_mode = WAL;
			CREATE TABLE IF NOT EXISTS accepted (
				key_id TEXT NOT NULL, nonce BLOB NOT NULL, until INTEGER,
				PRIMARY KEY (key_id, nonce)) WITHOUT ROWID;
			CREATE INDEX IF NOT EXISTS accepted_until ON accepted (until);
			CREATE TABLE IF NOT EXISTS swept (id INTEGER PRIMARY KEY CHECK (id = 0), before INTEGER);
			INSERT OR IGNORE INTO swept VALUES (0, -1)`)
		// While another process turns a new file to WAL, this one is refused at once:
		// SQLite waits for no lock that it would have to upgrade.
		if err == nil || !strings.Contains(err.Error(), "locked") || time.Now().After(end) {
			return err
		}
	}
}

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }

// sweepEvery is after how many records those that have expired are deleted.
const sweepEvery = 1000

// Record is that of [seal.ReplayStore].
func (s *Store) Record(keyID string, nonce [seal.NonceSize]byte, until time.Time) (bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), s.timeout)
	defer cancel()
	if (s.records.Add(1)-1)%sweepEvery == 0 {
		if _, err := s.db.ExecContext(ctx, `UPDATE swept SET before = max(before,
			ifnull((SELECT max(until) FROM accepted WHERE until < ?), -1))`, time.Now().UnixMilli()); err != nil {
			return false, err
		}
		if _, err := s.db.ExecContext(ctx, "DELETE FROM accepted WHERE until <= (SELECT before FROM swept)"); err != nil {
			return false, err
		}
	}
	var milliseconds any // NULL is never
	if !until.IsZero() {
		milliseconds = until.UnixMilli()
	}
	// One statement, which is a transaction: asking and noting are one step.
	result, err := s.db.ExecContext(ctx, `INSERT OR IGNORE INTO accepted SELECT ?1, ?2, ?3
		WHERE ?3 IS NULL OR ?3 > (SELECT before FROM swept)`, keyID, nonce[:], milliseconds)
	if err != nil {
		return false, err
	}
	if inserted, err := result.RowsAffected(); err != nil || inserted == 1 {
		return err == nil, err
	}
	var there int
	err = s.db.QueryRowContext(ctx, "SELECT 1 FROM accepted WHERE key_id = ? AND nonce = ?", keyID, nonce[:]).Scan(&there)
	if errors.Is(err, sql.ErrNoRows) {
		return false, seal.ErrClock
	}
	return false, err
}
