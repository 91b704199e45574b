import { describe, expect, it } from 'vitest'
import { jitterOf } from './jitter.ts'

const instant = new Date('2026-03-28T02:15:00Z')

describe('jitter', () => {
  it('is the same for the same key and instant, today and in a year', () => {
    expect(jitterOf('nas/nfs-daily', instant, 600_000)).toBe(jitterOf('nas/nfs-daily', new Date(instant), 600_000))
    expect(jitterOf('nas/nfs-daily', instant, 600_000)).toBe(109_429)
  })

  it('differs between keys and between instants', () => {
    const other = new Date(instant.getTime() + 86_400_000)
    expect(jitterOf('nas/nfs-daily', instant, 3_600_000)).not.toBe(jitterOf('nas/nfs-weekly', instant, 3_600_000))
    expect(jitterOf('nas/nfs-daily', instant, 3_600_000)).not.toBe(jitterOf('nas/nfs-daily', other, 3_600_000))
  })

  for (const none of [0, -5, 0.5, Number.NaN])
    it(`is 0 for a span of ${none}`, () => expect(jitterOf('a', instant, none)).toBe(0))

  it('stays below the span', () => {
    for (let job = 0; job < 1_000; job++) {
      const delay = jitterOf(`job-${job}`, instant, 7)
      expect(Number.isInteger(delay) && delay >= 0 && delay < 7).toBe(true)
    }
  })

  const spreads = [
    { name: 'over jobs that differ in one digit', of: (n: number) => jitterOf(`host/job-${n}`, instant, 1_000_000) },
    { name: 'over the days of one job', of: (n: number) => jitterOf('host/job', new Date(n * 86_400_000), 1_000_000) },
  ]
  for (const { name, of } of spreads) {
    it(`is even ${name}: chi-squared over 100 bins stays below the 0.1 % bound`, () => {
      const bins = new Array<number>(100).fill(0)
      for (let n = 0; n < 20_000; n++) {
        const bin = Math.floor(of(n) / 10_000)
        bins[bin] = (bins[bin] ?? 0) + 1
      }
      expect(bins.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0)).toBeLessThan(148.2)
    })
  }
})
