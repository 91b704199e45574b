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
  })
})
