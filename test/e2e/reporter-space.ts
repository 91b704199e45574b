/** restic-reporter's world: a REST server with repositories that other hosts write, and a config.json that names them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Served, serveRest } from '../readers/servers.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'
import { type Ended, ended, makeWorkspace, type Workspace } from './workspace.ts'

export const password = 'canary-reporter-password'

export interface ReporterSpace extends AsyncDisposable {
  readonly space: Workspace
  /** `rest:http://127.0.0.1:PORT/NAME`. */
  urlOf(name: string): string
  init(name: string): Promise<void>
  /** A snapshot of one small file, by a host of this name. */
  backup(name: string, host: string, more?: readonly string[]): Promise<void>
  restic(name: string, args: readonly string[]): Promise<Ended>
  /** Somebody holds an exclusive lock until it is ended. */
  lock(name: string): Promise<AsyncDisposable>
  /** Writes config.json; a text goes in as it is. */
  write(config: unknown): void
}

export async function makeReporterSpace(): Promise<ReporterSpace> {
  const space = makeWorkspace()
  const folder = space.place.at('served')
  const served: Served = await serveRest(folder)
  const urlOf = (name: string): string => `rest:http://127.0.0.1:${served.port}/${name}`
  const start = (url: string, args: readonly string[]): ChildProcess =>
    spawn(program('restic-0.18'), ['-r', url, '--no-cache', ...args], {
      env: { PATH: process.env.PATH, HOME: space.place.path, RESTIC_PASSWORD: password },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const restic = (name: string, args: readonly string[]): Promise<Ended> => ended(start(urlOf(name), args))
  const good = async (name: string, args: readonly string[]): Promise<void> => {
    const end = await restic(name, args)
    if (end.code !== 0) throw new Error(end.stderr)
  }
  return {
    space,
    urlOf,
    restic,
    init: (name) => good(name, ['init']),
    backup: (name, host, more = []) => good(name, ['backup', '--host', host, ...more, join(space.source, 'file-0')]),
    async lock(name) {
      const holder = start(urlOf(name), ['check'])
      const gone = once(holder, 'close')
      const locks = join(folder, name, 'locks')
      await until('the lock is there', () => readdirSync(locks).some((file) => /^[0-9a-f]{64}$/.test(file)))
      holder.kill('SIGSTOP')
      return {
        async [Symbol.asyncDispose]() {
          holder.kill('SIGKILL')
          await gone
        },
      }
    },
    write: (config) =>
      writeFileSync(space.place.at('config.json'), typeof config === 'string' ? config : JSON.stringify(config)),
    async [Symbol.asyncDispose]() {
      space[Symbol.dispose]()
      await served[Symbol.asyncDispose]()
    },
  }
}
