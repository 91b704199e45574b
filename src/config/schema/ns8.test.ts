import { describe, expect, it } from 'vitest'
import { parseConfig } from '../parse.ts'

const read = (ns8: string) => parseConfig(`ns8: ${ns8}`)

describe('the settings of NethServer 8', () => {
  it('need nothing where it is as it comes', () => {
    expect(read('{}').config?.ns8).toEqual({
      redis: { timeout: 5_000 },
      runagent: ['runagent'],
      recentWindow: 3_600_000,
      subscribe: true,
    })
  })

  it.each([
    ['{ redis: { url: "redis://127.0.0.1:6379", socket: /run/redis.sock } }', 'ns8.redis'],
    ['{ redis: { url: "http://127.0.0.1" } }', 'ns8.redis.url'],
    ['{ redis: { url: "redis://user:CANARY@127.0.0.1" } }', 'ns8.redis.url'],
    ['{ redis: { socket: redis.sock } }', 'ns8.redis.socket'],
    ['{ runagent: [] }', 'ns8.runagent'],
    ['{ recentWindow: 7200 }', 'ns8.recentWindow'],
  ])('%s is refused, with its place and what to write', (text, path) => {
    const { errors } = read(text)
    expect(errors.map((finding) => finding.path.join('.'))).toEqual([path])
    expect(errors[0]?.next).not.toBe('')
    expect(JSON.stringify(errors)).not.toContain('CANARY')
  })

  it.each(['redis://localhost', 'rediss://redis.example.com:6380/1', 'redis://[::1]:6379'])('%s is taken', (url) => {
    expect(read(`{ redis: { url: "${url}" } }`).errors).toEqual([])
  })
})
