package pickle_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"os"
	"time"

	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// A service reads what a Python program stored.
func ExampleUnmarshal() {
	// pickle.dumps({'name': 'Ada', 'tags': ['x', 'y'], 'score': 0.5})
	data := []byte("\x80\x04\x955\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x04name\x94\x8c\x03Ada\x94" +
		"\x8c\x04tags\x94]\x94(\x8c\x01x\x94\x8c\x01y\x94e\x8c\x05score\x94G?\xe0\x00\x00\x00\x00\x00\x00u.")
	var user struct {
		Name  string   `pickle:"name"`
		Tags  []string `pickle:"tags"`
		Score float64
	}
	if err := pickle.Unmarshal(data, &user); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%+v\n", user)
	// Output: {Name:Ada Tags:[x y] Score:0.5}
}

// The metadata of a trained model, without the library that trained it.
func ExampleUnmarshal_modelMetadata() {
	// A shop.models.Classifier with params, a training time and weights, which this program has no use for.
	data, err := pickle.Marshal(pickle.Instance("shop.models", "Classifier", map[string]any{
		"params":  map[string]any{"alpha": 0.1, "layers": pickle.Tuple{int64(64), int64(32)}},
		"trained": time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC),
		"weights": pickle.Call("torch._utils", "_rebuild_tensor_v2", "..."),
	}))
	if err != nil {
		log.Fatal(err)
	}
	var model struct {
		Params struct {
			Alpha  float64
			Layers []int
		}
		Trained time.Time
	}
	if err := pickle.Unmarshal(data, &model); err != nil {
		log.Fatal(err)
	}
	fmt.Println(model.Params.Alpha, model.Params.Layers, model.Trained)
	// Output: 0.1 [64 32] 2024-05-06 07:08:09 +0000 UTC
}

// A NumPy array as a Go slice with its shape.
func ExampleArray() {
	// pickle.dumps(numpy.arange(6, dtype='<f4').reshape(2, 3), protocol=2)
	data := []byte("\x80\x02cnumpy._core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85c_codecs\nencode\n" +
		"X\x01\x00\x00\x00bX\x06\x00\x00\x00latin1\x86R\x87R(K\x01K\x02K\x03\x86cnumpy\ndtype\nX\x02\x00\x00\x00f4\x89\x88\x87R" +
		"(K\x03X\x01\x00\x00\x00<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89c_codecs\nencode\n" +
		"X\x1b\x00\x00\x00\x00\x00\x00\x00\x00\x00\xc2\x80?\x00\x00\x00@\x00\x00@@\x00\x00\xc2\x80@\x00\x00\xc2\xa0@X\x06\x00\x00\x00latin1\x86Rtb.")
	var a pickle.Array[float32]
	if err := pickle.Unmarshal(data, &a); err != nil {
		log.Fatal(err)
	}
	fmt.Println(a.DType, a.Shape, a.Data)

	var rows [][]float64
	if err := pickle.Unmarshal(data, &rows); err != nil {
		log.Fatal(err)
	}
	fmt.Println(rows)
	// Output:
	// <f4 [2 3] [0 1 2 3 4 5]
	// [[0 1 2] [3 4 5]]
}

// A Python client sends pickles over a connection and gets pickles back.
func ExampleDecoder() {
	type request struct {
		ID   int    `pickle:"id"`
		Name string `pickle:"name"`
	}
	var conn, answers bytes.Buffer
	for i, name := range []string{"ada", "grace"} {
		if err := pickle.NewEncoder(&conn).Encode(request{i, name}); err != nil {
			log.Fatal(err)
		}
	}

	dec := pickle.NewDecoder(&conn, pickle.WithLimits(pickle.Limits{MaxBytes: 1 << 20}))
	enc := pickle.NewEncoder(&answers)
	for {
		var req request
		err := dec.Decode(&req)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(req.ID, req.Name)
		if err := enc.Encode(map[string]any{"id": req.ID, "ok": true}); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(answers.Len() > 0)
	// Output:
	// 0 ada
	// 1 grace
	// true
}

// A class that Go does not know is kept, looked into, and written back.
func ExampleLoad() {
	data := []byte("\x80\x02cshop\nOrder\n)\x81}X\x05\x00\x00\x00totalK*sb.")
	v, err := pickle.Load(data)
	if err != nil {
		log.Fatal(err)
	}
	order := v.(*pickle.Object)
	class, _ := order.Class()
	total, _ := order.Attr("total")
	fmt.Println(class, total)

	again, err := pickle.Marshal(order, pickle.WithProtocol(2), pickle.WithoutMemo())
	fmt.Println(bytes.Equal(again, data), err)
	// Output:
	// shop.Order 42
	// true <nil>
}

// A list that is in two places stays one list.
func ExampleList() {
	data := []byte("](](K\x01K\x02eq\x00h\x00e.") // x = [1, 2]; [x, x]
	v, err := pickle.Load(data)
	if err != nil {
		log.Fatal(err)
	}
	l := v.(*pickle.List)
	fmt.Println(l.Items[0] == l.Items[1])
	// Output: true
}

// A program makes its own values of the calls it knows.
func ExampleWithConstructor() {
	data, err := pickle.Marshal([]any{pickle.Call("decimal", "Decimal", "1.50")})
	if err != nil {
		log.Fatal(err)
	}
	v, err := pickle.Load(data, pickle.WithConstructor("decimal", "Decimal", func(call *pickle.Object) (any, error) {
		text, ok := call.Args[0].(string)
		if !ok {
			return nil, errors.New("a Decimal of no str")
		}
		r, ok := new(big.Rat).SetString(text)
		if !ok {
			return nil, fmt.Errorf("%q is no decimal", text)
		}
		return r, nil
	}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(v.(*pickle.List).Items[0])
	// Output: 3/2
}

// An error names the byte, the opcode and the place in the value.
func ExampleError() {
	data := []byte("}X\x06\x00\x00\x00agents](}X\x05\x00\x00\x00scoreK\x01s}X\x05\x00\x00\x00scoreX\x03\x00\x00\x00badses.")
	var v struct {
		Agents []struct{ Score int }
	}
	fmt.Println(pickle.Unmarshal(data, &v))
	// Output: pickle: str does not fit into Go type int (byte 39, BINUNICODE, at $.agents[1].score)
}

// price writes itself as a call of Python's Decimal.
type price struct{ cents int64 }

func (p price) MarshalPickle() (any, error) {
	return pickle.Call("decimal", "Decimal", fmt.Sprintf("%d.%02d", p.cents/100, p.cents%100)), nil
}

func ExampleMarshaler() {
	data, err := pickle.Marshal(price{1999}, pickle.WithProtocol(0))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%q\n", data)
	// Output: "cdecimal\nDecimal\np0\n(V19.99\np1\ntp2\nRp3\n."
}

func ExampleDisassemble() {
	data, err := pickle.Marshal(pickle.Tuple{"spam", 1}, pickle.WithProtocol(2))
	if err != nil {
		log.Fatal(err)
	}
	if err := pickle.Disassemble(os.Stdout, data); err != nil {
		log.Fatal(err)
	}
	// Output:
	//     0: \x80 PROTO      2
	//     2: X    BINUNICODE 'spam'
	//    11: q    BINPUT     0
	//    13: K    BININT1    1
	//    15: \x86 TUPLE2
	//    16: q    BINPUT     1
	//    18: .    STOP
	// highest protocol among opcodes = 2
}
