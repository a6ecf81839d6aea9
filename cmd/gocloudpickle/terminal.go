package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// isTerminal reports whether a person is at the other end of a stream.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && f.Name() != os.DevNull
}

// useColor decides about colors: never into a file or a pipe unless asked for,
// and not where the environment says no (https://no-color.org).
func useColor(flag string, out io.Writer) (bool, error) {
	switch flag {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto":
		return isTerminal(out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb", nil
	}
	return false, fmt.Errorf("--color is %q: use auto, always or never", flag)
}

// The escape sequences that are used.
const (
	styleTitle = "\x1b[1m"  // bold
	styleCall  = "\x1b[33m" // yellow: what imports or calls something when it is loaded
	styleReset = "\x1b[0m"
)

// harmless spells out what would do something to a terminal: errors can have names
// of files in them, and text of their contents. Lines stay lines.
func harmless(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\n' || strconv.IsPrint(r) {
			b.WriteRune(r)
		} else {
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}

func paint(on bool, style, text string) string {
	if !on {
		return text
	}
	return style + text + styleReset
}
