/** What every storage backend owes a reader, over real places and servers. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../src/model/secret.ts'
import type { Connections } from '../../src/sources/storage/connections.ts'
import { openStorage } from '../../src/sources/storage/open.ts'
import type { FileType, Meter, Storage, StorageBackend } from '../../src/sources/storage/storage.ts'
import { makePlace, type Place } from '../real/place.ts'

export interface Reachable {
  readonly url: string
  readonly environment?: Readonly<Record<string, string>>
  readonly options?: readonly string[]
  /** Another than the one of the address: one that finds a stand-in. */
  readonly backend?: StorageBackend
  readonly connections?: Connections
  /** Files were added or taken away: makes that known where they are not served from the folder itself. */
  readonly changed?: () => Promise<void>
  readonly stop: () => PromiseLike<void>
}

export interface StorageUnderTest {
  readonly name: string
  /** Tells when files were written. */
  readonly tellsTimes: boolean
  /** Requests before the first that is for a file. */
  readonly opening?: number
  /** So many files it asks for once more, because their content does not make their name. */
  readonly proves?: number
  /** So many files are listed; default: 3,000. */
  readonly many?: number
  /** Makes the folder reachable. @returns Its address, and how to end that. */
  serve(folder: string): Promise<Reachable>
}

const types: readonly FileType[] = ['keys', 'snapshots', 'locks', 'index', 'data']
const name = (at: number): string => at.toString(16).padStart(2, '0').repeat(32)

