package container_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/audit/container"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

const evil = "cos\nsystem\n(S'true'\ntR."

// seen is what Read hands out, a line each: the path, the role, the data.
func seen(data []byte, limits container.Limits) (parts, problems []string) {
	role := [...]string{"possible", "meant", "another"}
	for _, p := range container.Read(bytes.NewReader(data), int64(len(data)), true, limits, func(p *container.Part) {
		text := string(p.Data)
		if len(text) > 40 {
			text = fmt.Sprintf("%d bytes", len(text))
		}
		parts = append(parts, fmt.Sprintf("%s %s %q", p.Path, role[p.Role], text))
	}) {
		problems = append(problems, p.Path+" "+p.Why)
	}
	return parts, problems
}

// Archives that nothing here unpacks may have pickles in them.
func TestUnreadArchives(t *testing.T) {
	for _, begin := range []string{"7z\xbc\xaf\x27\x1c\x00\x04", "Rar!\x1a\x07\x01\x00"} {
		wantProblem(t, []byte(begin+strings.Repeat("x", 100)), container.Limits{}, "which isn't read")
	}
}

func wantPart(t *testing.T, data []byte, want string) {
	t.Helper()
	parts, problems := seen(data, container.Limits{})
	for _, p := range parts {
		if p == want {
			if len(problems) > 0 {
				t.Errorf("problems: %q", problems)
			}
			return
		}
	}
	t.Errorf("no part %s among %q; problems %q", want, parts, problems)
}

func wantProblem(t *testing.T, data []byte, limits container.Limits, want string) {
	t.Helper()
	_, problems := seen(data, limits)
	for _, p := range problems {
		if strings.Contains(p, want) {
			return
		}
	}
	t.Errorf("no problem %q among %q", want, problems)
}

func gzipped(data []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(data)
	z.Close()
	return b.Bytes()
}

func TestCompressed(t *testing.T) {
	for name, pack := range map[string]func(*bytes.Buffer){
		"gzip": func(b *bytes.Buffer) { b.Write(gzipped([]byte(evil))) },
		"zlib": func(b *bytes.Buffer) { z := zlib.NewWriter(b); z.Write([]byte(evil)); z.Close() },
		"xz":   func(b *bytes.Buffer) { z, _ := xz.NewWriter(b); z.Write([]byte(evil)); z.Close() },
		"lzma": func(b *bytes.Buffer) { z, _ := lzma.NewWriter(b); z.Write([]byte(evil)); z.Close() },
		"zstd": func(b *bytes.Buffer) { z, _ := zstd.NewWriter(b); z.Write([]byte(evil)); z.Close() },
		"lz4":  func(b *bytes.Buffer) { z := lz4.NewWriter(b); z.Write([]byte(evil)); z.Close() },
		"joblib 0.9": func(b *bytes.Buffer) {
			fmt.Fprintf(b, "ZF%-19s", fmt.Sprintf("%#x", len(evil)))
			z := zlib.NewWriter(b)
			z.Write([]byte(evil))
			z.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			pack(&b)
			want := fmt.Sprintf("%s meant %q", name, evil)
			wantPart(t, b.Bytes(), want)
			wantPart(t, gzipped(b.Bytes()), "gzip!"+want)
			wantProblem(t, b.Bytes()[:b.Len()-3], container.Limits{}, name)
			wantProblem(t, gzipped(b.Bytes()), container.Limits{Depth: 1}, "more than 1 formats")
		})
	}
}

func zipped(t *testing.T, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		// Without a descriptor, as torch.save and numpy.savez write.
		w, err := z.CreateRaw(&zip.FileHeader{Name: name, CRC32: crc32.ChecksumIEEE([]byte(evil)),
			CompressedSize64: uint64(len(evil)), UncompressedSize64: uint64(len(evil))})
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(evil))
	}
	z.Close()
	return b.Bytes()
}

