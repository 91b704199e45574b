/** Where to listen: `address:port` read, names resolved, and whether only this machine can reach it. */
import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'

export interface Listen {
  /** As written, for messages. */
  readonly text: string
  /** The name or address as written; undefined for every address. */
  readonly name: string | undefined
  /** What `listen` gets; undefined for every address. */
  readonly address: string | undefined
  readonly port: number
  /** Nobody but this machine can connect. */
  readonly isLoopback: boolean
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')
loopback.addSubnet('::ffff:127.0.0.0', 104, 'ipv6')

const isLoopback = (address: string): boolean => loopback.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** Reads `127.0.0.1:9121`, `[::1]:9121`, `nas:9121`, `:9121` and `*:9121`. A name is resolved once, and that is listened on. */
export async function parseListen(text: string): Promise<Result<Listen>> {
  const match = /^(?:\[([\da-f:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/i.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65_535) {
    return refused(
      text,
      'http.listen',
      `"${text}" is no address to listen on.`,
      'Write address:port, such as 127.0.0.1:9121 or [::1]:9121, at server.listen, --listen or --compat-listen.',
    )
  }
  const name = match[1] ?? match[2] ?? ''
  if (name === '' || name === '*') return ok({ text, name: undefined, address: undefined, port, isLoopback: false })
  const address = isIP(name) === 0 ? await resolved(name) : name
  if (address === undefined)
    return refused(text, 'http.address', `The name ${name} in the address ${text} is unknown.`, nextAddress)
  const isEvery = address === '0.0.0.0' || address === '::'
  return ok({ text, name: isEvery ? undefined : name, address, port, isLoopback: isLoopback(address) })
}

const resolved = (name: string): Promise<string | undefined> =>
  lookup(name).then(
    ({ address }) => address,
    () => undefined,
  )

const nextAddress =
  'Choose an address of this machine (`ip address` lists them) at server.listen, with --listen or --compat-listen.'

/** Why listening failed; undefined for what is no expected failure. */
export function listenProblem(error: NodeJS.ErrnoException, { text, port }: Listen): Problem | undefined {
  switch (error.code) {
    case 'EADDRINUSE':
      return {
        code: 'http.port-taken',
        message: `The address ${text} is taken by another process.`,
        next: `See whether another \`muster serve\` runs (\`ss -ltnp 'sport = :${port}'\` names the process), or choose another address with --listen, --compat-listen or server.listen.`,
        retry: 'soon',
      }
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return {
        code: 'http.address',
        message: `This machine does not have the address ${text}.`,
        next: nextAddress,
        retry: 'never',
      }
    case 'EACCES':
    case 'EPERM':
      return {
        code: 'http.port-denied',
        message: `This user may not listen on ${text}${port < 1024 ? ': ports below 1024 need a privilege' : ''}.`,
        next: 'Choose a port of 1024 or higher at server.listen or with --listen, and put a reverse proxy before it.',
        retry: 'never',
      }
    default:
      return undefined
  }
}

/** A wider address than loopback without a login is refused here too, whoever calls. */
export const noLogin = (text: string): Problem => ({
  code: 'http.no-login',
  message: `Listening on ${text} would show everybody who reaches this machine all backups: no user and no token is set.`,
  next: 'Set server.auth (users or tokens), or listen on 127.0.0.1.',
  retry: 'never',
})

const refused = (listen: string, code: string, message: string, next: string): Result<never> =>
  fail({ code, message, next, retry: 'never', context: { listen } })
