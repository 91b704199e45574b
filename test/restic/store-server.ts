import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server on the loopback address that answers restic as the test wants. */
export interface StoreServer extends AsyncDisposable {
  readonly port: number
  /** The `Authorization` headers that came, decoded to `user:password`. */
  readonly credentials: readonly string[]
}

export async function serveStore(answer: RequestListener): Promise<StoreServer> {
  const credentials: string[] = []
  const server = createServer((request, response) => {
    const [, encoded = ''] = request.headers.authorization?.split(' ') ?? []
    credentials.push(Buffer.from(encoded, 'base64').toString('utf8'))
    request.resume()
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    credentials,
    [Symbol.asyncDispose]: () => close(server),
  }
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  await using server = await serveStore(() => {})
  return server.port
}

function close(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
