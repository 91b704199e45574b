import { strict as assert } from 'node:assert'
import { setImmediate as soon } from 'node:timers/promises'
import { it } from 'vitest'
import { openGate } from './gate.ts'

it('lets so many in at once, in order, whether they end well or ill', async () => {
  const gate = openGate(2)
  let [inside, most] = [0, 0]
  const order: number[] = []
  const work = (id: number) => async () => {
    order.push(id)
    inside += 1
    most = Math.max(most, inside)
    await soon()
    inside -= 1
    if (id % 3 === 0) throw new Error(`${id}`)
    return id
  }
  const ended = await Promise.allSettled(Array.from({ length: 12 }, (_, id) => gate(work(id))))
  assert.equal(most, 2)
  assert.equal(ended.filter(({ status }) => status === 'rejected').length, 4)
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  )
})
