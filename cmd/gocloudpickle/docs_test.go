package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// root is the checkout's, from here.
const root = "../.."

var codeBlock = regexp.MustCompile("(?ms)^```(\\w+)\\n(.*?)^```$")

// blocks are those of a document that are marked as of a language.
func blocks(t *testing.T, document, language string) (found []string) {
	t.Helper()
	for _, m := range codeBlock.FindAllStringSubmatch(read(t, filepath.Join(root, document)), -1) {
		if m[1] == language {
			found = append(found, m[2])
		}
	}
	return found
}

// TestConsoleExamples runs the examples in the documents that call the command,
// with greet.pkl beside them. "..." stands for anything in a line.
func TestConsoleExamples(t *testing.T) {
	folder := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(folder, "bin", "gocloudpickle"), ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(folder, "greet.pkl"), []byte(read(t, greet)), 0o600); err != nil {
		t.Fatal(err)
	}
	for document, atLeast := range map[string]int{"README.md": 1, "docs/command.md": 7} {
		n := 0
		for _, block := range blocks(t, document, "console") {
			for _, example := range strings.Split("\n"+block, "\n$ ")[1:] {
				command, want, _ := strings.Cut(example, "\n")
				if !regexp.MustCompile(`(^|\| )gocloudpickle `).MatchString(command) {
					continue
				}
				n++
				// One stream, in the order of a terminal.
				run := exec.Command("sh", "-c", "exec 2>&1; "+command)
				run.Dir = folder
				run.Env = append(os.Environ(), "PATH="+filepath.Join(folder, "bin")+string(filepath.ListSeparator)+os.Getenv("PATH"))
				out, err := run.Output()
				if err != nil {
					t.Errorf("%s: %s: %v", document, command, err)
				}
				got := strings.TrimRight(string(out), "\n")
				pattern := strings.ReplaceAll(regexp.QuoteMeta(strings.TrimRight(want, "\n")), `\.\.\.`, `.*`)
				if !regexp.MustCompile("^" + pattern + "$").MatchString(got) {
					t.Errorf("%s: $ %s\n%s\nwant\n%s", document, command, got, want)
				}
			}
		}
		if n < atLeast {
			t.Errorf("%s has %d examples of the command", document, n)
		}
	}
}

// TestGoExamples runs the programs in the README, in the module as it is. What
// they print is in the comment that ends them.
func TestGoExamples(t *testing.T) {
	programs := blocks(t, "README.md", "go")
	if len(programs) == 0 {
		t.Fatal("README.md has no program in Go")
	}
	for _, program := range programs {
		file := filepath.Join(t.TempDir(), "main.go")
		if err := os.WriteFile(file, []byte(program), 0o600); err != nil {
			t.Fatal(err)
		}
		want := ""
		_, comment, ok := strings.Cut(program, "// Output:\n")
		if !ok {
			t.Errorf("no output in\n%s", program)
		}
		for line := range strings.Lines(comment) {
			if text, ok := strings.CutPrefix(strings.TrimSpace(line), "//"); ok {
				want += strings.TrimPrefix(text, " ") + "\n"
			}
		}
		run := exec.Command("go", "run", file)
		run.Dir = root
		out, err := run.CombinedOutput()
		if err != nil || string(out) != want {
			t.Errorf("%v: it prints\n%s\nwant\n%s", err, out, want)
		}
	}
}

// TestReferenceIsComplete looks for each flag and subcommand in docs/command.md.
func TestReferenceIsComplete(t *testing.T) {
	text := read(t, filepath.Join(root, "docs/command.md"))
	_, help, _ := execute("", "dis", "--help")
	for _, command := range []string{"inspect", "audit"} {
		_, more, _ := execute("", command, "--help")
		help += more
	}
	flags := regexp.MustCompile(`--[a-z-]+`).FindAllString(help, -1)
	if len(flags) < 8 {
		t.Fatalf("only the flags %q", flags)
	}
	for _, flag := range flags {
		if flag != "--help" && !strings.Contains(text, "`"+flag) {
			t.Errorf("there is no word about %s", flag)
		}
	}
	for _, c := range newRoot(streams{}).Commands() {
		if !c.Hidden && !strings.Contains(text, "\n## "+c.Name()+"\n") {
			t.Errorf("there is no section about %s", c.Name())
		}
	}
}
