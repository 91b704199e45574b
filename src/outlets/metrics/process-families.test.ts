import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { processFamilies } from './process-families.ts'

describe('metrics of the process', () => {
  it('tell no number where there is none: unlimited or not known yet', async () => {
    const samples = (await processFamilies()).flatMap(({ name, samples }) =>
      samples.map(({ value }) => ({ name, value })),
    )
    assert.ok(samples.some(({ name }) => name === 'process_resident_memory_bytes'))
    assert.deepEqual(
      samples.filter(({ value }) => !Number.isFinite(value) || value >= 2 ** 62),
      [],
    )
    assert.deepEqual(
      samples.filter(({ name, value }) => /lag/.test(name) && value > 60),
      [],
    )
  })

  it('count processor time from the start of the process', async () => {
    const { user, system } = process.cpuUsage()
    const told = (await processFamilies()).find(({ name }) => name === 'process_cpu_seconds')?.samples[0]?.value
    assert.ok(Number(told) >= (user + system) / 1e6, `${told} s`)
  })
})
