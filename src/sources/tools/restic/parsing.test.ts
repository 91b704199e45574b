/** The listings: recorded ones, and any bytes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CheckReport } from './check.ts'
import { type Recording, recorded, recordedVersions } from './fixtures.ts'
import { parseForget } from './forget.ts'
import { DocumentLine } from './json.ts'
import { parseLock } from './locks.ts'
import { parseSnapshots } from './snapshots.ts'
import { parseStats } from './stats.ts'

function documentOf({ stdout }: Pick<Recording, 'stdout'>, start: '[' | '{'): unknown {
  const document = new DocumentLine(start)
  for (const line of stdout.split('\n')) document.line(line)
  return document.parse()
}

function checkOf({ stdout, stderr }: Recording): CheckReport {
  const report = new CheckReport()
  for (const line of stdout.split('\n')) report.line(line)
  for (const line of stderr.split('\n')) report.errorLine(line)
  return report
}

describe.each(recordedVersions)('restic %s', (version) => {
  it('lists snapshots, newest last', () => {
    const snapshots = parseSnapshots(documentOf(recorded(version, 'snapshots'), '['))
    expect(snapshots).toHaveLength(3)
    expect(snapshots?.[1]).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      takenAt: expect.any(Date),
      host: 'vm',
      user: 'nobody',
      tags: ['t'],
      paths: ['/srv/x/src'],
      offsetMinutes: expect.any(Number),
      ...(version === '0.14'
        ? {}
        : {
            sizeBytes: 5,
            files: 2,
            program: expect.stringMatching(/^restic 0\.1/),
            finishedAt: expect.any(Date),
            counters: expect.objectContaining({ processedFiles: 2, processedBytes: 5 }),
          }),
    })
    const times = snapshots?.map(({ takenAt }) => takenAt.getTime()) ?? []
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })

  it('lists none', () => expect(parseSnapshots(documentOf(recorded(version, 'snapshotsEmpty'), '['))).toEqual([]))

  it('tells what forget did', () => {
    const done = parseForget(documentOf(recorded(version, 'forget'), '['))
    expect(done).toEqual({ kept: 1, removed: [expect.any(String), expect.any(String)] })
  })

  it('tells the size', () => {
    expect(parseStats(documentOf(recorded(version, 'stats'), '{'))?.sizeBytes).toBeGreaterThan(500)
  })

  it('shows a lock', () => {
    expect(parseLock('id', recorded(version, 'lock').stdout)).toEqual({
      id: 'id',
      takenAt: expect.any(Date),
      exclusive: true,
      host: 'vm',
      user: 'nobody',
      pid: expect.any(Number),
    })
  })

  it('tells a clean check from a damaged repository', () => {
    const clean = checkOf(recorded(version, 'checkClean'))
    expect([clean.clean, clean.findings]).toEqual([true, []])
    const damaged = checkOf(recorded(version, 'checkDamaged'))
    expect(damaged.clean).toBe(false)
    expect(damaged.findings.length).toBeGreaterThan(3)
  })
})

describe('parseSnapshots', () => {
  const snapshot = { id: 'a'.repeat(64), time: '2026-11-21T12:08:34.441420621+01:00' }

  it('reads nine digits and an offset', () => {
    expect(parseSnapshots([snapshot])?.[0]?.takenAt).toEqual(new Date('2026-11-21T11:08:34.441Z'))
  })

  it('drops sizes that cannot be true', () => {
    const summary = { total_bytes_processed: -1, total_files_processed: 2 ** 60 }
    expect(parseSnapshots([{ ...snapshot, summary }])?.[0]).not.toHaveProperty('sizeBytes')
    expect(parseSnapshots([{ ...snapshot, summary }])?.[0]).not.toHaveProperty('files')
  })

  it('refuses a list with an entry that cannot be read', () => {
    for (const bad of [
      {},
      { ...snapshot, time: 'yesterday' },
      { ...snapshot, id: 'x' },
      { ...snapshot, time: '2026-99-99T00:00:00Z' },
    ]) {
      expect(parseSnapshots([snapshot, bad])).toBeUndefined()
    }
  })
})

it('answers any document with a value', () => {
  fc.assert(
    fc.property(fc.anything(), fc.string({ unit: 'binary' }), (document, text) => {
      parseSnapshots(document)
      parseForget(document)
      parseStats(document)
      parseLock('id', text)
      documentOf({ stdout: `[${text}` }, '[')
      checkOf({ code: 0, stdout: text, stderr: text })
    }),
  )
})
