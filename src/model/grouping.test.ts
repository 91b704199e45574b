import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { filled, fillingOf, groupKeyOf, groupOf, labelsAt, pathOf, unknownPlaceholders } from './grouping.ts'

describe('the path of a group', () => {
  const rows = [
    { name: 'plain', group: { job: 'nfs_backup', instance: 'daily' }, want: 'metrics/job/nfs_backup/instance/daily' },
    { name: 'with a slash', group: { job: 'a/b' }, want: 'metrics/job@base64/YS9i' },
    { name: 'URL-safe base64', group: { job: '/??>' }, want: 'metrics/job@base64/Lz8_Pg==' },
    { name: 'empty', group: { job: 'x', instance: '' }, want: 'metrics/job/x/instance@base64/=' },
    { name: 'with a blank', group: { job: 'a b', instance: 'ä' }, want: 'metrics/job/a%20b/instance/%C3%A4' },
    { name: 'signs of a URL', group: { job: 'a?b#c%d' }, want: 'metrics/job/a%3Fb%23c%25d' },
    {
      name: 'steps of a path',
      group: { job: '..', instance: '.' },
      want: 'metrics/job@base64/Li4=/instance@base64/Lg==',
    },
    { name: 'half a character', group: { job: '\ud800' }, want: 'metrics/job/%EF%BF%BD' },
  ]
  for (const { name, group, want } of rows) it(name, () => expect(pathOf(group)).toBe(want))

  it('reads back as the same labels, whatever the values, also through a URL', () => {
    const values = fc.string({ unit: 'binary', maxLength: 40 })
    fc.assert(
      fc.property(values, values, (job, instance) => {
        const { pathname } = new URL(pathOf({ job, instance, cluster: 'home' }), 'http://gateway/base/')
        expect(pathname.startsWith('/base/metrics/')).toBe(true)
        expect(read(pathname.slice('/base/metrics/'.length))).toEqual({
          job: job.toWellFormed(),
          instance: instance.toWellFormed(),
          cluster: 'home',
        })
        expect(labelsAt(pathOf({ job, instance }))).toEqual({
          job: job.toWellFormed(),
          instance: instance.toWellFormed(),
        })
      }),
    )
  })
})

/** As a gateway reads it. */
function read(path: string): Record<string, string> {
  const parts = path.split('/')
  const labels: Record<string, string> = {}
  for (let at = 0; at < parts.length; at += 2) {
    const [label = '', value = ''] = [parts[at], parts[at + 1]]
    if (label.endsWith('@base64')) labels[label.slice(0, -7)] = Buffer.from(value, 'base64url').toString()
    else labels[label] = decodeURIComponent(value)
  }
  return labels
}

it('is the same group in any order, and with empty labels', () => {
  expect(groupKeyOf({ job: 'a', instance: '', x: 'y' })).toBe(groupKeyOf({ x: 'y', job: 'a' }))
  expect(groupKeyOf({ job: 'a' })).not.toBe(groupKeyOf({ job: 'b' }))
})

describe('what is filled in', () => {
  const filling = fillingOf({ job: 'nfs', tags: ['daily', 'nas'], hostname: 'nas-1', host: 'nas' })
  it('knows the job, its first tag, and both hosts', () => {
    expect(filled('{job} {variant} {tag} {hostname} {host} {other}', filling)).toBe('nfs daily daily nas-1 nas {other}')
    expect(filled('{tag}', fillingOf({ job: 'nfs', tags: [], hostname: 'h' }))).toBe('nfs')
    expect(unknownPlaceholders('{job}-{x} {}')).toEqual(['{x}', '{}'])
  })
  it('leaves an empty instance out', () => {
    expect(groupOf({ job: '{job}.backup', instance: '', grouping: { cluster: '{host}' } }, filling)).toEqual({
      job: 'nfs.backup',
      cluster: 'nas',
    })
  })
})
