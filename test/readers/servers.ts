/** Real servers of restic's REST protocol. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { type AddressInfo, connect, createServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'

export interface Served extends AsyncDisposable {
  readonly port: number
  readonly pid: number
}

export async function serveRest(folder: string, more: readonly string[] = ['--no-auth']): Promise<Served> {
  const port = await freePort()
  return started(port, program('rest-server'), ['--path', folder, '--listen', `127.0.0.1:${port}`, ...more])
}

export async function serveRclone(version: string, folder: string): Promise<Served> {
  const port = await freePort()
  const args = ['serve', 'restic', '--config', '', '--addr', `127.0.0.1:${port}`, folder]
  return started(port, program(`rclone-${version}`), args)
}

/** rclone's own servers, for rclone itself. */
export async function serveByRclone(
  protocol: 'webdav' | 'http',
  folder: string,
  more: readonly string[] = [],
): Promise<Served> {
  const port = await freePort()
  const own = ['--config', '', '--dir-cache-time', '0', '--addr', `127.0.0.1:${port}`]
  return started(port, program('rclone-1.75'), ['serve', protocol, ...own, ...more, folder])
}

/** rest-server on a socket of this machine. */
export async function serveRestOnSocket(folder: string, socketPath: string): Promise<Served> {
  const args = ['--path', folder, '--listen', `unix:${socketPath}`, '--no-auth']
  return started(0, program('rest-server'), args, socketPath)
}

/** Takes TLS off, from clients with a certificate alone, and passes on what is inside. */
export async function serveTls(port: number, options: TlsOptions): Promise<Omit<Served, 'pid'>> {
  const own = { requestCert: true, rejectUnauthorized: true, ...options }
  const sockets = new Set<Duplex>()
  const server = createTlsServer(own, (client) => {
    const target = connect(port, '127.0.0.1')
    for (const socket of [client, target]) sockets.add(socket.on('error', () => {}))
    client.pipe(target).pipe(client)
  })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function started(port: number, path: string, args: readonly string[], socketPath?: string): Promise<Served> {
  const child = spawn(path, args, { stdio: 'ignore', env: { PATH: process.env.PATH, HOME: '/nonexistent' } })
  await until(`${path} to answer`, async () => (await answers(port, socketPath)) || child.exitCode !== null)
  return { port, pid: child.pid ?? 0, [Symbol.asyncDispose]: () => stopped(child) }
}

export async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const answers = (port: number, socketPath?: string): Promise<boolean> =>
  new Promise((resolve) => {
    const to = socketPath === undefined ? { host: '127.0.0.1', port } : { socketPath }
    const asked = request({ ...to, path: '/' }, (response) => {
      response.resume()
      resolve(true)
    })
    asked.on('error', () => resolve(false))
    asked.end()
  })

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Whether anybody takes connections. */
export const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
