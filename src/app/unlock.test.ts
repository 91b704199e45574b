import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { isAbandoned } from './unlock.ts'

const now = new Date(Date.UTC(2026, 10, 21, 12))
const lock = (host: string, minutes: number) => ({
  id: 'a',
  takenAt: new Date(now.getTime() - minutes * 60_000),
  exclusive: true,
  host,
  user: 'root',
  pid: 7,
})
const hosts = ['emby-??????????-?????']

describe('a lock of a host that is no more', () => {
  const rows = [
    ['not renewed for long', lock('emby-6d4cf56db6-x8k2p', 46), hosts, true],
    ['of a moment ago', lock('emby-6d4cf56db6-x8k2p', 1), hosts, false],
    ['that restic takes for stale, with room for clocks', lock('emby-6d4cf56db6-x8k2p', 44), hosts, false],
    ['from the future', lock('emby-6d4cf56db6-x8k2p', -600), hosts, false],
    ['of another workload', lock('embyx-6d4cf56db6-x8k2p', 600), hosts, false],
    ['of a machine', lock('nas', 600), hosts, false],
    ['where nobody said so', lock('nas', 600), [], false],
  ] as const
  for (const [name, one, patterns, want] of rows) it(name, () => assert.equal(isAbandoned(one, patterns, now), want))
})
