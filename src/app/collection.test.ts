import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { openCollections } from './collection.ts'

function opened(...names: string[]) {
  let ends = 0
  const collections = openCollections(
    () => names,
    async () => {
      ends++
    },
  )
  return { names, collections, ends: () => ends }
}

describe('a collection', () => {
  it('ends when every repository was read, whatever was read twice', async () => {
    const { collections, ends } = opened('a', 'b')
    collections.begin()
    await collections.end('a')
    collections.begin()
    await collections.end('a')
    assert.deepEqual([collections.isOpen(), ends()], [true, 0])
    await collections.end('b')
    assert.deepEqual([collections.isOpen(), ends()], [false, 1])
  })
  it('waits neither for one that was taken out nor for one that is new', async () => {
    const { names, collections, ends } = opened('a', 'b')
    collections.begin()
    names.splice(1, 1, 'c')
    await collections.end('a')
    assert.equal(ends(), 1)
  })
  it('of nothing ends as it begins', async () => {
    const { collections, ends } = opened()
    collections.begin()
    await collections.end('')
    assert.equal(ends(), 1)
  })
  it('is not ended by a reading that began before it', async () => {
    const { collections, ends } = opened('a')
    await collections.end('a')
    assert.equal(ends(), 0)
  })
})
