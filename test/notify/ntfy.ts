/** A real ntfy, and what was told to a topic of it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { freePort } from '../readers/servers.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'

export interface NtfyMessage {
  readonly id: string
  readonly sequence_id?: string
  readonly title?: string
  readonly message?: string
  readonly priority?: number
  readonly tags?: readonly string[]
  readonly click?: string
  readonly attachment?: unknown
}

export interface Ntfy extends AsyncDisposable {
  readonly port: number
  readonly url: string
  messages(topic: string): Promise<NtfyMessage[]>
  stop(): Promise<void>
  /** At the same port, with what it kept. */
  start(): Promise<void>
}

export async function serveNtfy(folder: string, more: readonly string[] = []): Promise<Ntfy> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  const ntfy: Ntfy = {
    port,
    url,
    async messages(topic) {
      const answer = await fetch(`${url}/${topic}/json?poll=1`)
      const lines = (await answer.text()).split('\n').filter((line) => line !== '')
      return lines.map((line) => JSON.parse(line) as NtfyMessage)
    },
    async start() {
      const cache = ['--cache-file', `${folder}/ntfy.db`, '--cache-startup-queries', '']
      child = spawn(
        program('ntfy'),
        ['serve', '--listen-http', `127.0.0.1:${port}`, ...cache, '--visitor-request-limit-burst', '1000000', ...more],
        { stdio: 'ignore', env: { PATH: process.env.PATH, HOME: folder } },
      )
      await until('ntfy to answer', async () => {
        try {
          return (await fetch(`${url}/v1/health`)).ok
        } catch {
          return false
        }
      })
    },
    async stop() {
      if (child === undefined || child.exitCode !== null) return
      const ended = new Promise((resolve) => child?.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
      child = undefined
    },
    [Symbol.asyncDispose]: () => ntfy.stop(),
  }
  await ntfy.start()
  return ntfy
}
