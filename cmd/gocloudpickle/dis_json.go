package main

import (
	"encoding/json"
	"errors"
	"io"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
	"github.com/gocloudpickle/gocloudpickle/payload"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// The objects of dis --json. docs/command.md describes them.
type (
	fileJSON struct {
		File    string       `json:"file"`
		Pickles []pickleJSON `json:"pickles"`
		Error   string       `json:"error,omitempty"`
	}
	pickleJSON struct {
		Offset   int          `json:"offset"`
		Size     int          `json:"size"`
		Protocol int          `json:"protocol"`
		Opcodes  []opcodeJSON `json:"opcodes,omitempty"`
		Code     []codeJSON   `json:"code,omitempty"`
		Problems []string     `json:"problems,omitempty"`
	}
	opcodeJSON struct {
		Offset int    `json:"offset"`
		Name   string `json:"name"`
		Arg    string `json:"arg,omitempty"` // Python's repr of the argument
		Note   string `json:"note,omitempty"`
		Depth  int    `json:"depth"` // marks open before it
	}
	codeJSON struct {
		Name         string            `json:"name"`
		QualName     string            `json:"qualname,omitempty"`
		File         string            `json:"file"`
		FirstLine    int               `json:"first_line"`
		Python       string            `json:"python"`
		Candidates   []string          `json:"python_candidates,omitempty"`
		Instructions []instructionJSON `json:"instructions"`
		Handlers     []handlerJSON     `json:"exception_table,omitempty"`
		Code         []codeJSON        `json:"code,omitempty"` // the code objects among its constants
		Error        string            `json:"error,omitempty"`
	}
	instructionJSON struct {
		Offset int     `json:"offset"`
		Line   *int    `json:"line,omitempty"`
		Name   string  `json:"name"`
		Arg    *uint32 `json:"arg,omitempty"`
		Text   string  `json:"text,omitempty"`
		Target *int    `json:"target,omitempty"`
		Error  string  `json:"error,omitempty"`
	}
	handlerJSON struct {
		Start  int  `json:"start"`
		End    int  `json:"end"`
		Target int  `json:"target"`
		Depth  int  `json:"depth"`
		Lasti  bool `json:"lasti"`
	}
)

// jsonLister gathers a file, and prints it at its end.
type jsonLister struct {
	out  io.Writer
	d    *wire.Disassembler
	o    *disOptions
	file fileJSON
}

func (l *jsonLister) opcodes(data []byte, offset int) (int, error) {
	p := pickleJSON{Offset: offset}
	var err error
	for line, lineErr := range l.d.Lines(data, offset) {
		if err = lineErr; line.Size == 0 {
			break
		}
		p.Size = line.Offset + line.Size - offset
		p.Protocol = max(p.Protocol, line.Info.Proto)
		if l.o.only != "code" {
			p.Opcodes = append(p.Opcodes, opcodeJSON{line.Offset, line.Info.Name, line.Text, line.Note, line.Depth})
		}
	}
	l.file.Pickles = append(l.file.Pickles, p)
	return offset + p.Size, err
}

func (l *jsonLister) code(found *payload.Code) error {
	p := &l.file.Pickles[len(l.file.Pickles)-1]
	for _, problem := range found.Problems {
		p.Problems = append(p.Problems, problem.Error())
	}
	for _, c := range found.Outermost {
		var candidates []string
		for _, g := range found.Guesses {
			if g.Version == c.Version {
				for _, v := range g.Candidates {
					candidates = append(candidates, v.String())
				}
			}
		}
		j, err := newCodeJSON(c, map[*bytecode.Code]bool{})
		if err != nil {
			return err
		}
		j.Candidates = candidates
		p.Code = append(p.Code, j)
	}
	return nil
}

// newCodeJSON describes a code object and those among its constants. One that
// is met again is left out, as dis does, and so ones that hold each other end.
func newCodeJSON(c *bytecode.Code, seen map[*bytecode.Code]bool) (codeJSON, error) {
	seen[c] = true
	j := codeJSON{Name: c.Name, QualName: c.QualName, File: c.Filename, FirstLine: c.FirstLine, Python: c.Version.String()}
	r, err := bytecode.NewResolver(c)
	if err != nil {
		return j, err
	}
	lines, linesErr := c.Lines()
	for in, err := range r.Table().Instructions(c.Code) {
		i := instructionJSON{Offset: in.Offset, Name: in.Name, Text: r.Text(in)}
		if in.HasArg {
			i.Arg = &in.Arg
		}
		if in.Target != bytecode.NoTarget {
			i.Target = &in.Target
		}
		for len(lines) > 0 && lines[0].End <= in.Offset {
			lines = lines[1:]
		}
		if len(lines) > 0 && lines[0].Line != bytecode.NoLine {
			i.Line = &lines[0].Line
		}
		if err != nil {
			i.Error = err.Error()
		}
		j.Instructions = append(j.Instructions, i)
	}
	handlers, handlersErr := c.Handlers()
	for _, h := range handlers {
		j.Handlers = append(j.Handlers, handlerJSON(h))
	}
	if err := errors.Join(linesErr, handlersErr); err != nil {
		j.Error = err.Error()
	}
	for _, v := range c.Consts {
		if inner, ok := v.(*bytecode.Code); ok && !seen[inner] {
			k, err := newCodeJSON(inner, seen)
			if err != nil {
				return j, err
			}
			j.Code = append(j.Code, k)
		}
	}
	return j, nil
}

func (l *jsonLister) end(in input, err error) error {
	l.file.File = in.name
	if err != nil {
		l.file.Error = err.Error()
	}
	encoder := json.NewEncoder(l.out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(l.file)
}
