/** One process that watches a thousand repositories: one hangs, twenty are damaged, and nobody else waits. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { keyFile, newMaterial, WrittenRepository } from '../readers/write-repository.ts'
import { until } from '../real/wait.ts'
import { type Daemon, startServe } from './daemon.ts'
import { makeWorkspace, type Workspace } from './workspace.ts'

const healthy = 979
const damaged = 20
const snapshots = 5
const limitMs = 180_000

let space: Workspace
beforeEach(() => {
  space = makeWorkspace()
})
afterEach(() => space[Symbol.dispose]())

/** Takes connections and says nothing, ever. */
async function openSilence() {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    port,
    connections: () => sockets.size,
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

const nameOf = (at: number): string => `r${String(at).padStart(4, '0')}`

/** Repositories that a cheap key opens, with five backup sets each. */
function make(): void {
  const master = newMaterial()
  const key = keyFile(master, 'pw')
  mkdirSync(space.place.at('many'))
  for (let at = 0; at < healthy + damaged; at += 1) {
    const folder = space.place.at('many', nameOf(at))
    const repository = new WrittenRepository(folder, 2, master)
    repository.raw('keys', key)
    for (let one = 0; one < snapshots; one += 1)
      repository.snapshot({ hostname: `host-${one}`, tree: String(at).padStart(64, '0') })
    if (at < healthy) continue
    const [name = ''] = readdirSync(join(folder, 'snapshots'))
    const bytes = readFileSync(join(folder, 'snapshots', name))
    bytes.writeUInt8(bytes.readUInt8(50) ^ 1, 50)
    writeFileSync(join(folder, 'snapshots', name), bytes)
  }
}

const counted = async (daemon: Daemon, pattern: RegExp): Promise<number> =>
  ((await daemon.text()).match(new RegExp(pattern, 'gm')) ?? []).length

describe('a thousand repositories in one process', () => {
  it('are read while one hangs and twenty are damaged, again and again, and told at once after a restart', {
    timeout: 2 * limitMs,
  }, async () => {
    make()
    using silence = await openSilence()
    writeFileSync(space.place.at('pass'), 'pw', { mode: 0o600 })
    const repositories = Object.fromEntries(
      [
        // First in the file, and so in every order that somebody might read in.
        ['hanging', { tool: 'restic', url: `rest:http://127.0.0.1:${silence.port}/x/` }],
        ...Array.from({ length: healthy + damaged }, (_, at) => [
          nameOf(at),
          { tool: 'restic', url: space.place.at('many', nameOf(at)) },
        ]),
      ].map(([name, settings]) => [name, { ...(settings as object), password: { file: space.place.at('pass') } }]),
    )
    writeFileSync(space.place.at('muster.yaml'), stringify({ repositories }))
    {
      await using daemon = await startServe(space)
      const up = /^muster_repository_up\{repository="r\d+"\} 1$/
      const down = /^muster_repository_problem\{repository="r\d+",code="reader\.damaged"\} 1$/
      await until('all healthy ones are read', async () => (await counted(daemon, up)) === healthy, limitMs)
      await until('all damaged ones are told', async () => (await counted(daemon, down)) === damaged, limitMs)
      expect(silence.connections()).toBeGreaterThan(0)
      expect(await counted(daemon, /^muster_repository_up\{repository="hanging"\}/)).toBe(0)
      // Nothing of what could be read of a damaged one is missing.
      const sets = /^muster_set_newest_snapshot_timestamp_seconds\{repository="r\d+"/
      expect(await counted(daemon, sets)).toBe(healthy * snapshots + damaged * (snapshots - 1))
      // Once more, beside the one that still hangs.
      const times = async () => [
        ...(await daemon.text()).matchAll(
          /^muster_repository_last_reading_timestamp_seconds\{repository="(r\d+)"\} (\S+)$/gm,
        ),
      ]
      const before = new Map((await times()).map(([, name, at]) => [name, Number(at)]))
      daemon.child.kill('SIGUSR1')
      await until(
        'all are read again',
        async () => {
          const now = await times()
          return now.length === healthy + damaged && now.every(([, name, at]) => Number(at) > (before.get(name) ?? 0))
        },
        limitMs,
      )
      expect((await fetch(`${daemon.url}readyz`)).status).toBe(200)
      expect((await fetch(daemon.url)).status).toBe(200)
    }
    // Where everything lay is gone; what was known is told by the very first answer all the same.
    rmSync(space.place.at('many'), { recursive: true })
    await using daemon = await startServe(space)
    expect(await counted(daemon, /^muster_set_newest_snapshot_timestamp_seconds\{repository="r\d+"/)).toBe(
      healthy * snapshots + damaged * (snapshots - 1),
    )
  })
})
