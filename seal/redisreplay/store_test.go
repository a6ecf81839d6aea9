package redisreplay_test

import (
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/gocloudpickle/gocloudpickle/seal"
	"github.com/gocloudpickle/gocloudpickle/seal/internal/replaytest"
	"github.com/gocloudpickle/gocloudpickle/seal/redisreplay"
)

func store(address string) *redisreplay.Store {
	return &redisreplay.Store{Client: redis.NewClient(&redis.Options{Addr: address, MaxRetries: -1})}
}

func TestMain(m *testing.M) {
	replaytest.Main(m, func(address string) (seal.ReplayStore, error) { return store(address), nil })
}

// server starts a real server.
func server(t *testing.T) (address string) {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server on PATH")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = listener.Addr().String()
	_ = listener.Close()
	_, port, _ := net.SplitHostPort(address)
	cmd := exec.Command(path, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir())
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
			return address
		}
		if time.Now().After(end) {
			t.Fatal("the Redis server doesn't answer")
		}
	}
}

func TestFourProcessesAcceptEachOnce(t *testing.T) { replaytest.Processes(t, server(t)) }

func TestStore(t *testing.T) {
	address := server(t)
	replaytest.Store(t, store(address))
	replaytest.Remembers(t, store(address), store(address))
}

func TestAStoreThatIsDownRefuses(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close() // nobody listens there now
	s := store(address)
	s.Timeout = time.Second
	replaytest.Down(t, s)
}
