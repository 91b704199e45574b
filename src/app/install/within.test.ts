import { strict as assert } from 'node:assert'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { leadingOut, refusedBySystem } from './within.ts'

let top: string
let root: string
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'muster-within-')))
  root = join(top, 'root')
  mkdirSync(join(root, 'etc'), { recursive: true })
  mkdirSync(join(root, 'usr/lib'), { recursive: true })
  mkdirSync(join(top, 'root-beside'))
})
afterEach(() => rmSync(top, { recursive: true }))

const unit = ['/etc/systemd/system/muster.service']

for (const target of ['/tmp', '../../root-beside', 'nowhere', '.', '..', '/usr/lib', 'systemd']) {
  const isWithin = target === '.' || target === '..'
  it(`${isWithin ? 'takes' : 'refuses'} a folder that is a link to ${target}`, () => {
    symlinkSync(target, join(root, 'etc/systemd'))
    const problem = leadingOut(root, unit)
    expect(problem?.code).toBe(isWithin ? undefined : 'install.outside')
    if (!isWithin) expect(problem?.message).toContain(`${root}/etc/systemd is a link to ${target}`)
    assert.equal(leadingOut('', unit), undefined)
  })
}

it('takes folders, folders that are not there, and a last part that is a link', () => {
  assert.equal(leadingOut(root, [...unit, '/etc/a']), undefined)
  symlinkSync('/dev/null', join(root, 'etc/a'))
  assert.equal(leadingOut(root, ['/etc/a']), undefined)
  assert.equal(leadingOut(root, [], ['/etc/a'])?.code, 'install.outside')
})

it('says what the system answered, and nothing of mistakes of ours', () => {
  const error = Object.assign(new Error("EACCES: permission denied, mkdir '/r/etc'"), {
    code: 'EACCES',
    syscall: 'mkdir',
    path: '/r/etc',
  })
  expect(refusedBySystem('/r', error)).toMatchObject({
    message: "Not everything below /r could be done: EACCES: permission denied, mkdir '/r/etc'",
    next: expect.stringContaining('as the user to whom /r belongs'),
  })
  assert.equal(refusedBySystem('/r', new TypeError('x is not a function')), undefined)
  assert.equal(refusedBySystem('/r', undefined), undefined)
})
