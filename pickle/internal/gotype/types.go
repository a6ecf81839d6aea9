package gotype

import (
	"math/big"
	"reflect"
	"time"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

// The types with a rule of their own.
var (
	BigIntType      = reflect.TypeFor[big.Int]()
	BigRatType      = reflect.TypeFor[big.Rat]()
	BigFloatType    = reflect.TypeFor[big.Float]()
	TimeType        = reflect.TypeFor[time.Time]()
	DurationType    = reflect.TypeFor[time.Duration]()
	BytesType       = reflect.TypeFor[value.Bytes]()
	EmptyStructType = reflect.TypeFor[struct{}]()
)
