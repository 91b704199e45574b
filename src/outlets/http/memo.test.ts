import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { memo } from './memo.ts'

describe('a memo', () => {
  it('loads once for all who ask at the same time, and again when its time is over', async () => {
    let loads = 0
    let nowMs = 0
    const kept = memo(
      async () => ++loads,
      1000,
      () => nowMs,
    )
    assert.deepEqual(await Promise.all(Array.from({ length: 100 }, () => kept.get())), Array(100).fill(1))
    nowMs = 999
    assert.equal(await kept.get(), 1)
    nowMs = 1000
    assert.equal(await kept.get(), 2)
  })

  it('shares a load that takes longer than it keeps', async () => {
    let loads = 0
    let nowMs = 0
    let end = (): void => {}
    const kept = memo(
      () =>
        new Promise<number>((resolve) => {
          loads++
          end = () => resolve(loads)
        }),
      1000,
      () => nowMs,
    )
    const first = kept.get()
    nowMs = 5000
    const second = kept.get()
    end()
    assert.deepEqual(await Promise.all([first, second]), [1, 1])
  })

  it('does not keep a failure', async () => {
    let loads = 0
    const kept = memo(
      async () => {
        if (++loads === 1) throw new Error('first')
        return loads
      },
      1000,
      () => 0,
    )
    await assert.rejects(kept.get())
    assert.equal(await kept.get(), 2)
  })

  it('forgets when told to', async () => {
    let loads = 0
    const kept = memo(
      async () => ++loads,
      1000,
      () => 0,
    )
    await kept.get()
    kept.forget()
    assert.equal(await kept.get(), 2)
  })
})
