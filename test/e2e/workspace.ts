/** A folder with sources, a configuration and a state, and the program as a user starts it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openSqliteLedger } from '../../src/ledger/sqlite/open.ts'
import { makePlace, type Place } from '../real/place.ts'
import { program } from '../real/programs.ts'

/** The program as the checkout runs it. */
export const main = new URL('../../src/main.ts', import.meta.url).pathname

export const canary = 'canary-7d21-password'

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Workspace extends Disposable {
  readonly place: Place
  /** The folder that the job of `configure` backs up. */
  readonly source: string
  readonly repository: string
  /** Writes muster.yaml: one repository `local`, one job `files`; `job` and `repository` add to them. */
  configure(more?: { job?: object; repository?: object; root?: object }): void
  start(args: readonly string[], env?: NodeJS.ProcessEnv): ChildProcess
  run(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended>
  /** Restic itself, with the right password. */
  restic(args: readonly string[]): Promise<Ended>
  /** Opens the ledger as another process would. */
  ledger(): Promise<Ledger>
}

export function makeWorkspace(restic = program('restic-0.18')): Workspace {
  const place = makePlace()
  const source = place.at('source')
  const repository = place.at('repository')
  const state = place.at('state')
  mkdirSync(join(source, 'folder'), { recursive: true })
  for (let file = 0; file < 12; file++)
    writeFileSync(join(source, file % 2 ? 'folder' : '.', `file-${file}`), `content ${file}\n`.repeat(200 + file))
  writeFileSync(place.at('password'), `${canary}\n`, { mode: 0o600 })
  const environment = (env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    PATH: process.env.PATH,
    HOME: place.path,
    MUSTER_STATE: state,
    NO_COLOR: '1',
    ...env,
  })
  const children: ChildProcess[] = []
  const start = (args: readonly string[], env?: NodeJS.ProcessEnv): ChildProcess => {
    const child = spawn(process.execPath, [main, ...args], {
      cwd: place.path,
      env: environment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.push(child)
    return child
  }
  return {
    place,
    source,
    repository,
    configure(more = {}) {
      const config = {
        repositories: {
          local: {
            tool: 'restic',
            url: repository,
            password: { file: place.at('password') },
            program: restic,
            // How full the disk of this machine is must decide no test.
            space: { by: 'off' },
            ...more.repository,
          },
        },
        jobs: { files: { repository: 'local', sources: [source], ...more.job } },
        ...more.root,
      }
      writeFileSync(place.at('muster.yaml'), stringify(config))
    },
    start,
    run: (args, env) => ended(start(args, env)),
    restic: (args) =>
      ended(
        spawn(restic, ['-r', repository, '--password-file', place.at('password'), ...args], {
          env: { PATH: process.env.PATH, HOME: place.path },
          stdio: ['ignore', 'pipe', 'pipe'],
        }),
      ),
    async ledger() {
      const opened = await openSqliteLedger(state, new Date())
      if (!opened.ok) throw new Error(opened.problem.message)
      return opened.value
    },
    [Symbol.dispose]: () => {
      // A test that failed half-way leaves nothing running.
      for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      place[Symbol.dispose]()
    },
  }
}

/** Waits for a process and gathers what it said. */
export function ended(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', (data: Buffer) => {
    stdout += data.toString()
  })
  child.stderr?.on('data', (data: Buffer) => {
    stderr += data.toString()
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
}

/** The JSON lines of an output, one object each. */
export const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
