import type { Variables } from './variables.ts'

const loopback = /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\]):\d+$/

/** Where `muster serve` answers: with the page where there is a login or nobody else comes, else with metrics and health alone. */
export function serverOf(variables: Variables): { readonly server?: object; readonly bind?: string } {
  const listen = variables.text('MUSTER_LISTEN')?.trim()
  const file = variables.text('MUSTER_TOKEN_FILE')
  const tokens = [
    ...(file === undefined ? [] : [{ file }]),
    ...(variables.text('MUSTER_TOKEN') === undefined ? [] : [{ env: 'MUSTER_TOKEN' }]),
  ]
  if (listen === undefined) return tokens.length > 0 ? { server: { auth: { tokens } } } : {}
  const [, port] = /:(\d{1,5})$/.exec(listen) ?? []
  if (port === undefined || Number(port) > 65_535) {
    const next = 'Write address:port, such as 0.0.0.0:9121 for the whole pod network.'
    variables.wrong('MUSTER_LISTEN', { message: `${variables.show('MUSTER_LISTEN')} is no address with a port`, next })
    return {}
  }
  // Nobody knows the address of a pod before; without the token it tells nothing.
  if (tokens.length > 0) return { server: { listen, hosts: ['*'], auth: { tokens } } }
  return loopback.test(listen) ? { server: { listen } } : { bind: listen }
}
