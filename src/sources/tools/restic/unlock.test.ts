import { describe, expect, it } from 'vitest'
import type { Lock } from '../../../model/snapshot.ts'
import { wouldRemove } from './unlock.ts'

const now = new Date('2026-03-01T12:00:00Z')
const lock = (minutes: number, host: string, pid: number): Lock => ({
  id: 'a',
  takenAt: new Date(now.getTime() - minutes * 60_000),
  exclusive: true,
  host,
  user: 'root',
  pid,
})

const rows = [
  { name: 'live here', lock: lock(1, 'here', 1), want: false },
  { name: 'dead here', lock: lock(1, 'here', 2), want: true },
  { name: 'live here but old', lock: lock(31, 'here', 1), want: true },
  { name: 'elsewhere and young', lock: lock(24, 'there', 2), want: false },
  { name: 'elsewhere and nearly stale', lock: lock(26, 'there', 2), want: true },
  { name: 'of a clock ahead of ours', lock: lock(-60, 'there', 2), want: false },
]

describe('restic unlock would', () => {
  for (const { name, lock, want } of rows) {
    it(`${want ? 'remove' : 'leave'} a lock ${name}`, () => {
      expect(wouldRemove(lock, now, 'here', (pid) => pid === 1)).toBe(want)
    })
  }
})