export function storageContract(under: StorageUnderTest): void {
  describe(`${under.name} keeps the contract of storages`, () => {
    const contents = new Map<string, Buffer>()
    let place: Place
    let folder: string
    let served: Reachable

    beforeAll(async () => {
      place = makePlace()
      folder = place.at('repository')
      writeFiles(folder, contents)
      served = await under.serve(folder)
      await changed()
    })
    afterAll(async () => {
      await served?.stop()
      place?.[Symbol.dispose]()
    })

    const opened = async (
      meter: Meter = { requests: 0, bytes: 0 },
      signal = new AbortController().signal,
    ): Promise<Storage> => {
      const { url, environment = {}, options = [], backend, connections } = served
      const secrets = Object.entries(environment).map(([key, value]) => [key, new Secret(value)])
      const access = { url: new Secret(url), environment: Object.fromEntries(secrets), options }
      const io = { signal, timeLimitMs: 60_000, meter, ...(connections && { connections }) }
      const storage = await openStorage(access, io, backend)
      if (!storage.ok) throw new Error(storage.fault.detail)
      return storage.value
    }
    const changed = async (): Promise<void> => served.changed?.()

    it('lists every type, complete files only', async () => {
      await using storage = await opened()
      for (const type of types) {
        const listed = await storage.list(type)
        const names = listed.ok ? listed.value.map((file) => file.name).sort() : listed.fault
        expect(names).toEqual(
          [...contents.keys()].flatMap((path) => (path.startsWith(`${type}/`) ? [path.slice(-64)] : [])),
        )
      }
    })

    it('tells sizes when asked', async () => {
      await using storage = await opened()
      for (const type of types) {
        const listed = await storage.list(type, true)
        if (!listed.ok) throw new Error(listed.fault.detail)
        for (const file of listed.value) expect(file.sizeBytes).toBe(contents.get(`${type}/${file.name}`)?.length)
      }
    })

    it(`tells ${under.tellsTimes ? 'when snapshots were written, when asked' : 'no times'}`, async () => {
      await using storage = await opened()
      const [asked, plain] = [await storage.list('snapshots', true), await storage.list('snapshots')]
      if (!asked.ok || !plain.ok) throw new Error('no listing')
      for (const { modifiedAt } of plain.value) expect(modifiedAt).toBeUndefined()
      for (const { modifiedAt } of asked.value)
        if (under.tellsTimes) expect(Math.abs(Date.now() - (modifiedAt?.getTime() ?? 0))).toBeLessThan(3_600_000)
        else expect(modifiedAt).toBeUndefined()
    })

    it('reads every file as it is, whole and in part, and counts what it cost', async () => {
      const meter = { requests: 0, bytes: 0 }
      await using storage = await opened(meter)
      let sum = 0
      for (const [path, content] of contents) {
        const [type = '', id] = path.split('/')
        const file = id === undefined ? 'config' : { type: type as FileType, name: id }
        expect(await storage.read(file, { mostBytes: 100_000 })).toEqual({ ok: true, value: content })
        const range = { offset: 3, length: 10 }
        expect(await storage.read(file, { mostBytes: 1_000, range })).toEqual({
          ok: true,
          value: content.subarray(3, 13),
        })
        sum += content.length + 10
      }
      // Some servers send `config` whole where a part was asked for.
      const config = contents.get('config')?.length ?? 0
      const proving = under.proves ?? 0
      expect(meter.requests).toBe(2 * contents.size + proving + (under.opening ?? 0))
      if (under.opening === undefined && under.proves === undefined)
        expect([sum, sum - 10 + config]).toContain(meter.bytes)
      else expect(meter.bytes).toBeGreaterThan(sum)
    })

    it('names what is missing, cut or too large', async () => {
      await using storage = await opened()
      const gone = { type: 'snapshots', name: name(0xee) } as const
      expect(await storage.read(gone, { mostBytes: 100 })).toMatchObject({ ok: false, fault: { kind: 'missing' } })
      expect(await storage.read('config', { mostBytes: 10 })).toMatchObject({ ok: false, fault: { kind: 'too-large' } })
      const range = { offset: 10_000_000, length: 10 }
      expect(await storage.read('config', { mostBytes: 1_000, range })).toMatchObject({
        ok: false,
        fault: { kind: 'cut' },
      })
    })

    it('refuses names that were not checked', async () => {
      await using storage = await opened()
      for (const bad of ['../config', 'x', '', `${name(1)}/..`, name(1).toUpperCase().replace('0', 'A')])
        await expect(storage.read({ type: 'keys', name: bad }, { mostBytes: 100 })).rejects.toThrow(TypeError)
    })

    it('takes a missing folder for an empty one', async () => {
      await using storage = await opened()
      renameSync(join(folder, 'locks'), join(folder, 'moved'))
      await changed()
      try {
        expect(await storage.list('locks')).toEqual({ ok: true, value: [] })
      } finally {
        renameSync(join(folder, 'moved'), join(folder, 'locks'))
        await changed()
      }
    })

    it('lists thousands, and does many things at once', async () => {
      await using storage = await opened()
      const length = under.many ?? 3_000
      const many = Array.from({ length }, () => randomBytes(32).toString('hex'))
      for (const one of many) writeFileSync(join(folder, 'index', one), one)
      await changed()
      try {
        const listed = await storage.list('index')
        expect(listed.ok && listed.value.length).toBe(length + 4)
        const read = await Promise.all(
          many.slice(0, 300).map((one) => storage.read({ type: 'index', name: one }, { mostBytes: 64 })),
        )
        expect(read.map((answer) => answer.ok && Buffer.from(answer.value).toString())).toEqual(many.slice(0, 300))
      } finally {
        for (const one of many) rmSync(join(folder, 'index', one))
        await changed()
      }
    })

    it('stops at once when cancelled', async () => {
      const controller = new AbortController()
      await using storage = await opened(undefined, controller.signal)
      controller.abort()
      expect(await storage.list('keys')).toMatchObject({ ok: false, fault: { kind: 'cancelled' } })
    })
  })
}

/** Four files of each type, temporaries and foreign files beside them. */
function writeFiles(folder: string, contents: Map<string, Buffer>): void {
  mkdirSync(folder)
  contents.set('config', randomBytes(155))
  writeFileSync(join(folder, 'config'), contents.get('config') as Buffer)
  for (const type of types) {
    for (let two = 0; type === 'data' && two < 256; two += 1)
      mkdirSync(join(folder, type, two.toString(16).padStart(2, '0')), { recursive: true })
    mkdirSync(join(folder, type), { recursive: true })
    for (const at of [1, 2, 0x7f, 0xff]) {
      const content = randomBytes(100 + at)
      contents.set(`${type}/${name(at)}`, content)
      writeFileSync(join(folder, type, type === 'data' ? name(at).slice(0, 2) : '', name(at)), content)
    }
    const inside = join(folder, type, type === 'data' ? '01' : '')
    for (const other of [
      `${name(3)}-restic-temp-1a`,
      `${name(3)}.rest-server-temp9`,
      'README',
      name(3).slice(1),
      `${name(3)}0`,
    ])
      writeFileSync(join(inside, other), 'half')
  }
}
