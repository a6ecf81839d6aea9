# gocloudpickle: `make demo` and `make test` need make, Go 1.25 or later and
# gcc. All they set up goes below build/. scripts/dev.sh does the work.
#
# Variables:
#   GOARCH=arm64      build the engine or the wheel for arm64 (engine, wheel)
#   PYTHON=3.12       the one Python to use, a version or a path (demo, bench, test...)
#   JOBS=1            test runs at once, 2 unless set (test, test-quick)
#   UPSTREAM=path     a checkout of cloudpickle (test-upstream)
#   SUITE=path        a checkout of a framework (test-suite)
#   ARGS="..."        more arguments for the program that is run (demo, bench, pytest)

DEV = scripts/dev.sh
PICK = $(if $(PYTHON),-python $(PYTHON))
JOBS_FLAG = $(if $(JOBS),-jobs $(JOBS))
ARCH = $(if $(GOARCH),-arch $(GOARCH))
REST = $(if $(ARGS),-- $(ARGS))

.PHONY: help demo test test-quick test-frameworks test-suite test-upstream test-arm64 soak bench bench-scale bench-frameworks bench-scanners engine wheel lint fmt pythons clean
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-21s %s\n", $$1, $$2 }'
	@sed -n '/^# Variables:/,/^$$/s/^# \{0,1\}//p' Makefile

demo: ## make objects in one process, use them in another, compare with cloudpickle
	@$(DEV) demo $(PICK) $(REST)

test: ## every test, on every supported Python of this machine and the embedded one
	@$(DEV) test $(JOBS_FLAG) $(PICK) $(REST)

test-quick: ## the quick tests on one Python, under two minutes
	@$(DEV) test -quick $(JOBS_FLAG) $(PICK) $(REST)

test-frameworks: ## Dask, joblib, PySpark, Ray, Jupyter: real releases with the engine switched on
	@$(DEV) frameworks $(PICK) $(REST)

test-suite: ## a framework's own tests with the engine switched on: SUITE=path ARGS=tests
	@$(DEV) suite $(PICK) $(if $(SUITE),$(SUITE),$(error set SUITE to a checkout of a framework)) $(ARGS)

test-upstream: ## cloudpickle's own test suite with our pickler: UPSTREAM=path
	@$(DEV) upstream $(PICK) $(if $(UPSTREAM),$(UPSTREAM),$(error set UPSTREAM to a checkout of cloudpickle))

test-arm64: ## try the arm64 wheel under qemu-user
	@$(DEV) test-arm64

soak: ## dump and load from everywhere at once: ARGS="--minutes 60"
	@$(DEV) soak $(PICK) $(REST)

bench: ## measure against cloudpickle and the C pickler
	@$(DEV) bench $(PICK) $(REST)

bench-scale: ## measure dumps of 10,000 to 5,000,000 objects, in fresh processes
	@$(DEV) bench-scale $(PICK) $(REST)

bench-frameworks: ## measure frameworks with install() and without
	@$(DEV) bench-frameworks $(PICK) $(REST)

bench-scanners: ## measure the audit beside other scanners of pickles
	@$(DEV) bench-scanners $(PICK) $(REST)

engine: ## build the engine, py/gocloudpickle/_engine.so
	@$(DEV) engine $(ARCH)

wheel: ## build the wheels and the sdist, check them, try them on every Python
	@$(DEV) wheel $(ARCH)

lint: ## gofmt, go vet, staticcheck, ruff, mypy
	@$(DEV) lint

fmt: ## format Go and Python sources
	@$(DEV) fmt

pythons: ## list the interpreters found
	@$(DEV) pythons

clean: ## remove everything that was built
	rm -rf build dist py/gocloudpickle/_engine.so
