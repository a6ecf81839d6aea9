module github.com/gocloudpickle/gocloudpickle/tests/host

go 1.25.0

require github.com/gocloudpickle/gocloudpickle v0.0.0

replace github.com/gocloudpickle/gocloudpickle => ../..
