import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { refusedArguments } from './extra-args.ts'
import { settings } from './settings.ts'

const refused = [
  ['-r', '/x'],
  ['-r/x'],
  ['--repo=/x'],
  ['--repo', '/x'],
  ['--rep=/x'],
  ['--repository-file=/x'],
  ['-nr', '/x'],
  ['-xr/x'],
  ['-p/x'],
  ['--password-file=/x'],
  ['--password-command=id'],
  ['--pass=x'],
  ['--insecure-no-password'],
  ['--json'],
  ['--json=false'],
  ['-q'],
  ['--quiet'],
  ['-v'],
  ['-vv'],
  ['--verbose=2'],
  ['-n'],
  ['--dry-run'],
  ['-H', 'x'],
  ['--host=x'],
  ['--tag=x'],
  ['--ta=x'],
  ['--stdin'],
  ['--stdin-from-command'],
  ['--files-from=-'],
  ['--files-from-raw', '/x'],
  ['--cache-dir=/x'],
  ['--no-lock'],
  ['--limit-upload=1'],
  ['-o', 'a.b=c'],
  ['--option=a.b=c'],
  ['--time=now'],
  ['-h'],
  ['--'],
  ['/etc'],
  ['-'],
  ['--exclude'],
  ['-e'],
  ['--ignore-inode', '/etc'],
  ['a\0b'],
  [''],
  ['--exclude=x', '--repo=/x'],
  ['-e', 'x', '-r/x'],
]

const allowed = [
  [],
  ['--exclude-larger-than=1G'],
  ['--exclude-larger-than', '1G'],
  ['--ignore-inode', '--ignore-ctime'],
  ['--force'],
  ['-f'],
  ['-e', '--repo'],
  ['-e-r'],
  ['-xf'],
  ['--iexclude=*.TMP'],
  ['--skip-if-unchanged'],
  ['--with-atime'],
  ['--no-scan'],
  ['--parent', 'abcd'],
  ['--group-by=host'],
  ['--key-hint=ab'],
  ['--retry-lock=5m'],
  ['--exclude-cloud-files'],
  ['--use-fs-snapshot'],
]

describe('refusedArguments', () => {
  for (const args of refused)
    it(`refuses ${JSON.stringify(args)}`, () => expect(refusedArguments(args)[0]?.reason).toBeTruthy())
  for (const args of allowed) it(`lets ${JSON.stringify(args)} pass`, () => expect(refusedArguments(args)).toEqual([]))

  it('speaks through the settings', () => {
    const answer = z.strictObject(settings.jobShape).safeParse({ extraArgs: ['--repo=/x'] })
    expect(answer.error?.issues[0]).toMatchObject({ path: ['extraArgs'], message: expect.stringContaining('--repo') })
  })
})

describe('settings', () => {
  it('describe every field, with examples', () => {
    for (const shape of [settings.repositoryShape, settings.jobShape]) {
      for (const [name, schema] of Object.entries(shape)) {
        const { description, examples } = z.globalRegistry.get(schema) ?? {}
        expect([name, typeof description, Array.isArray(examples)]).toEqual([name, 'string', true])
        for (const example of examples as unknown[]) expect(z.safeParse(schema, example).success).toBe(true)
      }
    }
  })
})
