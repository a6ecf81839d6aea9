// Package mem is the memory of one decode: the many small parts of a value are
// taken from slabs, counted as the limits count them, and put into interfaces
// without an allocation for each.
package mem
