/** What the contract of tools does not ask for: restic's own ways, with real programs. */
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { dirname } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Secret } from '../../src/model/secret.ts'
import type { Lock } from '../../src/model/snapshot.ts'
import { tool } from '../../src/sources/tools/restic/index.ts'
import type { RepositoryAccess } from '../../src/sources/tools/tool.ts'
import { isAlive, killGroup } from '../../src/system/pids.ts'
import { backupSpec, password, quiet } from '../contracts/tool.contract.ts'
import { makePlace, type Place } from '../real/place.ts'
import { closedPort, serveStore } from './store-server.ts'
import { accessOf, oldestAndNewest } from './under-test.ts'

const asRoot = process.getuid?.() === 0

describe.each(oldestAndNewest)('restic %s', (version) => {
  let template: Place
  let place: Place
  let access: RepositoryAccess

  beforeAll(async () => {
    template = makePlace()
    mkdirSync(template.at('source'))
    writeFileSync(template.at('source', 'file'), 'content')
    expect(await tool.init(accessOf(version, template.at('repository'), password), quiet())).toMatchObject({
      outcome: 'ok',
    })
  })
  afterAll(() => template?.[Symbol.dispose]())
  beforeEach(() => {
    place = makePlace()
    cpSync(template.path, place.path, { recursive: true })
    access = accessOf(version, place.at('repository'), password)
    return () => place[Symbol.dispose]()
  })

  const at = (url: string): RepositoryAccess => ({ ...access, url: new Secret(url) })
  const spec = () => backupSpec([place.at('source')])

  it('takes the credentials of a rest: address along and shows them nowhere', async () => {
    await using server = await serveStore((_, response) => response.writeHead(401).end())
    const seen: string[] = []
    const onSpawn = (pid: number): void => {
      seen.push(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    }
    const url = `rest:http://canary-user:canary%2Fpw%40x@127.0.0.1:${server.port}/box/`
    const answers = [
      await tool.snapshots(at(url), { ...quiet(), timeLimitMs: 3_000, onSpawn }),
      await tool.backup(at(url), spec(), { ...quiet(), timeLimitMs: 3_000, onSpawn }),
    ]
    expect(server.credentials).toContain('canary-user:canary/pw@x')
    expect(answers[0]).toMatchObject({ ok: false, problem: { code: 'restic.denied' } })
    expect(answers[1]).toMatchObject({ problem: { code: 'restic.denied' } })
    expect(JSON.stringify(answers) + seen.join()).not.toMatch(/canary\/pw|canary%2F|canary-4f1c/)
  })

  it('names a server that nobody runs, over HTTP and over SSH', async () => {
    const io = { ...quiet(), timeLimitMs: 3_000 }
    const refused = await tool.snapshots(at(`rest:http://127.0.0.1:${await closedPort()}/`), io)
    expect(refused).toMatchObject({ ok: false, problem: { code: 'restic.network', retry: 'soon' } })
    const sftp = {
      ...at('sftp:nobody@127.0.0.1:/x'),
      options: ['sftp.command=ssh -o BatchMode=yes -p 1 127.0.0.1 -s sftp'],
    }
    expect(await tool.snapshots(sftp, io)).toMatchObject({ ok: false, problem: { code: 'restic.network' } })
  })

  it('names a server that has no such repository', async () => {
    await using server = await serveStore((_, response) => response.writeHead(404).end())
    const listed = await tool.snapshots(at(`rest:http://127.0.0.1:${server.port}/`), quiet())
    expect(listed).toMatchObject({ ok: false, problem: { code: 'restic.no-repository' } })
  })

  it('ends a backup whose server went silent, and leaves no process', async () => {
    // It serves the repository from its folder, until data is to be stored.
    await using server = await serveStore((request, response) => {
      const [, type = '', name = ''] = new URL(request.url ?? '/', 'http://x').pathname.split('/')
      if (request.method === 'POST' && type === 'data') return
      if (request.method === 'POST' || request.method === 'DELETE') return void response.writeHead(200).end()
      sendFromFolder(place.at('repository'), type, name, request.method === 'HEAD', response)
    })
    let child = 0
    const onSpawn = (pid: number): void => {
      child = pid
    }
    const made = await tool.backup(at(`rest:http://127.0.0.1:${server.port}/`), spec(), {
      ...quiet(),
      stallLimitMs: 3_000,
      onSpawn,
    })
    expect(made).toMatchObject({
      outcome: 'timed-out',
      problem: { code: 'restic.stalled', context: { limitSeconds: 3 } },
    })
    expect(made.durationMs).toBeLessThan(25_000)
    expect(readdirSync('/proc')).not.toContain(String(child))
  })

  it.runIf(asRoot)('names a full store', async () => {
    const mount = place.at('small')
    mkdirSync(mount)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mount])
    try {
      cpSync(place.at('repository'), `${mount}/repository`, { recursive: true })
      writeFileSync(place.at('source', 'big'), crypto.getRandomValues(new Uint8Array(60_000)))
      for (let copy = 0; copy < 40; copy += 1) {
        writeFileSync(place.at('source', `big${copy}`), crypto.getRandomValues(new Uint8Array(60_000)))
      }
      const io = { ...quiet(), timeLimitMs: 10_000 }
      const made = await tool.backup(at(`${mount}/repository`), spec(), io)
      expect(made).toMatchObject({ problem: { code: 'restic.store-full', retry: 'next-run' } })
      expect(['failed', 'timed-out']).toContain(made.outcome)
    } finally {
      execFileSync('umount', [mount])
    }
  })

  it('gives a child nothing but what is allowed, and runs it as gently as asked', async () => {
    let environment: string[] = []
    let priority = 0
    let arguments_: string[] = []
    const onSpawn = async (pid: number): Promise<void> => {
      // nice, then ionice, then restic: one process, which waits for the password.
      for (let tries = 0; tries < 200; tries += 1) {
        arguments_ = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
        if (arguments_[0]?.includes('restic')) break
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean)
      priority = getPriority(pid)
    }
    const limits = {
      cpus: 1,
      nice: 7,
      ionice: { class: 'best-effort', level: 6 },
      uploadBytesPerSecond: 1_500,
    } as const
    const given = {
      ...access,
      environment: { AWS_ACCESS_KEY_ID: new Secret('a'), RESTIC_PASSWORD: new Secret('wrong') },
    }
    const made = await tool.backup(given, spec(), { ...quiet(), limits, onSpawn })
    expect(made).toMatchObject({ outcome: 'ok' })
    expect(priority).toBe(7 + getPriority())
    expect(arguments_).toContain('--limit-upload=2')
    const names = environment.map((variable) => variable.slice(0, variable.indexOf('=')))
    const added = ['AWS_ACCESS_KEY_ID', 'GOMAXPROCS', 'RESTIC_CACHE_DIR', 'RESTIC_PROGRESS_FPS', 'RESTIC_REPOSITORY']
    const allowed =
      /^(PATH|HOME|USER|LOGNAME|LANG|LC_[A-Z]+|TZ|TMPDIR|XDG_(CACHE|CONFIG)_HOME|SSH_AUTH_SOCK|SSL_CERT_(FILE|DIR)|(HTTPS?|NO)_PROXY)$/i
    expect(names.filter((name) => !allowed.test(name)).sort()).toEqual(added)
    expect(environment).toContain('GOMAXPROCS=1')
  })

  it('says which program of a prefix is missing', async () => {
    writeFileSync(place.at('restic'), `#!/bin/sh\nexec '${access.program}' "$@"\n`)
    chmodSync(place.at('restic'), 0o755)
    const before = process.env.PATH
    process.env.PATH = dirname(place.at('restic'))
    try {
      const made = await tool.backup(access, spec(), { ...quiet(), limits: { ionice: { class: 'idle' } } })
      expect(made).toMatchObject({
        outcome: 'failed',
        problem: { code: 'restic.not-found', context: { program: 'ionice' } },
      })
    } finally {
      process.env.PATH = before
    }
  })

  it('is not stopped by an empty lock file, and names a damaged one', async () => {
    const lock = place.at('repository', 'locks', 'ab'.repeat(32))
    writeFileSync(lock, '')
    expect(await tool.locks(access, quiet())).toEqual({ ok: true, value: [] })
    expect(await tool.backup(access, spec(), quiet())).toMatchObject({ outcome: 'ok' })
    writeFileSync(lock, crypto.getRandomValues(new Uint8Array(200)))
    expect(await tool.locks(access, quiet())).toEqual({ ok: true, value: [] })
    // 0.14 ignores that one too.
    const want =
      version === '0.14' ? { outcome: 'ok' } : { outcome: 'failed', problem: { code: 'restic.invalid-lock' } }
    expect(await tool.backup(access, spec(), quiet())).toMatchObject(want)
  })

  it('recovers from a kill at any moment: after unlock, anybody can back up', async () => {
    const ours = new Set<number>()
    for (const afterMs of [30, 300, 600, 900]) {
      writeFileSync(place.at('source', 'more'), crypto.getRandomValues(new Uint8Array(60_000)))
      const onSpawn = (pid: number): void => {
        ours.add(pid)
        setTimeout(() => killGroup(pid, 'SIGKILL'), afterMs)
      }
      await tool.backup(access, spec(), { ...quiet(), onSpawn, limits: { uploadBytesPerSecond: 20_000 } })
    }
    const proof = (lock: Lock): boolean => ours.has(lock.pid) && !isAlive(lock.pid)
    expect(await tool.unlock(access, proof, quiet())).toMatchObject({ outcome: 'ok' })
    const retention = { group: ['host'], keepLast: 1, keepTags: [] } as const
    expect(
      await tool.forget(access, { retention, tags: [], paths: [], dryRun: false, own: {} }, quiet()),
    ).toMatchObject({
      outcome: 'ok',
    })
    expect(await tool.backup(access, spec(), quiet())).toMatchObject({ outcome: 'ok' })
    expect(await tool.locks(access, quiet())).toEqual({ ok: true, value: [] })
  })

  it('refuses an empty password before it starts anything', async () => {
    const onSpawn = (): never => {
      throw new Error('started')
    }
    for (const text of ['', '\n', 'two\nlines']) {
      const listed = await tool.snapshots({ ...access, password: new Secret(text) }, { ...quiet(), onSpawn })
      expect(listed).toMatchObject({ ok: false, problem: { code: 'restic.no-password' } })
    }
  })

  it('refuses arguments that would take the backup away', async () => {
    const made = await tool.backup(access, backupSpec([place.at('source')], { own: { extraArgs: ['-nr/x'] } }), quiet())
    expect(made).toMatchObject({ outcome: 'failed', problem: { code: 'restic.refused-argument' } })
    expect(await tool.snapshots(access, quiet())).toEqual({ ok: true, value: [] })
  })

  it('takes its own settings', async () => {
    const own = { compression: 'max', packSize: 32, extraArgs: ['--exclude-larger-than=3B'] }
    const made = await tool.backup(access, backupSpec([place.at('source')], { own }), quiet())
    expect(made).toMatchObject({ outcome: 'ok', counters: { processedFiles: 0 } })
    expect(await tool.prune(access, { pruneMaxUnused: '10%' }, quiet())).toMatchObject({ outcome: 'ok' })
  })

  it('asks for all tags and paths named, and groups as told', async () => {
    for (const tags of [['a', 'b'], ['a'], ['a', 'b']]) {
      await tool.backup(access, backupSpec([place.at('source')], { tags }), quiet())
    }
    const retention = { group: ['host', 'tags'], keepLast: 1, keepTags: [] } as const
    const forget = { retention, tags: ['a', 'b'], paths: [place.at('source')], dryRun: true, own: {} }
    expect(await tool.forget(access, forget, quiet())).toMatchObject({ outcome: 'ok', kept: 1, removed: [{}] })
    const kept = { ...forget, retention: { ...retention, keepTags: ['b'] } }
    expect(await tool.forget(access, kept, quiet())).toMatchObject({ outcome: 'ok', kept: 2, removed: [] })
  })
})

function sendFromFolder(
  folder: string,
  type: string,
  name: string,
  head: boolean,
  response: import('node:http').ServerResponse,
): void {
  const path = type === 'config' ? `${folder}/config` : `${folder}/${type}/${name}`
  try {
    if (type !== 'config' && name === '') {
      const list = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      const body = list.map((entry) => ({
        name: entry.name,
        size: readFileSync(`${entry.parentPath}/${entry.name}`).length,
      }))
      response.writeHead(200, { 'Content-Type': 'application/vnd.x.restic.rest.v2' }).end(JSON.stringify(body))
      return
    }
    const bytes = readFileSync(path)
    response.writeHead(200, { 'Content-Length': bytes.length })
    response.end(head ? undefined : bytes)
  } catch {
    response.writeHead(404).end()
  }
}
