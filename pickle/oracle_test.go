package pickle

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// Differential tests ask whatever Python is found: those of the path list in
// GOCLOUDPICKLE_TEST_PYTHONS, otherwise python3 and python3.10 to 3.14 of PATH.

// python is one running interpreter with testdata/oracle.py.
type python struct {
	path, version string

	mu  sync.Mutex
	in  io.WriteCloser
	out *bufio.Reader
}

var oracles = sync.OnceValues(func() ([]*python, string) {
	var names []string
	if list := os.Getenv("GOCLOUDPICKLE_TEST_PYTHONS"); list != "" {
		names = filepath.SplitList(list)
	} else {
		names = []string{"python3", "python3.10", "python3.11", "python3.12", "python3.13", "python3.14"}
	}
	var found []*python
	seen := map[string]bool{}
	reason := ""
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			reason += fmt.Sprintf("; %v", err)
			continue
		}
		p, err := startPython(path)
		if err != nil {
			reason += fmt.Sprintf("; %s: %v", path, err)
			continue
		}
		if !seen[p.version] {
			seen[p.version] = true
			found = append(found, p)
		} else {
			p.in.Close()
		}
	}
	return found, reason
})

func startPython(path string) (*python, error) {
	cmd := exec.Command(path, "-u", filepath.Join("testdata", "oracle.py"))
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &python{path: path, in: in, out: bufio.NewReaderSize(out, 1<<20)}
	a, err := p.ask(request{Op: "version"})
	if err != nil {
		return nil, err
	}
	p.version = a.Text
	return p, nil
}

// atLeast reports whether the interpreter is of a version or a later one.
func (p *python) atLeast(major, minor int) bool {
	var a, b int
	_, err := fmt.Sscanf(p.version, "%d.%d", &a, &b)
	return err == nil && (a > major || a == major && b >= minor)
}

type request struct {
	Op       string   `json:"op"`
	Data     []byte   `json:"data,omitempty"`
	Buffers  [][]byte `json:"buffers,omitempty"`
	Python   bool     `json:"python,omitempty"`
	Encoding string   `json:"encoding,omitempty"`
	Expr     string   `json:"expr,omitempty"`
	Proto    int      `json:"proto"`
	Protos   []int    `json:"protos,omitempty"`

	Indent   int               `json:"indentlevel,omitempty"`
	Annotate int               `json:"annotate,omitempty"`
	Docs     map[string]string `json:"docs,omitempty"`
}

type reply struct {
	OK    bool            `json:"ok"`
	Skip  string          `json:"skip"`
	Error string          `json:"error"`
	Canon string          `json:"canon"`
	Used  int             `json:"used"`
	Text  string          `json:"text"`
	Repr  string          `json:"repr"`
	Same  *bool           `json:"same"`
	Data  json.RawMessage `json:"data"`
}

func (p *python) ask(q request) (reply, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b, err := json.Marshal(q)
	if err != nil {
		return reply{}, err
	}
	if _, err := p.in.Write(append(b, '\n')); err != nil {
		return reply{}, err
	}
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return reply{}, fmt.Errorf("%s ended: %w", p.path, err)
	}
	var a reply
	return a, json.Unmarshal(line, &a)
}

func (p *python) must(t testing.TB, q request) reply {
	t.Helper()
	a, err := p.ask(q)
	if err != nil {
		t.Fatalf("python %s: %v", p.version, err)
	}
	return a
}

// pythons runs a test with each Python found, and says so when there is none.
func pythons(t *testing.T, test func(t *testing.T, p *python)) {
	t.Helper()
	found, reason := oracles()
	if len(found) == 0 {
		t.Skip("no Python to compare with: set GOCLOUDPICKLE_TEST_PYTHONS to a path list of interpreters" + reason)
	}
	for _, p := range found {
		t.Run("python"+p.version, func(t *testing.T) { test(t, p) })
	}
}

// anyPython is the first Python found.
func anyPython(t *testing.T) *python {
	t.Helper()
	found, reason := oracles()
	if len(found) == 0 {
		t.Skip("no Python to compare with: set GOCLOUDPICKLE_TEST_PYTHONS to a path list of interpreters" + reason)
	}
	return found[len(found)-1]
}

func unquote(raw json.RawMessage, to *[]byte) error { return json.Unmarshal(raw, to) }
