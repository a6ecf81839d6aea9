package container

import (
	"io/fs"
	"os"
	"path/filepath"
)

// File is a file to read.
type File struct {
	Path string
	// Meant says that it is a pickle, or a file with pickles in it, whatever it contains:
	// somebody named it, or its name says so.
	Meant bool
}

// Files lists the files that paths name, and for folders those in them, in order. A link
// in a folder is followed to a file and not to a folder. What can't be listed goes to failed.
func Files(paths []string, failed func(path string, err error)) []File {
	var all []File
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			failed(path, err)
			continue
		}
		if !info.IsDir() {
			all = append(all, File{Path: path, Meant: true})
			continue
		}
		filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
			if err != nil {
				failed(name, err)
				return nil
			}
			if entry.Type()&fs.ModeSymlink != 0 {
				if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
					return nil // to a folder, or to nowhere
				}
			} else if !entry.Type().IsRegular() {
				return nil
			}
			all = append(all, File{Path: name, Meant: LooksMeant(name)})
			return nil
		})
	}
	return all
}
