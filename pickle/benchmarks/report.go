package main

// The stored results, and the page that is made of them. The figures of the
// page come from a run and from nowhere else; a test compares the two.

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// Places, from this directory.
const (
	resultsFile = "results.json"
	docFile     = "../../docs/pickle-speed.md"
)

// report is one run.
type report struct {
	Go       string      `json:"go"`
	Platform string      `json:"platform"`
	Machine  string      `json:"machine"`
	Python   string      `json:"python"`
	Commit   string      `json:"commit"`
	Protocol int         `json:"protocol"`
	Rounds   int         `json:"rounds"`
	Rows     []reportRow `json:"rows"`
}

type reportRow struct {
	Case    string            `json:"case"`
	Bytes   int               `json:"bytes"`
	Figures map[string]figure `json:"figures"`
}

// figure is what one subject took.
type figure struct {
	Micros float64 `json:"us"`
	Bytes  uint64  `json:"bytes,omitempty"`
	Allocs uint64  `json:"allocs,omitempty"`
	Error  string  `json:"error,omitempty"`
}

func newReport(cases []encoded, table map[string]map[string]result, version string, proto, rounds int) report {
	r := report{Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Machine: machine(), Python: version,
		Commit: commit(), Protocol: proto, Rounds: rounds}
	for _, c := range cases {
		row := reportRow{Case: c.name, Bytes: len(c.data), Figures: map[string]figure{}}
		for name, x := range table[c.name] {
			f := figure{Micros: float64(x.time.Nanoseconds()) / 1e3, Bytes: x.bytes, Allocs: x.allocs}
			if x.err != nil {
				f.Error = x.err.Error()
			}
			row.Figures[name] = f
		}
		r.Rows = append(r.Rows, row)
	}
	return r
}

// machine is the processor and how many of it there are.
func machine() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	name := runtime.GOARCH
	if err == nil {
		for line := range strings.Lines(string(text)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				name = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d CPUs", name, runtime.NumCPU())
}

// commit is the revision that is measured, with a + if the package was changed since.
func commit() string {
	text, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return ""
	}
	name := strings.TrimSpace(string(text))
	if exec.Command("git", "diff", "--quiet", "HEAD", "--", ":(glob)../*.go").Run() != nil {
		name += "+"
	}
	return name
}

func (r report) store() error {
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(resultsFile, append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.WriteFile(docFile, []byte(r.page()), 0o644)
}

func loadReport() (r report, err error) {
	text, err := os.ReadFile(resultsFile)
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(text, &r)
}

// target is a column of the page: how many times faster than another subject.
type target struct {
	title string
	own   string
	other []string // the fastest of them counts
	want  float64
}

var decoding = []target{
	{"`Load`, times the better Go library", "decode", []string{"og-rek", "gopickle"}, 5},
	{"with `NoCopy`", "decode without copies", []string{"og-rek", "gopickle"}, 0},
	{"`Load`, times CPython", "decode", []string{"CPython"}, 1 / 1.5},
	{"`Unmarshal`, times CPython", "decode typed", []string{"CPython"}, 1},
}

var encoding = []target{
	{"`Marshal`, times og-rek", "encode", []string{"og-rek encode"}, 5},
	{"with `WithoutMemo`", "encode without memo", []string{"og-rek encode"}, 0},
	{"`Marshal`, times CPython", "encode", []string{"CPython encode"}, 0},
}

// page is the page docs/pickle-speed.md.
func (r report) page() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Speed of the pickle package

Made by `+"`go run . -store`"+` in pickle/benchmarks; do not edit.

%s, %s, %s, CPython %s, protocol %d, commit %s. Each time is CPU time of all threads, garbage collection included, in
the best of %d rounds; everybody reads the same files in one run. The issue of the package sets the targets; a figure that misses one is **bold**.

`, r.Machine, r.Platform, r.Go, r.Python, r.Protocol, r.Commit, r.Rounds)
	b.WriteString("## Decoding\n\n")
	r.ratios(&b, decoding)
	b.WriteString(`
og-rek and gopickle read from memory through an io.Reader. Of the array they, like ` + "`Load`" + `, make one copy, which is most of the time and
the reason why no library can be five times faster than another there; ` + "`NoCopy`" + ` leaves it in the input.

## Encoding

`)
	r.ratios(&b, encoding)
	b.WriteString("\n## Times and allocations\n\n")
	r.times(&b, "decode", "decode without copies", "decode typed", "og-rek", "gopickle", "CPython")
	b.WriteString("\n")
	r.times(&b, "encode", "encode without memo", "og-rek encode", "CPython encode")
	return b.String()
}

func (r report) ratios(b *strings.Builder, targets []target) {
	b.WriteString("| |")
	for _, t := range targets {
		fmt.Fprintf(b, " %s |", t.title)
	}
	b.WriteString("\n|---|" + strings.Repeat("--:|", len(targets)) + "\n| target |")
	for _, t := range targets {
		if t.want == 0 {
			b.WriteString(" |")
		} else {
			fmt.Fprintf(b, " %.2g |", t.want)
		}
	}
	b.WriteString("\n")
	for _, row := range r.Rows {
		fmt.Fprintf(b, "| %s |", row.Case)
		for _, t := range targets {
			x, ok := row.ratio(t)
			switch {
			case !ok:
				b.WriteString(" - |")
			case x < t.want:
				fmt.Fprintf(b, " **%.2f** |", x)
			case x >= 100:
				b.WriteString(" over 100 |")
			default:
				fmt.Fprintf(b, " %.2f |", x)
			}
		}
		b.WriteString("\n")
	}
}

func (row reportRow) ratio(t target) (float64, bool) {
	own := row.Figures[t.own].Micros
	best := 0.0
	for _, name := range t.other {
		if x := row.Figures[name].Micros; x > 0 && (best == 0 || x < best) {
			best = x
		}
	}
	if own == 0 || best == 0 {
		return 0, false
	}
	return best / own, true
}

func (r report) times(b *strings.Builder, names ...string) {
	fmt.Fprintf(b, "| | bytes | %s |\n|---|--:|%s\n", strings.Join(names, " | "), strings.Repeat("--:|", len(names)))
	for _, row := range r.Rows {
		fmt.Fprintf(b, "| %s | %d |", row.Case, row.Bytes)
		for _, name := range names {
			fmt.Fprintf(b, " %s |", row.Figures[name])
		}
		b.WriteString("\n")
	}
}

func (f figure) String() string {
	switch {
	case f.Error != "":
		return "fails"
	case f.Micros == 0:
		return "-"
	case f.Bytes == 0 && f.Allocs == 0:
		return fmt.Sprintf("%.3f ms", f.Micros/1e3)
	}
	return fmt.Sprintf("%.3f ms, %d KB, %d allocs", f.Micros/1e3, f.Bytes/1000, f.Allocs)
}
