/** A sidecar's surroundings: what is backed up, a repository, ntfy, a gateway that writes down what it is given. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parse } from 'yaml'
import { loadPages } from '../docs/markdown.ts'
import { type Ended, ended, main } from '../e2e/workspace.ts'
import { type Ntfy, type NtfyMessage, serveNtfy } from '../notify/ntfy.ts'
import { makePlace, type Place } from '../real/place.ts'
import { program } from '../real/programs.ts'

export const secret = 'canary-sidecar-password'
const script = new URL('stand-in.sh', import.meta.url).pathname

export interface Push {
  readonly method: string
  readonly path: string
  readonly body: string
}

/** One of the two that do the same work. */
export interface Side {
  readonly name: 'script' | 'muster'
  readonly repository: string
  start(args: readonly string[], env?: NodeJS.ProcessEnv, restic?: string): ChildProcess
  run(env?: Readonly<Record<string, string>>, restic?: string, args?: readonly string[]): Promise<Ended>
  /** Host, paths and tags of every snapshot. */
  snapshots(): Promise<readonly object[]>
  messages(): Promise<readonly NtfyMessage[]>
  pushes(): readonly Push[]
}

export interface World extends AsyncDisposable {
  readonly place: Place
  readonly source: string
  readonly sides: readonly [Side, Side]
  readonly muster: Side
  /** As the page has them, with places of this machine. */
  environment(side: string): Record<string, string>
}

const page = (await loadPages()).find(({ path }) => path === 'docs/coming-from/restic-sidecar.md')
export const block = (name: string): string => {
  const found = page?.blocks.find(({ info }) => info[1] === name)
  if (found === undefined) throw new Error(`the page has no block ${name}`)
  return found.text
}

export async function openWorld(): Promise<World> {
  const place = makePlace()
  const source = place.at('source')
  mkdirSync(source)
  writeFileSync(place.at('source', 'config.xml'), 'content')
  for (const version of ['0.14', '0.18', '0.19']) {
    mkdirSync(place.at(version))
    symlinkSync(program(`restic-${version}`), place.at(version, 'restic'))
  }
  const pushes: Push[] = []
  const gateway = createServer((request, response) => {
    let body = ''
    request.on('data', (data: Buffer) => {
      body += data.toString()
    })
    request.on('end', () => {
      pushes.push({ method: request.method ?? '', path: request.url ?? '', body })
      response.end()
    })
  })
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
  const { port } = gateway.address() as AddressInfo
  const ntfy: Ntfy = await serveNtfy(place.path)
  const environment = (side: string): Record<string, string> => ({
    ...(parse(block('secret')) as { stringData: Record<string, string> }).stringData,
    RESTIC_SOURCE: source,
    RESTIC_REPOSITORY: place.at(`repository-${side}`),
    RESTIC_PASSWORD: secret,
    NTFY_CREDS: '-u mne-adm:canary-ntfy',
    NTFY_SERVER: ntfy.url,
    NTFY_TOPIC: side,
    PUSHGATEWAY_URL: `http://127.0.0.1:${port}/${side}`,
    MUSTER_STATE: place.at('state'),
    STAND_IN_LOG: place.at('backup.log'),
    HOME: place.path,
  })
  const sideOf = (name: Side['name']): Side => ({
    name,
    repository: place.at(`repository-${name}`),
    start(args, env = {}, restic = '0.18') {
      const PATH = `${place.at(restic)}:${process.env.PATH}`
      const [command, given] = name === 'script' ? ['bash', [script]] : [process.execPath, [main, ...args]]
      return spawn(command, given, {
        cwd: place.path,
        env: { ...environment(name), PATH, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
    },
    run(env = {}, restic, args = ['run', '--from', 'env']) {
      return ended(this.start(args, env, restic))
    },
    async snapshots() {
      const list = spawn(
        program('restic-0.18'),
        ['snapshots', '--json', '--no-cache', '-r', place.at(`repository-${name}`)],
        {
          env: { PATH: process.env.PATH, RESTIC_PASSWORD: secret, HOME: place.path },
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      )
      const found = JSON.parse((await ended(list)).stdout) as { hostname: string; paths: string[]; tags?: string[] }[]
      return found.map(({ hostname, paths, tags = [] }) => ({ hostname, paths, tags }))
    },
    messages: () => ntfy.messages(name),
    pushes: () => pushes.filter(({ method, path }) => method !== 'GET' && path.startsWith(`/${name}/`)),
  })
  const muster = sideOf('muster')
  return {
    place,
    source,
    muster,
    sides: [sideOf('script'), muster],
    environment,
    async [Symbol.asyncDispose]() {
      await ntfy[Symbol.asyncDispose]()
      gateway.closeAllConnections()
      await new Promise((resolve) => gateway.close(resolve))
      place[Symbol.dispose]()
    },
  }
}
