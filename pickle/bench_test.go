package pickle

import "testing"

// The benchmarks of the table of cases. Comparisons with other libraries and
// with CPython are in the module benchmarks.

func BenchmarkLoad(b *testing.B) {
	all := golden(b)
	for _, c := range allCases(b) {
		data := all[c.name][DefaultProtocol]
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for range b.N {
				if _, err := Load(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMarshal(b *testing.B) {
	all := golden(b)
	for _, c := range allCases(b) {
		v, err := Load(all[c.name][DefaultProtocol])
		if err != nil {
			b.Fatal(err)
		}
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				if _, err := Marshal(v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
