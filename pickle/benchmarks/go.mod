module github.com/gocloudpickle/gocloudpickle/pickle/benchmarks

go 1.25.0

require (
	github.com/gocloudpickle/gocloudpickle v0.0.0
	github.com/kisielk/og-rek v1.3.0
	github.com/nlpodyssey/gopickle v0.2.0
)

require (
	github.com/aristanetworks/gomap v0.0.0-20230726210543-f4e41046dced // indirect
	golang.org/x/exp v0.0.0-20230725093048-515e97ebf090 // indirect
)

replace github.com/gocloudpickle/gocloudpickle => ../..