func TestZip(t *testing.T) {
	whole := zipped(t, "archive/data.pkl", "archive/data/0")
	wantPart(t, whole, fmt.Sprintf("archive/data.pkl meant %q", evil))
	wantPart(t, whole, fmt.Sprintf("archive/data/0 possible %q", evil))
	change := func(at int, with string) []byte {
		changed := bytes.Clone(whole)
		copy(changed[at:], with)
		return changed
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"name":      {change(30, "archive/data.txt"), `archive/data.pkl is called "archive/data.txt" in its own header`},
		"password":  {change(6, "\x01"), "archive/data.pkl has a password"},
		"checksum":  {change(14, "\x01\x02"), "archive/data.pkl has another checksum in its own header"},
		"contents":  {bytes.Replace(whole, []byte("system"), []byte("sYstem"), 1), "archive/data.pkl is damaged: its checksum or size"},
		"method":    {change(8, "\x63"), "archive/data.pkl has another method"},
		"cut":       {whole[:len(whole)-1], "damaged zip file"},
		"twice":     {zipped(t, "a.pkl", "a.pkl"), "a.pkl is in the archive twice"},
		"directory": {bytes.Replace(whole, []byte("PK\x01\x02"), []byte("PK\x01\x03"), 1), "damaged zip file"},
	} {
		t.Run(name, func(t *testing.T) { wantProblem(t, c.data, container.Limits{}, c.want) })
	}
	wantProblem(t, zipped(t, "a", "b", "c"), container.Limits{Members: 2}, "more than 2 members")

	// A pickle in front of an archive: pickle.load reads the one, zipfile the other.
	both := append([]byte("N."), whole...)
	parts, _ := seen(both, container.Limits{})
	if joined := strings.Join(parts, "\n"); !strings.Contains(joined, "archive/data.pkl meant") || !strings.Contains(joined, " meant \"") {
		t.Errorf("%s", joined)
	}
}

func TestTar(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	w.WriteHeader(&tar.Header{Name: "model/weights.pkl", Size: int64(len(evil)), Mode: 0o600})
	w.Write([]byte(evil))
	w.WriteHeader(&tar.Header{Name: "model/other.pkl", Typeflag: tar.TypeSymlink, Linkname: "/etc/x.pkl"})
	w.Close()
	wantProblem(t, b.Bytes(), container.Limits{}, "model/other.pkl is a link to /etc/x.pkl")
	parts, _ := seen(gzipped(b.Bytes()), container.Limits{})
	if want := fmt.Sprintf("gzip!model/weights.pkl meant %q", evil); !strings.Contains(strings.Join(parts, "\n"), want) {
		t.Errorf("%q", parts)
	}
	wantProblem(t, b.Bytes()[:520], container.Limits{}, "damaged")
}

func npy(descr, data string) []byte {
	header := fmt.Sprintf("{'descr': %s, 'fortran_order': False, 'shape': (1,), }\n", descr)
	b := append([]byte("\x93NUMPY\x01\x00"), 0, 0)
	binary.LittleEndian.PutUint16(b[8:], uint16(len(header)))
	return append(append(b, header...), data...)
}

func TestNumpy(t *testing.T) {
	wantPart(t, npy("'|O'", evil), fmt.Sprintf(" meant %q", evil))
	wantPart(t, npy("[('a', '<f8'), ('b', '|O')]", evil), fmt.Sprintf(" meant %q", evil))
	if parts, problems := seen(npy("'<f8'", evil), container.Limits{}); len(parts)+len(problems) > 0 {
		t.Errorf("an array of floats has %q, %q", parts, problems)
	}
	wantProblem(t, npy("'|O'", "")[:30], container.Limits{}, "damaged header")
	wantProblem(t, []byte("\x93NUMPY\x09\x00\x00\x00"), container.Limits{}, "version 9")
}

func TestBombs(t *testing.T) {
	// 80 MiB of zeros become 80 KiB, and those a few hundred bytes.
	once := gzipped(make([]byte, 80<<20))
	wantProblem(t, once, container.Limits{Bytes: 1 << 20}, "unpacks to more than the limit of 1048576 bytes")
	wantProblem(t, once, container.Limits{Ratio: 10}, "more than the limit of 10 times its size")
	wantProblem(t, gzipped(once), container.Limits{Bytes: 70 << 20}, "more than the limit")
}

func TestFiles(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"b.pkl", "a/readme.txt"} {
		os.MkdirAll(filepath.Join(folder, filepath.Dir(name)), 0o700)
		os.WriteFile(filepath.Join(folder, name), []byte("N."), 0o600)
	}
	os.Symlink(filepath.Join(folder, "b.pkl"), filepath.Join(folder, "c.pkl"))
	os.Symlink(folder, filepath.Join(folder, "again"))
	var failed []string
	files := container.Files([]string{folder, filepath.Join(folder, "missing")}, func(path string, err error) { failed = append(failed, path) })
	var got []string
	for _, f := range files {
		name, _ := filepath.Rel(folder, f.Path)
		got = append(got, fmt.Sprint(name, " ", f.Meant))
	}
	if want := "[a/readme.txt false b.pkl true c.pkl true]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
	if len(failed) != 1 {
		t.Errorf("failed: %v", failed)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(evil))
	f.Add(gzipped([]byte(evil)))
	f.Add(npy("'|O'", evil))
	f.Fuzz(func(t *testing.T, data []byte) {
		seen(data, container.Limits{Bytes: 1 << 22, Members: 100})
	})
}
