/** What an Alertmanager calls an alert by. Source: prometheus/common, `model.LabelSet.Fingerprint`: FNV-1a of 64 bits. */

const offset = 14_695_981_039_346_656_037n
const prime = 1_099_511_628_211n
const separator = 255

/** Sixteen hexadecimal digits; the same for the same labels in whatever order. */
export function fingerprintOf(labels: Readonly<Record<string, string>>): string {
  let sum = offset
  const add = (byte: number): void => {
    sum = BigInt.asUintN(64, (sum ^ BigInt(byte)) * prime)
  }
  // Go sorts by bytes, which is by code points.
  for (const name of Object.keys(labels).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
    for (const byte of Buffer.from(name)) add(byte)
    add(separator)
    for (const byte of Buffer.from(labels[name] ?? '')) add(byte)
    add(separator)
  }
  return sum.toString(16).padStart(16, '0')
}
