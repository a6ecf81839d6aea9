package bytecode

import (
	"fmt"
	"sync"
)

// Version is a CPython feature release, such as 3.12. Opcodes do not change
// within one.
type Version struct {
	Major, Minor int
}

// String returns the version as "3.12".
func (v Version) String() string {
	return fmt.Sprintf("%d.%d", v.Major, v.Minor)
}

// AtLeast reports whether v is major.minor or later.
func (v Version) AtLeast(major, minor int) bool {
	return v.Major > major || v.Major == major && v.Minor >= minor
}

// Oldest and Newest bound the versions that have a table.
var (
	Oldest = Version{3, 8}
	Newest = Version{3, 14}
)

// One entry for each minor version from Oldest to Newest. Tables are built at
// first use, to keep them out of the start-up time of every program.
var tables = [...]func() *Table{
	sync.OnceValue(spec38.table),
	sync.OnceValue(spec39.table),
	sync.OnceValue(spec310.table),
	sync.OnceValue(spec311.table),
	sync.OnceValue(spec312.table),
	sync.OnceValue(spec313.table),
	sync.OnceValue(spec314.table),
}

// ForVersion returns the opcode table of a CPython version. The table is
// shared and never changes.
func ForVersion(v Version) (*Table, error) {
	if v.Major != Oldest.Major || v.Minor < Oldest.Minor || v.Minor > Newest.Minor {
		return nil, fmt.Errorf("bytecode: no opcode table for CPython %v: it has those of %v to %v", v, Oldest, Newest)
	}
	return tables[v.Minor-Oldest.Minor](), nil
}

// Versions lists the versions that have a table, oldest first.
func Versions() []Version {
	var all []Version
	for minor := Oldest.Minor; minor <= Newest.Minor; minor++ {
		all = append(all, Version{Oldest.Major, minor})
	}
	return all
}
