package host

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle"
	"github.com/gocloudpickle/gocloudpickle/python"
	"github.com/gocloudpickle/gocloudpickle/python/hosting"
	"github.com/gocloudpickle/gocloudpickle/rebuild"
)

const (
	fileVariable = "GOCLOUDPICKLE_TEST_FILE" // the payloads that modes write and read
	siteVariable = "GOCLOUDPICKLE_TEST_SITE" // a site-packages folder with cloudpickle
)

// A payload is what one case of tests/corpus gave at one protocol.
type payload struct {
	Case     string
	Protocol int
	Data     []byte
	Error    string // class of the exception, where there is no Data

	Known      string // what the corpus says of it: "", "fails" or "either"
	Repeatable bool   // two processes give the same Data
	Loadable   bool

	// What cloudpickle gave for the same object, where it is there, and what we gave
	// once more afterwards: a first dump can leave traces in an object.
	Stock, Again []byte
}

// corpusScene walks over the corpus; ids of tracked classes are counted, so that
// two processes give the same.
const corpusScene = `
import cloudpickle.cloudpickle as namespace
from itertools import count
numbers = count()
if hasattr(namespace, '_new_tracker_id'):
    namespace._new_tracker_id = lambda: f'{next(numbers):032x}'

from tests.corpus import Either, usable_cases

def walk():
    for case in usable_cases():
        for protocol in case.protocols:
            failure = case.failure(protocol)
            known = '' if failure is None else 'either' if failure is Either else 'fails'
            with case.setup():
                yield case.name, protocol, case.make(), known, case.repeatable, protocol not in case.unloadable
walk = walk()

def check(name, data):
    import _pickle
    from tests.corpus import by_name
    case = by_name(name)
    with case.setup():
        case.verify(_pickle.loads(data))
`

// modeDump writes the payload of every case of the corpus.
func modeDump(options hosting.StartOptions) error {
	options.Path = append(options.Path, checkout)
	options.Isolated = false // PYTHONHASHSEED holds
	site := os.Getenv(siteVariable)
	if site != "" {
		options.Path = append(options.Path, site)
	}
	if err := hosting.Start(options); err != nil {
		return err
	}
	var payloads []payload
	err := hosting.Do(func() error {
		// The first dump brings cloudpickle's names, which the corpus uses.
		if _, err := gocloudpickle.Dumps(python.None); err != nil {
			return err
		}
		globals := python.NewDict()
		if err := python.Exec(corpusScene, "<corpus>", globals); err != nil {
			return err
		}
		walk, stock := python.Eval("walk", globals), python.Eval("namespace.dumps", globals)
		for {
			item, err := python.Next(walk)
			if err != nil || item.IsNil() {
				return err
			}
			p := dumpCase(item)
			if site != "" {
				p.Stock, p.Again = dumpStock(stock, item), dumpCase(item).Data
			}
			payloads = append(payloads, p)
			item.DecRef()
		}
	})
	if err != nil {
		return fmt.Errorf("%w\n%s", err, traceback(err))
	}
	var out bytes.Buffer
	if err := gob.NewEncoder(&out).Encode(payloads); err != nil {
		return err
	}
	return os.WriteFile(os.Getenv(fileVariable), out.Bytes(), 0o600)
}

func dumpCase(item python.Object) payload {
	protocol, _ := python.IntSmall(python.TupleItem(item, 1))
	p := payload{
		Case: python.String(python.TupleItem(item, 0)), Protocol: int(protocol),
		Known:      python.String(python.TupleItem(item, 3)),
		Repeatable: python.TupleItem(item, 4) == python.True,
		Loadable:   python.TupleItem(item, 5) == python.True,
	}
	data, err := gocloudpickle.Dumps(python.TupleItem(item, 2), gocloudpickle.Protocol(p.Protocol))
	var e *hosting.Exception
	if errors.As(err, &e) {
		p.Error = e.Type
	} else if err != nil {
		p.Error = err.Error()
	}
	p.Data = data
	return p
}

// dumpStock is what cloudpickle.dumps of an installed cloudpickle gives.
func dumpStock(stock, item python.Object) []byte {
	result := python.Call2(stock, python.TupleItem(item, 2), python.TupleItem(item, 1))
	if result.IsNil() {
		python.ClearError()
		return nil
	}
	defer result.DecRef()
	return bytes.Clone(python.Bytes(result))
}

