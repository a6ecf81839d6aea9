package seal

import (
	"io"
	"os"
)

// inAnyOrder gives w as a file that can be written out of order, and where it is: nil
// for anything else, such as a pipe, or a file that a shell's >> has opened.
func inAnyOrder(w io.Writer) (file *os.File, place int64) {
	file, ok := w.(*os.File)
	if !ok || file == nil {
		return nil, 0
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || appends(file) {
		return nil, 0
	}
	if place, err = file.Seek(0, io.SeekCurrent); err != nil {
		return nil, 0
	}
	return file, place
}
