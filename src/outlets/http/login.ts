/** Basic and bearer authentication, in the same time for every wrong answer. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Secret } from '../../model/secret.ts'

export interface Login {
  /** The value of `WWW-Authenticate`. */
  readonly challenge: string
  /** Whether the value of `Authorization` is that of a user or a token. */
  admits(authorization: string | undefined): boolean
}

/** @returns Undefined without users and tokens: no login is asked for. */
export function loginOf(users: ReadonlyMap<string, Secret>, tokens: readonly Secret[]): Login | undefined {
  const basics = [...users].map(([user, password]) => digest(`${user}:${password.reveal()}`))
  const bearers = tokens.map((token) => digest(token.reveal()))
  if (basics.length + bearers.length === 0) return undefined
  return {
    challenge: [
      ...(basics.length > 0 ? ['Basic realm="Muster", charset="UTF-8"'] : []),
      ...(bearers.length > 0 ? ['Bearer realm="Muster"'] : []),
    ].join(', '),
    admits(authorization) {
      const [, scheme, value] = /^(basic|bearer) +(\S+) *$/i.exec(authorization ?? '') ?? []
      if (scheme === undefined || value === undefined) return false
      return scheme.toLowerCase() === 'basic'
        ? isOneOf(Buffer.from(value, 'base64').toString('utf8'), basics)
        : isOneOf(value, bearers)
    },
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** All are compared, by digests of one length: neither length, nor first wrong byte, nor an unknown user shows in the time. */
function isOneOf(given: string, known: readonly Buffer[]): boolean {
  const mine = digest(given)
  let found = false
  for (const one of known) found = timingSafeEqual(mine, one) || found
  return found
}
