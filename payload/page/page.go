// Package page makes a web page of what pickles hold: a treemap of who takes what along, with
// the description beside it. The page is one file, which asks for nothing from anywhere: it works
// offline, and its policy of content (CSP) forbids it everything else.
//
// The layout of the treemap is by d3-hierarchy (https://d3js.org/d3-hierarchy, ISC
// licence), which is in assets with its licence, and in each page.
package page

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/payload"
)

//go:embed assets
var assets embed.FS

func asset(name string) string {
	text, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return string(text)
}

// Pickle is one that the page shows.
type Pickle struct {
	// Title is what it is called, such as the name of its file.
	Title       string
	Description *payload.Description
}

// Write writes the page. What comes from pickles is text in it, never markup or script.
func Write(w io.Writer, title string, pickles []Pickle) error {
	data, err := json.Marshal(shown(pickles)) // with <, > and & escaped
	if err != nil {
		return err
	}
	library := "/*\n" + asset("d3-hierarchy.LICENSE") + "*/\n" + asset("d3-hierarchy.min.js")
	script, style := asset("page.js"), asset("page.css")
	p := printer{w: w}
	p.print("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
	p.print(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src %s %s; style-src %s">`+"\n",
		digest(library), digest(script), digest(style))
	p.print("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>%s</title>\n", html.EscapeString(title))
	p.print("<style>%s</style>\n</head>\n<body>\n<h1>%s</h1>\n", style, html.EscapeString(title))
	p.print("<label id=\"choice\" hidden>Pickle <select id=\"pickles\"></select></label>\n")
	p.print("<nav id=\"path\" aria-label=\"Where the treemap is\"></nav>\n")
	p.print("<div id=\"treemap\" role=\"list\" aria-label=\"What takes the bytes\"></div>\n<p id=\"about\" aria-live=\"polite\">&nbsp;</p>\n")
	view := payload.View{Depth: 12, Parts: 30, Least: 1}
	for i, one := range pickles {
		var text strings.Builder
		view.Print(&text, one.Description)
		p.print("<details id=\"text-%d\"%s><summary>%s as text</summary><pre>%s</pre></details>\n", i, open(len(pickles)),
			html.EscapeString(one.Title), html.EscapeString(text.String()))
	}
	p.print("<script type=\"application/json\" id=\"data\">%s</script>\n<script>%s</script>\n<script>%s</script>\n</body>\n</html>\n", data, library, script)
	return p.err
}

func open(pickles int) string {
	if pickles == 1 {
		return " open"
	}
	return ""
}

// digest is how a content security policy names a script or a style (CSP level 2).
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// printer keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) print(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}
