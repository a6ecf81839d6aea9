package pickler

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// patterns are addresses as allocators give them, and as no hash would like them.
func patterns() map[string][]uintptr {
	const base = 0x7f3a_1000_0000
	side := func(n int, from, stride uintptr) (out []uintptr) {
		for i := range n {
			out = append(out, from+uintptr(i)*stride)
		}
		return out
	}
	out := map[string][]uintptr{}
	for _, stride := range []uintptr{16, 48, 64, 80, 4096, 1 << 18, 1 << 22, 1<<22 + 16, 1 << 24} {
		out[fmt.Sprintf("stride %d", stride)] = side(20_000, base, stride)
	}
	// Arenas of 1 MiB anywhere, each filled with objects of one size: what made runs in
	// a table whose hash was the address within 4 MiB.
	var arenas, mixed, far []uintptr
	for i := range 200 {
		from := uintptr(0x7f00_0000_0000) + uintptr(i*i)<<22
		arenas = append(arenas, side(1000, from, 64)...)
	}
	out["arenas that overlap in their low bits"] = arenas
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 120_000 {
		if i < 30_000 {
			mixed = append(mixed, base+uintptr(r.IntN(1<<26))<<4)
		}
		far = append(far, uintptr(r.Uint64()>>17)<<4)
	}
	out["at random in a heap"], out["at random anywhere"] = mixed, far
	near := side(30_000, base, 64)
	out["close together, then far apart"] = slices.Concat(near[:5_000], far)
	out["far apart, then close together"] = slices.Concat(far[:5_000], near[5_000:])
	// 0xf1de83e19937733d * 0x9e3779b97f4a7c15 is 1: the product's low half counts up.
	var inverse []uintptr
	for i := range uintptr(20_000) {
		inverse = append(inverse, i*0xf1de83e19937733d<<4)
	}
	out["multiples of the hash factor's inverse"] = inverse
	down := side(100_000, base, 64)
	for i, j := 0, len(down)-1; i < j; i, j = i+1, j-1 {
		down[i], down[j] = down[j], down[i]
	}
	out["downwards"] = down
	return out
}

// probes is how many places a search for each address looks at: the mean and the most.
func (x *index) probes(addrs []uintptr) (mean float64, most int) {
	total := 0
	for _, addr := range addrs {
		n := 1
		if x.paged {
			mask := uintptr(len(x.pages.chunks) - 1)
			for i := hashAddress(addr>>chunkBits+1^x.pages.seed, hashFactors[0]); x.pages.chunks[i&mask].number != addr>>chunkBits+1; i++ {
				n++
			}
		} else {
			mask := uintptr(len(x.table.entries) - 1)
			for i := hashAddress(addr>>4, x.table.factor); x.table.entries[i&mask].key != addr; i++ {
				n++
			}
		}
		total += n
		most = max(most, n)
	}
	return float64(total) / float64(len(addrs)), most
}

func TestIndexTakesFewProbesForAnyAddresses(t *testing.T) {
	for name, addrs := range patterns() {
		for _, n := range []int{100, 1000, 8000, len(addrs)} {
			var x index
			var memory arena
			for i, addr := range addrs[:n] {
				x.getOrAdd(addr, uint32(i), &memory)
			}
			if mean, most := x.probes(addrs[:n]); mean > 3 || most > maxProbes {
				t.Errorf("%d addresses, %s: %.1f probes, at most %d", n, name, mean, most)
			}
			// Some more than the C pickler's table takes for as many, wherever they are; but
			// for addresses that collide.
			taken := memory.mapped + len(x.table.mapped)
			if taken > n*160+1<<20 && (!x.paged || x.pages.bounded) {
				t.Errorf("%d addresses, %s: %d bytes", n, name, taken)
			}
			if strewn := strings.Contains(name, "at random") || name == "stride 4096"; strewn && x.paged || name == "stride 64" && n == 8000 && !x.paged {
				t.Errorf("%d addresses, %s: pages: %t", n, name, x.paged)
			}
			x.clear()
			memory.clear()
		}
	}
}

func TestIndexIsAMap(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for name, addrs := range patterns() {
		var x index
		var memory arena
		want := map[uintptr]uint32{}
		check := func(addr uintptr) {
			t.Helper()
			got, ok := x.get(addr, &memory)
			if expected, there := want[addr]; ok != there || ok && got != expected {
				t.Fatalf("%s: get(%#x) is %d, %t; want %d, %t", name, addr, got, ok, expected, there)
			}
		}
		for i, addr := range addrs[:20_000] {
			switch slot := uint32(i); r.IntN(8) {
			case 0:
				gone := addrs[r.IntN(i+1)]
				x.remove(gone)
				delete(want, gone)
				check(gone)
			case 1:
				x.set(addr, slot, &memory)
				want[addr] = slot
			case 2:
				again := addrs[r.IntN(i+1)]
				x.set(again, maxSlot, &memory)
				want[again] = maxSlot
			default:
				_, there := want[addr]
				if _, memoized := x.getOrAdd(addr, slot, &memory); memoized != there {
					t.Fatalf("%s: getOrAdd(%#x) knows it: %t", name, addr, memoized)
				}
				if !there {
					want[addr] = slot
				}
			}
		}
		for _, addr := range addrs[:20_000] {
			check(addr)
		}
		x.clear()
		memory.clear()
		clear(want)
		for _, addr := range addrs[:20_000] {
			check(addr)
		}
		memory.clear()
	}
}

