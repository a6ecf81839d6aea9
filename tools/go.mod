module github.com/gocloudpickle/gocloudpickle/tools

go 1.25
