import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { bundle } from '../../scripts/build.ts'

const checkout = join(import.meta.dirname, '..', '..')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-bundle-'))
  for (const path of ['bin', 'package.json']) await cp(join(checkout, path), join(folder, path), { recursive: true })
  await bundle(join(folder, 'dist'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** As installed: no source, no node_modules anywhere above. */
const muster = (...args: readonly string[]) =>
  spawnSync(process.execPath, [join(folder, 'bin', 'muster'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: folder },
  })

describe('the bundle', () => {
  it('runs without any package installed', async () => {
    const { version } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8'))
    const { status, stdout, stderr } = muster('--version')
    assert.deepEqual([status, stdout.trim(), stderr], [0, version, ''])
  })

  it('gives the same help as the source', () => {
    const fromSource = spawnSync(process.execPath, [join(checkout, 'bin', 'muster'), '--help'], { encoding: 'utf8' })
    assert.equal(fromSource.status, 0)
    assert.equal(muster('--help').stdout, fromSource.stdout)
  })

  it('names the license of each package inside', async () => {
    const text = await readFile(join(folder, 'dist', 'THIRD-PARTY.txt'), 'utf8')
    for (const name of ['commander', 'zod', 'pino']) assert.match(text, new RegExp(`^${name} \\d.*\\(MIT\\)$`, 'm'))
  })
})
