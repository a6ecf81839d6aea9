package bytecode_test

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
)

// oracleLine is what gen/oracle.py prints for one code object.
type oracleLine struct {
	Number         int
	Name           string
	Filename       string
	FirstLineNo    int
	Flags          uint32
	Code           hexBytes
	Consts         []json.RawMessage
	Names          []string
	VarNames       []string
	FreeVars       []string
	CellVars       []string
	LineTable      hexBytes
	ExceptionTable hexBytes

	Instructions []oracleInstruction
	Globals      []string
	Lines        []lineRun
	Positions    []positionRun
	Handlers     []oracleHandler
	Listing      *string
}

type hexBytes []byte

func (b *hexBytes) UnmarshalText(text []byte) (err error) {
	*b, err = hex.DecodeString(string(text))
	return err
}

// row is a JSON array with one value for each of the pointers.
func row(data []byte, into ...any) error {
	want := len(into)
	if err := json.Unmarshal(data, &into); err != nil {
		return err
	}
	if len(into) != want {
		return fmt.Errorf("got %d values, want %d: %s", len(into), want, data)
	}
	return nil
}

type oracleInstruction struct {
	offset  int
	name    string
	arg     *uint32
	argrepr *string
	target  *int
}

func (in *oracleInstruction) UnmarshalJSON(data []byte) error {
	return row(data, &in.offset, &in.name, &in.arg, &in.argrepr, &in.target)
}

type lineRun struct {
	count int
	line  *int
}

func (r *lineRun) UnmarshalJSON(data []byte) error {
	return row(data, &r.count, &r.line)
}

type positionRun struct {
	count     int
	positions []*int // line, end line, column, end column
}

func (r *positionRun) UnmarshalJSON(data []byte) error {
	return row(data, &r.count, &r.positions)
}

type oracleHandler bytecode.Handler

func (h *oracleHandler) UnmarshalJSON(data []byte) error {
	return row(data, &h.Start, &h.End, &h.Target, &h.Depth, &h.Lasti)
}

// readOracle calls check with each code object of an oracle's output and
// returns how many there were.
func readOracle(t *testing.T, v bytecode.Version, r io.Reader, check func(*testing.T, *bytecode.Code, *oracleLine)) int {
	t.Helper()
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, 64<<20)
	codes := map[int]*bytecode.Code{}
	for scanner.Scan() {
		var line oracleLine
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			t.Fatalf("line %d of the oracle: %v", len(codes)+1, err)
		}
		code, err := line.code(v, codes)
		if err != nil {
			t.Fatalf("%s of %s: %v", line.Name, line.Filename, err)
		}
		codes[line.Number] = code
		check(t, code, &line)
		if t.Failed() {
			t.Fatalf("in %v", code)
		}
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	return len(codes)
}

func (line *oracleLine) code(v bytecode.Version, codes map[int]*bytecode.Code) (*bytecode.Code, error) {
	c := &bytecode.Code{
		Version: v, Name: line.Name, Filename: line.Filename,
		Flags: line.Flags, FirstLine: line.FirstLineNo,
		Code: line.Code, Names: line.Names, VarNames: line.VarNames,
		FreeVars: line.FreeVars, CellVars: line.CellVars,
		LineTable: line.LineTable, ExceptionTable: line.ExceptionTable,
	}
	var err error
	c.Consts, err = oracleConsts(line.Consts, codes)
	return c, err
}

func oracleConsts(raw []json.RawMessage, codes map[int]*bytecode.Code) ([]any, error) {
	values := []any{}
	for _, r := range raw {
		v, err := oracleConst(r, codes)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

// oracleConst undoes const of gen/oracle.py.
func oracleConst(raw json.RawMessage, codes map[int]*bytecode.Code) (any, error) {
	if raw[0] != '{' {
		var v any
		err := json.Unmarshal(raw, &v)
		return v, err
	}
	var tagged map[string]json.RawMessage
	if err := json.Unmarshal(raw, &tagged); err != nil {
		return nil, err
	}
	for tag, value := range tagged {
		switch tag {
		case "i", "s", "b", "f":
			var text string
			if err := json.Unmarshal(value, &text); err != nil {
				return nil, err
			}
			return oracleScalar(tag, text)
		case "c":
			var parts [2]string
			if err := json.Unmarshal(value, &parts); err != nil {
				return nil, err
			}
			re, err := strconv.ParseFloat(parts[0], 64)
			if err != nil {
				return nil, err
			}
			im, err := strconv.ParseFloat(parts[1], 64)
			return complex(re, im), err
		case "t", "z", "l":
			var items []json.RawMessage
			if err := json.Unmarshal(value, &items); err != nil {
				return nil, err
			}
			values, err := oracleConsts(items, codes)
			switch tag {
			case "z":
				return bytecode.FrozenSet(values), err
			case "l":
				return bytecode.Slice{Start: values[0], Stop: values[1], Step: values[2]}, err
			}
			return values, err
		case "e":
			return bytecode.Ellipsis{}, nil
		case "k":
			var number int
			err := json.Unmarshal(value, &number)
			return codes[number], err
		}
	}
	return nil, fmt.Errorf("no such constant: %s", raw)
}

func oracleScalar(tag, text string) (any, error) {
	switch tag {
	case "i":
		n, ok := new(big.Int).SetString(text, 0)
		if !ok {
			return nil, fmt.Errorf("no int: %q", text)
		}
		return n, nil
	case "f":
		return strconv.ParseFloat(text, 64)
	}
	b, err := hex.DecodeString(text)
	if tag == "s" {
		return string(b), err
	}
	return b, err
}
