/** A workspace with two repositories and two jobs for `muster serve`. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { program } from '../real/programs.ts'
import { makeWorkspace, type Workspace } from './workspace.ts'

export interface ServeSpace extends Workspace {
  /** Writes muster.yaml: repositories `one` and `two`, jobs `first` and `second`; both jobs get `job`, all jobs `more`. */
  configureTwo(job: object, more?: Readonly<Record<string, object>>): void
  passwordOf(repository: 'one' | 'two'): string
  urlOf(repository: 'one' | 'two'): string
  /** Until released, every restic that Muster starts waits before it does anything; or those of one subcommand. */
  hold(subcommand?: string): void
  /** Whether a restic came by since then. */
  isHeldUp(): boolean
  /** Until released, every reading and run waits for its password. */
  holdPasswords(): void
  release(): void
}

/** Never comes due within a test. */
export const far = { schedule: '0 3 29 2 *', catchUp: false }

export function makeServeSpace(): ServeSpace {
  const space = makeWorkspace()
  const { place } = space
  const held = place.at('held')
  const waiting = place.at('waiting')
  const wrapper = place.at('restic')
  writeFileSync(
    wrapper,
    `#!/bin/sh\nwhile [ -e ${held} ] && { [ ! -s ${held} ] || [ "$(cat ${held})" = "$1" ]; }; do touch ${waiting}; sleep 0.05; done\nexec ${program('restic-0.18')} "$@"\n`,
    {
      mode: 0o755,
    },
  )
  const passwordsHeld = place.at('passwords-held')
  const ask = place.at('ask-password')
  const waits = `while [ -e ${passwordsHeld} ]; do sleep 0.05; done`
  writeFileSync(ask, `#!/bin/sh\n${waits}\nexec cat "$1"\n`, { mode: 0o755 })
  const urlOf = (name: string): string => place.at('repositories', name)
  const passwordOf = (name: string): string => place.at(`password-${name}`)
  mkdirSync(place.at('repositories'))
  for (const name of ['one', 'two']) {
    writeFileSync(passwordOf(name), 'right\n', { mode: 0o600 })
    mkdirSync(place.at('sources', name), { recursive: true })
    writeFileSync(place.at('sources', name, 'file'), `of ${name}\n`)
  }
  const repository = (name: string): object => ({
    tool: 'restic',
    url: urlOf(name),
    password: { command: [ask, passwordOf(name)] },
    program: wrapper,
    create: true,
    read: { every: '15m' },
  })
  const job = (of: string, more: object): object => ({ repository: of, sources: [place.at('sources', of)], ...more })
  return {
    ...space,
    configureTwo(settings, more = {}) {
      const config = {
        repositories: { one: repository('one'), two: repository('two') },
        jobs: { first: job('one', settings), second: job('two', settings), ...more },
      }
      writeFileSync(place.at('muster.yaml'), stringify(config))
    },
    passwordOf,
    urlOf,
    hold: (subcommand = '') => writeFileSync(held, subcommand),
    isHeldUp: () => existsSync(waiting),
    holdPasswords: () => writeFileSync(passwordsHeld, ''),
    release: () => {
      for (const path of [held, passwordsHeld]) rmSync(path, { force: true })
    },
    [Symbol.dispose]: () => space[Symbol.dispose](),
  }
}

export const sourceOf = (space: ServeSpace, repository: 'one' | 'two'): string =>
  join(space.place.path, 'sources', repository)
