import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { parseAbout } from './rclone.ts'

describe('what rclone about says', () => {
  const rows: [string, ReturnType<typeof parseAbout>][] = [
    ['{"total":1000,"used":400,"free":600}', { freeBytes: 600, totalBytes: 1000, way: 'rclone' }],
    ['{"total":1000,"used":400}', { freeBytes: 600, totalBytes: 1000, way: 'rclone' }],
    ['{"used":400,"free":600}', { freeBytes: 600, totalBytes: 1000, way: 'rclone' }],
    ['{"used":400}', 'partial'],
    ['{}', 'partial'],
    ['{"total":0,"free":0}', undefined],
    ['{"total":10,"free":11}', undefined],
    ['{"total":-1,"free":0}', undefined],
    ['{"total":"10","free":1}', undefined],
    ['Total: 10G', undefined],
    ['', undefined],
  ]
  for (const [text, want] of rows) it(text || '(nothing)', () => assert.deepEqual(parseAbout(text), want))
  it('is a value for any document', () => fc.assert(fc.property(fc.json(), (text) => void parseAbout(text))))
})
