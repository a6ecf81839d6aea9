module github.com/gocloudpickle/gocloudpickle

go 1.25
