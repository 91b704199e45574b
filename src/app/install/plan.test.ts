import { describe, expect, it } from 'vitest'
import { digestOfText, planInstall, planUninstall } from './plan.ts'
import { callsAfterInstall } from './system.ts'

const file = { path: '/etc/a', text: 'new', mode: 0o644 }
const written = (text: string) => ({ '/etc/a': digestOfText(text) })
const has = (text: string) => new Map([['/etc/a', text]])

describe('what is written', () => {
  const rows: { name: string; found: Map<string, string>; written: Record<string, string>; want: string }[] = [
    { name: 'what is not there', found: new Map(), written: {}, want: 'make' },
    { name: 'what somebody took away', found: new Map(), written: written('old'), want: 'make' },
    { name: 'nothing that is right', found: has('new'), written: written('new'), want: 'same' },
    { name: 'nothing that is right, whoever wrote it', found: has('new'), written: {}, want: 'same' },
    {
      name: 'what was written before, and is another one now',
      found: has('old'),
      written: written('old'),
      want: 'update',
    },
    { name: 'nothing that somebody changed', found: has('own'), written: written('old'), want: 'kept' },
    { name: 'nothing that was there before', found: has('own'), written: {}, want: 'kept' },
  ]
  for (const { name, found, written: before, want } of rows)
    it(name, () =>
      expect(planInstall([file], found, before, ['/etc/a'])).toEqual([{ path: '/etc/a', what: want, file }]),
    )

  it('takes away what another kind had, unless somebody changed it', () => {
    const found = new Map([...has('new'), ['/etc/b', 'b']])
    const known = ['/etc/a', '/etc/b']
    expect(planInstall([file], found, { '/etc/b': digestOfText('b') }, known)[1]).toEqual({
      path: '/etc/b',
      what: 'remove',
    })
    expect(planInstall([file], found, { '/etc/b': digestOfText('c') }, known)).toHaveLength(1)
  })
})

it('takes away what it wrote, and nothing that a list on the disk names beside', () => {
  const found = new Map([...has('new'), ['/etc/shadow', 'x']])
  const all = { ...written('new'), '/etc/shadow': digestOfText('x') }
  expect(planUninstall(found, all, ['/etc/a'])).toEqual([{ path: '/etc/a', what: 'remove' }])
  expect(planUninstall(found, written('old'), ['/etc/a'])).toEqual([{ path: '/etc/a', what: 'kept' }])
})

it('starts a new service, and starts one that is there again', () => {
  const said = (isUpdate: boolean) => callsAfterInstall('watcher', isUpdate).map((call) => call.join(' '))
  expect(said(false)).toEqual([
    'systemd-sysusers /etc/sysusers.d/muster.conf',
    'systemd-tmpfiles --create /etc/tmpfiles.d/muster.conf',
    'systemctl daemon-reload',
    'systemctl enable muster.service',
    'systemctl start muster.service',
  ])
  expect(said(true).at(-1)).toBe('systemctl restart muster.service')
  expect(callsAfterInstall('runner', false).map(([program]) => program)).not.toContain('systemd-sysusers')
})
