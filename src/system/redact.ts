import { Secret } from '../model/secret.ts'

/** Shorter values would black out half of every message, and protect nothing. */
const shortestMasked = 4

/** `://user:password@`: everything from the first colon to the last `@` before the path is the password. */
const userinfo = /(:\/\/[^\s/:@]*):[^\s/]*@/g

/** Replaces what no log, message, row or page may show. */
export type Redact = (text: string) => string

/**
 * Builds a redaction for the given secrets: each value of four or more characters, as it is, percent-encoded and as it
 * stands inside JSON, those of eight or more also in Base64 and hexadecimal, and the password of any URL, become `***`. Never
 * throws.
 *
 * @param secrets Values of fewer than four characters are not looked for.
 */
export function redactor(secrets: Iterable<Secret | string | undefined>): Redact {
  const values = new Set<string>()
  for (const secret of secrets) {
    const value = secret instanceof Secret ? secret.reveal() : (secret ?? '')
    for (const form of formsOf(value)) if (form.length >= shortestMasked) values.add(form)
  }
  // Longest first: a secret that holds another one is masked whole.
  const ordered = [...values].sort((a, b) => b.length - a.length)
  return (text) => ordered.reduce((rest, value) => rest.replaceAll(value, '***'), text).replace(userinfo, '$1:***@')
}

/** A value as it may turn up in text: a secret of several lines also line by line. */
function formsOf(value: string): string[] {
  const forms = [value, value.trim(), JSON.stringify(value).slice(1, -1)]
  // A lone surrogate has no percent-encoding.
  if (value.isWellFormed()) forms.push(encodeURIComponent(value))
  if (value.includes('\n')) forms.push(...value.split('\n').map((line) => line.trim()))
  return [...forms, ...encodedOf(value.trim())]
}

/** Of shorter values what is common to all encodings of them is too short to tell. */
const shortestEncoded = 8

/** As servers repeat credentials that they refuse: in hexadecimal, and in Base64 behind a name of any length. */
function encodedOf(value: string): string[] {
  const bytes = Buffer.from(value)
  if (bytes.length < shortestEncoded) return []
  const hex = bytes.toString('hex')
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    // What stands in it of the bytes around is another text each time.
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
  })
  const forUrls = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))
  return [hex, hex.toUpperCase(), ...base64, ...forUrls]
}
