package wire

// Lengths and memo numbers of a stream have up to 64 bits, and those that were
// found to lie within the data are used as an int. Where an int has 32 bits, that
// could overflow on hostile input, so there the package does not compile.
const packagePickleNeedsATargetOf64Bits = 32<<(^uint(0)>>63) - 64

const _ uint = packagePickleNeedsATargetOf64Bits
