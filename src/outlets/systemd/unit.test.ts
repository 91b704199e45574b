import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { installedFiles } from './files.ts'
import { quoted, renderUnit, type UnitWish } from './unit.ts'

const wish: UnitWish = {
  kind: 'watcher',
  program: ['/usr/bin/node', '/opt/my programs/muster $1'],
  config: '/etc/muster/50%.yaml',
  isLoopbackOnly: false,
  readsHomes: false,
  writable: ['/srv/a b"c'],
  credentials: ['box'],
}

it('writes paths as systemd reads them', () => {
  const unit = renderUnit(wish)
  expect(unit).toContain(
    'ExecStart=/usr/bin/node "/opt/my programs/muster $$1" serve --quiet --config /etc/muster/50%%.yaml\n',
  )
  expect(unit).toContain('ReadWritePaths=-"/srv/a b\\"c"\n')
  expect(unit).toContain('LoadCredential=box:/etc/credstore/box\n')
})

it('gives a watcher no right of root, and a runner one', () => {
  const line = (unit: string, key: string): string[] => unit.split('\n').filter((text) => text.startsWith(`${key}=`))
  const [watcher, runner] = [renderUnit(wish), renderUnit({ ...wish, kind: 'runner' })]
  expect(line(watcher, 'CapabilityBoundingSet')).toEqual(['CapabilityBoundingSet='])
  expect(line(runner, 'CapabilityBoundingSet')).toEqual(['CapabilityBoundingSet=CAP_DAC_READ_SEARCH'])
  expect([line(watcher, 'User'), line(runner, 'User')]).toEqual([['User=muster'], ['User=root']])
  expect([line(watcher, 'ProtectHome'), line(runner, 'ProtectHome')]).toEqual([
    ['ProtectHome=yes'],
    ['ProtectHome=read-only'],
  ])
  expect(line(renderUnit({ ...wish, readsHomes: true }), 'ProtectHome')).toEqual(['ProtectHome=read-only'])
  expect(line(watcher, 'IPAddressDeny')).toEqual([])
  expect(line(renderUnit({ ...wish, isLoopbackOnly: true }), 'IPAddressDeny')).toEqual(['IPAddressDeny=any'])
})

it('needs a user of its own only where it watches', () => {
  const paths = (kind: UnitWish['kind']) => installedFiles({ ...wish, kind }).map(({ path }) => path)
  expect(paths('watcher')).toContain('/etc/sysusers.d/muster.conf')
  expect(paths('runner')).not.toContain('/etc/sysusers.d/muster.conf')
})

describe('quoted', () => {
  /** As systemd.syntax(7) has it, for what can be in a path. */
  const read = (text: string): string =>
    (text.startsWith('"') ? text.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : text).replaceAll('%%', '%')
  it('is read back as it was, and is one word', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter((text) => !/\p{Cc}/u.test(text)),
        (text) => {
          expect(read(quoted(text))).toBe(text)
          expect(/^"(?:[^"\\]|\\.)*"$|^[^\s"'\\]+$/s.test(quoted(text))).toBe(true)
        },
      ),
    )
  })
})
