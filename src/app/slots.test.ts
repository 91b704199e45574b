import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { openSlots } from './slots.ts'

const signal = new AbortController().signal

/** Whether it is granted at once. */
const granted = async (promise: Promise<boolean>): Promise<boolean | 'waits'> =>
  Promise.race([promise, pause(20).then(() => 'waits' as const)])

describe('slots', () => {
  it('are taken by so many repositories, shared by one, and handed on in turn', async () => {
    const slots = openSlots(() => 2)
    expect(await slots.take('a', signal)).toBe(true)
    expect(await slots.take('a', signal)).toBe(true)
    expect(await slots.take('b', signal)).toBe(true)
    const third = slots.take('c', signal)
    expect(await granted(third)).toBe('waits')
    slots.free('a')
    expect(await granted(third)).toBe('waits')
    slots.free('a')
    expect(await third).toBe(true)
  })

  it('are left by whoever gives up waiting', async () => {
    const slots = openSlots(() => 1)
    await slots.take('a', signal)
    const stop = new AbortController()
    const waits = slots.take('b', stop.signal)
    stop.abort()
    expect(await waits).toBe(false)
    expect(await slots.take('c', stop.signal)).toBe(false)
  })

  it('are had beside those who hold one for long, but not by everybody', async () => {
    const slots = openSlots(() => 1, 100)
    await slots.take('hangs', signal)
    const second = slots.take('b', signal)
    expect(await granted(second)).toBe('waits')
    expect(await second).toBe(true)
    for (let count = 0; count < 6; count += 1) expect(await slots.take(`hangs too ${count}`, signal)).toBe(true)
    expect(await granted(slots.take('too many', signal).then(() => pause(200).then(() => true)))).toBe('waits')
  })
})
