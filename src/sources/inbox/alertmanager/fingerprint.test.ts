import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprintOf } from './fingerprint.ts'

/** As Alertmanager 0.33 told them in `/api/v2/alerts`. */
const told: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['73afb26580a8bad9', { alertname: 'BackupFailed' }],
  [
    'd346f6cba7d3a432',
    {
      severity: 'critical',
      alertname: 'backup_failed',
      id: '1',
      name: 'Daily',
      instance: '10.5.4.1:9100',
      job: 'providers',
      node: '1',
    },
  ],
  ['b7ff7e9f33a5d01b', { alertname: 'NsBackupFailed', backup_id: '7', zone: 'Zürich', mood: '🦉', quote: 'a"b\\c\nd' }],
  ['68b801447602ab52', { alertname: 'Order', B: '1', a: '2', _x: '3', Z9: '4', a_: '5', aa: '6' }],
  // By bytes U+FFEE comes before U+1D4B3, by halves of surrogates behind it.
  ['6520a5995794ff8b', { alertname: 'Utf8', größe: '1', ö: '2', 𝒳: '3', '￮': '4' }],
]

describe('the name of an alert', () => {
  for (const [fingerprint, labels] of told)
    it(`is that of the Alertmanager: ${fingerprint}`, () => expect(fingerprintOf(labels)).toBe(fingerprint))

  it('is the same in whatever order the labels come', () =>
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (labels) => {
        const turned = Object.fromEntries(Object.entries(labels).reverse())
        expect(fingerprintOf(turned)).toBe(fingerprintOf(labels))
        expect(fingerprintOf(labels)).toMatch(/^[0-9a-f]{16}$/)
      }),
    ))

  it('of no labels is where the sum begins', () => expect(fingerprintOf({})).toBe('cbf29ce484222325'))
})
