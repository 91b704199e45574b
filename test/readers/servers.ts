/** Real servers of restic's REST protocol. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect, createServer } from 'node:net'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'

export interface Served extends AsyncDisposable {
  readonly port: number
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

async function started(port: number, path: string, args: readonly string[]): Promise<Served> {
  const child = spawn(path, args, { stdio: 'ignore', env: { PATH: process.env.PATH, HOME: '/nonexistent' } })
  await until(`${path} to answer`, () => answers(port) || child.exitCode !== null)
  return { port, [Symbol.asyncDispose]: () => stopped(child) }
}

export async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path: '/' }, (response) => {
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
