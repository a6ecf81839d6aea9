// Package container finds the pickles in files of other formats: archives (zip, as
// PyTorch and NumPy write it, and tar), compressed files, NumPy arrays and joblib's
// files, inside one another too. It goes by what a file contains, never by its name.
//
// [Read] reads one file and hands out its [Part]s. What can't be read as its format
// wants, such as a member with a password or a damaged checksum, is a [Problem], and
// whoever judges the file mustn't clear it; what could be read is handed out all the same.
// [Files] lists the files of a folder.
//
// Files are hostile: how much is unpacked, how many members and how deep are bounded by
// [Limits] before memory is taken, and two readings of one file are both given. A zip file
// that begins as a pickle is the one for PyTorch and the other for pickle.load.
package container
