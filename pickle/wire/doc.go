// Package wire is the pickle format as bytes: the opcodes and what follows them, a
// Writer that frames and encodes them, and a disassembler. Nothing here has an
// idea of the values that a stream makes; package pickle has.
//
// A pickle is a program for a stack machine, one byte an opcode, most with an
// argument behind them. [Opcodes] is the table of all of them, with what each
// does to the stack.
//
//	for offset := 0; offset < len(data); {
//		in, err := wire.ReadInstruction(data, offset)
//		if err != nil {
//			return err
//		}
//		fmt.Println(in.Offset, in.Op, len(in.Arg))
//		offset += in.Size
//	}
//
// A [Writer] writes one opcode for each call. The Put functions do the same to a
// buffer that [Writer.Take] has lent, for loops that write many.
package wire
