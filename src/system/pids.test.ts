import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { bootId, isAlive, killGroup, startTimeOf, statOf } from './pids.ts'

it('tells a process from a later one of the same pid', () => {
  const startTime = startTimeOf(process.pid)
  expect(startTime).toBeGreaterThan(0)
  expect(isAlive(process.pid, startTime)).toBe(true)
  expect(isAlive(process.pid, (startTime ?? 0) + 1)).toBe(false)
  expect(isAlive(process.pid)).toBe(true)
})

it('knows no process that is gone, and none of an impossible pid', async () => {
  const child = spawn('true')
  await once(child, 'exit')
  expect(isAlive(child.pid ?? 0)).toBe(false)
  expect(startTimeOf(child.pid ?? 0)).toBeUndefined()
  for (const pid of [0, -1, 1.5, Number.NaN, 2 ** 40]) expect(isAlive(pid)).toBe(false)
})

it('reads the line of a process whose name tries to mislead', async () => {
  const child = spawn('bash', [
    '-c',
    'exec -a x bash -c \'printf "%s" ") R 1 1 1 (" > /proc/self/comm; echo ready; read\'',
  ])
  await once(child.stdout, 'data')
  const stat = statOf(child.pid ?? 0)
  expect(stat).toMatchObject({ pid: child.pid, session: statOf(process.pid)?.session })
  child.kill('SIGKILL')
  await once(child, 'exit')
})

it('never signals everybody', () => {
  for (const group of [0, 1, -1, Number.NaN, 1.5]) expect(killGroup(group, 'SIGCONT')).toBe(false)
})

it('reads the id of this boot', () => {
  expect(bootId()).toMatch(/^[0-9a-f-]{36}$/)
})
