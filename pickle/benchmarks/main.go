// Benchmarks compares this module's pickle package with the other Go
// libraries and with CPython's own pickle, on the same files in one run:
//
//	go run . [-python PATH] [-rounds N] [-store]
//
// Each number is CPU time, of all threads, in the best of several rounds: other
// work on the machine disturbs it least. A round of the Go libraries runs a
// case several times in a row, and the garbage collection that this causes
// counts.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	ogrek "github.com/kisielk/og-rek"
	gopickle "github.com/nlpodyssey/gopickle/pickle"

	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// result is what one subject took for one case.
type result struct {
	time   time.Duration
	bytes  uint64
	allocs uint64
	err    error
}

// measure runs f in rounds and returns the best.
func measure(rounds int, f func() error) (best result) {
	if err := f(); err != nil {
		return result{err: err}
	}
	for range rounds {
		n := 0
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		start, cpu := time.Now(), cpuTime()
		for n < 3 || time.Since(start) < 40*time.Millisecond {
			if err := f(); err != nil {
				return result{err: err}
			}
			n++
		}
		took := (cpuTime() - cpu) / time.Duration(n)
		runtime.ReadMemStats(&after)
		if best.time == 0 || took < best.time {
			best = result{time: took, bytes: (after.TotalAlloc - before.TotalAlloc) / uint64(n), allocs: (after.Mallocs - before.Mallocs) / uint64(n)}
		}
	}
	return best
}

// cpuTime is the time all threads of this process have run.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		log.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func main() {
	log.SetFlags(0)
	python := flag.String("python", "python3", "the Python to compare with")
	rounds := flag.Int("rounds", 15, "rounds, of which the best counts")
	proto := flag.Int("proto", 4, "protocol of the pickles")
	ballast := flag.Int("heap", 64, "live heap in MiB, as a program has that does more than decode")
	store := flag.Bool("store", false, "store the results, and write docs/pickle-speed.md of them")
	render := flag.Bool("render", false, "write docs/pickle-speed.md of the stored results, and measure nothing")
	flag.Parse()
	if *render {
		r, err := loadReport()
		if err == nil {
			err = r.store()
		}
		if err != nil {
			log.Fatal(err)
		}
		return
	}

	cases, err := encodeCases(*proto)
	if err != nil {
		log.Fatal(err)
	}
	heap := make([]byte, *ballast<<20)
	names := []string{"decode", "decode without copies", "decode typed", "og-rek", "gopickle", "CPython", "encode", "encode without memo", "og-rek encode", "CPython encode", "encode to a stream", "og-rek encode to a stream"}
	table := map[string]map[string]result{}
	for _, c := range cases {
		row := map[string]result{}
		table[c.name] = row
		row["decode"] = measure(*rounds, func() error { _, err := pickle.Load(c.data); return err })
		row["decode typed"] = measure(*rounds, func() error { return pickle.Unmarshal(c.data, c.target()) })
		row["og-rek"] = measure(*rounds, func() error {
			_, err := ogrek.NewDecoder(bytes.NewReader(c.data)).Decode()
			return err
		})
		row["gopickle"] = measure(*rounds, func() error {
			u := gopickle.NewUnpickler(bytes.NewReader(c.data))
			_, err := u.Load()
			return err
		})
		row["encode"] = measure(*rounds, func() error { _, err := pickle.Marshal(c.value, pickle.WithProtocol(*proto)); return err })
		row["encode without memo"] = measure(*rounds, func() error {
			_, err := pickle.Marshal(c.value, pickle.WithProtocol(*proto), pickle.WithoutMemo())
			return err
		})
		row["decode without copies"] = measure(*rounds, func() error { _, err := pickle.Load(c.data, pickle.NoCopy()); return err })
		row["og-rek encode"] = measure(*rounds, func() error {
			var b bytes.Buffer
			return ogrek.NewEncoderWithConfig(&b, &ogrek.EncoderConfig{Protocol: *proto}).Encode(c.ogrek)
		})
		stream := pickle.NewEncoder(io.Discard, pickle.WithProtocol(*proto))
		row["encode to a stream"] = measure(*rounds, func() error { return stream.Encode(c.value) })
		ogrekStream := ogrek.NewEncoderWithConfig(io.Discard, &ogrek.EncoderConfig{Protocol: *proto})
		row["og-rek encode to a stream"] = measure(*rounds, func() error { return ogrekStream.Encode(c.ogrek) })
		debug.FreeOSMemory()
	}
	runtime.KeepAlive(heap)
	version, err := runPython(*python, cases, *proto, *rounds, table)
	if err != nil {
		log.Printf("no figures of CPython: %v", err)
	}
	printTable(cases, names, table, version)
	if *store {
		if err := newReport(cases, table, version, *proto, *rounds).store(); err != nil {
			log.Fatal(err)
		}
	}
}

