package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strings"
)

const staticcheck = "honnef.co/go/tools/cmd/staticcheck@v0.7.0"

// runLint runs every checker, and fails at the end if any of them complained.
func runLint(ctx context.Context, o *options) error {
	modules, err := goModules(o.root)
	if err != nil {
		return err
	}
	bin, err := o.toolsEnv()
	if err != nil {
		return err
	}
	var complaints []string
	try := func(what string, check func() error) {
		step("%s", what)
		if err := check(); err != nil {
			complaints = append(complaints, what)
			if !errors.As(err, &saidAlready{}) {
				fmt.Println(err)
			}
		}
	}
	try("gofmt", func() error { return checkGofmt(ctx, o) })
	for _, module := range modules {
		for _, tool := range []string{"vet", "run " + staticcheck} {
			args := append([]string{"-C", filepath.Join(o.root, module)}, strings.Fields(tool)...)
			try(fmt.Sprintf("go %s in %s", tool, module), func() error {
				return o.show(ctx, nil, "go", append(args, "./...")...)
			})
		}
	}
	for _, tool := range []string{"ruff check --output-format concise .", "ruff format --check --output-format concise .", "mypy"} {
		words := strings.Fields(tool)
		try(tool, func() error {
			return o.show(ctx, nil, filepath.Join(bin, words[0]), words[1:]...)
		})
	}
	if len(complaints) > 0 {
		return fmt.Errorf("these complained: %s", strings.Join(complaints, "; "))
	}
	return nil
}

// checkGofmt reports an error when gofmt would change a file.
func checkGofmt(ctx context.Context, o *options) error {
	step("gofmt -l")
	files, err := goFiles(o.root)
	if err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, "gofmt", append([]string{"-l"}, files...)...).CombinedOutput()
	if len(out) > 0 {
		return fmt.Errorf("gofmt would change these (make fmt does it):\n%s", strings.TrimSpace(string(out)))
	}
	return err
}

// runFormat formats Go and Python sources in place.
func runFormat(ctx context.Context, o *options) error {
	files, err := goFiles(o.root)
	if err != nil {
		return err
	}
	bin, err := o.toolsEnv()
	if err != nil {
		return err
	}
	ruff := filepath.Join(bin, "ruff")
	return errors.Join(
		o.show(ctx, nil, "gofmt", append([]string{"-w"}, files...)...),
		o.show(ctx, nil, ruff, "check", "--fix", "--quiet", "."),
		o.show(ctx, nil, ruff, "format", "."),
	)
}

// goFiles lists the Go sources of the checkout.
func goFiles(root string) (files []string, err error) {
	err = walkSources(root, func(path string, d fs.DirEntry) {
		if strings.HasSuffix(path, ".go") {
			files = append(files, path)
		}
	})
	return files, err
}

// goModules lists the folders of the checkout's Go modules, "." first.
func goModules(root string) (modules []string, err error) {
	err = walkSources(root, func(path string, d fs.DirEntry) {
		if d.Name() == "go.mod" {
			name, _ := filepath.Rel(root, filepath.Dir(path))
			modules = append(modules, name)
		}
	})
	return modules, err
}

// walkSources calls visit for each file that was not built.
func walkSources(root string, visit func(path string, d fs.DirEntry)) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		built := path == filepath.Join(root, "build") || path == filepath.Join(root, "dist")
		if d.IsDir() && (built || path != root && strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		if !d.IsDir() {
			visit(path, d)
		}
		return nil
	})
}
