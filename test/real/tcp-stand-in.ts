/** Stand-in for a Redis that cannot be made to fail at will: it answers each command with what it is told, or not at all. */
import { type AddressInfo, createServer, type Socket } from 'node:net'

export interface TcpStandIn extends AsyncDisposable {
  readonly url: string
  readonly connections: number
}

/**
 * @param answer To each command, its words joined by spaces, as bytes of the protocol: `+OK\r\n`, `-LOADING …\r\n`. undefined: silence.
 * `{ last }`: sent, and the connection closed.
 */
export async function tcpStandIn(
  answer: (command: string) => string | { readonly last: string } | undefined,
): Promise<TcpStandIn> {
  const open = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    open.add(socket)
    socket.on('close', () => open.delete(socket)).on('error', () => {})
    let rest = ''
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1')
      for (let next = takeCommand(rest); next !== undefined; next = takeCommand(rest)) {
        rest = rest.slice(next.length)
        const said = answer(next.words.join(' '))
        if (typeof said === 'string') socket.write(said)
        else if (said !== undefined) socket.end(said.last)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return connections
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** One array of bulk strings. Source: Redis serialization protocol. */
function takeCommand(bytes: string): { readonly words: string[]; readonly length: number } | undefined {
  const head = /^\*(\d+)\r\n/.exec(bytes)
  if (head === null) return undefined
  let at = head[0].length
  const words: string[] = []
  for (let count = Number(head[1]); count > 0; count--) {
    const size = /^\$(\d+)\r\n/.exec(bytes.slice(at))
    if (size === null) return undefined
    at += size[0].length
    const end = at + Number(size[1])
    if (bytes.length < end + 2) return undefined
    words.push(bytes.slice(at, end))
    at = end + 2
  }
  return { words, length: at }
}