// pythonScript loads and dumps each file, and prints the best times.
const pythonScript = `
import json, pickle, sys, time
rounds, proto = int(sys.argv[1]), int(sys.argv[2])
out = []
for path in sys.argv[3:]:
    data = open(path, "rb").read()
    load = dump = 1e9
    for _ in range(rounds * 2):
        start = time.process_time()
        value = pickle.loads(data)
        load = min(load, time.process_time() - start)
        start = time.process_time()
        again = pickle.dumps(value, proto)
        dump = min(dump, time.process_time() - start)
        del value, again
    out.append([load, dump])
print(json.dumps([sys.version.split()[0], out]))
`

func runPython(python string, cases []encoded, proto, rounds int, table map[string]map[string]result) (string, error) {
	dir, err := os.MkdirTemp("", "pickles")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	args := []string{"-c", pythonScript, fmt.Sprint(rounds), fmt.Sprint(proto)}
	for i, c := range cases {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, c.data, 0o600); err != nil {
			return "", err
		}
		args = append(args, path)
	}
	cmd := exec.Command(python, args...)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return "", err
	}
	var version string
	var times [][2]float64
	if err := json.Unmarshal(text, &[]any{&version, &times}); err != nil {
		return "", err
	}
	for i, c := range cases {
		table[c.name]["CPython"] = result{time: time.Duration(times[i][0] * 1e9)}
		table[c.name]["CPython encode"] = result{time: time.Duration(times[i][1] * 1e9)}
	}
	return version, nil
}

func printTable(cases []encoded, names []string, table map[string]map[string]result, version string) {
	fmt.Printf("%s, %s/%s, CPython %s\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, version)
	fmt.Printf("| case | bytes | %s |\n|---|---|%s\n", strings.Join(names, " | "), strings.Repeat("---|", len(names)))
	for _, c := range cases {
		fmt.Printf("| %s | %d |", c.name, len(c.data))
		for _, n := range names {
			fmt.Printf(" %s |", cell(table[c.name][n]))
		}
		fmt.Println()
	}
	fmt.Printf("\n| case | times the better Go library | times CPython | typed, times CPython | encode, times og-rek | without memo, times og-rek | to a stream, times og-rek | encode, times CPython |\n|---|---|---|---|---|---|---|---|\n")
	for _, c := range cases {
		row := table[c.name]
		other := row["og-rek"].time
		if g := row["gopickle"].time; other == 0 || g > 0 && g < other {
			other = g
		}
		fmt.Printf("| %s | %s | %s | %s | %s | %s | %s | %s |\n", c.name,
			ratio(other, row["decode"].time), ratio(row["CPython"].time, row["decode"].time),
			ratio(row["CPython"].time, row["decode typed"].time), ratio(row["og-rek encode"].time, row["encode"].time),
			ratio(row["og-rek encode"].time, row["encode without memo"].time),
			ratio(row["og-rek encode to a stream"].time, row["encode to a stream"].time),
			ratio(row["CPython encode"].time, row["encode"].time))
	}
}

func cell(r result) string {
	switch {
	case r.err != nil:
		return "fails"
	case r.time == 0:
		return "-"
	case r.bytes == 0 && r.allocs == 0:
		return fmt.Sprintf("%.3f ms", r.time.Seconds()*1e3)
	}
	return fmt.Sprintf("%.3f ms, %d KB, %d allocs", r.time.Seconds()*1e3, r.bytes/1000, r.allocs)
}

func ratio(other, own time.Duration) string {
	if other == 0 || own == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", float64(other)/float64(own))
}
