import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { CpuShare, ownCpuMs, programCpuMs } from './cpu-share.ts'

describe('shares of processor time', () => {
  it('belong whole to what goes on alone, and in equal parts to what goes on together', () => {
    let now = 100
    const share = new CpuShare(() => now)
    const first = share.begin()
    now += 10
    const second = share.begin()
    now += 6
    expect(second()).toBe(3)
    now += 1
    expect(first()).toBe(14)
    now += 50
    const third = share.begin()
    now += 2
    expect(third()).toBe(2)
  })

  it('count the work of this process', () => {
    const end = new CpuShare(ownCpuMs).begin()
    const until = process.cpuUsage().user + 50_000
    while (process.cpuUsage().user < until);
    expect(end()).toBeGreaterThanOrEqual(49)
  })

  it('count the programs that were started', () => {
    const end = new CpuShare(programCpuMs).begin()
    execFileSync(process.execPath, ['-e', 'while (process.cpuUsage().user < 200_000);'])
    expect(end()).toBeGreaterThan(150)
  })
})
