//go:build !linux

package seal

import "os"

// appends: nobody asks here, so that files are written in order.
func appends(*os.File) bool { return true }