func TestIndexIsAsBeforeWithoutMemory(t *testing.T) {
	get := mapMemory
	spareBlocks = nil
	blocks := 0
	mapMemory = func(n int) ([]byte, error) {
		if blocks == 0 {
			return nil, syscall.ENOMEM
		}
		blocks--
		return get(n)
	}
	defer func() { mapMemory = get }()
	addrs := patterns()["close together, then far apart"]
	var x index
	var memory arena
	tryAdd := func(addr uintptr, slot uint32) (err error) {
		defer func() {
			if r := recover(); r != nil {
				if r != any(outOfMemory{}) {
					panic(r)
				}
				err = errors.New("no memory")
			}
		}()
		x.getOrAdd(addr, slot, &memory)
		return nil
	}
	failed := 0
	for i, addr := range addrs {
		for tryAdd(addr, uint32(i)) != nil {
			failed++
			if !x.paged {
				if e := x.table.entry(addr); e != nil && e.generation == x.table.generation {
					t.Fatalf("address %d is there", i)
				}
			}
			blocks++
		}
	}
	if failed < 3 { // pages, and tables of 2 and 4 MiB
		t.Fatalf("memory was refused %d times only", failed)
	}
	for i, addr := range addrs {
		if slot, ok := x.get(addr, &memory); !ok || int(slot) != i {
			t.Fatalf("address %d has slot %d, %t", i, slot, ok)
		}
	}
	memory.clear()
}

// Of even distances, some leave long runs in a table by any one factor.
func TestEvenDistancesStayInTheTable(t *testing.T) {
	rehashed := 0
	for stride := uintptr(1280); stride <= 40_000; stride += 80 {
		var x index
		var memory arena
		for i := range uintptr(5_000) {
			x.getOrAdd(0x7f3a_1000_0000+i*stride, uint32(i), &memory)
		}
		for i := range uintptr(5_000) {
			if slot, ok := x.get(0x7f3a_1000_0000+i*stride, &memory); !ok || slot != uint32(i) {
				t.Fatalf("stride %d: address %d has slot %d, %t", stride, i, slot, ok)
			}
		}
		if x.paged {
			t.Errorf("stride %d: pages", stride)
		}
		if x.table.factor != hashFactors[0] {
			rehashed++
		}
		x.clear()
		memory.clear()
	}
	if rehashed == 0 {
		t.Error("no stride needed another factor: the test shows nothing")
	}
}

func TestLargeTablesAreGivenBack(t *testing.T) {
	get, give := mapMemory, unmapMemory
	defer func() { mapMemory, unmapMemory = get, give }()
	tables := 0 // bytes
	mapMemory = func(n int) ([]byte, error) {
		if n > minBlock {
			tables += n
		}
		return get(n)
	}
	unmapMemory = func(b []byte) error {
		if len(b) > minBlock {
			tables -= len(b)
		}
		return give(b)
	}
	addrs := patterns()["at random anywhere"]
	for _, n := range []int{100, 40_000, 120_000, 40_000, 10} {
		var x index
		var memory arena
		for range 3 {
			for i, addr := range addrs[:n] {
				x.getOrAdd(addr, uint32(i), &memory)
			}
			for i, addr := range addrs[:n] {
				if slot, ok := x.get(addr, &memory); !ok || int(slot) != i {
					t.Fatalf("address %d has slot %d, %t", i, slot, ok)
				}
			}
			x.clear()
			memory.clear()
			if tables > maxSpareTable {
				t.Errorf("%d addresses: %d bytes of tables are kept", n, tables)
			}
		}
		x.table.drop()
		if tables != 0 {
			t.Errorf("%d addresses: %d bytes of tables are lost", n, tables)
		}
	}
}

func TestLogKeepsItsItems(t *testing.T) {
	var l log[deferredKey]
	var memory arena
	for round := range 3 {
		for i := range 50_000 {
			l.reserve(&memory)
			l.add(deferredKey{uintptr(i), uint32(round)})
			if i == 20_000 && round == 1 {
				l.truncate(11_111)
				for j := range 8_890 {
					l.reserve(&memory)
					l.add(deferredKey{uintptr(11_111 + j), uint32(round)})
				}
			}
		}
		if l.len() != 50_000 {
			t.Fatalf("%d items", l.len())
		}
		for i := range l.len() {
			if got := l.item(i); got != (deferredKey{uintptr(i), uint32(round)}) {
				t.Fatalf("item %d is %v", i, got)
			}
		}
		if round == 0 {
			l.truncate(0)
		} else {
			l.drop()
			memory.clear()
		}
	}
}

func TestArenaGivesZeroedMemoryAndKeepsLittle(t *testing.T) {
	for range 3 {
		var a arena
		for range 400_000 {
			b := (*[128]byte)(a.alloc(128))
			if *b != [128]byte{} {
				t.Fatal("not zeroed")
			}
			b[0], b[127] = 1, 1
		}
		a.clear()
		if len(spareBlocks) > maxSpareBlocks || a.mapped != 0 {
			t.Fatalf("%d blocks are kept", len(spareBlocks))
		}
	}
}
