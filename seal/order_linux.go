package seal

import (
	"os"
	"syscall"
)

// appends says whether each write goes to the end of a file, wherever it is meant to go.
func appends(file *os.File) bool {
	is := true
	conn, err := file.SyscallConn()
	if err != nil {
		return is
	}
	err = conn.Control(func(fd uintptr) {
		flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_GETFL, 0)
		is = errno != 0 || flags&syscall.O_APPEND != 0
	})
	return err != nil || is
}
