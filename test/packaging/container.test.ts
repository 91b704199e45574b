/** The Dockerfile, as far as it can be tried without an engine: linted, compared with what Muster is tested with, and its steps run. */
import { execFile, spawn } from 'node:child_process'
import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { validate } from 'dockerfile-utils'
import { describe, expect, it } from 'vitest'
import { pinnedVersion } from '../../scripts/bootstrap/node-release.mjs'
import { root } from '../docs/markdown.ts'
import { startServe } from '../e2e/daemon.ts'
import { ended, makeWorkspace } from '../e2e/workspace.ts'
import { makePlace } from '../real/place.ts'
import { program } from '../real/programs.ts'

const text = readFileSync(join(root, 'packaging', 'container', 'Dockerfile'), 'utf8')
/** Instructions, continued lines joined. */
const steps = text
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => line.replaceAll(/\s+/g, ' ').trim())
const of = (word: string): readonly string[] =>
  steps.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
const run = promisify(execFile)

describe('the Dockerfile', () => {
  it('has nothing that a linter complains of', () => {
    expect(validate(text).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([])
    expect(validate('FROM x\nRUNN y').length).toBeGreaterThan(0)
  })

  it('is of the Node.js that Muster pins, and of no moving tag', () => {
    expect(of('FROM')).toEqual([`node:${pinnedVersion}-trixie-slim AS build`, `node:${pinnedVersion}-trixie-slim`])
  })

  it('ends as a user without rights, with a health check and a volume for the ledger', () => {
    expect(of('USER')).toEqual(['10001:10001'])
    expect(of('VOLUME')).toEqual(['["/state"]'])
    expect(of('HEALTHCHECK')).toHaveLength(1)
    expect(steps.indexOf(steps.find((line) => line.startsWith('USER')) ?? '')).toBeLessThan(
      steps.findIndex((line) => line.startsWith('ENTRYPOINT')),
    )
    expect(of('ENV').join(' ')).not.toMatch(/PASS|TOKEN|SECRET/)
  })

  it('brings the programs in versions that Muster is tested with', async () => {
    const wanted = Object.fromEntries(
      [...text.matchAll(/(\w+)=([\d.]+)\.\*/g)].map(([, name, version]) => [name, version]),
    )
    expect(Object.keys(wanted).sort()).toEqual(['borgbackup', 'rclone', 'restic'])
    for (const [name, version] of Object.entries(wanted))
      expect(existsSync(program(`${name === 'borgbackup' ? 'borg' : name}-${version}`))).toBe(true)
  })

  it('copies what makes the program, and nothing more: built by its command, it starts', async () => {
    using place = makePlace()
    for (const sources of of('COPY')
      .filter((line) => !line.startsWith('--from'))
      .map((line) => line.split(' ').slice(0, -1)))
      for (const source of sources) cpSync(join(root, source), place.at(source), { recursive: true })
    symlinkSync(join(root, 'node_modules'), place.at('node_modules'))
    expect(of('RUN')).toContain('["node", "scripts/bootstrap.mjs", "build"]')
    await run(process.execPath, ['scripts/bootstrap.mjs', 'build'], { cwd: place.path })
    for (const [from = '', to = ''] of of('COPY')
      .filter((line) => line.startsWith('--from'))
      .flatMap((line) => {
        const [, ...paths] = line.split(' ')
        const target = paths.pop() ?? ''
        return paths.map((path) => [
          path.replace('/build', '.'),
          target.endsWith('/') ? join(target, path.split('/').at(-1) ?? '') : target,
        ])
      }))
      cpSync(place.at(from), place.at('image', to), { recursive: true })
    const muster = place.at('image', 'opt', 'muster', 'bin', 'muster')
    const { stdout } = await run(process.execPath, [muster, '--version'], { cwd: place.path })
    expect(stdout).toBe(
      `${(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version}\n`,
    )
  })

  it('has a health check that tells a Muster that runs from one that does not', async () => {
    using space = makeWorkspace()
    space.configure()
    const [node, ...args] = JSON.parse(of('HEALTHCHECK')[0]?.replace(/^.*? CMD /, '') ?? '') as string[]
    expect(node).toBe('node')
    const check = (listen: string) =>
      ended(spawn(process.execPath, args, { env: { MUSTER_LISTEN: listen }, stdio: ['ignore', 'pipe', 'pipe'] }))
    await using daemon = await startServe(space)
    const { port } = new URL(daemon.url)
    expect((await check(`0.0.0.0:${port}`)).code).toBe(0)
    expect((await check(`:${port}`)).code).toBe(0)
    await daemon.stop('SIGTERM')
    expect((await check(`0.0.0.0:${port}`)).code).toBe(1)
  })
})
