import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Progress } from '../tool.ts'
import { BackupReport, toCounters } from './backup-report.ts'
import { type Recording, recorded, recordedVersions } from './fixtures.ts'

function report(
  { stdout, stderr }: Pick<Recording, 'stdout' | 'stderr'>,
  onProgress?: (progress: Progress) => void,
): BackupReport {
  const report = new BackupReport(onProgress)
  for (const line of stdout.split('\n')) report.line(line)
  for (const line of stderr.split('\n')) report.errorLine(line)
  return report
}

describe.each(recordedVersions)('a backup as restic %s tells it', (version) => {
  it('has counters and a snapshot', () => {
    const { summary, skippedCount } = report(recorded(version, 'backupOk'))
    if (summary === undefined) throw new Error('no summary')
    expect(summary.snapshot_id).toMatch(version === '0.14' ? /^[0-9a-f]{8}$/ : /^[0-9a-f]{64}$/)
    expect(toCounters(summary)).toEqual({
      filesNew: 1,
      filesChanged: 0,
      filesUnmodified: 0,
      dirsNew: expect.any(Number),
      dirsChanged: 0,
      dirsUnmodified: 0,
      processedFiles: 1,
      processedBytes: 2,
      addedBytes: expect.any(Number),
    })
    expect(skippedCount).toBe(0)
  })

  it('lists each unreadable file once', () => {
    const { skipped, skippedCount, summary } = report(recorded(version, 'backupUnreadable'))
    expect(skippedCount).toBe(1)
    expect(skipped).toEqual([{ path: '/srv/x/src/no', reason: expect.stringMatching(/permission denied$/) }])
    expect(summary).toBeDefined()
  })

  it('lists a missing source', () => {
    expect(report(recorded(version, 'backupOneMissing')).skipped).toEqual([
      { path: '/srv/x/gone', reason: 'does not exist' },
    ])
  })

  it('has no summary where nothing was made', () => {
    for (const name of ['backupAllMissing', 'locked']) expect(report(recorded(version, name)).summary).toBeUndefined()
  })
})

const whole = recorded('0.19', 'backupOk').stdout.trim()

describe('BackupReport', () => {
  it('takes two summaries for none', () => {
    expect(report({ stdout: `${whole}\n${whole}`, stderr: '' }).summary).toBeUndefined()
  })

  it('drops numbers that cannot be true', () => {
    for (const bad of ['-1', '1e400', '9007199254740993', 'null', '"3"', '1.5']) {
      const { summary } = report({ stdout: whole.replace('"files_new":1', `"files_new":${bad}`), stderr: '' })
      expect(summary?.files_new).toBeUndefined()
      expect(summary?.snapshot_id).toBeDefined()
    }
  })

  it('is not content with a summary without the whole amount, or with a snapshot that is none', () => {
    for (const [from, to] of [
      ['"total_files_processed":1', '"total_files_processed":-1'],
      ['"total_bytes_processed":2,', ''],
      ['"snapshot_id":"', '"snapshot_id":"x'],
    ] as const) {
      expect(report({ stdout: whole.replace(from, to), stderr: '' }).summary).toBeUndefined()
    }
  })

  it('counts beyond what it keeps', () => {
    const lines = Array.from({ length: 3_000 }, (_, index) =>
      JSON.stringify({ message_type: 'error', error: { message: 'no' }, during: 'archival', item: `/f${index}` }),
    )
    const { skipped, skippedCount } = report({ stdout: '', stderr: lines.join('\n') })
    expect([skipped.length, skippedCount]).toEqual([1_000, 3_000])
  })

  it('passes progress on and never goes back', () => {
    const seen: Progress[] = []
    const report = new BackupReport((progress) => seen.push(progress))
    report.line('{"message_type":"status","files_done":5,"bytes_done":100,"total_files":10,"current_files":["/a"]}')
    report.line('{"message_type":"status","files_done":-5,"bytes_done":1}')
    expect(seen[0]).toEqual({ filesDone: 5, bytesDone: 100, totalFiles: 10, currentFile: '/a' })
    expect(report.progress()).toBe(115)
  })

  it('never has a summary from output that was cut', () => {
    fc.assert(
      fc.property(fc.nat({ max: whole.length - 1 }), (cut) => {
        expect(report({ stdout: whole.slice(0, cut), stderr: '' }).summary).toBeUndefined()
      }),
    )
  })

  it('has a summary from mutated or mixed output only where one line is a valid one', () => {
    const junk = fc.oneof(
      fc.string(),
      fc.constantFrom('{', '}', '"', ',', ':', '\n', '{"message_type":"summary"}', whole),
    )
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: whole.length }), fc.nat({ max: 9 }), junk), { maxLength: 4 }),
        (edits) => {
          const text = edits.reduce(
            (rest, [at, removed, added]) => rest.slice(0, at) + added + rest.slice(at + removed),
            whole,
          )
          const { summary } = report({ stdout: text, stderr: '' })
          if (summary !== undefined) expect(text.split('\n').filter(isSummary).length).toBe(1)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('answers any bytes with a value', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (line) => {
        const made = report({ stdout: line, stderr: line })
        made.line(`{"message_type":"status",${line.slice(1)}`)
        made.errorLine(`{"message_type":"error",${line.slice(1)}`)
      }),
    )
  })
})

function isSummary(line: string): boolean {
  try {
    const value = JSON.parse(line) as { message_type?: unknown; total_files_processed?: unknown }
    return value?.message_type === 'summary' && Number.isSafeInteger(value.total_files_processed)
  } catch {
    return false
  }
}
