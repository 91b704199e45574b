/** Which `Host` names are answered: a name that an attacker points at this address gets nothing (DNS rebinding). */
import { isIP } from 'node:net'

const loopbackNames = ['localhost', '127.0.0.1', '[::1]']

interface HostRules {
  /** Name or address listened on; undefined for every address. */
  readonly listenName: string | undefined
  readonly port: number
  /** Further names; one with a port is answered with exactly that port, and `*` is any name. */
  readonly hosts: readonly string[]
}

/** A check for the value of `Host`. A name without a port is answered without one, and with the port listened on. */
export function hostCheck({ listenName, port, hosts }: HostRules): (host: string | undefined) => boolean {
  const own = [...loopbackNames, ...(listenName === undefined ? [] : [listenName]), ...hosts]
  const allowed = new Set(
    own.map(bracketed).flatMap((name) => (/:\d+$/.test(name) ? [name] : [name, `${name}:${port}`])),
  )
  const isAny = hosts.includes('*')
  return (host) => host !== undefined && (isAny || allowed.has(host.toLowerCase()))
}

const bracketed = (name: string): string => (isIP(name) === 6 ? `[${name}]` : name).toLowerCase()
