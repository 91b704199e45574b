import { describe, expect, it } from 'vitest'
import { mostRefusals, nextTry } from './retry.ts'

const madeAt = new Date(0)
const nextAfter = (trouble: 'unreachable' | 'later' | 'never', attempts: number, nowMs = 0, retryAfterMs?: number) =>
  nextTry({ trouble, attempts, madeAt, retryAfterMs }, new Date(nowMs), 1)?.getTime()

describe('another try', () => {
  it('comes within a minute for three days while nobody answers', () => {
    let now = 0
    for (let attempts = 1; ; attempts += 1) {
      const next = nextAfter('unreachable', attempts, now)
      if (next === undefined) break
      expect(next - now).toBeGreaterThan(0)
      expect(next - now).toBeLessThanOrEqual(35_000)
      now = next
    }
    expect(now / 86_400_000).toBeGreaterThan(3)
    expect(now / 86_400_000).toBeLessThan(3.01)
  })

  it('comes ten times in all, further and further apart, while the other side says that it cannot now', () => {
    const pauses = Array.from({ length: mostRefusals }, (_, at) => nextAfter('later', at + 1))
    expect(pauses.at(-1)).toBeUndefined()
    expect(pauses.slice(0, -1).every((pause, at) => pause !== undefined && pause > (pauses[at - 1] ?? 0))).toBe(true)
    expect(nextAfter('later', 1, 0, 600_000)).toBe(600_000)
  })

  it('counts only what was answered: who was away for a day and then is busy for a moment is asked again soon', () => {
    const failure = { trouble: 'later', attempts: 2000, madeAt } as const
    expect(nextTry({ ...failure, refusals: 1 }, madeAt, 1)?.getTime()).toBe(10_000)
    expect(nextTry({ ...failure, refusals: mostRefusals }, madeAt, 1)).toBeUndefined()
  })

  it('never comes where it would be refused again', () => expect(nextAfter('never', 1)).toBeUndefined())

  it('does not come for all at the same moment', () =>
    expect(nextTry({ trouble: 'later', attempts: 3, madeAt }, madeAt, 0)).not.toEqual(
      nextTry({ trouble: 'later', attempts: 3, madeAt }, madeAt, 1),
    ))
})
