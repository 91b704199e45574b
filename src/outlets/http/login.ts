/** Basic and bearer authentication, in the same time for every wrong answer. */
import type { Secret } from '../../model/secret.ts'
import { digestOf, indexOfDigest } from '../../system/digests.ts'

export interface Login {
  /** For who posts alerts, with tokens of its own. */
  readonly isOfInbox?: true
  /** The value of `WWW-Authenticate`. */
  readonly challenge: string
  /** Whether the value of `Authorization` is that of a user or a token. */
  admits(authorization: string | undefined): boolean
}

/** @returns Undefined without users and tokens: no login is asked for. */
export function loginOf(users: ReadonlyMap<string, Secret>, tokens: readonly Secret[]): Login | undefined {
  const basics = [...users].map(([user, password]) => digestOf(`${user}:${password.reveal()}`))
  const bearers = tokens.map((token) => digestOf(token.reveal()))
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

/**
 * For who posts alerts: one of these tokens, as such or as the password of any user; or whoever else may come in.
 * @returns Undefined where neither is asked for.
 */
export function inboxLoginOf(tokens: readonly Secret[], login: Login | undefined): Login | undefined {
  if (tokens.length === 0) return login
  const known = tokens.map((token) => digestOf(token.reveal()))
  return {
    isOfInbox: true,
    challenge: 'Bearer realm="Muster alerts", Basic realm="Muster alerts", charset="UTF-8"',
    admits(authorization) {
      const [, scheme, value = ''] = /^(basic|bearer) +(\S+) *$/i.exec(authorization ?? '') ?? []
      const given =
        scheme?.toLowerCase() === 'basic'
          ? Buffer.from(value, 'base64')
              .toString('utf8')
              .replace(/^[^:]*:/s, '')
          : value
      const isToken = isOneOf(given, known)
      return login?.admits(authorization) === true || (isToken && given !== '')
    },
  }
}

const isOneOf = (given: string, known: readonly Buffer[]): boolean => indexOfDigest(given, known) >= 0
