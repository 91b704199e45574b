import { expect, it } from 'vitest'
import { isRoot } from './install-common.ts'

it('lets root alone change the system, and anybody a folder', () => {
  expect([isRoot('', 0), isRoot('', 1000), isRoot('', undefined), isRoot('/tmp/image', 1000)]).toEqual([
    true,
    false,
    process.geteuid?.() === 0,
    true,
  ])
})
