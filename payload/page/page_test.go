package page_test

import (
	"crypto/sha256"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/payload"
	"github.com/gocloudpickle/gocloudpickle/payload/page"
	"github.com/gocloudpickle/gocloudpickle/pickle"
)

const markup = `</script><script>document.title="run"</script><img src=x onerror="document.title='run'">`

// pageOf is the page of a value.
func pageOf(t *testing.T, values ...any) string {
	t.Helper()
	var pickles []page.Pickle
	for _, v := range values {
		data, err := pickle.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		pickles = append(pickles, page.Pickle{Title: markup, Description: payload.Read(data)[0].Describe()})
	}
	var b strings.Builder
	if err := page.Write(&b, markup, pickles); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var big = map[string]any{"weights": strings.Repeat("w", 60_000), "names": []string{strings.Repeat("n", 20_000), "b"}, markup: markup}

// TestNothingFromAPickleIsMarkup: what comes from one is escaped, and the policy of the page
// runs nothing but its own scripts.
func TestNothingFromAPickleIsMarkup(t *testing.T) {
	text := pageOf(t, big)
	if n := strings.Count(text, "<script"); n != 3 {
		t.Errorf("%d scripts", n)
	}
	if strings.Contains(text, "<img") {
		t.Error("an image")
	}
	policy := regexp.MustCompile(`content="(default-src 'none';[^"]*)"`).FindStringSubmatch(text)
	if policy == nil {
		t.Fatal("no content security policy")
	}
	for _, m := range regexp.MustCompile(`(?s)<(script|style)>(.*?)</(?:script|style)>`).FindAllStringSubmatch(text, -1) {
		sum := sha256.Sum256([]byte(m[2]))
		if !strings.Contains(policy[1], "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
			t.Errorf("the policy forbids a %s", m[1])
		}
	}
	if strings.Contains(policy[1], "unsafe") || strings.Contains(policy[1], "http") {
		t.Errorf("%s", policy[1])
	}
	if !strings.Contains(text, "Permission to use, copy, modify") {
		t.Error("the licence of the library is missing")
	}
}

// browser is a Chromium, "" where there is none.
func browser() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return os.Getenv("CHROMIUM")
}

// render is the document that a browser makes of a page, without a network.
func render(t *testing.T, text string) string {
	t.Helper()
	chromium := browser()
	if chromium == "" {
		t.Skip("there is no Chromium to show the page in: install one, or set CHROMIUM")
	}
	folder := t.TempDir()
	file := filepath.Join(folder, "page.html")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run := exec.Command(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--user-data-dir="+filepath.Join(folder, "profile"), "--proxy-server=127.0.0.1:1", "--window-size=1200,900",
		"--enable-logging=stderr", "--virtual-time-budget=2000", "--dump-dom", "file://"+file)
	var errs strings.Builder
	run.Stderr = &errs
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	for line := range strings.Lines(errs.String()) {
		if strings.Contains(line, "CONSOLE") {
			t.Errorf("the page says: %s", line)
		}
	}
	return string(out)
}

// TestInABrowser: the treemap is drawn, in proportion, and nothing of a pickle has run.
func TestInABrowser(t *testing.T) {
	dom := render(t, pageOf(t, big, "other"))
	cells := regexp.MustCompile(`<button class="node[^"]*" title="([^"]*)"[^>]* style="([^"]*)"`).FindAllStringSubmatch(dom, -1)
	if len(cells) < 4 {
		t.Fatalf("%d cells in\n%s", len(cells), dom[:min(len(dom), 3000)])
	}
	area := func(label string) float64 {
		for _, c := range cells {
			if strings.HasPrefix(c[1], label) {
				var w, h float64
				for _, m := range regexp.MustCompile(`; (width|height): ([0-9]+)px`).FindAllStringSubmatch(c[2], -1) {
					n := 0.0
					for _, digit := range m[2] {
						n = 10*n + float64(digit-'0')
					}
					if m[1] == "width" {
						w = n
					} else {
						h = n
					}
				}
				return w * h
			}
		}
		t.Fatalf("no cell %s among %q", label, cells)
		return 0
	}
	if ratio := area("['weights") / area("['names"); ratio < 2 || ratio > 4 {
		t.Errorf("60,000 bytes have %.1f times the area of 20,000", ratio)
	}
	if !strings.Contains(dom, "<option value=\"1\">") || strings.Contains(dom, "<title>run") || strings.Contains(dom, "<img") {
		t.Error("the choice is missing, or something has run")
	}
}
