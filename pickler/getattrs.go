package pickler

import "github.com/gocloudpickle/gocloudpickle/python"

// What a call of getattr under way lacks: its object, its name, nothing more, not even a default.
// The last two are the number of its arguments.
const (
	lacksObject = iota
	lacksName
	lacksCall
	lacksFullCall
)

// getattrCall is a call under way.
type getattrCall struct {
	state int
	name  string
}

// constantGetattrs gives the names that code takes by getattr with a constant, of globals,
// closure values and their attributes: getattr(concurrent, "futures") names a submodule too.
// _getattrs.py has the instructions that it looks for. names is co_names. The result is never nil.
func constantGetattrs(code python.Object, names []string) ([]string, error) {
	var c python.CodeFields
	if err := python.ReadCode(code, &c); err != nil {
		return nil, err
	}
	defer c.Release()
	found := []string{}
	var calls []getattrCall // the innermost last
	for in, err := range opcodes.Instructions(python.Bytes(c.Code)) {
		if err != nil {
			return found[:0], nil // code that was made by hand
		}
		name := ""
		if bits, ok := in.Kind.NameShift(); ok && int(in.Arg>>bits) < len(names) {
			name = names[in.Arg>>bits]
		}
		state := -1
		if len(calls) > 0 {
			state = calls[len(calls)-1].state
		}
		switch in.Name {
		case "CACHE", "COPY_FREE_VARS", "EXTENDED_ARG", "NOP", "PRECALL", "PUSH_NULL", "RESUME":
			continue
		case "LOAD_GLOBAL":
			if name == "getattr" {
				if state != lacksObject && state != lacksCall {
					calls = calls[:0]
				}
				calls = append(calls, getattrCall{})
				continue
			}
			fallthrough
		case "LOAD_DEREF":
			if state == lacksObject || state == lacksCall {
				calls[len(calls)-1].state++
				continue
			}
		case "LOAD_CONST":
			if text, ok := constantText(&c, int(in.Arg)); ok && state == lacksName {
				calls[len(calls)-1] = getattrCall{lacksCall, text}
				continue
			}
			fallthrough
		case "LOAD_SMALL_INT":
			if state == lacksCall {
				calls[len(calls)-1].state++
				continue
			}
		case "LOAD_ATTR":
			if state == lacksName || state == lacksFullCall {
				continue
			}
		case "CALL", "CALL_FUNCTION":
			if state >= lacksCall && int(in.Arg) == state {
				last := len(calls) - 1
				found = append(found, calls[last].name)
				if calls = calls[:last]; last > 0 {
					calls[last-1].state++ // it is the object or the default of another one
				}
				continue
			}
		}
		calls = calls[:0]
	}
	return found, nil
}

// constantText is a constant that is a str.
func constantText(c *python.CodeFields, i int) (string, bool) {
	if i >= python.TupleSize(c.Consts) {
		return "", false
	}
	o := python.TupleItem(c.Consts, i)
	if o.Type() != python.StrType {
		return "", false
	}
	return python.String(o), true
}
