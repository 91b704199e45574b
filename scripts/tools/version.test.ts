import { strict as assert } from 'node:assert'
import { it } from 'vitest'
import { fits } from './version.ts'

const rows = [
  { name: 'the lowest version fits', version: '0.18.0-1+b4', from: '0.18', want: true },
  {
    name: 'an epoch and a repacked source do not count',
    version: '5:7.0.15+dfsg-1',
    from: '7',
    below: '8',
    want: true,
  },
  { name: 'numbers are compared as numbers', version: '1.60.1+dfsg-2', from: '1.7', want: true },
  { name: 'older does not fit', version: '0.17.3-1', from: '0.18', want: false },
  { name: 'the first version above does not fit', version: '0.15.0-1', from: '0.14', below: '0.15', want: false },
]
for (const { name, version, from, below, want } of rows) {
  it(name, () => assert.equal(fits(version, from, below), want))
}
