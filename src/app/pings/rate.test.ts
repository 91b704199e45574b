import { expect, it } from 'vitest'
import { openRate } from './rate.ts'

const at = (seconds: number): Date => new Date(1_800_000_000_000 + seconds * 1_000)

it('takes twenty at once and ten a minute after that, each job for itself', () => {
  const rate = openRate()
  for (let count = 0; count < 20; count++) expect(rate.take('a', at(0))).toBeUndefined()
  expect(rate.take('a', at(0))).toBe(6)
  expect(rate.take('b', at(0))).toBeUndefined()
  expect(rate.take('a', at(5))).toBe(1)
  expect(rate.take('a', at(6))).toBeUndefined()
  expect(rate.take('a', at(6))).toBe(6)
  for (let count = 0; count < 10; count++) expect(rate.take('a', at(66 + count))).toBeUndefined()
})

it('does not wait for a clock that was set back', () => {
  const rate = openRate()
  for (let count = 0; count < 20; count++) rate.take('a', at(1_000_000))
  let waited = 0
  while (rate.take('a', at(waited)) !== undefined) waited++
  expect(waited).toBeLessThanOrEqual(6)
})
