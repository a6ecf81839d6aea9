package container

import (
	"bytes"
	"encoding/binary"
)

// format is what a file is, by how it begins.
type format uint8

const (
	formatNone format = iota // a pickle, or nothing that is known
	formatZip
	formatTar
	formatGzip
	formatZlib
	formatBzip2
	formatXz
	formatLzma
	formatZstd
	formatLz4
	formatZFile
	formatNumpy
	format7z
	formatRar
)

// String is what stands in paths.
func (f format) String() string {
	return [...]string{"", "zip", "tar", "gzip", "zlib", "bzip2", "xz", "lzma", "zstd", "lz4", "joblib 0.9", "npy", "7z", "rar"}[f]
}

const (
	tarMagicAt = 257
	tarBlock   = 512
)

// sniff tells the format of a file that begins so. No two of them begin alike.
func sniff(head []byte) format {
	for _, m := range [...]struct {
		magic string
		format
	}{
		{"PK\x03\x04", formatZip},
		{"PK\x05\x06", formatZip}, // without a member
		{"\x1f\x8b", formatGzip},
		{"\xfd7zXZ\x00", formatXz},
		{"\x28\xb5\x2f\xfd", formatZstd},
		{"\x04\x22\x4d\x18", formatLz4},
		{"ZF0x", formatZFile},
		{"\x93NUMPY", formatNumpy},
		{"7z\xbc\xaf\x27\x1c", format7z},
		{"Rar!\x1a\x07", formatRar},
	} {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return m.format
		}
	}
	switch {
	case isZstdSkippable(head):
		return formatZstd
	case len(head) >= 10 && string(head[:3]) == "BZh" && '1' <= head[3] && head[3] <= '9' &&
		(string(head[4:10]) == "1AY&SY" || string(head[4:10]) == "\x17\x72\x45\x38\x50\x90"):
		return formatBzip2
	case len(head) >= 2 && head[0] == 0x78 && binary.BigEndian.Uint16(head)%31 == 0: // RFC 1950, 32 KiB window
		return formatZlib
	case len(head) >= 13 && head[0] == 0x5d && head[1] == 0 && head[2] == 0:
		return formatLzma
	case len(head) >= tarBlock && string(head[tarMagicAt:tarMagicAt+5]) == "ustar":
		return formatTar
	}
	return formatNone
}

// isZstdSkippable tells frames without content, which may stand before one.
func isZstdSkippable(head []byte) bool {
	return len(head) >= 8 && head[0]&0xf0 == 0x50 && head[1] == 0x2a && head[2] == 0x4d && head[3] == 0x18
}
