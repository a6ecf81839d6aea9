package gotype

// Struct fields: names, tags and embedding, by the rules of encoding/json.

import (
	"reflect"
	"sort"
	"strings"
	"sync"
)

// field is a struct field as pickles see it.
type field struct {
	Name      string
	Index     []int
	Type      reflect.Type
	OmitEmpty bool
	tagged    bool
}

// FieldSet are the fields of a struct type.
type FieldSet struct {
	List   []field // in the order of the struct
	exact  map[string]int
	folded map[string]int
	// Tuple is set by a field `_ struct{}` with the tag ",tuple": the struct is written as a tuple.
	Tuple bool
}

// Lookup finds the field for a name: the exact one, otherwise one that
// differs only in case.
func (s *FieldSet) Lookup(name string) (int, bool) {
	if i, ok := s.exact[name]; ok {
		return i, true
	}
	i, ok := s.folded[strings.ToLower(name)]
	return i, ok
}

var fieldSets sync.Map // reflect.Type to *fieldSet

func FieldsOf(t reflect.Type) *FieldSet {
	if s, ok := fieldSets.Load(t); ok {
		return s.(*FieldSet)
	}
	s, _ := fieldSets.LoadOrStore(t, makeFields(t))
	return s.(*FieldSet)
}

// parseTag splits the tag `pickle:"name,options"`.
func parseTag(tag string) (name string, omitEmpty, tuple bool) {
	name, rest, _ := strings.Cut(tag, ",")
	for _, o := range strings.Split(rest, ",") {
		switch o {
		case "omitempty":
			omitEmpty = true
		case "tuple":
			tuple = true
		}
	}
	return name, omitEmpty, tuple
}

func makeFields(t reflect.Type) *FieldSet {
	s := &FieldSet{exact: map[string]int{}, folded: map[string]int{}}
	type level struct {
		typ   reflect.Type
		index []int
	}
	current, next := []level(nil), []level{{typ: t}}
	visited := map[reflect.Type]bool{}
	best := map[string][]field{} // by name, those of the shallowest depth
	for len(next) > 0 {
		current, next = next, nil
		found := map[string][]field{}
		count := map[reflect.Type]int{}
		for _, l := range current {
			count[l.typ]++
		}
		for _, l := range current {
			if visited[l.typ] {
				continue
			}
			visited[l.typ] = true
			for i := range l.typ.NumField() {
				sf := l.typ.Field(i)
				tag := sf.Tag.Get("pickle")
				name, omit, tuple := parseTag(tag)
				if sf.Name == "_" {
					s.Tuple = s.Tuple || tuple && len(l.index) == 0
					continue
				}
				if tag == "-" {
					continue
				}
				index := append(append([]int(nil), l.index...), i)
				ft := sf.Type
				if ft.Kind() == reflect.Pointer && ft.Name() == "" {
					ft = ft.Elem()
				}
				if sf.Anonymous {
					if !sf.IsExported() && ft.Kind() != reflect.Struct {
						continue
					}
					// A pointer to an unexported struct cannot be filled.
					if name == "" && ft.Kind() == reflect.Struct && (sf.IsExported() || sf.Type.Kind() == reflect.Struct) {
						next = append(next, level{ft, index})
						continue
					}
				}
				if !sf.IsExported() {
					continue
				}
				f := field{Name: name, Index: index, Type: sf.Type, OmitEmpty: omit, tagged: name != ""}
				if name == "" {
					f.Name = sf.Name
				}
				found[f.Name] = append(found[f.Name], f)
				if count[l.typ] > 1 {
					found[f.Name] = append(found[f.Name], f) // twice at one depth: it cancels out
				}
			}
		}
		for name, fs := range found {
			if _, ok := best[name]; !ok {
				best[name] = fs
			}
		}
	}
	for _, fs := range best {
		if f, ok := dominant(fs); ok {
			s.List = append(s.List, f)
		}
	}
	sort.Slice(s.List, func(i, j int) bool { return lessIndex(s.List[i].Index, s.List[j].Index) })
	for i := range s.List {
		s.exact[s.List[i].Name] = i
	}
	for i := len(s.List) - 1; i >= 0; i-- {
		s.folded[strings.ToLower(s.List[i].Name)] = i
	}
	return s
}

// dominant picks among fields of one name and depth: the only tagged one, or the only one.
func dominant(fs []field) (field, bool) {
	if len(fs) == 1 {
		return fs[0], true
	}
	var tagged []field
	for _, f := range fs {
		if f.tagged {
			tagged = append(tagged, f)
		}
	}
	if len(tagged) == 1 {
		return tagged[0], true
	}
	return field{}, false
}

func lessIndex(a, b []int) bool {
	for i := range a {
		if i >= len(b) || a[i] > b[i] {
			return false
		}
		if a[i] < b[i] {
			return true
		}
	}
	return len(a) < len(b)
}

// FieldByIndex is the field of a struct, with embedded pointers filled in.
func FieldByIndex(v reflect.Value, index []int) reflect.Value {
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v
}
