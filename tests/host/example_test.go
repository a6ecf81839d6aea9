package host

import (
	"bytes"
	"fmt"
	"io"
	"log"

	"github.com/gocloudpickle/gocloudpickle"
	"github.com/gocloudpickle/gocloudpickle/python"
	"github.com/gocloudpickle/gocloudpickle/python/hosting"
)

// object runs Python statements and gives what they bind to result.
func object(source string) (python.Object, error) {
	globals := python.NewDict()
	defer globals.DecRef()
	if err := python.Exec(source, "<example>", globals); err != nil {
		return python.Nil, err
	}
	o := python.Eval("result", globals)
	if o.IsNil() {
		return o, python.ErrPython
	}
	return o, nil
}

// A closure goes through bytes and is called with Python's ints.
func Example() {
	err := hosting.Do(func() error {
		above, err := object(`
def make(threshold):
    return lambda x: x > threshold
result = make(10)
`)
		if err != nil {
			return err
		}
		defer above.DecRef()

		data, err := gocloudpickle.Dumps(above)
		if err != nil {
			return err
		}
		loaded, err := gocloudpickle.Loads(data)
		if err != nil {
			return err
		}
		defer loaded.DecRef()

		for _, n := range []int{5, 15} {
			x := python.NewLong(n)
			answer := python.Call1(loaded, x)
			x.DecRef()
			if answer.IsNil() {
				return python.ErrPython
			}
			fmt.Println(n, answer == python.True)
			answer.DecRef()
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// 5 false
	// 15 true
}

func ExampleDump() {
	var file bytes.Buffer
	err := hosting.Do(func() error {
		for _, source := range []string{"result = lambda: 'first'", "result = lambda: 'second'"} {
			f, err := object(source)
			if err != nil {
				return err
			}
			err = gocloudpickle.Dump(&file, f)
			f.DecRef()
			if err != nil {
				return err
			}
		}
		for {
			f, err := gocloudpickle.Load(&file)
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			text := python.Call0(f)
			f.DecRef()
			if text.IsNil() {
				return python.ErrPython
			}
			fmt.Println(python.String(text))
			text.DecRef()
		}
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// first
	// second
}

// What Python raises comes back as an error that says so.
func ExampleDumps() {
	err := hosting.Do(func() error {
		lock, err := object("import threading; result = threading.Lock()")
		if err != nil {
			return err
		}
		defer lock.DecRef()
		_, err = gocloudpickle.Dumps(lock)
		return err
	})
	fmt.Println(err)
	// Output:
	// TypeError: cannot pickle '_thread.lock' object
}

func ExamplePickler() {
	var file bytes.Buffer
	err := hosting.Do(func() error {
		f, err := object("result = lambda: 0")
		if err != nil {
			return err
		}
		defer f.DecRef()
		p, err := gocloudpickle.NewPickler(&file)
		if err != nil {
			return err
		}
		defer p.Close()
		if err := p.Dump(f); err != nil {
			return err
		}
		first := file.Len()
		if err := p.Dump(f); err != nil {
			return err
		}
		fmt.Println("the second dump is a reference to the first:", file.Len()-first < 10)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// the second dump is a reference to the first: true
}
