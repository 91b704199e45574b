import { describe, expect, it } from 'vitest'
import { settings } from './settings.ts'

const faultsOf = (url: string): readonly unknown[] =>
  settings.repositoryFaults({ url }).flatMap(({ path }) => (path[0] === 'url' ? [path] : []))

describe('an address', () => {
  for (const url of [
    '-oProxyCommand=x:y',
    'ssh://-oProxyCommand=x/y',
    'ssh://u@-oProxyCommand=x/y',
    'u@-oProxyCommand=x:y',
  ])
    it(`that would be an option is refused: ${url}`, () => expect(faultsOf(url)).toHaveLength(1))

  for (const url of [
    'ssh://u@h:99999/./x',
    'ssh://u@h:0/x',
    'ssh://u@h:ssh/x',
    'ssh://u@h',
    'ssh://u@h/',
    'ssh://',
    'ssh:///x',
    'ssh://h/-oProxyCommand=x',
    'ssh://h/./-x',
    'sftp://x/y',
    'https://x/y',
    'user@host',
    '/repo::arch',
    'ssh://u@h/repo::arch',
  ])
    it(`that leads nowhere is refused: ${url}`, () => expect(faultsOf(url)).toHaveLength(1))

  for (const url of [
    'ssh://u@[2001:db8::1]:23/./x',
    'ssh://[::1]/x',
    'u@[::1]:x',
    'ssh://box/~/x',
    'ssh://box/~other/x',
    'file:///srv/x',
    'box:x',
    '/srv/with@sign',
    'nas',
  ])
    it(`that leads somewhere is one: ${url}`, () => expect(faultsOf(url)).toEqual([]))

  for (const url of ['/srv/back-up', './-x', 'ssh://u-1@box-1.example.com:23/./nas-', 'u@box-1:-nas', 'relative/a@-b'])
    it(`with a dash inside is one: ${url}`, () => expect(faultsOf(url)).toEqual([]))
})
