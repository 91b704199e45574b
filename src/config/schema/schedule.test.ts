import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { sayFinding } from '../finding.ts'
import { parseConfig } from '../parse.ts'
import { renderConfig } from '../show.ts'

const parsed = (every: string) =>
  parseConfig(`repositories: { b: { tool: restic, url: /x, password: { env: P }, read: { every: "${every}" } } }`)

describe('read.every', () => {
  for (const [text, value] of [
    ['15m', 900_000],
    ['0 6 * * *', '0 6 * * *'],
    ['*/5 * * * * *', '*/5 * * * * *'],
    ['@daily', '@daily'],
    ['@every 2s', '@every 2s'],
  ] as const)
    it(`takes ${text}, and shows it so`, () => {
      const { config } = parsed(text)
      assert.equal(config?.repositories.b?.read.every, value)
      assert.ok(config !== undefined && renderConfig(config).includes(text))
    })

  for (const [text, message] of [
    ['sometimes', /"sometimes": this is neither a duration nor a schedule\n.*15m or 6h, or a schedule/],
    ['0s', /neither a duration nor a schedule/],
    ['61 * * * *', /minute field holds "61"/],
    ['0 0 30 2 *', /never fires/],
  ] as const)
    it(`refuses ${text}, and says why`, () => {
      const { errors } = parsed(text)
      assert.match(errors.map((error) => sayFinding('m', error)).join('\n'), message)
    })
})
