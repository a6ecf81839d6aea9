package payload

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gocloudpickle/gocloudpickle/abi"
)

// View says how much of a description is shown.
type View struct {
	// Depth is how many levels of the tree there are, Parts how many parts of each value,
	// the largest.
	Depth, Parts int
	// Least is the part of all bytes, in percent, below which a value is only counted; those
	// directly below the root are shown all the same.
	Least int
	// Width is how long a line is at most, in characters.
	Width int
}

// DefaultView is for a terminal.
var DefaultView = View{Depth: 8, Parts: 10, Least: 1, Width: 80}

// Print shows the description to people.
func (v View) Print(out io.Writer, d *Description) {
	w := printer{out, v}
	fmt.Fprintf(out, "%s, protocol %d\n", plural(d.Bytes, "byte"), d.Protocol)
	if d.Cloudpickle != "" {
		fmt.Fprintf(out, "cloudpickle: %s\n", d.Cloudpickle)
	}
	if len(d.Python) > 0 {
		fmt.Fprintf(out, "code of: CPython %s\n", strings.Join(d.Python, " and "))
	}
	if d.Tree != nil {
		fmt.Fprintln(out)
		w.node(d.Tree, max(d.Tree.Bytes, 1), 0)
		fmt.Fprintln(out)
	}
	w.list("imported when loaded", needsText(d.Needs, "load"))
	w.list("imported when called", needsText(d.Needs, "call"))
	var packages []string
	for _, name := range d.Requirements {
		packages = append(packages, printable(name))
	}
	w.list("to be installed", packages)
	for _, s := range d.Secrets {
		fmt.Fprintf(out, "looks like a secret: %s: %s (%s)\n", s.Path, s.Masked, s.Rule)
	}
	for _, problem := range d.Problems {
		w.list("problem", []string{graphic(problem)})
	}
}

// PrintMissing shows what is missing somewhere.
func (v View) PrintMissing(out io.Writer, where string, missing []Need) {
	printer{out, v}.list("missing in "+where, needsText(missing, ""))
}

type printer struct {
	out io.Writer
	View
}

// node prints a value and its largest parts, indented below it.
func (w printer) node(n *Node, whole int64, depth int) {
	if n.Again {
		w.line("", "ibid", depth, n.String())
		return
	}
	w.line(sizeText(n.Bytes), percent(n.Bytes, whole), depth, n.String())
	if depth+1 >= w.Depth {
		return
	}
	shown := slices.Clone(n.Parts)
	slices.SortStableFunc(shown, func(a, b *Node) int { return int(min(max(b.Bytes-a.Bytes, -1), 1)) })
	least := whole * int64(w.Least) / 100
	rest, restBytes := n.Rest, n.RestBytes
	for i, part := range shown {
		if i >= w.Parts || depth > 0 && part.Bytes < least {
			rest++
			restBytes += part.Bytes
			continue
		}
		w.node(part, whole, depth+1)
	}
	if rest > 0 {
		w.line(sizeText(restBytes), percent(restBytes, whole), depth+1, fmt.Sprintf("%d more", rest))
	}
}

func (w printer) line(size, share string, depth int, text string) {
	line := fmt.Sprintf("%8s %4s %s%s", size, share, strings.Repeat("  ", depth), text)
	if w.Width > 0 && utf8.RuneCountInString(line) > w.Width {
		line = string([]rune(line)[:max(w.Width-3, 0)]) + "..."
	}
	fmt.Fprintln(w.out, line)
}

// String is the node in a line, without its bytes.
func (n *Node) String() string {
	text := n.Kind
	switch n.Kind {
	case "str", "int", "bool", "float", "bytes", "complex", "None", "name": // their name says it
		text = n.Name
	default:
		if n.Name != "" {
			text += " " + n.Name
		}
	}
	if n.Step != "" {
		return n.Step + ": " + text
	}
	return text
}

// needsText groups names by their modules. Of cloudpickle only the module is shown: its
// functions come with it.
func needsText(needs []Need, when string) (all []string) {
	var modules []string
	names := map[string][]string{}
	for _, n := range needs {
		if when != "" && n.When != when {
			continue
		}
		if _, ok := names[n.Module]; !ok {
			modules = append(modules, n.Module)
			names[n.Module] = nil
		}
		if n.Name != "" && (when == "" || !abi.IsModule(n.Module)) {
			names[n.Module] = append(names[n.Module], printable(n.Name))
		}
	}
	for _, m := range modules {
		text := printable(m)
		if some := names[m]; len(some) > 0 {
			text += " (" + strings.Join(some, ", ") + ")"
		}
		all = append(all, text)
	}
	return all
}

// list prints texts after a title, in lines that begin below one another.
func (w printer) list(title string, texts []string) {
	if len(texts) == 0 {
		return
	}
	line := title + ":"
	for _, word := range strings.Fields(strings.Join(texts, ", ")) {
		if w.Width > 0 && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > w.Width {
			fmt.Fprintln(w.out, line)
			line = " "
		}
		line += " " + word
	}
	fmt.Fprintln(w.out, line)
}

// sizeText is a number of bytes in three digits.
func sizeText(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	size := float64(n)
	for _, unit := range []string{"kB", "MB", "GB"} {
		size /= 1000
		if size < 999.5 || unit == "GB" {
			return fmt.Sprintf("%.3g %s", size, unit)
		}
	}
	panic("BUG: no unit")
}

func percent(n, whole int64) string {
	if whole == 0 {
		return ""
	}
	return fmt.Sprintf("%d%%", (100*n+whole/2)/whole)
}

// plural is a count and what is counted.
func plural(n int64, what string) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if n != 1 {
		what += "s"
	}
	return digits + " " + what
}
