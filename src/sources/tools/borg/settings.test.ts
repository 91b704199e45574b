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

  for (const url of ['/srv/back-up', './-x', 'ssh://u-1@box-1.example.com:23/./-nas', 'u@box-1:-nas', 'relative/a@-b'])
    it(`with a dash inside is one: ${url}`, () => expect(faultsOf(url)).toEqual([]))
})
