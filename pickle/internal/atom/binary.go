package atom

// Numbers as bytes.

import (
	"encoding/binary"
	"math"
	"math/big"
)

// Float64 is the argument of BINFLOAT, 8 bytes.
func Float64(b []byte) float64 { return math.Float64frombits(binary.BigEndian.Uint64(b)) }

// Uint32 is 4 bytes, unsigned and little-endian.
func Uint32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

// Int32 is 4 bytes, signed and little-endian.
func Int32(b []byte) int32 { return int32(binary.LittleEndian.Uint32(b)) }

// Uint16 is 2 bytes, unsigned and little-endian.
func Uint16(b []byte) uint16 { return binary.LittleEndian.Uint16(b) }

// Uint64 is 8 bytes, unsigned and little-endian.
func Uint64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// Int64 is two's complement of up to 8 bytes.
func Int64(b []byte) int64 {
	if len(b) == 0 {
		return 0
	}
	var full [8]byte
	if b[len(b)-1] >= 0x80 {
		full = [8]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	}
	copy(full[:], b)
	return int64(binary.LittleEndian.Uint64(full[:]))
}

// BigInt is two's complement of any length.
func BigInt(b []byte) *big.Int {
	negative := b[len(b)-1] >= 0x80
	be := make([]byte, len(b))
	for i, c := range b {
		if negative {
			c = ^c
		}
		be[len(b)-1-i] = c
	}
	i := new(big.Int).SetBytes(be)
	if negative {
		i.Not(i)
	}
	return i
}