// modeLoad loads payloads where only rebuild is there to answer for cloudpickle,
// and lets the corpus check what they are.
func modeLoad(options hosting.StartOptions) error {
	text, err := os.ReadFile(os.Getenv(fileVariable))
	if err != nil {
		return err
	}
	var payloads []payload
	if err := gob.NewDecoder(bytes.NewReader(text)).Decode(&payloads); err != nil {
		return err
	}
	options.Path = append(options.Path, checkout)
	if err := hosting.Start(options); err != nil {
		return err
	}
	return hosting.Do(func() error {
		if err := rebuild.Install(); err != nil {
			return err
		}
		globals := python.NewDict()
		if err := python.Exec(corpusScene, "<corpus>", globals); err != nil {
			return err
		}
		check := python.Eval("check", globals)
		for _, p := range payloads {
			if p.Data == nil || p.Known != "" || !p.Loadable {
				continue
			}
			err := hosting.Do(func() error {
				name, data := python.NewStr(p.Case), python.NewBytes(p.Data)
				defer name.DecRef()
				defer data.DecRef()
				result := python.Call2(check, name, data)
				if result.IsNil() {
					return python.ErrPython
				}
				result.DecRef()
				return nil
			})
			if err != nil {
				fmt.Printf("%s at protocol %d: %v\n", p.Case, p.Protocol, err)
			}
		}
		return nil
	})
}

// dumpCorpus runs modeDump on one path, with the results of stock cloudpickle that the corpus
// describes, and reads what it wrote.
func dumpCorpus(t *testing.T, path string, env ...string) (file string, payloads []payload) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "payloads")
	env = append(env, "GOCLOUDPICKLE_STRICT=1", fileVariable+"="+file, python.PathVariable+"="+path, "PYTHONHASHSEED=0", "PYTHONPATH=", "PYTHONDONTWRITEBYTECODE=1")
	if out, err := inMode(t, "dump", env...); err != nil {
		t.Fatalf("dumping the corpus on the %s path: %v\n%s", path, err, out)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := gob.NewDecoder(bytes.NewReader(text)).Decode(&payloads); err != nil {
		t.Fatal(err)
	}
	if len(payloads) < 1000 {
		t.Fatalf("only %d payloads: where is the corpus?", len(payloads))
	}
	return file, payloads
}

// Every case of the corpus goes from this process's engine to an interpreter that
// has only rebuild; the two paths give the same bytes.
func TestCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	file, layout := dumpCorpus(t, "layout")
	for _, p := range layout {
		if p.Known == "" && p.Error != "" || p.Known == "fails" && p.Error == "" {
			t.Errorf("%s at protocol %d: %d bytes, error %q, the corpus says %q", p.Case, p.Protocol, len(p.Data), p.Error, p.Known)
		}
	}
	_, portable := dumpCorpus(t, "portable")
	if len(portable) != len(layout) {
		t.Fatalf("%d payloads on one path, %d on the other", len(layout), len(portable))
	}
	for i, p := range layout {
		if q := portable[i]; p.Error != q.Error || p.Repeatable && !bytes.Equal(p.Data, q.Data) {
			t.Errorf("%s at protocol %d: %d bytes (error %q) on the layout path, %d (error %q) on the portable one",
				p.Case, p.Protocol, len(p.Data), p.Error, len(q.Data), q.Error)
		}
	}
	out, err := inMode(t, "load", fileVariable+"="+file)
	if err != nil || out != "" {
		t.Errorf("loading: %v\n%s", err, out)
	}
}

// The bytes are cloudpickle's, where the checkout has an environment with it.
func TestCorpusAgainstCloudpickle(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	if python.Minor() != 14 {
		t.Skipf("cloudpickle is only there for Python 3.14, and this is %s", python.Version())
	}
	venv := filepath.Join(checkout, "build", "venv-3.14")
	if _, err := os.Stat(filepath.Join(venv, ".installed-tests-requirements.txt")); err != nil {
		t.Skipf("no cloudpickle in %s, or not yet: the end of make test brings it", venv)
	}
	site := filepath.Join(venv, "lib", "python3.14", "site-packages")
	_, payloads := dumpCorpus(t, "layout", siteVariable+"="+site)
	compared := 0
	for _, p := range payloads {
		if p.Stock == nil || strings.HasPrefix(p.Known, "either") {
			continue
		}
		if compared++; p.Repeatable && !bytes.Equal(p.Again, p.Stock) {
			t.Errorf("%s at protocol %d: %d bytes, cloudpickle gave %d", p.Case, p.Protocol, len(p.Again), len(p.Stock))
		}
	}
	if compared < 1000 {
		t.Errorf("only %d payloads were compared", compared)
	}
}
