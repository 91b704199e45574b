/** Watching writes nothing: every system call of a whole reading is looked at. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makePlace, type Place } from '../real/place.ts'
import { program } from '../real/programs.ts'
import { accessTo, goodReading } from './reading.ts'
import { serveRest } from './servers.ts'
import { type ServedSftp, serveRcloneSftp, serveSshd } from './sftp.ts'
import { WrittenRepository } from './write-repository.ts'

const source = join(import.meta.dirname, '..', '..', 'src')

/** A process of its own that reads once, cold and warm. */
const reader = (folder: string): string => `
  import { Secret } from '${source}/model/secret.ts'
  import { ReaderMemory, readNative } from '${source}/sources/readers/restic/index.ts'
  const access = { name: 'box', url: new Secret('${folder}'), password: new Secret('pw'), environment: {}, options: [] }
  const io = { signal: new AbortController().signal, locks: true, size: true, prove: true }
  const read = await readNative(access, async () => new Set(), new ReaderMemory(), io)
  process.stdout.write(read.ok ? String(read.value.fresh.length) : read.problem.code)`

function makeRepository(place: Place): string {
  const folder = place.at('repository')
  const env = {
    PATH: process.env.PATH,
    RESTIC_REPOSITORY: folder,
    RESTIC_PASSWORD: 'pw',
    RESTIC_CACHE_DIR: place.at('cache'),
  }
  mkdirSync(place.at('source'))
  for (const file of ['one', 'two']) {
    writeFileSync(place.at('source', file), file)
    if (file === 'one') execFileSync(program('restic-0.18'), ['init'], { env, stdio: 'ignore' })
    execFileSync(program('restic-0.18'), ['backup', place.at('source')], { env, stdio: 'ignore' })
  }
  writeFileSync(place.at('reader.ts'), reader(folder))
  return folder
}

/** Everything in a folder that a write would change. */
const traces = (folder: string): string =>
  execFileSync('find', [folder, '-printf', '%p %i %s %m %T@ %C@\\n'], { encoding: 'utf8' })
    .split('\n')
    .sort()
    .join('\n')

describe('a native reading', () => {
  it('leaves no trace in the repository', () => {
    using place = makePlace()
    const folder = makeRepository(place)
    const before = traces(folder)
    expect(execFileSync(process.execPath, [place.at('reader.ts')], { encoding: 'utf8' })).toBe('2')
    expect(traces(folder)).toBe(before)
  })

  const servers: [string, (folder: string, place: Place) => Promise<AsyncDisposable & Partial<ServedSftp>>][] = [
    ['rest-server', (folder) => serveRest(dirname(folder))],
    ['sshd', (folder, place) => serveSshd(folder, place.at('keys'))],
    ['rclone serve sftp', (folder, place) => serveRcloneSftp(folder, place.at('keys'))],
  ]
  for (const [name, serve] of servers)
    it(`leaves no trace behind ${name}`, async () => {
      using place = makePlace()
      const repository = new WrittenRepository(place.at('repository'))
      repository.key('pw')
      repository.snapshot()
      repository.lock()
      await using server = await serve(repository.folder, place)
      const before = traces(repository.folder)
      const url = server.url ?? `rest:http://127.0.0.1:${server.port}/repository`
      const access = { ...accessTo(url), options: server.options ?? [] }
      expect(await goodReading(access, { size: true, prove: true })).toMatchObject({ fresh: [{}], locks: [{}] })
      expect(traces(repository.folder)).toBe(before)
    })

  it('opens files below it for reading only, and starts no program', () => {
    using place = makePlace()
    const folder = makeRepository(place)
    const trace = place.at('trace')
    const args = [
      '-f',
      '-y',
      '-s',
      '256',
      '-e',
      'trace=%file,execve,write,pwrite64,writev,ftruncate,fchmod',
      '-o',
      trace,
    ]
    const traced = spawnSync(program('strace'), [...args, process.execPath, place.at('reader.ts')], {
      encoding: 'utf8',
    })
    expect([traced.stdout, traced.stderr]).toEqual(['2', ''])
    const calls = readFileSync(trace, 'utf8').split('\n')
    const below = calls.filter((line) => line.includes(`${folder}/`))
    expect(below.length).toBeGreaterThan(10)
    const writing = below.filter(
      (line) =>
        /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND/.test(line) ||
        /\b(write|pwrite64|writev|ftruncate|truncate|rename\w*|unlink\w*|mkdir\w*|rmdir|link\w*|symlink\w*|f?chmod\w*|chown\w*|utime\w*|mknod\w*|setxattr)\(/.test(
          line,
        ),
    )
    expect(writing).toEqual([])
    expect(calls.filter((line) => /\bexecve\(/.test(line)).length).toBe(1)
    expect(statSync(trace).size).toBeGreaterThan(1_000)
  })
})
