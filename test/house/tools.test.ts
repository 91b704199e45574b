import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'vitest'
import { DownloadError, download } from '../../scripts/tools/download.ts'
import { type EnsureOptions, ensureTools } from '../../scripts/tools/ensure.ts'
import { openReport } from '../../scripts/tools/report.ts'
import type { ToolLine } from '../../scripts/tools/table.ts'
import { type Mirror, openMirror } from './mirror.ts'

const tiny: ToolLine = {
  name: 'tiny-1.2',
  package: 'tiny',
  suite: 'sid',
  from: '1.2',
  programs: { tiny: 'usr/bin/tiny' },
}

let folder: string
let mirror: Mirror
let said: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-tools-'))
  mirror = await openMirror()
  said = ''
})
afterEach(async () => {
  await mirror[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** `keyring`: a path where nothing is, since no key of Debian signed this mirror. */
const ensure = (line: ToolLine, more: Partial<EnsureOptions> = {}) =>
  ensureTools([line.name], {
    folder,
    mirror: mirror.url,
    keyring: join(folder, 'no-keys'),
    pauseMs: 1,
    table: [line],
    report: openReport({
      write: (text) => {
        said += text
      },
    }),
    ...more,
  })
const runTiny = (...args: readonly string[]) => execFileSync(join(folder, 'bin', 'tiny'), args, { encoding: 'utf8' })
const manifest = async () => JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))

describe('fetching a tool', () => {
  it('brings a program that runs, and records what was really found', async () => {
    await ensure(tiny)
    assert.equal(runTiny('x'), 'tiny 1.2.3 x\n')
    const { version, suite, url } = (await manifest()).tools['tiny-1.2']
    assert.deepEqual([version, suite, url], ['1.2.3+ds-1', 'sid', `${mirror.url}/pool/tiny.deb`])
    assert.match(said, /tool tiny-1\.2 +1\.2\.3 \(Debian sid, 0\.0 MB\), \d+\.\d s\n$/)
  })

  it('asks nobody the second time', async () => {
    await ensure(tiny)
    mirror.asked.length = 0
    await ensure(tiny)
    assert.deepEqual(mirror.asked, [])
    assert.match(said, /, cached\n$/)
  })

  for (const [name, harm] of [
    ['a program that was changed', () => appendFile(join(folder, 'tiny-1.2/usr/bin/tiny'), 'echo more\n')],
    ['a program that is gone', () => rm(join(folder, 'tiny-1.2'), { recursive: true })],
    ['a link that is gone', () => rm(join(folder, 'bin/tiny'))],
  ] as const) {
    it(`fetches again ${name}`, async () => {
      await ensure(tiny)
      await harm()
      await ensure(tiny)
      assert.equal(runTiny(), 'tiny 1.2.3\n')
    })
  }

  it('fetches again when its line in the table has changed', async () => {
    await ensure(tiny)
    mirror.asked.length = 0
    await ensure({ ...tiny, from: '1.1' })
    assert.ok(mirror.asked.includes('/pool/tiny.deb'))
  })

  it('finds it in another suite when its own has moved on', async () => {
    await ensure({ ...tiny, suite: 'bookworm' })
    assert.equal((await manifest()).tools['tiny-1.2'].suite, 'sid')
  })

  it('says what each suite has instead, and how to get it by hand', async () => {
    await assert.rejects(ensure({ ...tiny, from: '2.0' }), ({ message }: Error) => {
      assert.match(
        message,
        /^tiny-1\.2: Debian no longer offers tiny 2\.0 or newer \(sid has 1\.2\.3\+ds-1, bookworm has none, /,
      )
      assert.match(message, /By hand: put a program into .*\/bin as tiny /)
      return true
    })
  })

  it('takes what somebody put there by hand', async () => {
    await mkdir(join(folder, 'bin'), { recursive: true })
    await writeFile(join(folder, 'bin', 'tiny'), '#!/bin/sh\necho mine\n', { mode: 0o755 })
    await ensure({ ...tiny, from: '2.0' })
    assert.deepEqual([runTiny(), mirror.asked], ['mine\n', []])
  })

  it('adds the packages it needs and sets its environment', async () => {
    await ensure({
      ...tiny,
      needs: { suite: 'sid', packages: ['tiny-data'] },
      environment: { TINY: '{root}/usr/lib/tiny.data' },
    })
    assert.equal(runTiny('x'), 'tiny 1.2.3 x\n')
    assert.equal(await readFile(join(folder, 'tiny-1.2/usr/lib/tiny.data'), 'utf8'), 'data\n')
    assert.match(
      await readFile(join(folder, 'bin/tiny'), 'utf8'),
      new RegExp(`TINY='${folder}/tiny-1.2/usr/lib/tiny.data' exec`),
    )
  })

  it('keeps the tools it could get when another fails', async () => {
    const absent = { ...tiny, name: 'absent', package: 'absent' }
    await assert.rejects(
      ensureTools(['absent', 'tiny-1.2'], {
        folder,
        mirror: mirror.url,
        keyring: '',
        table: [absent, tiny],
        report: openReport({ write: () => {} }),
      }),
    )
    assert.equal(runTiny(), 'tiny 1.2.3\n')
  })

  it('names the tools there are when asked for another', () =>
    assert.rejects(ensureTools(['other'], { folder, table: [tiny] }), /no tool other; known: tiny-1\.2/))

  it('fails for a program only the system can have, where that is asked; else tells and goes on', async () => {
    const system: ToolLine = {
      ...tiny,
      name: 'desk',
      package: 'no-such-package',
      programs: { 'no-such-program': 'usr/bin/no-such-program' },
      system: true,
    }
    await assert.rejects(
      ensure(system, { strict: true, mayInstall: false }),
      /desk: it is not installed.*sudo apt-get install/,
    )
    await ensure(system, { mayInstall: false })
    assert.match(said, /desk: it is not installed.*Tests that need it are left out\.\n$/)
  })
})

describe('trust', () => {
  it('says so when nobody can check the signature', async () => {
    await ensure(tiny)
    assert.match(said, /^muster: Debian's signature is not checked: .*no-keys is not there/)
  })

  it('refuses an index that is not signed', async () => {
    await writeFile(join(folder, 'keys.gpg'), '')
    await assert.rejects(
      ensure(tiny, { keyring: join(folder, 'keys.gpg') }),
      /InRelease carries no valid signature of Debian/,
    )
  })

  for (const [name, part] of [
    ['an index', '/by-hash/'],
    ['a package', 'tiny.deb'],
  ] as const) {
    it(`refuses ${name} with another sum than announced, and leaves nothing behind`, async () => {
      mirror.spoilt.set(part, Buffer.from('something else'))
      await assert.rejects(ensure(tiny), /its SHA-256 is [0-9a-f]{64}, announced was [0-9a-f]{64}/)
      assert.deepEqual(await readdir(folder), ['bin'])
    })
  }
})

describe('a network that fails', () => {
  const url = () => `${mirror.url}/pool/tiny.deb`

  it('is tried three times', async () => {
    mirror.faults.push({ ends: 'tiny.deb', status: 503, times: 2 })
    assert.ok((await download(url(), { pauseMs: 1 })).length > 0)
    assert.equal(mirror.asked.length, 3)
  })

  it('is named with its address in the end', async () => {
    mirror.faults.push({ ends: 'tiny.deb', status: 503, times: 9 })
    await assert.rejects(download(url(), { pauseMs: 1 }), (error: Error) => {
      assert.ok(
        error instanceof DownloadError && error.message.startsWith(`${url()} could not be read in 3 tries: `),
        error.message,
      )
      return true
    })
    assert.equal(mirror.asked.length, 3)
  })

  it('is not asked again when the answer is final', async () => {
    await assert.rejects(download(`${mirror.url}/pool/none.deb`, { pauseMs: 1 }), /answers 404/)
    assert.equal(mirror.asked.length, 1)
  })

  it('does not hang when nothing comes', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    await assert.rejects(download(`http://127.0.0.1:${port}/x`, { tries: 1, stallMs: 50 }), /no byte for 0\.05 s/)
    silent.close()
  })
})
