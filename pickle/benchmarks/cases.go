package main

// The values that are measured. Go writes the pickles, byte for byte as
// CPython would, and everybody reads the same files.

import (
	"bytes"
	"fmt"
	"math/rand/v2"

	ogrek "github.com/kisielk/og-rek"

	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// address and user are the records, as Go programs would declare them.
type address struct {
	City string `pickle:"city"`
	Zip  string `pickle:"zip"`
}

type user struct {
	ID     int      `pickle:"id"`
	Name   string   `pickle:"name"`
	Score  float64  `pickle:"score"`
	Tags   []string `pickle:"tags"`
	Active bool     `pickle:"active"`
	Email  string   `pickle:"email"`
	Age    int      `pickle:"age"`
	Addr   address  `pickle:"addr"`
}

// link is one level of the deep dict.
type link struct {
	Value int   `pickle:"value"`
	Next  *link `pickle:"next"`
}

// benchCase is one value: the Go value to encode, a new variable to decode
// into with types, and the value as og-rek would be given it.
type benchCase struct {
	name   string
	value  any
	target func() any
	ogrek  any
}

func makeCases() []benchCase {
	r := rand.New(rand.NewPCG(1, 2))
	ints := make([]int64, 100_000)
	floats := make([]float64, 100_000)
	for i := range ints {
		ints[i] = int64(r.Int32())
		floats[i] = r.Float64()
	}
	strs := make([]string, 20_000)
	for i := range strs {
		strs[i] = fmt.Sprintf("string number %d", i)
	}
	users := make([]user, 5_000)
	for i := range users {
		users[i] = user{
			ID: i, Name: fmt.Sprintf("user%d", i), Score: r.Float64(), Tags: []string{fmt.Sprintf("a%d", i%7), "b"},
			Active: i%2 == 0, Email: fmt.Sprintf("u%d@example.com", i), Age: i % 90,
			Addr: address{fmt.Sprintf("c%d", i%50), fmt.Sprint(10000 + i)},
		}
	}
	var deep *link
	for i := range 400 {
		deep = &link{i, deep}
	}
	array := bytes.Repeat([]byte("12345678"), 100_000_000/8)
	return []benchCase{
		{"100,000 ints", ints, func() any { return new([]int64) }, ints},
		{"100,000 floats", floats, func() any { return new([]float64) }, floats},
		{"20,000 strings", strs, func() any { return new([]string) }, strs},
		{"5,000 records", users, func() any { return new([]user) }, ogrekRecords(users)},
		{"a deep dict", deep, func() any { return new(link) }, ogrekLink(deep)},
		{"a 100 MB array", array, func() any { return new([]byte) }, ogrek.Bytes(array)},
	}
}

// ogrekRecords are the records as og-rek writes dicts: it names the fields of
// structs otherwise.
func ogrekRecords(users []user) []any {
	out := make([]any, len(users))
	for i, u := range users {
		out[i] = map[any]any{
			"id": u.ID, "name": u.Name, "score": u.Score, "tags": []any{u.Tags[0], u.Tags[1]}, "active": u.Active,
			"email": u.Email, "age": u.Age, "addr": map[any]any{"city": u.Addr.City, "zip": u.Addr.Zip},
		}
	}
	return out
}

func ogrekLink(l *link) any {
	if l == nil {
		return nil
	}
	return map[any]any{"value": l.Value, "next": ogrekLink(l.Next)}
}

// encoded is a case with its pickle.
type encoded struct {
	benchCase
	data []byte
}

func encodeCases(proto int) ([]encoded, error) {
	var out []encoded
	for _, c := range makeCases() {
		data, err := pickle.Marshal(c.value, pickle.WithProtocol(proto))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		out = append(out, encoded{c, data})
	}
	return out, nil
}
