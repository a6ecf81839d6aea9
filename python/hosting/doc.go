// Package hosting starts a CPython inside a Go program and enters it. Everything else
// that such a program does with the interpreter is in package python, and is called
// from inside a Do.
//
//	err := hosting.Start(hosting.StartOptions{Home: "/opt/python3.14"})
//	...
//	err = hosting.Do(func() error {
//		result := python.Eval("6 * 7", globals)
//		...
//	})
package hosting
