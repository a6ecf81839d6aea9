module github.com/gocloudpickle/gocloudpickle/tests/dsse

go 1.25.0

require (
	github.com/gocloudpickle/gocloudpickle v0.0.0
	github.com/secure-systems-lab/go-securesystemslib v0.11.1
)

require (
	golang.org/x/crypto v0.55.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
)

replace github.com/gocloudpickle/gocloudpickle => ../..
