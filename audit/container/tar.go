package container

import (
	"archive/tar"
	"errors"
	"io"
)

// tar reads an archive, as torch.save wrote before 2017, or with a model packed in it.
func (w *walker) tar(name string, r io.Reader, depth int) {
	archive := tar.NewReader(r)
	seen := map[string]bool{}
	for i := 0; ; i++ {
		h, err := archive.Next()
		if err == io.EOF {
			return
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			w.problem(name, "is a damaged tar file after %d members: %v", i, err)
			return
		}
		if i >= w.limits.Members {
			w.problem(name, "has more than %d members", w.limits.Members)
			return
		}
		member := join(name, h.Name)
		switch h.Typeflag {
		case tar.TypeDir, tar.TypeXGlobalHeader, tar.TypeFifo, tar.TypeChar, tar.TypeBlock:
			continue
		case tar.TypeLink, tar.TypeSymlink:
			// What it leads to may be outside of the archive.
			if LooksMeant(h.Name) {
				w.problem(member, "is a link to %s", h.Linkname)
			}
			continue
		}
		if seen[h.Name] {
			w.problem(member, "is in the archive twice")
		}
		seen[h.Name] = true
		w.stream(member, archive, h.Size, false, depth)
	}
}
