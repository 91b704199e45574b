import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { withGoFlags } from './go-flags.ts'

const words = (line: string): string[] => withGoFlags(['node', 'muster', ...line.split(' ')]).slice(2)

describe('flags of a Go program', () => {
  for (const [given, want] of [
    ['serve --from restic-reporter: -bind :1 -cron=x', 'serve --from restic-reporter: --bind :1 --cron=x'],
    ['serve -from=restic-reporter:c.json -config c.json', 'serve --from=restic-reporter:c.json --config c.json'],
    ['serve --from restic-reporter: --bind=:1 -c x', 'serve --from restic-reporter: --bind=:1 -c x'],
    ['serve -config x', 'serve -config x'],
    ['run -config x', 'run -config x'],
  ] as const)
    it(`${given}`, () => assert.deepEqual(words(given), want.split(' ')))
})
