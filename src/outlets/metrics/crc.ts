/**
 * The CRC-32 of two texts behind one another, from the CRC-32 of each.
 *
 * A CRC is the remainder of the text, as a polynomial over GF(2), divided by P. Writing n bytes behind a text multiplies it
 * by x^(8n), so crc(A + B) = crc(A) * x^(8 * length of B) mod P, plus crc(B); the inverted bits before and after cancel out.
 * Source: M. Adler, zlib, crc32.c, `crc32_combine_op`, `multmodp` and `x2nmodp`; Wikipedia, "Cyclic redundancy check".
 */

/** P of gzip, bits reversed: bit 31 stands for x^0. Source: RFC 1952, 8. */
const polynomial = 0xedb88320

/** a * b mod P. */
function multiply(a: number, b: number): number {
  let product = 0
  let shifted = b
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= shifted
    shifted = (shifted & 1) === 0 ? shifted >>> 1 : (shifted >>> 1) ^ polynomial
  }
  return product >>> 0
}

/** x^(8 * 2^n) mod P, for lengths up to 2^53 bytes. */
const powers: readonly number[] = (() => {
  const all: number[] = [0x00800000]
  for (let last = 0x00800000; all.length < 53; ) {
    last = multiply(last, last)
    all.push(last)
  }
  return all
})()

/** x^(8 * bytes) mod P: what a CRC is multiplied by when so many bytes follow. */
export function shiftOf(bytes: number): number {
  let shift = 0x80000000
  for (let at = 0, left = bytes; left > 0; at++, left = Math.floor(left / 2))
    if (left % 2 === 1) shift = multiply(powers[at] ?? 0, shift)
  return shift
}

/** @param shift `shiftOf` of the length of what follows. */
export const combined = (crc: number, following: number, shift: number): number =>
  (multiply(shift, crc) ^ following) >>> 0
